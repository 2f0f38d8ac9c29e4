package traffic

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

type in = map[string]any

// made is an object whose id is its ARN.
func made(typ, id string, outputs in) *cloud.Object {
	return &cloud.Object{
		Key:     cloud.Key{Type: typ, ID: id},
		ARN:     id,
		Name:    id,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(outputs)),
	}
}

func group(id string) *cloud.Object {
	return made(GroupType, id,
		in{"deregistrationDelay": "30", "healthCheck": in{"interval": 10, "healthyThreshold": 2}})
}

func service(definition, group string, port int) *cloud.Object {
	return made(ServiceType, "web", in{
		"taskDefinition":                  "arn:task/" + definition,
		"desiredCount":                    2,
		"deploymentMaximumPercent":        200,
		"deploymentMinimumHealthyPercent": 100,
		"networkConfiguration":            in{"securityGroups": []any{"sg-task"}},
		"loadBalancers":                   []any{in{"targetGroupArn": group, "containerPort": port}},
	})
}

func ingress(id string, port int) *cloud.Object {
	return made(IngressType, id, in{
		"securityGroupId":           "sg-task",
		"referencedSecurityGroupId": "sg-alb",
		"fromPort":                  port,
		"toPort":                    port,
	})
}

func egress(id string, port int) *cloud.Object {
	return made(EgressType, id, in{
		"securityGroupId":           "sg-alb",
		"referencedSecurityGroupId": "sg-task",
		"fromPort":                  port,
		"toPort":                    port,
	})
}

func rule(id, pattern string, priority int, actions in) *cloud.Object {
	return made(RuleType, id, in{
		"priority": priority, "actions": []any{actions},
		"conditions": []any{
			in{"pathPattern": in{"values": []any{pattern}}},
			in{"httpHeader": in{"httpHeaderName": "X-Origin-Verify", "values": []any{"new", "old"}}},
		},
	})
}

// site is a service of two tasks behind one rule.
func site() []*cloud.Object {
	return []*cloud.Object{
		made(BalancerType, "alb", in{"securityGroups": []any{"sg-alb"}}), group("tg"), service("web:1", "tg", 3000),
		ingress("in-3000", 3000), egress("out-3000", 3000), rule("all", "/*", 200, in{"targetGroupArn": "tg"}),
	}
}

var fromCloudFront = Request{Path: "/a/b", Headers: map[string]string{"X-Origin-Verify": "old"}}

func status(t *testing.T, w *World, r Request) int {
	t.Helper()
	answer, done := w.Send(r)
	require.True(t, done)
	return answer.Status
}

// pass lets seconds pass under a request a second, and counts what fails.
func (w *World) pass(seconds int, r Request) (failed []Answer) {
	for range seconds {
		if answer, done := w.Send(r); done && answer.Status != 200 {
			failed = append(failed, answer)
		}
		for _, answer := range w.Tick() {
			if answer.Status != 200 {
				failed = append(failed, answer)
			}
		}
	}
	return failed
}

func TestARequestIsAnsweredByWhatTheRulesLeadTo(t *testing.T) {
	w := New(site(), 30)
	assert.Equal(t, 200, status(t, w, fromCloudFront))
	assert.Equal(t, 403, status(t, w, Request{Path: "/a/b"}), "without the header")
	w.Put(group("empty"))
	w.Put(rule("first", "/api/*", 100, in{"targetGroupArn": "empty"}))
	assert.Equal(t, 200, status(t, w, fromCloudFront))
	assert.Equal(t, 503, status(t, w, Request{Path: "/api/x", Headers: fromCloudFront.Headers}),
		"a group without targets")
	w.Remove(ingress("in-3000", 3000).Key)
	assert.Equal(t, 504, status(t, w, fromCloudFront), "no rule of a security group")
}

// A listener without the stack's own rules, as before an adoption, forwards by default.
func TestARequestThatNoRuleTakesHasTheDefaultActions(t *testing.T) {
	listener := func(protocol string, action in) *cloud.Object {
		return made(ListenerType, protocol, in{"protocol": protocol, "defaultActions": []any{action}})
	}
	w := New(append(site(), listener("HTTP", in{"type": "forward", "targetGroupArn": "tg"})), 30)
	assert.Equal(t, 403, status(t, w, Request{Path: "/"}), "the HTTP listener is another one")
	w.Put(listener("HTTPS", in{"type": "forward", "targetGroupArn": "tg"}))
	assert.Equal(t, 200, status(t, w, Request{Path: "/"}))
	w.Put(listener("HTTPS", in{"type": "fixed-response", "fixedResponse": in{"statusCode": "403"}}))
	assert.Equal(t, 403, status(t, w, Request{Path: "/"}))
	assert.Equal(t, 200, status(t, w, fromCloudFront))
}

