package data

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// AuroraConfig is Aurora PostgreSQL, Serverless v2: section "aurora".
type AuroraConfig struct {
	// EngineVersion is Aurora PostgreSQL's version with its minor part, such as "17.7". A cluster
	// is made with it; from then on AWS keeps the minor version up to date, and the minor part here
	// is not sent again.
	EngineVersion EngineVersion `json:"engineVersion"`
	// AllowMajorVersionUpgrade sends EngineVersion to a cluster that runs another one, and lets it
	// be of another major version. RDS refuses to go back, so that it is to be false again once the
	// upgrade is done. Without it another major version is refused. With it ApplyImmediately is
	// required: an upgrade that waits for its window keeps the old parameter group in use, which
	// the same deploy deletes.
	AllowMajorVersionUpgrade bool `json:"allowMajorVersionUpgrade"`
	// MinACU is the least capacity of each instance in ACU, about 1 GiB of memory each. 0 lets an
	// idle cluster pause; production refuses it.
	MinACU float64 `json:"minAcu" range:"0..256" step:"0.5" want:"0.5 to 256, in steps of 0.5, or 0 to pause when idle"`
	// MaxACU is the most capacity of each instance in ACU.
	MaxACU float64 `json:"maxAcu" range:"1..256" step:"0.5"`
	// PauseAfterSeconds is how long the cluster must be idle to pause. Required with MinACU 0,
	// refused otherwise.
	PauseAfterSeconds int `json:"pauseAfterSeconds" settings:"optional" range:"300..86400" unit:"seconds"`
	// Instances are the instances of each cluster: in production two or more, in two zones or more.
	Instances []AuroraInstanceConfig `json:"instances" items:"1..15" unit:"instances"`
	// BackupRetentionDays is how far back any second can be restored.
	BackupRetentionDays int `json:"backupRetentionDays" range:"1..35" unit:"days"`
	// BackupWindow is when the daily snapshot is taken, in UTC; 30 minutes or more.
	BackupWindow string `json:"backupWindow" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$" want:"a time of every day in UTC, 30 minutes or longer, such as \"18:00-19:00\""`
	// MaintenanceWindow is when AWS may restart instances, in UTC; 30 minutes or more, apart from
	// BackupWindow.
	MaintenanceWindow string `json:"maintenanceWindow" pattern:"^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$" want:"a time of the week in UTC, 30 minutes to a day long, such as \"sun:19:30-sun:20:30\""`
	// ApplyImmediately makes changes that interrupt service at once. Without it they wait for
	// MaintenanceWindow, so a deploy that succeeded may have changed nothing yet.
	ApplyImmediately bool `json:"applyImmediately"`
	// IAMAuthentication lets database users log in with IAM credentials as well.
	IAMAuthentication bool `json:"iamAuthentication"`
	// LogRetentionDays is how long the server's log stays in CloudWatch Logs.
	LogRetentionDays retention.Days `json:"logRetentionDays"`
	// SlowStatementMilliseconds is the duration from which a statement is logged.
	SlowStatementMilliseconds int `json:"slowStatementMilliseconds" range:"1..3600000" unit:"milliseconds"`
	// MonitoringSeconds is the interval of enhanced monitoring.
	MonitoringSeconds int `json:"monitoringSeconds" enum:"1,5,10,15,30,60" unit:"seconds"`
	// Insights is what Database Insights records of statements and waits.
	Insights AuroraInsightsConfig `json:"insights"`
	// MasterPasswordRotation makes a new password for the owner when it is raised by one.
	MasterPasswordRotation int `json:"masterPasswordRotation" range:"1.." hint:"raise it by one to rotate"`
	// ApplicationPasswordRotation moves the application to its other role, with a new password,
	// when it is raised by one. The role before it keeps its password until the next rotation.
	// Raised by two, it changes the password of the role in use. The migration task runs before the
	// services change.
	ApplicationPasswordRotation int `json:"applicationPasswordRotation" range:"1.." hint:"raise it by one to rotate"`
	// Clusters are "main" and those that were restored from backups beside it, by name. One that is
	// taken out is deleted, with a final snapshot; retire it first.
	Clusters map[string]AuroraClusterConfig `json:"clusters" items:"1.." want:"one cluster or more, such as {\"main\": {}}" keys:"^[a-z][a-z0-9]{0,11}$" keywant:"a name of 1 to 12 lower-case letters and digits that begins with a letter"`
	// Active names the cluster that the application uses. With Global, another one replaces the
	// global database: take that section out first.
	Active string `json:"active" want:"the name of a cluster in aurora.clusters"`
	// Global adds a copy in the recovery region that lags by about a second. Taking it out deletes
	// the copy, and needs the protections to be lifted first: an up with teardown.
	Global *AuroraGlobalConfig `json:"global"`
}

