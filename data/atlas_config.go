package data

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// AtlasConfig is section "atlas".
type AtlasConfig struct {
	// ProjectID is the Atlas project, 24 hexadecimal digits. Required; another one replaces the cluster.
	ProjectID string `json:"projectId"`
	// MongoDBVersion is the major version, such as "8.0". Required.
	MongoDBVersion string `json:"mongoDbVersion"`
	// InstanceSize is the tier, M10 or larger. Required. With ComputeScaling it counts when the cluster is made.
	InstanceSize string `json:"instanceSize"`
	// Nodes is the number of electable nodes: 3, 5 or 7. Required.
	Nodes int `json:"nodes"`
	// DiskSizeGB is the size the disk starts with, 10 to 4096. It grows by itself and never shrinks. Required.
	DiskSizeGB float64 `json:"diskSizeGb"`
	// ComputeScaling lets Atlas change the tier with the load. Default: the tier stays.
	ComputeScaling *AtlasScalingConfig `json:"computeScaling"`
	// Access is how tasks reach the cluster: "privateLink" or "nat". Required.
	Access AtlasAccess `json:"access"`
	// Database is the database that the application may read and write, and no other. Required.
	Database string `json:"database"`
	// PasswordRotation makes a new user with a new password when it is raised by one, 1 or more; the user before it stays until the next rotation.
	// Required.
	PasswordRotation int `json:"passwordRotation"`
	// Backup is the schedule of snapshots. Required.
	Backup AtlasBackupConfig `json:"backup"`
	// Alerts says who hears of trouble, and from which values on. Required.
	Alerts AtlasAlertsConfig `json:"alerts"`
	// Auditing and Maintenance belong to the project, which stacks may share. Required.
	Auditing    AtlasAuditingConfig    `json:"auditing"`
	Maintenance AtlasMaintenanceConfig `json:"maintenance"`
}

// AtlasScalingConfig bounds the tiers that Atlas chooses from.
type AtlasScalingConfig struct {
	// MinInstanceSize and MaxInstanceSize are tiers. Required.
	MinInstanceSize string `json:"minInstanceSize"`
	MaxInstanceSize string `json:"maxInstanceSize"`
}

// AtlasAccess is how tasks reach the cluster. Nothing else does.
type AtlasAccess string

// By a private endpoint in the VPC, or over the internet from the addresses of the VPC's NAT gateways.
const (
	AtlasByPrivateLink AtlasAccess = "privateLink"
	AtlasByNat         AtlasAccess = "nat"
)

// AtlasBackupConfig is the schedule of snapshots. Between them the oplog is kept, so that any second can be restored.
type AtlasBackupConfig struct {
	// HourUTC and MinuteUTC are the time of the daily snapshot. Default 0.
	HourUTC   int `json:"hourUtc"`
	MinuteUTC int `json:"minuteUtc"`
	// RestoreWindowDays is how far back any second can be restored, 1 or more, no more than HourlyRetentionDays. Required.
	RestoreWindowDays int `json:"restoreWindowDays"`
	// HourlyInterval is the hours between snapshots: 1, 2, 4, 6, 8 or 12. Required.
	HourlyInterval int `json:"hourlyInterval"`
	// HourlyRetentionDays is 2 or more. Required.
	HourlyRetentionDays int `json:"hourlyRetentionDays"`
	// DailyRetentionDays is 7 or more, no less than HourlyRetentionDays. Required.
	DailyRetentionDays int `json:"dailyRetentionDays"`
	// CopyRegion is an Atlas region that snapshots and oplog are copied to, such as "AP_NORTHEAST_3". Default: no copy.
	CopyRegion string `json:"copyRegion"`
}

// AtlasAlertsConfig is who hears of trouble.
type AtlasAlertsConfig struct {
	// Emails are addresses. Default: the project's owners.
	Emails []string `json:"emails"`
	// CPUPercent, ConnectionsPercent and DiskPercent are what an alert is sent above, 1 to 99. Required.
	CPUPercent         int `json:"cpuPercent"`
	ConnectionsPercent int `json:"connectionsPercent"`
	DiskPercent        int `json:"diskPercent"`
	// OplogHours is the length of the oplog that an alert is sent below, 1 to 720. Required.
	OplogHours int `json:"oplogHours"`
}

