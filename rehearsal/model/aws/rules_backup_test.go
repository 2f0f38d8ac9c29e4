package aws

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lockedFor deletes a lock that can be changed for three days after so many.
func (w *world) lockedFor(days int) error {
	w.on("2026-01-01")
	vault := w.make(vaultType, "v", in{"name": "main"}).id
	lock := w.make(vaultLockType, "lock", in{
		"backupVaultName":   vault,
		"minRetentionDays":  7,
		"maxRetentionDays":  30,
		"changeableForDays": 3,
	})
	w.pass(days)
	return w.delete(lock)
}

var backupPairs = map[string]pair{
	"one vault a name": {
		want: "AlreadyExistsException: Backup vault with the same name already exists: main",
		refuses: func(w *world) error {
			w.make(vaultType, "first", in{"name": "main"})
			return failed(w.try(vaultType, "second", in{"name": "main"}))
		},
		passes: func(w *world) error {
			w.other("ap-northeast-3", account, nil).make(vaultType, "first", in{"name": "main"})
			return failed(w.try(vaultType, "second", in{"name": "main"}))
		},
	},
	"a vault with a known key": {
		want: "InvalidParameterValueException: KMS key does not exist in this region: " +
			"arn:aws:kms:ap-northeast-1:123456789012:key/none",
		refuses: func(w *world) error {
			return failed(w.try(vaultType, "vault",
				in{"kmsKeyArn": "arn:aws:kms:ap-northeast-1:123456789012:key/none"}))
		},
		passes: func(w *world) error {
			return failed(w.try(vaultType, "vault", in{"kmsKeyArn": w.make(keyType, "key", in{}).text("arn")}))
		},
	},
	"settings of a known vault": {
		want:    "ResourceNotFoundException: Backup vault none not found",
		refuses: func(w *world) error { return failed(w.try(vaultLockType, "lock", in{"backupVaultName": "none"})) },
		passes: func(w *world) error {
			return failed(w.try(vaultLockType, "lock",
				in{"backupVaultName": w.make(vaultType, "v", in{"name": "main"}).id}))
		},
	},
	"a lock that has closed stays": {
		want: "InvalidRequestException: The lock of backup vault main cannot be changed or deleted since " +
			"2026-01-04T00:00:00Z",
		refuses: func(w *world) error { return w.lockedFor(5) },
		passes:  func(w *world) error { return w.lockedFor(2) },
	},
	"days of a vault's lock": {
		want: "InvalidParameterValueException: Max retention days 7 must not be less than min retention days 30",
		refuses: func(w *world) error {
			vault := w.make(vaultType, "v", in{"name": "main"}).id
			if err := failed(w.try(vaultLockType, "lock",
				in{"backupVaultName": vault, "changeableForDays": 2})); err == nil {
				return nil
			}
			return failed(w.try(vaultLockType, "lock",
				in{"backupVaultName": vault, "minRetentionDays": 30, "maxRetentionDays": 7}))
		},
		passes: func(w *world) error {
			vault := w.make(vaultType, "v", in{"name": "main"}).id
			return failed(w.try(vaultLockType, "lock", in{
				"backupVaultName":   vault,
				"minRetentionDays":  7,
				"maxRetentionDays":  30,
				"changeableForDays": 3,
			}))
		},
	},
	"a plan with known vaults": {
		want: "InvalidParameterValueException: Destination backup vault " +
			"arn:aws:backup:ap-northeast-3:123456789012:backup-vault:copy does not exist",
		refuses: func(w *world) error {
			if err := w.plan(in{"targetVaultName": "none"}); err == nil {
				return nil
			}
			vault := w.make(vaultType, "v", in{"name": "main"}).id
			return w.plan(in{
				"targetVaultName": vault,
				"copyActions": []any{in{
					"destinationVaultArn": "arn:aws:backup:ap-northeast-3:123456789012:backup-vault:copy",
				}},
			})
		},
		passes: func(w *world) error {
			there := w.other("ap-northeast-3", account, nil).make(vaultType, "v", in{"name": "copy"})
			vault := w.make(vaultType, "v", in{"name": "main"}).id
			return w.plan(in{
				"targetVaultName": vault,
				"copyActions":     []any{in{"destinationVaultArn": there.text("arn")}},
			})
		},
	},
	"an hour between two backups": {
		want: "InvalidParameterValueException: Invalid schedule expression: cron(0,30 5 * * ? *). The interval must " +
			"be at least 1 hour",
		refuses: func(w *world) error {
			vault := w.make(vaultType, "v", in{"name": "main"}).id
			for _, often := range []string{"cron(* 5 * * ? *)", "cron(0/30 * * * ? *)", "cron(0-5 * * * ? *)",
				"cron(0 5 * * ?)", "rate(30 minutes)"} {
				if w.plan(in{"targetVaultName": vault, "schedule": often}) == nil {
					return nil
				}
			}
			return w.plan(in{"targetVaultName": vault, "schedule": "cron(0,30 5 * * ? *)"})
		},
		passes: func(w *world) error {
			return w.plan(in{
				"targetVaultName": w.make(vaultType, "v", in{"name": "main"}).id,
				"schedule":        "cron(30 * * * ? *)",
			})
		},
	},
	"windows of a plan": {
		want: "InvalidParameterValueException: Invalid completion window: 119. Must be at least 60 minutes greater " +
			"than the start window, 60",
		refuses: func(w *world) error {
			vault := w.make(vaultType, "v", in{"name": "main"}).id
			if err := w.plan(in{"targetVaultName": vault, "startWindow": 59}); err == nil {
				return nil
			}
			return w.plan(in{"targetVaultName": vault, "startWindow": 60, "completionWindow": 119})
		},
		passes: func(w *world) error {
			return w.plan(in{
				"targetVaultName":  w.make(vaultType, "v", in{"name": "main"}).id,
				"startWindow":      60,
				"completionWindow": 120,
			})
		},
	},
	"a selection of a known plan": {
		want: "ResourceNotFoundException: Backup plan none not found",
		refuses: func(w *world) error {
			return w.selection("none", w.make(roleType, "role", in{"assumeRolePolicy": trust}).text("arn"))
		},
		passes: func(w *world) error {
			return w.selection(w.backupPlan(), w.make(roleType, "role", in{"assumeRolePolicy": trust}).text("arn"))
		},
	},
	"a selection with a known role": {
		want: "InvalidParameterValueException: IAM Role arn:aws:iam::123456789012:role/none cannot be assumed by " +
			"AWS Backup (backup.amazonaws.com)",
		refuses: func(w *world) error { return w.selection(w.backupPlan(), "arn:aws:iam::123456789012:role/none") },
		passes: func(w *world) error {
			return w.selection(w.backupPlan(), w.make(roleType, "role", in{"assumeRolePolicy": trust}).text("arn"))
		},
	},
	"a vault notifies a topic that allows it": {
		want: "InvalidParameterValueException: AWS Backup may not publish to " + noTopic + "\nthe topic " + noTopic +
			" does not exist",
		refuses: func(w *world) error {
			return w.notices(noTopic)
		},
		passes: func(w *world) error { return w.notices(w.topic("backups", "backup.amazonaws.com")) },
	},
	"events of a vault that are still sent": {
		want: "AWS Backup takes the event BACKUP_JOB_FAILED and never sends it: take BACKUP_JOB_COMPLETED or " +
			"RESTORE_JOB_COMPLETED with its State, or the events of EventBridge",
		refuses: func(w *world) error { return w.vaultEvents("BACKUP_JOB_FAILED") },
		passes:  func(w *world) error { return w.vaultEvents("BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED") },
	},
	"a name of a restore test": {
		want:    `InvalidParameterValueException: Name must match ^[A-Za-z0-9_]{1,50}$, got restores-1234567`,
		refuses: func(w *world) error { return w.restorePlan(in{"name": "restores-1234567"}) },
		passes:  func(w *world) error { return w.restorePlan(nil) },
	},
	"an hour between two restore tests": {
		want: "InvalidParameterValueException: Invalid schedule expression: cron(0/30 3 ? * SUN *). The interval " +
			"must be at least 1 hour",
		refuses: func(w *world) error { return w.restorePlan(in{"scheduleExpression": "cron(0/30 3 ? * SUN *)"}) },
		passes:  func(w *world) error { return w.restorePlan(nil) },
	},
	"one restore testing plan a name": {
		want: "AlreadyExistsException: Restore testing plan with the same name already exists: restores",
		refuses: func(w *world) error {
			w.make(restorePlanType, "first", goodRestorePlan())
			return w.restorePlan(nil)
		},
		passes: func(w *world) error {
			w.other("ap-northeast-3", account, nil).make(restorePlanType, "first", goodRestorePlan())
			return w.restorePlan(nil)
		},
	},
	"a restore test of a known plan": {
		want: "ResourceNotFoundException: Restore testing plan none not found",
		refuses: func(w *world) error {
			w.restorable()
			return w.restoreTest(in{"restoreTestingPlanName": "none"})
		},
		passes: func(w *world) error {
			w.restorable()
			return w.restoreTest(nil)
		},
	},
	"a restore test with a known role": {
		want: "InvalidParameterValueException: IAM Role arn:aws:iam::123456789012:role/none cannot be assumed by " +
			"AWS Backup (backup.amazonaws.com)",
		refuses: func(w *world) error {
			w.restorable()
			return w.restoreTest(in{"iamRoleArn": noRole})
		},
		passes: func(w *world) error {
			w.restorable()
			return w.restoreTest(nil)
		},
	},
	"a restore test says where a cluster is restored to": {
		want: "every restore would fail: DBSubnetGroupNotFoundFault: DB subnet group 'default' does not exist: " +
			"give restoreMetadataOverrides.dbSubnetGroupName",
		refuses: func(w *world) error {
			w.restorable()
			return w.restoreTest(in{"restoreMetadataOverrides": in{"kmsKeyId": "key"}})
		},
		passes: func(w *world) error {
			w.restorable()
			if err := w.restoreTest(in{"restoreMetadataOverrides": in{"dbSubnetGroupName": "none"}}); err == nil {
				return errors.New("a subnet group that does not exist passed")
			}
			return w.restoreTest(nil)
		},
	},
}

