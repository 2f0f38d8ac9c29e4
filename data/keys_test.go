package data

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const kmsKey = "aws:kms/key:Key"

func keysArgs() *KeysArgs {
	return &KeysArgs{
		Config: KeysConfig{DeletionWindowDays: 30, RotationDays: 365},
		Stack:  recorder.Production,
	}
}

func buildKeys(change func(*KeysArgs)) (*recorder.Recorder, error) {
	args := keysArgs()
	if change != nil {
		change(args)
	}
	return run(func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		_, err := NewKeys(ctx, "keys", args, opts...)
		return err
	})
}

func TestKeys(t *testing.T) {
	r, err := buildKeys(nil)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Alias data", "Alias logs", "Alias notifications", "Key data", "Key logs", "Key notifications",
	}, children(r, "keys"))
	underTheComponent(t, r, KeysType)
	for _, purpose := range []string{"data", "logs", "notifications"} {
		key := get(t, r, kmsKey, "keys-"+purpose)
		assert.Equal(t, true, key.Input("enableKeyRotation"))
		assert.Equal(t, 365.0, key.Input("rotationPeriodInDays"))
		assert.Equal(t, 30.0, key.Input("deletionWindowInDays"))
		alias := get(t, r, "aws:kms/alias:Alias", "keys-"+purpose)
		assert.Equal(t, "alias/bookmark-manager-production-"+purpose, alias.Input("name"))
		assert.Equal(t, "key-keys-"+purpose, alias.Input("targetKeyId"))
	}
}

// throughServices is the whole policy of a key that is used through services alone, such as
// "rds.ap-northeast-1".
func throughServices(services ...string) string {
	for i := range services {
		services[i] = `"` + services[i] + `.amazonaws.com"`
	}
	return strings.ReplaceAll(`{"Version":"2012-10-17","Statement":[
		{"Sid":"AdministerThroughIAM","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},
		 "Resource":["*"],
		 "Action":["kms:CancelKeyDeletion","kms:CreateAlias","kms:DeleteAlias","kms:Describe*","kms:DisableKey*",
		  "kms:EnableKey*","kms:Get*","kms:List*","kms:PutKeyPolicy","kms:RevokeGrant","kms:RotateKeyOnDemand",
		  "kms:ScheduleKeyDeletion","kms:TagResource","kms:UntagResource","kms:UpdateAlias","kms:UpdateKeyDescription"]},
		{"Sid":"UseThroughServices","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Resource":["*"],
		 "Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey*","kms:ReEncrypt*"],
		 "Condition":{"StringEquals":{"kms:ViaService":[SERVICES]}}},
		{"Sid":"GrantToServices","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Resource":["*"],
		 "Action":["kms:CreateGrant"],
		 "Condition":{"Bool":{"kms:GrantIsForAWSResource":["true"]},"StringEquals":{"kms:ViaService":[SERVICES]}}}]}`,
		"SERVICES", strings.Join(services, ","))
}

func TestKeyPolicies(t *testing.T) {
	r, err := buildKeys(nil)
	require.NoError(t, err)
	for purpose, want := range map[string]string{
		"data": throughServices("backup.ap-northeast-1", "ecr.ap-northeast-1", "rds.ap-northeast-1",
			"s3.ap-northeast-1", "ssm.ap-northeast-1"),
		"logs": `{"Version":"2012-10-17","Statement":[
			{"Sid":"DecideInIAM","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],
			 "Resource":["*"]},
			{"Sid":"EncryptLogGroups","Effect":"Allow","Principal":{"Service":["logs.ap-northeast-1.amazonaws.com"]},
			 "Resource":["*"],
			 "Action":["kms:Decrypt*","kms:Describe*","kms:Encrypt*","kms:GenerateDataKey*","kms:ReEncrypt*"],
			 "Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":["arn:aws:logs:ap-northeast-1:111122223333:log-group:*"]}}}]}`,
		"notifications": `{"Version":"2012-10-17","Statement":[
			{"Sid":"DecideInIAM","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],
			 "Resource":["*"]},
			{"Sid":"Publish","Effect":"Allow","Resource":["*"],"Action":["kms:Decrypt","kms:GenerateDataKey*"],
			 "Principal":{"Service":["budgets.amazonaws.com","cloudwatch.amazonaws.com","costalerts.amazonaws.com",
			  "events.amazonaws.com"]}}]}`,
	} {
		assert.JSONEq(t, want, get(t, r, kmsKey, "keys-"+purpose).Input("policy").(string), purpose)
	}
}

func TestOnlyTheDataKeyOutlivesTheStack(t *testing.T) {
	for name, c := range map[string]struct {
		disposable, teardown bool
		protected, retained  []string
	}{
		"a stack that stays":      {false, false, []string{kmsKey + " keys-data"}, []string{kmsKey + " keys-data"}},
		"a stack that comes down": {false, true, nil, []string{kmsKey + " keys-data"}},
		"a throw-away stack":      {true, false, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := buildKeys(func(a *KeysArgs) { a.Disposable, a.Teardown = c.disposable, c.teardown })
			require.NoError(t, err)
			assert.Equal(t, c.protected, protected(r))
			assert.Equal(t, c.retained, retained(r))
		})
	}
}

func TestKeysRefuse(t *testing.T) {
	for want, change := range map[string]func(*KeysArgs){
		"deletionWindowDays: found 6, want 7 to 30 (days)": func(a *KeysArgs) {
			a.Config.DeletionWindowDays = 6
		},
		"deletionWindowDays: found 31, want 7 to 30 (days)": func(a *KeysArgs) {
			a.Config.DeletionWindowDays = 31
		},
		"rotationDays: found 89, want 90 to 2560 (days)":          func(a *KeysArgs) { a.Config.RotationDays = 89 },
		"rotationDays: found 2561, want 90 to 2560 (days)":        func(a *KeysArgs) { a.Config.RotationDays = 2561 },
		`keys "keys": Environment, Region and AccountID are requ`: func(a *KeysArgs) { a.Environment = "" },
		`"keys": Environment, Region and AccountID are required`:  func(a *KeysArgs) { a.Region = "" },
		`Environment, Region and AccountID are required`:          func(a *KeysArgs) { a.AccountID = "" },
	} {
		r, err := buildKeys(change)
		refused(t, r, err, want)
	}
	_, err := NewKeys(nil, "keys", nil)
	assert.EqualError(t, err, `keys "keys": args are required`)
}
