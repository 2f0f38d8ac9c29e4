package compliance

import (
	"encoding/json"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Control is one rule, and how it is judged. A control that fails on a relation, such as a bucket
// without a public access block, is about the resource that lacks something.
type Control struct {
	ID  string // FSBP's, such as "S3.8"
	CIS string // the number in CIS AWS Foundations v3.0.0; empty if the benchmark has no such control
	// whether it is of another standard only: CIS, NIST SP 800-53 in Security Hub, or AWS
	// Well-Architected
	NotFSBP  bool
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

// unread are the paths of values that a check needed and could not read. The verdict is then
// Unknown or Hidden, whatever the check returned.
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

// newResource merges what the program chose with what the cloud computed. What it chose is what
// will be, so it goes first.
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
	return &resource{state: state, value: value{plan.ValueOf("", merged), &unread{}}}
}

// value is a value within a resource, which notes when it cannot be read.
type value struct {
	in     plan.Value
	unread *unread
}

func (v value) path() string { return v.in.Path }

func isUnknown(v any) bool { return plan.ValueOf("", v).Unknown() }

// read notes a value that cannot be read, and is nil for it.
func (v value) read() any {
	switch {
	case v.in.Unknown():
		v.unread.note(&v.unread.unknown, v.in.Path)
	case v.in.Hidden():
		v.unread.note(&v.unread.hidden, v.in.Path)
	}
	return v.in.Raw()
}

// at follows property names, separated by dots.
func (v value) at(path string) value {
	v.in = v.in.At(path)
	return v
}

// key is the property of that very name: the key of a condition may have dots in it.
func (v value) key(name string) value {
	v.in = v.in.Property(name)
	return v
}

func (v value) present() bool { return v.read() != nil }

func (v value) text() string {
	v.read()
	return v.in.Text()
}

func (v value) yes() bool {
	v.read()
	yes, _ := v.in.Bool()
	return yes
}

func (v value) number() float64 {
	v.read()
	number, _ := v.in.Number()
	return number
}

// list is the elements of a list; a single value is a list of itself, as in IAM's documents.
func (v value) list() []value {
	switch v.read().(type) {
	case nil:
		return nil
	case []any:
		var all []value
		for _, one := range v.in.List() {
			all = append(all, value{one, v.unread})
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

// parsed is the value of a string that holds JSON. One that does not parse counts as unknown, so
// nothing passes because of it.
func (v value) parsed() value {
	text := v.text()
	if text == "" {
		return value{plan.ValueOf(v.in.Path, nil), v.unread}
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		v.unread.note(&v.unread.unknown, v.in.Path+" (it is no JSON)")
	}
	return value{plan.ValueOf(v.in.Path, parsed), v.unread}
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
			one.in = plan.ValueOf(one.state.Name(), one.in.Raw())
			all = append(all, one)
		}
	}
	return all
}

// refer lists the resources of a type whose property refers to the one that is judged, by its id,
// ARN or name. When none does and some reference is not known, that is noted: it might have been
// the one.
func (s *stack) refer(r *resource, typ, property string) []*resource {
	return s.whose(r, typ, property, r.identifiers()...)
}

// whose lists the resources of a type whose property, or an element of it, is one of some
// identifiers.
func (s *stack) whose(r *resource, typ, property string, identifiers ...string) []*resource {
	var found []*resource
	missed := &unread{}
	for _, one := range s.of(r, typ) {
		one.unread = missed
		if slices.ContainsFunc(one.at(property).texts(), func(text string) bool {
			return text != "" && slices.Contains(identifiers, text)
		}) {
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

// identifiers are the strings by which other resources refer to this one. Those that are not known
// yet match nothing.
func (r *resource) identifiers() []string {
	var all []string
	for _, text := range []string{r.state.ID, r.in.At("arn").Text(), r.in.At("name").Text(), r.in.At("bucket").Text()} {
		if text != "" && !isUnknown(text) {
			all = append(all, text)
		}
	}
	return all
}
