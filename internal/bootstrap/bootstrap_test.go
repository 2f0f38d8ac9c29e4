package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

func TestAFirstRunMakesEverything(t *testing.T) {
	w := newWorld(t)
	code, out, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, calls(account, listVersions, describeKey, createKey, rotateKey, headBucket, createBucket,
		setUpBucket, makeReplica, getRule, getCopier,
		makeCopier, allowCopier, copyOnce, putRule, getProvider, createProvider, getRole, createRole, attachRole,
		listStacks, initStack), w.called())
	raw, err := os.ReadFile(filepath.Join(w.made, "environment"))
	require.NoError(t, err)
	assert.Equal(t, "backend s3://"+bucket+"?region=ap-northeast-1 region ap-northeast-1 profile \n", string(raw))
	assert.Contains(t, out, "commit Pulumi.prod.yaml")
	assert.Contains(t, out, "pulumi login 's3://"+bucket+"?region=ap-northeast-1'\n  pulumi stack select prod\n")
}

func TestASecondRunMakesNothingNew(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	code, out, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, calls(account, listVersions, describeKey, rotateKey, headBucket, setUpBucket, describeKey,
		headBucketOf(replica),
		setUp(replica, "ap-northeast-3"), getRule, getCopier, keepCopier, allowCopier, putRule, getProvider, getRole,
		updateRole, lengthen, attachRole,
		listStacks), w.called(), "what the recovery region has written since is not copied over")
	assert.Contains(t, out, "stack prod is there")
}

func TestAProviderOfOthersLearnsTheAudience(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile(filepath.Join(w.made, "provider"), nil, 0o644))
	t.Setenv("CLIENTS", "https://github.com/bookmark-manager")
	code, _, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, w.called(), "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "+
		provider+" --client-id sts.amazonaws.com")
}

func TestADryRunChangesNothing(t *testing.T) {
	w := newWorld(t)
	code, out, problems := w.run("--dry-run")
	require.Equal(t, command.OK, code, problems)
	looked := calls(describeKey, headBucketOf(replica), getCopier)
	found := calls(describeKey, describeKeyNamed("KEY-ARN"), headBucketOf(replica), getCopier)
	assert.Equal(t, calls(account, listVersions, describeKey, headBucket, found, getProvider, getRole), w.called())
	for _, change := range calls(createKey[0], createBucket, setUpBucket[0], copyOnce, createProvider, createRole,
		attachRole, initStack) {
		assert.Contains(t, out, "would run: "+change+"\n")
	}
	assert.NotContains(t, out, "commit Pulumi.prod.yaml")

	code, _, problems = w.run()
	require.Equal(t, command.OK, code, problems)
	code, out, problems = w.run("--dry-run")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, calls(account, listVersions, describeKey, headBucket, looked[:2], getRule, getCopier, getProvider,
		getRole, listStacks), w.called())
	assert.NotContains(t, out, "would run: pulumi")
}

func TestStacksInTwoAccounts(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile("Pulumi.staging.yaml", []byte(stagingFile), 0o644))
	code, _, problems := w.run()
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems,
		`the AWS credentials for stack "staging" are of account "111122223333", and Pulumi.staging.yaml names `+
			`444455556666`)
	assert.Equal(t, calls(account, listVersions, account), w.called(), "nothing is made in the first account either")

	code, out, problems := w.run("--profile", "staging=staging")
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, w.called(),
		"aws s3api create-bucket --bucket bookmark-manager-state-111122223333-ap-northeast-1 "+
			"--create-bucket-configuration LocationConstraint=ap-northeast-1")
	assert.Contains(t, out, "no role for GitHub: delivery.provider is not adopt")
	assert.NotContains(t, strings.Join(w.called(), "\n"), "bookmark-manager-staging-bootstrap")

	code, _, problems = w.run("--stack", "prod")
	require.Equal(t, command.OK, code, problems)
}

// us-east-1 is S3's default, and S3 refuses its name.
func TestABucketInUsEast1HasNoLocation(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile("Pulumi.staging.yaml", []byte(stagingFile), 0o644))
	code, _, problems := w.run("--stack", "staging", "--profile", "staging=staging")
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, w.called(), "aws s3api create-bucket --bucket bookmark-manager-state-444455556666-us-east-1")
	raw, err := os.ReadFile(filepath.Join(w.made, "environment"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), "region us-east-1 profile staging")
}

