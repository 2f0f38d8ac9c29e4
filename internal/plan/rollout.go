package plan

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// taken finds listener rules that get a priority which another rule of the listener has when the
// deploy begins. Elastic Load Balancing changes one rule at a time and refuses a number that is in
// use (PriorityInUse), and Pulumi changes rules in no order: a swap never goes through, the rest
// may.
func taken(p *Preview) []Finding {
	type place struct{ listener, priority string }
	placeOf := func(s State) place {
		return place{s.Input("listenerArn").String(), s.Input("priority").String()}
	}
	held := map[place]string{} // URN of who has it
	for _, one := range p.Before() {
		if one.Type == catalog.ListenerRule {
			held[placeOf(one)] = one.URN
		}
	}
	var findings []Finding
	for _, step := range p.changes() {
		if step.Type() != catalog.ListenerRule || step.NewState == nil {
			continue
		}
		wanted := placeOf(*step.NewState)
		if holder, ok := held[wanted]; ok && holder != step.URN {
			findings = append(findings, Finding{
				URN:  step.URN,
				What: "takes priority " + wanted.priority + ", which " + short(holder) + " has until then",
				Why: "the load balancer refuses a number that is in use; give one of the services a free number " +
					"first, in a deploy of its own",
			})
		}
	}
	return findings
}

// cutOff finds load balancers that go in the deploy that makes the ones in their places. The
// services leave a load balancer before CloudFront does, and until the distribution has changed
// everywhere its requests meet no task.
func cutOff(p *Preview) []Finding {
	var gone []Step
	made := false
	for _, step := range p.changes() {
		if step.Type() != catalog.LoadBalancer {
			continue
		}
		switch step.Op {
		case opReplace:
			gone, made = append(gone, step), true
		case opDelete:
			gone = append(gone, step)
		case opCreate:
			made = true
		}
	}
	if !made {
		return nil
	}
	var findings []Finding
	for _, step := range gone {
		finding := Finding{
			URN:  step.URN,
			What: "is deleted",
			Why: "its requests meet no task until CloudFront has gone over to the new one; have both for a " +
				"while, with " +
				"compute.loadBalancer.moving: docs/operations.md, \"A load balancer without public addresses\"",
		}
		if step.Op == opReplace {
			finding.What = howReplaced(step)
		}
		findings = append(findings, finding)
	}
	return findings
}

// Notes are what a plan does that people may not expect, and that nothing is lost by. They are in
// the order of URNs.
func Notes(p *Preview) []string {
	var notes []string
	for _, step := range p.changes() {
		if step.Type() != catalog.ScheduledAction || step.Op != opUpdate || step.OldState == nil ||
			step.NewState == nil {
			continue
		}
		before, after := step.OldState.Input("scalableTargetAction"), step.NewState.Input("scalableTargetAction")
		if reflect.DeepEqual(before.Raw(), after.Raw()) {
			continue
		}
		service := nameIn(step.NewState.Parent)
		note := fmt.Sprintf("the new bounds of service %q are in force from the next change of its schedule; "+
			"docs/operations.md, \"Service under load\", has the command that sets them at once", service)
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}
