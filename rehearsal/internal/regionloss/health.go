package regionloss

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

// balancer is the load balancer of a VPC origin, by its id. Without one it is that which Route 53
// answers with for the origin's name: the primary record's while that is healthy, else the
// secondary's; without a healthy one the primary's.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html
func (s site) balancer(origin, vpcOrigin string) (*cloud.Object, error) {
	if vpcOrigin != "" {
		return s.behindVPCOrigin(vpcOrigin)
	}
	leads, well := map[string]*cloud.Object{}, map[string]bool{}
	for _, record := range s.of(catalog.Record) {
		inputs := provider.Values(record.Inputs)
		if record.Text("fqdn") != origin || record.Text("type") != "A" {
			continue
		}
		role := primary
		for _, policy := range inputs.Objects("failoverRoutingPolicies") {
			role = strings.ToUpper(policy.Text("type"))
		}
		for _, alias := range inputs.Objects("aliases") {
			for _, one := range s.of(catalog.LoadBalancer) {
				if one.Text("dnsName") != alias.Text("name") {
					continue
				}
				isWell, err := s.well(inputs, alias, one)
				if err != nil {
					return nil, err
				}
				leads[role], well[role] = one, isWell
			}
		}
	}
	switch {
	case leads[primary] == nil:
		return nil, fmt.Errorf("502: no record of %s leads to a load balancer", origin)
	case leads[secondary] != nil && !well[primary] && well[secondary]:
		return leads[secondary], nil
	default:
		return leads[primary], nil
	}
}

func (s site) behindVPCOrigin(id string) (*cloud.Object, error) {
	for _, one := range s.of(catalog.VPCOrigin) {
		if one.ID != id {
			continue
		}
		arn := provider.Values(one.Inputs).Object("vpcOriginEndpointConfig").Text("arn")
		for _, balancer := range s.of(catalog.LoadBalancer) {
			if balancer.ARN == arn {
				return balancer, nil
			}
		}
	}
	return nil, fmt.Errorf("502: VPC origin %s leads to no load balancer", id)
}

// The roles of failover records.
const (
	primary   = "PRIMARY"
	secondary = "SECONDARY"
)

// well says whether Route 53 takes a record for healthy: by its health check, if it has one, and by
// the load balancer's target groups, if it is told to look at them.
func (s site) well(record, alias provider.Values, balancer *cloud.Object) (bool, error) {
	if id := record.Text("healthCheckId"); id != "" {
		well, err := s.passes(id)
		if err != nil || !well {
			return false, err
		}
	}
	if !alias.Is("evaluateTargetHealth", false) {
		return true, nil
	}
	return !aws.LostAmong(s.objects, balancer.Region) && s.traffic(balancer.Region).Healthy(), nil
}

// passes says whether a health check is healthy.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
func (s site) passes(id string) (bool, error) {
	checks := s.of(catalog.HealthCheck)
	i := slices.IndexFunc(checks, func(o *cloud.Object) bool { return o.ID == id })
	if i < 0 {
		return false, fmt.Errorf("there is no health check %s", id)
	}
	check := provider.Values(checks[i].Inputs)
	switch kind := check.Text("type"); kind {
	case "CALCULATED":
		healthy := 0
		for _, child := range check.Texts("childHealthchecks") {
			well, err := s.passes(child)
			if err != nil {
				return false, err
			}
			if well {
				healthy++
			}
		}
		want, _ := check.Number("childHealthThreshold")
		return healthy >= int(want), nil
	case "CLOUDWATCH_METRIC":
		return s.quiet(check)
	default:
		return false, fmt.Errorf("health check %s is of type %s, which the drill does not know", id, kind)
	}
}

// quiet says whether the alarm of a health check is OK. CloudWatch has no data of a region that is
// lost.
func (s site) quiet(check provider.Values) (bool, error) {
	name, region := check.Text("cloudwatchAlarmName"), check.Text("cloudwatchAlarmRegion")
	if aws.LostAmong(s.objects, region) {
		return check.Text("insufficientDataHealthStatus") != "Unhealthy", nil
	}
	for _, alarm := range s.in(catalog.MetricAlarm, region) {
		of := provider.Values(alarm.Inputs)
		if of.Text("name") != name {
			continue
		}
		threshold, _ := of.Number("threshold")
		if of.Text("metricName") != "HealthyHostCount" || of.Text("comparisonOperator") != "LessThanThreshold" {
			return false, fmt.Errorf("alarm %s is %s of %s, which the drill does not know", name,
				of.Text("comparisonOperator"), of.Text("metricName"))
		}
		for _, group := range s.in(traffic.GroupType, region) {
			if group.Text("arnSuffix") != of.Object("dimensions").Text("TargetGroup") {
				continue
			}
			if count, counted := s.traffic(region).HealthyTargets(group.ARN); counted {
				return count >= int(threshold), nil
			}
		}
		return of.Text("treatMissingData") != "breaching", nil
	}
	return false, fmt.Errorf("a health check follows alarm %s of %s, which is not there", name, region)
}