func TestFailures(t *testing.T) {
	t.Run("a bucket that somebody else has is not one that is missing", func(t *testing.T) {
		w := newWorld(t)
		t.Setenv("HEAD_BUCKET", "403")
		code, _, problems := w.run()
		assert.Equal(t, command.Failed, code)
		assert.Contains(t, problems, `bootstrap stack "prod": look for the bucket `+bucket)
		assert.NotContains(t, w.called(), createBucket)
	})
	for call, want := range map[string]string{
		"kms create-alias":        "name the key",
		"kms enable-key-rotation": "rotate the key",
		"s3api put-bucket-policy": "set up the bucket " + bucket,
		"s3 sync":                 "copy the state to " + replica,
		"iam put-role-policy":     "allow role " + copier,
		"iam attach-role-policy":  "allow role bookmark-manager-production-bootstrap",
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t)
			t.Setenv("FAIL_ON", call)
			code, _, problems := w.run()
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
			assert.Contains(t, problems, "AccessDenied")
			assert.NotContains(t, w.called(), initStack)
		})
	}
}

func TestAVersionThatRDSDoesNotOfferIsRefusedBeforeAnythingIsMade(t *testing.T) {
	w := newWorld(t)
	t.Setenv("VERSIONS", "16.9\t17.10\t18.3")
	code, _, problems := w.run()
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems,
		`bookmark-manager:aurora.engineVersion in Pulumi.prod.yaml is "17.7", and RDS offers none such in `+
			`ap-northeast-1: want one of 16.9, 17.10, 18.3`)
	assert.Equal(t, calls(account, listVersions), w.called())
}

// The stacks of an account and region share its bucket, whose state goes to one region.
func TestAStateThatIsCopiedElsewhereIsLeftThere(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile(filepath.Join(w.made, "rule"), nil, 0o644))
	t.Setenv("REPLICATED_TO", "arn:aws:s3:::bookmark-manager-state-111122223333-us-west-2")
	code, _, problems := w.run()
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "is replicated to arn:aws:s3:::bookmark-manager-state-111122223333-us-west-2, and "+
		"backups.copy.region of Pulumi.prod.yaml wants arn:aws:s3:::"+replica)
	assert.NotContains(t, w.called(), copyOnce)
	assert.NotContains(t, w.called(), putRule)
}

func TestUsage(t *testing.T) {
	for want, one := range map[string]struct {
		file string
		args []string
	}{
		`found "dev", want one of prod`:                {prodFile, []string{"--stack", "dev"}},
		`found stack "dev", want one of prod`:          {prodFile, []string{"--profile", "dev=x"}},
		`found "prod", want a stack, an equals sign`:   {prodFile, []string{"--profile", "prod"}},
		`found "more", want flags only`:                {prodFile, []string{"more"}},
		"bookmark-manager:environment is missing":      {"config: {}", nil},
		`accountId is "123", want 12 digits in quotes`: {strings.Replace(prodFile, "111122223333", "123", 1), nil},
		`backups.copy.region is "osaka", want a region`: {strings.Replace(prodFile, "ap-northeast-3", "osaka", 1),
			nil},
		`region other than ap-northeast-1`: {strings.Replace(prodFile, "ap-northeast-3",
			"ap-northeast-1", 1), nil},
		`region is "tokyo", want a region such as`: {strings.Replace(prodFile, "ap-northeast-1", "tokyo", 1),
			nil},
		"delivery wants repository and deployEnvironment": {strings.Replace(prodFile, "repository:", "other:", 1), nil},
		"sessionHours is 13, want 1 to 12 (hours)": {strings.Replace(prodFile, "sessionHours: 2",
			"sessionHours: 13", 1), nil},
		"read Pulumi.prod.yaml": {"\t", nil},
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t)
			require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(one.file), 0o644))
			code, _, problems := w.run(one.args...)
			assert.Equal(t, command.Usage, code)
			assert.Contains(t, problems, want)
			assert.Empty(t, w.called())
		})
	}
	w := newWorld(t)
	code, out, _ := w.run("--help")
	assert.Equal(t, command.OK, code)
	assert.Contains(t, out, "-dry-run")
	require.NoError(t, os.Remove("Pulumi.prod.yaml"))
	code, _, problems := w.run()
	assert.Equal(t, command.Usage, code)
	assert.Contains(t, problems, "found none here")
}
