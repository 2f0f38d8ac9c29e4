package data

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// AtlasConfig is MongoDB Atlas: section "atlas".
type AtlasConfig struct {
	// ProjectID is the Atlas project; another one replaces the cluster.
	ProjectID string `json:"projectId" pattern:"^[0-9a-f]{24}$" want:"24 hexadecimal digits, quoted"`
	// ClusterName is the cluster's name, for a cluster that has one already; another one replaces
	// the cluster. Without it the name is bookmark-mgr- and the environment.
	ClusterName string `json:"clusterName" settings:"optional" pattern:"^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$" want:"1 to 64 letters, digits and hyphens, no hyphen at either end"`
	// MongoDBVersion is the major version.
	MongoDBVersion string `json:"mongoDbVersion" pattern:"^[0-9]+\\.0$" want:"a major version such as \"8.0\", quoted"`
	// InstanceSize is the tier. With ComputeScaling it counts when the cluster is made.
	InstanceSize AtlasTier `json:"instanceSize"`
	// Nodes is the number of electable nodes.
	Nodes int `json:"nodes" enum:"3,5,7" want:"3, 5 or 7"`
	// DiskSizeGB is the size the disk starts with. It grows by itself and never shrinks.
	DiskSizeGB float64 `json:"diskSizeGb" range:"10..4096" unit:"GB"`
	// ComputeScaling lets Atlas change the tier with the load. Without it the tier stays.
	ComputeScaling *AtlasScalingConfig `json:"computeScaling"`
	// Access is how tasks reach the cluster, and nobody else: by a private endpoint in the VPC (one
	// for each project and region), or from the addresses of the NAT gateways.
	Access AtlasAccess `json:"access"`
	// Database is the database that the application may read and write, and no other.
	Database string `json:"database" pattern:"^[A-Za-z0-9_-]{1,38}$" want:"1 to 38 letters, digits, underscores and hyphens, and none of admin, config and local"`
	// PasswordRotation makes a new user with a new password when it is raised by one; the user
	// before it stays until the next rotation.
	PasswordRotation int `json:"passwordRotation" range:"1.." hint:"raise it by one to rotate"`
	// Backup is the schedule of snapshots. Between them the oplog is kept, so that any second can
	// be restored.
	Backup AtlasBackupConfig `json:"backup"`
	// Alerts says who is notified of trouble, and from which values on.
	Alerts AtlasAlertsConfig `json:"alerts"`
	// Auditing is the auditing of the project, which stacks may share.
	Auditing AtlasAuditingConfig `json:"auditing"`
	// Maintenance is the maintenance window of the project, which stacks may share.
	Maintenance AtlasMaintenanceConfig `json:"maintenance"`
}

// AtlasScalingConfig bounds the tiers that Atlas chooses from.
type AtlasScalingConfig struct {
	// MinInstanceSize is the smallest tier.
	MinInstanceSize AtlasTier `json:"minInstanceSize"`
	// MaxInstanceSize is the largest tier.
	MaxInstanceSize AtlasTier `json:"maxInstanceSize"`
}

// AtlasAccess is how tasks reach the cluster. Nothing else does.
type AtlasAccess string

// By a private endpoint in the VPC, or over the internet from the addresses of the VPC's NAT
// gateways.
const (
	AtlasByPrivateLink AtlasAccess = "privateLink"
	AtlasByNat         AtlasAccess = "nat"
)

// Rule implements settings.Ruled.
func (AtlasAccess) Rule() settings.Rule { return settings.Set(AtlasByPrivateLink, AtlasByNat) }

// AtlasBackupConfig is the schedule of snapshots. Between them the oplog is kept, so that any
// second can be restored.
type AtlasBackupConfig struct {
	// HourUTC is the hour of the daily snapshot.
	HourUTC int `json:"hourUtc" settings:"optional" range:"0..23"`
	// MinuteUTC is the minute of the daily snapshot.
	MinuteUTC int `json:"minuteUtc" settings:"optional" range:"0..59"`
	// RestoreWindowDays is how far back any second can be restored; no more than
	// HourlyRetentionDays.
	RestoreWindowDays int `json:"restoreWindowDays" range:"1.." unit:"days"`
	// HourlyInterval is the time between snapshots.
	HourlyInterval int `json:"hourlyInterval" enum:"1,2,4,6,8,12" unit:"hours"`
	// HourlyRetentionDays is how long these snapshots stay.
	HourlyRetentionDays int `json:"hourlyRetentionDays" range:"2.." unit:"days"`
	// DailyRetentionDays is how long daily snapshots stay; no less than HourlyRetentionDays.
	DailyRetentionDays int `json:"dailyRetentionDays" range:"7.." unit:"days"`
	// CopyRegion is an Atlas region that snapshots and oplog are copied to. Without it there is no
	// copy.
	CopyRegion string `json:"copyRegion" settings:"optional" pattern:"^[A-Z]+(_[A-Z0-9]+)+$" want:"an AWS region as Atlas spells it, such as \"AP_NORTHEAST_3\""`
}

// AtlasAlertsConfig is who is notified of trouble.
type AtlasAlertsConfig struct {
	// Emails are addresses. Without any: the project's owners.
	Emails []string `json:"emails" settings:"optional,unique" format:"email"`
	// CPUPercent is the CPU above which an alert is sent.
	CPUPercent int `json:"cpuPercent" range:"1..99"`
	// ConnectionsPercent is the share of the connections above which an alert is sent.
	ConnectionsPercent int `json:"connectionsPercent" range:"1..99"`
	// DiskPercent is the share of the disk above which an alert is sent.
	DiskPercent int `json:"diskPercent" range:"1..99"`
	// OplogHours is the length of the oplog below which an alert is sent.
	OplogHours int `json:"oplogHours" range:"1..720" unit:"hours"`
}

