package harness

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

type object = map[string]any

// stream asks for what rule leads on.
var stream = Stream{Requests: []traffic.Request{{
	Path: "/api/some/page", Headers: map[string]string{"X-Origin-Verify": "secret"},
}}}

func made(typ, id string, outputs object) *cloud.Object {
	return &cloud.Object{
		Key:     cloud.Key{Type: typ, ID: id},
		ARN:     id,
		URN:     typ + " " + id,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(outputs)),
	}
}

func group(id string) *cloud.Object {
	return made(traffic.GroupType, id,
		object{"deregistrationDelay": 30, "healthCheck": object{"interval": 10, "healthyThreshold": 2}})
}

func rule(to string) *cloud.Object {
	return made(traffic.RuleType, "rule", object{
		"listenerArn": "https", "priority": 200, "actions": []any{object{"targetGroupArn": to}},
		"conditions": []any{
			object{"pathPattern": object{"values": []any{"/api/*"}}},
			object{"httpHeader": object{"httpHeaderName": "X-Origin-Verify", "values": []any{"secret"}}},
		},
	})
}

func service(group string) *cloud.Object {
	return made(traffic.ServiceType, "api", object{
		"taskDefinition":                  "arn:task/api:1",
		"desiredCount":                    2,
		"deploymentMaximumPercent":        200,
		"deploymentMinimumHealthyPercent": 100,
		"networkConfiguration":            object{"securityGroups": []any{"sg-task"}},
		"loadBalancers":                   []any{object{"targetGroupArn": group, "containerPort": 3000}},
	})
}

func reachable() []*cloud.Object {
	rule := object{"fromPort": 3000, "toPort": 3000}
	return []*cloud.Object{
		made(traffic.BalancerType, "alb", object{"securityGroups": []any{"sg-alb"}}),
		made(traffic.ListenerType, "https", object{"protocol": "HTTPS", "loadBalancerArn": "alb"}),
		made(traffic.IngressType, "in",
			merge(rule, object{"securityGroupId": "sg-task", "referencedSecurityGroupId": "sg-alb"})),
		made(traffic.EgressType, "out",
			merge(rule, object{"securityGroupId": "sg-alb", "referencedSecurityGroupId": "sg-task"})),
	}
}

func merge(one, other object) object {
	all := object{}
	for _, from := range []object{one, other} {
		for key, value := range from {
			all[key] = value
		}
	}
	return all
}

func event(op string, o *cloud.Object, done bool) engine.Event {
	return engine.Event{Op: op, URN: o.URN, Done: done}
}

func TestAnUpdateOfAServiceLosesNothing(t *testing.T) {
	before := append(reachable(), group("tg"), rule("tg"), service("tg"))
	got := stream.Replay(before, before,
		[]engine.Event{event("update", service("tg"), false), event("update", service("tg"), true)})
	assert.Zero(t, got.Failed, got.Why)
	assert.Greater(t, got.Seconds, StartSeconds)
	assert.Equal(t, got.Seconds*(quickRequests+1), got.Sent)
}

func TestAReplacedTargetGroupLosesRequests(t *testing.T) {
	before := append(reachable(), group("tg"), rule("tg"), service("tg"))
	fresh := group("tg-new")
	fresh.URN = group("tg").URN
	after := append(reachable(), fresh, rule("tg-new"), service("tg-new"))
	got := stream.Replay(before, after, []engine.Event{
		event("create-replacement", fresh, false), event("create-replacement", fresh, true),
		event("replace", fresh, true),
		event("update", rule(""), false), event("update", rule(""), true),
		event("update", service(""), false), event("update", service(""), true),
		event("delete-replaced", fresh, false), event("delete-replaced", fresh, true),
	})
	assert.Positive(t, got.Failed)
	assert.Contains(t, got.Why, "503, no target in ")
}

// An internal load balancer that leads to no task costs the requests that come to it while the
// distribution changes; one that leads to the same tasks costs none.
func TestADistributionMovesToAnotherLoadBalancer(t *testing.T) {
	through := func(id string) *cloud.Object {
		return made(traffic.DistributionType, "site", object{"origins": []any{
			object{"originId": "assets"}, object{"vpcOriginConfig": object{"vpcOriginId": id}},
		}})
	}
	inside := rule("tg-inside")
	inside.Key.ID, inside.ARN = "inside", "inside"
	inside.Outputs["listenerArn"] = resource.NewPropertyValue("inside")
	beside := append(reachable(), group("tg"), rule("tg"), group("tg-inside"), inside,
		made(traffic.BalancerType, "inside", object{"internal": true, "securityGroups": []any{"sg-alb"}}),
		made(traffic.ListenerType, "inside", object{"protocol": "HTTPS", "loadBalancerArn": "inside"}),
		made(traffic.VPCOriginType, "vo", object{"vpcOriginEndpointConfig": object{"arn": "inside"}}))
	timeline := []engine.Event{event("update", through("vo"), false), event("update", through("vo"), true)}
	for _, one := range []struct {
		groups []string
		lost   bool
	}{{[]string{"tg"}, true}, {[]string{"tg", "tg-inside"}, false}} {
		var registered []any
		for _, group := range one.groups {
			registered = append(registered, object{"targetGroupArn": group, "containerPort": 3000})
		}
		running := service("tg")
		running.Outputs["loadBalancers"] = resource.NewPropertyValue(registered)
		world := append(slices.Clone(beside), running)
		got := stream.Replay(append(slices.Clone(world), through("")), append(world, through("vo")), timeline)
		assert.Equal(t, one.lost, got.Failed > 0, got.Why)
	}
}