func TestRequestsAreSharedByWeight(t *testing.T) {
	w := New(site(), 30)
	w.Put(group("empty"))
	w.Put(rule("all", "/*", 200,
		in{"forward": in{"targetGroups": []any{in{"arn": "tg", "weight": 90}, in{"arn": "empty", "weight": 10}}}}))
	counts := map[int]int{}
	for range 1000 {
		counts[status(t, w, fromCloudFront)]++
	}
	assert.Equal(t, map[int]int{200: 900, 503: 100}, counts, "the share of a group without targets fails")
}

func TestADeploymentLosesNoRequest(t *testing.T) {
	w := New(site(), 30)
	w.Put(service("web:2", "tg", 3000))
	slow := fromCloudFront
	slow.Seconds = 30
	assert.Empty(t, w.pass(1, slow))
	assert.False(t, w.Steady(service("", "", 0).Key))
	assert.Empty(t, w.pass(100, slow))
	assert.True(t, w.Steady(service("", "", 0).Key))
	for _, one := range w.tasks {
		assert.Equal(t, "arn:task/web:2", one.definition)
	}
	assert.Len(t, w.tasks, 2)
}

func TestWhatTakesLongerThanTheDrainIsCutOff(t *testing.T) {
	w := New(site(), 30)
	w.Put(service("web:2", "tg", 3000))
	slow := fromCloudFront
	slow.Seconds = 60
	failed := w.pass(200, slow)
	require.NotEmpty(t, failed)
	assert.Contains(t, failed[0].Why, "was stopped before it had answered")
}

func TestAGroupWithoutAHealthyTargetFailsOpen(t *testing.T) {
	w := New(site(), 30)
	for _, one := range w.tasks {
		one.state, one.passed = initial, 1000
	}
	assert.Equal(t, 200, status(t, w, fromCloudFront))
	w.tasks[0].state, w.tasks[0].ready = initial, 1000
	counts := map[int]int{}
	for range 10 {
		counts[status(t, w, fromCloudFront)]++
	}
	assert.Equal(t, map[int]int{200: 5, 502: 5}, counts)
}

func TestAnotherPort(t *testing.T) {
	w := New(site(), 30)
	// The rules of the security groups for the new port come first, those for the old one go last.
	w.Put(ingress("in-3100", 3100))
	w.Put(egress("out-3100", 3100))
	w.Put(service("web:2", "tg", 3100))
	assert.Empty(t, w.pass(100, fromCloudFront))
	assert.True(t, w.Steady(service("", "", 0).Key))
	w.Remove(ingress("in-3000", 3000).Key)
	w.Remove(egress("out-3000", 3000).Key)
	assert.Empty(t, w.pass(10, fromCloudFront))

	// A group of its own for the new port has no target when the rule changes.
	w = New(site(), 30)
	w.Put(group("tg-new"))
	w.Put(rule("all", "/*", 200, in{"targetGroupArn": "tg-new"}))
	assert.Equal(t, 503, status(t, w, fromCloudFront))
	w.Put(service("web:2", "tg-new", 3000))
	assert.NotEmpty(t, w.pass(100, fromCloudFront))

	// Rules that change in place shut the old tasks out.
	w = New(site(), 30)
	w.Put(ingress("in-3000", 3100))
	assert.Equal(t, 504, status(t, w, fromCloudFront))
}

func TestWhatIsDeletedDrains(t *testing.T) {
	w := New(site(), 30)
	slow := fromCloudFront
	slow.Seconds = 20
	_, done := w.Send(slow)
	require.False(t, done)
	w.Remove(service("", "", 0).Key)
	assert.Equal(t, 503, status(t, w, fromCloudFront))
	var answers []Answer
	for range 40 {
		answers = append(answers, w.Tick()...)
	}
	assert.Equal(t, []Answer{{Status: 200}}, answers, "what was begun is answered")
	assert.Empty(t, w.tasks)
}
