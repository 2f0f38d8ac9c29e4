package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const typeQueue = "aws:sqs/queue:Queue"

// mailer handles what the API puts into its queue, and listens on nothing.
func mailer(s *stack) {
	worker(s)
	c := s.Services["link-checker"]
	c.Port, c.Health.Command, c.Health.Path, c.Health.Matcher, c.DeregistrationSeconds = 0, []string{"CMD", "true"},
		"", "", 0
	c.Queue = &QueueConfig{
		VisibilitySeconds: 120,
		RetentionDays:     4,
		MaxReceives:       5,
		MessagesPerTask:   100,
		OldestSeconds:     600,
	}
	delete(s.Services, "link-checker")
	s.Services["mailer"] = c
	s.edit("api", func(c *ServiceConfig) { c.Calls, c.Sends = nil, []string{"mailer"} })
}

func sqsName(name string) string { return arn("sqs", "bookmark-manager-production-"+name) }

func TestAQueueHasItsDeadLetters(t *testing.T) {
	r := mustBuild(t, mailer)
	overTLS := func(name string) string {
		return document(`{"Sid": "DenyPlainHTTP", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ` +
			`["sqs:*"], "Resource": ["` + sqsName(name) + `"],
			"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}`)
	}
	queue, dead := get(t, r, typeQueue, "queues-mailer"), get(t, r, typeQueue, "queues-mailer-dead")
	assertInputs(t, queue, map[string]any{
		"name":                     "bookmark-manager-production-mailer",
		"visibilityTimeoutSeconds": 120.0,
		"messageRetentionSeconds":  345600.0,
		"receiveWaitTimeSeconds":   20.0,
		"sqsManagedSseEnabled":     true,
	})
	assertInputs(t, dead, map[string]any{
		"name":                    "bookmark-manager-production-mailer-dead",
		"messageRetentionSeconds": 1209600.0,
		"sqsManagedSseEnabled":    true,
		"redrivePolicy":           nil,
	})
	assert.JSONEq(t, overTLS("mailer"), queue.Input("policy").(string))
	assert.JSONEq(t, overTLS("mailer-dead"), dead.Input("policy").(string))
	assert.JSONEq(t,
		`{"deadLetterTargetArn": "arn:aws:test:ap-northeast-1:111122223333:queues-mailer-dead", "maxReceiveCount": 5}`,
		queue.Input("redrivePolicy").(string))
	assert.JSONEq(t, `{"redrivePermission": "byQueue", "sourceQueueArns": ["`+sqsName("mailer")+`"]}`,
		dead.Input("redriveAllowPolicy").(string))
}

func TestWhoHandlesAQueueAndWhoSendsToIt(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		mailer(s)
		s.edit("api", func(c *ServiceConfig) { c.Exec, c.Assets = false, AssetsNone })
	})
	const arnOfQueue = `"arn:aws:test:ap-northeast-1:111122223333:queues-mailer"`
	assert.JSONEq(t, document(`{"Sid": "QueueHandle", "Effect": "Allow", "Resource": [`+arnOfQueue+`],
		"Action": ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]},
		{"Sid": "QueueProtect", "Effect": "Allow",
		 "Resource": ["arn:aws:ecs:ap-northeast-1:111122223333:task/bookmark-manager-production-cluster/*"],
		 "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"]}`),
		get(t, r, typeRolePolicy, "mailer-task").Input("policy").(string))
	assert.JSONEq(t, document(`{"Sid": "QueueSend", "Effect": "Allow", "Resource": [`+arnOfQueue+
		`], "Action": ["sqs:SendMessage"]}`),
		get(t, r, typeRolePolicy, "api-task").Input("policy").(string))
	assert.NotContains(t, get(t, r, typeRolePolicy, "web-task").Input("policy"), "sqs:")
	named := func(service string) []string {
		var all []string
		for _, one := range application(t, mailer, service).Environment {
			all = append(all, one.Name)
		}
		return all
	}
	assert.Contains(t, named("mailer"), "QUEUE_URL")
	assert.Contains(t, named("api"), "MAILER_QUEUE_URL")
	assert.NotContains(t, named("web"), "MAILER_QUEUE_URL")
}

func TestTheNumberOfTasksFollowsTheBacklog(t *testing.T) {
	r := mustBuild(t, mailer)
	got := get(t, r, typePolicy, "mailer-backlog")
	const metrics = "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.metrics"
	assertInputs(t, got, map[string]any{
		"targetTrackingScalingPolicyConfiguration.targetValue":                   100.0,
		"targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification": nil,
		metrics + "[0].metricStat.metric.metricName":                             "ApproximateNumberOfMessagesVisible",
		metrics + "[0].metricStat.metric.dimensions": []any{map[string]any{
			"name":  "QueueName",
			"value": "bookmark-manager-production-mailer",
		}},
		metrics + "[1].metricStat.metric.metricName": "ApproximateNumberOfMessagesNotVisible",
		metrics + "[2].metricStat.metric.metricName": "RunningTaskCount",
		metrics + "[3].expression":                   "(waiting + taken) / tasks",
	})
	_, requests := r.Get(typePolicy, "mailer-requests")
	assert.False(t, requests)
}

