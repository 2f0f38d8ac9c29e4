package data

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// AuroraConfig is section "aurora".
type AuroraConfig struct {
	// EngineVersion is Aurora PostgreSQL's version with its minor part, such as "17.7". A cluster
	// is made with it; from then on AWS keeps the minor version up to date, and the minor part here
	// is not sent again. Required.
	EngineVersion string `json:"engineVersion"`
	// AllowMajorVersionUpgrade sends EngineVersion to a cluster that runs another one, and lets it
	// be of another major version. RDS refuses to go back, so that it is to be false again once the
	// upgrade is done. Default false: another major version is refused.
	AllowMajorVersionUpgrade bool `json:"allowMajorVersionUpgrade"`
	// MinACU and MaxACU bound the capacity of each instance, in steps of 0.5 ACU (about 1 GiB of memory). Required: 0.5 to 256, and 1 to
	// 256. MinACU 0 lets an idle cluster pause; production refuses it.
	MinACU float64 `json:"minAcu"`
	MaxACU float64 `json:"maxAcu"`
	// PauseAfterSeconds is how long the cluster must be idle to pause, 300 to 86400. Required with MinACU 0, refused otherwise.
	PauseAfterSeconds int `json:"pauseAfterSeconds"`
	// Instances are the cluster's instances: in production two or more, in two zones or more. Required.
	Instances []AuroraInstanceConfig `json:"instances"`
	// BackupRetentionDays is how far back any second can be restored, 1 to 35 days. Required.
	BackupRetentionDays int `json:"backupRetentionDays"`
	// BackupWindow is when the daily snapshot is taken, in UTC, as "18:00-19:00". Required; 30 minutes or more.
	BackupWindow string `json:"backupWindow"`
	// MaintenanceWindow is when AWS may restart instances, in UTC, as "sun:19:30-sun:20:30". Required; apart from BackupWindow.
	MaintenanceWindow string `json:"maintenanceWindow"`
	// ApplyImmediately makes changes that interrupt service at once. Default false: they wait for MaintenanceWindow, so a deploy that
	// succeeded may have changed nothing yet.
	ApplyImmediately bool `json:"applyImmediately"`
	// IAMAuthentication lets database users log in with IAM credentials as well. Default false.
	IAMAuthentication bool `json:"iamAuthentication"`
	// LogRetentionDays is how long the server's log stays in CloudWatch Logs. Required.
	LogRetentionDays int `json:"logRetentionDays"`
	// SlowStatementMilliseconds is the duration from which a statement is logged, 1 to 3600000. Required.
	SlowStatementMilliseconds int `json:"slowStatementMilliseconds"`
	// MonitoringSeconds is the interval of enhanced monitoring: 1, 5, 10, 15, 30 or 60. Required.
	MonitoringSeconds int `json:"monitoringSeconds"`
	// Insights is what is recorded of statements and waits. Required.
	Insights AuroraInsightsConfig `json:"insights"`
	// MasterPasswordRotation makes a new password for the owner when it is raised, 1 or more. Required.
	MasterPasswordRotation int `json:"masterPasswordRotation"`
	// ApplicationPasswordRotation moves the application to its other role, with a new password, when it is raised by one, 1 or more. The role
	// before it keeps its password until the next rotation. Raised by two, it changes the password of the role in use. Required.
	ApplicationPasswordRotation int `json:"applicationPasswordRotation"`
	// Clusters are "main" and those that were restored from backups beside it, by name. One that is taken out is deleted, with a final
	// snapshot; retire it first. Required.
	Clusters map[string]AuroraClusterConfig `json:"clusters"`
	// Active names the cluster that the application uses. With Global, another one replaces the global database: take that section out
	// first. Required.
	Active string `json:"active"`
	// Global adds a copy in the recovery region that lags by about a second. Default: none.
	Global *AuroraGlobalConfig `json:"global"`
}

// AuroraInstanceConfig is one instance of every cluster.
type AuroraInstanceConfig struct {
	// Number is part of the instance's name, 1 to 15. Required.
	Number int `json:"number"`
	// ZoneIndex is the index of the instance's zone in section "network". Required; another one replaces the instance.
	ZoneIndex int `json:"zoneIndex"`
	// PromotionTier, 0 to 15, is the order of promotion when the writer fails. In tiers 0 and 1 an instance has the writer's capacity
	// at all times. Default 0.
	PromotionTier int `json:"promotionTier"`
}

