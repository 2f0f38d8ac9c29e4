package data

import (
	"fmt"
	_ "time/tzdata" // time zones are the same on every machine that deploys

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// BackupsConfig is AWS Backup, beside the backups that Aurora keeps itself: section "backups".
type BackupsConfig struct {
	// OptIn is the region's setting that AWS Backup may back up Aurora: without it a plan runs and
	// backs up nothing, and says nothing. There is one for an account and region. This stack makes
	// it (create), or reads it and refuses a region that has not opted in (adopt), or leaves it
	// alone (off). Opting in stays when the stack goes.
	OptIn Ownership `json:"optIn"`
	// Rules are when recovery points are made and how long they stay.
	Rules []BackupRuleConfig `json:"rules" items:"1.." want:"one rule or more"`
	// Copy sends each recovery point to another region. Taking the section out leaves the vault and
	// its recovery points behind, and needs the protections to be lifted first: an up with
	// teardown.
	Copy *BackupCopyConfig `json:"copy"`
	// Lock keeps everybody from deleting recovery points early.
	Lock *BackupLockConfig `json:"lock"`
	// RestoreTesting restores the database from its latest recovery point again and again, and
	// deletes what was restored. Without it nobody knows that a recovery point can be restored
	// before one has to be.
	RestoreTesting *RestoreTestingConfig `json:"restoreTesting"`
}

// RestoreTestingConfig is when a restore is tried.
type RestoreTestingConfig struct {
	// Schedule is a cron expression of AWS; no more often than each hour.
	Schedule string `json:"schedule" pattern:"^cron\\([0-5]?[0-9] \\S+ (\\? \\S+ \\S+|\\S+ \\S+ \\?) \\S+\\)$" want:"a cron expression with six fields, one minute, and \"?\" as the day of the month or of the week, such as \"cron(0 3 ? * SUN *)\""`
	// Timezone is the schedule's.
	Timezone string `json:"timezone" format:"timezone"`
	// StartWindowHours is how late a restore may start.
	StartWindowHours int `json:"startWindowHours" range:"1..168" unit:"hours" default:"8"`
	// SelectionWindowDays is how old the recovery point may be.
	SelectionWindowDays int `json:"selectionWindowDays" range:"1..365" unit:"days" default:"7"`
}

// BackupRuleConfig is one rule of the plan.
type BackupRuleConfig struct {
	// Name is the rule's name.
	Name string `json:"name" settings:"unique" pattern:"^[A-Za-z0-9._-]{1,50}$" want:"1 to 50 letters, digits, dots, hyphens and underscores"`
	// Schedule is a cron expression of AWS; no more often than each hour, which is AWS Backup's
	// shortest interval.
	Schedule string `json:"schedule" pattern:"^cron\\([0-5]?[0-9] \\S+ (\\? \\S+ \\S+|\\S+ \\S+ \\?) \\S+\\)$" want:"a cron expression with six fields, one minute, and \"?\" as the day of the month or of the week, such as \"cron(0 5 * * ? *)\""`
	// Timezone is the schedule's.
	Timezone string `json:"timezone" format:"timezone"`
	// StartWindowMinutes is how late a job may start.
	StartWindowMinutes int `json:"startWindowMinutes" range:"60.." unit:"minutes"`
	// CompletionWindowMinutes is how long a job may take after its time; longer than
	// StartWindowMinutes by 60 or more.
	CompletionWindowMinutes int `json:"completionWindowMinutes" range:"120.." unit:"minutes" hint:"60 or more above startWindowMinutes"`
	// RetentionDays is how long recovery points stay.
	RetentionDays int `json:"retentionDays" range:"1..36500" unit:"days"`
}

// BackupCopyConfig is the copy in another region.
type BackupCopyConfig struct {
	// Region is the recovery region. Another one makes a new vault.
	Region string `json:"region" pattern:"^[a-z]{2}(-[a-z]+)+-[0-9]$" want:"another AWS region, such as \"ap-northeast-3\""`
	// RetentionDays is how long copies stay.
	RetentionDays int `json:"retentionDays" range:"1..36500" unit:"days"`
}

// BackupLockConfig is the lock of the vaults.
type BackupLockConfig struct {
	// MinRetentionDays is the shortest retention that a recovery point may have.
	MinRetentionDays int `json:"minRetentionDays" range:"1..36500" unit:"days"`
	// MaxRetentionDays is the longest retention that a recovery point may have.
	MaxRetentionDays int `json:"maxRetentionDays" range:"1..36500" unit:"days"`
	// ImmutableAfterDays is when nobody, AWS included, can lift the lock any more: vault and
	// recovery points then stay until they expire. Without it those with the right to do so can
	// lift it.
	ImmutableAfterDays int `json:"immutableAfterDays" settings:"optional" range:"3.." want:"0 (never), or 3 or more (days)"`
}

// Validate reports every problem of the section. region is the stack's.
func (c BackupsConfig) Validate(region string) settings.Problems {
	p := settings.Check(c)
	for i, rule := range c.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		p.WantBeside(at+".startWindowMinutes", rule.CompletionWindowMinutes >= rule.StartWindowMinutes+60,
			at+".completionWindowMinutes",
			rule.CompletionWindowMinutes, "60 or more above startWindowMinutes (%d)", rule.StartWindowMinutes)
		p = append(p, c.Lock.allows(at+".retentionDays", rule.RetentionDays)...)
	}
	if c.Copy != nil {
		p.Want(names.IsRegion(c.Copy.Region) && c.Copy.Region != region, "copy.region", settings.Given(c.Copy.Region),
			"another AWS region than %s", region)
		p = append(p, c.Lock.allows("copy.retentionDays", c.Copy.RetentionDays)...)
	}
	if c.Lock != nil {
		p.WantBeside("lock.maxRetentionDays", c.Lock.MinRetentionDays <= c.Lock.MaxRetentionDays,
			"lock.minRetentionDays", c.Lock.MinRetentionDays,
			"no more than maxRetentionDays (%d)", c.Lock.MaxRetentionDays)
	}
	return p
}

// allows reports a retention that the lock would refuse: every job of the rule would fail.
func (l *BackupLockConfig) allows(path string, days int) settings.Problems {
	var p settings.Problems
	if l != nil {
		p.WantBeside("lock.minRetentionDays", days >= l.MinRetentionDays, path, days,
			"lock.minRetentionDays (%d) or more", l.MinRetentionDays)
		p.WantBeside("lock.maxRetentionDays", days <= l.MaxRetentionDays, path, days,
			"lock.maxRetentionDays (%d) or less", l.MaxRetentionDays)
	}
	return p
}
