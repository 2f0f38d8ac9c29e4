package aws

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Bootstrapped is the state of what was there before the stack: `make bootstrap` made it, and no
// stack takes it down.
const Bootstrapped cloud.State = "bootstrapped"

// Foundation says where a stack lives, for what `make bootstrap` makes there.
type Foundation struct {
	Account, Region string
	// Recovery is the region that the state is copied to; empty for none.
	Recovery    string
	Project     string
	Environment string
	// Jobs are GitHub's jobs that take the stack's roles. Without a repository no job takes any,
	// and there is no identity provider: an administrator takes the first role.
	Jobs Jobs
}

// Jobs are the jobs of a repository that take the roles of a stack with GitHub's tokens.
type Jobs struct {
	Repository string // as the tokens name it: owner/name
	// ApplicationRepository is that whose jobs take the push role.
	ApplicationRepository string
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
func (f Foundation) StateBucket() string { return f.statePlace(f.Region).Bucket }

// Bootstrap puts into a cloud what `make bootstrap` makes in an account: the first role, an
// administrator's, the bucket and the key of the state, and with a recovery region its copy there.
func (f Foundation) Bootstrap(c *cloud.Cloud) error {
	all := append(f.firstRole(), f.state(f.Region)...)
	if f.Recovery != "" {
		all = append(append(all, f.state(f.Recovery)...), f.replication()...)
	}
	return c.Update(func(tx *cloud.Tx) error {
		for _, one := range all {
			o := &cloud.Object{
				Key:     one.key,
				Name:    one.id,
				ARN:     one.arn,
				State:   Bootstrapped,
				Creator: f.Account,
			}
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

// there is an object that is there before the stack.
type there struct {
	typ, id string
	key     cloud.Key
	arn     string
	values  map[string]any
}

// firstRole is an administrator's, and GitHub's identity provider where jobs take it.
func (f Foundation) firstRole() []there {
	role, global := f.Role(BootstrapRole), cloud.Key{Account: f.Account}
	trust := f.document(map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"AWS": "arn:aws:iam::" + f.Account + ":root"},
		"Action":    "sts:AssumeRole",
	})
	session := 3600.0 // IAM's default
	var all []there
	if f.Jobs.Repository != "" {
		trust, session = f.jobTrust(BootstrapRole), float64(f.Jobs.SessionHours)*3600
		all = append(all, there{identityProviderType, f.githubProvider(), global, f.githubProvider(), map[string]any{
			"url": "https://" + githubIssuer, "clientIdLists": []any{stsAudience},
		}})
	}
	return append(all,
		there{roleType, role, global, "arn:aws:iam::" + f.Account + ":role/" + role, map[string]any{
			"name":               role,
			"path":               "/",
			"maxSessionDuration": session,
			"uniqueId":           "AROABOOTSTRAP00000000",
			"assumeRolePolicy":   trust,
		}},
		there{policyAttachmentType, role + "-administrator", global, "", map[string]any{
			"role": role, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
		}},
	)
}

func (f Foundation) statePlace(region string) foundation.StatePlace {
	return foundation.StatePlace{
		Region: region, Bucket: f.Project + "-state-" + f.Account + "-" + region,
		KeyArn: "arn:aws:kms:" + region + ":" + f.Account + ":key/" + stateKey,
	}
}

// stateKey is the id of the key, which is one of several regions: the same in each of them.
const stateKey = "mrk-00000000000040008000000000000000"

// stateKeyKind is what the key of a region is among them.
func (f Foundation) stateKeyKind(region string) string {
	if region == f.Region {
		return primaryKey
	}
	return replicaKey
}

// state is the bucket and the key of the state in a region.
func (f Foundation) state(region string) []there {
	place, alias := f.statePlace(region), "alias/"+f.Project+"-state"
	regional := cloud.Key{Account: f.Account, Region: region}
	root := f.document(map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"AWS": "arn:aws:iam::" + f.Account + ":root"},
		"Action":    "kms:*",
		"Resource":  "*",
	})
	arn := "arn:aws:s3:::" + place.Bucket
	transport := f.document(map[string]any{
		"Sid":       "OnlyEncryptedTransport",
		"Effect":    "Deny",
		"Principal": "*",
		"Action":    "s3:*",
		"Resource":  []string{arn, arn + "/*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	})
	return []there{
		{keyType, stateKey, regional, place.KeyArn, map[string]any{
			"keyId": stateKey, "policy": root, "isEnabled": true, "enableKeyRotation": true, "multiRegion": true,
			"multiRegionKeyType": f.stateKeyKind(region),
		}},
		{aliasType, alias, regional, "arn:aws:kms:" + region + ":" + f.Account + ":" + alias, map[string]any{
			"name": alias, "targetKeyId": stateKey, "targetKeyArn": place.KeyArn,
		}},
		{bucketType, place.Bucket, cloud.Key{}, arn,
			map[string]any{"bucket": place.Bucket, "bucketRegion": region, "region": region}},
		{bucketPolicyType, place.Bucket, cloud.Key{}, "", map[string]any{"bucket": place.Bucket, "policy": transport}},
		{bucketEncryptionType, place.Bucket, cloud.Key{}, "",
			map[string]any{"bucket": place.Bucket, "rules": []any{map[string]any{
				"applyServerSideEncryptionByDefault": map[string]any{
					"sseAlgorithm":   "aws:kms",
					"kmsMasterKeyId": place.KeyArn,
				},
				"bucketKeyEnabled": true,
			}}}},
	}
}

// replication is what S3 copies the state to the recovery region with, by the documents that
// `make bootstrap` writes.
func (f Foundation) replication() []there {
	role, global := foundation.ReplicationRole(f.Region), cloud.Key{Account: f.Account}
	from, to := f.statePlace(f.Region), f.statePlace(f.Recovery)
	arn := "arn:aws:iam::" + f.Account + ":role/" + role
	return []there{
		{roleType, role, global, arn, map[string]any{
			"name": role, "path": "/", "maxSessionDuration": 3600.0, "uniqueId": "AROAREPLICATION000000",
			"assumeRolePolicy": written(foundation.ReplicationTrust()),
		}},
		{rolePolicyType, role + ":replicate", global, "", map[string]any{
			"role": role, "name": "replicate", "policy": written(foundation.ReplicationRights(from, to)),
		}},
		{bucketReplicationType, from.Bucket, cloud.Key{}, "",
			map[string]any{"bucket": from.Bucket, "role": arn, "rules": []any{map[string]any{
				"status": "Enabled", "destination": map[string]any{"bucket": "arn:aws:s3:::" + to.Bucket},
			}}}},
	}
}

func (f Foundation) document(statement map[string]any) string {
	return written(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
}

// written is a document as JSON.
func written(document map[string]any) string {
	raw, err := json.Marshal(document)
	if err != nil {
		panic(err) // these are texts, and lists and maps of them
	}
	return string(raw)
}

// Without takes one action away from the first role, alone: it may do everything else.
func (f Foundation) Without(c *cloud.Cloud, action string) error {
	role := f.Role(BootstrapRole)
	return c.Update(func(tx *cloud.Tx) error {
		if err := tx.Delete(cloud.Key{
			Type:    policyAttachmentType,
			Account: f.Account,
			ID:      role + "-administrator",
		}); err != nil {
			return err
		}
		values := cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{
			"role": role, "name": "all-but-one", "policy": f.document(map[string]any{
				"Sid": "AllButOne", "Effect": "Allow", "NotAction": action, "Resource": "*",
			}),
		}))
		return tx.Create(&cloud.Object{
			Key:     cloud.Key{Type: rolePolicyType, Account: f.Account, ID: role + ":all-but-one"},
			State:   Bootstrapped,
			Creator: f.Account,
			Inputs:  values,
			Outputs: values,
		})
	})
}

// HasRole reports whether a role of the account exists.
func (f Foundation) HasRole(c *cloud.Cloud, name string) (bool, error) {
	var found *cloud.Object
	err := c.View(func(tx *cloud.Tx) (err error) {
		found, err = tx.Get(cloud.Key{Type: roleType, Account: f.Account, ID: name})
		return err
	})
	return found != nil, err
}
