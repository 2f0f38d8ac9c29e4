package compliance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Control is one rule, and how it is judged. A control that fails on a relation, such as a bucket without a public access block, is about the
// resource that lacks something.
type Control struct {
	ID       string // FSBP's, such as "S3.8"
	CIS      string // the number in CIS AWS Foundations v3.0.0; empty if the benchmark has no such control
	NotFSBP  bool   // whether it is of another standard only: CIS, NIST SP 800-53 in Security Hub, or AWS Well-Architected
	Title    string
	Severity Severity
	Types    []string // the resource types that it is about
	About    string   // what those are, for "no ... in the stack"

	parts   func(r *resource) []*resource  // splits a resource into what is judged by itself
	applies func(r *resource) bool         // whether it is about this one; nil for all
	check   func(*stack, *resource) string // what is wrong, or nothing
}

func (c Control) subjects(state plan.State) []*resource {
	whole := newResource(state)
	if c.parts == nil {
		return []*resource{whole}
	}
	return c.parts(whole)
}

// unread are the paths of values that a check wanted and could not read. A check that meets one has no say.
type unread struct{ unknown, hidden []string }

func (u *unread) note(list *[]string, name string) {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// resource is what is judged: a resource of the stack, or a part of it.
type resource struct {
	value
	state plan.State
	part  string
}

// newResource merges what the program chose with what the cloud computed. What it chose is what will be, so it goes first.
func newResource(state plan.State) *resource {
	merged := map[string]any{}
	for property, v := range state.Outputs {
		merged[property] = v
	}
	for property, v := range state.Inputs {
		if computed, ok := merged[property]; !ok || !isUnknown(v) || isUnknown(computed) {
			merged[property] = v
		}
	}
	return &resource{state: state, value: value{v: merged, unread: &unread{}}}
}

// value is a value within a resource, which notes when it cannot be read.
type value struct {
	v      any
	name   string
	unread *unread
}

const secret = "[secret]"

func isUnknown(v any) bool {
	text, ok := v.(string)
	return ok && plan.IsUnknown(text)
}

// read notes a value that cannot be read, and is nil for it.
func (v value) read() any {
	text, ok := v.v.(string)
	switch {
	case !ok:
		return v.v
	case plan.IsUnknown(text):
		v.unread.note(&v.unread.unknown, v.name)
		return nil
	case text == secret:
		v.unread.note(&v.unread.hidden, v.name)
		return nil
	default:
		return text
	}
}

// at follows property names, separated by dots.
func (v value) at(path string) value {
	for _, property := range strings.Split(path, ".") {
		object, _ := v.read().(map[string]any)
		name := property
		if v.name != "" {
			name = v.name + "." + property
		}
		v = value{v: object[property], name: name, unread: v.unread}
	}
	return v
}

func (v value) present() bool { return v.read() != nil }

func (v value) text() string {
	text, _ := v.read().(string)
	return text
}

func (v value) yes() bool {
	switch read := v.read().(type) {
	case bool:
		return read
	case string:
		return read == "true"
	default:
		return false
	}
}

func (v value) number() float64 {
	number, _ := v.read().(float64)
	return number
}

// list is the elements of a list; a single value is a list of itself, as in IAM's documents.
func (v value) list() []value {
	switch read := v.read().(type) {
	case nil:
		return nil
	case []any:
		var all []value
		for i, one := range read {
			all = append(all, value{v: one, name: fmt.Sprintf("%s[%d]", v.name, i), unread: v.unread})
		}
		return all
	default:
		return []value{v}
	}
}

// texts are the strings of a list.
func (v value) texts() []string {
	var all []string
	for _, one := range v.list() {
		all = append(all, one.text())
	}
	return all
}

// parsed is the value of a string that holds JSON. One that does not parse counts as unknown, so nothing passes because of it.
func (v value) parsed() value {
	text := v.text()
	if text == "" {
		return value{name: v.name, unread: v.unread}
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		v.unread.note(&v.unread.unknown, v.name+" (it is no JSON)")
	}
	return value{v: parsed, name: v.name, unread: v.unread}
}

// stack is all resources.
type stack struct{ resources []plan.State }

// of lists the resources of a type. Their unread values are noted on the resource that is judged.
func (s *stack) of(r *resource, typ string) []*resource {
	var all []*resource
	for _, state := range s.resources {
		if state.Type == typ {
			one := newResource(state)
			one.unread = r.unread
			one.name = one.state.Name()
			all = append(all, one)
		}
	}
	return all
}

// refer lists the resources of a type whose property refers to the one that is judged, by its id, ARN or name. When none does and some reference
// is not known, that is noted: it might have been the one.
func (s *stack) refer(r *resource, typ, property string) []*resource {
	return s.whose(r, typ, property, r.identifiers()...)
}

// whose lists the resources of a type whose property, or an element of it, is one of some identifiers.
func (s *stack) whose(r *resource, typ, property string, identifiers ...string) []*resource {
	var found []*resource
	missed := &unread{}
	for _, one := range s.of(r, typ) {
		one.unread = missed
		if slices.ContainsFunc(one.at(property).texts(), func(text string) bool { return text != "" && slices.Contains(identifiers, text) }) {
			found = append(found, one)
		}
		one.unread = r.unread
	}
	if len(found) == 0 {
		r.unread.unknown = append(r.unread.unknown, missed.unknown...)
		r.unread.hidden = append(r.unread.hidden, missed.hidden...)
	}
	return found
}

// identifiers are the strings by which other resources refer to this one. Those that are not known yet match nothing.
func (r *resource) identifiers() []string {
	var all []string
	for _, v := range []any{r.state.ID, r.v.(map[string]any)["arn"], r.v.(map[string]any)["name"], r.v.(map[string]any)["bucket"]} {
		if text, ok := v.(string); ok && text != "" && !isUnknown(text) {
			all = append(all, text)
		}
	}
	return all
}
