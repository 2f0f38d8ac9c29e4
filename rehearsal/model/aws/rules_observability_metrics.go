package aws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// insightsNamespace holds the metrics of Container Insights, which a cluster sends only when told
// to.
const insightsNamespace = "ECS/ContainerInsights"

// sentMetrics are the metrics that AWS's services send by themselves, of the namespaces that are
// listed. Metrics that need a setting elsewhere (CloudFront's additional ones, a second instance of
// Aurora) are taken: whether the setting is there may be decided later in the same deploy.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
var sentMetrics = map[string][]string{
	"AWS/ECS": {
		"ActiveTCPConnections", "CPUReservation", "CPUUtilization", "EBSFilesystemUtilization", "GPUReservation",
		"MemoryReservation", "MemoryUtilization", "NewTCPConnections",
	},
	"AWS/ApplicationELB": {
		"ActiveConnectionCount", "AnomalousHostCount", "ClientTLSNegotiationErrorCount", "ConsumedLCUs",
		"HTTPCode_ELB_3XX_Count", "HTTPCode_ELB_4XX_Count", "HTTPCode_ELB_500_Count", "HTTPCode_ELB_502_Count",
		"HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_2XX_Count",
		"HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count", "HealthyHostCount",
		"HealthyStateDNS", "HealthyStateRouting", "MitigatedHostCount", "NewConnectionCount", "ProcessedBytes",
		"RejectedConnectionCount", "RequestCount", "RequestCountPerTarget", "RuleEvaluations",
		"TargetConnectionErrorCount", "TargetResponseTime", "TargetTLSNegotiationErrorCount", "UnHealthyHostCount",
		"UnhealthyRoutingRequestCount", "UnhealthyStateDNS", "UnhealthyStateRouting",
	},
	"AWS/Route53": {
		"ChildHealthCheckHealthyCount", "ConnectionTime", "DNSQueries", "DNSSECInternalFailure",
		"DNSSECKeySigningKeyAge", "DNSSECKeySigningKeyMaxNeedingActionAge", "DNSSECKeySigningKeysNeedingAction",
		"HealthCheckPercentageHealthy", "HealthCheckStatus", "SSLHandshakeTime", "TimeToFirstByte",
	},
	"AWS/CertificateManager": {"DaysToExpiry"},
}

// mathFunctions are the functions of metric math.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
var mathFunctions = []string{
	"ABS", "ANOMALY_DETECTION_BAND", "AVG", "CEIL", "DATAPOINT_COUNT", "DATE", "DAY", "DB_PERF_INSIGHTS", "DIFF",
	"DIFF_TIME", "EPOCH", "FILL", "FIRST", "FLOOR", "HOUR", "IF", "INSIGHT_RULE_METRIC", "LAMBDA", "LAST", "LOG",
	"LOG10", "MAX", "METRICS", "METRIC_COUNT", "MIN", "MINUTE", "MONTH", "PERIOD", "RATE", "REMOVE_EMPTY",
	"RUNNING_SUM", "SEARCH", "SERVICE_QUOTA", "SLICE", "SORT", "STDDEV", "SUM", "TIME_SERIES", "YEAR",
}

var mathCalls = regexp.MustCompile(`\b([A-Za-z_][A-Za-z0-9_]*)\s*\(`)

// alarmMetricRules are about what alarms watch.
var alarmMetricRules = []provider.Rule{
	{
		Name:  "an alarm watches a metric that is sent",
		Types: []string{alarmType},
		When:  provider.OnWrite,
		Why:   "CloudWatch takes any name and then has no data: the alarm never rings, or never ends",
		Check: func(r *provider.Request) error {
			for _, one := range watchedMetrics(r.Inputs) {
				namespace, name := one.Text("namespace"), one.Text("metricName")
				if known, ok := sentMetrics[namespace]; ok && name != "" && !slices.Contains(known, name) {
					return fmt.Errorf("InsufficientData: the namespace %s has no metric %s", namespace, name)
				}
				cluster := one.Object("dimensions").Text("ClusterName")
				if namespace == insightsNamespace && cluster != "" && !r.Preview && !sendsInsights(r, cluster) {
					return fmt.Errorf("InsufficientData: %s of cluster %s is never sent: "+
						"its Container Insights are disabled", name, cluster)
				}
			}
			return nil
		},
	},
	{
		Name:  "expressions of an alarm",
		Types: []string{alarmType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutMetricAlarm: MetricDataQuery, Expression of 1 to 2048 characters with known functions",
		Check: func(r *provider.Request) error {
			for _, query := range r.Inputs.Objects("metricQueries") {
				expression := query.Text("expression")
				if len(expression) > 2048 {
					return fmt.Errorf("ValidationError: Member must have length less than or equal to 2048: "+
						"the expression %s has %d", query.Text("id"), len(expression))
				}
				for _, call := range mathCalls.FindAllStringSubmatch(expression, -1) {
					if word := call[1]; word != "AND" && word != "OR" && !slices.Contains(mathFunctions, word) {
						return fmt.Errorf("ValidationError: Error in expression '%s': Unsupported function %s",
							query.Text("id"), word)
					}
				}
			}
			return nil
		},
	},
}

// watchedMetrics are the metrics of an alarm: its own, or those of its queries.
func watchedMetrics(alarm provider.Values) []provider.Values {
	if alarm.Has("metricName") {
		return []provider.Values{alarm}
	}
	var all []provider.Values
	for _, query := range alarm.Objects("metricQueries") {
		if query.Has("metric") {
			all = append(all, query.Object("metric"))
		}
	}
	return all
}

// sendsInsights says whether a cluster exists and has Container Insights, enabled or enhanced.
func sendsInsights(r *provider.Request, name string) bool {
	cluster := findCluster(r, name)
	if cluster == nil {
		return false
	}
	for _, setting := range provider.Values(cluster.Inputs).Objects("settings") {
		if setting.Text("name") == "containerInsights" {
			return slices.Contains([]string{"enabled", "enhanced"}, setting.Text("value"))
		}
	}
	return false
}
