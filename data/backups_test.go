package data

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	backupVault = "aws:backup/vault:Vault"
	backupLock  = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
)

func backupsConfig() BackupsConfig {
	return BackupsConfig{
		OptIn: Create,
		Rules: []BackupRuleConfig{{
			Name:                    "daily",
			Schedule:                "cron(0 5 * * ? *)",
			Timezone:                "Asia/Tokyo",
			StartWindowMinutes:      60,
			CompletionWindowMinutes: 360,
			RetentionDays:           35,
		}},
		Copy:           &BackupCopyConfig{Region: "ap-northeast-3", RetentionDays: 14},
		Lock:           &BackupLockConfig{MinRetentionDays: 7, MaxRetentionDays: 100},
		RestoreTesting: &RestoreTestingConfig{Schedule: "cron(0 3 ? * SUN *)", Timezone: "Asia/Tokyo"},
	}
}

func buildBackups(change func(*BackupsArgs)) (*recorder.Recorder, *Backups, error) {
	args := &BackupsArgs{
		Config:                 backupsConfig(),
		Stack:                  recorder.Production,
		Databases:              pulumi.StringArray{text("arn:cluster")},
		DataKeyArn:             text("arn:data-key"),
		NotificationTopicArn:   text("arn:topic"),
		RunbookBase:            "https://example.com/operations.md",
		RestoreSubnetGroup:     text("subnets"),
		RestoreSecurityGroupID: text("sg-1"),
	}
	var backups *Backups
	r, err := run(func(
		ctx *pulumi.Context, recovery pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
		args.Recovery = recovery
		if change != nil {
			change(args)
		}
		backups, err = NewBackups(ctx, "backups", args, opts...)
		return err
	})
	return r, backups, err
}