// AuroraInstanceConfig is one instance of every cluster.
type AuroraInstanceConfig struct {
	// Number is part of the instance's name.
	Number int `json:"number" settings:"unique" range:"1..15" hint:"different for each instance"`
	// ZoneIndex is the index of the instance's zone in section "network". Another one replaces the
	// instance.
	ZoneIndex int `json:"zoneIndex" range:"1..9"`
	// PromotionTier is the order of promotion when the writer fails. In tiers 0 and 1 an instance
	// has the writer's capacity at all times.
	PromotionTier int `json:"promotionTier" settings:"optional" range:"0..15"`
}

// AuroraInsightsConfig says how much Database Insights records.
type AuroraInsightsConfig struct {
	// Mode is how much is recorded. Advanced needs a retention of 465 days or more.
	Mode string `json:"mode" enum:"standard,advanced"`
	// RetentionDays is how long it is kept.
	RetentionDays InsightsDays `json:"retentionDays"`
}

// EngineVersion is a version of Aurora PostgreSQL with its minor part.
//
// Whether the configured version is sent depends on three more things: what Pulumi's state has,
// what runs (AWS upgrades the minor version by itself), and AllowMajorVersionUpgrade, without which
// the program ignores changes of engineVersion. The provider sends the version when it is not the
// one in the state; and with any other change of the cluster while the one in the state is not the
// one that runs. On reading, the provider puts what runs into the state, unless the state has its
// beginning.
//
//	configured  in state  runs   flag   sent  result
//	17.7        (new)     -      any    17.7  the cluster is created with 17.7
//	17.7        17.7      17.7   false  -     no change
//	17.7        17.9      17.9   false  -     no change: AWS has upgraded it
//	18.3        17.9      17.9   false  -     the program refuses it: the parameter group is of 18
//	18.3        17.9      17.9   true   18.3  RDS upgrades it at once
//	18.3        18.3      18.3   true   -     no change: the upgrade is done
//	18.3        18.4      18.4   true   -     the program refuses it: RDS does not downgrade
//	17.7        17        17.9   false  17    with any other change: RDS takes 17 for 17.7, its
//	                                          default minor version, and does not downgrade
//	17.9        17        17.9   true   17.9  no change on RDS; the state has 17.9 afterwards
//
// A cluster from a snapshot is created with the version of its restore section instead. The
// refusals of the program are checkUpgrade, which onceUpgradeIsChecked and checkUpgradeOf call with
// what runs.
type EngineVersion string

