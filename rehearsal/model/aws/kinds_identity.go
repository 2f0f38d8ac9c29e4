package aws

import (
	"fmt"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// identityKinds are IAM, log groups and buckets: what every other domain stands on.
var identityKinds = map[string]*provider.Kind{
	roleType: {
		ID:       "{name}",
		ARN:      "arn:aws:iam::{account}:role{path}{name}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{"path": "/", "maxSessionDuration": 3600.0, "forceDetachPolicies": false},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("createDate", func() any { return time.Now().UTC().Format(time.RFC3339) })
			o.Once("uniqueId", func() any { return "AROA" + provider.Random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17) })
		},
	},
	rolePolicyType: {ID: "{role}:{name}", Scope: provider.Global, Naming: provider.Naming{Property: "name", Max: 128}},
	policyType: {
		ID:       "{arn}",
		ARN:      "arn:aws:iam::{account}:policy{path}{name}",
		Scope:    provider.Global,
		Naming:   provider.Naming{Property: "name", Max: 128},
		Defaults: map[string]any{"path": "/"},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("policyId", func() any { return "ANPA" + provider.Random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17) })
			o.Once("attachmentCount", func() any { return 0.0 })
		},
	},
	policyAttachmentType: {ID: "{role}-{hex20}", Scope: provider.Global},
	identityProviderType: {
		ID:    "{arn}",
		ARN:   "arn:aws:iam::{account}:oidc-provider/{host}",
		Scope: provider.Global,
		Terms: func(_ *provider.Request, o *provider.Outputs) map[string]string {
			return map[string]string{"host": strings.TrimPrefix(o.Text("url"), "https://")}
		},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			// IAM looks the thumbprint up when it is given none.
			o.Once("thumbprintLists", func() any { return []any{provider.StableID("", 40, o.Text("url"))} })
		},
	},
	logGroupType: {
		ID:       "{name}",
		ARN:      "arn:aws:logs:{region}:{account}:log-group:{name}",
		Naming:   provider.Naming{Property: "name", Max: 512},
		Defaults: map[string]any{"retentionInDays": 0.0, "skipDestroy": false, "logGroupClass": "STANDARD"},
	},
	bucketType: {
		ID:       "{bucket}",
		ARN:      "arn:aws:s3:::{bucket}",
		Scope:    provider.Worldwide,
		Naming:   provider.Naming{Property: "bucket", Max: 63, Lower: true},
		Defaults: map[string]any{"forceDestroy": false, "objectLockEnabled": false},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			name := o.Text("bucket")
			o.Once("region", func() any { return r.Region })
			o.Once("bucketRegion", func() any { return r.Region })
			o.Set("bucketDomainName", name+".s3.amazonaws.com")
			o.Set("bucketRegionalDomainName", name+".s3."+o.Text("bucketRegion")+".amazonaws.com")
			o.Set("hostedZoneId", s3ZoneIDs[o.Text("bucketRegion")])
		},
		Absent: []string{"websiteDomain", "websiteEndpoint"},
	},
	bucketObjectType: {
		ID:     "{bucket}/{key}",
		ARN:    "arn:aws:s3:::{bucket}/{key}",
		Within: &provider.Containment{Type: bucketType, Property: "bucket"},
		Scope:  provider.Worldwide,
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("etag", provider.StableID("", 32, fmt.Sprint(o.Values)))
		},
		// Versions and extra checksums exist only where they are asked for.
		Absent: []string{"checksumCrc32", "checksumCrc32c", "checksumCrc64nvme", "checksumSha1", "checksumSha256",
			"versionId"},
	},
}
