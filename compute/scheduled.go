package compute

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ScheduledTask is a command that EventBridge Scheduler starts in a task of a service's own, with
// the service's image, size, variables and permissions. The task ends with its command, and it is
// not part of Service Connect: it reaches no service that the service calls.
type ScheduledTask struct {
	// Schedule is when it starts: rate(1 hour), or cron( and six fields. It may start twice, and
	// while the one before it still runs.
	Schedule string `json:"schedule"`
	// Timezone is the IANA name of the zone that a cron expression is in.
	Timezone string `json:"timezone" format:"timezone" pattern:"^[A-Za-z_]+/[A-Za-z0-9_+/-]+$"`
	// Command is what the container runs in the place of the image's own command.
	Command []string `json:"command" items:"1.."`
}

// ScheduledTasks are a service's by name.
type ScheduledTasks map[string]ScheduledTask

// Rule implements settings.Ruled.
func (ScheduledTasks) Rule() settings.Rule {
	rule := Services{}.Rule()
	rule.Items, rule.Want = settings.Rule{}.Items, "scheduled tasks by name"
	return rule
}

func (t ScheduledTasks) validate() settings.Problems {
	var p settings.Problems
	for _, name := range slices.Sorted(maps.Keys(t)) {
		problem := scheduleProblem(t[name].Schedule)
		p.Want(problem == "", settings.Key("tasks", name)+".schedule", settings.Given(t[name].Schedule), "%s", problem)
	}
	return p
}

// Scheduled lists the services that have scheduled tasks, sorted.
func (s Services) Scheduled() []string {
	return slices.DeleteFunc(s.Names(), func(name string) bool { return len(s[name].Tasks) == 0 })
}

// scheduleGroupName is fixed, so that a role can name the group that may take it.
func scheduleGroupName(environment names.Environment) string { return environment.Name("schedules") }

// validateTaskNames refuses a scheduled task whose schedule would have the name of another
// service's: each is called after its service and itself.
func (s Services) validateTaskNames() settings.Problems {
	var p settings.Problems
	owners := map[string]string{}
	for _, service := range s.Names() {
		for _, task := range slices.Sorted(maps.Keys(s[service].Tasks)) {
			name := service + "-" + task
			owner, taken := owners[name]
			p.Want(!taken, settings.Key(settings.Key("", service)+".tasks", task), task,
				"another name: the schedule %q is the one of %s", name, owner)
			owners[name] = settings.Key(settings.Key("", service)+".tasks", task)
		}
	}
	return p
}

// A start that fails is tried again for an hour, and is then given up.
const (
	startAttempts     = 20
	startAgeInSeconds = 3600
)

// scheduledTasks start tasks of the definition that the service runs once its deployment has ended.
// That is what the provider has read of the service then: the definition before, when ECS has taken
// the deployment back. The family's latest revision would be the one that failed, and it would be
// started while the deployment is still under way.
func (b *serviceBuilder) scheduledTasks() error {
	tasks := b.args.Config.Tasks
	if len(tasks) == 0 {
		return nil
	}
	starter, granted, err := newStarter(b.Component, b.args.Stack, b.args.Cluster, b.definition, b.roles)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		one := tasks[name]
		input, err := json.Marshal(map[string]any{
			"containerOverrides": []any{map[string]any{"name": b.Name, "command": one.Command}},
		})
		if err != nil {
			return b.Wrap("write", "command of scheduled task "+name, err)
		}
		if _, err := scheduler.NewSchedule(b.Ctx, b.Child(name), scheduledStart{
			description:     fmt.Sprintf("%s of service %s", name, b.Name),
			schedule:        one.Schedule,
			timezone:        one.Timezone,
			role:            starter,
			cluster:         b.args.Cluster,
			definition:      b.service.running.TaskDefinition.Elem(),
			subnetIDs:       b.args.SubnetIDs,
			securityGroupID: b.args.SecurityGroupID,
			input:           pulumi.String(input),
		}.args(), b.Parent(),
			pulumi.DependsOn(append([]pulumi.Resource{granted, b.args.Cluster.capacity, b.definition},
				b.args.StartAfter...))); err != nil {
			return b.Wrap("create", "scheduled task "+name, err)
		}
	}
	return nil
}

