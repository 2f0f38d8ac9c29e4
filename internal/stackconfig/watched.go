package stackconfig

import (
	"slices"
	"time"

	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/internal/awscron"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// watched reports settings of alarms that the stack does not have, and of those that could never go
// on or never end. Who sets one takes something for watched.
func (c *Config) watched() settings.Problems {
	var p settings.Problems
	const at = "observability.thresholds."
	set, logs := c.Observability.Thresholds, c.Datadog.Enabled && c.Datadog.Logs
	p.WantBeside("aurora.instances", set.ReplicaLagMilliseconds == 0 || len(c.Aurora.Instances) > 1,
		at+"replicaLagMilliseconds", set.ReplicaLagMilliseconds,
		"nothing: aurora.instances has no reader whose lag could be watched")
	p.WantBeside("datadog.logs", set.LogDeliveryPercent == 0 || logs,
		at+"logDeliveryPercent", set.LogDeliveryPercent,
		"nothing: datadog.logs sends no lines whose delivery could be watched")
	p.WantBeside("datadog.logs", len(c.Datadog.LogSources) == 0 || logs,
		"datadog.logSources", c.Datadog.LogSources, "nothing, or datadog.logs true: no lines are sent")
	idle := float64(c.Compute.LoadBalancer.IdleTimeoutSeconds)
	p.WantBeside("compute.loadBalancer.idleTimeoutSeconds", set.LatencySeconds < idle, at+"latencySeconds",
		set.LatencySeconds,
		"less than compute.loadBalancer.idleTimeoutSeconds (%g): the load balancer waits for no answer longer", idle)
	return append(p, c.backupHours()...)
}

// backupHours wants time for a backup between two of them: or the alarm would be on between them.
func (c *Config) backupHours() settings.Problems {
	var p settings.Problems
	hours := settings.WithDefaults(c.Observability).Thresholds.BackupHours
	const most = 7 * 24 * time.Hour // that an alarm looks back
	switch gap := longestBetween(c.Backups.Rules); {
	case gap >= most:
		p.Say("backups.rules",
			"up to %g hours pass between two backups, and an alarm of CloudWatch looks back seven days: "+
				"add a rule that runs more often", gap.Hours())
	case gap > 0:
		p.WantBeside("backups.rules", time.Duration(hours)*time.Hour > gap, "observability.thresholds.backupHours",
			hours,
			"more than %g: so long is the longest time between two backups of backups.rules", gap.Hours())
	}
	return p
}

// longestBetween is the longest time between two backups of a year that has every month, and 0
// where a schedule says more than is read here.
func longestBetween(rules []data.BackupRuleConfig) time.Duration {
	var times []time.Time
	for _, rule := range rules {
		zone, err := time.LoadLocation(rule.Timezone)
		if err != nil {
			return 0 // which the section reports
		}
		start := time.Date(2026, time.January, 1, 0, 0, 0, 0, zone)
		matches, err := awscron.Matches(rule.Schedule, start, start.AddDate(1, 1, 0))
		if err != nil {
			return 0
		}
		times = append(times, matches...)
	}
	slices.SortFunc(times, time.Time.Compare)
	var longest time.Duration
	for i := range times[min(1, len(times)):] {
		longest = max(longest, times[i+1].Sub(times[i]))
	}
	return longest
}