// AuroraInsightsConfig says how much Database Insights records.
type AuroraInsightsConfig struct {
	// Mode is "standard" or "advanced". Required.
	Mode string `json:"mode"`
	// RetentionDays is 7, a multiple of 31 up to 713, or 731; 465 or more with mode advanced. Required.
	RetentionDays int `json:"retentionDays"`
}

// MainCluster is the cluster that has no suffix to its name.
const MainCluster = "main"

// AuroraClusterConfig is one cluster.
type AuroraClusterConfig struct {
	// Restore makes the cluster from a backup. It counts when the cluster is made and is ignored afterwards. Default: an empty cluster.
	Restore *AuroraRestoreConfig `json:"restore"`
	// Retire lifts the protection, so that a later deploy without the cluster can delete it, with a final snapshot. The active cluster
	// cannot be retired. Default false.
	Retire bool `json:"retire"`
}

// AuroraRestoreConfig names a backup: a snapshot, or a cluster and a point in time.
type AuroraRestoreConfig struct {
	// Snapshot is the name or ARN of a cluster snapshot.
	Snapshot string `json:"snapshot"`
	// EngineVersion is the snapshot's own version, such as "17.7": RDS would take its default minor version, which may be older and is
	// then refused. Required with Snapshot, refused otherwise.
	EngineVersion string `json:"engineVersion"`
	// FromCluster is the name of another cluster in Clusters to restore from.
	FromCluster string `json:"fromCluster"`
	// FromResourceID is the resource id ("cluster-…") of a deleted cluster whose automated backups are kept.
	FromResourceID string `json:"fromResourceId"`
	// Time is the point in time, as "2026-01-31T03:00:00Z". Default: the latest that can be restored.
	Time string `json:"time"`
}

// AuroraGlobalConfig is the secondary cluster of an Aurora Global Database. Taking the section out deletes the copy, and
// needs the protections to be lifted first.
type AuroraGlobalConfig struct {
	// SubnetIDs are two subnets or more in zones of the recovery region. Required.
	SubnetIDs []string `json:"subnetIds"`
	// SecurityGroupIDs are the secondary's security groups. Required.
	SecurityGroupIDs []string `json:"securityGroupIds"`
}

var (
	minorVersion = regexp.MustCompile(`^[1-9]\d\.\d+$`)
	clusterName  = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)
	resourceID   = regexp.MustCompile(`^cluster-[A-Z0-9]+$`)
	subnetID     = regexp.MustCompile(`^subnet-[0-9a-f]+$`)
	groupID      = regexp.MustCompile(`^sg-[0-9a-f]+$`)
)

// major is the part of a version before the point, such as "17" of "17.7".
func major(version string) string {
	before, _, _ := strings.Cut(version, ".")
	return before
}

// Validate reports every problem of the section. zoneIndexes are those of section "network".
func (c AuroraConfig) Validate(environment names.Environment, zoneIndexes []int) settings.Problems {
	var p settings.Problems
	p.Want(minorVersion.MatchString(c.EngineVersion), "engineVersion", settings.Given(c.EngineVersion),
		`a version with its minor part such as "17.7", quoted: a major one alone is sent to RDS with every change`)
	p = append(p, c.validateCapacity(environment)...)
	p = append(p, c.validateInstances(environment, zoneIndexes)...)
	p = append(p, c.validateWindows()...)
	p.Want(c.BackupRetentionDays >= 1 && c.BackupRetentionDays <= 35, "backupRetentionDays", c.BackupRetentionDays, "1 to 35 (days)")
	retention.Check(&p, "logRetentionDays", c.LogRetentionDays)
	p.Want(c.SlowStatementMilliseconds >= 1 && c.SlowStatementMilliseconds <= 3600000, "slowStatementMilliseconds",
		c.SlowStatementMilliseconds, "1 to 3600000 (milliseconds)")
	intervals := []int{1, 5, 10, 15, 30, 60}
	p.Want(slices.Contains(intervals, c.MonitoringSeconds), "monitoringSeconds", c.MonitoringSeconds, "one of %v (seconds)", intervals)
	p.Under("insights", c.Insights.validate())
	p.Want(c.MasterPasswordRotation >= 1, "masterPasswordRotation", c.MasterPasswordRotation, "1 or more; raise it by one to rotate")
	p.Want(c.ApplicationPasswordRotation >= 1, "applicationPasswordRotation", c.ApplicationPasswordRotation, "1 or more; raise it by one to rotate")
	p = append(p, c.validateClusters()...)
	if c.Global != nil {
		p.Under("global", c.Global.validate())
	}
	return p
}

