package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// ruleStep is a step of a listener rule that has one priority before it and another one after it; 0
// for none.
func ruleStep(op, name, listener string, before, after float64) Step {
	one := step(op, catalog.ListenerRule, name, nil)
	if before != 0 {
		one.OldState = &State{
			URN:    one.URN,
			Type:   catalog.ListenerRule,
			Inputs: map[string]any{"listenerArn": listener, "priority": before},
		}
	}
	if after != 0 {
		one.NewState = &State{
			URN:    one.URN,
			Type:   catalog.ListenerRule,
			Inputs: map[string]any{"listenerArn": listener, "priority": after},
		}
	}
	return one
}

func TestAPriorityThatIsInUseIsRefusedBeforehand(t *testing.T) {
	for sentence, one := range map[string]struct {
		steps []Step
		want  []string
	}{
		"two rules that swap": {
			[]Step{ruleStep("update", "api", "a", 100, 200), ruleStep("update", "web", "a", 200, 100)},
			[]string{
				"aws:lb/listenerRule:ListenerRule::api takes priority 200, which " +
					"aws:lb/listenerRule:ListenerRule::web has until then",
				"aws:lb/listenerRule:ListenerRule::web takes priority 100, which " +
					"aws:lb/listenerRule:ListenerRule::api has until then",
			},
		},
		"a new rule in the place of one that goes": {
			[]Step{ruleStep("create", "new", "a", 0, 100), ruleStep("delete", "old", "a", 100, 0)},
			[]string{"aws:lb/listenerRule:ListenerRule::new takes priority 100, which " +
				"aws:lb/listenerRule:ListenerRule::old has until then"},
		},
		"a free number": {[]Step{ruleStep("update", "api", "a", 100, 150),
			ruleStep("same", "web", "a", 200, 200)}, nil},
		"the same number": {[]Step{ruleStep("update", "api", "a", 100, 100)}, nil},
		"the number of another's rule": {[]Step{ruleStep("update", "api", "a", 100, 200),
			ruleStep("same", "web", "b", 200, 200)}, nil},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, one.want, whats(Judge(&Preview{Steps: one.steps}))) })
	}
}

func TestALoadBalancerGoesInADeployOfItsOwn(t *testing.T) {
	balancer := func(op, name string) Step {
		one := step(op, catalog.LoadBalancer, name, nil)
		if op == "create" {
			one.NewState = &State{
				URN:    one.URN,
				Type:   catalog.LoadBalancer,
				Custom: true,
				Inputs: map[string]any{"internal": true},
			}
		}
		return one
	}
	for sentence, one := range map[string]struct {
		steps []Step
		want  []string
	}{
		"one in the place of the other": {
			[]Step{balancer("create", "load-balancer-internal"), balancer("delete", "load-balancer")},
			[]string{"aws:lb/loadBalancer:LoadBalancer::load-balancer is deleted"},
		},
		"a replaced one": {
			[]Step{balancer("replace", "load-balancer")},
			[]string{"aws:lb/loadBalancer:LoadBalancer::load-balancer is replaced"},
		},
		"one beside the other": {[]Step{balancer("create", "load-balancer-internal"),
			balancer("update", "load-balancer")}, nil},
		"the one that nobody needs": {[]Step{balancer("same", "load-balancer-internal"),
			balancer("delete", "load-balancer")}, nil},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, one.want, whats(Judge(&Preview{Steps: one.steps}))) })
	}
}

func TestNewBoundsOfAScheduleAreNoted(t *testing.T) {
	action := func(name string, before, after float64) Step {
		one := step("update", catalog.ScheduledAction, name, nil)
		bounds := func(most float64) *State {
			return &State{
				URN:    one.URN,
				Type:   catalog.ScheduledAction,
				Parent: prefix + "bookmark-manager:compute:Service::web",
				Inputs: map[string]any{"scalableTargetAction": map[string]any{"minCapacity": 2.0, "maxCapacity": most}},
			}
		}
		one.OldState, one.NewState = bounds(before), bounds(after)
		return one
	}
	p := &Preview{Steps: []Step{action("web-lower", 4, 4), action("web-raise", 10, 20),
		action("web-raise-2026", 10, 20)}}
	assert.Empty(t, Judge(p))
	want := `the new bounds of service "web" are in force from the next change of its schedule; ` +
		`docs/operations.md, "Service under load", has the command that sets them at once`
	assert.Equal(t, []string{want}, Notes(p))
	assert.Contains(t, Text("prod", p, nil), "note: "+want+"\n")
	assert.Contains(t, Markdown("prod", p, nil), "- :information_source: "+want+".\n")
	assert.Empty(t, Notes(&Preview{Steps: []Step{action("web-raise", 10, 10)}}))
}