// Ownership is who makes what there is one of in a project.
type Ownership string

// Made by this stack; made elsewhere, and there must be one; none of this stack's business.
const (
	Create Ownership = "create"
	Adopt  Ownership = "adopt"
	Off    Ownership = "off"
)

// AtlasAuditingConfig is the project's database auditing.
type AtlasAuditingConfig struct {
	// Ownership is "create", "adopt" or "off". Required.
	Ownership Ownership `json:"ownership"`
}

// AtlasMaintenanceConfig is the project's maintenance window.
type AtlasMaintenanceConfig struct {
	// Ownership is "create", "adopt" or "off". Required.
	Ownership Ownership `json:"ownership"`
	// DayOfWeek is 1 (Sunday) to 7 and HourUTC 0 to 23. DayOfWeek is required with "create".
	DayOfWeek int `json:"dayOfWeek"`
	HourUTC   int `json:"hourUtc"`
}

// atlasTiers are the general tiers with backups, smallest first. https://www.mongodb.com/docs/atlas/manage-clusters/
var atlasTiers = []string{"M10", "M20", "M30", "M40", "M50", "M60", "M80", "M140", "M200", "M300", "M400", "M700"}

var (
	atlasProject  = regexp.MustCompile(`^[0-9a-f]{24}$`)
	atlasVersion  = regexp.MustCompile(`^\d+\.0$`)
	mongoDatabase = regexp.MustCompile(`^[A-Za-z0-9_-]{1,38}$`)
)

// systemDatabases are MongoDB's own.
var systemDatabases = []string{"admin", "config", "local"}

// AtlasClusterName is the cluster's fixed name. It has a form of its own: Atlas builds host names from the first 23 characters, and cuts
// "bookmark-manager-production" short.
func AtlasClusterName(environment names.Environment) string {
	return "bookmark-mgr-" + string(environment)
}

// Validate reports every problem of the section.
func (c AtlasConfig) Validate(environment names.Environment) settings.Problems {
	var p settings.Problems
	if err := names.Check(names.AtlasCluster, AtlasClusterName(environment)); err != nil {
		p.Add("", string(environment), "an environment with a shorter name: %v", err)
	}
	p.Want(atlasProject.MatchString(c.ProjectID), "projectId", settings.Given(c.ProjectID), "24 hexadecimal digits, quoted")
	p.Want(atlasVersion.MatchString(c.MongoDBVersion), "mongoDbVersion", settings.Given(c.MongoDBVersion), `a major version such as "8.0", quoted`)
	p.Want(slices.Contains(atlasTiers, c.InstanceSize), "instanceSize", settings.Given(c.InstanceSize), "%s", settings.OneOf(atlasTiers...))
	p.Want(slices.Contains([]int{3, 5, 7}, c.Nodes), "nodes", c.Nodes, "3, 5 or 7")
	p.Want(c.DiskSizeGB >= 10 && c.DiskSizeGB <= 4096, "diskSizeGb", c.DiskSizeGB, "10 to 4096 (GB)")
	if c.ComputeScaling != nil {
		p.Under("computeScaling", c.ComputeScaling.validate(c.InstanceSize))
	}
	p.Want(slices.Contains([]AtlasAccess{AtlasByPrivateLink, AtlasByNat}, c.Access), "access", settings.Given(string(c.Access)),
		"%s", settings.OneOf(AtlasByPrivateLink, AtlasByNat))
	p.Want(mongoDatabase.MatchString(c.Database) && !slices.Contains(systemDatabases, c.Database), "database", settings.Given(c.Database),
		"1 to 38 letters, digits, underscores and hyphens, and none of %v", systemDatabases)
	p.Want(c.PasswordRotation >= 1, "passwordRotation", c.PasswordRotation, "1 or more; raise it by one to rotate")
	p.Under("backup", c.Backup.validate())
	p.Under("alerts", c.Alerts.validate())
	p.Under("auditing", c.Auditing.Ownership.validate())
	p.Under("maintenance", c.Maintenance.validate())
	return p
}