// Rule implements settings.Ruled.
func (EngineVersion) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[1-9][0-9]\.[0-9]+$`),
		Want: `a version with its minor part such as "17.7", quoted: a major one alone is sent to RDS with ` +
			`every change`,
	}
}

// major is the part of a version before the point, such as "17" of "17.7".
func (v EngineVersion) major() string {
	before, _, _ := strings.Cut(string(v), ".")
	return before
}

// minor is the part of a version after the point.
func (v EngineVersion) minor() string {
	_, after, _ := strings.Cut(string(v), ".")
	return after
}

// olderThan compares versions by their numbers, of which both parts are few digits.
func (v EngineVersion) olderThan(other EngineVersion) bool {
	number := func(text string) int {
		n, _ := strconv.Atoi(text) // the rule, and RDS, give digits
		return n
	}
	return cmp.Or(cmp.Compare(number(v.major()), number(other.major())),
		cmp.Compare(number(v.minor()), number(other.minor()))) < 0
}

// checkUpgrade refuses a configured version that a cluster cannot be upgraded to; see
// EngineVersion.
func (c AuroraConfig) checkUpgrade(running EngineVersion) error {
	switch {
	case c.AllowMajorVersionUpgrade && c.EngineVersion.olderThan(running):
		return fmt.Errorf("aurora.engineVersion is %q, which is older than the %q that the cluster runs, and RDS "+
			"does not downgrade: "+
			"set aurora.engineVersion to %q or a later one, or aurora.allowMajorVersionUpgrade to false",
			c.EngineVersion, running, running)
	case !c.AllowMajorVersionUpgrade && c.EngineVersion.major() != running.major():
		return fmt.Errorf("aurora.engineVersion is %q and the cluster runs %q; set aurora.allowMajorVersionUpgrade "+
			"to true until "+
			"the upgrade is done, or aurora.engineVersion to a version of major %s", c.EngineVersion, running,
			running.major())
	}
	return nil
}

// InsightsDays is a retention of Database Insights.
type InsightsDays int

// Rule implements settings.Ruled.
func (InsightsDays) Rule() settings.Rule {
	allowed := []InsightsDays{7}
	for days := InsightsDays(31); days <= 713; days += 31 {
		allowed = append(allowed, days)
	}
	rule := settings.Set(append(allowed, 731)...)
	rule.Want = "7, a multiple of 31 up to 713, or 731 (days)"
	return rule
}

// MainCluster is the cluster that has no suffix to its name.
const MainCluster = "main"

// AuroraClusterConfig is one cluster.
type AuroraClusterConfig struct {
	// Restore is a backup to make the cluster from. It counts when the cluster is made and is
	// ignored afterwards. Without it the cluster is empty.
	Restore *AuroraRestoreConfig `json:"restore"`
	// Retire lifts the protection, so that a later deploy without the cluster can delete it, with a
	// final snapshot. The active cluster cannot be retired.
	Retire bool `json:"retire"`
}

// AuroraRestoreConfig names a backup: a snapshot, or a cluster and a point in time.
type AuroraRestoreConfig struct {
	// Snapshot is the name or ARN of a cluster snapshot.
	Snapshot string `json:"snapshot" settings:"optional"`
	// EngineVersion is the snapshot's own version: RDS would take its default minor version, which
	// may be older and is then refused. Required with Snapshot, refused otherwise.
	EngineVersion EngineVersion `json:"engineVersion" settings:"optional" want:"the snapshot's version with its minor part, quoted"`
	// FromCluster is the name of another cluster in aurora.clusters to restore from.
	FromCluster string `json:"fromCluster" settings:"optional"`
	// FromResourceID is the resource id of a deleted cluster whose automated backups are kept.
	FromResourceID string `json:"fromResourceId" settings:"optional" pattern:"^cluster-[A-Z0-9]+$" want:"a cluster's resource id, such as \"cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ\""`
	// Time is the point in time. Without it: the latest that can be restored.
	Time string `json:"time" settings:"optional" format:"date-time"`
}

// AuroraGlobalConfig is the secondary cluster of an Aurora Global Database. Taking the section out
// deletes the copy, and needs the protections to be lifted first.
type AuroraGlobalConfig struct {
	// SubnetIDs are subnets in zones of the recovery region.
	SubnetIDs []string `json:"subnetIds" items:"2.." pattern:"^subnet-[0-9a-f]+$" want:"a subnet id, such as \"subnet-0123456789abcdef0\""`
	// SecurityGroupIDs are the copy's security groups.
	SecurityGroupIDs []string `json:"securityGroupIds" items:"1.." pattern:"^sg-[0-9a-f]+$" want:"a security group id, such as \"sg-0123456789abcdef0\""`
}

// Validate reports every problem of the section. zoneIndexes are those of section "network".
func (c AuroraConfig) Validate(production bool, zoneIndexes []int) settings.Problems {
	p := settings.Check(c)
	p = append(p, c.validateCapacity(production)...)
	p = append(p, c.validateInstances(production, zoneIndexes)...)
	p = append(p, c.validateWindows()...)
	p.Want(c.Insights.Mode != "advanced" || c.Insights.RetentionDays >= 465, "insights.retentionDays",
		c.Insights.RetentionDays, "465 or more with mode advanced (days)")
	p.WantBeside("allowMajorVersionUpgrade", !c.AllowMajorVersionUpgrade || c.ApplyImmediately, "applyImmediately",
		c.ApplyImmediately,
		"true with allowMajorVersionUpgrade: an upgrade that waits for its window keeps the parameter group that "+
			"this deploy deletes")
	p = append(p, c.validateClusters()...)
	return p
}

func (c AuroraConfig) validateCapacity(production bool) settings.Problems {
	var p settings.Problems
	p.WantBeside("maxAcu", c.MinACU <= c.MaxACU, "minAcu", c.MinACU, "no more than maxAcu (%g)", c.MaxACU)
	if c.MinACU == 0 {
		p.Want(!production, "minAcu", c.MinACU, "0.5 or more in production: a paused cluster takes seconds to wake")
		p.Under("", settings.Need(c, "with minAcu 0", "pauseAfterSeconds"))
	} else {
		p.Under("", settings.Refuse(c, "unless minAcu is 0: only such a cluster pauses", "pauseAfterSeconds"))
	}
	return p
}

func (c AuroraConfig) validateInstances(production bool, zoneIndexes []int) settings.Problems {
	var p settings.Problems
	p.Want(!production || len(c.Instances) != 1, "instances", len(c.Instances), "2 to 15 instances in production")
	zones := map[int]bool{}
	for i, instance := range c.Instances {
		p.Want(slices.Contains(zoneIndexes, instance.ZoneIndex), fmt.Sprintf("instances[%d].zoneIndex", i),
			instance.ZoneIndex,
			"the index of a zone in network.zones: one of %v", zoneIndexes)
		zones[instance.ZoneIndex] = true
	}
	p.Want(len(c.Instances) < 2 || len(zones) >= 2, "instances",
		fmt.Sprintf("%d instances in one zone", len(c.Instances)),
		"two zones or more, so that the loss of a zone leaves an instance")
	return p
}

func (c AuroraConfig) validateWindows() settings.Problems {
	var p settings.Problems
	backups, err := parseDaily(c.BackupWindow)
	if err != nil {
		p.Add("backupWindow", settings.Given(c.BackupWindow),
			`a time of every day in UTC, 30 minutes or longer, such as "18:00-19:00" (it is %v)`, err)
	}
	maintenance, err := parseWeekly(c.MaintenanceWindow)
	if err != nil {
		p.Add("maintenanceWindow", settings.Given(c.MaintenanceWindow),
			`a time of the week in UTC, 30 minutes to a day long, such as "sun:19:30-sun:20:30" (it is %v)`, err)
		return p
	}
	p.Want(!slices.ContainsFunc(backups, maintenance.overlaps), "maintenanceWindow", c.MaintenanceWindow,
		"a time apart from backupWindow (%s)", c.BackupWindow)
	return p
}

func (c AuroraConfig) validateClusters() settings.Problems {
	var p settings.Problems
	known := slices.Sorted(maps.Keys(c.Clusters))
	_, ok := c.Clusters[c.Active]
	p.WantBeside("clusters", ok, "active", settings.Given(c.Active),
		"the name of a cluster in aurora.clusters: one of %v", known)
	for _, name := range known {
		cluster, at := c.Clusters[name], settings.Key("clusters", name)
		p.Want(!cluster.Retire || name != c.Active, at+".retire", true,
			"false: the application uses this cluster; make another one active first")
		if cluster.Restore != nil {
			p.Under(at+".restore", cluster.Restore.validate(c, name))
		}
	}
	return p
}

func (r AuroraRestoreConfig) validate(c AuroraConfig, name string) settings.Problems {
	var p settings.Problems
	var sources []string
	for key, value := range map[string]string{
		"snapshot":       r.Snapshot,
		"fromCluster":    r.FromCluster,
		"fromResourceId": r.FromResourceID,
	} {
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
		p.Under("", settings.Need(r, "with snapshot", "engineVersion"))
		p.Want(r.EngineVersion == "" || r.EngineVersion.major() == c.EngineVersion.major(), "engineVersion",
			r.EngineVersion,
			"the snapshot's version with its minor part, of major version %s, quoted", c.EngineVersion.major())
		p.Under("", settings.Refuse(r, "with snapshot, which has a time of its own", "time"))
	} else {
		p.Under("", settings.Refuse(r, "without snapshot", "engineVersion"))
	}
	if r.FromCluster != "" {
		_, ok := c.Clusters[r.FromCluster]
		p.Want(ok && r.FromCluster != name, "fromCluster", r.FromCluster,
			"another cluster in aurora.clusters; a cluster that is made already needs its restore no more")
	}
	return p
}
