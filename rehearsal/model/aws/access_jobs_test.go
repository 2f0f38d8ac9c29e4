package aws

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// bootstrapped is a cloud with what `make bootstrap` makes for a stack.
func bootstrapped(t *testing.T) (Foundation, *cloud.Cloud, *world) {
	t.Helper()
	c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	f := Foundation{
		Account:     account,
		Region:      tokyo,
		Project:     "shelf",
		Environment: "prod",
		Jobs: Jobs{
			Repository:            "shelf/infrastructure",
			ApplicationRepository: "shelf/shelf",
			SessionHours:          2,
			Environments: map[string][]string{
				BootstrapRole: {"prod-bootstrap"},
				DeployRole:    {"prod"},
				PreviewRole:   {"prod-preview", "prod-plan"},
				PushRole:      {"prod"},
			},
		},
	}
	require.NoError(t, f.Bootstrap(c))
	w := &world{t: t, cloud: c}
	return f, c, w.other(tokyo, account, nil)
}

// role makes a role of the stack that jobs in these environments take.
func (f Foundation) role(w *world, last, audience string, environments []string, statement string) {
	f.Jobs.Environments = map[string][]string{last: environments}
	trust := f.jobTrust(last)
	if audience != stsAudience {
		trust = replaceAll(trust, `"`+stsAudience+`"`, `"`+audience+`"`)
	}
	role := w.make(roleType, last, in{"name": f.Role(last), "assumeRolePolicy": trust})
	w.make(rolePolicyType, last,
		in{"role": role.id, "name": "own", "policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`})
}

func TestJobsTakeTheirRoles(t *testing.T) {
	t.Parallel()
	f, c, w := bootstrapped(t)
	require.NoError(t, f.MayTake(c, BootstrapRole, nil))
	f.role(w, PreviewRole, stsAudience, []string{"prod-preview", "prod-plan"}, may)
	require.NoError(t, f.MayTake(c, PreviewRole, nil))
	f.role(w, DeployRole, stsAudience, []string{"prod-preview"}, may)
	err := f.MayTake(c, DeployRole, nil)
	require.ErrorContains(t, err, "take role shelf-prod-deploy in a job of environment prod: ")
	require.ErrorContains(t, err,
		"is not authorized to perform: sts:AssumeRoleWithWebIdentity on resource: "+
			"arn:aws:iam::123456789012:role/shelf-prod-deploy")
	assert.ErrorContains(t, err,
		"wants repo:shelf/infrastructure:environment:prod-preview, and the request has "+
			"repo:shelf/infrastructure:environment:prod")
}

func TestATokenOfAnotherAudience(t *testing.T) {
	t.Parallel()
	f, c, w := bootstrapped(t)
	f.role(w, DeployRole, "https://github.com/shelf", []string{"prod"}, may)
	assert.ErrorContains(t, f.MayTake(c, DeployRole, nil),
		"its condition StringEquals on token.actions.githubusercontent.com:aud wants https://github.com/shelf")
}

func TestATokenWithoutAnIdentityProvider(t *testing.T) {
	t.Parallel()
	f, c, _ := bootstrapped(t)
	require.NoError(t, c.Update(func(tx *cloud.Tx) error {
		return tx.Delete(cloud.Key{Type: identityProviderType, Account: account, ID: f.githubProvider()})
	}))
	assert.ErrorContains(t, f.MayTake(c, BootstrapRole, nil),
		"InvalidIdentityToken: No OpenIDConnect provider found in your account")
}

// TestAReleaseNeedsEachOfItsActions takes each away.
func TestAReleaseNeedsEachOfItsActions(t *testing.T) {
	t.Parallel()
	for _, action := range []string{
		"none:None", "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage",
		"ecr:CompleteLayerUpload",
		"ecr:DescribeImages", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
		"ecr:UploadLayerPart", "s3:PutObject",
	} {
		f, c, w := bootstrapped(t)
		f.role(w, PushRole, stsAudience, []string{"prod"}, but(action))
		err := f.MayPush(c, []string{"shelf-prod-web"}, "shelf-prod-assets", nil)
		if action == "none:None" {
			require.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, "push a release: ")
		assert.ErrorContains(t, err, "is not authorized to perform: "+action+" ")
	}
	f, c, w := bootstrapped(t)
	f.role(w, PushRole, stsAudience, []string{"prod"},
		may+`,{"Sid":"Never","Effect":"Deny","Action":"s3:PutObject","Resource":"*",`+
			`"Condition":{"Null":{"s3:if-none-match":"true"}}}`)
	require.NoError(t, f.MayPush(c, nil, "shelf-prod-assets", nil), "it asks not to write over what is there")
	f.Jobs.ApplicationRepository = "shelf/other"
	assert.ErrorContains(t, f.MayPush(c, nil, "shelf-prod-assets", nil),
		"take role shelf-prod-push in a job of environment prod: ")
}

func TestTheFirstRoleWithoutOneAction(t *testing.T) {
	t.Parallel()
	f, c, _ := bootstrapped(t)
	require.NoError(t, f.MayUseState(c, BootstrapRole, true, nil))
	require.NoError(t, f.Without(c, "s3:DeleteObject"))
	assert.ErrorContains(t, f.MayUseState(c, BootstrapRole, true, nil),
		"is not authorized to perform: s3:DeleteObject on resource: ")
	require.NoError(t, f.MayUseState(c, BootstrapRole, false, nil))
}

// TestTheStateNeedsEachOfItsActions takes each away.
func TestTheStateNeedsEachOfItsActions(t *testing.T) {
	t.Parallel()
	f, c, w := bootstrapped(t)
	require.NoError(t, f.MayUseState(c, BootstrapRole, true, nil))
	for action, read := range map[string]bool{
		"s3:ListBucket":       true,
		"s3:GetObject":        true,
		"kms:Decrypt":         true,
		"s3:PutObject":        false,
		"s3:DeleteObject":     false,
		"kms:GenerateDataKey": false,
	} {
		last := "no-" + replaceAll(action, ":", "-")
		f.role(w, last, stsAudience, []string{"prod"}, but(action))
		assert.ErrorContains(t, f.MayUseState(c, last, true, nil),
			"is not authorized to perform: "+action+" on resource: ")
		err := f.MayUseState(c, last, false, nil)
		assert.Equal(t, read, err != nil, "a preview needs %s: %v", action, err)
	}
	assert.ErrorIs(t, f.MayUseState(c, "none", false, nil), ErrNoRole)
}

// TestTheCopyOfTheStateNeedsEachOfItsActions denies each to the role that `make bootstrap` makes.
func TestTheCopyOfTheStateNeedsEachOfItsActions(t *testing.T) {
	t.Parallel()
	copied := func(t *testing.T) (Foundation, *cloud.Cloud) {
		t.Helper()
		c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
		require.NoError(t, err)
		f := Foundation{
			Account:     account,
			Region:      tokyo,
			Recovery:    "ap-northeast-3",
			Project:     "shelf",
			Environment: "prod",
		}
		require.NoError(t, f.Bootstrap(c))
		return f, c
	}
	f, c := copied(t)
	require.NoError(t, f.MayReplicateState(c))
	role := foundation.ReplicationRole(tokyo)
	for _, action := range []string{
		"s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetObjectVersionForReplication",
		"s3:GetObjectVersionAcl", "s3:ReplicateObject",
		"s3:ReplicateDelete", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey",
	} {
		f, c := copied(t)
		w := (&world{t: t, cloud: c}).other(tokyo, account, nil)
		w.make(rolePolicyType, "not",
			in{"role": role, "name": "not", "policy": `{"Version":"2012-10-17","Statement":[` +
				`{"Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`})
		assert.ErrorContains(t, f.MayReplicateState(c), "copy the state to ap-northeast-3: AccessDenied")
	}
	lost, without := copied(t)
	require.NoError(t, without.Update(func(tx *cloud.Tx) error {
		return tx.Delete(cloud.Key{Type: roleType, Account: account, ID: role})
	}))
	assert.ErrorIs(t, lost.MayReplicateState(without), ErrNoRole)
}
