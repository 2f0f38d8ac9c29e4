package compute

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// targetGroupName is the logical name of a variant's target group. Pulumi adds eight characters, and AWS takes 32.
func targetGroupName(service string, v variant) string { return service + v.suffix + "-tg" }

// targetGroup is where the load balancer finds the variant's tasks. Its name is generated: a fixed one would have to be deleted before its
// replacement could be made, with every task out of service in between.
func (b *serviceBuilder) targetGroup(v variant) (*lb.TargetGroup, error) {
	c := b.args.Config
	stickiness := lb.TargetGroupStickinessArgs{Type: pulumi.String("lb_cookie"), Enabled: pulumi.Bool(c.StickySeconds > 0)}
	if c.StickySeconds > 0 {
		stickiness.CookieDuration = pulumi.Int(c.StickySeconds)
	}
	group, err := lb.NewTargetGroup(b.Ctx, targetGroupName(b.Name, v), &lb.TargetGroupArgs{
		VpcId:               b.args.VpcID.ToStringOutput(),
		TargetType:          pulumi.String("ip"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(c.Port),
		DeregistrationDelay: pulumi.Int(c.DeregistrationSeconds),
		Stickiness:          stickiness,
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Path:               pulumi.String(c.Health.Path),
			Matcher:            pulumi.String(c.Health.Matcher),
			Interval:           pulumi.Int(c.Health.IntervalSeconds),
			Timeout:            pulumi.Int(c.Health.TimeoutSeconds),
			HealthyThreshold:   pulumi.Int(c.Health.HealthyThreshold),
			UnhealthyThreshold: pulumi.Int(c.Health.UnhealthyThreshold),
		},
	}, b.Parent())
	return group, b.Wrap("create", "target group"+v.suffix, err)
}

// frontend makes the target groups and the rules that send the service's paths to them.
func (b *serviceBuilder) frontend() error {
	c := b.args.Config
	if len(c.Paths) == 0 {
		return nil
	}
	b.groups = map[string]*lb.TargetGroup{}
	// The primary group exists from the first deploy, before there is an image.
	for _, v := range append([]variant{c.primary()}, c.variants()...) {
		if b.groups[v.suffix] != nil {
			continue
		}
		group, err := b.targetGroup(v)
		if err != nil {
			return err
		}
		b.groups[v.suffix] = group
	}
	b.service.TargetGroupArnSuffix = b.groups[""].ArnSuffix
	for i, paths := range pathsOfRules(c.Paths) {
		name := b.Child("rule")
		if i > 0 {
			name = fmt.Sprintf("%s-%d", name, i+1)
		}
		rule, err := lb.NewListenerRule(b.Ctx, name, &lb.ListenerRuleArgs{
			ListenerArn: b.args.LoadBalancer.ListenerArn,
			Priority:    pulumi.Int(c.Priority + i),
			Actions:     lb.ListenerRuleActionArray{b.forward()},
			Conditions: lb.ListenerRuleConditionArray{
				lb.ListenerRuleConditionArgs{PathPattern: lb.ListenerRuleConditionPathPatternArgs{Values: pulumi.ToStringArray(settings.Strings(paths))}},
				lb.ListenerRuleConditionArgs{HttpHeader: lb.ListenerRuleConditionHttpHeaderArgs{
					HttpHeaderName: pulumi.String(b.args.LoadBalancer.headerName),
					Values:         b.args.LoadBalancer.headerValues,
				}},
			},
		}, b.Parent())
		if err != nil {
			return b.Wrap("create", "listener rule", err)
		}
		b.rules = append(b.rules, rule)
	}
	return nil
}

// forward sends every request to the one target group or, with a canary, spreads them by weight.
func (b *serviceBuilder) forward() lb.ListenerRuleActionArgs {
	canary, main := b.args.Config.Canary, b.groups[""].Arn
	if canary == nil {
		return lb.ListenerRuleActionArgs{Type: pulumi.String("forward"), TargetGroupArn: main}
	}
	forward := lb.ListenerRuleActionForwardArgs{TargetGroups: lb.ListenerRuleActionForwardTargetGroupArray{
		lb.ListenerRuleActionForwardTargetGroupArgs{Arn: main, Weight: pulumi.Int(100 - canary.Weight)},
		lb.ListenerRuleActionForwardTargetGroupArgs{Arn: b.groups[canarySuffix].Arn, Weight: pulumi.Int(canary.Weight)},
	}}
	if canary.StickySeconds > 0 {
		forward.Stickiness = lb.ListenerRuleActionForwardStickinessArgs{
			Enabled: pulumi.Bool(true), Duration: pulumi.Int(canary.StickySeconds),
		}
	}
	return lb.ListenerRuleActionArgs{Type: pulumi.String("forward"), Forward: forward}
}
