package aws

import (
	"fmt"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const (
	scheduleType      = "aws:scheduler/schedule:Schedule"
	scheduleGroupType = "aws:scheduler/scheduleGroup:ScheduleGroup"
	// defaultSchedules is the group of schedules that every account has.
	defaultSchedules = "default"
)

// scheduleKinds are the schedules of EventBridge Scheduler, and their groups.
var scheduleKinds = map[string]*provider.Kind{
	scheduleGroupType: {
		ID:       "{name}",
		ARN:      "arn:aws:scheduler:{region}:{account}:schedule-group/{name}",
		Naming:   provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{"state": "ACTIVE"},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			for _, property := range []string{"creationDate", "lastModificationDate"} {
				o.Once(property, func() any { return time.Now().UTC().Format(time.RFC3339) })
			}
		},
	},
	scheduleType: {
		ID:     "{groupName}/{name}",
		ARN:    "arn:aws:scheduler:{region}:{account}:schedule/{groupName}/{name}",
		Naming: provider.Naming{Property: "name", Max: 64},
		Defaults: map[string]any{
			"groupName":                  defaultSchedules,
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
		Name:  "a schedule in a known group",
		Types: []string{scheduleType},
		When:  provider.OnWrite,
		Why:   "EventBridge Scheduler CreateSchedule: ResourceNotFoundException",
		Check: func(r *provider.Request) error {
			group := r.Inputs.Text("groupName")
			if group != "" && group != defaultSchedules && r.Missing(r.Find(scheduleGroupType, group)) {
				return fmt.Errorf("ResourceNotFoundException: Schedule group %s does not exist.", group)
			}
			return nil
		},
	},
	{
		Name:  "one group of schedules a name",
		Types: []string{scheduleGroupType},
		When:  provider.OnCreate,
		Why:   "EventBridge Scheduler CreateScheduleGroup: ConflictException",
		Check: unique(scheduleGroupType, "ConflictException: Schedule group %s already exists."),
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
			if tagged(target.Object("ecsParameters")) {
				task := "arn:aws:ecs:" + r.Region + ":" + r.Account + ":task/" + cluster.Name + "/x"
				if err := roleMay(r, role, "ecs:TagResource", task,
					map[string]string{"ecs:CreateAction": "RunTask"}); err != nil {
					return startsNothing(r.Inputs.Text("name"), err)
				}
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

// tagged says whether ECS gives tags to the tasks that it starts: it then asks whether the caller
// may tag them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
func tagged(parameters provider.Values) bool {
	return parameters.Is("enableEcsManagedTags", false) || parameters.Text("propagateTags") != "" ||
		parameters.Has("tags")
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