// scheduledStart is how EventBridge Scheduler starts a task.
type scheduledStart struct {
	description, schedule, timezone string
	role                            *iam.Role
	cluster                         *Cluster
	definition                      pulumi.StringInput // the ARN of the revision that is started
	subnetIDs                       pulumi.StringArrayInput
	securityGroupID                 pulumi.StringInput
	input                           pulumi.StringPtrInput // nil for the containers' own commands
}

func (s scheduledStart) args() *scheduler.ScheduleArgs {
	return &scheduler.ScheduleArgs{
		Description:                pulumi.String(s.description),
		ScheduleExpression:         pulumi.String(s.schedule),
		ScheduleExpressionTimezone: pulumi.String(s.timezone),
		GroupName:                  s.cluster.ScheduleGroup.ToStringOutput(),
		FlexibleTimeWindow:         scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
		Target: scheduler.ScheduleTargetArgs{
			Arn:     s.cluster.Arn,
			RoleArn: s.role.Arn,
			Input:   s.input,
			EcsParameters: scheduler.ScheduleTargetEcsParametersArgs{
				TaskDefinitionArn: s.definition,
				TaskCount:         pulumi.Int(1),
				CapacityProviderStrategies: scheduler.ScheduleTargetEcsParametersCapacityProviderStrategyArray{
					scheduler.ScheduleTargetEcsParametersCapacityProviderStrategyArgs{
						CapacityProvider: pulumi.String(onDemand), Weight: pulumi.Int(1),
					},
				},
				NetworkConfiguration: scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs{
					Subnets:        s.subnetIDs,
					SecurityGroups: pulumi.StringArray{s.securityGroupID},
					AssignPublicIp: pulumi.Bool(false),
				},
				EnableEcsManagedTags: pulumi.Bool(true),
				// A task has the tags of the stack, as those of services have: what it costs is
				// found by them.
				PropagateTags: pulumi.String("TASK_DEFINITION"),
			},
			RetryPolicy: scheduler.ScheduleTargetRetryPolicyArgs{
				MaximumRetryAttempts:     pulumi.Int(startAttempts),
				MaximumEventAgeInSeconds: pulumi.Int(startAgeInSeconds),
			},
		},
	}
}

// newStarter makes the role with which EventBridge Scheduler starts tasks of a definition's family,
// and its policy.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html#managing-targets-templated-ecs
func newStarter(
	base component.Component, stack identity.Stack, cluster *Cluster, definition *ecs.TaskDefinition, handed *roles,
) (*iam.Role, *iam.RolePolicy, error) {
	role, err := iam.NewRole(base.Ctx, base.Child("scheduler"), &iam.RoleArgs{
		Description: pulumi.String(base.Name + ": EventBridge Scheduler starts tasks with it"),
		AssumeRolePolicy: policy.AssumedBy("scheduler.amazonaws.com", pulumi.String(stack.AccountID),
			pulumi.String(fmt.Sprintf("arn:aws:scheduler:%s:%s:schedule-group/%s", stack.Region, stack.AccountID,
				scheduleGroupName(stack.Environment)))).JSON(),
	}, base.Parent())
	if err != nil {
		return nil, nil, base.Wrap("create", "role of scheduled tasks", err)
	}
	granted, err := iam.NewRolePolicy(base.Ctx, base.Child("scheduler"), &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: policy.Document{
			{
				Sid:       "Start",
				Effect:    policy.Allow,
				Actions:   []string{"ecs:RunTask"},
				Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", definition.ArnWithoutRevision)},
				Conditions: []policy.Condition{{
					Operator: "ArnEquals",
					Key:      "ecs:cluster",
					Values:   pulumi.StringArray{cluster.Arn},
				}},
			},
			{
				// ECS asks for this as well when a task is to have tags, and refuses the start
				// without it.
				// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
				Sid:        "Tag",
				Effect:     policy.Allow,
				Actions:    []string{"ecs:TagResource"},
				Resources:  pulumi.StringArray{cluster.tasks(stack)},
				Conditions: []policy.Condition{policy.Equals("ecs:CreateAction", pulumi.String("RunTask"))},
			},
			{
				Sid:       "HandRoles",
				Effect:    policy.Allow,
				Actions:   []string{"iam:PassRole"},
				Resources: pulumi.StringArray{handed.execution.Arn, handed.task.Arn},
				Conditions: []policy.Condition{policy.Equals("iam:PassedToService",
					pulumi.String("ecs-tasks.amazonaws.com"))},
			},
		}.JSON(),
	}, base.Parent())
	return role, granted, base.Wrap("create", "policy of the role of scheduled tasks", err)
}
