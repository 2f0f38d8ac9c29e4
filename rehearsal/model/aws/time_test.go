package aws

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// pass lets days go by.
func (w *world) pass(days int) *Passed {
	w.t.Helper()
	passed, err := Advance(w.cloud, account, days)
	require.NoError(w.t, err)
	return passed
}

// release lets a version of Aurora come out.
func (w *world) release(version string) {
	w.t.Helper()
	require.NoError(w.t, w.cloud.Update(func(tx *cloud.Tx) error { return Release(tx, version) }))
}

// on sets the clock to the morning of a day, in UTC.
func (w *world) on(day string) {
	w.t.Helper()
	require.NoError(w.t, w.cloud.Update(func(tx *cloud.Tx) error {
		return tx.Create(&cloud.Object{
			Key:     clockKey,
			Outputs: cloud.Properties{"now": resource.NewProperty(day + "T00:00:00Z")},
		})
	}))
}

// now is an object as the cloud has it.
func (w *world) now(o object) object {
	read := w.read(o)
	return object{o.typ, o.name, o.id, read.Inputs, read.Outputs}
}

func TestTheClockGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	shows := func(want time.Time) {
		require.NoError(t, w.cloud.View(func(tx *cloud.Tx) error {
			now, err := Now(tx)
			assert.WithinDuration(t, want, now, 2*time.Hour)
			return err
		}))
	}
	shows(time.Now())
	w.pass(10)
	w.pass(5)
	shows(time.Now().AddDate(0, 0, 15))
}

func TestTheNextWindow(t *testing.T) {
	saturday := time.Date(2026, 11, 28, 20, 0, 0, 0, time.UTC)
	for window, want := range map[string]string{
		"sun:19:30-sun:20:30": "2026-11-29 19:30", "sat:20:00-sat:21:00": "2026-11-28 20:00",
		"sat:19:59-sat:21:00": "2026-12-05 19:59", "Fri:00:00-fri:01:00": "2026-12-04 00:00", "": "2026-11-29 00:00",
	} {
		opens, err := nextWindow(window, saturday)
		require.NoError(t, err, window)
		assert.Equal(t, want, opens.Format("2006-01-02 15:04"), window)
	}
	for _, window := range []string{"someday:00:00-sun:01:00", "sun:2530-sun:26:00", "sun"} {
		_, err := nextWindow(window, saturday)
		assert.ErrorContains(t, err, "want one such as sun:19:30-sun:20:30", window)
	}
}

func TestAMajorUpgradeWaitsForItsWindow(t *testing.T) {
	w := newWorld(t)
	d := w.database(in{"engineVersion": "17.7", "preferredMaintenanceWindow": "sun:19:30-sun:20:30"})
	next := w.make(clusterParametersType, "next", in{"family": "aurora-postgresql18"})
	wanted := func(more in) in {
		return aurora(altered(in{
			"dbSubnetGroupName":           d.subnets.id,
			"vpcSecurityGroupIds":         []any{d.guard.id},
			"allowMajorVersionUpgrade":    true,
			"preferredMaintenanceWindow":  "sun:19:30-sun:20:30",
			"engineVersion":               "18.3",
			"dbClusterParameterGroupName": next.id,
		}, more))
	}
	waiting, err := w.update(d.cluster, wanted(nil))
	require.NoError(t, err)
	assert.Equal(t, "17.7", waiting.text("engineVersionActual"))
	assert.Equal(t, d.parameters.id, waiting.text("dbClusterParameterGroupName"))
	assert.ErrorContains(t, w.delete(d.parameters), "InvalidDBParameterGroupState",
		"the running version is of the old group's family")
	assert.NotEmpty(t, w.diff(w.now(waiting), wanted(nil)).ChangedKeys, "a preview goes on to show what waits")

	changed, err := w.update(w.now(waiting), wanted(in{
		"engineVersion": "17.7", "dbClusterParameterGroupName": d.parameters.id, "backupRetentionPeriod": 3,
	}), "engineVersion")
	require.NoError(t, err, "another change leaves it waiting")
	assert.Equal(t, []string{"db 17.7 -> 18.3"}, w.pass(8).Upgrades)
	done := w.now(changed)
	assert.Equal(t, "18.3", done.text("engineVersionActual"))
	assert.Equal(t, next.id, done.text("dbClusterParameterGroupName"))
	require.NoError(t, w.delete(d.parameters))
	assert.Empty(t, w.pass(8).Upgrades)
}

