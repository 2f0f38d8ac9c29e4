package data

import "github.com/bookmark-manager/infrastructure/internal/settings"

// BucketsConfig is section "buckets".
type BucketsConfig struct {
	// Assets is the bucket of static files that CloudFront serves. Required.
	Assets AssetsBucketConfig `json:"assets"`
	// Logs is the bucket of the load balancer's and CloudFront's logs. Required.
	Logs LogsBucketConfig `json:"logs"`
	// Backups is the bucket of database dumps. Required.
	Backups BackupsBucketConfig `json:"backups"`
}

// AssetsBucketConfig says how long old static files stay.
type AssetsBucketConfig struct {
	// SupersededDays is how long a file of an earlier release is still served to tabs that are open, 1 to 3650 days after a release
	// marked it superseded. Required. Files of the current release never expire.
	SupersededDays int `json:"supersededDays"`
	// NoncurrentDays is how long an overwritten or deleted version can be brought back, 1 to 3650 days. Required.
	NoncurrentDays int `json:"noncurrentDays"`
}

// LogsBucketConfig says how long logs stay.
type LogsBucketConfig struct {
	// ExpireDays is the age at which a log file is deleted, 1 to 3650 days. Required.
	ExpireDays int `json:"expireDays"`
}

// BackupsBucketConfig says how long dumps stay.
type BackupsBucketConfig struct {
	// ExpireDays is the age at which a dump is deleted, 1 to 3650 days. 0 keeps dumps for good.
	ExpireDays int `json:"expireDays"`
	// NoncurrentDays is how long an overwritten or deleted dump can be brought back, 1 to 3650 days. Required.
	NoncurrentDays int `json:"noncurrentDays"`
}

const mostDays = 3650

// Validate reports every problem of the section.
func (c BucketsConfig) Validate() settings.Problems {
	var p settings.Problems
	for _, setting := range []struct {
		path        string
		days, least int
	}{
		{"assets.supersededDays", c.Assets.SupersededDays, 1},
		{"assets.noncurrentDays", c.Assets.NoncurrentDays, 1},
		{"logs.expireDays", c.Logs.ExpireDays, 1},
		{"backups.expireDays", c.Backups.ExpireDays, 0},
		{"backups.noncurrentDays", c.Backups.NoncurrentDays, 1},
	} {
		p.Want(setting.days >= setting.least && setting.days <= mostDays, setting.path, setting.days, "%d to %d (days)", setting.least, mostDays)
	}
	return p
}
