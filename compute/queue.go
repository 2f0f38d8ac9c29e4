package compute

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// QueuesType is part of every child's URN; changing it replaces the queues.
const QueuesType = "bookmark-manager:compute:Queues"

// QueueConfig is a queue whose messages a service handles. The service finds it in QUEUE_URL; those
// that list the service in their sends, in <NAME>_QUEUE_URL.
type QueueConfig struct {
	// VisibilitySeconds is how long a message that a task has taken is hidden from the others.
	// Longer than its handling takes, or it is handled twice; no shorter than the service's
	// stopSeconds.
	VisibilitySeconds int `json:"visibilitySeconds" range:"1..43200" unit:"seconds"`
	// RetentionDays is how long a message waits before SQS deletes it: longer than MaxReceives
	// times VisibilitySeconds, or it is deleted before it is a dead letter. Dead letters are kept
	// 14 days, counted from when the message was first sent.
	RetentionDays int `json:"retentionDays" range:"1..13" unit:"days"`
	// MaxReceives is how often a message is received before SQS moves it to the dead-letter queue.
	MaxReceives int `json:"maxReceives" range:"1..1000"`
	// MessagesPerTask is how many messages a task should have, those that wait and those that it
	// handles, which the number of tasks follows. 1 where a message takes minutes: no task is then
	// taken away while there are as many messages as tasks.
	MessagesPerTask int `json:"messagesPerTask" range:"1..1000000"`
	// OldestSeconds is how long the oldest message may wait before it is an alarm; shorter than
	// RetentionDays.
	OldestSeconds int `json:"oldestSeconds" range:"60..1209600" unit:"seconds"`
}

// validateQueue refuses what loses messages or never is an alarm.
func (c ServiceConfig) validateQueue() settings.Problems {
	var p settings.Problems
	q := c.Queue
	if q == nil {
		return p
	}
	retention := q.RetentionDays * secondsPerDay
	p.WantBeside("queue.maxReceives", q.VisibilitySeconds*q.MaxReceives < retention, "queue.retentionDays",
		q.RetentionDays,
		"more than visibilitySeconds times maxReceives (%d seconds): SQS deletes a message of that age before it "+
			"becomes a dead letter", q.VisibilitySeconds*q.MaxReceives)
	p.WantBeside("queue.retentionDays", q.OldestSeconds < retention, "queue.oldestSeconds", q.OldestSeconds,
		"less than retentionDays (%d seconds): no message gets older, so that there would be no alarm", retention)
	p.WantBeside("stopSeconds", q.VisibilitySeconds >= c.StopSeconds, "queue.visibilitySeconds", q.VisibilitySeconds,
		"stopSeconds (%d) or more: a task that ends may handle a message for so long, and another would take it",
		c.StopSeconds)
	return p
}

// validateSpell refuses a queue whose messages are lost, or an alarm, because the service sleeps.
func (c ServiceConfig) validateSpell(schedule *ScheduleConfig) settings.Problems {
	var p settings.Problems
	if _, sleeps := c.Scaling.LeastAwake(); c.Queue == nil || !sleeps || schedule == nil {
		return p
	}
	longest, err := schedule.longestQuiet()
	if err != nil {
		return p // the schedule's own problem
	}
	seconds := int(longest.Seconds())
	if c.Queue.RetentionDays*secondsPerDay <= seconds {
		p.WantBeside("scaling.quiet.max", false, "queue.retentionDays", c.Queue.RetentionDays,
			"more than the longest time that the service sleeps (%d hours): SQS would delete what waits for it",
			seconds/secondsPerHour)
		return p
	}
	p.WantBeside("scaling.quiet.max", c.Queue.OldestSeconds > seconds, "queue.oldestSeconds", c.Queue.OldestSeconds,
		"more than the longest time that the service sleeps (%d seconds), or it is an alarm each time", seconds)
	return p
}