func TestQueuesReportEachProblem(t *testing.T) {
	for want, change := range map[string]func(*stack){
		`mailer.queue.visibilitySeconds: found 0, want 1 to 43200 (seconds)`: func(s *stack) {
			s.Services["mailer"].Queue.VisibilitySeconds = 0
		},
		`mailer.queue.retentionDays: found 14, want 1 to 13 (days)`: func(s *stack) {
			s.Services["mailer"].Queue.RetentionDays = 14
		},
		`mailer.queue.maxReceives: found 1001, want 1 to 1000`: func(s *stack) {
			s.Services["mailer"].Queue.MaxReceives = 1001
		},
		`mailer.queue.messagesPerTask: found 0, want 1 to 1000000`: func(s *stack) {
			s.Services["mailer"].Queue.MessagesPerTask = 0
		},
		`mailer.queue.oldestSeconds: found 59, want 60 to 1209600 (seconds)`: func(s *stack) {
			s.Services["mailer"].Queue.OldestSeconds = 59
		},
		`mailer.queue.retentionDays: found 1, want more than visibilitySeconds times maxReceives (86400 seconds): ` +
			`SQS deletes a message of that age before it becomes a dead letter`: func(s *stack) {
			q := s.Services["mailer"].Queue
			q.VisibilitySeconds, q.MaxReceives, q.RetentionDays = 21600, 4, 1
		},
		`mailer.queue.oldestSeconds: found 345600, want less than retentionDays (345600 seconds): no message gets ` +
			`older, so that there would be no alarm`: func(s *stack) {
			s.Services["mailer"].Queue.OldestSeconds = 345600
		},
		`mailer.queue.visibilitySeconds: found 59, want stopSeconds (60) or more: a task that ends may handle a ` +
			`message for so long, and another would take it`: func(s *stack) {
			s.Services["mailer"].Queue.VisibilitySeconds = 59
		},
		`mailer.queue.oldestSeconds: found 600, want more than the longest time that the service sleeps (291600 ` +
			`seconds), or it is an alarm each time`: func(s *stack) {
			s.edit("mailer", func(c *ServiceConfig) { c.Scaling.Quiet = &Bounds{} })
		},
		`mailer.queue.retentionDays: found 2, want more than the longest time that the service sleeps (57 hours): ` +
			`SQS would delete what waits for it`: func(s *stack) {
			s.Services["mailer"].Queue.RetentionDays, s.Services["mailer"].Queue.OldestSeconds = 2, 600
			s.Config.Schedule.Holidays = nil
			s.edit("mailer", func(c *ServiceConfig) { c.Scaling.Quiet = &Bounds{} })
		},
		`api.sends[0]: found "web", want a service with a queue, one of [mailer]`: func(s *stack) {
			s.edit("api", func(c *ServiceConfig) { c.Sends = []string{"web"} })
		},
		`api.sends[0]: found "nobody", want a service with a queue, one of [mailer]`: func(s *stack) {
			s.edit("api", func(c *ServiceConfig) { c.Sends = []string{"nobody"} })
		},
		`api.environment.MAILER_QUEUE_URL: found "x", want no value: the service sets it itself`: func(s *stack) {
			s.edit("api", func(c *ServiceConfig) { c.Environment = map[string]string{"MAILER_QUEUE_URL": "x"} })
		},
		`mailer-dead.queue: found {"visibilitySeconds":120,"retentionDays":4,"maxReceives":5,"messagesPerTask":100…, ` +
			`want nothing, or another name of the service: the dead letters of "mailer" are in a queue of ` +
			`this name`: func(s *stack) {
			s.Services["mailer-dead"] = s.Services["mailer"]
		},
		`mailer.queue: found {"visibilitySeconds":120,"retentionDays":4,"maxReceives":5,"messagesPerTask":100…, ` +
			`want nothing, or compute.cluster.insights enabled or enhanced, which counts the tasks that the messages are shared among`: func(s *stack) {
			s.Config.Cluster.Insights = InsightsDisabled
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := prod()
			mailer(s)
			change(s)
			assert.EqualError(t, s.Services.Validate(s.Config).Err(), want)
		})
	}
	r, s, err := build(func(s *stack) {
		mailer(s)
		s.Environment = "a-name-that-is-much-too-long-for-a-queue-of-sqs-since-it-has-eighty"
	})
	require.Error(t, err, s.Environment)
	assert.ErrorContains(t, err, "SQS queue name")
	_, made := r.Get(typeQueue, "queues-mailer")
	assert.False(t, made)
}
