package observability

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// copied are CloudWatch's metrics as Datadog names them, where that is not the name in lower case
// with an underscore before each further word.
// https://docs.datadoghq.com/integrations/amazon_elb/
var copied = map[string]string{"httpcode_target_5xx": "HTTPCode_Target_5XX_Count"}

// ofAgent are the metrics of tasks that the agent sends.
// https://docs.datadoghq.com/integrations/ecs_fargate/
var ofAgent = []string{"ecs.fargate.cpu.percent", "ecs.fargate.mem.rss"}

// spelled is a name as Datadog writes it.
func spelled(name string) string {
	words := regexp.MustCompile(`[A-Z][a-z0-9]*`).FindAllString(name, -1)
	return strings.ToLower(strings.Join(words, "_"))
}

// asked are the queries of a stack's dashboard and of its monitors.
func asked(t *testing.T, r *recorder.Recorder) []string {
	t.Helper()
	var all []string
	var visit func(any)
	visit = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if text, ok := value["query"].(string); ok {
				all = append(all, text)
			}
			for _, inner := range value {
				visit(inner)
			}
		case []any:
			for _, inner := range value {
				visit(inner)
			}
		}
	}
	visit(decoded(t, get(t, r, ddDashboardType, "datadog-dashboard").Input("dashboard")))
	for _, one := range r.OfType(ddMonitorType) {
		if one.Input("type") == "query alert" {
			all = append(all, one.Input("query").(string))
		}
	}
	return all
}

var queryMetric = regexp.MustCompile(`[a-z0-9]+:([a-z0-9_.]+)\{([^}]*)\}`)

// A graph or a monitor of a metric that nobody sends is empty for good: what Datadog is asked for
// is a metric of the services' traces, of their tasks, or one of CloudWatch's that is copied. And
// what is copied is shown, since it costs.
func TestEachQueryOfDatadogHasAMetricThatIsSent(t *testing.T) {
	for _, extra := range []bool{false, true} {
		r := mustBuildDatadog(t, func(a *DatadogArgs) { a.ExtraMetrics = extra })
		shown := map[string]bool{}
		queries := asked(t, r)
		require.NotEmpty(t, queries)
		for _, text := range queries {
			metrics := queryMetric.FindAllStringSubmatch(text, -1)
			assert.NotEmpty(t, metrics, text)
			for _, one := range metrics {
				name, scope := one[1], one[2]
				switch {
				case strings.HasPrefix(name, "trace."):
					assert.True(t, tracedBy(name, scope), "%s of %s", name, scope)
				case slices.Contains(ofAgent, name):
					assert.Contains(t, []string{"env:production,service:bookmark-manager-api",
						"env:production,service:bookmark-manager-web"}, scope, name)
				default:
					namespace, ok := copiedFrom(name, extra)
					assert.True(t, ok, "%s is not among what Datadog copies", name)
					assert.Equal(t, "aws_account:111122223333", scope, name)
					shown[namespace] = true
				}
			}
		}
		for _, namespace := range datadogNamespaces {
			assert.True(t, shown[namespace], "%s is copied and not shown", namespace)
		}
		assert.Equal(t, extra, slices.ContainsFunc(queries, func(text string) bool {
			return strings.Contains(text, "cache_hit_rate")
		}), "cache hits")
	}
}

// tracedBy says whether a service of the configuration has traces with this metric and these tags.
func tracedBy(metric, scope string) bool {
	for name, service := range datadogConfig().Services {
		for _, end := range []string{"", ".hits", ".errors"} {
			if metric == "trace."+string(service.Operation)+end &&
				scope == "env:production,service:bookmark-manager-"+name {
				return true
			}
		}
	}
	return false
}

// copiedFrom is the namespace of CloudWatch that a metric is copied from, and whether the stack
// sends it there.
func copiedFrom(metric string, extra bool) (namespace string, ok bool) {
	for _, namespace := range datadogNamespaces {
		_, short, _ := strings.Cut(namespace, "/")
		name, ours := strings.CutPrefix(metric, "aws."+strings.ToLower(short)+".")
		if !ours {
			continue
		}
		names := sent[namespace].names
		if namespace == "AWS/CloudFront" && extra {
			names = append(slices.Clone(names), "CacheHitRate", "OriginLatency")
		}
		return namespace, slices.ContainsFunc(names, func(one string) bool {
			return spelled(one) == name || copied[name] == one
		})
	}
	return "", false
}