const (
	secondsPerHour = 60 * 60
	secondsPerDay  = 24 * secondsPerHour
	// deadLetterDays is the longest that SQS keeps a message.
	deadLetterDays = 14
	// longPollSeconds is how long a request for messages waits for one, the longest that there is:
	// an empty answer costs as much as a full one.
	longPollSeconds = 20
	deadSuffix      = "-dead"
	// queueVariable is the variable with the address of a service's own queue.
	queueVariable = "QUEUE_URL"
)

// sendVariable is the variable with the address of another service's queue, such as
// MAILER_QUEUE_URL.
func sendVariable(service string) string { return variablePrefix(service) + "_" + queueVariable }

// Queue is a service's queue and its dead-letter queue.
type Queue struct {
	// Name and DeadName are fixed: bookmark-manager-<environment>-<service>, and the same with
	// -dead.
	Name, DeadName pulumi.StringOutput
	URL, Arn       pulumi.StringOutput
}

// QueuesArgs are the queues' wiring.
type QueuesArgs struct {
	identity.Stack
	// Services are the stack's services; those with a queue get one.
	Services Services
}

// Queues are the queues of the services that have one. They are made before any service, since a
// service may send to the queue of one that it does not call.
type Queues struct {
	pulumi.ResourceState

	// Of are the queues by service.
	Of map[string]*Queue
}

// NewQueues registers nothing when args are invalid.
func NewQueues(ctx *pulumi.Context, name string, args *QueuesArgs, opts ...pulumi.ResourceOption) (*Queues, error) {
	if args == nil {
		return nil, fmt.Errorf("queues %q: args are required", name)
	}
	invalid := []error{args.Check()}
	for _, service := range args.Services.withQueues() {
		invalid = append(invalid, names.Check(names.Queue, args.Environment.Name(service+deadSuffix)))
	}
	if err := errors.Join(invalid...); err != nil {
		return nil, fmt.Errorf("queues %q: %w", name, err)
	}
	q := &Queues{Of: map[string]*Queue{}}
	base, err := component.Register(ctx, "queues", QueuesType, name, q, opts...)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{}
	for _, service := range args.Services.withQueues() {
		made, err := newQueue(base, args, service)
		if err != nil {
			return nil, err
		}
		q.Of[service], outputs[service] = made, made.URL
	}
	return q, base.Outputs(outputs)
}

func newQueue(base component.Component, args *QueuesArgs, service string) (*Queue, error) {
	c := args.Services[service].Queue
	name := args.Environment.Name(service)
	arn := func(name string) string {
		return fmt.Sprintf("arn:aws:sqs:%s:%s:%s", args.Region, args.AccountID, name)
	}
	// Each names the other one, by a name that is known before either is made.
	sources, err := json.Marshal(map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []string{arn(name)}})
	if err != nil {
		return nil, base.Wrap("write", "sources of dead letters of "+service, err)
	}
	dead, err := sqs.NewQueue(base.Ctx, base.Child(service+deadSuffix), &sqs.QueueArgs{
		Name:                    pulumi.String(name + deadSuffix),
		MessageRetentionSeconds: pulumi.Int(deadLetterDays * secondsPerDay),
		ReceiveWaitTimeSeconds:  pulumi.Int(longPollSeconds),
		SqsManagedSseEnabled:    pulumi.Bool(true),
		RedriveAllowPolicy:      pulumi.String(sources),
		Policy:                  overTLS(arn(name + deadSuffix)).JSON(),
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "dead letters of "+service, err)
	}
	made, err := sqs.NewQueue(base.Ctx, base.Child(service), &sqs.QueueArgs{
		Name:                     pulumi.String(name),
		VisibilityTimeoutSeconds: pulumi.Int(c.VisibilitySeconds),
		MessageRetentionSeconds:  pulumi.Int(c.RetentionDays * secondsPerDay),
		ReceiveWaitTimeSeconds:   pulumi.Int(longPollSeconds),
		SqsManagedSseEnabled:     pulumi.Bool(true),
		RedrivePolicy: dead.Arn.ApplyT(func(arn string) (string, error) {
			text, err := json.Marshal(map[string]any{"deadLetterTargetArn": arn, "maxReceiveCount": c.MaxReceives})
			return string(text), err
		}).(pulumi.StringOutput),
		Policy: overTLS(arn(name)).JSON(),
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "queue of "+service, err)
	}
	return &Queue{
		Name:     made.Name,
		DeadName: dead.Name,
		URL:      made.Url,
		Arn:      made.Arn,
	}, nil
}

