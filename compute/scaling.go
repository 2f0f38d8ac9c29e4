package compute

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A scale-out waits for the last one to take effect; a scale-in waits longer, so that a dip does
// not cost the next peak its tasks.
const (
	scaleOutCooldown = 60
	scaleInCooldown  = 300
)

// scaling lets the number of tasks follow the load, within bounds that the schedule changes.
func (b *serviceBuilder) scaling() error {
	c := b.args.Config.Scaling
	opts := []pulumi.ResourceOption{b.Parent()}
	if c.Quiet != nil {
		// A scheduled change writes the target's own bounds; a deploy at night must not write them
		// back. A new min or max is in force from the schedule's next change, which
		// docs/operations.md says how to bring forward.
		opts = append(opts, pulumi.IgnoreChanges([]string{"minCapacity", "maxCapacity"}))
	}
	target, err := appautoscaling.NewTarget(b.Ctx, b.Name, &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("ecs"),
		ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:        pulumi.Sprintf("service/%s/%s", b.args.Cluster.Name, b.service.running.Name),
		MinCapacity:       pulumi.Int(c.Min),
		MaxCapacity:       pulumi.Int(c.Max),
	}, opts...)
	if err != nil {
		return b.Wrap("create", "scaling target", err)
	}
	turn := &inTurn{last: target}
	if err := b.tracking(target, turn); err != nil {
		return err
	}
	return b.scheduled(target, turn)
}

// inTurn makes what is written to one scalable target wait for what was written before it:
// Application Auto Scaling refuses a second change of a target while the first is under way
// (ConcurrentUpdateException), https://github.com/hashicorp/terraform-provider-aws/issues/17915.
type inTurn struct{ last pulumi.Resource }

// after makes a resource wait for its turn.
func (t *inTurn) after() pulumi.ResourceOption { return pulumi.DependsOn([]pulumi.Resource{t.last}) }

// tracking adds and removes tasks so that each average stays near its target. The policy that wants
// most tasks decides, and all must agree before one goes.
func (b *serviceBuilder) tracking(target *appautoscaling.Target, turn *inTurn) error {
	c := b.args.Config.Scaling
	type tracked = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
	predefined := func(metric string, target int, label pulumi.StringPtrInput) tracked {
		return tracked{
			PredefinedMetricSpecification: appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
				PredefinedMetricType: pulumi.String(metric), ResourceLabel: label,
			},
			TargetValue: pulumi.Float64(target),
		}
	}
	policies := []struct {
		part    string
		tracked tracked
	}{
		{"cpu", predefined("ECSServiceAverageCPUUtilization", c.CPUPercent, nil)},
		{"memory", predefined("ECSServiceAverageMemoryUtilization", c.MemoryPercent, nil)},
	}
	add := func(part string, one tracked) {
		policies = append(policies, struct {
			part    string
			tracked tracked
		}{part, one})
	}
	if group := b.groups[""]; group != nil {
		label := pulumi.Sprintf("%s/%s", b.args.LoadBalancer.ArnSuffix, group.ArnSuffix)
		add("requests", predefined("ALBRequestCountPerTarget", c.RequestsPerTarget, label))
	}
	if queue := b.args.Config.Queue; queue != nil {
		add("backlog",
			tracked{CustomizedMetricSpecification: b.backlog(), TargetValue: pulumi.Float64(queue.MessagesPerTask)})
	}
	for _, one := range policies {
		one.tracked.ScaleOutCooldown, one.tracked.ScaleInCooldown = pulumi.Int(scaleOutCooldown),
			pulumi.Int(scaleInCooldown)
		made, err := appautoscaling.NewPolicy(b.Ctx, b.Child(one.part), &appautoscaling.PolicyArgs{
			PolicyType:                               pulumi.String("TargetTrackingScaling"),
			ServiceNamespace:                         target.ServiceNamespace,
			ScalableDimension:                        target.ScalableDimension,
			ResourceId:                               target.ResourceId,
			TargetTrackingScalingPolicyConfiguration: one.tracked,
		}, b.Parent(), turn.after())
		if err != nil {
			return b.Wrap("create", one.part+" scaling policy", err)
		}
		turn.last = made
	}
	return nil
}

// scheduled holds the capacity at the quiet bounds at night, on weekends and on holidays.
func (b *serviceBuilder) scheduled(target *appautoscaling.Target, turn *inTurn) error {
	c := b.args.Config.Scaling
	if c.Quiet == nil {
		return nil
	}
	changes, err := b.args.Schedule.changes(c.bounds(), *c.Quiet)
	if err != nil {
		return b.Wrap("plan", "schedule", err)
	}
	for _, change := range changes {
		made, err := appautoscaling.NewScheduledAction(b.Ctx, b.Child(change.name), &appautoscaling.ScheduledActionArgs{
			ServiceNamespace:  target.ServiceNamespace,
			ScalableDimension: target.ScalableDimension,
			ResourceId:        target.ResourceId,
			Schedule:          pulumi.String(change.cron),
			Timezone:          pulumi.String(b.args.Schedule.Timezone),
			ScalableTargetAction: appautoscaling.ScheduledActionScalableTargetActionArgs{
				MinCapacity: pulumi.Int(change.bounds.Min), MaxCapacity: pulumi.Int(change.bounds.Max),
			},
		}, b.Parent(), turn.after())
		if err != nil {
			return b.Wrap("create", "scheduled action "+change.name, err)
		}
		turn.last = made
	}
	return nil
}