func (s AtlasScalingConfig) validate(now string) settings.Problems {
	var p settings.Problems
	least, most, current := slices.Index(atlasTiers, s.MinInstanceSize), slices.Index(atlasTiers, s.MaxInstanceSize), slices.Index(atlasTiers, now)
	p.Want(least >= 0, "minInstanceSize", settings.Given(s.MinInstanceSize), "%s", settings.OneOf(atlasTiers...))
	p.Want(most >= 0, "maxInstanceSize", settings.Given(s.MaxInstanceSize), "%s", settings.OneOf(atlasTiers...))
	if least >= 0 && most >= 0 {
		p.Want(least < most, "maxInstanceSize", s.MaxInstanceSize, "a larger tier than minInstanceSize (%s)", s.MinInstanceSize)
		p.Want(current < 0 || (least <= current && current <= most), "minInstanceSize", s.MinInstanceSize, "instanceSize (%s) between minInstanceSize and maxInstanceSize", now)
	}
	return p
}

func (b AtlasBackupConfig) validate() settings.Problems {
	var p settings.Problems
	p.Want(b.HourUTC >= 0 && b.HourUTC <= 23, "hourUtc", b.HourUTC, "0 to 23")
	p.Want(b.MinuteUTC >= 0 && b.MinuteUTC <= 59, "minuteUtc", b.MinuteUTC, "0 to 59")
	intervals := []int{1, 2, 4, 6, 8, 12}
	p.Want(slices.Contains(intervals, b.HourlyInterval), "hourlyInterval", b.HourlyInterval, "one of %v (hours)", intervals)
	p.Want(b.HourlyRetentionDays >= 2, "hourlyRetentionDays", b.HourlyRetentionDays, "2 or more (days)")
	p.Want(b.RestoreWindowDays >= 1, "restoreWindowDays", b.RestoreWindowDays, "1 or more (days)")
	p.WantBeside("hourlyRetentionDays", b.RestoreWindowDays <= b.HourlyRetentionDays, "restoreWindowDays", b.RestoreWindowDays,
		"no more than hourlyRetentionDays (%d): the oplog needs a snapshot to start from", b.HourlyRetentionDays)
	p.Want(b.DailyRetentionDays >= 7, "dailyRetentionDays", b.DailyRetentionDays, "7 or more (days)")
	p.WantBeside("hourlyRetentionDays", b.DailyRetentionDays < 7 || b.DailyRetentionDays >= b.HourlyRetentionDays, "dailyRetentionDays", b.DailyRetentionDays,
		"no less than hourlyRetentionDays (%d)", b.HourlyRetentionDays)
	p.Want(b.CopyRegion == "" || names.IsAtlasRegion(b.CopyRegion), "copyRegion", b.CopyRegion, `an AWS region as Atlas spells it, such as "AP_NORTHEAST_3"`)
	return p
}

func (a AtlasAlertsConfig) validate() settings.Problems {
	var p settings.Problems
	for i, email := range a.Emails {
		address, err := mail.ParseAddress(email)
		p.Want(err == nil && address.Address == email, fmt.Sprintf("emails[%d]", i), email, "an email address alone")
		p.Want(!slices.Contains(a.Emails[:i], email), fmt.Sprintf("emails[%d]", i), email, "each address once")
	}
	for _, limit := range []struct {
		path        string
		found, most int
	}{
		{"cpuPercent", a.CPUPercent, 99}, {"connectionsPercent", a.ConnectionsPercent, 99}, {"diskPercent", a.DiskPercent, 99},
		{"oplogHours", a.OplogHours, 720},
	} {
		p.Want(limit.found >= 1 && limit.found <= limit.most, limit.path, limit.found, "1 to %d", limit.most)
	}
	return p
}

func (o Ownership) validate() settings.Problems {
	var p settings.Problems
	p.Want(slices.Contains([]Ownership{Create, Adopt, Off}, o), "ownership", settings.Given(string(o)), "%s", settings.OneOf(Create, Adopt, Off))
	return p
}

func (m AtlasMaintenanceConfig) validate() settings.Problems {
	p := m.Ownership.validate()
	given := m.DayOfWeek >= 1 && m.DayOfWeek <= 7
	p.Want(given || (m.DayOfWeek == 0 && m.Ownership != Create), "dayOfWeek", m.DayOfWeek, "1 (Sunday) to 7 (Saturday)")
	p.Want(m.HourUTC >= 0 && m.HourUTC <= 23, "hourUtc", m.HourUTC, "0 to 23")
	return p
}
