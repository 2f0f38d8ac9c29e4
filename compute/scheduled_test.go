package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	typeSchedule      = "aws:scheduler/schedule:Schedule"
	typeScheduleGroup = "aws:scheduler/scheduleGroup:ScheduleGroup"
)

func nightly(s *stack) {
	s.edit("api", func(c *ServiceConfig) {
		c.Tasks = ScheduledTasks{"nightly": {
			Schedule: "cron(0 3 * * ? *)",
			Timezone: "Asia/Tokyo",
			Command:  []string{"node", "dist/nightly.js"},
		}}
	})
}

func TestAScheduledTask(t *testing.T) {
	r := mustBuild(t, nightly)
	got := get(t, r, typeSchedule, "api-nightly")
	assertInputs(t, got, map[string]any{
		"name":                       nil,
		"groupName":                  "bookmark-manager-production-schedules",
		"scheduleExpression":         "cron(0 3 * * ? *)",
		"scheduleExpressionTimezone": "Asia/Tokyo",
		"flexibleTimeWindow":         map[string]any{"mode": "OFF"},
		"target.arn":                 "arn:aws:test:ap-northeast-1:111122223333:cluster",
		"target.roleArn":             "arn:aws:test:ap-northeast-1:111122223333:api-scheduler",
		"target.ecsParameters": map[string]any{
			"taskDefinitionArn":          "arn:aws:test:ap-northeast-1:111122223333:api",
			"taskCount":                  1.0,
			"enableEcsManagedTags":       true,
			"propagateTags":              "TASK_DEFINITION",
			"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1.0}},
			"networkConfiguration": map[string]any{
				"subnets": []any{"subnet-3", "subnet-4"}, "securityGroups": []any{"sg-api"}, "assignPublicIp": false,
			},
		},
		"target.retryPolicy": map[string]any{"maximumRetryAttempts": 20.0, "maximumEventAgeInSeconds": 3600.0},
	})
	assert.JSONEq(t, `{"containerOverrides": [{"name": "api", "command": ["node", "dist/nightly.js"]}]}`,
		got.Input("target.input").(string))
	assert.JSONEq(t, document(`
		{"Sid": "Start", "Effect": "Allow", "Action": ["ecs:RunTask"],
		 "Resource": ["arn:aws:test:ap-northeast-1:111122223333:family-api:*"],
		 "Condition": {"ArnEquals": {"ecs:cluster": ["arn:aws:test:ap-northeast-1:111122223333:cluster"]}}},
		{"Sid": "Tag", "Effect": "Allow", "Action": ["ecs:TagResource"],
		 "Resource": ["arn:aws:ecs:ap-northeast-1:111122223333:task/bookmark-manager-production-cluster/*"],
		 "Condition": {"StringEquals": {"ecs:CreateAction": ["RunTask"]}}},
		{"Sid": "HandRoles", "Effect": "Allow", "Action": ["iam:PassRole"],
		 "Resource": ["arn:aws:test:ap-northeast-1:111122223333:api-execution",
		  "arn:aws:test:ap-northeast-1:111122223333:api-task"],
		 "Condition": {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}}`),
		get(t, r, typeRolePolicy, "api-scheduler").Input("policy").(string))
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Principal": {"Service": ["scheduler.amazonaws.com"]}, "Action": ["sts:AssumeRole"],
		"Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]},
		 "ArnLike": {"aws:SourceArn": ["arn:aws:scheduler:ap-northeast-1:111122223333:schedule-group/`+
		`bookmark-manager-production-schedules"]}}}]}`,
		get(t, r, typeRole, "api-scheduler").Input("assumeRolePolicy").(string))
	assertInputs(t, get(t, r, typeScheduleGroup, "cluster-schedules"),
		map[string]any{"name": "bookmark-manager-production-schedules"})
	_, grouped := mustBuild(t, nil).Get(typeScheduleGroup, "cluster-schedules")
	assert.False(t, grouped, "a stack without scheduled tasks")
	for _, service := range []string{"web", "migration"} {
		_, made := r.Get(typeRole, service+"-scheduler")
		assert.False(t, made, service)
	}
}

// The provider has read what the service runs: after a deployment that ECS has taken back, that is
// not what the program has registered last.
func TestAScheduledTaskIsOfWhatTheServiceRuns(t *testing.T) {
	r := mustBuild(t, nightly)
	assert.Subset(t, dependencies(t, r, typeSchedule, "api-nightly"),
		[]string{typeECSService + " api", typeTaskDefinition + " api"})
}

func TestAScheduleThatNeverFiresIsRefused(t *testing.T) {
	for expression, want := range map[string]string{
		"rate(5 minutes)":               "",
		"cron(0 3 * * ? *)":             "",
		"cron(0/15 8-18 ? * MON-FRI *)": "",
		"cron(0 0 29 2 ? *)":            "",
		"cron(0 0 L * ? *)":             "day of the month from 1 to 31, as numbers, names, lists, ranges and steps",
		"cron(0 0 31 2,4,6,9,11 ? *)":   "a schedule that fires: no month has that day",
		"cron(0 0 30 2 ? *)":            "a schedule that fires: no month has that day",
		"cron(0 0 1 1 ? 2026,2027)": "a star for the year: after the last of some years it never fires again, " +
			"and nothing tells",
		"cron(0 3 * * * *)":                  "an expression with a question mark in one of its day fields",
		"cron(0 3 * * ?)":                    "rate(5 minutes), or cron( and six fields, such as cron(0 3 * * ? *)",
		"cron(60 3 * * ? *)":                 "minutes from 0 to 59, as numbers, names, lists, ranges and steps",
		"cron(0 18-8 * * ? *)":               "hours from 0 to 23, as numbers, names, lists, ranges and steps",
		"rate(366 days)":                     "",
		"rate(367 days)":                     "a rate of a year at most, rate(366 days)",
		"rate(99999999999999999999 minutes)": "a rate of a year at most, rate(527040 minutes)",
		"rate(0 minutes)":                    "rate(5 minutes), or cron( and six fields, such as cron(0 3 * * ? *)",
		"at(2026-01-01T00:00:00)":            "rate(5 minutes), or cron( and six fields, such as cron(0 3 * * ? *)",
		"cron(0 0 ? FOO MON 2026)":           "month from 1 to 12, as numbers, names, lists, ranges and steps",
		"cron(0 0 ? JAN-MAR SUN#1 2026)":     "day of the week from 1 to 7, as numbers, names, lists, ranges and steps",
	} {
		assert.Equal(t, want, scheduleProblem(expression), expression)
	}
	for want, change := range map[string]func(*ScheduledTask){
		`api.tasks.nightly.schedule: found "cron(0 0 30 2 ? *)", want a schedule that fires: no month has ` +
			`that day`: func(
			t *ScheduledTask,
		) {
			t.Schedule = "cron(0 0 30 2 ? *)"
		},
		`api.tasks.nightly.timezone: found "JST", want an IANA time zone, such as "Asia/Tokyo"`: func(
			t *ScheduledTask,
		) {
			t.Timezone = "JST"
		},
		`api.tasks.nightly.command`: func(t *ScheduledTask) { t.Command = nil },
	} {
		s := prod()
		nightly(s)
		one := s.Services["api"].Tasks["nightly"]
		change(&one)
		s.Services["api"].Tasks["nightly"] = one
		err := s.Services.Validate(s.Config).Err()
		require.Error(t, err)
		assert.Contains(t, err.Error(), want)
	}
}
