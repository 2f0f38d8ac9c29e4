package aws

import "strings"

// starter is a role with a policy that starts tasks of a family, and a schedule that uses it.
func (w *world) schedule(service, passes string, more in) error {
	w.t.Helper()
	h := w.host()
	execution := w.make(roleType, "execution",
		in{"name": "execution", "assumeRolePolicy": trustOf("ecs-tasks.amazonaws.com")})
	definition := w.make(taskDefinitionType, "job",
		w.task(in{"family": "job", "executionRoleArn": execution.text("arn")}, box("job", nil)))
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
