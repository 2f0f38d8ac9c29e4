package data

import "github.com/bookmark-manager/infrastructure/internal/settings"

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
	// SupersededDays is how long a file of an earlier release is still served to tabs that are open, after a release marked it superseded.
	// Files of the current release never expire.
	SupersededDays int `json:"supersededDays" range:"1..3650" unit:"days"`
	// NoncurrentDays is how long an overwritten or deleted version can be brought back.
	NoncurrentDays int `json:"noncurrentDays" range:"1..3650" unit:"days"`
}

// LogsBucketConfig says how long logs stay.
type LogsBucketConfig struct {
	// ExpireDays is the age at which a log file is deleted.
	ExpireDays int `json:"expireDays" range:"1..3650" unit:"days"`
}

// BackupsBucketConfig says how long dumps stay.
type BackupsBucketConfig struct {
	// ExpireDays is the age at which a dump is deleted. 0 keeps dumps for good.
	ExpireDays int `json:"expireDays" settings:"optional" range:"0..3650" unit:"days"`
	// NoncurrentDays is how long an overwritten or deleted dump can be brought back.
	NoncurrentDays int `json:"noncurrentDays" range:"1..3650" unit:"days"`
}

// Validate reports every problem of the section.
func (c BucketsConfig) Validate() settings.Problems { return settings.Check(c) }
