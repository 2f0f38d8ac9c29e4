package aws

import (
	"context"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// What GitHub's tokens are signed by, and for whom AWS's credentials action asks for them.
// https://docs.github.com/en/actions/reference/security/oidc
const (
	githubIssuer = "token.actions.githubusercontent.com"
	stsAudience  = "sts.amazonaws.com"
)

func (f Foundation) githubProvider() string {
	return "arn:aws:iam::" + f.Account + ":oidc-provider/" + githubIssuer
}

// jobTrust is the trust of a role in the jobs of its environments, as `make bootstrap` writes it.
func (f Foundation) jobTrust(last string) string {
	var subjects []string
	for _, environment := range f.Jobs.Environments[last] {
		subjects = append(subjects, f.subject(last, environment))
	}
	return f.document(map[string]any{
		"Effect":    "Allow",
		"Action":    "sts:AssumeRoleWithWebIdentity",
		"Principal": map[string]any{"Federated": f.githubProvider()},
		"Condition": map[string]any{"StringEquals": map[string]any{
			githubIssuer + ":aud": stsAudience,
			githubIssuer + ":sub": subjects,
		}},
	})
}

// subject is that of the token of a job in an environment that takes a role. Images are pushed by
// the application's repository.
func (f Foundation) subject(last, environment string) string {
	repository := f.Jobs.Repository
	if last == PushRole {
		repository = f.Jobs.ApplicationRepository
	}
	return "repo:" + repository + ":environment:" + environment
}

// MayTake is nil if the jobs of each environment that assumes a role may do so with the tokens that
// GitHub gives them. last is the last part of the role's name.
func (f Foundation) MayTake(c *cloud.Cloud, last string, record *Recorder) error {
	return f.ask(c, last, record, func(r *provider.Request) error {
		role, err := findRole(r, f.Account, f.Role(last))
		if err != nil {
			return err
		}
		for _, environment := range f.Jobs.Environments[last] {
			if err := mayAssumeWithToken(r, role, f.githubProvider(), f.subject(last, environment),
				stsAudience); err != nil {
				return fmt.Errorf("take role %s in a job of environment %s: %w", role.ID, environment, err)
			}
		}
		return nil
	})
}

// mayAssumeWithToken is nil if whoever has a token of an identity provider may assume a role, by
// the role's trust policy.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func mayAssumeWithToken(r *provider.Request, role *cloud.Object, issuer, subject, audience string) error {
	known := r.ByARN(issuer)
	if known == nil || known.Type != identityProviderType {
		return fmt.Errorf("InvalidIdentityToken: No OpenIDConnect provider found in your account for https://%s",
			githubIssuer)
	}
	if clients := provider.Values(known.Inputs).Texts("clientIdLists"); !slices.Contains(clients, audience) {
		return fmt.Errorf("InvalidIdentityToken: Incorrect token audience: %s, and the provider has %v", audience,
			clients)
	}
	trust, err := attach(iam.OfTrust, "the trust of role "+role.ID, role.Text("assumeRolePolicy"))
	if err != nil {
		return err
	}
	p := iamPermission{action: "sts:AssumeRoleWithWebIdentity", resource: role.ARN}
	context := globalContext(r, role.Account, p)
	context.Set(githubIssuer+":aud", audience)
	context.Set(githubIssuer+":sub", subject)
	return decide(iam.Request{
		Principal: iam.Principal{Provider: issuer},
		Action:    p.action,
		Resource:  p.resource,
		Owner:     role.Account,
		Context:   context,
	}, iam.Documents{Resource: &trust, Mandatory: true})
}

// MayUseState is nil if a role may use the stack's state as Pulumi does: list and read it and
// decrypt its secrets, and where it writes, lock it and write it too. A preview takes no lock.
func (f Foundation) MayUseState(c *cloud.Cloud, last string, writes bool, record *Recorder) error {
	return f.ask(c, last, record, func(r *provider.Request) error {
		session, err := (&access{account: f.Account, role: f.Role(last)}).caller(r)
		if err != nil {
			return err
		}
		bucket := "arn:aws:s3:::" + f.StateBucket()
		key, err := keyARN(r, bucketKey(r, f.StateBucket()))
		if err != nil {
			return err
		}
		throughS3 := map[string][]string{
			"aws:ViaAWSService":                {"true"},
			"kms:ViaService":                   {"s3." + f.Region + ".amazonaws.com"},
			"kms:EncryptionContext:aws:s3:arn": {bucket},
		}
		needed := []iamPermission{
			{action: "s3:ListBucket", resource: bucket},
			{action: "s3:GetObject", resource: bucket + "/.pulumi/stacks/x.json"},
			{action: "kms:Decrypt", resource: key, keys: throughS3},
			{action: "kms:Decrypt", resource: key}, // the key of the stack's secrets
		}
		if writes {
			needed = append(needed,
				iamPermission{action: "s3:PutObject", resource: bucket + "/.pulumi/locks/x.json"},
				iamPermission{action: "s3:DeleteObject", resource: bucket + "/.pulumi/locks/x.json"},
				iamPermission{action: "kms:GenerateDataKey", resource: key, keys: throughS3},
			)
		}
		for _, p := range needed {
			if err := session.has(r, p); err != nil {
				return fmt.Errorf("use the state in %s: %w", f.StateBucket(), err)
			}
		}
		return nil
	})
}