// Ownership says who manages a setting of which a project has only one.
type Ownership string

// Create: this stack makes it. Adopt: it was made elsewhere, and must exist. Off: the stack leaves
// it alone.
const (
	Create Ownership = "create"
	Adopt  Ownership = "adopt"
	Off    Ownership = "off"
)

// Rule implements settings.Ruled.
func (Ownership) Rule() settings.Rule { return settings.Set(Create, Adopt, Off) }

// AtlasAuditingConfig is the project's database auditing.
type AtlasAuditingConfig struct {
	// Ownership says whether this stack makes it, it was made elsewhere (and there must be one), or
	// it is none of this stack's business.
	Ownership Ownership `json:"ownership"`
}

// AtlasMaintenanceConfig is the project's maintenance window.
type AtlasMaintenanceConfig struct {
	// Ownership says whether this stack makes it, it was made elsewhere (and there must be one), or
	// it is none of this stack's business.
	Ownership Ownership `json:"ownership"`
	// DayOfWeek is the day. Required with ownership create.
	DayOfWeek int `json:"dayOfWeek" settings:"optional" range:"1..7" want:"1 (Sunday) to 7 (Saturday)"`
	// Hour is the hour of the day, in the project's time zone (UTC unless somebody has set another
	// in Atlas).
	Hour int `json:"hour" settings:"optional" range:"0..23"`
}

// AtlasTier is a size of the cluster's nodes.
type AtlasTier string

// atlasTiers are the general tiers with backups, smallest first.
// https://www.mongodb.com/docs/atlas/manage-clusters/
var atlasTiers = []AtlasTier{"M10", "M20", "M30", "M40", "M50", "M60", "M80", "M140", "M200", "M300", "M400", "M700"}

// Rule implements settings.Ruled.
func (AtlasTier) Rule() settings.Rule { return settings.Set(atlasTiers...) }

// systemDatabases are MongoDB's own.
var systemDatabases = []string{"admin", "config", "local"}

// Cluster is the cluster's name. The one that the program gives has a form of its own: Atlas builds
// host names from the first 23 characters, and cuts "bookmark-manager-production" short.
func (c AtlasConfig) Cluster(environment names.Environment) string {
	return cmp.Or(c.ClusterName, "bookmark-mgr-"+string(environment))
}

// atlasHost is how the host names of a cluster begin.
func atlasHost(cluster string) string { return strings.ToLower(cluster[:min(len(cluster), 23)]) }

// Validate reports every problem of the section.
func (c AtlasConfig) Validate(environment names.Environment) settings.Problems {
	p := settings.Check(c)
	if err := names.Check(names.AtlasCluster, c.Cluster(environment)); err != nil && c.ClusterName == "" {
		p.Add("", string(environment), "an environment with a shorter name: %v", err)
	}
	p.Want(!strings.HasSuffix(atlasHost(c.ClusterName), "-"), "clusterName", c.ClusterName,
		"a name without a hyphen at its 23rd character: host names begin with so much of it")
	p.Want(!slices.Contains(systemDatabases, c.Database), "database", c.Database, "%s", settings.WantOf(c, "database"))
	if c.ComputeScaling != nil {
		p.Under("computeScaling", c.ComputeScaling.validate(c.InstanceSize))
	}
	p.Under("backup", c.Backup.validate())
	if c.Maintenance.Ownership == Create {
		p.Under("maintenance", c.Maintenance.validate())
	}
	return p
}

func (s AtlasScalingConfig) validate(now AtlasTier) settings.Problems {
	var p settings.Problems
	least, most, current := slices.Index(atlasTiers, s.MinInstanceSize), slices.Index(atlasTiers, s.MaxInstanceSize),
		slices.Index(atlasTiers, now)
	if least >= 0 && most >= 0 {
		p.Want(least < most, "maxInstanceSize", s.MaxInstanceSize, "a larger tier than minInstanceSize (%s)",
			s.MinInstanceSize)
		p.Want(current < 0 || (least <= current && current <= most), "minInstanceSize", s.MinInstanceSize,
			"instanceSize (%s) between minInstanceSize and maxInstanceSize", now)
	}
	return p
}

func (b AtlasBackupConfig) validate() settings.Problems {
	var p settings.Problems
	p.WantBeside("hourlyRetentionDays", b.RestoreWindowDays <= b.HourlyRetentionDays, "restoreWindowDays",
		b.RestoreWindowDays,
		"no more than hourlyRetentionDays (%d): the oplog needs a snapshot to start from", b.HourlyRetentionDays)
	p.WantBeside("hourlyRetentionDays", b.DailyRetentionDays >= b.HourlyRetentionDays, "dailyRetentionDays",
		b.DailyRetentionDays,
		"no less than hourlyRetentionDays (%d)", b.HourlyRetentionDays)
	p.Want(b.CopyRegion == "" || names.IsAtlasRegion(b.CopyRegion), "copyRegion", b.CopyRegion, "%s",
		settings.WantOf(b, "copyRegion"))
	return p
}

func (m AtlasMaintenanceConfig) validate() settings.Problems {
	var p settings.Problems
	p.Under("", settings.Need(m, "with ownership create", "dayOfWeek"))
	return p
}
