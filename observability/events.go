package observability

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// event is something that happens once and that no metric shows, as data. EventBridge sends it to
// the topic of its region.
type event struct {
	key     string // unique; the end of its rule's name
	global  bool   // in us-east-1
	section string // of the runbook
	means   string // what has happened, as a sentence; <name> is the value at a path
	first   string // what to do first, as a sentence
	paths   map[string]string
	pattern eventPattern
}

const (
	sectionDeployments = "failed-deployments"
	sectionStopped     = "stopped-tasks"
)

// events are those that every stack reports. What the databases, their backups and the account's
// guards report is sent by their own components.
func events(cluster, clusterServices string) []event {
	all := []event{
		{
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
			key:     "deployment-failed",
			section: sectionDeployments,
			means: "A deployment of <service> has failed, and ECS goes back to the one before if it is told to: " +
				"<reason>",
			first: "read the reasons of its stopped tasks, or which of its rollback alarms was on.",
			paths: map[string]string{"service": "$.resources[0]", "reason": "$.detail.reason"},
			pattern: eventPattern{
				description: "Deployments of ECS that failed",
				Source:      []string{"aws.ecs"},
				DetailType:  []string{"ECS Deployment State Change"},
				Resources:   []any{map[string]any{"prefix": clusterServices}},
				Detail:      map[string]any{"eventName": []any{"SERVICE_DEPLOYMENT_FAILED"}},
			},
		},
		{
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
			key:     "task-stopped",
			section: sectionStopped,
			means:   "A task of <group> ran out of memory, or could not get its image: <reason>",
			first:   "compare with the latest deploy: its memory, or an image that ECR does not hold.",
			paths:   map[string]string{"group": "$.detail.group", "reason": "$.detail.stoppedReason"},
			pattern: eventPattern{
				description: "Tasks of ECS that were stopped for their memory or image",
				Source:      []string{"aws.ecs"},
				DetailType:  []string{"ECS Task State Change"},
				Detail: map[string]any{
					"clusterArn": []any{cluster}, "lastStatus": []any{"STOPPED"},
					"$or": []any{
						map[string]any{"containers": map[string]any{"reason": []any{map[string]any{
							"prefix": "OutOfMemoryError",
						}}}},
						map[string]any{"stoppedReason": []any{map[string]any{"prefix": "CannotPull"}}},
					},
				},
			},
		},
	}
	for _, region := range []struct {
		key    string
		global bool
	}{{"certificate-action", false}, {"certificate-action-us-east-1", true}} {
		all = append(all, event{
			// https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html
			key:     region.key,
			global:  region.global,
			section: sectionCertificate,
			means:   "ACM cannot renew a certificate by itself: <certificate>",
			first:   "check that the validation records are still in the zone.",
			paths:   map[string]string{"certificate": "$.resources[0]"},
			pattern: eventPattern{
				description: "Certificates of ACM that need somebody",
				Source:      []string{"aws.acm"}, DetailType: []string{"ACM Certificate Renewal Action Required"},
			},
		})
	}
	return all
}

// message is the text of an event, as the template of EventBridge: a string of JSON whose <names>
// are filled in.
func (e event) message(environment, runbook string) string {
	return fmt.Sprintf("%q",
		fmt.Sprintf("%s: %s First: %s Runbook: %s#%s", environment, e.means, e.first, runbook, e.section))
}

// events are rules of EventBridge that write to the topics.
func (b *builder) events() error {
	stack := b.args.Stack
	arn := "arn:aws:ecs:" + stack.Region + ":" + stack.AccountID + ":"
	cluster := stack.Environment.Name("cluster") // a fixed name, so that a preview shows the whole pattern
	for _, one := range events(arn+"cluster/"+cluster, arn+"service/"+cluster+"/") {
		raw, err := json.Marshal(one.pattern)
		if err != nil {
			return b.Wrap("describe", "event "+one.key, err)
		}
		rule, err := cloudwatch.NewEventRule(b.Ctx, b.Child(one.key), &cloudwatch.EventRuleArgs{
			Description: pulumi.String(one.pattern.description), EventPattern: pulumi.String(raw),
		}, b.options(one.global)...)
		if err != nil {
			return b.Wrap("create", "rule of event "+one.key, err)
		}
		if _, err := cloudwatch.NewEventTarget(b.Ctx, b.Child(one.key), &cloudwatch.EventTargetArgs{
			Rule: rule.Name, Arn: b.topic(one.global),
			InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
				InputPaths:    pulumi.ToStringMap(one.paths),
				InputTemplate: pulumi.String(one.message(stack.Environment.Name(), string(b.args.Config.RunbookBase))),
			},
		}, b.options(one.global)...); err != nil {
			return b.Wrap("create", "target of event "+one.key, err)
		}
	}
	return nil
}
