package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
)

// OriginTarget is a service on whose healthy targets it depends where the origin's name leads.
type OriginTarget struct {
	// LoadBalancerArnSuffix and TargetGroupArnSuffix are what the load balancer's metrics call it
	// and the service's own target group; not a canary's. Required.
	LoadBalancerArnSuffix pulumi.StringInput
	TargetGroupArnSuffix  pulumi.StringInput
	// After is the service, which has registered its targets before they are counted.
	After []pulumi.Resource
}

// goneMinutes is for how many minutes in a row a service must have no healthy target before
// visitors are sent elsewhere.
const goneMinutes = 3

// originHealth is healthy as long as each service has a healthy target.
//
// Route 53's own look at a load balancer takes each of its target groups into account, and one
// without targets for unhealthy: that of a canary before its first task starts, or after it was
// taken out, would send everybody to the other region. So the groups of the services alone are
// counted, by the load balancer's metrics. A rolling deploy never leaves one of them without a
// healthy target. Without data there is no registered target, or no region: both are unhealthy.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_AlarmIdentifier.html
func (a *RecordsArgs) originHealth(ctx *pulumi.Context, base component.Component) (*route53.HealthCheck, error) {
	var checks pulumi.StringArray
	for _, service := range sortedKeys(a.Targets) {
		check, err := a.targetHealth(ctx, base, service)
		if err != nil {
			return nil, err
		}
		checks = append(checks, check.ID())
	}
	check, err := route53.NewHealthCheck(ctx, base.Child("origin"), &route53.HealthCheckArgs{
		Type:                 pulumi.String("CALCULATED"),
		ChildHealthchecks:    checks,
		ChildHealthThreshold: pulumi.Int(len(checks)),
		Tags:                 pulumi.StringMap{"Name": pulumi.String(a.Environment.Name("origin"))},
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "health check of the origin", err)
	}
	return check, nil
}

// targetHealth is healthy as long as a service has a healthy target. Its alarm notifies nobody: the
// stack's own alarms do.
func (a *RecordsArgs) targetHealth(
	ctx *pulumi.Context, base component.Component, service string,
) (*route53.HealthCheck, error) {
	target := a.Targets[service]
	key := base.Child("origin-" + service)
	alarm, err := cloudwatch.NewMetricAlarm(ctx, key, &cloudwatch.MetricAlarmArgs{
		Name: pulumi.String(a.Environment.Name(service, "gone")),
		AlarmDescription: pulumi.String(fmt.Sprintf("Service %s has had no healthy target for %d minutes: the "+
			"origin's name "+
			"leads to the standby.", service, goneMinutes)),
		Namespace:  pulumi.String("AWS/ApplicationELB"),
		MetricName: pulumi.String("HealthyHostCount"),
		Dimensions: pulumi.StringMap{
			"LoadBalancer": target.LoadBalancerArnSuffix, "TargetGroup": target.TargetGroupArnSuffix,
		},
		Statistic:          pulumi.String("Maximum"),
		Period:             pulumi.Int(60),
		EvaluationPeriods:  pulumi.Int(goneMinutes),
		ComparisonOperator: pulumi.String("LessThanThreshold"),
		Threshold:          pulumi.Float64(1),
		TreatMissingData:   pulumi.String("breaching"),
	}, base.Parent(), pulumi.DependsOn(target.After))
	if err != nil {
		return nil, base.Wrap("create", "alarm of service "+service, err)
	}
	check, err := route53.NewHealthCheck(ctx, key, &route53.HealthCheckArgs{
		Type:                         pulumi.String("CLOUDWATCH_METRIC"),
		CloudwatchAlarmName:          alarm.Name,
		CloudwatchAlarmRegion:        pulumi.String(a.Region),
		InsufficientDataHealthStatus: pulumi.String("Unhealthy"),
		Tags:                         pulumi.StringMap{"Name": pulumi.String(a.Environment.Name("origin", service))},
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "health check of service "+service, err)
	}
	return check, nil
}
