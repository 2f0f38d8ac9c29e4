package observability

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// watched is what a stack has to watch, as far as the table must know it.
type watched struct {
	services     map[string]watchedService
	queues       map[string]float64 // by service, the seconds that the oldest message may wait
	hours        *Hours             // of a site that sleeps
	natZones     []string
	minACU       float64
	maxACU       float64
	reader       bool // Aurora has a second instance
	signed       bool // the hosted zone has DNSSEC
	backups      bool // there is a vault for backups
	copies       bool // and one for their copies
	dumps        bool // a task dumps the database
	scheduled    bool // schedules start tasks
	logStream    bool // log lines go to Datadog
	logMetrics   string
	extraMetrics bool   // CloudFront sends its additional metrics
	closed       bool   // CloudFront answers with 503 by intention
	prober       string // the service that answers the health check; empty when none runs
}

type watchedService struct {
	minTasks int  // that run at any time that it is awake
	sleeps   bool // has no task outside of its hours
	targets  bool // the load balancer reaches it
	logs     bool // it has a log group of its own
	noticed  int  // seconds until the load balancer finds a target that does not answer unhealthy
}

const (
	fiveMinutes = 300
	hour        = 3600
	fourHours   = 14400
	day         = 86400
)

// The sections of the runbook that alarms link to.
const (
	sectionService      = "service-under-load"
	sectionTasks        = "tasks-missing"
	sectionErrorLines   = "errors-in-the-logs"
	sectionTargets      = "unhealthy-targets"
	sectionServerErrors = "server-errors"
	sectionLatency      = "slow-responses"
	sectionQueue        = "messages-waiting"
	sectionConnections  = "database-connections"
	sectionCapacity     = "database-capacity"
	sectionReplica      = "database-replica-lag"
	sectionDeadlocks    = "database-deadlocks"
	sectionNAT          = "nat-port-errors"
	sectionFirewall     = "blocked-requests"
	sectionCertificate  = "certificate-expiry"
	sectionSite         = "site-down"
	sectionSigning      = "dnssec-failing"
	sectionEdgeErrors   = "errors-at-the-edge"
	sectionBackups      = "failed-backups"
	sectionDumps        = "missing-dumps"
	sectionScheduled    = "scheduled-tasks"
	sectionLogStream    = "logs-refused-by-datadog"
	sectionTrouble      = "trouble-in-the-application"
	sectionFindings     = "findings"
)

