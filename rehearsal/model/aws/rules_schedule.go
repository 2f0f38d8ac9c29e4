package aws

import (
	"fmt"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const scheduleType = "aws:scheduler/schedule:Schedule"

// scheduleKinds are the schedules of EventBridge Scheduler.
var scheduleKinds = map[string]*provider.Kind{
	scheduleType: {
		ID:     "{groupName}/{name}",
		ARN:    "arn:aws:scheduler:{region}:{account}:schedule/{groupName}/{name}",
		Naming: provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{
			"groupName":                  "default",
			"scheduleExpressionTimezone": "UTC",
			"state":                      "ENABLED",
			"actionAfterCompletion":      "NONE",
		},
	},
}

// scheduleRules are about schedules that start tasks. What a schedule's role may not do, its target
// refuses at each start.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
var scheduleRules = []provider.Rule{
	{
		Name:  "when a schedule starts",
		Types: []string{scheduleType},
		When:  provider.OnCheck,
		Why:   "EventBridge Scheduler CreateSchedule: ValidationException",
		Check: func(r *provider.Request) error {
			expression := r.Inputs.Text("scheduleExpression")
			if expression == "" {
				return nil
			}
			if problem := scheduleProblem(expression); problem != "" {
				return fmt.Errorf("ValidationException: Invalid Schedule Expression %s.: %s", expression, problem)
			}
			if zone := r.Inputs.Text("scheduleExpressionTimezone"); zone != "" {
				if _, err := time.LoadLocation(zone); err != nil {
					return fmt.Errorf("ValidationException: The ScheduleExpressionTimezone %s is not valid.", zone)
				}
			}
			return nil
		},
	},
	{
		Name:  "a role that the scheduler may take",
		Types: []string{scheduleType},
		When:  provider.OnWrite,
		Why:   "EventBridge Scheduler CreateSchedule: ValidationException, the execution role",
		Check: func(r *provider.Request) error {
			return trusted(r, r.Inputs.Object("target").Text("roleArn"), "scheduler.amazonaws.com",
				"ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume "+
					"the role. (%s, %s)")
		},
	},
	{
		Name:  "a schedule starts tasks that its role may start",
		Types: []string{scheduleType},
		When:  provider.OnWrite,
		Why:   "EventBridge Scheduler: the target refuses RunTask at each start, and the schedule's start is lost",
		Check: func(r *provider.Request) error {
			target := r.Inputs.Object("target")
			role, cluster := r.ByARN(target.Text("roleArn")), r.ByARN(target.Text("arn"))
			family := target.Object("ecsParameters").Text("taskDefinitionArn")
			if r.Preview || family == "" || role == nil || role.Type != roleType {
				return nil
			}
			definition := latestOf(r, family)
			switch {
			case cluster == nil || cluster.Type != ecsClusterType:
				return fmt.Errorf("ClusterNotFoundException: Cluster not found: %s", target.Text("arn"))
			case definition == nil:
				return fmt.Errorf("ClientException: Unable to describe task definition %s", family)
			}
			if err := roleMay(r, role, "ecs:RunTask", definition.ARN,
				map[string]string{"ecs:cluster": cluster.ARN}); err != nil {
				return startsNothing(r.Inputs.Text("name"), err)
			}
			for _, property := range []string{"executionRoleArn", "taskRoleArn"} {
				passed := definition.Text(property)
				if passed == "" {
					continue
				}
				if err := roleMay(r, role, "iam:PassRole", passed,
					map[string]string{"iam:PassedToService": ecsTasks}); err != nil {
					return startsNothing(r.Inputs.Text("name"), err)
				}
			}
			return nil
		},
	},
}

func startsNothing(schedule string, err error) error {
	return fmt.Errorf("EventBridge Scheduler starts no task for %s\n%w", schedule, err)
}

// latestOf is the task definition of an ARN, or the youngest of the family that an ARN without a
// revision names.
func latestOf(r *provider.Request, arn string) *cloud.Object {
	if one := r.ByARN(arn); one != nil {
		return one
	}
	var latest *cloud.Object
	for _, one := range r.List(taskDefinitionType) {
		if strings.HasPrefix(one.ARN, arn+":") && one.State == cloud.Active {
			latest = one
		}
	}
	return latest
}
