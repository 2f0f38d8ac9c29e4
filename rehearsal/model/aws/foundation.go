package aws

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Bootstrapped is the state of what was there before the stack: `make bootstrap` made it, and no
// stack takes it down.
const Bootstrapped cloud.State = "bootstrapped"

// Foundation says where a stack lives, for what `make bootstrap` makes there.
type Foundation struct {
	Account, Region string
	Project         string
	Environment     string
	// Jobs are GitHub's jobs that take the stack's roles. Without a repository no job takes any, and
	// there is no identity provider: an administrator takes the first role.
	Jobs Jobs
}

// Jobs are the jobs of a repository that take the roles of a stack with GitHub's tokens.
type Jobs struct {
	Repository string // as the tokens name it: owner/name
	// Environments are the environments that the jobs run in, by the last part of the role's name.
	Environments map[string][]string
	SessionHours int // how long the first role may be taken
}

// The roles of a stack, by the last part of their names. The first is made by `make bootstrap`, the
// others by the stack.
const (
	BootstrapRole = "bootstrap"
	DeployRole    = "deploy"
	PreviewRole   = "preview"
	PushRole      = "push"
)

// Role is the whole name of a role.
func (f Foundation) Role(last string) string { return f.Project + "-" + f.Environment + "-" + last }

// StateBucket is the bucket of the state.
func (f Foundation) StateBucket() string {
	return f.Project + "-state-" + f.Account + "-" + f.Region
}

// Bootstrap puts into a cloud what `make bootstrap` makes in an account: the first role, an
// administrator's, and the bucket and the key of the state.
func (f Foundation) Bootstrap(c *cloud.Cloud) error {
	role := f.Role(BootstrapRole)
	keyID := "00000000-0000-4000-a000-000000000000"
	keyARN := "arn:aws:kms:" + f.Region + ":" + f.Account + ":key/" + keyID
	alias, bucket := "alias/"+f.Project+"-state", f.StateBucket()
	root := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + f.Account + `:root"},"Action":"kms:*","Resource":"*"}]}`
	transport := `{"Version":"2012-10-17","Statement":[{"Sid":"OnlyEncryptedTransport","Effect":"Deny","Principal":"*","Action":"s3:*",` +
		`"Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` + bucket + `/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + f.Account + `:root"},"Action":"sts:AssumeRole"}]}`
	session := 3600.0 // IAM's default
	global := cloud.Key{Account: f.Account}
	regional := cloud.Key{Account: f.Account, Region: f.Region}
	type there struct {
		typ, id string
		key     cloud.Key
		arn     string
		values  map[string]any
	}
	var all []there
	if f.Jobs.Repository != "" {
		trust, session = f.jobTrust(BootstrapRole), float64(f.Jobs.SessionHours)*3600
		all = append(all, there{identityProviderType, f.githubProvider(), global, f.githubProvider(), map[string]any{
			"url": "https://" + githubIssuer, "clientIdLists": []any{stsAudience},
		}})
	}
	return c.Update(func(tx *cloud.Tx) error {
		for _, one := range append(all, []there{
			{roleType, role, global, "arn:aws:iam::" + f.Account + ":role/" + role, map[string]any{
				"name": role, "path": "/", "maxSessionDuration": session, "uniqueId": "AROABOOTSTRAP00000000", "assumeRolePolicy": trust,
			}},
			{policyAttachmentType, role + "-administrator", global, "", map[string]any{
				"role": role, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
			}},
			{keyType, keyID, regional, keyARN, map[string]any{"keyId": keyID, "policy": root, "isEnabled": true, "enableKeyRotation": true}},
			{aliasType, alias, regional, "arn:aws:kms:" + f.Region + ":" + f.Account + ":" + alias, map[string]any{
				"name": alias, "targetKeyId": keyID, "targetKeyArn": keyARN,
			}},
			{bucketType, bucket, cloud.Key{}, "arn:aws:s3:::" + bucket, map[string]any{"bucket": bucket, "bucketRegion": f.Region, "region": f.Region}},
			{bucketPolicyType, bucket, cloud.Key{}, "", map[string]any{"bucket": bucket, "policy": transport}},
			{bucketEncryptionType, bucket, cloud.Key{}, "", map[string]any{"bucket": bucket, "rules": []any{map[string]any{
				"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": keyARN}, "bucketKeyEnabled": true,
			}}}},
		}...) {
			o := &cloud.Object{Key: one.key, Name: one.id, ARN: one.arn, State: Bootstrapped, Creator: f.Account}
			o.Type, o.ID = one.typ, one.id
			o.Inputs = cloud.Properties(resource.NewPropertyMapFromMap(one.values))
			o.Outputs = o.Inputs
			if err := tx.Create(o); err != nil {
				return fmt.Errorf("bootstrap account %s: %w", f.Account, err)
			}
		}
		return nil
	})
}

// HasRole tells whether a role of the account exists.
func (f Foundation) HasRole(c *cloud.Cloud, name string) (bool, error) {
	var found *cloud.Object
	err := c.View(func(tx *cloud.Tx) (err error) {
		found, err = tx.Get(cloud.Key{Type: roleType, Account: f.Account, ID: name})
		return err
	})
	return found != nil, err
}
