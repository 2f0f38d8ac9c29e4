// Package component is what the stack's components have in common: how they are registered, what
// their children are called, and how errors say which child of which component they are about.
package component

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Component is a component that has been registered and gets its children. Register makes it.
type Component struct {
	Ctx  *pulumi.Context
	Name string // the component's; its children's names begin with it

	kind string
	self pulumi.ComponentResource
}

// Register registers a component. A kind, such as "load balancer", is what errors call it; a token
// is its type in URNs.
func Register(
	ctx *pulumi.Context, kind, token, name string, self pulumi.ComponentResource, opts ...pulumi.ResourceOption,
) (Component, error) {
	if err := ctx.RegisterComponentResource(token, name, self, opts...); err != nil {
		return Component{}, fmt.Errorf("register %s %q: %w", kind, name, err)
	}
	return Component{ctx, name, kind, self}, nil
}

// Child is a child's name.
func (c Component) Child(part string) string { return c.Name + "-" + part }

// Parent puts a child under the component.
func (c Component) Parent() pulumi.ResourceOrInvokeOption { return pulumi.Parent(c.self) }

// Wrap says what was done to which child when the error came, such as "create" and "log group"; nil
// for no error.
func (c Component) Wrap(verb, child string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s of %s %q: %w", verb, child, c.kind, c.Name, err)
}

// Outputs ends the registration: every child has been registered.
func (c Component) Outputs(outputs pulumi.Map) error {
	return c.Wrap("register", "outputs", c.Ctx.RegisterResourceOutputs(c.self, outputs))
}
