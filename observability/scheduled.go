package observability

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/notice"
)

// Scheduled is what EventBridge Scheduler starts.
type Scheduled struct {
	// GroupName is the group of the schedules. Nil without any.
	GroupName pulumi.StringInput
	// Workloads are whose tasks it starts, such as a service's: the end of the name of their family
	// of task definitions, and the name of the container whose end is the task's. Required with
	// GroupName.
	Workloads []string
}

// startsAlarm tells of tasks that do not start: of each try that ECS refuses, and of a start that
// is given up. The scheduler sends a count only when there is something to count.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
func startsAlarm() alarm {
	of := func(id, name string) idMetric {
		return idMetric{id, metric{"AWS/Scheduler", name, "Sum",
			map[string]dimension{"ScheduleGroup": on(scheduleGroup)}}}
	}
	return alarm{
		key:        "scheduled-tasks-not-started",
		section:    sectionScheduled,
		means:      "A scheduled task could not be started. It is tried again for an hour, and then given up.",
		first:      "look for RunTask in CloudTrail: its error says why ECS refuses.",
		expression: "FILL(refused,0)+FILL(dropped,0)",
		inputs:     []idMetric{of("refused", "TargetErrorCount"), of("dropped", "InvocationDroppedCount")},
		period:     fiveMinutes,
		periods:    1,
		comparison: above,
		threshold:  0,
		missing:    missingIsGood,
	}
}

// scheduledEvents tell of a scheduled task whose command has failed. A task that a service starts
// has the service in its group, any other one its family. The containers beside the command are
// stopped when it ends, with whatever code.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
func scheduledEvents(environment names.Environment, cluster string, workloads []string) []event {
	if len(workloads) == 0 {
		return nil
	}
	var groups, containers []any
	for _, workload := range workloads {
		groups = append(groups, "family:"+environment.Name(workload))
		containers = append(containers, workload)
	}
	return []event{{
		key: "scheduled-task-failed",
		rule: notice.Rule{
			Description: "Scheduled tasks of ECS that failed",
			Pattern: notice.Pattern{
				Source:     []string{"aws.ecs"},
				DetailType: []string{"ECS Task State Change"},
				Detail: map[string]any{
					"clusterArn": []any{cluster}, "lastStatus": []any{"STOPPED"}, "group": groups,
					"containers": map[string]any{
						"name": containers, "exitCode": []any{map[string]any{"numeric": []any{">", 0}}},
					},
				},
			},
			Notice: notice.Notice{
				Title:   "A task of <group> that a schedule or somebody has started has failed.",
				Text:    "<reason>",
				First:   "read the last lines of its log, which has the task's id in its stream's name: <task>",
				Section: sectionScheduled,
				Paths: map[string]string{
					"group": "$.detail.group", "reason": "$.detail.stoppedReason", "task": "$.detail.taskArn",
				},
			},
		},
	}}
}
