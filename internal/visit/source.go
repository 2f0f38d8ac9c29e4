package visit

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// source finds resources of a plan by what others call them.
type source struct {
	*inventory.Inventory
	byReference map[reference]plan.State
}

// reference is what others call a resource: its ARN or its id. The type belongs to it, since the id
// of what is set on a resource, such as the logging of a web ACL, is the ARN of that resource.
type reference struct{ typ, name string }

func newSource(resources []plan.State) source {
	from := source{inventory.New(resources), map[reference]plan.State{}}
	for _, one := range resources {
		if arn, ok := one.Outputs["arn"].(string); ok {
			from.byReference[reference{one.Type, arn}] = one
		}
		if one.ID != "" {
			from.byReference[reference{one.Type, one.ID}] = one
		}
	}
	return from
}

// only is the one resource of a type.
func (s source) only(typ string) (plan.State, error) {
	found := s.OfType(typ)
	if len(found) != 1 {
		return plan.State{}, fmt.Errorf("the plan has %d of type %s, want 1", len(found), typ)
	}
	return found[0], nil
}

// follow is the resource of a type that a value refers to.
func (s source) follow(value plan.Value, typ string) (plan.State, error) {
	if value.Unknown() {
		return plan.State{}, fmt.Errorf("%w: %s is known when it is; make the plan with make plan DEPLOYED=1",
			ErrNotDeployed, value.Path)
	}
	found, ok := s.byReference[reference{typ, value.Text()}]
	if !ok {
		return plan.State{}, fmt.Errorf("%s is %q, which is no resource of type %s in the plan", value.Path,
			value.Text(), typ)
	}
	return found, nil
}

// texts are the strings of a list.
func texts(value plan.Value) []string {
	var all []string
	for _, one := range value.List() {
		all = append(all, one.Text())
	}
	return all
}

// number is a whole number, and 0 for everything else.
func number(value plan.Value) int {
	n, _ := value.Number()
	return int(n)
}

// output is an output of the component that a resource belongs to.
func (s source) output(of plan.State, name string) plan.Value {
	component, _ := s.Component(of)
	return plan.ValueOf(name, component.Outputs[name])
}
