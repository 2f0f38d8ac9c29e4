package data

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAuroraConfigIsRight(t *testing.T) {
	assert.Empty(t, auroraConfig().Validate(true, []int{1, 2}))
}

func TestAuroraConfigRefuses(t *testing.T) {
	restore := func(r AuroraRestoreConfig) func(*AuroraConfig) {
		return func(c *AuroraConfig) { c.Clusters["r1"] = AuroraClusterConfig{Restore: &r} }
	}
	for name, c := range map[string]struct {
		change func(*AuroraConfig)
		want   string
	}{
		"no version": {func(c *AuroraConfig) {
			c.EngineVersion = ""
		}, `engineVersion: found nothing, want a version with its minor part such as "17.7"`},
		"a major version alone": {func(c *AuroraConfig) {
			c.EngineVersion = "17"
		}, `engineVersion: found "17", want a version with its minor part`},
		"no capacity": {func(c *AuroraConfig) {
			c.MaxACU = 0
		}, "maxAcu: found 0, want 1 to 256, in steps of 0.5"},
		"too much capacity": {func(c *AuroraConfig) {
			c.MaxACU = 257
		}, "maxAcu: found 257, want 1 to 256"},
		"a third of an ACU": {func(c *AuroraConfig) {
			c.MinACU = 0.3
		}, "minAcu: found 0.3, want 0.5 to 256, in steps of 0.5"},
		"negative capacity": {func(c *AuroraConfig) {
			c.MinACU = -1
		}, "minAcu: found -1, want 0.5 to 256"},
		"crossed bounds": {func(c *AuroraConfig) {
			c.MinACU, c.MaxACU = 4, 2
		}, "minAcu: found 4, want no more than maxAcu (2)"},
		"a pause in production": {func(c *AuroraConfig) {
			c.MinACU, c.PauseAfterSeconds = 0, 600
		}, "minAcu: found 0, want 0.5 or more in production"},
		"a pause without its time": {func(c *AuroraConfig) {
			c.MinACU = 0
		}, "pauseAfterSeconds: found 0, want 300 to 86400 (seconds); it is required with minAcu 0"},
		"a major upgrade that waits": {func(c *AuroraConfig) {
			c.AllowMajorVersionUpgrade = true
		}, "applyImmediately: found false, want true with allowMajorVersionUpgrade"},
		"a time without a pause": {func(c *AuroraConfig) {
			c.PauseAfterSeconds = 600
		}, "pauseAfterSeconds: found 600, want nothing unless minAcu is 0"},
		"one instance in production": {func(c *AuroraConfig) {
			c.Instances = c.Instances[:1]
		}, "instances: found 1, want 2 to 15 instances"},
		"one number twice": {func(c *AuroraConfig) {
			c.Instances[1].Number = 1
		}, "instances[1].number: found 1, want one that no other has; instances[0].number is the same"},
		"an unknown zone": {func(c *AuroraConfig) {
			c.Instances[1].ZoneIndex = 3
		}, "instances[1].zoneIndex: found 3, want the index of a zone in network.zones: one of [1 2]"},
		"a tier that does not exist": {func(c *AuroraConfig) {
			c.Instances[0].PromotionTier = 16
		}, "instances[0].promotionTier: found 16, want 0 to 15"},
		"one zone": {func(c *AuroraConfig) {
			c.Instances[1].ZoneIndex = 1
		}, `instances: found "2 instances in one zone", want two zones or more`},
		"no backups": {func(c *AuroraConfig) {
			c.BackupRetentionDays = 0
		}, "backupRetentionDays: found 0, want 1 to 35 (days)"},
		"backups for too long": {func(c *AuroraConfig) {
			c.BackupRetentionDays = 36
		}, "backupRetentionDays: found 36, want 1 to 35 (days)"},
		"a backup window of a minute": {func(c *AuroraConfig) {
			c.BackupWindow = "18:00-18:01"
		}, `backupWindow: found "18:00-18:01", want a time of every day in UTC`},
		"no maintenance window": {func(c *AuroraConfig) {
			c.MaintenanceWindow = ""
		}, "maintenanceWindow: found nothing, want a time of the week in UTC"},
		"windows that overlap": {func(c *AuroraConfig) {
			c.MaintenanceWindow = "wed:18:30-wed:19:30"
		}, `maintenanceWindow: found "wed:18:30-wed:19:30", want a time apart from backupWindow (18:00-19:00)`},
		"an odd log retention": {func(c *AuroraConfig) {
			c.LogRetentionDays = 31
		}, "logRetentionDays: found 31, want one of"},
		"no slow statements": {func(c *AuroraConfig) {
			c.SlowStatementMilliseconds = 0
		}, "slowStatementMilliseconds: found 0, want 1 to 3600000"},
		"an odd monitoring interval": {func(c *AuroraConfig) {
			c.MonitoringSeconds = 2
		}, "monitoringSeconds: found 2, want one of [1 5 10 15 30 60] (seconds)"},
		"an odd insights retention": {func(c *AuroraConfig) {
			c.Insights.RetentionDays = 30
		}, "insights.retentionDays: found 30, want 7, a multiple of 31 up to 713, or 731 (days)"},
		"advanced insights for a week": {func(c *AuroraConfig) {
			c.Insights.Mode = "advanced"
		}, "insights.retentionDays: found 7, want 465 or more with mode advanced"},
		"no insights mode": {func(c *AuroraConfig) {
			c.Insights.Mode = ""
		}, `insights.mode: found nothing, want one of "standard", "advanced"`},
		"no master rotation": {func(c *AuroraConfig) {
			c.MasterPasswordRotation = 0
		}, "masterPasswordRotation: found 0, want 1 or more"},
		"no application rotation": {func(c *AuroraConfig) {
			c.ApplicationPasswordRotation = 0
		}, "applicationPasswordRotation: found 0, want 1 or more"},
		"no cluster": {func(c *AuroraConfig) {
			c.Clusters = nil
		}, "clusters: found 0, want one cluster or more"},
		"an active cluster that is not": {func(c *AuroraConfig) {
			c.Active = "other"
		}, `active: found "other", want the name of a cluster in aurora.clusters: one of [main]`},
		"a cluster's name with a dash": {func(c *AuroraConfig) {
			c.Clusters["a-b"] = AuroraClusterConfig{}
		}, `clusters.a-b: found "a-b", want a name of 1 to 12`},
		"the active cluster retired": {func(c *AuroraConfig) {
			c.Clusters["main"] = AuroraClusterConfig{Retire: true}
		}, "clusters.main.retire: found true, want false"},
		"a restore from nothing": {restore(AuroraRestoreConfig{}),
			"clusters.r1.restore: found nothing, want a backup: snapshot, fromCluster or fromResourceId"},
		"a restore from two": {restore(AuroraRestoreConfig{
			FromCluster:    "main",
			FromResourceID: "cluster-A",
		}), `clusters.r1.restore: found ["fromCluster","fromResourceId"], want exactly one`},
		"a snapshot without its version": {restore(AuroraRestoreConfig{Snapshot: "s"}),
			"clusters.r1.restore.engineVersion: found nothing, want the snapshot's version"},
		"a snapshot of another version": {restore(AuroraRestoreConfig{Snapshot: "s", EngineVersion: "16.4"}),
			`clusters.r1.restore.engineVersion: found "16.4"`},
		"a snapshot with a time": {restore(AuroraRestoreConfig{
			Snapshot:      "s",
			EngineVersion: "17.7",
			Time:          "2026-01-31T03:00:00Z",
		}), "clusters.r1.restore.time: found \"2026-01-31T03:00:00Z\", want nothing with"},
		"a point in time with a version": {restore(AuroraRestoreConfig{FromCluster: "main", EngineVersion: "17.7"}),
			"clusters.r1.restore.engineVersion: found \"17.7\", want nothing with"},
		"a restore from itself": {restore(AuroraRestoreConfig{FromCluster: "r1"}),
			`clusters.r1.restore.fromCluster: found "r1", want another cluster`},
		"a restore from an unknown one": {restore(AuroraRestoreConfig{FromCluster: "r9"}),
			`clusters.r1.restore.fromCluster: found "r9", want another cluster`},
		"a resource id of something else": {restore(AuroraRestoreConfig{FromResourceID: "db-ABC"}),
			`clusters.r1.restore.fromResourceId: found "db-ABC"`},
		"a time without its zone": {restore(AuroraRestoreConfig{FromCluster: "main", Time: "2026-01-31 03:00"}),
			`clusters.r1.restore.time: found "2026-01-31 03:00"`},
		"a secondary in one subnet": {func(c *AuroraConfig) {
			c.Global = &AuroraGlobalConfig{SubnetIDs: []string{"subnet-1"}, SecurityGroupIDs: []string{"sg-1"}}
		}, `global.subnetIds: found 1, want 2 or more, each a subnet id`},
		"a secondary in no subnet": {func(c *AuroraConfig) {
			c.Global = &AuroraGlobalConfig{SubnetIDs: []string{"a", "subnet-2"}, SecurityGroupIDs: []string{"sg-1"}}
		}, `global.subnetIds[0]: found "a", want a subnet id`},
		"a secondary without a group": {func(c *AuroraConfig) {
			c.Global = &AuroraGlobalConfig{SubnetIDs: []string{"subnet-1", "subnet-2"}}
		}, `global.securityGroupIds: found 0, want 1 or more, each a security group id`},
		"a secondary in an odd group": {func(c *AuroraConfig) {
			c.Global = &AuroraGlobalConfig{SubnetIDs: []string{"subnet-1", "subnet-2"}, SecurityGroupIDs: []string{"x"}}
		}, `global.securityGroupIds[0]: found "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			config := auroraConfig()
			c.change(&config)
			assert.ErrorContains(t, config.Validate(true, []int{1, 2}).Err(), c.want)
		})
	}
}
