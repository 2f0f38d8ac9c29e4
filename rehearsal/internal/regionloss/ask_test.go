package regionloss

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

const (
	here  = "ap-northeast-1"
	there = "ap-northeast-3"
	page  = "https://www.example.com/api/health"
)

type in = map[string]any

// world are objects by a name of their own, so that a test can change one.
type world map[string]*cloud.Object

func (w world) add(name, region, typ string, properties in) {
	object := cloud.Properties(resource.NewPropertyMapFromMap(properties))
	w[name] = &cloud.Object{
		Key:     cloud.Key{Type: typ, Region: region, ID: name},
		Name:    name,
		ARN:     name,
		Inputs:  object,
		Outputs: object,
	}
}

func (w world) set(name, property string, value any) {
	changed := cloud.Properties(resource.PropertyMap(w[name].Inputs).Copy())
	changed[resource.PropertyKey(property)] = resource.NewPropertyValue(value)
	w[name].Inputs, w[name].Outputs = changed, changed
}

func (w world) objects() (all []*cloud.Object) {
	for _, o := range w {
		all = append(all, o)
	}
	return all
}

// behind adds what is behind the origin's name in a region, with a service of two tasks.
func (w world) behind(region string) {
	name := func(role string) string { return role + "." + region }
	w.add(name("balancer"), region, traffic.BalancerType, in{
		"dnsName": name("balancer"), "securityGroups": []any{name("sg-alb")},
	})
	w.add(name("certificate"), region, catalog.Certificate, in{"domainName": "origin.example.com"})
	w.add(name("listener"), region, traffic.ListenerType, in{
		"protocol": "HTTPS", "certificateArn": name("certificate"), "loadBalancerArn": name("balancer"),
	})
	w.add(name("group"), region, traffic.GroupType, in{})
	w.add(name("rule"), region, traffic.RuleType, in{
		"listenerArn": name("listener"), "priority": 1, "actions": []any{in{"targetGroupArn": name("group")}},
		"conditions": []any{in{"httpHeader": in{"httpHeaderName": "X-Origin-Verify", "values": []any{"secret"}}}},
	})
	w.add(name("service"), region, traffic.ServiceType, in{
		"taskDefinition": "arn:task/web:1", "desiredCount": 2,
		"networkConfiguration": in{"securityGroups": []any{name("sg-task")}},
		"loadBalancers":        []any{in{"targetGroupArn": name("group"), "containerPort": 3000}},
	})
	w.add(name("cloudfront"), region, traffic.IngressType, in{
		"securityGroupId": name("sg-alb"), "prefixListId": aws.OriginFacing(region),
	})
	w.add(name("in"), region, traffic.IngressType, in{
		"securityGroupId":           name("sg-task"),
		"referencedSecurityGroupId": name("sg-alb"),
		"fromPort":                  3000,
		"toPort":                    3000,
	})
	w.add(name("out"), region, traffic.EgressType, in{
		"securityGroupId":           name("sg-alb"),
		"referencedSecurityGroupId": name("sg-task"),
		"fromPort":                  3000,
		"toPort":                    3000,
	})
}

func (w world) origin(role, region string) {
	w.add("origin-"+role, "", catalog.Record, in{
		"fqdn": "origin.example.com", "type": "A", "failoverRoutingPolicies": []any{in{"type": role}},
		"aliases": []any{in{"name": "balancer." + region, "evaluateTargetHealth": true}},
	})
}

func newWorld() world {
	w := world{}
	w.add("www", "", catalog.Record, in{"fqdn": "www.example.com", "type": "A", "aliases": []any{in{"name": "d1"}}})
	w.add("distribution", "", catalog.Distribution, in{
		"domainName": "d1", "aliases": []any{"www.example.com"}, "origins": []any{in{
			"originId": "load-balancer", "domainName": "origin.example.com",
			"customHeaders": []any{in{"name": "X-Origin-Verify", "value": "secret"}},
		}},
	})
	w.behind(here)
	w.behind(there)
	w.origin("PRIMARY", here)
	return w
}

func TestARequestIsAnsweredFromWhereTheOriginsNameLeads(t *testing.T) {
	w := newWorld()
	region, err := Ask(w.objects(), page)
	require.NoError(t, err)
	assert.Equal(t, here, region)
	w.origin("PRIMARY", there)
	region, err = Ask(w.objects(), page)
	require.NoError(t, err)
	assert.Equal(t, there, region)
}

// By a VPC origin it does not matter where the origin's name leads.
func TestARequestGoesWhereTheVPCOriginLeads(t *testing.T) {
	w := newWorld()
	w.add("vpc-origin", "", catalog.VPCOrigin, in{"vpcOriginEndpointConfig": in{"arn": "balancer." + there}})
	w.set("distribution", "origins", []any{in{
		"originId": "load-balancer", "domainName": "origin.example.com",
		"customHeaders":   []any{in{"name": "X-Origin-Verify", "value": "secret"}},
		"vpcOriginConfig": in{"vpcOriginId": "vpc-origin"},
	}})
	region, err := Ask(w.objects(), page)
	require.NoError(t, err)
	assert.Equal(t, there, region)
	delete(w, "balancer."+there)
	_, err = Ask(w.objects(), page)
	assert.ErrorContains(t, err, "VPC origin vpc-origin leads to no load balancer")
}