func (c AuroraConfig) validateCapacity(environment names.Environment) settings.Problems {
	var p settings.Problems
	halves := func(acu float64) bool { return math.Trunc(acu*2) == acu*2 }
	p.Want(c.MaxACU >= 1 && c.MaxACU <= 256 && halves(c.MaxACU), "maxAcu", c.MaxACU, "1 to 256, in steps of 0.5")
	p.Want(c.MinACU >= 0 && c.MinACU <= 256 && halves(c.MinACU), "minAcu", c.MinACU, "0.5 to 256, in steps of 0.5, or 0 to pause when idle")
	p.WantBeside("maxAcu", c.MinACU <= c.MaxACU, "minAcu", c.MinACU, "no more than maxAcu (%g)", c.MaxACU)
	if c.MinACU == 0 {
		p.Want(environment != "production", "minAcu", c.MinACU, "0.5 or more in production: a paused cluster takes seconds to wake")
		p.Want(c.PauseAfterSeconds >= 300 && c.PauseAfterSeconds <= 86400, "pauseAfterSeconds", c.PauseAfterSeconds, "300 to 86400 with minAcu 0")
	} else {
		p.Want(c.PauseAfterSeconds == 0, "pauseAfterSeconds", c.PauseAfterSeconds, "none: only a cluster with minAcu 0 pauses")
	}
	return p
}

func (c AuroraConfig) validateInstances(environment names.Environment, zoneIndexes []int) settings.Problems {
	var p settings.Problems
	least := 1
	if environment == "production" {
		least = 2
	}
	p.Want(len(c.Instances) >= least && len(c.Instances) <= 15, "instances", len(c.Instances), "%d to 15 instances", least)
	zones := map[int]bool{}
	for i, instance := range c.Instances {
		at := fmt.Sprintf("instances[%d]", i)
		p.Want(instance.Number >= 1 && instance.Number <= 15, at+".number", instance.Number, "1 to 15, different for each instance")
		for j, earlier := range c.Instances[:i] {
			p.Want(earlier.Number != instance.Number, at+".number", instance.Number, "a number that no other instance has; aurora.instances[%d].number is the same", j)
		}
		p.Want(slices.Contains(zoneIndexes, instance.ZoneIndex), at+".zoneIndex", instance.ZoneIndex, "the index of a zone in network.zones: one of %v", zoneIndexes)
		p.Want(instance.PromotionTier >= 0 && instance.PromotionTier <= 15, at+".promotionTier", instance.PromotionTier, "0 to 15")
		zones[instance.ZoneIndex] = true
	}
	p.Want(len(c.Instances) < 2 || len(zones) >= 2, "instances", fmt.Sprintf("%d instances in one zone", len(c.Instances)),
		"two zones or more, so that the loss of a zone leaves an instance")
	return p
}

func (c AuroraConfig) validateWindows() settings.Problems {
	var p settings.Problems
	backups, err := parseDaily(c.BackupWindow)
	if err != nil {
		p.Add("backupWindow", settings.Given(c.BackupWindow), `a time of every day in UTC, 30 minutes or longer, such as "18:00-19:00" (it is %v)`, err)
	}
	maintenance, err := parseWeekly(c.MaintenanceWindow)
	if err != nil {
		p.Add("maintenanceWindow", settings.Given(c.MaintenanceWindow),
			`a time of the week in UTC, 30 minutes to a day long, such as "sun:19:30-sun:20:30" (it is %v)`, err)
		return p
	}
	p.Want(!slices.ContainsFunc(backups, maintenance.overlaps), "maintenanceWindow", c.MaintenanceWindow, "a time apart from backupWindow (%s)", c.BackupWindow)
	return p
}