// alarms is the table of a stack's alarms, services and zones in the order of their names. On a
// site that sleeps, the alarms that would go on while it does look at their metrics only within its
// hours.
func alarms(w watched, t Thresholds) ([]alarm, error) {
	all := table(w, t)
	for i, one := range all {
		var err error
		service, missing := strings.CutSuffix(one.key, tasksMissingEnd)
		switch {
		case one.key == keyServerErrors:
			all[i], err = w.hours.only(one, "errors", 0)
		case one.key == keyOutage:
			all[i], err = w.hours.only(one, "healthy", 1)
		case one.key == keyEdgeErrors:
			all[i], err = w.hours.only(one, "requests", 0)
		case one.key == keySiteHealth:
			all[i], err = w.hours.only(one, "", 1)
		case missing && w.services[service].sleeps:
			all[i], err = w.hours.only(one, "tasks", one.threshold)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func table(w watched, t Thresholds) []alarm {
	var all []alarm
	for _, service := range slices.Sorted(maps.Keys(w.services)) {
		all = append(all, serviceAlarms(service, w.services[service], w.logMetrics, t)...)
	}
	for _, service := range slices.Sorted(maps.Keys(w.queues)) {
		all = append(all, queueAlarms(service, w.queues[service])...)
	}
	all = append(all, loadBalancerAlarms(t)...)
	if w.prober != "" {
		all = append(all, outageAlarm(w.prober, w.services[w.prober]))
	}
	all = append(all, databaseAlarms(w, t)...)
	for _, zone := range slices.Sorted(slices.Values(w.natZones)) {
		all = append(all, natAlarm(zone))
	}
	all = append(all, edgeAlarms(t)...)
	if w.signed {
		all = append(all, signingAlarms()...)
	}
	all = append(all, certificateAlarms(t)...)
	if w.backups {
		all = append(all, backupAlarms(w, t)...)
	}
	if w.dumps {
		all = append(all, dumpAlarm(w, t))
	}
	if w.scheduled {
		all = append(all, startsAlarm())
	}
	if w.logStream {
		all = append(all, logStreamAlarm(t))
	}
	return all
}

// loadBalancerAlarms are about the requests of all services. Requests are few at night, so a rate
// or a percentile counts only from a number of them on: one slow page is neither an alarm, nor does
// it keep one up until morning.
func loadBalancerAlarms(t Thresholds) []alarm {
	ofLoadBalancer := map[string]dimension{"LoadBalancer": on(loadBalancer)}
	of := func(id, name, stat string) idMetric {
		return idMetric{id, metric{"AWS/ApplicationELB", name, stat, ofLoadBalancer}}
	}
	// RequestCount counts what was sent to a target. A request that finds no target is a 503 of the
	// load balancer, and in an outage of all targets every request is one. The counters of errors
	// have no data without errors; FILL makes them 0. Two periods: the minute in which a database
	// restarts for an upgrade is no incident.
	return []alarm{{
		key:     keyServerErrors,
		section: sectionServerErrors,
		silent:  true,
		means: fmt.Sprintf("More than %g %% of the load balancer's requests end in a 5xx status.",
			t.ServerErrorPercent),
		first: "tell errors of the targets from those of the load balancer on the dashboard, then roll back a " +
			"deploy that began them.",
		expression: fmt.Sprintf("IF(all>=%g,(100*errors)/all,0)", t.ServerErrorMinRequests),
		inputs: []idMetric{
			of("routed", "RequestCount", "Sum"), of("unrouted", "HTTPCode_ELB_503_Count", "Sum"),
			of("targets", "HTTPCode_Target_5XX_Count", "Sum"), of("balancer", "HTTPCode_ELB_5XX_Count", "Sum"),
		},
		steps: []step{
			{"all", "FILL(routed,0)+FILL(unrouted,0)"}, {"errors", "FILL(targets,0)+FILL(balancer,0)"},
		},
		period:     fiveMinutes,
		periods:    2,
		comparison: above,
		threshold:  t.ServerErrorPercent,
		missing:    missingIsGood,
	}, {
		key:        "alb-latency-high",
		section:    sectionLatency,
		silent:     true,
		means:      fmt.Sprintf("One request in 20 waits longer than %g s for its answer.", t.LatencySeconds),
		first:      "compare with the database's load and with the slowest paths in the load balancer's logs.",
		expression: fmt.Sprintf("IF(requests>=%g,slow,0)", t.ServerErrorMinRequests),
		inputs:     []idMetric{of("requests", "RequestCount", "Sum"), of("slow", "TargetResponseTime", "p95")},
		period:     fiveMinutes,
		periods:    3,
		comparison: above,
		threshold:  t.LatencySeconds,
		missing:    missingIsGood,
	}}
}

func databaseAlarms(w watched, t Thresholds) []alarm {
	ofDatabase := func(name, stat string) metric {
		return metric{"AWS/RDS", name, stat, map[string]dimension{"DBClusterIdentifier": on(database)}}
	}
	limit := connectionLimit(w.minACU, w.maxACU)
	all := []alarm{
		{
			key:     "aurora-connections-high",
			section: sectionConnections,
			silent:  true,
			means: fmt.Sprintf("An Aurora instance has more than %g %% of the %g connections that its capacity "+
				"range allows.", t.ConnectionsPercent, limit),
			first:      "list the connections by user and state; idle ones mean a pool that is too large.",
			metric:     ofDatabase("DatabaseConnections", "Maximum"),
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  limit * t.ConnectionsPercent / 100,
			missing:    missingIsGood,
		},
		{
			key:        "aurora-capacity-high",
			section:    sectionCapacity,
			silent:     true,
			means:      fmt.Sprintf("Aurora uses more than %g %% of its %g ACU.", t.CapacityPercent, w.maxACU),
			first:      "find the statements that cause the load in Database Insights before raising maxAcu.",
			metric:     ofDatabase("ACUUtilization", "Average"),
			period:     fiveMinutes,
			periods:    3,
			comparison: above,
			threshold:  t.CapacityPercent,
			missing:    missingIsGood,
		},
		{
			key:     "aurora-memory-low",
			section: sectionCapacity,
			silent:  true,
			means: fmt.Sprintf("Aurora has less than %g %% of the memory of %g ACU left.", t.FreeMemoryPercent,
				w.maxACU),
			first:      "look at connections and at the largest statements: the cluster cannot grow any more.",
			metric:     ofDatabase("FreeableMemory", "Minimum"),
			period:     fiveMinutes,
			periods:    3,
			comparison: below,
			threshold:  memoryBytes(w.maxACU) * t.FreeMemoryPercent / 100,
			missing:    missingIsGood,
		},
		{
			key:     "aurora-deadlocks",
			section: sectionDeadlocks,
			silent:  true,
			means:   fmt.Sprintf("Aurora breaks more than %g deadlocks a minute.", t.DeadlocksPerMinute),
			first:   "read the two statements of a deadlock in the PostgreSQL log.",
			// The metric is a rate by the second.
			metric:     ofDatabase("Deadlocks", "Average"),
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  t.DeadlocksPerMinute / 60,
			missing:    missingIsGood,
		},
	}
	if w.reader {
		all = append(all, alarm{
			key:     "aurora-replica-lag-high",
			section: sectionReplica,
			silent:  true,
			means: fmt.Sprintf("The Aurora reader is more than %g ms behind the writer.",
				t.ReplicaLagMilliseconds),
			first:      "look for a long transaction on the reader and for a burst of writes.",
			metric:     ofDatabase("AuroraReplicaLagMaximum", "Maximum"),
			period:     60,
			periods:    5,
			comparison: above,
			threshold:  t.ReplicaLagMilliseconds,
			missing:    missingIsGood,
		})
	}
	return all
}

func natAlarm(zone string) alarm {
	return alarm{
		key:     "nat-port-errors-" + zone,
		section: sectionNAT,
		means:   fmt.Sprintf("The NAT gateway of zone %s had no port left for a connection.", zone),
		first:   "find the host that many connections go to, and whether the client keeps them alive.",
		metric: metric{"AWS/NATGateway", "ErrorPortAllocation", "Sum", map[string]dimension{
			"NatGatewayId": on(natGateway(zone)),
		}},
		period:     fiveMinutes,
		periods:    1,
		comparison: above,
		threshold:  0,
		missing:    missingIsGood,
	}
}

// backupAlarms go on when no backup or copy is completed: AWS Backup does not report a plan that
// backs up nothing. EventBridge reports jobs that fail. Copies are counted under the vault that
// they go to; that it is in the region that they are made from is not verified.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
func backupAlarms(w watched, t Thresholds) []alarm {
	missing := func(key, what, name string, vault targetName) alarm {
		return alarm{
			key:     key,
			section: sectionBackups,
			means:   fmt.Sprintf("AWS Backup has completed no %s for %d hours.", what, t.BackupHours),
			first: "list its jobs: none at all means a region that has not opted in, or a plan without a " +
				"database.",
			metric:     metric{"AWS/Backup", name, "Sum", map[string]dimension{"BackupVaultName": on(vault)}},
			period:     hour,
			periods:    t.BackupHours,
			comparison: below,
			threshold:  1,
			missing:    missingIsBad,
		}
	}
	all := []alarm{missing("backup-missing", "backup", "NumberOfBackupJobsCompleted", backupVault)}
	if w.copies {
		all = append(all,
			missing("backup-copy-missing", "copy to the recovery region", "NumberOfCopyJobsCompleted", copyVault))
	}
	return all
}

// dumpAlarm watches for a dump that was begun, failed or never started: the task says when one is
// there.
func dumpAlarm(w watched, t Thresholds) alarm {
	return alarm{
		key:        "dump-missing",
		section:    sectionDumps,
		means:      fmt.Sprintf("No dump of the database has been completed for %d hours.", t.DumpHours),
		first:      "read the task's log; without a line of the last night the task did not start.",
		metric:     metric{w.logMetrics, dumpsCompleted, "Sum", nil},
		period:     hour,
		periods:    t.DumpHours,
		comparison: below,
		threshold:  1,
		missing:    missingIsBad,
	}
}

// logStreamAlarm watches what Datadog takes. The age of the oldest line shows nothing: after its
// time for retries Firehose gives a batch to the bucket, and the next one is young. Success is
// there for each request, 1 or 0; where none was made in spite of lines that came in, it is 0 as
// well.
// https://docs.aws.amazon.com/firehose/latest/dev/cloudwatch-metrics.html
func logStreamAlarm(t Thresholds) alarm {
	of := func(id, name, stat string) idMetric {
		return idMetric{id,
			metric{"AWS/Firehose", name, stat, map[string]dimension{"DeliveryStreamName": on(logStream)}}}
	}
	return alarm{
		key:     "datadog-logs-refused",
		section: sectionLogStream,
		means: fmt.Sprintf("Datadog takes less than %g %% of the requests with log lines. The rest goes to the "+
			"log bucket.", t.LogDeliveryPercent),
		first:      "read one of the objects below datadog/ in the log bucket: each line says why it was refused.",
		expression: "IF(incoming>0,100*FILL(taken,0),100)",
		inputs: []idMetric{of("incoming", "IncomingRecords", "Sum"),
			of("taken", "DeliveryToHttpEndpoint.Success", "Average")},
		period:     fiveMinutes,
		periods:    3,
		comparison: below,
		threshold:  t.LogDeliveryPercent,
		missing:    missingIsGood,
	}
}

// The alarms that the composite alarm is made of, and those that a site that sleeps does not have
// outside of its hours.
const (
	keyServerErrors = "alb-5xx-rate-high"
	keyOutage       = "health-check-unanswered"
	keySiteHealth   = "site-health"
	keyEdgeErrors   = "cloudfront-5xx-rate-high"
	keySiteDown     = "site-down"
	keyTrouble      = "application-trouble"
)

// dumpsCompleted is the metric of the dumps that the task says it has written.
const dumpsCompleted = "dumps-completed"

// errorLines is the metric of a service's error lines.
func errorLines(service string) string { return service + "-error-lines" }

// RunbookSections are the sections of the runbook, by their fragments, that alarms and monitors
// link to, sorted.
func RunbookSections() []string {
	return slices.Sorted(slices.Values([]string{
		sectionService, sectionTasks, sectionErrorLines, sectionTargets, sectionServerErrors, sectionLatency,
		sectionQueue,
		sectionConnections, sectionCapacity, sectionReplica, sectionDeadlocks, sectionNAT, sectionFirewall,
		sectionCertificate,
		sectionSigning, sectionSite, sectionEdgeErrors, sectionBackups, sectionDumps, sectionScheduled,
		sectionLogStream, sectionTrouble,
		sectionDeployments,
		sectionStopped, sectionErrorBudget, sectionNoTraffic, sectionFindings,
	}))
}
