package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// Secret stands for a secret, which the engine does not show.
const Secret = "[secret]"

// Value is an input or output of a resource in a plan, or a part of one. It may be known, absent,
// unknown until the stack is deployed, or a secret that the engine hides. A part of what cannot be
// read is the same as the whole, so that a reader learns which value it was.
type Value struct {
	// Path is where the value stands, such as "rules[0].name".
	Path string
	raw  any
}

// ValueOf is a value that stands at a path.
func ValueOf(path string, raw any) Value { return Value{path, raw} }

// Input is an input of the resource, or a part of one: names are separated by dots, and a number in
// brackets is an element, such as "rules[0].name".
func (s State) Input(path string) Value { return Value{raw: s.Inputs}.At(path) }

// At is a part of an object or a list, and absent where there is none.
func (v Value) At(path string) Value {
	for step := range strings.SplitSeq(path, ".") {
		name, indices, _ := strings.Cut(step, "[")
		v = v.Property(name)
		for index := range strings.SplitSeq(indices, "[") {
			if i, err := strconv.Atoi(strings.TrimSuffix(index, "]")); err == nil {
				v = v.element(i)
			}
		}
	}
	return v
}

// Property is a part of an object whose name may have dots in it, such as the key of a condition.
func (v Value) Property(name string) Value {
	if !v.Known() {
		return v
	}
	if v.Path != "" {
		v.Path += "."
	}
	object, _ := v.raw.(map[string]any)
	return Value{v.Path + name, object[name]}
}

func (v Value) element(i int) Value {
	if !v.Known() {
		return v
	}
	one := Value{Path: fmt.Sprintf("%s[%d]", v.Path, i)}
	if list, ok := v.raw.([]any); ok && i < len(list) {
		one.raw = list[i]
	}
	return one
}

// Unknown says whether the value, or a part of its text, is computed when the stack is deployed.
func (v Value) Unknown() bool {
	text, ok := v.raw.(string)
	return ok && IsUnknown(text)
}

// Hidden says whether the value is a secret.
func (v Value) Hidden() bool { return v.raw == Secret }

// Known says whether the plan tells what the value is, or that there is none.
func (v Value) Known() bool { return !v.Unknown() && !v.Hidden() }

// Present says whether there is a value and it is known.
func (v Value) Present() bool { return v.Raw() != nil }

// Raw is the value as JSON gives it, and nil for one that is absent or cannot be read.
func (v Value) Raw() any {
	if !v.Known() {
		return nil
	}
	return v.raw
}

// Text is a known string, and "" for everything else.
func (v Value) Text() string {
	text, _ := v.Raw().(string)
	return text
}

// Number is a known number, and false for everything else. AWS's provider has some as text.
func (v Value) Number() (float64, bool) {
	switch raw := v.Raw().(type) {
	case float64:
		return raw, true
	case string:
		number, err := strconv.ParseFloat(raw, 64)
		return number, err == nil
	default:
		return 0, false
	}
}

// Bool is a known boolean, and false for everything else. Some stand as text.
func (v Value) Bool() (value, ok bool) {
	switch raw := v.Raw().(type) {
	case bool:
		return raw, true
	case string:
		return raw == "true", raw == "true" || raw == "false"
	default:
		return false, false
	}
}

// List is the elements of a known list, and nil for everything else. Single elements may be
// unknown.
func (v Value) List() []Value {
	list, _ := v.Raw().([]any)
	var all []Value
	for i := range list {
		all = append(all, v.element(i))
	}
	return all
}

// Object is the properties of a known object, and nil for everything else.
func (v Value) Object() map[string]any {
	object, _ := v.Raw().(map[string]any)
	return object
}

// String is the value as text for people. A number has all its digits and no exponent.
func (v Value) String() string {
	switch {
	case v.Hidden():
		return "a secret"
	case v.raw == nil:
		return ""
	case v.Unknown():
		return ReplaceUnknown(v.raw.(string), "known when deployed")
	}
	if number, ok := v.raw.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(v.raw)
}
