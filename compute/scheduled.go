package compute

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

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

// A task that cannot be started is tried again for an hour: after that its time is over.
const (
	startAttempts     = 20
	startAgeInSeconds = 3600
)

// scheduledTasks start tasks of the latest definition that ECS has of the service, so that a
// release changes no schedule.
func (b *serviceBuilder) scheduledTasks() error {
	tasks := b.args.Config.Tasks
	if len(tasks) == 0 {
		return nil
	}
	starter, granted, err := b.starter()
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
		if _, err := scheduler.NewSchedule(b.Ctx, b.Child(name), &scheduler.ScheduleArgs{
			Description:                pulumi.String(fmt.Sprintf("%s of service %s", name, b.Name)),
			ScheduleExpression:         pulumi.String(one.Schedule),
			ScheduleExpressionTimezone: pulumi.String(one.Timezone),
			FlexibleTimeWindow:         scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
			Target: scheduler.ScheduleTargetArgs{
				Arn:     b.args.Cluster.Arn,
				RoleArn: starter.Arn,
				Input:   pulumi.String(input),
				EcsParameters: scheduler.ScheduleTargetEcsParametersArgs{
					TaskDefinitionArn: b.definition.ArnWithoutRevision,
					TaskCount:         pulumi.Int(1),
					CapacityProviderStrategies: scheduler.ScheduleTargetEcsParametersCapacityProviderStrategyArray{
						scheduler.ScheduleTargetEcsParametersCapacityProviderStrategyArgs{
							CapacityProvider: pulumi.String(onDemand), Weight: pulumi.Int(1),
						},
					},
					NetworkConfiguration: scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs{
						Subnets:        b.args.SubnetIDs,
						SecurityGroups: pulumi.StringArray{b.args.SecurityGroupID},
						AssignPublicIp: pulumi.Bool(false),
					},
					EnableEcsManagedTags: pulumi.Bool(true),
				},
				RetryPolicy: scheduler.ScheduleTargetRetryPolicyArgs{
					MaximumRetryAttempts:     pulumi.Int(startAttempts),
					MaximumEventAgeInSeconds: pulumi.Int(startAgeInSeconds),
				},
			},
		}, b.Parent(),
			pulumi.DependsOn(append([]pulumi.Resource{granted, b.args.Cluster.capacity},
				b.args.StartAfter...))); err != nil {
			return b.Wrap("create", "scheduled task "+name, err)
		}
	}
	return nil
}

// starter is the role with which EventBridge Scheduler starts the service's tasks, and its policy.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html#managing-targets-templated-ecs
func (b *serviceBuilder) starter() (*iam.Role, *iam.RolePolicy, error) {
	account, region := b.args.AccountID, b.args.Region
	role, err := iam.NewRole(b.Ctx, b.Child("scheduler"), &iam.RoleArgs{
		Description: pulumi.String(b.Name + ": EventBridge Scheduler starts tasks with it"),
		AssumeRolePolicy: policy.AssumedBy("scheduler.amazonaws.com", pulumi.String(account),
			pulumi.String(fmt.Sprintf("arn:aws:scheduler:%s:%s:schedule-group/default", region, account))).JSON(),
	}, b.Parent())
	if err != nil {
		return nil, nil, b.Wrap("create", "role of scheduled tasks", err)
	}
	granted, err := iam.NewRolePolicy(b.Ctx, b.Child("scheduler"), &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: policy.Document{
			{
				Sid:       "Start",
				Effect:    policy.Allow,
				Actions:   []string{"ecs:RunTask"},
				Resources: pulumi.StringArray{pulumi.Sprintf("%s:*", b.definition.ArnWithoutRevision)},
				Conditions: []policy.Condition{{
					Operator: "ArnEquals",
					Key:      "ecs:cluster",
					Values:   pulumi.StringArray{b.args.Cluster.Arn},
				}},
			},
			{
				Sid:       "HandRoles",
				Effect:    policy.Allow,
				Actions:   []string{"iam:PassRole"},
				Resources: pulumi.StringArray{b.roles.execution.Arn, b.roles.task.Arn},
				Conditions: []policy.Condition{policy.Equals("iam:PassedToService",
					pulumi.String("ecs-tasks.amazonaws.com"))},
			},
		}.JSON(),
	}, b.Parent())
	return role, granted, b.Wrap("create", "policy of the role of scheduled tasks", err)
}
