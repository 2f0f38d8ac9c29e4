package data

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // time zones are the same on every machine that deploys

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// BackupsConfig is section "backups".
type BackupsConfig struct {
	// Rules are when recovery points are made and how long they stay. Required.
	Rules []BackupRuleConfig `json:"rules"`
	// Copy sends each recovery point to another region. Default: no copy. Taking the section out leaves the vault and its recovery points
	// behind, and needs the protections to be lifted first.
	Copy *BackupCopyConfig `json:"copy"`
	// Lock keeps everybody from deleting recovery points early. Default: none.
	Lock *BackupLockConfig `json:"lock"`
}

// BackupRuleConfig is one rule of the plan.
type BackupRuleConfig struct {
	// Name is 1 to 50 letters, digits, hyphens, underscores and dots. Required.
	Name string `json:"name"`
	// Schedule is a cron expression of AWS with six fields, such as "cron(0 5 * * ? *)"; no more often than each hour. Required.
	Schedule string `json:"schedule"`
	// Timezone is the schedule's, such as "Asia/Tokyo". Required.
	Timezone string `json:"timezone"`
	// StartWindowMinutes is how late a job may start, 60 or more; CompletionWindowMinutes how long it may take after its time, longer than
	// that by 60 or more. Required.
	StartWindowMinutes      int `json:"startWindowMinutes"`
	CompletionWindowMinutes int `json:"completionWindowMinutes"`
	// RetentionDays is 1 to 36500. Required.
	RetentionDays int `json:"retentionDays"`
}

// BackupCopyConfig is the copy in another region.
type BackupCopyConfig struct {
	// Region is the recovery region, such as "ap-northeast-3". Required; another one makes a new vault.
	Region string `json:"region"`
	// RetentionDays is 1 to 36500. Required.
	RetentionDays int `json:"retentionDays"`
}

// BackupLockConfig is the lock of the vaults.
type BackupLockConfig struct {
	// MinRetentionDays and MaxRetentionDays bound what a recovery point's retention may be, 1 to 36500. Required.
	MinRetentionDays int `json:"minRetentionDays"`
	MaxRetentionDays int `json:"maxRetentionDays"`
	// ImmutableAfterDays, 3 or more, is when nobody, AWS included, can lift the lock any more: vault and recovery points then stay until they
	// expire. Default 0: those with the right to do so can lift it.
	ImmutableAfterDays int `json:"immutableAfterDays"`
}

const mostRetentionDays = 36500

var (
	ruleName   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,50}$`)
	cronFields = regexp.MustCompile(`^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$`)
	oneMinute  = regexp.MustCompile(`^[0-5]?\d$`)
)

// Validate reports every problem of the section. region is the stack's.
func (c BackupsConfig) Validate(region string) settings.Problems {
	var p settings.Problems
	p.Want(len(c.Rules) >= 1, "rules", len(c.Rules), "one rule or more")
	for i, rule := range c.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		p.Under(at, rule.validate())
		for _, earlier := range c.Rules[:i] {
			p.Want(earlier.Name != rule.Name, at+".name", rule.Name, "a name that no other rule has")
		}
		p = append(p, c.Lock.allows(at+".retentionDays", rule.RetentionDays)...)
	}
	if c.Copy != nil {
		p.Want(names.IsRegion(c.Copy.Region) && c.Copy.Region != region, "copy.region", settings.Given(c.Copy.Region), "another AWS region than %s", region)
		wantRetention(&p, "copy.retentionDays", c.Copy.RetentionDays)
		p = append(p, c.Lock.allows("copy.retentionDays", c.Copy.RetentionDays)...)
	}
	if c.Lock != nil {
		wantRetention(&p, "lock.minRetentionDays", c.Lock.MinRetentionDays)
		wantRetention(&p, "lock.maxRetentionDays", c.Lock.MaxRetentionDays)
		p.WantBeside("lock.maxRetentionDays", c.Lock.MinRetentionDays <= c.Lock.MaxRetentionDays, "lock.minRetentionDays", c.Lock.MinRetentionDays,
			"no more than maxRetentionDays (%d)", c.Lock.MaxRetentionDays)
		p.Want(c.Lock.ImmutableAfterDays == 0 || c.Lock.ImmutableAfterDays >= 3, "lock.immutableAfterDays", c.Lock.ImmutableAfterDays, "0 (never), or 3 or more (days)")
	}
	return p
}

func wantRetention(p *settings.Problems, path string, days int) {
	p.Want(days >= 1 && days <= mostRetentionDays, path, days, "1 to %d (days)", mostRetentionDays)
}

// allows reports a retention that the lock would refuse: every job of the rule would fail.
func (l *BackupLockConfig) allows(path string, days int) settings.Problems {
	var p settings.Problems
	if l != nil {
		p.WantBeside("lock.minRetentionDays", days >= l.MinRetentionDays, path, days, "lock.minRetentionDays (%d) or more", l.MinRetentionDays)
		p.WantBeside("lock.maxRetentionDays", days <= l.MaxRetentionDays, path, days, "lock.maxRetentionDays (%d) or less", l.MaxRetentionDays)
	}
	return p
}

func (r BackupRuleConfig) validate() settings.Problems {
	var p settings.Problems
	p.Want(ruleName.MatchString(r.Name), "name", settings.Given(r.Name), "1 to 50 letters, digits, dots, hyphens and underscores")
	fields := cronFields.FindStringSubmatch(r.Schedule)
	// AWS Backup takes one minute of the hour: its shortest interval is an hour.
	p.Want(fields != nil && oneMinute.MatchString(fields[1]) && (fields[3] == "?" || fields[5] == "?"),
		"schedule", settings.Given(r.Schedule), `a cron expression with six fields, one minute, and "?" as the day of the month or of the week, such as "cron(0 5 * * ? *)"`)
	_, err := time.LoadLocation(r.Timezone)
	p.Want(r.Timezone != "" && r.Timezone != "Local" && err == nil, "timezone", settings.Given(r.Timezone), `a time zone such as "Asia/Tokyo"`)
	p.Want(r.StartWindowMinutes >= 60, "startWindowMinutes", r.StartWindowMinutes, "60 or more")
	p.Want(r.CompletionWindowMinutes >= r.StartWindowMinutes+60, "completionWindowMinutes", r.CompletionWindowMinutes,
		"60 or more above startWindowMinutes (%d)", r.StartWindowMinutes)
	wantRetention(&p, "retentionDays", r.RetentionDays)
	return p
}
