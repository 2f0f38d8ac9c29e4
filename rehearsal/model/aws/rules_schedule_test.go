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
		{"Effect":"Allow","Action":"ecs:RunTask","Resource":"` + family + `:*"},
		{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + passes + `"}]}`})
	return failed(w.try(scheduleType, "nightly", merged(in{
		"name": "nightly", "scheduleExpression": "cron(0 3 * * ? *)", "scheduleExpressionTimezone": "Asia/Tokyo",
		"flexibleTimeWindow": in{"mode": "OFF"},
		"target": in{
			"arn": h.cluster.text("arn"), "roleArn": role.text("arn"), "ecsParameters": in{"taskDefinitionArn": family},
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