func (w *world) notices(topic string, events ...any) error {
	if events == nil {
		events = []any{"RESTORE_JOB_COMPLETED"}
	}
	return failed(w.try(vaultNoticesType, "vault", in{
		"backupVaultName": w.make(vaultType, "vault", in{}).id, "snsTopicArn": topic, "backupVaultEvents": events,
	}))
}

func (w *world) vaultEvents(events ...any) error {
	return w.notices(w.topic("backups", "backup.amazonaws.com"), events...)
}

func goodRestorePlan() in {
	return in{"name": "restores", "scheduleExpression": "cron(0 3 ? * SUN *)", "recoveryPointSelection": in{
		"algorithm": "LATEST_WITHIN_WINDOW", "includeVaults": []any{"*"}, "recoveryPointTypes": []any{"SNAPSHOT"},
	}}
}

func (w *world) restorePlan(more in) error {
	return failed(w.try(restorePlanType, "restores", w.with(goodRestorePlan(), more)))
}

// restorable makes what a restore test needs: a plan, a role and a place to restore to.
func (w *world) restorable() {
	w.make(restorePlanType, "restores", goodRestorePlan())
	w.make(roleType, "backups", in{"name": "backups", "assumeRolePolicy": trust})
	w.subnetGroup()
}

// subnetGroup makes the group that databases are restored into.
func (w *world) subnetGroup() string {
	network := w.network()
	return w.make(databaseSubnetsType, "databases", in{
		"name": "databases", "subnetIds": []any{network.private.id, network.other.id},
	}).id
}

