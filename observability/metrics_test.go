package observability

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// sent are the metrics that the stack's services send whatever the stack chooses, by namespace,
// with their dimensions. Not among them, on purpose: those of Container Insights and CloudFront's
// additional metrics, which a stack may switch off.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
var sent = map[string]struct{ names, dimensions []string }{
	"AWS/ECS": {[]string{"CPUUtilization", "MemoryUtilization"}, []string{"ClusterName", "ServiceName"}},
	"AWS/SQS": {[]string{"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
		[]string{"QueueName"}},
	"AWS/NATGateway": {[]string{"BytesOutToDestination", "ErrorPortAllocation"}, []string{"NatGatewayId"}},
	"AWS/WAFV2":      {[]string{"AllowedRequests", "BlockedRequests"}, []string{"Rule", "WebACL"}},
	"AWS/CloudFront": {
		[]string{"Requests", "4xxErrorRate", "5xxErrorRate"}, []string{"DistributionId", "Region"},
	},
	"AWS/Route53":            {[]string{"HealthCheckStatus"}, []string{"HealthCheckId"}},
	"AWS/CertificateManager": {[]string{"DaysToExpiry"}, []string{"CertificateArn"}},
	"AWS/Backup": {
		[]string{"NumberOfBackupJobsCompleted", "NumberOfCopyJobsCompleted"}, []string{"BackupVaultName"},
	},
	"AWS/Scheduler": {[]string{"InvocationDroppedCount", "TargetErrorCount"}, []string{"ScheduleGroup"}},
	"AWS/Firehose":  {[]string{"DeliveryToHttpEndpoint.Success", "IncomingRecords"}, []string{"DeliveryStreamName"}},
	"AWS/RDS": {[]string{
		"ACUUtilization", "CommitLatency", "DBLoad", "DBLoadCPU", "DBLoadNonCPU", "DatabaseConnections",
		"Deadlocks", "FreeableMemory", "ReadLatency", "ServerlessDatabaseCapacity", "WriteLatency",
	}, []string{"DBClusterIdentifier"}},
	"AWS/ApplicationELB": {[]string{
		"HTTPCode_ELB_503_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count",
		"HealthyHostCount", "RequestCount", "TargetResponseTime", "UnHealthyHostCount",
	}, []string{"LoadBalancer"}},
}

// sends says whether the stack sends a metric.
func (w watched) sends(m metric) bool {
	dimensions := slices.Sorted(maps.Keys(m.dimensions))
	switch {
	case m.namespace == w.logMetrics && m.name == dumpsCompleted:
		return w.dumps && len(dimensions) == 0
	case m.namespace == w.logMetrics:
		service, ok := strings.CutSuffix(m.name, "-error-lines")
		return ok && w.services[service].logs && len(dimensions) == 0
	case m.name == "AuroraReplicaLagMaximum":
		return w.reader
	case strings.HasPrefix(m.name, "DNSSEC"):
		// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-hosted-zones-with-cloudwatch.html
		return w.signed && m.namespace == "AWS/Route53" && slices.Equal(dimensions, []string{"HostedZoneId"}) &&
			slices.Contains([]string{"DNSSECInternalFailure", "DNSSECKeySigningKeysNeedingAction"}, m.name)
	case m.namespace == "AWS/Scheduler" && !w.scheduled:
		return false
	case m.name == "NumberOfCopyJobsCompleted" && !w.copies:
		return false
	case m.name == "CacheHitRate" || m.name == "OriginLatency": // two of CloudFront's additional metrics
		return w.extraMetrics && slices.Equal(sent["AWS/CloudFront"].dimensions, dimensions)
	case m.namespace == "AWS/Backup" && !w.backups, m.namespace == "AWS/Firehose" && !w.logStream,
		m.namespace == "AWS/NATGateway" && len(w.natZones) == 0:
		return false
	case m.namespace == "AWS/ApplicationELB" && slices.Contains(dimensions, "TargetGroup"):
		dimensions = slices.DeleteFunc(dimensions, func(name string) bool { return name == "TargetGroup" })
		service := strings.TrimPrefix(string(m.dimensions["TargetGroup"].target), "targetGroup:")
		if !w.services[service].targets {
			return false
		}
	}
	known, ok := sent[m.namespace]
	return ok && slices.Contains(known.names, m.name) && slices.Equal(known.dimensions, dimensions)
}

// An alarm on a metric that nobody sends never rings, or never ends.
func TestEachAlarmAndGraphHasAMetricThatTheStackSends(t *testing.T) {
	worker := asleep()
	worker.services, worker.prober = map[string]watchedService{"worker": {minTasks: 1, sleeps: true, logs: true}}, ""
	for sentence, w := range map[string]watched{
		"everything": everything(), "staging": asleep(), "no web paths": worker,
		"nothing runs yet": {minACU: 0.5, maxACU: 2},
	} {
		t.Run(sentence, func(t *testing.T) {
			for _, one := range planned(t, w) {
				metrics := []metric{one.metric}
				if one.expression != "" {
					metrics = nil
				}
				for _, input := range one.inputs {
					metrics = append(metrics, input.metric)
				}
				for _, m := range metrics {
					assert.True(t, w.sends(m), "%s watches %s %s", one.key, m.namespace, m.name)
				}
			}
			for _, section := range sections(w, defaults()) {
				for _, graph := range section.graphs {
					for _, line := range graph.lines {
						m := line.metric
						assert.True(t, w.sends(m), "graph %s: %s %s", graph.title, m.namespace, m.name)
					}
				}
			}
		})
	}
}

// Missing data is bad only where data always comes: what always runs, and what is checked from
// outside.
func TestMissingDataIsBadOnlyWhereDataAlwaysComes(t *testing.T) {
	bad := func(w watched) []string {
		var keys []string
		for _, one := range planned(t, w) {
			if one.missing == missingIsBad {
				keys = append(keys, one.key)
			}
		}
		return keys
	}
	assert.Equal(t, []string{
		"api-tasks-missing", "web-tasks-missing", "worker-tasks-missing", "site-health", "backup-missing",
		"backup-copy-missing", "dump-missing",
	}, bad(everything()))
	assert.Equal(t, []string{"site-health"}, bad(asleep()))
}

// CloudFront's additional metrics are shown where they are paid for, and asked for nowhere else.
func TestAdditionalMetricsAreShownWhereTheyAreSent(t *testing.T) {
	shown := func(w watched) []string {
		var titles []string
		for _, graph := range edgeSection(w, defaults()).graphs {
			titles = append(titles, graph.title)
		}
		return titles
	}
	plain := []string{"CloudFront requests", "CloudFront errors", "Web ACL", "Site health"}
	assert.Equal(t, plain, shown(asleep()))
	assert.Equal(t, append(plain, "Cache hits", "Origin latency"), shown(everything()))
}
