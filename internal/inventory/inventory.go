// Package inventory answers questions about the resources of a plan: which component one belongs
// to, whose outputs went into it, and what the security groups let through.
package inventory

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Inventory is the resources of a stack, by URN.
type Inventory struct {
	all   []plan.State
	byURN map[string]plan.State
}

// New takes what plan.Preview.Resources returns.
func New(resources []plan.State) *Inventory {
	inv := &Inventory{all: resources, byURN: map[string]plan.State{}}
	for _, one := range resources {
		inv.byURN[one.URN] = one
	}
	return inv
}

// Resources are what clouds hold: neither components, nor the stack itself, nor providers. They are
// in the order of their URNs.
func (inv *Inventory) Resources() []plan.State {
	return slices.Collect(func(yield func(plan.State) bool) {
		for _, one := range inv.all {
			if one.Custom && !IsProvider(one) && !yield(one) {
				return
			}
		}
	})
}

// Components are the program's own groups of resources, in the order of their URNs.
func (inv *Inventory) Components() []plan.State {
	return slices.Collect(func(yield func(plan.State) bool) {
		for _, one := range inv.all {
			if !one.Custom && one.Type != stackType && !yield(one) {
				return
			}
		}
	})
}

// OfType are the resources of a type, such as catalog.RDSCluster.
func (inv *Inventory) OfType(typ string) []plan.State {
	var found []plan.State
	for _, one := range inv.all {
		if one.Type == typ {
			found = append(found, one)
		}
	}
	return found
}

// Providers are the explicit providers of the stack.
func (inv *Inventory) Providers() []plan.State {
	var found []plan.State
	for _, one := range inv.all {
		if IsProvider(one) {
			found = append(found, one)
		}
	}
	return found
}

// Component is the nearest component above a resource, and false for one that the stack holds
// itself.
func (inv *Inventory) Component(of plan.State) (plan.State, bool) {
	for {
		parent, ok := inv.byURN[of.Parent]
		if !ok || parent.Type == stackType {
			return plan.State{}, false
		}
		if !parent.Custom {
			return parent, true
		}
		of = parent
	}
}

// In are the resources of a component, those of components inside it left out.
func (inv *Inventory) In(component plan.State) []plan.State {
	var found []plan.State
	for _, one := range inv.Resources() {
		if above, ok := inv.Component(one); ok && above.URN == component.URN {
			found = append(found, one)
		}
	}
	return found
}

// Feeding are the resources whose outputs went into an input, each once, in the order of their
// URNs.
func (inv *Inventory) Feeding(one plan.State, property string) []plan.State {
	var found []plan.State
	for _, urn := range sorted(one.PropertyDependencies[property]) {
		if source, ok := inv.byURN[urn]; ok {
			found = append(found, source)
		}
	}
	return found
}

// Uses are the resources whose outputs went into any input, each once, in the order of their URNs.
func (inv *Inventory) Uses(one plan.State) []plan.State {
	var urns []string
	for _, some := range one.PropertyDependencies {
		urns = append(urns, some...)
	}
	var found []plan.State
	for _, urn := range sorted(urns) {
		if source, ok := inv.byURN[urn]; ok {
			found = append(found, source)
		}
	}
	return found
}

// Name is a resource's logical name without that of its component, which every child's name begins
// with.
func (inv *Inventory) Name(one plan.State) string {
	if component, ok := inv.Component(one); ok {
		if short, ok := strings.CutPrefix(one.Name(), component.Name()+"-"); ok {
			return short
		}
	}
	return one.Name()
}

const stackType = "pulumi:pulumi:Stack"

// IsProvider says whether a resource is a provider's configuration, which exists in no cloud.
func IsProvider(one plan.State) bool { return strings.HasPrefix(one.Type, "pulumi:providers:") }

func sorted(urns []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(urns)))
}
