package data

import (
	"regexp"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// BucketsConfig is how long the objects of the three buckets stay: section "buckets".
type BucketsConfig struct {
	// Assets is the bucket of static files that CloudFront serves.
	Assets AssetsBucketConfig `json:"assets"`
	// Logs is the bucket of the load balancer's and CloudFront's logs.
	Logs LogsBucketConfig `json:"logs"`
	// Backups is the bucket of database dumps.
	Backups BackupsBucketConfig `json:"backups"`
}

// AssetsBucketConfig says how long old static files stay.
type AssetsBucketConfig struct {
	// Name is the bucket's name, for one that was made elsewhere. Another one replaces the bucket.
	// Default bookmark-manager, the environment, the bucket's role and the account, joined by
	// hyphens.
	Name BucketName `json:"name" settings:"optional"`
	// SupersededDays is how long a file of an earlier release is still served to tabs that are
	// open, after a release marked it superseded. Files of the current release never expire.
	SupersededDays int `json:"supersededDays" range:"1..3650" unit:"days"`
	// NoncurrentDays is how long an overwritten or deleted version can be brought back.
	NoncurrentDays int `json:"noncurrentDays" range:"1..3650" unit:"days"`
}

// LogsBucketConfig says how long logs stay.
type LogsBucketConfig struct {
	// Name is the bucket's name, for one that was made elsewhere. Another one replaces the bucket.
	// Default bookmark-manager, the environment, the bucket's role and the account, joined by
	// hyphens.
	Name BucketName `json:"name" settings:"optional"`
	// ExpireDays is the age at which a log file is deleted.
	ExpireDays int `json:"expireDays" range:"1..3650" unit:"days"`
}

// BackupsBucketConfig says how long dumps stay.
type BackupsBucketConfig struct {
	// Name is the bucket's name, for one that was made elsewhere. Another one replaces the bucket.
	// Default bookmark-manager, the environment, the bucket's role and the account, joined by
	// hyphens.
	Name BucketName `json:"name" settings:"optional"`
	// ExpireDays is the age at which a dump is deleted. 0 keeps dumps for good.
	ExpireDays int `json:"expireDays" settings:"optional" range:"0..3650" unit:"days"`
	// NoncurrentDays is how long an overwritten or deleted dump can be brought back.
	NoncurrentDays int `json:"noncurrentDays" range:"1..3650" unit:"days"`
	// ObjectLock keeps each dump from being deleted or overwritten early. S3 never switches it off
	// again: taking the section out ends it for new dumps alone, and so does shortening it.
	ObjectLock *ObjectLockConfig `json:"objectLock"`
}

// ObjectLockConfig is the retention that each new version of an object has.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
type ObjectLockConfig struct {
	// Mode is governance, which those with s3:BypassGovernanceRetention can lift, or compliance,
	// which nobody can, the account's root included.
	Mode string `json:"mode" enum:"governance,compliance"`
	// Days is how long a version stays.
	Days int `json:"days" range:"1..36500" unit:"days"`
}

// BucketName is the name of a bucket that policies and CloudFront can name: without dots, which TLS
// certificates of virtual hosts do not cover.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
type BucketName string

// Rule implements settings.Ruled.
func (BucketName) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`),
		Want:    "3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends",
	}
}

// Validate reports every problem of the section. Buckets have names of their own. disposable is a
// stack whose destroy empties its buckets.
func (c BucketsConfig) Validate(disposable bool) settings.Problems {
	p := settings.Check(c)
	roles := map[BucketName]string{}
	for _, one := range []struct {
		role string
		name BucketName
	}{{assetsRole, c.Assets.Name}, {logsRole, c.Logs.Name}, {backupsRole, c.Backups.Name}} {
		p.Want(one.name == "" || roles[one.name] == "", one.role+".name", one.name,
			"a bucket of its own: buckets.%s has it too", roles[one.name])
		roles[one.name] = one.role
	}
	if lock := c.Backups.ObjectLock; lock != nil {
		p.WantBeside("backups.objectLock.days", c.Backups.ExpireDays == 0 || c.Backups.ExpireDays >= lock.Days,
			"backups.expireDays", c.Backups.ExpireDays,
			"objectLock.days (%d) or more, or 0: no dump is deleted before its lock ends", lock.Days)
		p.WantBeside("disposable", !disposable || lock.Mode != complianceMode, "backups.objectLock.mode", lock.Mode,
			"governance on a disposable stack: its destroy empties the bucket, and nobody can delete what is locked")
	}
	return p
}

const complianceMode = "compliance"

// name is the name that a role's bucket is given; empty for the default.
func (c BucketsConfig) name(role string) BucketName {
	return map[string]BucketName{assetsRole: c.Assets.Name, logsRole: c.Logs.Name, backupsRole: c.Backups.Name}[role]
}