// MayPush is nil if the jobs of a release may take the push role, and it may do what
// scripts/release does: push and pull images of these repositories, and add static files to a
// bucket.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
func (f Foundation) MayPush(c *cloud.Cloud, repositories []string, bucket string, record *Recorder) error {
	if err := f.MayTake(c, PushRole, record); err != nil {
		return err
	}
	return f.ask(c, PushRole, record, func(r *provider.Request) error {
		session, err := (&access{account: f.Account, role: f.Role(PushRole)}).caller(r)
		if err != nil {
			return err
		}
		needed := []iamPermission{{action: "ecr:GetAuthorizationToken", resource: "*"}}
		for _, name := range repositories {
			for _, action := range []string{
				"BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload", "DescribeImages",
				"GetDownloadUrlForLayer",
				"InitiateLayerUpload", "PutImage", "UploadLayerPart",
			} {
				needed = append(needed, iamPermission{
					action:   "ecr:" + action,
					resource: "arn:aws:ecr:" + f.Region + ":" + f.Account + ":repository/" + name,
				})
			}
		}
		needed = append(needed, iamPermission{
			action:   "s3:PutObject",
			resource: "arn:aws:s3:::" + bucket + "/_next/static/chunks/x.js",
			keys:     map[string][]string{"s3:if-none-match": {"*"}},
		})
		for _, p := range needed {
			if err := session.has(r, p); err != nil {
				return fmt.Errorf("push a release: %w", err)
			}
		}
		return nil
	})
}

// MayReplicateState is nil if S3 may copy the state to the recovery region: take the role, read a
// version under the one region's key, and write and delete it under the other's. What it asks KMS
// for is by AWS's page; that it asks for a data key of the copy's is not verified.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (f Foundation) MayReplicateState(c *cloud.Cloud) error {
	return f.ask(c, BootstrapRole, nil, func(r *provider.Request) error {
		role, err := findRole(r, f.Account, foundation.ReplicationRole(f.Region))
		if err != nil {
			return err
		}
		if err := roleTrusts(r, role, "s3.amazonaws.com"); err != nil {
			return fmt.Errorf("copy the state to %s: %w", f.Recovery, err)
		}
		from, to := f.statePlace(f.Region), f.statePlace(f.Recovery)
		through := func(p foundation.StatePlace) map[string]string {
			return map[string]string{
				"aws:ViaAWSService": "true", "kms:ViaService": "s3." + p.Region + ".amazonaws.com",
				"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::" + p.Bucket,
			}
		}
		for _, q := range []struct {
			action, resource string
			keys             map[string]string
		}{
			{"s3:GetReplicationConfiguration", "arn:aws:s3:::" + from.Bucket, nil},
			{"s3:ListBucket", "arn:aws:s3:::" + from.Bucket, nil},
			{"s3:GetObjectVersionForReplication", "arn:aws:s3:::" + from.Bucket + "/.pulumi/stacks/x.json", nil},
			{"s3:GetObjectVersionAcl", "arn:aws:s3:::" + from.Bucket + "/.pulumi/stacks/x.json", nil},
			{"kms:Decrypt", from.KeyArn, through(from)},
			{"s3:ReplicateObject", "arn:aws:s3:::" + to.Bucket + "/.pulumi/stacks/x.json", nil},
			{"s3:ReplicateDelete", "arn:aws:s3:::" + to.Bucket + "/.pulumi/locks/x.json", nil},
			{"kms:Encrypt", to.KeyArn, through(to)},
			{"kms:Decrypt", to.KeyArn, through(to)},
			{"kms:GenerateDataKey", to.KeyArn, through(to)},
		} {
			if err := roleMay(r, role, q.action, q.resource, q.keys); err != nil {
				return fmt.Errorf("copy the state to %s: %w", f.Recovery, err)
			}
		}
		return nil
	})
}

// ask decides something as a provider of the stack's region would.
func (f Foundation) ask(c *cloud.Cloud, last string, record *Recorder, decide func(*provider.Request) error) error {
	p, err := New(c, f.Account, f.Role(last), record)
	if err != nil {
		return err
	}
	inputs := resource.PropertyMap{"region": resource.NewProperty(f.Region)}
	if _, err := p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: inputs}); err != nil {
		return fmt.Errorf("ask as role %s: %w", f.Role(last), err)
	}
	return p.Ask(decide)
}
