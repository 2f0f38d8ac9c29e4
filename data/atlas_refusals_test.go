package data

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

func TestAtlasNamesFitTheHostName(t *testing.T) {
	for _, environment := range []names.Environment{"production", "staging"} {
		assert.NoError(t, names.Check(names.AtlasCluster, AtlasConfig{}.Cluster(environment)))
	}
	assert.ErrorContains(t, atlasConfig().Validate("preproduction").Err(), "an environment with a shorter name")
}

func TestAtlasRefuses(t *testing.T) {
	for want, change := range map[string]func(*AtlasArgs){
		"projectId: found nothing, want 24 hexadecimal digits": func(a *AtlasArgs) {
			a.Config.ProjectID = ""
		},
		`mongoDbVersion: found "8", want a major version such as "8.0"`: func(a *AtlasArgs) {
			a.Config.MongoDBVersion = "8"
		},
		`instanceSize: found "M5", want one of "M10"`: func(a *AtlasArgs) {
			a.Config.InstanceSize = "M5"
		},
		"nodes: found 4, want 3, 5 or 7": func(a *AtlasArgs) {
			a.Config.Nodes = 4
		},
		"diskSizeGb: found 9, want 10 to 4096": func(a *AtlasArgs) {
			a.Config.DiskSizeGB = 9
		},
		`access: found "public", want one of "privateLink", "nat"`: func(a *AtlasArgs) {
			a.Config.Access = "public"
		},
		`database: found "admin", want 1 to 38 letters`: func(a *AtlasArgs) {
			a.Config.Database = "admin"
		},
		"passwordRotation: found 0, want 1 or more": func(a *AtlasArgs) {
			a.Config.PasswordRotation = 0
		},
		"backup.hourUtc: found 24, want 0 to 23": func(a *AtlasArgs) {
			a.Config.Backup.HourUTC = 24
		},
		"backup.minuteUtc: found 60, want 0 to 59": func(a *AtlasArgs) {
			a.Config.Backup.MinuteUTC = 60
		},
		"backup.hourlyInterval: found 5, want one of [1 2 4 6 8 12] (hours)": func(a *AtlasArgs) {
			a.Config.Backup.HourlyInterval = 5
		},
		"backup.hourlyRetentionDays: found 1, want 2 or more": func(a *AtlasArgs) {
			a.Config.Backup.HourlyRetentionDays = 1
		},
		"backup.restoreWindowDays: found 3, want no more than hourlyRetentionDays (2)": func(a *AtlasArgs) {
			a.Config.Backup.RestoreWindowDays = 3
		},
		"backup.restoreWindowDays: found 0, want 1 or more": func(a *AtlasArgs) {
			a.Config.Backup.RestoreWindowDays = 0
		},
		"backup.dailyRetentionDays: found 6, want 7 or more": func(a *AtlasArgs) {
			a.Config.Backup.DailyRetentionDays = 6
		},
		"no less than hourlyRetentionDays (8)": func(a *AtlasArgs) {
			a.Config.Backup.HourlyRetentionDays = 8
		},
		`backup.copyRegion: found "ap-northeast-3", want an AWS region as Atlas spells it`: func(a *AtlasArgs) {
			a.Config.Backup.CopyRegion = "ap-northeast-3"
		},
		`alerts.emails[0]: found "Ops (ops@example.com)", want an e-mail address alone`: func(a *AtlasArgs) {
			a.Config.Alerts.Emails = []string{"Ops (ops@example.com)"}
		},
		`alerts.emails[1]: found "a@b.c", want each value once`: func(a *AtlasArgs) {
			a.Config.Alerts.Emails = []string{"a@b.c", "a@b.c"}
		},
		"alerts.cpuPercent: found 100, want 1 to 99": func(a *AtlasArgs) {
			a.Config.Alerts.CPUPercent = 100
		},
		"alerts.oplogHours: found 0, want 1 to 720": func(a *AtlasArgs) {
			a.Config.Alerts.OplogHours = 0
		},
		`auditing.ownership: found nothing, want one of "create", "adopt", "off"`: func(a *AtlasArgs) {
			a.Config.Auditing.Ownership = ""
		},
		`maintenance.ownership: found "mine", want one of`: func(a *AtlasArgs) {
			a.Config.Maintenance.Ownership = "mine"
		},
		"maintenance.dayOfWeek: found 0, want 1 (Sunday) to 7": func(a *AtlasArgs) {
			a.Config.Maintenance.DayOfWeek = 0
		},
		"maintenance.dayOfWeek: found 8, want 1 (Sunday) to 7": func(a *AtlasArgs) {
			a.Config.Maintenance = AtlasMaintenanceConfig{Ownership: Off, DayOfWeek: 8}
		},
		"maintenance.hour: found 24, want 0 to 23": func(a *AtlasArgs) {
			a.Config.Maintenance.Hour = 24
		},
		`computeScaling.minInstanceSize: found nothing, want one of`: func(a *AtlasArgs) {
			a.Config.ComputeScaling = &AtlasScalingConfig{MaxInstanceSize: "M30"}
		},
		`computeScaling.maxInstanceSize: found "M11", want one of`: func(a *AtlasArgs) {
			a.Config.ComputeScaling = &AtlasScalingConfig{"M10", "M11"}
		},
		`computeScaling.maxInstanceSize: found "M10", want a larger tier than minInstanc`: func(a *AtlasArgs) {
			a.Config.ComputeScaling = &AtlasScalingConfig{"M10", "M10"}
		},
		"instanceSize (M10) between minInstanceSize and maxInstanceSize": func(a *AtlasArgs) {
			a.Config.ComputeScaling = &AtlasScalingConfig{"M20", "M30"}
		},
		"NatPublicIPs are required for access by NAT": func(a *AtlasArgs) {
			a.NatPublicIPs = nil
		},
		"VpcID, SubnetIDs and SecurityGroupID are required for access by PrivateLink": func(a *AtlasArgs) {
			byPrivateLink(a)
			a.SecurityGroupID = nil
		},
		"Environment, Region and AccountID are required": func(a *AtlasArgs) { a.Region = "" },
	} {
		r, _, err := buildAtlas(change)
		refused(t, r, err, want)
	}
	_, err := NewAtlasCluster(nil, "atlas", nil)
	assert.EqualError(t, err, `atlas "atlas": args are required`)
}