func TestAMajorUpgradeAtOnce(t *testing.T) {
	w := newWorld(t)
	cluster := w.make(clusterType, "db", aurora(in{"engineVersion": "17.7"}))
	upgraded, err := w.update(cluster, aurora(in{
		"engineVersion": "18.3", "allowMajorVersionUpgrade": true, "applyImmediately": true,
	}))
	require.NoError(t, err)
	assert.Equal(t, "18.3", upgraded.text("engineVersionActual"))
}

func TestMinorVersionsComeByThemselves(t *testing.T) {
	w := newWorld(t)
	d := w.database(in{"engineVersion": "17.7"})
	assert.Empty(t, w.pass(8).Upgrades, "RDS upgrades instances")
	one := w.make(clusterInstanceType, "one", instanceOf(d, nil))
	assert.Equal(t, []string{"db 17.7 -> 17.10"}, w.pass(8).Upgrades)
	assert.Equal(t, "17.10", w.now(one).text("engineVersionActual"))
	w.release("17.11")
	assert.Equal(t, []string{"db 17.10 -> 17.11"}, w.pass(8).Upgrades)
	_, err := w.update(one, instanceOf(d, in{"autoMinorVersionUpgrade": false}))
	require.NoError(t, err)
	w.release("17.12")
	assert.Empty(t, w.pass(8).Upgrades, "an instance that does not let RDS keeps its cluster back")
}

// A refresh brings the version into the stack that AWS has put on the cluster since: it may stay
// there, and another one that came out may be asked for by its number.
func TestAVersionThatCameOutMayBeAskedFor(t *testing.T) {
	w := newWorld(t)
	cluster := w.make(clusterType, "db", aurora(in{"engineVersion": "17.10"}))
	_, err := w.update(cluster, aurora(in{"engineVersion": "17.11"}))
	require.ErrorContains(t, err, "InvalidParameterCombination: Cannot find version 17.11 for aurora-postgresql")
	w.release("17.11")
	w.release("18.5")
	w.upgradedByAWS(cluster, "17.11")
	cluster = w.now(cluster)
	assert.Empty(t, w.diff(cluster, aurora(in{"engineVersion": "17.11"})).ChangedKeys)
	upgraded, err := w.update(cluster,
		aurora(in{"engineVersion": "18.5", "allowMajorVersionUpgrade": true, "applyImmediately": true}))
	require.NoError(t, err)
	assert.Equal(t, "18.5", upgraded.text("engineVersionActual"))
	_, err = w.update(upgraded, aurora(in{"engineVersion": "17.11"}))
	assert.ErrorContains(t, err, "Cannot upgrade aurora-postgresql from 18.5 to 17.11")
}

// backedUp makes a database with a plan that backs it up daily, with a copy, keeps both for 7 days,
// and tries a restore each week; more changes the inputs of the role.
func (w *world) backedUp(policies ...string) {
	w.t.Helper()
	w.on("2026-12-01") // a Tuesday
	d := w.database(nil)
	cluster := d.cluster.text("arn")
	elsewhere := w.other("ap-northeast-3", account, nil)
	copies := elsewhere.make(vaultType, "copy", in{"name": "copies"}).text("arn")
	vault := w.make(vaultType, "vault", in{"name": "main"})
	keep := in{"deleteAfter": 7}
	plan := w.make(backupPlanType, "plan", in{"rules": []any{in{
		"ruleName":                   "daily",
		"targetVaultName":            vault.id,
		"schedule":                   "cron(0 5 * * ? *)",
		"scheduleExpressionTimezone": "Asia/Tokyo",
		"lifecycle":                  keep,
		"copyActions":                []any{in{"destinationVaultArn": copies, "lifecycle": keep}},
	}}})
	role := w.make(roleType, "backups", in{"name": "backups", "assumeRolePolicy": trust})
	for _, policy := range policies {
		w.make(policyAttachmentType, policy, in{
			"role":      role.id,
			"policyArn": "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor" + policy,
		})
	}
	w.make(backupSelectionType, "databases",
		in{"planId": plan.id, "iamRoleArn": role.text("arn"), "resources": []any{cluster}})
	w.make(restorePlanType, "restores", goodRestorePlan())
	w.make(restoreSelectionType, "restores", in{
		"name":                     "databases",
		"restoreTestingPlanName":   "restores",
		"protectedResourceType":    "Aurora",
		"iamRoleArn":               role.text("arn"),
		"protectedResourceArns":    []any{cluster},
		"restoreMetadataOverrides": in{"dbSubnetGroupName": d.subnets.id},
	})
}

