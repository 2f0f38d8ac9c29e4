package observability

import (
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/notice"
)

// event is something that happens once and that no metric shows, as data. EventBridge sends it to
// the topic of its region.
type event struct {
	key    string // unique; the end of its rule's name
	global bool   // in us-east-1
	rule   notice.Rule
}

const (
	sectionDeployments = "failed-deployments"
	sectionStopped     = "stopped-tasks"
)

// events are those that every stack reports. What the databases, their backups and the account's
// guards report is sent by their own components.
func events(cluster, clusterServices string) []event {
	stopped := func(detail map[string]any) notice.Pattern {
		detail["clusterArn"], detail["lastStatus"] = []any{cluster}, []any{"STOPPED"}
		return notice.Pattern{
			Source: []string{"aws.ecs"}, DetailType: []string{"ECS Task State Change"}, Detail: detail,
		}
	}
	all := []event{
		{
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
			key: "deployment-failed",
			rule: notice.Rule{
				Description: "Deployments of ECS that failed",
				Pattern: notice.Pattern{
					Source:     []string{"aws.ecs"},
					DetailType: []string{"ECS Deployment State Change"},
					Resources:  []any{map[string]any{"prefix": clusterServices}},
					Detail:     map[string]any{"eventName": []any{"SERVICE_DEPLOYMENT_FAILED"}},
				},
				Notice: notice.Notice{
					Title: "A deployment of <service> has failed; ECS goes back to the one before, where it is " +
						"told to.",
					Text:    "<reason>",
					First:   "read the reasons of its stopped tasks, or which of its rollback alarms was on.",
					Section: sectionDeployments,
					Paths:   map[string]string{"service": "$.resources[0]", "reason": "$.detail.reason"},
				},
			},
		},
		{
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
			key: "task-stopped",
			rule: notice.Rule{
				Description: "Tasks of ECS that could not start",
				Pattern: stopped(map[string]any{"stoppedReason": []any{
					map[string]any{"prefix": "CannotCreate"}, map[string]any{"prefix": "CannotPull"},
					map[string]any{"prefix": "CannotStart"}, map[string]any{"prefix": "ResourceInitializationError"},
				}}),
				Notice: notice.Notice{
					Title:   "A task of <group> could not start.",
					Text:    "<reason>",
					First:   "compare with the latest deploy: an image that ECR does not hold, or a parameter.",
					Section: sectionStopped,
					Paths:   map[string]string{"group": "$.detail.group", "reason": "$.detail.stoppedReason"},
				},
			},
		},
		{
			// The task's own reason is only that an essential container has exited. A container
			// beside it that was killed stops no task, so the end of a task for another cause is
			// none of these.
			key: "task-out-of-memory",
			rule: notice.Rule{
				Description: "Tasks of ECS that were stopped for their memory",
				Pattern: stopped(map[string]any{
					"stopCode":   []any{"EssentialContainerExited"},
					"containers": map[string]any{"reason": []any{map[string]any{"prefix": "OutOfMemoryError"}}},
				}),
				Notice: notice.Notice{
					Title:   "A task of <group> ran out of memory.",
					Text:    "Its containers say: <reasons>",
					First:   "compare its memory with the latest deploy.",
					Section: sectionStopped,
					Paths:   map[string]string{"group": "$.detail.group", "reasons": "$.detail.containers[*].reason"},
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
			key:    region.key,
			global: region.global,
			rule: notice.Rule{
				Description: "Certificates of ACM that need somebody",
				Pattern: notice.Pattern{
					Source: []string{"aws.acm"}, DetailType: []string{"ACM Certificate Renewal Action Required"},
				},
				Notice: notice.Notice{
					Title:   "ACM cannot renew a certificate by itself.",
					Text:    "It is <certificate>",
					First:   "check that the validation records are still in the zone.",
					Section: sectionCertificate,
					Paths:   map[string]string{"certificate": "$.resources[0]"},
				},
			},
		})
	}
	return all
}

// events are rules of EventBridge that write to the topics.
func (b *builder) events() error {
	stack := b.args.Stack
	arn := "arn:aws:ecs:" + stack.Region + ":" + stack.AccountID + ":"
	cluster := stack.Environment.Name("cluster") // a fixed name, so that a preview shows the whole pattern
	sender := notice.Sender{Environment: stack.Environment.Name(), RunbookBase: string(b.args.Config.RunbookBase)}
	all := slices.Concat(events(arn+"cluster/"+cluster, arn+"service/"+cluster+"/"),
		scheduledEvents(stack.Environment, arn+"cluster/"+cluster, b.args.Scheduled.Workloads))
	for _, one := range all {
		if err := sender.Make(b.Ctx, b.Child(one.key), one.rule, b.topic(one.global),
			b.options(one.global)...); err != nil {
			return b.Wrap("tell of", one.key, err)
		}
	}
	return nil
}
