package compute

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// front is a load balancer that leads to the service, with the target groups behind it: one leads
// to a group for one load balancer alone.
type front struct {
	balancer *LoadBalancer
	groups   map[string]*lb.TargetGroup // by the variant's suffix
}

// groupEnds end the logical names of target groups by the load balancer's scheme. They have one
// length, so that a service's name fits behind either.
var groupEnds = map[Scheme]string{InternetFacing: "-tg", Internal: "-in"}

// targetGroupName is the logical name of a variant's target group. Pulumi adds eight characters,
// and AWS takes 32.
func targetGroupName(service string, v variant, scheme Scheme) string {
	return service + v.suffix + groupEnds[scheme]
}

// ruleName is the logical name of a service's rule, which begins with the part that tells those of
// an internal load balancer.
func (b *serviceBuilder) ruleName(f *front, part string) string {
	if f.balancer.Scheme == Internal {
		part = "internal-" + part
	}
	return b.Child(part)
}

// targetGroup is where the load balancer finds the variant's tasks. Its name is generated: a fixed
// one would have to be deleted before its replacement could be made, with every task out of service
// in between. A change of its port is ignored: ECS registers each task with the port of its
// container, so that the group's own is never used, and a new port would replace the group, whose
// rule would then lead to no task until the service is updated.
func (b *serviceBuilder) targetGroup(f *front, v variant) (*lb.TargetGroup, error) {
	c := b.args.Config
	stickiness := lb.TargetGroupStickinessArgs{
		Type:    pulumi.String("lb_cookie"),
		Enabled: pulumi.Bool(c.StickySeconds > 0),
	}
	if c.StickySeconds > 0 {
		stickiness.CookieDuration = pulumi.Int(c.StickySeconds)
	}
	args := &lb.TargetGroupArgs{
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
	}
	if c.Balancing != "" {
		args.LoadBalancingAlgorithmType = pulumi.String(c.Balancing)
	}
	if c.SlowStartSeconds > 0 {
		args.SlowStart = pulumi.Int(c.SlowStartSeconds)
	}
	group, err := lb.NewTargetGroup(b.Ctx, targetGroupName(b.Name, v, f.balancer.Scheme), args, b.Parent(),
		pulumi.IgnoreChanges([]string{"port"}))
	return group, b.Wrap("create", "target group"+v.suffix, err)
}

// frontend makes the target groups that the service's paths lead to, behind each load balancer.
func (b *serviceBuilder) frontend() error {
	c := b.args.Config
	if len(c.Paths) == 0 {
		return nil
	}
	for _, balancer := range []*LoadBalancer{b.args.LoadBalancer, b.args.Beside} {
		if balancer == nil {
			continue
		}
		f := &front{balancer, map[string]*lb.TargetGroup{}}
		// The primary group exists from the first deploy, before there is an image.
		for _, v := range append([]variant{c.primary()}, c.variants()...) {
			if f.groups[v.suffix] != nil {
				continue
			}
			group, err := b.targetGroup(f, v)
			if err != nil {
				return err
			}
			f.groups[v.suffix] = group
		}
		b.fronts = append(b.fronts, f)
	}
	b.groups = b.fronts[0].groups
	b.service.TargetGroupArnSuffix = b.groups[""].ArnSuffix
	return nil
}

// listenerRules send the service's paths to its target groups. With a canary they wait until its
// tasks are steady: a share of the requests must not go to a group without tasks, and a canary that
// never starts gets none. Each rule waits for the one with the next priority: when a longer list of
// paths moves a path into that rule, it is added there before it is removed here, so that its
// requests always match a rule.
func (b *serviceBuilder) listenerRules(after ...pulumi.Resource) error {
	c := b.args.Config
	for _, f := range b.fronts {
		earlier := slices.Clone(after)
		for i, paths := range slices.Backward(c.pathsOfRules()) {
			name := b.ruleName(f, "rule")
			if i > 0 {
				name = fmt.Sprintf("%s-%d", name, i+1)
			}
			rule, err := b.listenerRule(f, name, c.Priority+i, paths, b.forward(f), earlier...)
			if err != nil {
				return err
			}
			earlier = append(earlier, rule)
			b.rules = append(b.rules, rule)
		}
	}
	return nil
}

// canaryRules stand behind the service's own rules and have one of their paths, so that no request
// ever reaches them. ECS refuses a service whose target group no rule of a load balancer leads to,
// and the rules that share the requests out wait for that service.
func (b *serviceBuilder) canaryRules() ([]pulumi.Resource, error) {
	c := b.args.Config
	var rules []pulumi.Resource
	for _, f := range b.fronts {
		rule, err := b.listenerRule(f, b.ruleName(f, "canary-rule"), c.Priority+len(c.pathsOfRules()), c.Paths[:1],
			forwardTo(f.groups[CanarySuffix]))
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func (b *serviceBuilder) listenerRule(
	f *front, name string, priority int, paths []PathPattern, action lb.ListenerRuleActionArgs,
	after ...pulumi.Resource,
) (*lb.ListenerRule, error) {
	conditions := lb.ListenerRuleConditionArray{
		lb.ListenerRuleConditionArgs{PathPattern: lb.ListenerRuleConditionPathPatternArgs{
			Values: pulumi.ToStringArray(settings.Strings(paths)),
		}},
		lb.ListenerRuleConditionArgs{HttpHeader: lb.ListenerRuleConditionHttpHeaderArgs{
			HttpHeaderName: pulumi.String(f.balancer.headerName),
			Values:         f.balancer.headerValues,
		}},
	}
	if hosts := b.args.Config.Hosts; len(hosts) > 0 {
		conditions = append(conditions, lb.ListenerRuleConditionArgs{
			HostHeader: lb.ListenerRuleConditionHostHeaderArgs{Values: pulumi.ToStringArray(settings.Strings(hosts))},
		})
	}
	rule, err := lb.NewListenerRule(b.Ctx, name, &lb.ListenerRuleArgs{
		ListenerArn: f.balancer.ListenerArn,
		Priority:    pulumi.Int(priority),
		Actions:     lb.ListenerRuleActionArray{action},
		Conditions:  conditions,
	}, b.Parent(), pulumi.DependsOn(after))
	return rule, b.Wrap("create", "listener rule", err)
}

func forwardTo(group *lb.TargetGroup) lb.ListenerRuleActionArgs {
	return lb.ListenerRuleActionArgs{Type: pulumi.String("forward"), TargetGroupArn: group.Arn}
}

// forward sends every request to the one target group or, with a canary, spreads them by weight.
func (b *serviceBuilder) forward(f *front) lb.ListenerRuleActionArgs {
	canary, main := b.args.Config.Canary, f.groups[""].Arn
	if canary == nil {
		return forwardTo(f.groups[""])
	}
	forward := lb.ListenerRuleActionForwardArgs{TargetGroups: lb.ListenerRuleActionForwardTargetGroupArray{
		lb.ListenerRuleActionForwardTargetGroupArgs{Arn: main, Weight: pulumi.Int(100 - canary.Weight)},
		lb.ListenerRuleActionForwardTargetGroupArgs{Arn: f.groups[CanarySuffix].Arn, Weight: pulumi.Int(canary.Weight)},
	}}
	if canary.StickySeconds > 0 {
		forward.Stickiness = lb.ListenerRuleActionForwardStickinessArgs{
			Enabled: pulumi.Bool(true), Duration: pulumi.Int(canary.StickySeconds),
		}
	}
	return lb.ListenerRuleActionArgs{Type: pulumi.String("forward"), Forward: forward}
}
