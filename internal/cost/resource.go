package cost

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// resource reads what a resource of the plan says of itself. What it must say and does not is a
// problem of the estimate.
type resource struct {
	plan.State
	e *estimator
}

// region is that of the resource's AWS provider, or Everywhere outside AWS.
func (r resource) region() string {
	if !strings.HasPrefix(r.Type, "aws:") {
		return Everywhere
	}
	provider := r.Provider
	if i := strings.LastIndex(provider, "::"); i > 0 {
		provider = provider[:i]
	}
	region, ok := r.e.regions[provider]
	if !ok {
		r.e.problem("%s (%s): its provider %q is not in the plan with a region", r.Name(), r.Type, r.Provider)
	}
	return region
}

// text is an input that must be a known string.
func (r resource) text(name string) string {
	value := r.Input(name)
	if _, ok := value.Raw().(string); !ok {
		r.e.problem("%s (%s): the plan does not say its %s, want a known string", r.Name(), r.Type, name)
	}
	return value.Text()
}

// textOr is an input that may be left out.
func (r resource) textOr(name, otherwise string) string {
	if r.Inputs[name] == nil {
		return otherwise
	}
	return r.text(name)
}

// number is an input that must be a known number.
func (r resource) number(name string) float64 {
	value, ok := r.Input(name).Number()
	switch {
	case ok:
	case r.Input(name).Unknown():
		r.e.problem("%s (%s): its %s is known only when it is deployed, want a known number", r.Name(), r.Type, name)
	default:
		r.e.problem("%s (%s): its %s is %v, want a known number", r.Name(), r.Type, name, r.Inputs[name])
	}
	return value
}

// on says whether a flag is set. An absent flag is not.
func (r resource) on(name string) bool {
	value, ok := r.Input(name).Bool()
	if !ok && r.Inputs[name] != nil {
		r.e.problem("%s (%s): its %s is %v, want true or false", r.Name(), r.Type, name, r.Inputs[name])
	}
	return value
}

// list is an input with a known number of elements, whatever is known of each. An absent one is
// empty.
func (r resource) list(name string) []plan.Value {
	if _, ok := r.Inputs[name].([]any); !ok && r.Inputs[name] != nil {
		r.e.problem("%s (%s): the plan does not say how many %s it has", r.Name(), r.Type, name)
	}
	return r.Input(name).List()
}

// objects are the elements of a list of objects.
func (r resource) objects(name string) []plan.Value {
	var all []plan.Value
	for _, one := range r.list(name) {
		if one.Object() == nil {
			r.e.problem("%s (%s): an element of its %s is not known before it is deployed", r.Name(), r.Type, name)
			continue
		}
		all = append(all, one)
	}
	return all
}

// needs are the resources of a type that this one's inputs come from.
func (r resource) needs(typ string) []resource {
	var all []resource
	for _, urn := range r.Dependencies {
		if one, ok := r.e.byURN[urn]; ok && one.Type == typ {
			all = append(all, resource{one, r.e})
		}
	}
	return all
}

// subnets is the number of subnets that an input names. Before the first deploy the list may be
// unknown as a whole, and those that the resource depends on are counted.
func (r resource) subnets(name string) float64 {
	known, ok := r.Input(name).Raw().([]any)
	count := len(known)
	if !ok {
		count = len(r.needs(catalog.Subnet))
	}
	if count == 0 {
		r.e.problem("%s (%s): the plan does not say its %s, and it is charged for each", r.Name(), r.Type, name)
	}
	return float64(count)
}
