package stackconfig

import (
	"slices"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/awscron"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// watched reports settings of alarms that the stack does not have, and of those that could never go
// on or never end. Who sets one takes something for watched.
func (c *Config) watched() settings.Problems {
	var p settings.Problems
	const at = "observability.thresholds."
	set, logs, switched := c.Observability.Thresholds, c.Datadog.Enabled && c.Datadog.Logs, "datadog.logs"
	if !c.Datadog.Enabled {
		switched = "datadog.enabled"
	}
	p.WantBeside("aurora.instances", set.ReplicaLagMilliseconds == 0 || len(c.Aurora.Instances) > 1,
		at+"replicaLagMilliseconds", set.ReplicaLagMilliseconds,
		"nothing: aurora.instances has no reader whose lag could be watched")
	p.WantBeside(switched, set.LogDeliveryPercent == 0 || logs,
		at+"logDeliveryPercent", set.LogDeliveryPercent,
		"nothing, or %s true: no lines are sent whose delivery could be watched", switched)
	p.WantBeside("compute.dump", set.DumpHours == 0 || c.Compute.Dump != nil,
		at+"dumpHours", set.DumpHours, "nothing: without compute.dump there are no dumps that could be missing")
	idle := float64(c.Compute.LoadBalancer.IdleTimeoutSeconds)
	p.WantBeside("compute.loadBalancer.idleTimeoutSeconds", set.LatencySeconds < idle, at+"latencySeconds",
		set.LatencySeconds,
		"less than compute.loadBalancer.idleTimeoutSeconds (%g): the load balancer waits for no answer longer", idle)
	return append(p, c.missing()...)
}

// timetable is when something is due.
type timetable struct{ schedule, timezone string }

// missing wants time for a backup, or a dump, between two of them: or the alarm for one that is
// missing would be on between them.
func (c *Config) missing() settings.Problems {
	var p settings.Problems
	set := settings.WithDefaults(c.Observability).Thresholds
	var backups []timetable
	for _, rule := range c.Backups.Rules {
		backups = append(backups, timetable{rule.Schedule, rule.Timezone})
	}
	p = append(p, between("backups.rules", backups, "backupHours", set.BackupHours)...)
	if dump := c.Compute.Dump; dump != nil {
		due := []timetable{{dump.Schedule, dump.Timezone}}
		p = append(p, between("compute.dump.schedule", due, "dumpHours", set.DumpHours)...)
	}
	return p
}

// between reports times that are further apart than an alarm's threshold, or than any alarm sees.
func between(setting string, due []timetable, threshold string, hours int) settings.Problems {
	var p settings.Problems
	const most = 7 * 24 * time.Hour // that an alarm looks back
	switch gap := longest(due); {
	case gap >= most:
		p.Say(setting, "up to %g hours pass between two times, and an alarm of CloudWatch looks back seven days: "+
			"let it run more often", gap.Hours())
	case gap > 0:
		p.WantBeside(setting, time.Duration(hours)*time.Hour > gap, "observability.thresholds."+threshold, hours,
			"more than %g: so many hours pass between two times of %s", gap.Hours(), setting)
	}
	return p
}

// longest is the longest time from one to the next in a year that has every month, and 0 where a
// schedule says more than is read here.
func longest(due []timetable) time.Duration {
	var times []time.Time
	for _, one := range due {
		zone, err := time.LoadLocation(one.timezone)
		if err != nil {
			return 0 // which the section reports
		}
		start := time.Date(2026, time.January, 1, 0, 0, 0, 0, zone)
		matches, err := awscron.Matches(one.schedule, start, start.AddDate(1, 1, 0))
		if err != nil {
			return 0
		}
		times = append(times, matches...)
	}
	slices.SortFunc(times, time.Time.Compare)
	var gap time.Duration
	for i := range times[min(1, len(times)):] {
		gap = max(gap, times[i+1].Sub(times[i]))
	}
	return gap
}