// The drill's judge sees each of these.
func TestARequestFailsWhereTheCloudsWouldLetItFail(t *testing.T) {
	for want, spoil := range map[string]func(world){
		"no record of www.example.com":     func(w world) { delete(w, "www") },
		"a distribution that has the name": func(w world) { w.set("distribution", "aliases", []any{}) },
		"has the header X-Origin-Verify":   func(w world) { w.set("distribution", "origins", []any{}) },
		"leads to a load balancer":         func(w world) { delete(w, "origin-PRIMARY") },
		"has a certificate for origin.example.com": func(w world) {
			w.set("certificate."+here, "domainName", "other.example.com")
		},
		"503, the site is closed": func(w world) {
			w.add("function", "", catalog.EdgeFunction, in{"code": `const settings = {"closed": {"health": "/well"}}
				more()`})
			w.set("distribution", "defaultCacheBehavior", in{
				"functionAssociations": []any{in{"functionArn": "function"}},
			})
		},
		"403 from ap-northeast-1: no rule takes /api/health": func(w world) {
			w.set("rule."+here, "conditions", []any{
				in{"httpHeader": in{"httpHeaderName": "X-Origin-Verify", "values": []any{"another"}}},
			})
		},
		"503 from ap-northeast-1": func(w world) { w.set("service."+here, "desiredCount", 0) },
		"lets CloudFront in":      func(w world) { w.set("cloudfront."+here, "prefixListId", aws.OriginFacing(there)) },
		"504 from ap-northeast-1": func(w world) { delete(w, "in."+here) },
		"504, the load balancer of ap-northeast-1 does not answer": func(w world) {
			lost := aws.Outage(here)
			w["outage"] = &lost
		},
	} {
		w := newWorld()
		spoil(w)
		_, err := Ask(w.objects(), page)
		assert.ErrorContains(t, err, want)
	}
	_, err := Ask(newWorld().objects(), "http://www.example.com/")
	assert.ErrorContains(t, err, "want https")
}

// from is where a page comes from, or why it does not.
func (w world) from() string {
	region, err := Ask(w.objects(), page)
	if err != nil {
		return err.Error()
	}
	return region
}

// A secondary takes over from a primary that Route 53 finds unhealthy, and only while it is well
// itself.
func TestTheSecondaryTakesOver(t *testing.T) {
	w := newWorld()
	w.origin("SECONDARY", there)
	assert.Equal(t, here, w.from())
	w.set("service."+here, "desiredCount", 0)
	assert.Equal(t, there, w.from())
	w.set("service."+there, "desiredCount", 0)
	assert.Contains(t, w.from(), "503 from ap-northeast-1")
}

// Where Route 53 looks at the load balancer itself, the empty target group of a canary sends
// everybody away. Where it follows an alarm on the service's own group, it does not.
func TestACanarysEmptyGroupIsSeenByRoute53Alone(t *testing.T) {
	w := newWorld()
	w.origin("SECONDARY", there)
	w.add("canary", here, traffic.GroupType, in{})
	assert.Equal(t, there, w.from())

	w.watched()
	assert.Equal(t, here, w.from())
	w.set("service."+here, "desiredCount", 0)
	assert.Equal(t, there, w.from())
}

// watched has the primary record follow an alarm on the service's healthy targets.
func (w world) watched() {
	w.set("group."+here, "arnSuffix", "targetgroup/web/1")
	w.add("gone", here, catalog.MetricAlarm, in{
		"name": "gone", "metricName": "HealthyHostCount", "comparisonOperator": "LessThanThreshold", "threshold": 1,
		"treatMissingData": "breaching", "dimensions": in{"TargetGroup": "targetgroup/web/1"},
	})
	w.add("check", "", catalog.HealthCheck, in{
		"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": "gone", "cloudwatchAlarmRegion": here,
		"insufficientDataHealthStatus": "Unhealthy",
	})
	w.add("all", "", catalog.HealthCheck, in{
		"type": "CALCULATED", "childHealthchecks": []any{"check"}, "childHealthThreshold": 1,
	})
	w.set("origin-PRIMARY", "healthCheckId", "all")
	w.set("origin-PRIMARY", "aliases", []any{in{"name": "balancer." + here, "evaluateTargetHealth": false}})
}

func TestTheAlarmOfAServiceSendsVisitorsAway(t *testing.T) {
	for what, one := range map[string]struct {
		spoil func(world)
		want  string
	}{
		"tasks that answer nothing": {func(w world) {
			w["illness"] = &cloud.Object{Key: cloud.Key{Type: "aws:index/illness:Illness", ID: here}}
		}, there},
		"a region that is lost": {func(w world) {
			lost := aws.Outage(here)
			w["outage"] = &lost
		}, there},
		"no target, and no data is well": {func(w world) {
			w.set("service."+here, "desiredCount", 0)
			w.set("gone", "treatMissingData", "notBreaching")
		}, "503 from ap-northeast-1"},
		"a region that is lost, and no data is well": {func(w world) {
			lost := aws.Outage(here)
			w["outage"] = &lost
			w.set("check", "insufficientDataHealthStatus", "LastKnownStatus")
		}, "does not answer"},
		"no such alarm": {func(w world) { delete(w, "gone") }, "follows alarm gone"},
		"no such check": {func(w world) { delete(w, "check") }, "no health check check"},
	} {
		w := newWorld()
		w.origin("SECONDARY", there)
		w.watched()
		one.spoil(w)
		assert.Contains(t, w.from(), one.want, what)
	}
}
