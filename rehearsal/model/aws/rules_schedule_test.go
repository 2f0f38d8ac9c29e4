package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// schedule is one that starts tasks of a family with a role that may pass roles, and what it has
// more. The task has more, too.
func (w *world) schedule(service, passes string, more in, task ...in) error {
	w.t.Helper()
	return w.tagging(service, passes, "", nil, more, task...)
}

// tagging is a schedule whose role has a statement more, and whose target has parameters more.
func (w *world) tagging(service, passes, statement string, parameters, more in, task ...in) error {
	w.t.Helper()
	h := w.host()
	execution := w.make(roleType, "execution",
		in{"name": "execution", "assumeRolePolicy": trustOf("ecs-tasks.amazonaws.com")})
	job := in{"family": "job", "executionRoleArn": execution.text("arn")}
	for _, one := range task {
		job = merged(job, one)
	}
	definition := w.make(taskDefinitionType, "job", w.task(job, box("job", nil)))
	role := w.make(roleType, "starter", in{"name": "starter", "assumeRolePolicy": trustOf(service)})
	family := strings.TrimSuffix(definition.text("arn"), ":1")
	w.make(rolePolicyType, "starter", in{"role": role.id, "policy": `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"ecs:RunTask","Resource":"` + family + `:*"},` + statement + `
		{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + passes + `"}]}`})
	return failed(w.try(scheduleType, "nightly", merged(in{
		"name": "nightly", "scheduleExpression": "cron(0 3 * * ? *)", "scheduleExpressionTimezone": "Asia/Tokyo",
		"flexibleTimeWindow": in{"mode": "OFF"},
		"target": in{
			"arn": h.cluster.text("arn"), "roleArn": role.text("arn"),
			"ecsParameters": merged(in{"taskDefinitionArn": family}, parameters),
		},
	}, more)))
}

func trustOf(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service +
		`"},"Action":"sts:AssumeRole"}]}`
}

const everyRole = "arn:aws:iam::" + account + ":role/*"

var schedulePairs = map[string]pair{
	"when a schedule starts": {
		want: "ValidationException: Invalid Schedule Expression cron(0 3 * * *).: cron has 6 fields, got 5",
		refuses: func(w *world) error {
			return w.schedule("scheduler.amazonaws.com", everyRole, in{"scheduleExpression": "cron(0 3 * * *)"})
		},
		passes: func(w *world) error {
			return w.schedule("scheduler.amazonaws.com", everyRole, in{"scheduleExpression": "rate(1 hour)"})
		},
	},
	"a schedule in a known group": {
		want: "ResourceNotFoundException: Schedule group jobs does not exist.",
		refuses: func(w *world) error {
			return w.schedule("scheduler.amazonaws.com", everyRole, in{"groupName": "jobs"})
		},
		passes: func(w *world) error {
			w.make(scheduleGroupType, "jobs", in{"name": "jobs"})
			return w.schedule("scheduler.amazonaws.com", everyRole, in{"groupName": "jobs"})
		},
	},
	"one group of schedules a name": {
		want: "ConflictException: Schedule group jobs already exists.",
		refuses: func(w *world) error {
			w.make(scheduleGroupType, "one", in{"name": "jobs"})
			return failed(w.try(scheduleGroupType, "other", in{"name": "jobs"}))
		},
		passes: func(w *world) error { return failed(w.try(scheduleGroupType, "one", in{"name": "jobs"})) },
	},
	"a role that the scheduler may take": {
		want: "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume " +
			"the role. (arn:aws:iam::" +
			account + ":role/starter, scheduler.amazonaws.com)",
		refuses: func(w *world) error { return w.schedule("events.amazonaws.com", everyRole, nil) },
		passes:  func(w *world) error { return w.schedule("scheduler.amazonaws.com", everyRole, nil) },
	},
	"a schedule starts tasks that its role may start": {
		want:    "EventBridge Scheduler starts no task for nightly",
		refuses: func(w *world) error { return w.schedule("scheduler.amazonaws.com", everyRole+"-other", nil) },
		passes:  func(w *world) error { return w.schedule("scheduler.amazonaws.com", everyRole, nil) },
	},
}

// What a scheduled task lacks is found at its time, and by nobody: the model says so at once.
func TestAScheduledTaskThatCannotStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.schedule("scheduler.amazonaws.com", everyRole, nil, in{"containerDefinitions": w.boxes(box("job", in{
		"logConfiguration": in{"logDriver": "awslogs", "options": in{
			"awslogs-group": "/ecs/job", "awslogs-region": tokyo, "awslogs-stream-prefix": "job",
		}},
	}))})
	require.ErrorContains(t, err, "EventBridge Scheduler starts a task for nightly, and it fails to start: "+
		"ResourceInitializationError: failed to validate logger args")
}

// The scheduler says for which group it takes a role.
func TestARoleOfAGroupOfSchedules(t *testing.T) {
	t.Parallel()
	trust := strings.TrimSuffix(trustOf("scheduler.amazonaws.com"), "}]}") + `,"Condition":{"ArnLike":{"aws:SourceArn":
		"arn:aws:scheduler:` + tokyo + `:` + account + `:schedule-group/jobs"}}}]}`
	for group, refused := range map[string]bool{"jobs": false, "other": true, "": true} {
		w := newWorld(t)
		role := w.make(roleType, "grouped", in{"name": "grouped", "assumeRolePolicy": trust})
		more := in{"target": in{"arn": "arn:aws:sqs:" + tokyo + ":" + account + ":jobs", "roleArn": role.text("arn")}}
		if group != "" {
			w.make(scheduleGroupType, group, in{"name": group})
			more["groupName"] = group
		}
		err := w.schedule("scheduler.amazonaws.com", everyRole, more)
		if refused {
			require.ErrorContains(t, err, "must allow AWS EventBridge Scheduler to assume the role", group)
			continue
		}
		require.NoError(t, err, group)
	}
}

// Whoever has ECS tag the tasks that it starts must be allowed to tag them.
func TestAScheduledTaskThatECSTags(t *testing.T) {
	t.Parallel()
	mayTag := func(cluster, when string) string {
		return `{"Effect":"Allow","Action":"ecs:TagResource","Resource":"arn:aws:ecs:` + tokyo + `:` + account +
			`:task/` + cluster + `/*","Condition":{"StringEquals":{"ecs:CreateAction":["` + when + `"]}}},`
	}
	for sentence, tags := range map[string]in{
		"with ECS's own tags":       {"enableEcsManagedTags": true},
		"with those of its task":    {"propagateTags": "TASK_DEFINITION"},
		"with tags of the schedule": {"tags": in{"team": "web"}},
	} {
		for _, statement := range []string{"", mayTag("other", "RunTask"), mayTag("main", "CreateService")} {
			err := newWorld(t).tagging("scheduler.amazonaws.com", everyRole, statement, tags, nil)
			require.ErrorContains(t, err, "EventBridge Scheduler starts no task for nightly", sentence)
			require.ErrorContains(t, err, "ecs:TagResource", sentence)
		}
		require.NoError(t, newWorld(t).tagging("scheduler.amazonaws.com", everyRole, mayTag("main", "RunTask"), tags,
			nil), sentence)
	}
}