func (w *world) optIn() {
	w.make(backupSettingsType, "opt-in", in{"resourceTypeOptInPreference": in{"Aurora": true}})
}

func TestBackupsAreMadeCopiedTriedAndExpired(t *testing.T) {
	w := newWorld(t)
	w.backedUp("Backup", "Restores")
	w.optIn()
	passed := w.pass(28)
	assert.Empty(t, passed.Wrong)
	assert.Equal(t, 28, passed.Backups)
	assert.Equal(t, 28, passed.Copies)
	assert.Equal(t, 4, passed.Restores)
	assert.Equal(t, 2*(28-8), passed.Expired, "what is kept for 7 days is deleted in the night after the seventh")
}

// AWS says nothing of a plan that backs up nothing.
func TestWithoutTheRegionsOptInNothingIsBackedUp(t *testing.T) {
	w := newWorld(t)
	w.backedUp("Backup", "Restores")
	passed := w.pass(7)
	assert.Zero(t, passed.Backups)
	require.Len(t, passed.Wrong, 7)
	assert.Contains(t, passed.Wrong[0],
		"no backup of arn:aws:rds:ap-northeast-1:123456789012:cluster:db: the region ap-northeast-1 has not opted "+
			"in for Aurora")
}

func TestARoleWithoutItsRightsLeavesWhatItMade(t *testing.T) {
	w := newWorld(t)
	w.backedUp("Backup")
	w.optIn()
	passed := w.pass(7)
	assert.Equal(t, 7, passed.Backups)
	require.Len(t, passed.Wrong, 1, "only the managed policy for restores lets a role restore")
	assert.Contains(t, passed.Wrong[0],
		"the restore of arn:aws:rds:ap-northeast-1:123456789012:cluster:db that is tried fails")

	bare := newWorld(t)
	bare.backedUp()
	bare.optIn()
	assert.Len(t, bare.pass(3).Wrong, 3)
}

// Either vault's policy is asked at each copy, long after the plan was made.
func TestAVaultsPolicyMayKeepCopiesOut(t *testing.T) {
	for action, closed := range map[string]struct{ region, vault string }{
		"backup:CopyFromBackupVault": {tokyo, "main"}, "backup:CopyIntoBackupVault": {"ap-northeast-3", "copies"},
	} {
		w := newWorld(t)
		w.backedUp("Backup", "Restores")
		w.optIn()
		assert.Empty(t, w.pass(3).Wrong)
		w.other(closed.region, account, nil).make(vaultPolicyType, "closed", in{
			"backupVaultName": closed.vault,
			"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"NoCopies","Effect":"Deny","Principal":"*",` +
				`"Action":"` +
				action + `","Resource":"*"}]}`,
		})
		passed := w.pass(3)
		assert.Equal(t, 3, passed.Backups, action)
		assert.Zero(t, passed.Copies, action)
		require.Len(t, passed.Wrong, 3, action)
		assert.Contains(t, passed.Wrong[0], `(statement "NoCopies" of the policy of vault `+closed.vault+" denies it)")
	}
}

func TestKeysRotateAndCertificatesAreRenewed(t *testing.T) {
	w := newWorld(t)
	w.make(keyType, "key", in{"enableKeyRotation": true, "rotationPeriodInDays": 90})
	w.make(keyType, "plain", in{})
	rotated := 0
	for range 4 {
		rotated += w.pass(91).Rotated
	}
	assert.Equal(t, 4, rotated)
	w.make(certificateType, "site", in{"domainName": "www.example.com", "validationMethod": "DNS"})
	passed := w.pass(365)
	assert.Zero(t, passed.Renewed)
	require.Len(t, passed.Wrong, 2, "each 153 days: 198, of which 45 are left")
	assert.Contains(t, passed.Wrong[0], "is not renewed: no record")
}
