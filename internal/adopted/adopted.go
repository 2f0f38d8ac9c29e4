// Package adopted is a stack's section "adopted": the objects that something else made, such as
// Terraform, and that the stack takes over as they are, in three stages. Commands that link no SDK
// know it too; package stackconfig checks it.
package adopted

import (
	"cmp"
	"maps"
	"slices"
)

// Stage is how far an adoption has come.
type Stage string

// The stages, in their order. In take every object is imported and frozen, and what the program
// replaces is created next to the object that it replaces, which Terraform still owns. In move the
// objects become what the program says, and ECS replaces the tasks.
// In close the load balancer refuses requests without the secret header, and the former tasks are
// no longer admitted.
const (
	Take  Stage = "take"
	Move  Stage = "move"
	Close Stage = "close"
)

var stages = []Stage{Take, Move, Close}

// Config is which objects the stack takes over: section "adopted", which `infra adopt` writes. Once
// nothing else manages them any more it can be taken out of the stack file, but for the entries
// with ignoreChanges.
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
	// IgnoreChanges are the properties that stay as they are in every stage and afterwards, each
	// with the reason: another value would replace the object.
	IgnoreChanges map[string]string `json:"ignoreChanges" settings:"optional" keys:"^[a-z][A-Za-z0-9]*$" keywant:"the name of a property, such as name" length:"1..300" want:"the reason why changes of the property are ignored"`
	// FrozenUntil is the first stage in which the object becomes what the program says.
	FrozenUntil Stage `json:"frozenUntil" enum:"move,close" default:"move"`
	// FrozenInMove are the properties that stay frozen in stage move, of an object with frozenUntil
	// close; the others become what the program says. Empty: every property stays frozen.
	FrozenInMove []string `json:"frozenInMove" settings:"optional,unique" pattern:"^[a-z][A-Za-z0-9]*$" want:"the name of a property, such as defaultActions"`
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

// Ignored is the engine's ignoreChanges for an object in a stage, sorted. While an object is frozen
// it is Everything: the engine ignores every difference between the object and the program, so that
// importing it changes nothing.
//
//	entry                                            take    move                close
//	{id}                                             frozen  managed             managed
//	{id, ignoreChanges: {name: why}}                 frozen  managed, not name   managed, not name
//	{id, frozenUntil: close}                         frozen  frozen              managed
//	{id, frozenUntil: close, frozenInMove: [rules]}  frozen  managed, not rules  managed
func (r Resource) Ignored(stage Stage) []string {
	always := slices.Sorted(maps.Keys(r.IgnoreChanges))
	switch {
	case slices.Index(stages, stage) >= slices.Index(stages, cmp.Or(r.FrozenUntil, Move)):
		return always
	case stage == Move && len(r.FrozenInMove) > 0:
		return slices.Sorted(slices.Values(append(always, r.FrozenInMove...)))
	}
	return []string{Everything}
}
