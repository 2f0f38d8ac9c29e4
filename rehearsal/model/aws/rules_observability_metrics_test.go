package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// insights makes a cluster with a level of Container Insights, and watches its running tasks.
func (w *world) insights(level string) error {
	w.make(ecsClusterType, "main", in{
		"name": "main", "settings": []any{in{"name": "containerInsights", "value": level}},
	})
	return w.alarm(in{
		"namespace": "ECS/ContainerInsights", "metricName": "RunningTaskCount",
		"dimensions": in{"ClusterName": "main", "ServiceName": "web"},
	})
}

var alarmMetricPairs = map[string]pair{
	"an alarm watches a metric that is sent": {
		want: "InsufficientData: RunningTaskCount of cluster main is never sent: " +
			"its Container Insights are disabled",
		refuses: func(w *world) error { return w.insights("disabled") },
		passes:  func(w *world) error { return w.insights("enhanced") },
	},
	"expressions of an alarm": {
		want: "ValidationError: Error in expression 'result': Unsupported function MOD",
		refuses: func(w *world) error {
			return failed(w.try(alarmType, "rate", mathAlarm("MOD(requests,7)", requests(nil))))
		},
		passes: func(w *world) error {
			const expression = "IF(FLOOR(EPOCH(requests)/86400)<5 AND (requests>2),1,0)"
			return failed(w.try(alarmType, "rate", mathAlarm(expression, requests(nil))))
		},
	},
}

func TestOtherMetricsThatAnAlarmCannotWatch(t *testing.T) {
	w := newWorld(t)
	assert.ErrorContains(t, w.alarm(in{"metricName": "CPUUtilisation"}),
		"the namespace AWS/ECS has no metric CPUUtilisation")
	assert.ErrorContains(t, failed(w.try(alarmType, "rate", mathAlarm("requests", requests(in{
		"metric": in{"metricName": "Requests", "namespace": "AWS/ApplicationELB", "period": 300, "stat": "Sum"},
	})))), "the namespace AWS/ApplicationELB has no metric Requests")
	endless := strings.Repeat("1+", 1024) + "requests"
	assert.ErrorContains(t, failed(w.try(alarmType, "rate", mathAlarm(endless, requests(nil)))),
		"Member must have length less than or equal to 2048")
}
