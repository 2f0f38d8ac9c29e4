package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// moves is a stack that has both load balancers, and whose CloudFront uses that of a scheme.
func moves(reached Scheme) func(*stack) {
	return func(s *stack) { s.Config.LoadBalancer.Scheme, s.Config.LoadBalancer.Moving = reached, true }
}

func TestAnInternalLoadBalancer(t *testing.T) {
	r := mustBuild(t, func(s *stack) { s.Config.LoadBalancer.Scheme = Internal })
	want := everything()
	want[LoadBalancerType], want[typeBalancer] = []string{"alb-internal"}, []string{"alb-internal"}
	want[typeListener] = []string{"alb-internal-http", "alb-internal-https"}
	want[typeTargetGroup] = []string{"api-in", "web-in"}
	want[typeRule] = []string{"api-internal-rule", "web-internal-rule"}
	assertChildren(t, r, want)
	assertInputs(t, get(t, r, typeBalancer, "alb-internal"), map[string]any{
		"internal": true, "enableDeletionProtection": true,
	})
	assertInputs(t, get(t, r, typeECSService, "web"), map[string]any{
		"loadBalancers": []any{map[string]any{
			"targetGroupArn": "arn:aws:test:ap-northeast-1:111122223333:web-in",
			"containerName":  "web",
			"containerPort":  3000.0,
		}},
	})
}

func TestBothLoadBalancersLeadToTheTasksDuringAMove(t *testing.T) {
	for reached, suffix := range map[Scheme]string{InternetFacing: "alb", Internal: "alb-internal"} {
		r := mustBuild(t, moves(reached))
		want := everything()
		want[LoadBalancerType], want[typeBalancer] = []string{"alb", "alb-internal"}, []string{"alb", "alb-internal"}
		want[typeListener] = []string{"alb-http", "alb-https", "alb-internal-http", "alb-internal-https"}
		want[typeTargetGroup] = []string{"api-in", "api-tg", "web-in", "web-tg"}
		want[typeRule] = []string{"api-internal-rule", "api-rule", "web-internal-rule", "web-rule"}
		assertChildren(t, r, want)
		for name, scheme := range map[string]Scheme{"alb": InternetFacing, "alb-internal": Internal} {
			assertInputs(t, get(t, r, typeBalancer, name), map[string]any{
				"internal": scheme == Internal,
				// The one that CloudFront does not use can be deleted.
				"enableDeletionProtection": scheme == reached,
			})
		}
		var groups []any
		for _, group := range []string{"web-tg", "web-in"} {
			groups = append(groups, map[string]any{
				"targetGroupArn": "arn:aws:test:ap-northeast-1:111122223333:" + group,
				"containerName":  "web",
				"containerPort":  3000.0,
			})
		}
		assert.Equal(t, groups, get(t, r, typeECSService, "web").Input("loadBalancers"),
			"in one order whichever CloudFront uses, so that the service stays as it is")
		for rule, arns := range map[string][2]string{
			"web-rule": {"alb-https", "web-tg"}, "web-internal-rule": {"alb-internal-https", "web-in"},
		} {
			assertInputs(t, get(t, r, typeRule, rule), map[string]any{
				"priority":                  200.0,
				"listenerArn":               "arn:aws:test:ap-northeast-1:111122223333:" + arns[0],
				"actions[0].targetGroupArn": "arn:aws:test:ap-northeast-1:111122223333:" + arns[1],
			})
			assert.Contains(t, dependencies(t, r, typeECSService, "web"), typeRule+" "+rule,
				"ECS refuses a target group that no rule leads to")
		}
		group := map[Scheme]string{InternetFacing: "web-tg", Internal: "web-in"}[reached]
		assertInputs(t, get(t, r, typeAlarm, "web-rollback-errors"), map[string]any{
			"dimensions": map[string]any{
				"LoadBalancer": "app/" + suffix + "/50dc6c495c0c9188",
				"TargetGroup":  "targetgroup/" + group + "/73e2d6bc24d8a067",
			},
		})
	}
}

func TestACanaryDuringAMove(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		canary(s)
		moves(InternetFacing)(s)
	})
	assert.Equal(t, []any{"web-canary-tg", "web-canary-in"}, func() (all []any) {
		list, _ := get(t, r, typeECSService, "web-canary").Input("loadBalancers").([]any)
		for _, one := range list {
			arn, _ := one.(map[string]any)["targetGroupArn"].(string)
			all = append(all, arn[len("arn:aws:test:ap-northeast-1:111122223333:"):])
		}
		return all
	}())
	for _, rule := range []string{"web-canary-rule", "web-internal-canary-rule"} {
		assert.Contains(t, dependencies(t, r, typeECSService, "web-canary"), typeRule+" "+rule)
	}
	for _, rule := range []string{"web-rule", "web-internal-rule"} {
		assert.Contains(t, dependencies(t, r, typeRule, rule), typeECSService+" web-canary",
			"no share of the requests goes to a canary that has no task yet")
	}
}
