package observability

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScheduledTasksThatDoNotStartOrFail(t *testing.T) {
	r, _, err := buildObservability(func(a *ObservabilityArgs) {
		a.Scheduled = Scheduled{pulumi.String("bookmark-manager-production-schedules"), []string{"api", "dump"}}
	})
	require.NoError(t, err)
	alarm := get(t, r, alarmType, "watch-scheduled-tasks-not-started")
	assert.Equal(t, "FILL(refused,0)+FILL(dropped,0)", alarm.Input("metricQueries[0].expression"))
	for i, name := range []string{"TargetErrorCount", "InvocationDroppedCount"} {
		query := alarm.Input("metricQueries").([]any)[i+1].(map[string]any)["metric"]
		assert.Equal(t, map[string]any{
			"namespace": "AWS/Scheduler", "metricName": name, "stat": "Sum", "period": 300.0,
			"dimensions": map[string]any{"ScheduleGroup": "bookmark-manager-production-schedules"},
		}, query)
	}
	assert.Equal(t, 0.0, alarm.Input("threshold"))
	assert.NotEmpty(t, alarm.Input("alarmActions"), "it tells people itself")
	assert.JSONEq(t, `{"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"], "detail": {
		"clusterArn": ["arn:aws:ecs:ap-northeast-1:111122223333:cluster/bookmark-manager-production-cluster"],
		"lastStatus": ["STOPPED"],
		"group": ["family:bookmark-manager-production-api", "family:bookmark-manager-production-dump"],
		"containers": {"name": ["api", "dump"], "exitCode": [{"numeric": [">", 0]}]}}}`,
		get(t, r, ruleType, "watch-scheduled-task-failed").Input("eventPattern").(string))
	without := mustBuild(t)
	_, alarmed := without.Get(alarmType, "watch-scheduled-tasks-not-started")
	_, ruled := without.Get(ruleType, "watch-scheduled-task-failed")
	assert.False(t, alarmed || ruled, "without schedules")
}
