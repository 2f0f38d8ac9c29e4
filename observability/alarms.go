package observability

import (
	"fmt"
	"maps"
	"slices"
)

// watched is what a stack has to watch, as far as the table must know it.
type watched struct {
	services      map[string]watchedService
	queues        map[string]float64 // by service, the seconds that the oldest message may wait
	hours         *Hours             // of a site that sleeps
	natZones      []string
	minACU        float64
	maxACU        float64
	reader        bool // Aurora has a second instance
	signed        bool // the hosted zone has DNSSEC
	backups       bool // there is a vault for backups
	copies        bool // and one for their copies
	logStream     bool // log lines go to Datadog
	errorsMetrics string
	extraMetrics  bool   // CloudFront sends its additional metrics
	prober        string // the service that answers the health check; empty when none runs
}

type watchedService struct {
	minTasks int  // that run at any time that it is awake
	sleeps   bool // has no task outside of its hours
	targets  bool // the load balancer reaches it
	logs     bool // it has a log group of its own
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
	sectionLogStream    = "logs-refused-by-datadog"
	sectionTrouble      = "trouble-in-the-application"
)

// alarms is the table of a stack's alarms, services and zones in the order of their names. What a
// site that sleeps cannot have outside of its hours is not looked for then.
func alarms(w watched, t Thresholds) ([]alarm, error) {
	all := table(w, t)
	for i, one := range all {
		var err error
		switch one.key {
		case keyServerErrors:
			all[i], err = w.hours.only(one, "errors", 0)
		case keyOutage:
			all[i], err = w.hours.only(one, "healthy", 1)
		case keyEdgeErrors:
			all[i], err = w.hours.only(one, "requests", 0)
		case keySiteHealth:
			all[i], err = w.hours.only(one, "", 1)
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
		all = append(all, serviceAlarms(service, w.services[service], w.errorsMetrics, t)...)
	}
	for _, service := range slices.Sorted(maps.Keys(w.queues)) {
		all = append(all, queueAlarms(service, w.queues[service])...)
	}
	all = append(all, loadBalancerAlarms(t)...)
	if w.prober != "" {
		all = append(all, outageAlarm(w.prober))
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
	if w.logStream {
		all = append(all, logStreamAlarm(t))
	}
	return all
}

func serviceAlarms(service string, w watchedService, errorsMetrics string, t Thresholds) []alarm {
	ofService := map[string]dimension{"ClusterName": on(cluster), "ServiceName": on(serviceTarget(service))}
	utilization := func(name string) metric { return metric{"AWS/ECS", name, "Average", ofService} }
	all := []alarm{
		{
			key:        service + "-cpu-high",
			section:    sectionService,
			told:       true,
			means:      fmt.Sprintf("Service %s uses more than %g %% of its CPU.", service, t.CPUPercent),
			first:      "look whether tasks are being added and whether requests grew with the load.",
			metric:     utilization("CPUUtilization"),
			period:     fiveMinutes,
			periods:    2,
			comparison: above,
			threshold:  t.CPUPercent,
			missing:    missingIsGood,
		},
		{
			key:        service + "-memory-high",
			section:    sectionService,
			told:       true,
			means:      fmt.Sprintf("Service %s uses more than %g %% of its memory.", service, t.MemoryPercent),
			first:      "look whether memory has grown since the last deploy; a task that runs out is killed.",
			metric:     utilization("MemoryUtilization"),
			period:     fiveMinutes,
			periods:    2,
			comparison: above,
			threshold:  t.MemoryPercent,
			missing:    missingIsGood,
		},
	}
	if w.targets {
		all = append(all, alarm{
			key:        service + "-unhealthy-targets",
			section:    sectionTargets,
			told:       true,
			means:      fmt.Sprintf("The load balancer finds tasks of service %s unhealthy.", service),
			first:      "read the reasons of stopped tasks and the last lines of their logs.",
			metric:     hosts(service, "UnHealthyHostCount", "Maximum"),
			period:     60,
			periods:    3,
			comparison: above,
			threshold:  0,
			missing:    missingIsGood,
		})
	}
	if w.minTasks > 0 {
		all = append(all, tasksMissing(service, w, ofService))
	}
	if w.logs {
		all = append(all, alarm{
			key:        service + "-error-lines",
			section:    sectionErrorLines,
			told:       true,
			means:      fmt.Sprintf("Service %s has logged more than %g errors in 5 minutes.", service, t.ErrorLines),
			first:      "run the saved query of the service's errors and compare with the latest deploy.",
			metric:     metric{errorsMetrics, errorLines(service), "Sum", nil},
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  t.ErrorLines,
			missing:    missingIsGood,
		})
	}
	return all
}

// tasksMissing watches what a stack has without Container Insights, which is billed and may be off.
// The load balancer counts a service's healthy targets and sends nothing when none is registered.
// Of a service that it does not reach, ECS sends one sample of the CPU for each task and minute.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func tasksMissing(service string, w watchedService, ofService map[string]dimension) alarm {
	one := alarm{
		key:        service + "-tasks-missing",
		section:    sectionTasks,
		told:       true,
		means:      fmt.Sprintf("Service %s runs fewer than its %d tasks.", service, w.minTasks),
		first:      "read the service's events: they say why a task does not start.",
		metric:     metric{"AWS/ECS", "CPUUtilization", "SampleCount", ofService},
		period:     60,
		periods:    5,
		comparison: below,
		threshold:  float64(w.minTasks),
		missing:    missingIsBad,
	}
	if w.targets {
		one.means = fmt.Sprintf("Service %s has fewer than %d healthy tasks.", service, w.minTasks)
		one.metric = hosts(service, "HealthyHostCount", "Minimum")
	}
	if !w.sleeps {
		return one
	}
	// No task at all is how the service sleeps. By day that is the site's own alarm: here it
	// cannot be told apart.
	one.missing = missingIsGood
	if w.targets {
		one.inputs = []idMetric{{"healthy", one.metric}, {"unhealthy", hosts(service, "UnHealthyHostCount", "Maximum")}}
		one.expression = fmt.Sprintf("IF((healthy+unhealthy)>0,healthy,%d)", w.minTasks)
		one.metric = metric{}
	}
	return one
}

// outageAlarm is on while the health check of the site cannot succeed, and goes on before the other
// alarms of the region do: while it is on, site-down tells of what they would tell.
func outageAlarm(service string) alarm {
	return alarm{
		key:     keyOutage,
		section: sectionSite,
		told:    true,
		means: fmt.Sprintf("Service %s, which answers the site's health check, has no healthy target: the site is "+
			"down, and %s says so.",
			service, keySiteDown),
		first:      "see " + keySiteDown + "; while this alarm is on, " + keyTrouble + " sends no message of its own.",
		expression: "FILL(healthy,0)",
		inputs:     []idMetric{{"healthy", hosts(service, "HealthyHostCount", "Minimum")}},
		period:     60,
		periods:    2,
		comparison: below,
		threshold:  1,
		missing:    missingIsGood,
	}
}

// hosts is a count of the service's targets.
func hosts(service, name, stat string) metric {
	return metric{"AWS/ApplicationELB", name, stat, map[string]dimension{
		"LoadBalancer": on(loadBalancer), "TargetGroup": on(targetGroup(service)),
	}}
}

// queueAlarms watch a queue that is not emptied, and one whose messages cannot be handled. SQS
// sends nothing of a queue that has been idle for six hours.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
func queueAlarms(service string, oldestSeconds float64) []alarm {
	of := func(name targetName, metricName string) metric {
		return metric{"AWS/SQS", metricName, "Maximum", map[string]dimension{"QueueName": on(name)}}
	}
	return []alarm{
		{
			key:        service + "-messages-late",
			section:    sectionQueue,
			told:       true,
			means:      fmt.Sprintf("A message has waited for service %s for more than %g s.", service, oldestSeconds),
			first:      "look whether tasks are being added, and whether the service's log has errors.",
			metric:     of(queue(service), "ApproximateAgeOfOldestMessage"),
			period:     fiveMinutes,
			periods:    2,
			comparison: above,
			threshold:  oldestSeconds,
			missing:    missingIsGood,
		},
		{
			key:        service + "-dead-letters",
			section:    sectionQueue,
			means:      fmt.Sprintf("Service %s has messages that it could not handle.", service),
			first:      "read one of them and the service's log; after the repair send them back to the queue.",
			metric:     of(deadLetters(service), "ApproximateNumberOfMessagesVisible"),
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  0,
			missing:    missingIsGood,
		},
	}
}

// loadBalancerAlarms are about the requests of all services. Requests are few at night, so a rate
// or a percentile counts only from a number of them on: one slow page is neither an alarm, nor does
// it keep one up until morning.
func loadBalancerAlarms(t Thresholds) []alarm {
	ofLoadBalancer := map[string]dimension{"LoadBalancer": on(loadBalancer)}
	of := func(id, name, stat string) idMetric {
		return idMetric{id, metric{"AWS/ApplicationELB", name, stat, ofLoadBalancer}}
	}
	// RequestCount counts what was sent to a target. What found none is a 503 of the load balancer,
	// and in an outage of all targets that is everything. The counters of errors have no data
	// without errors; FILL makes them 0. Two periods: the minute in which a database restarts for
	// an upgrade is no incident.
	return []alarm{{
		key:     keyServerErrors,
		section: sectionServerErrors,
		told:    true,
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
		told:       true,
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
			told:    true,
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
			told:       true,
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
			told:    true,
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
			told:    true,
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
			told:    true,
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

// edgeAlarms watch what CloudFront, its web ACL and Route53 report, in us-east-1 alone.
func edgeAlarms(t Thresholds) []alarm {
	ofDistribution := map[string]dimension{"DistributionId": on(distribution), "Region": fixed("Global")}
	return []alarm{
		{
			key:     "waf-blocked-high",
			global:  true,
			section: sectionFirewall,
			means:   fmt.Sprintf("The web ACL has blocked more than %g requests in 5 minutes.", t.BlockedRequests),
			first:   "see which rule blocks and whom: an attack needs nothing, a false positive needs an exception.",
			// Metrics of a web ACL for CloudFront have no Region dimension.
			metric: metric{"AWS/WAFV2", "BlockedRequests", "Sum",
				map[string]dimension{"WebACL": on(webACL), "Rule": fixed("ALL")}},
			period:     fiveMinutes,
			periods:    1,
			comparison: above,
			threshold:  t.BlockedRequests,
			missing:    missingIsGood,
		},
		{
			key:     keyEdgeErrors,
			global:  true,
			section: sectionEdgeErrors,
			told:    true,
			means: fmt.Sprintf("More than %g %% of CloudFront's requests end in a 5xx status.",
				t.EdgeErrorPercent),
			first:      "compare with the load balancer's own rate: without errors there, CloudFront cannot reach it.",
			expression: fmt.Sprintf("IF(requests>=%g,rate,0)", t.ServerErrorMinRequests),
			inputs: []idMetric{
				{"requests", metric{"AWS/CloudFront", "Requests", "Sum", ofDistribution}},
				{"rate", metric{"AWS/CloudFront", "5xxErrorRate", "Average", ofDistribution}},
			},
			// Half an hour: the region's own alarms tell of the same errors before, and this one of
			// those that they cannot see, or that nobody has mended since.
			period:     fiveMinutes,
			periods:    6,
			comparison: above,
			threshold:  t.EdgeErrorPercent,
			missing:    missingIsGood,
		},
		{
			key:     keySiteHealth,
			global:  true,
			section: sectionSite,
			told:    true,
			means:   "Route53's health checkers cannot open the site.",
			first:   "open the site yourself, then follow the request: DNS, CloudFront, load balancer, tasks.",
			metric: metric{"AWS/Route53", "HealthCheckStatus", "Minimum",
				map[string]dimension{"HealthCheckId": on(healthCheck)}},
			period:     60,
			periods:    3,
			comparison: below,
			threshold:  1,
			missing:    missingIsBad,
		},
	}
}

// signingAlarms watch the zone's signatures. Resolvers that check them find no name of the domain
// once they fail. Route53 reports every four hours.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-hosted-zones-with-cloudwatch.html
func signingAlarms() []alarm {
	reported := func(name string) metric {
		return metric{"AWS/Route53", name, "Maximum", map[string]dimension{"HostedZoneId": on(signedZone)}}
	}
	return []alarm{
		{
			key:     "dnssec-internal-failure",
			global:  true,
			section: sectionSigning,
			means:   "Route53 cannot sign the hosted zone.",
			first: "look at the zone's DNSSEC status and at the KMS key in us-east-1, then take the DS record " +
				"out at the registrar.",
			metric:     reported("DNSSECInternalFailure"),
			period:     fourHours,
			periods:    1,
			comparison: above,
			threshold:  0,
			missing:    missingIsKept,
		},
		{
			key:        "dnssec-key-needs-action",
			global:     true,
			section:    sectionSigning,
			means:      "A key-signing key of the hosted zone needs somebody: Route53 can no longer use its KMS key.",
			first:      "check that the KMS key in us-east-1 is enabled and that its policy lets Route53 sign.",
			metric:     reported("DNSSECKeySigningKeysNeedingAction"),
			period:     fourHours,
			periods:    1,
			comparison: above,
			threshold:  0,
			missing:    missingIsKept,
		},
	}
}

func certificateAlarms(t Thresholds) []alarm {
	daysLeft := func(use certificateUse, key string, global bool) alarm {
		return alarm{
			key:     key,
			global:  global,
			section: sectionCertificate,
			means: fmt.Sprintf("The certificate of the %s has less than %g days left: its renewal has failed.",
				use.words(), t.CertificateDays),
			first: "check that the validation records are still in the zone.",
			metric: metric{"AWS/CertificateManager", "DaysToExpiry", "Minimum", map[string]dimension{
				"CertificateArn": on(certificate(use)),
			}},
			period:     day,
			periods:    1,
			comparison: below,
			threshold:  t.CertificateDays,
			missing:    missingIsKept,
		}
	}
	return []alarm{
		daysLeft(loadBalancerCertificate, "alb-certificate-expires", false),
		daysLeft(cloudFrontCertificate, "cloudfront-certificate-expires", true),
	}
}

func (u certificateUse) words() string {
	if u == cloudFrontCertificate {
		return "distribution"
	}
	return "load balancer"
}

// backupAlarms watch for what should happen and does not: a plan that backs up nothing says
// nothing. Of a job that fails EventBridge tells. Copies are counted in the region that they are
// made from, under the vault that they go to.
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

// logStreamAlarm watches what Datadog takes. The age of the oldest line tells nothing: after its
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
		sectionSigning, sectionSite, sectionEdgeErrors, sectionBackups, sectionLogStream, sectionTrouble,
		sectionDeployments,
		sectionStopped, sectionErrorBudget, sectionNoTraffic,
	}))
}