func TestAClusterThatHasItsNameAlready(t *testing.T) {
	r, _, err := buildAtlas(func(a *AtlasArgs) { a.Config.ClusterName = "Bookmarks-1" })
	require.NoError(t, err)
	assert.Equal(t, "Bookmarks-1", get(t, r, atlasCluster, "atlas-cluster").Input("name"))
	alert := get(t, r, "mongodbatlas:index/alertConfiguration:AlertConfiguration", "atlas-alert-cpu")
	assert.Equal(t, "bookmarks-1-", alert.Input("matchers[0].value"), "host names are in lower case")
	schedule := get(t, r, "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule", "atlas-backups")
	assert.Equal(t, []string{"clusterName"}, schedule.Replaced)
	assert.True(t, schedule.DeleteFirst)
	r, _, err = buildAtlas(func(a *AtlasArgs) { a.Config.ClusterName = "-ours" })
	refused(t, r, err, `clusterName: found "-ours", want 1 to 64 letters, digits and hyphens, no hyphen at either end`)
	r, _, err = buildAtlas(func(a *AtlasArgs) { a.Config.ClusterName = "longer-than-a-host-names-first-part" })
	require.NoError(t, err)
	assert.Equal(t, "longer-than-a-host-name-",
		get(t, r, "mongodbatlas:index/alertConfiguration:AlertConfiguration", "atlas-alert-cpu").Input(
			"matchers[0].value",
		))
	r, _, err = buildAtlas(func(a *AtlasArgs) { a.Config.ClusterName = "its-host-name-ends-in--hyphens" })
	refused(t, r, err,
		`clusterName: found "its-host-name-ends-in--hyphens", want a name without a hyphen at its 23rd character`)
}

// The provider's look-up answers with nothing, and without an error, for a cluster that is gone.
func TestAClusterThatIsGoneIsSaidToBe(t *testing.T) {
	_, _, err := buildAtlas(func(a *AtlasArgs) { byPrivateLink(a); a.Config.ClusterName = "gone" })
	require.ErrorContains(t, err,
		"the Atlas cluster gone has no connection string at all: it is not in project "+project+" any more")
}

func TestAnAddressMustBeThere(t *testing.T) {
	_, err := publicAddress(nil)
	assert.ErrorContains(t, err, "deploy again when its state is IDLE")
	_, err = privateAddress(nil, "vpce-1")
	assert.ErrorContains(t, err, "no connection string for private endpoint vpce-1 (yet)")
}
