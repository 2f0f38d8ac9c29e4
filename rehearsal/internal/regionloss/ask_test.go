package regionloss

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

const (
	home = "ap-northeast-1"
	away = "ap-northeast-3"
	page = "https://www.example.com/api/health"
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
	w.add(name("certificate"), region, certificateType, in{"domainName": "origin.example.com"})
	w.add(name("listener"), region, traffic.ListenerType, in{
		"protocol": "HTTPS", "certificateArn": name("certificate"),
	})
	w.add(name("group"), region, traffic.GroupType, in{})
	w.add(name("rule"), region, traffic.RuleType, in{
		"priority": 1, "actions": []any{in{"targetGroupArn": name("group")}},
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
	w.add("origin-"+role, "", recordType, in{
		"fqdn": "origin.example.com", "type": "A", "failoverRoutingPolicies": []any{in{"type": role}},
		"aliases": []any{in{"name": "balancer." + region, "evaluateTargetHealth": true}},
	})
}

func newWorld() world {
	w := world{}
	w.add("www", "", recordType, in{"fqdn": "www.example.com", "type": "A", "aliases": []any{in{"name": "d1"}}})
	w.add("distribution", "", distributionType, in{
		"domainName": "d1", "aliases": []any{"www.example.com"}, "origins": []any{in{
			"originId": "load-balancer", "domainName": "origin.example.com",
			"customHeaders": []any{in{"name": "X-Origin-Verify", "value": "secret"}},
		}},
	})
	w.behind(home)
	w.behind(away)
	w.origin("PRIMARY", home)
	return w
}

func TestARequestIsAnsweredFromWhereTheOriginsNameLeads(t *testing.T) {
	w := newWorld()
	region, err := Ask(w.objects(), page)
	require.NoError(t, err)
	assert.Equal(t, home, region)
	w.origin("PRIMARY", away)
	region, err = Ask(w.objects(), page)
	require.NoError(t, err)
	assert.Equal(t, away, region)
}

// The drill's judge sees each of these.
func TestARequestFailsWhereTheCloudsWouldLetItFail(t *testing.T) {
	for want, spoil := range map[string]func(world){
		"no record of www.example.com":     func(w world) { delete(w, "www") },
		"a distribution that has the name": func(w world) { w.set("distribution", "aliases", []any{}) },
		"has the header X-Origin-Verify":   func(w world) { w.set("distribution", "origins", []any{}) },
		"leads to a load balancer":         func(w world) { delete(w, "origin-PRIMARY") },
		"has a certificate for origin.example.com": func(w world) {
			w.set("certificate."+home, "domainName", "other.example.com")
		},
		"403 from ap-northeast-1: no rule takes /api/health": func(w world) {
			w.set("rule."+home, "conditions", []any{
				in{"httpHeader": in{"httpHeaderName": "X-Origin-Verify", "values": []any{"another"}}},
			})
		},
		"503 from ap-northeast-1": func(w world) { w.set("service."+home, "desiredCount", 0) },
		"lets CloudFront in":      func(w world) { w.set("cloudfront."+home, "prefixListId", aws.OriginFacing(away)) },
		"504 from ap-northeast-1": func(w world) { delete(w, "in."+home) },
		"504, the load balancer of ap-northeast-1 does not answer": func(w world) {
			lost := aws.Outage(home)
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

// A secondary takes over from a primary that Route 53 finds unhealthy, and only while it is well
// itself.
func TestTheSecondaryTakesOver(t *testing.T) {
	w := newWorld()
	w.origin("SECONDARY", away)
	from := func() string {
		region, err := Ask(w.objects(), page)
		if err != nil {
			return err.Error()
		}
		return region
	}
	assert.Equal(t, home, from())
	w.set("service."+home, "desiredCount", 0)
	assert.Equal(t, away, from())
	w.set("service."+away, "desiredCount", 0)
	assert.Contains(t, from(), "503 from ap-northeast-1")
}