// overTLS refuses every request to a queue that does not come over TLS. Who may ask is said by the
// roles.
func overTLS(arn string) policy.Document {
	return policy.Document{{
		Sid:        "DenyPlainHTTP",
		Effect:     policy.Deny,
		Principals: map[string][]string{policy.AWS: {"*"}},
		Actions:    []string{"sqs:*"},
		Resources:  pulumi.StringArray{pulumi.String(arn)},
		Conditions: []policy.Condition{{
			Operator: "Bool",
			Key:      "aws:SecureTransport",
			Values:   pulumi.StringArray{pulumi.String("false")},
		}},
	}}
}

// queueStatements let a service handle its own queue and send to those that it lists. tasks are
// those of the cluster: a task with a message in hand may keep itself from being taken away, by its
// agent, which asks with the task's role.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
func queueStatements(own *Queue, sends pulumi.StringArray, tasks pulumi.StringInput) policy.Document {
	var doc policy.Document
	if own != nil {
		doc = append(doc, policy.Statement{
			Sid:    "QueueHandle",
			Effect: policy.Allow,
			Actions: []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
				"sqs:ReceiveMessage"},
			Resources: pulumi.StringArray{own.Arn},
		}, policy.Statement{
			Sid:       "QueueProtect",
			Effect:    policy.Allow,
			Actions:   []string{"ecs:GetTaskProtection", "ecs:UpdateTaskProtection"},
			Resources: pulumi.StringArray{tasks},
		})
	}
	if len(sends) > 0 {
		doc = append(doc, policy.Statement{
			Sid:       "QueueSend",
			Effect:    policy.Allow,
			Actions:   []string{"sqs:SendMessage"},
			Resources: sends,
		})
	}
	return doc
}

// backlog follows the number of messages for each task that runs: those that wait and those that
// tasks have taken and not handled yet. Without the latter a service whose tasks are all busy, and
// whose queue is empty, would lose its tasks and their messages. Container Insights counts the
// tasks.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
func (b *serviceBuilder) backlog() appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs {
	type (
		metric    = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArgs
		stat      = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatArgs
		source    = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricArgs
		dimension = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricDimensionArgs
		all       = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArray
		of        = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricDimensionArray
	)
	messages := func(id, name string) metric {
		return metric{
			Id: pulumi.String(id), ReturnData: pulumi.Bool(false),
			MetricStat: stat{Stat: pulumi.String("Sum"), Metric: source{
				Namespace: pulumi.String("AWS/SQS"), MetricName: pulumi.String(name),
				Dimensions: of{dimension{Name: pulumi.String("QueueName"), Value: b.args.Queue.Name}},
			}},
		}
	}
	return appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs{Metrics: all{
		messages("waiting", "ApproximateNumberOfMessagesVisible"),
		messages("taken", "ApproximateNumberOfMessagesNotVisible"),
		metric{
			Id: pulumi.String("tasks"), ReturnData: pulumi.Bool(false),
			MetricStat: stat{Stat: pulumi.String("Average"), Metric: source{
				Namespace: pulumi.String("ECS/ContainerInsights"), MetricName: pulumi.String("RunningTaskCount"),
				Dimensions: of{
					dimension{Name: pulumi.String("ClusterName"), Value: b.args.Cluster.Name},
					dimension{Name: pulumi.String("ServiceName"), Value: b.service.running.Name},
				},
			}},
		},
		metric{
			Id:         pulumi.String("backlog"),
			Expression: pulumi.String("(waiting + taken) / tasks"),
			ReturnData: pulumi.Bool(true),
		},
	}}
}
