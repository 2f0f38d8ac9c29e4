package compute

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// canary runs the canary, if the service has one. Its rules follow it, and the service follows
// them.
func (b *serviceBuilder) canary() error {
	variants := b.args.Config.variants()
	if len(variants) < 2 {
		return b.listenerRules()
	}
	rules, err := b.canaryRules()
	if err != nil {
		return err
	}
	running, err := b.runVariant(variants[1], rules)
	if err != nil {
		return err
	}
	return b.listenerRules(running)
}

// rollout runs the service's own version.
func (b *serviceBuilder) rollout() error {
	running, err := b.runVariant(b.args.Config.primary(), b.rules)
	b.service.running = running
	return err
}

// runVariant runs a version of the service, once rules lead to its target group.
func (b *serviceBuilder) runVariant(v variant, rules []pulumi.Resource) (*ecs.Service, error) {
	definition, err := b.taskDefinition(v)
	if err != nil {
		return nil, err
	}
	alarms, err := b.rollbackAlarms(v)
	if err != nil {
		return nil, err
	}
	if v.suffix == "" {
		b.definition, b.service.TaskDefinitionArn = definition, definition.Arn
	} else {
		b.service.CanaryName = b.args.Environment.Name(b.Name + v.suffix)
		b.service.CanaryTaskDefinitionArn = definition.Arn
	}
	return b.ecsService(v, definition, alarms, rules)
}

func (b *serviceBuilder) ecsService(
	v variant, definition *ecs.TaskDefinition, alarms pulumi.StringArray, rules []pulumi.Resource,
) (*ecs.Service, error) {
	c := b.args.Config
	args := &ecs.ServiceArgs{
		Name:                       pulumi.String(b.args.Environment.Name(b.Name + v.suffix)),
		Cluster:                    b.args.Cluster.Arn,
		TaskDefinition:             definition.Arn,
		DesiredCount:               pulumi.Int(c.Scaling.Min),
		CapacityProviderStrategies: c.strategies(),
		// ECS changes the capacity provider strategy of a service in place, by a new deployment.
		// Without this flag some versions of the provider refuse that change, and others replace
		// the service. With it every change of the service starts a deployment; an up that changes
		// nothing of the service starts none.
		ForceNewDeployment:              pulumi.Bool(true),
		PlatformVersion:                 pulumi.String("LATEST"),
		EnableExecuteCommand:            pulumi.Bool(c.Exec),
		EnableEcsManagedTags:            pulumi.Bool(true),
		PropagateTags:                   pulumi.String("SERVICE"),
		AvailabilityZoneRebalancing:     pulumi.String("ENABLED"),
		DeploymentMinimumHealthyPercent: pulumi.Int(c.Deployment.MinHealthyPercent),
		DeploymentMaximumPercent:        pulumi.Int(c.Deployment.MaxPercent),
		DeploymentCircuitBreaker: ecs.ServiceDeploymentCircuitBreakerArgs{
			Enable:   pulumi.Bool(true),
			Rollback: pulumi.Bool(true),
		},
		// pulumi up waits until the ECS deployment has ended.
		WaitForSteadyState: pulumi.Bool(true),
		NetworkConfiguration: ecs.ServiceNetworkConfigurationArgs{
			Subnets:        b.args.SubnetIDs,
			SecurityGroups: pulumi.StringArray{b.args.SecurityGroupID},
			AssignPublicIp: pulumi.Bool(false),
		},
	}
	if len(b.fronts) > 0 {
		args.LoadBalancers = b.registrations(v)
		args.HealthCheckGracePeriodSeconds = pulumi.Int(c.Deployment.GraceSeconds)
		args.Alarms = ecs.ServiceAlarmsArgs{AlarmNames: alarms, Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true)}
	}
	if b.args.connected() {
		args.ServiceConnectConfiguration = b.connect(v)
	}
	opts := []pulumi.ResourceOption{b.Parent(), pulumi.DependsOn(b.before(rules))}
	if v.suffix == "" {
		// Auto scaling owns the number of tasks: a deploy at noon must not take it back to the
		// minimum.
		opts = append(opts, pulumi.IgnoreChanges([]string{"desiredCount"}))
	} else {
		args.DesiredCount = pulumi.Int(c.Canary.Tasks)
	}
	service, err := ecs.NewService(b.Ctx, b.Name+v.suffix, args, opts...)
	return service, b.Wrap("create", "ECS service"+v.suffix, err)
}

// registrations are the target groups that ECS registers the variant's tasks with. They are in the
// order of the schemes, so that a move of CloudFront does not change the service.
func (b *serviceBuilder) registrations(v variant) ecs.ServiceLoadBalancerArray {
	var all ecs.ServiceLoadBalancerArray
	for _, scheme := range []Scheme{InternetFacing, Internal} {
		for _, f := range b.fronts {
			if f.balancer.Scheme == scheme {
				all = append(all, ecs.ServiceLoadBalancerArgs{
					TargetGroupArn: f.groups[v.suffix].Arn,
					ContainerName:  pulumi.String(b.Name),
					ContainerPort:  pulumi.Int(b.args.Config.Port),
				})
			}
		}
	}
	return all
}

