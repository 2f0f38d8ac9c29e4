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
)

// QueuesType is part of every child's URN; changing it replaces the queues.
const QueuesType = "bookmark-manager:compute:Queues"

// QueueConfig is a queue whose messages a service handles. The service finds it in QUEUE_URL; those
// that list the service in their sends, in <NAME>_QUEUE_URL.
type QueueConfig struct {
	// VisibilitySeconds is how long a message that a task has taken is hidden from the others.
	// Longer than its handling takes, or it is handled twice.
	VisibilitySeconds int `json:"visibilitySeconds" range:"1..43200" unit:"seconds"`
	// RetentionDays is how long a message waits before SQS deletes it. Dead letters are kept 14
	// days, counted from when the message was first sent.
	RetentionDays int `json:"retentionDays" range:"1..13" unit:"days"`
	// MaxReceives is how often a message is received before SQS moves it to the dead-letter queue.
	MaxReceives int `json:"maxReceives" range:"1..1000"`
	// MessagesPerTask is how many waiting messages a task should have, which the number of tasks
	// follows.
	MessagesPerTask int `json:"messagesPerTask" range:"1..1000000"`
	// OldestSeconds is how long the oldest message may wait before it is an alarm.
	OldestSeconds int `json:"oldestSeconds" range:"60..1209600" unit:"seconds"`
}

const (
	secondsPerDay = 24 * 60 * 60
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

// queueStatements let a service handle its own queue and send to those that it lists.
func queueStatements(own *Queue, sends pulumi.StringArray) policy.Document {
	var doc policy.Document
	if own != nil {
		doc = append(doc, policy.Statement{
			Sid:    "QueueHandle",
			Effect: policy.Allow,
			Actions: []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
				"sqs:ReceiveMessage"},
			Resources: pulumi.StringArray{own.Arn},
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

// backlog follows the number of waiting messages for each task that runs. Container Insights counts
// the tasks.
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
	return appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs{Metrics: all{
		metric{
			Id: pulumi.String("messages"), ReturnData: pulumi.Bool(false),
			MetricStat: stat{Stat: pulumi.String("Sum"), Metric: source{
				Namespace: pulumi.String("AWS/SQS"), MetricName: pulumi.String("ApproximateNumberOfMessagesVisible"),
				Dimensions: of{dimension{Name: pulumi.String("QueueName"), Value: b.args.Queue.Name}},
			}},
		},
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
			Expression: pulumi.String("messages / tasks"),
			ReturnData: pulumi.Bool(true),
		},
	}}
}