func (c AuroraInsightsConfig) validate() settings.Problems {
	var p settings.Problems
	days := c.RetentionDays
	p.Want(days == 7 || days == 731 || (days%31 == 0 && days >= 31 && days <= 713), "retentionDays", days, "7, a multiple of 31 up to 713, or 731 (days)")
	switch c.Mode {
	case "standard":
	case "advanced":
		p.Want(days >= 465, "retentionDays", days, "465 or more with mode advanced (days)")
	default:
		p.Add("mode", settings.Given(c.Mode), "%s", settings.OneOf("standard", "advanced"))
	}
	return p
}

func (c AuroraConfig) validateClusters() settings.Problems {
	var p settings.Problems
	known := slices.Sorted(maps.Keys(c.Clusters))
	p.Want(len(known) > 0, "clusters", nil, `one cluster or more, such as {"main": {}}`)
	_, ok := c.Clusters[c.Active]
	p.WantBeside("clusters", ok, "active", settings.Given(c.Active), "the name of a cluster in aurora.clusters: one of %v", known)
	for _, name := range known {
		cluster, at := c.Clusters[name], settings.Key("clusters", name)
		p.Want(clusterName.MatchString(name), at, name, "a name of 1 to 12 lower-case letters and digits that begins with a letter")
		p.Want(!cluster.Retire || name != c.Active, at+".retire", true, "false: the application uses this cluster; make another one active first")
		if cluster.Restore != nil {
			p.Under(at+".restore", cluster.Restore.validate(c, name))
		}
	}
	return p
}

func (r AuroraRestoreConfig) validate(c AuroraConfig, name string) settings.Problems {
	var p settings.Problems
	var sources []string
	for key, value := range map[string]string{"snapshot": r.Snapshot, "fromCluster": r.FromCluster, "fromResourceId": r.FromResourceID} {
		if value != "" {
			sources = append(sources, key)
		}
	}
	slices.Sort(sources)
	if len(sources) == 0 {
		p.Add("", nil, "a backup: snapshot, fromCluster or fromResourceId")
	}
	p.Want(len(sources) <= 1, "", sources, "exactly one of snapshot, fromCluster and fromResourceId")
	if r.Snapshot != "" {
		ofMajor := major(c.EngineVersion)
		p.Want(minorVersion.MatchString(r.EngineVersion) && major(r.EngineVersion) == ofMajor, "engineVersion",
			settings.Given(r.EngineVersion), `the snapshot's version with its minor part, of major version %s, quoted`, ofMajor)
		p.Want(r.Time == "", "time", settings.Given(r.Time), "none: a snapshot has a time of its own")
	} else {
		p.Want(r.EngineVersion == "", "engineVersion", settings.Given(r.EngineVersion), "none: only a snapshot needs it")
	}
	if r.FromCluster != "" {
		_, ok := c.Clusters[r.FromCluster]
		p.Want(ok && r.FromCluster != name, "fromCluster", r.FromCluster,
			"another cluster in aurora.clusters; a cluster that is made already needs its restore no more")
	}
	p.Want(r.FromResourceID == "" || resourceID.MatchString(r.FromResourceID), "fromResourceId", r.FromResourceID,
		`a cluster's resource id, such as "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ"`)
	if r.Time != "" {
		_, err := time.Parse(time.RFC3339, r.Time)
		p.Want(err == nil, "time", r.Time, `a time such as "2026-01-31T03:00:00Z"`)
	}
	return p
}

func (g AuroraGlobalConfig) validate() settings.Problems {
	var p settings.Problems
	p.Want(len(g.SubnetIDs) >= 2, "subnetIds", len(g.SubnetIDs), "two subnets or more, in zones of the recovery region")
	for i, id := range g.SubnetIDs {
		p.Want(subnetID.MatchString(id), fmt.Sprintf("subnetIds[%d]", i), id, `a subnet id, such as "subnet-0123456789abcdef0"`)
	}
	p.Want(len(g.SecurityGroupIDs) >= 1, "securityGroupIds", len(g.SecurityGroupIDs), "one security group or more")
	for i, id := range g.SecurityGroupIDs {
		p.Want(groupID.MatchString(id), fmt.Sprintf("securityGroupIds[%d]", i), id, `a security group id, such as "sg-0123456789abcdef0"`)
	}
	return p
}