// before lists what must exist when the first task starts. ECS refuses a target group that no rule
// leads to, a task fails without its policies, and a client of Service Connect never sees a service
// that is younger than itself. They are named one by one: a dependency on a component covers only
// those of its children that the SDK happens to have seen by then.
func (b *serviceBuilder) before(rules []pulumi.Resource) []pulumi.Resource {
	all := append([]pulumi.Resource{b.args.Cluster.capacity}, b.roles.policies...)
	all = append(all, rules...)
	for _, name := range b.args.Config.Calls {
		if callee := b.args.Callees[name]; callee.Deployed {
			all = append(all, callee.running)
		}
	}
	return append(all, b.args.StartAfter...)
}

// strategies spread the tasks over on-demand and spot capacity by weight, beyond a base on demand.
func (c ServiceConfig) strategies() ecs.ServiceCapacityProviderStrategyArray {
	var all ecs.ServiceCapacityProviderStrategyArray
	for _, one := range []struct {
		provider     string
		weight, base int
	}{{onDemand, 100 - c.SpotPercent, c.OnDemandBase}, {spot, c.SpotPercent, 0}} {
		if one.weight == 0 && one.base == 0 {
			continue
		}
		strategy := ecs.ServiceCapacityProviderStrategyArgs{
			CapacityProvider: pulumi.String(one.provider),
			Weight:           pulumi.Int(one.weight),
		}
		if one.base > 0 {
			strategy.Base = pulumi.Int(one.base)
		}
		all = append(all, strategy)
	}
	return all
}

// connect joins the namespace as a client and, where other services call this one, as a server
// under its own name. A name belongs to one ECS service, so a canary is a client only.
func (b *serviceBuilder) connect(v variant) ecs.ServiceServiceConnectConfigurationArgs {
	logs := logsTo("", b.args.Region, "connect")
	options := pulumi.ToStringMap(logs.Options)
	options["awslogs-group"] = b.logs.Name
	connect := ecs.ServiceServiceConnectConfigurationArgs{
		Enabled:   pulumi.Bool(true),
		Namespace: b.args.Cluster.NamespaceArn,
		LogConfiguration: ecs.ServiceServiceConnectConfigurationLogConfigurationArgs{
			LogDriver: pulumi.String(logs.LogDriver), Options: options,
		},
	}
	if len(b.args.Callers) == 0 || v.suffix != "" {
		return connect
	}
	server := ecs.ServiceServiceConnectConfigurationServiceArgs{
		PortName:      pulumi.String(b.Name),
		DiscoveryName: pulumi.String(b.Name),
		ClientAlias: ecs.ServiceServiceConnectConfigurationServiceClientAliasArray{
			ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs{
				DnsName: pulumi.String(b.Name),
				Port:    pulumi.Int(b.args.Config.Port),
			},
		},
	}
	if b.args.LoadBalancer != nil {
		// The proxy gives a request up after 15 seconds unless told otherwise; one through the load
		// balancer may take longer. It keeps an idle connection for five minutes unless told
		// otherwise, and the application closes it sooner: see keepAlive.
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html
		server.Timeout = ecs.ServiceServiceConnectConfigurationServiceTimeoutArgs{
			PerRequestTimeoutSeconds: pulumi.Int(b.args.LoadBalancer.idleTimeout),
			IdleTimeoutSeconds:       pulumi.Int(b.args.LoadBalancer.idleTimeout),
		}
	}
	connect.Services = ecs.ServiceServiceConnectConfigurationServiceArray{server}
	return connect
}

// rollbackAlarms are the alarms that take a deployment back. They notify nobody: the stack's own
// alarms do.
func (b *serviceBuilder) rollbackAlarms(v variant) (pulumi.StringArray, error) {
	group := b.groups[v.suffix]
	if group == nil {
		return nil, nil
	}
	var alarmNames pulumi.StringArray
	for _, one := range []struct {
		part, metric, statistic, description string
		threshold                            int
	}{
		{
			"errors", "HTTPCode_Target_5XX_Count", "Sum",
			"Tasks answer with status 5xx: a running deployment is rolled back, within 5 minutes.",
			b.args.Config.Deployment.ErrorsPerMinute,
		},
		{"unhealthy", "UnHealthyHostCount", "Minimum", fmt.Sprintf(
			"A task fails its health check: a running deployment is rolled back, within %d minutes.",
			5+(b.args.Config.Health.UnhealthySeconds()+59)/60), 1},
	} {
		key := fmt.Sprintf("%s%s-rollback-%s", b.Name, v.suffix, one.part)
		alarm, err := cloudwatch.NewMetricAlarm(b.Ctx, key, &cloudwatch.MetricAlarmArgs{
			Name:             pulumi.String(b.args.Environment.Name(key)),
			AlarmDescription: pulumi.String(one.description),
			Namespace:        pulumi.String("AWS/ApplicationELB"),
			MetricName:       pulumi.String(one.metric),
			Dimensions: pulumi.StringMap{
				"LoadBalancer": b.args.LoadBalancer.ArnSuffix, "TargetGroup": group.ArnSuffix,
			},
			Statistic:          pulumi.String(one.statistic),
			Period:             pulumi.Int(60),
			EvaluationPeriods:  pulumi.Int(3),
			ComparisonOperator: pulumi.String("GreaterThanOrEqualToThreshold"),
			Threshold:          pulumi.Float64(one.threshold),
			// Without requests the metric has no data: treat that as healthy.
			TreatMissingData: pulumi.String("notBreaching"),
		}, b.Parent())
		if err != nil {
			return nil, b.Wrap("create", "rollback alarm", err)
		}
		alarmNames = append(alarmNames, alarm.Name)
	}
	return alarmNames, nil
}
