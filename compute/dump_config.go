package compute

import (
	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// DumpConfig is the task that dumps the database into the bucket of backups by a schedule: a copy
// that needs no cluster of Aurora's to be read.
type DumpConfig struct {
	// Image is the digest of the image in the task's own repository. It has sh, psql and pg_dump of
	// the database's major version or a later one, and the AWS CLI, and with parameters.verify its
	// bundle. Without it there is the repository, and no task yet.
	Image Digest `json:"image" settings:"optional"`
	// Architecture is the processor that the image was built for.
	Architecture string `json:"architecture" enum:"X86_64,ARM64"`
	// CPU is the task's size in CPU units; 1,024 are a vCPU. pg_dump compresses with one.
	CPU CPUUnits `json:"cpu"`
	// Memory is the task's size, one that Fargate has for CPU.
	Memory int `json:"memory" range:"512..122880" unit:"MiB" hint:"one that Fargate has with the cpu"`
	// Schedule is when it starts: rate(1 day), or cron( and six fields. The alarm that watches it
	// wants a dump within observability.thresholds.dumpHours.
	Schedule string `json:"schedule"`
	// Timezone is the IANA name of the zone that a cron expression is in.
	Timezone string `json:"timezone" format:"timezone" pattern:"^[A-Za-z_]+/[A-Za-z0-9_+/-]+$"`
	// RetentionDays is the age at which a dump is deleted; buckets.backups.noncurrentDays later it
	// is gone. It is no longer than buckets.backups.expireDays, and no shorter than the bucket's
	// lock.
	RetentionDays int `json:"retentionDays" range:"1..3650" unit:"days"`
	// PasswordRotation moves the dump to its other role, with a new password, when it is raised by
	// one.
	PasswordRotation int `json:"passwordRotation" range:"1.." hint:"raise it by one to rotate"`
	// LogRetentionDays is how long logs are kept.
	LogRetentionDays retention.Days `json:"logRetentionDays"`
}

// Validate reports every problem of the dump.
func (c DumpConfig) Validate() settings.Problems {
	p := settings.Check(c)
	if size, ok := fargateSizeOf(int(c.CPU)); ok {
		p.Want(size.takes(c.Memory), "memory", c.Memory, "%s", size.allowed())
	}
	problem := scheduleProblem(c.Schedule)
	p.Want(problem == "", "schedule", settings.Given(c.Schedule), "%s", problem)
	return p
}