func TestBackups(t *testing.T) {
	r, backups, err := buildBackups(nil)
	require.NoError(t, err)
	underTheComponent(t, r, BackupsType)
	assert.Equal(t, []string{
		"Plan plan", "RegionSettings opt-in", "RestoreTestingPlan restores", "RestoreTestingSelection restores",
		"Selection databases", "Vault copy", "Vault vault", "VaultLockConfiguration copy",
		"VaultLockConfiguration vault",
		"EventRule failed-jobs", "EventTarget failed-jobs", "Role role", "RolePolicyAttachment Backup",
		"RolePolicyAttachment Restores", "Key copy",
	}, children(r, "backups"))
	assert.Equal(t, []any{map[string]any{
		"ruleName":                   "daily",
		"targetVaultName":            "backups-vault-1234567",
		"schedule":                   "cron(0 5 * * ? *)",
		"scheduleExpressionTimezone": "Asia/Tokyo",
		"startWindow":                60.0,
		"completionWindow":           360.0,
		"lifecycle":                  map[string]any{"deleteAfter": 35.0},
		"copyActions": []any{map[string]any{
			"destinationVaultArn": "arn:aws:test:ap-northeast-1:111122223333:backups-copy",
			"lifecycle":           map[string]any{"deleteAfter": 14.0},
		}},
	}}, get(t, r, "aws:backup/plan:Plan", "backups-plan").Input("rules"))
	selection := get(t, r, "aws:backup/selection:Selection", "backups-databases")
	assert.Equal(t, []any{"arn:cluster"}, selection.Input("resources"))
	assert.Subset(t, waitsFor(t, r, selection.Type, selection.Name), []string{
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment backups-Backup",
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment backups-Restores",
	})
	assert.Equal(t, "arn:data-key", get(t, r, backupVault, "backups-vault").Input("kmsKeyArn"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:backups-copy",
		get(t, r, backupVault, "backups-copy").Input("kmsKeyArn"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:backups-copy", valueOf(t, backups.CopyVaultArn))
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["backup.amazonaws.com"]},
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]}}}]}`,
		get(t, r, "aws:iam/role:Role", "backups-role").Input("assumeRolePolicy").(string))
}

func TestTheCopyIsInTheRecoveryRegion(t *testing.T) {
	r, _, err := buildBackups(nil)
	require.NoError(t, err)
	for _, one := range []struct{ typ, name string }{
		{backupVault, "backups-copy"},
		{backupLock, "backups-copy"},
		{kmsKey, "backups-copy"},
	} {
		assert.Contains(t, get(t, r, one.typ, one.name).Provider, "::recovery::", one.typ)
	}
	assert.Contains(t, get(t, r, backupVault, "backups-vault").Provider, "::aws::")
	key := get(t, r, kmsKey, "backups-copy")
	assert.Equal(t, true, key.Input("enableKeyRotation"))
	assert.JSONEq(t, throughServices("backup.ap-northeast-3", "rds.ap-northeast-3"), key.Input("policy").(string))
}

func TestVaultLocks(t *testing.T) {
	r, _, err := buildBackups(nil)
	require.NoError(t, err)
	for _, vault := range []string{"backups-vault", "backups-copy"} {
		lock := get(t, r, backupLock, vault)
		assert.Equal(t, 7.0, lock.Input("minRetentionDays"))
		assert.Equal(t, 100.0, lock.Input("maxRetentionDays"))
		assert.Nil(t, lock.Input("changeableForDays"), "it can be lifted unless the configuration says otherwise")
	}
	r, _, err = buildBackups(func(a *BackupsArgs) { a.Config.Lock.ImmutableAfterDays = 3 })
	require.NoError(t, err)
	assert.Equal(t, 3.0, get(t, r, backupLock, "backups-vault").Input("changeableForDays"))
}

// A vault's own notifications know a job's failure no more: AWS takes the event and never sends it.
func TestFailedJobsAreTold(t *testing.T) {
	r, _, err := buildBackups(nil)
	require.NoError(t, err)
	rule := get(t, r, "aws:cloudwatch/eventRule:EventRule", "backups-failed-jobs")
	assert.JSONEq(t, `{"source":["aws.backup"],
		"detail-type":["Backup Job State Change","Copy Job State Change","Restore Job State Change"],
		"detail":{"$or":[{"state":["ABORTED","EXPIRED","FAILED","PARTIAL"]},{"status":["ABORTED","FAILED"]}]}}`,
		rule.Input("eventPattern").(string))
	target := get(t, r, "aws:cloudwatch/eventTarget:EventTarget", "backups-failed-jobs")
	assert.Equal(t, "arn:topic", target.Input("arn"))
	assert.Contains(t, target.Input("inputTransformer.inputTemplate"),
		`"description":"<kind>: <state><status>. It is one of <resource>."`)
	assert.Contains(t, target.Input("inputTransformer.inputTemplate"),
		`"Runbook: https://example.com/operations.md#failed-backups"`)
}

func TestRestoresAreTried(t *testing.T) {
	r, _, err := buildBackups(nil)
	require.NoError(t, err)
	plan := get(t, r, "aws:backup/restoreTestingPlan:RestoreTestingPlan", "backups-restores")
	assert.Equal(t, map[string]any{
		"name": "bookmark_manager_production_restores", "scheduleExpression": "cron(0 3 ? * SUN *)",
		"scheduleExpressionTimezone": "Asia/Tokyo", "startWindowHours": 8.0,
		"recoveryPointSelection": map[string]any{
			"algorithm": "LATEST_WITHIN_WINDOW", "recoveryPointTypes": []any{"SNAPSHOT"}, "selectionWindowDays": 7.0,
			"includeVaults": []any{"arn:aws:test:ap-northeast-1:111122223333:backups-vault"},
		},
	}, inputs(plan))
	selection := get(t, r, "aws:backup/restoreTestingSelection:RestoreTestingSelection", "backups-restores")
	assert.Equal(t, map[string]any{
		"name": "databases", "restoreTestingPlanName": "bookmark_manager_production_restores",
		"iamRoleArn":            "arn:aws:test:ap-northeast-1:111122223333:backups-role",
		"protectedResourceType": "Aurora", "protectedResourceArns": []any{"arn:cluster"},
		"restoreMetadataOverrides": map[string]any{"dbSubnetGroupName": "subnets", "vpcSecurityGroupIds": `["sg-1"]`},
	}, inputs(selection))
}

func TestTheRegionIsOptedIn(t *testing.T) {
	const settings = "aws:backup/regionSettings:RegionSettings"
	t.Run("create", func(t *testing.T) {
		r, _, err := buildBackups(nil)
		require.NoError(t, err)
		made := get(t, r, settings, "backups-opt-in")
		assert.Equal(t, map[string]any{"Aurora": true}, made.Input("resourceTypeOptInPreference"))
		assert.Equal(t, []string{"resourceTypeOptInPreference"}, made.IgnoreChanges,
			"AWS reads back types that nobody named")
		assert.Contains(t, waitsFor(t, r, "aws:backup/selection:Selection", "backups-databases"),
			settings+" backups-opt-in")
	})
	t.Run("adopt", func(t *testing.T) {
		r, _, err := buildBackups(func(a *BackupsArgs) { a.Config.OptIn = Adopt })
		require.NoError(t, err)
		assert.Equal(t, "ap-northeast-1", get(t, r, settings, "backups-opt-in").ID, "it is read, not made")
		assert.Equal(t, []any{"arn:cluster"},
			get(t, r, "aws:backup/selection:Selection", "backups-databases").Input("resources"))
		require.NoError(t, optedIn("ap-northeast-1", map[string]bool{"Aurora": true, "EBS": false}))
		for _, types := range []map[string]bool{nil, {"EBS": true}, {"Aurora": false}} {
			require.ErrorContains(t, optedIn("ap-northeast-1", types),
				"adopt the opt-in of region ap-northeast-1: AWS Backup is not opted in for Aurora there, and no "+
					"backup would run")
		}
	})
	t.Run("off", func(t *testing.T) {
		r, _, err := buildBackups(func(a *BackupsArgs) { a.Config.OptIn = Off })
		require.NoError(t, err)
		assert.NotContains(t, r.Keys(), settings+" backups-opt-in")
	})
}

// The name is what the boundary of the stack's roles knows the role by.
func TestTheBackupRoleIsTheOneThatIsNamed(t *testing.T) {
	assert.Equal(t, "arn:aws:iam::111122223333:role/bookmark-manager/production/backups-role-*",
		BackupRole(recorder.Production, "backups"))
	r, _, err := buildBackups(nil)
	require.NoError(t, err)
	assert.Nil(t, get(t, r, "aws:iam/role:Role", "backups-role").Input("name"),
		"auto-named: another one orphans recovery points")
}

func TestWithoutCopyLockAndRestores(t *testing.T) {
	r, _, err := buildBackups(func(a *BackupsArgs) {
		a.Config.Copy, a.Config.Lock, a.Config.RestoreTesting, a.Recovery = nil, nil, nil, nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Plan plan", "RegionSettings opt-in", "Selection databases", "Vault vault",
		"EventRule failed-jobs", "EventTarget failed-jobs", "Role role", "RolePolicyAttachment Backup",
		"RolePolicyAttachment Restores",
	}, children(r, "backups"))
	assert.Nil(t, get(t, r, "aws:backup/plan:Plan", "backups-plan").Input("rules[0].copyActions"))
}

func TestRecoveryPointsOutliveTheStack(t *testing.T) {
	stay := []string{kmsKey + " backups-copy", backupLock + " backups-copy", backupLock + " backups-vault",
		backupVault + " backups-copy", backupVault + " backups-vault"}
	guarded := []string{kmsKey + " backups-copy", backupVault + " backups-copy", backupVault + " backups-vault"}
	for name, c := range map[string]struct {
		disposable, teardown bool
		protected, retained  []string
	}{
		"a stack that stays":      {false, false, guarded, stay},
		"a stack that comes down": {false, true, nil, stay},
		"a throw-away stack":      {true, false, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildBackups(func(a *BackupsArgs) { a.Disposable, a.Teardown = c.disposable, c.teardown })
			require.NoError(t, err)
			assert.ElementsMatch(t, c.protected, protected(r))
			assert.ElementsMatch(t, c.retained, retained(r))
			assert.Equal(t, c.disposable, get(t, r, backupVault, "backups-vault").Input("forceDestroy"))
		})
	}
}

func TestBackupsRefuse(t *testing.T) {
	rule := func(change func(*BackupRuleConfig)) func(*BackupsArgs) {
		return func(a *BackupsArgs) { change(&a.Config.Rules[0]) }
	}
	for name, c := range map[string]struct {
		change func(*BackupsArgs)
		want   string
	}{
		"no rule": {func(a *BackupsArgs) {
			a.Config.Rules = nil
		}, "rules: found 0, want one rule or more"},
		"a rule twice": {func(a *BackupsArgs) {
			a.Config.Rules = append(a.Config.Rules, a.Config.Rules[0])
		}, `rules[1].name: found "daily", want one that no other has; rules[0].name is the same`},
		"a rule with a blank": {rule(func(r *BackupRuleConfig) { r.Name = "a b" }), `rules[0].name: found "a b"`},
		"five fields": {rule(func(r *BackupRuleConfig) {
			r.Schedule = "cron(0 5 * * *)"
		}), `rules[0].schedule: found "cron(0 5 * * *)", want a cron expression with six fields`},
		"twice an hour": {rule(func(r *BackupRuleConfig) {
			r.Schedule = "cron(0/30 * * * ? *)"
		}), `rules[0].schedule: found "cron(0/30 * * * ? *)"`},
		"both kinds of days": {rule(func(r *BackupRuleConfig) {
			r.Schedule = "cron(0 5 * * * *)"
		}), `rules[0].schedule: found "cron(0 5 * * * *)"`},
		"no time zone": {rule(func(r *BackupRuleConfig) {
			r.Timezone = ""
		}), `rules[0].timezone: found nothing, want an IANA time zone, such as "Asia/Tokyo"`},
		"the machine's time zone": {rule(func(r *BackupRuleConfig) {
			r.Timezone = "Local"
		}), `rules[0].timezone: found "Local"`},
		"an unknown time zone": {rule(func(r *BackupRuleConfig) {
			r.Timezone = "Asia/Edo"
		}), `rules[0].timezone: found "Asia/Edo"`},
		"a short start": {rule(func(r *BackupRuleConfig) {
			r.StartWindowMinutes = 59
		}), "rules[0].startWindowMinutes: found 59, want 60 or more"},
		"a short completion": {rule(func(r *BackupRuleConfig) {
			r.CompletionWindowMinutes = 119
		}), "rules[0].completionWindowMinutes: found 119, want 120 or more (minutes); 60 or more above " +
			"startWindowMinutes"},
		"no retention": {rule(func(r *BackupRuleConfig) {
			r.RetentionDays = 0
		}), "rules[0].retentionDays: found 0, want 1 to 36500 (days)"},
		"less than the lock asks": {rule(func(r *BackupRuleConfig) {
			r.RetentionDays = 6
		}), "rules[0].retentionDays: found 6, want lock.minRetentionDays (7) or more"},
		"more than the lock takes": {func(a *BackupsArgs) {
			a.Config.Copy.RetentionDays = 101
		}, "copy.retentionDays: found 101, want lock.maxRetentionDays (100) or less"},
		"a copy in the region": {func(a *BackupsArgs) {
			a.Config.Copy.Region = "ap-northeast-1"
		}, `copy.region: found "ap-northeast-1", want another AWS region than ap-northeast-1`},
		"a copy to no region": {func(a *BackupsArgs) {
			a.Config.Copy.Region = "ap-northeast-4"
		}, `copy.region: found "ap-northeast-4", want another AWS region`},
		"a copy nowhere": {func(a *BackupsArgs) {
			a.Config.Copy.Region = ""
		}, "copy.region: found nothing, want another AWS region"},
		"a crossed lock": {func(a *BackupsArgs) {
			a.Config.Lock.MinRetentionDays = 101
		}, "lock.minRetentionDays: found 101, want no more than maxRetentionDays (100)"},
		"an empty lock": {func(a *BackupsArgs) {
			*a.Config.Lock = BackupLockConfig{}
		}, "lock.maxRetentionDays: found 0, want 1 to 36500"},
		"a hasty lock": {func(a *BackupsArgs) {
			a.Config.Lock.ImmutableAfterDays = 2
		}, "lock.immutableAfterDays: found 2, want 0 (never), or 3 or more (days)"},
		"no recovery provider": {func(a *BackupsArgs) {
			a.Recovery = nil
		}, "Recovery is required for a copy in ap-northeast-3"},
		"no database": {func(a *BackupsArgs) {
			a.Databases = nil
		}, "Databases, DataKeyArn, NotificationTopicArn and RunbookBase are required"},
		"no topic": {func(a *BackupsArgs) {
			a.NotificationTopicArn = nil
		}, "Databases, DataKeyArn, NotificationTopicArn and RunbookBase are required"},
		"no place to restore to": {func(a *BackupsArgs) {
			a.RestoreSubnetGroup = nil
		}, "RestoreSubnetGroup and RestoreSecurityGroupID are required"},
		"no choice of opting in": {func(a *BackupsArgs) {
			a.Config.OptIn = ""
		}, "optIn: found nothing, want one of \"create\", \"adopt\", \"off\""},
		"a restore each minute": {func(a *BackupsArgs) {
			a.Config.RestoreTesting.Schedule = "cron(* * * * ? *)"
		}, `restoreTesting.schedule: found "cron(* * * * ? *)"`},
		"no key": {func(a *BackupsArgs) {
			a.DataKeyArn = nil
		}, "Databases, DataKeyArn, NotificationTopicArn and RunbookBase are required"},
		"no region": {func(a *BackupsArgs) { a.Region = "" }, "Environment, Region and AccountID are required"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildBackups(c.change)
			refused(t, r, err, c.want)
		})
	}
}
