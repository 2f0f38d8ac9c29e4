package aws

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// keyKinds are KMS keys and their aliases.
var keyKinds = map[string]*provider.Kind{
	keyType: {
		ID:  "{uuid}",
		ARN: "arn:aws:kms:{region}:{account}:key/{id}",
		Defaults: map[string]any{
			"keyUsage":                       "ENCRYPT_DECRYPT",
			"customerMasterKeySpec":          "SYMMETRIC_DEFAULT",
			"isEnabled":                      true,
			"enableKeyRotation":              false,
			"multiRegion":                    false,
			"bypassPolicyLockoutSafetyCheck": false,
			"description":                    "",
		},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("keyId", o.Text("id"))
			o.Default("policy", func() any {
				return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
					r.Account + `:root"},"Action":"kms:*","Resource":"*"}]}`
			})
		},
		// A key waits 7 to 30 days, in which its deletion can be taken back.
		Remains: func(_ *provider.Request, deleted *cloud.Object) []*cloud.Object {
			deleted.State = cloud.PendingDeletion
			return []*cloud.Object{deleted}
		},
	},
	aliasType: {
		ID:     "{name}",
		ARN:    "arn:aws:kms:{region}:{account}:{name}",
		Naming: provider.Naming{Property: "name", Max: 256, Prefix: "alias/"},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			if key := findKey(r, o.Text("targetKeyId")); key != nil {
				o.Set("targetKeyArn", key.ARN)
			}
		},
	},
}

// findKey finds a key of the region by its id or ARN.
func findKey(r *provider.Request, idOrARN string) *cloud.Object {
	return r.Find(keyType, keyID(r, idOrARN))
}

func keyID(r *provider.Request, idOrARN string) string {
	return strings.TrimPrefix(idOrARN, "arn:aws:kms:"+r.Region+":"+r.Account+":key/")
}