func (w *world) restoreTest(more in) error {
	return failed(w.try(restoreSelectionType, "restores", w.with(in{
		"name": "databases", "restoreTestingPlanName": "restores", "protectedResourceType": "Aurora",
		"iamRoleArn":               "arn:aws:iam::" + account + ":role/backups",
		"restoreMetadataOverrides": in{"dbSubnetGroupName": "databases"},
	}, more)))
}

func TestTheSettingsOfARegionAreThereBeforeAnybodyMakesThem(t *testing.T) {
	w := newWorld(t)
	standing := object{typ: backupSettingsType, name: "opt-in", id: tokyo}
	assert.Equal(t, false, w.read(standing).Outputs["resourceTypeOptInPreference"].ObjectValue()["Aurora"].BoolValue())
	made := w.make(backupSettingsType, "opt-in", in{"resourceTypeOptInPreference": in{"Aurora": true}})
	require.NoError(t, w.delete(made))
	assert.Equal(t, true, w.read(standing).Outputs["resourceTypeOptInPreference"].ObjectValue()["Aurora"].BoolValue(),
		"the provider forgets the settings, and the region keeps them")
	w.make(backupSettingsType, "opt-in", in{"resourceTypeOptInPreference": in{"Aurora": true}})
}

func (w *world) backupPlan() string {
	vault := w.make(vaultType, "v", in{"name": "main"}).id
	return w.make(backupPlanType, "plan", in{"rules": []any{in{"ruleName": "daily", "targetVaultName": vault}}}).id
}
