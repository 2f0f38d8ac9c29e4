// Package adopted is a stack's section "adopted": the objects that something else made, such as
// Terraform, and that the stack takes over as they are, in three stages. Commands that link no SDK
// know it too; package stackconfig checks it.
package adopted

import (
	"maps"
	"slices"
)

// Stage is how far an adoption has come.
type Stage string

// The stages, in their order. In take every object is imported and frozen as it is, and what stands
// beside it is made. In move the objects become what the configuration says and the services roll.
// In close the load balancer refuses requests without the secret header, and the former tasks are
// no longer admitted.
const (
	Take  Stage = "take"
	Move  Stage = "move"
	Close Stage = "close"
)

var stages = []Stage{Take, Move, Close}

// Hold is the stage from which on an object is no longer frozen.
type Hold string

// Config is which objects the stack takes over: section "adopted", which `infra adopt` writes. It
// may go once nothing else manages them any more, except for what its entries keep.
type Config struct {
	// Stage is how far the adoption has come. Raise it when the preview of the stage before is
	// empty.
	Stage Stage `json:"stage" enum:"take,move,close"`
	// Resources are the objects, by the type and the name that they have in this program, such as
	// "aws:ec2/vpc:Vpc network-vpc".
	Resources map[string]Resource `json:"resources" items:"1.." keys:"^[a-z]+:[^ ]+:[A-Za-z0-9]+ [^ ]+$" keywant:"a resource's type and name, such as aws:ec2/vpc:Vpc network-vpc"`
}

// Resource is one object.
type Resource struct {
	// ID is what `pulumi import` takes for the object. Another one, later, has the deploy delete
	// the object and take the other in its place.
	ID string `json:"id" length:"1..2048" want:"the object's id as pulumi import takes it"`
	// Keep are the properties that stay as they are for good, each with the reason.
	Keep map[string]string `json:"keep" settings:"optional" keys:"^[a-z][A-Za-z0-9]*$" keywant:"the name of a property, such as name" length:"1..300" want:"the reason why the property is kept"`
	// Hold freezes the object until this stage.
	Hold Hold `json:"hold" enum:"move,close" default:"move"`
	// Held are the properties that alone are frozen in stage move, of an object that is held until
	// close. Empty: every one.
	Held []string `json:"held" settings:"optional,unique" pattern:"^[a-z][A-Za-z0-9]*$" want:"the name of a property, such as defaultActions"`
}

// Has says whether a resource is adopted.
func (c Config) Has(typ, name string) bool {
	_, ok := c.Resources[typ+" "+name]
	return ok
}

// Keys are the keys of Resources, sorted.
func (c Config) Keys() []string { return slices.Sorted(maps.Keys(c.Resources)) }

// Everything freezes a resource, as the engine's ignoreChanges.
const Everything = "*"

// Ignored are the properties of an object whose changes are left out in a stage: every one while it
// is held, or those that Held names, and those that are kept for good, sorted.
func (r Resource) Ignored(stage Stage) []string {
	kept := slices.Sorted(maps.Keys(r.Keep))
	switch {
	case slices.Index(stages, stage) >= slices.Index(stages, Stage(r.hold())):
		return kept
	case stage == Move && len(r.Held) > 0:
		return slices.Sorted(slices.Values(append(kept, r.Held...)))
	}
	return []string{Everything}
}

func (r Resource) hold() Hold {
	if r.Hold == "" {
		return Hold(Move)
	}
	return r.Hold
}
