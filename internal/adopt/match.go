package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
)

// Fate is what becomes of an object.
type Fate int

// The fates.
const (
	Becomes Fate = iota // a resource of this program
	Beside              // stays beside what replaces it, until Terraform drops it
	Nobody              // owned by nobody once Terraform has let go of it
	New                 // made by this program, since Terraform has none
)

// Row is an object of Terraform's, or a resource of the program that Terraform has none for.
type Row struct {
	Fate     Fate
	File     string // of the state; empty for what is new
	Address  string // Terraform's; empty for what is new
	ID       string // as pulumi import takes it; empty for what is not imported
	Resource string // the program's, type and name; empty for what it has none for
	Note     string
}

// Setting is a value that the stack file must have for nothing to be replaced or lost.
type Setting struct {
	Path   []string // below config, such as bookmark-manager:network, nat
	Value  any
	Reason string
}

// Key is the setting's path, as `pulumi config set --path` takes it.
func (s Setting) Key() string { return strings.Join(s.Path, ".") }

// Secret is a value that is set in the stack's configuration and never printed.
type Secret struct {
	Key     string // of the configuration
	Address string // of the object that it is read from
	value   string
}

// Refusal is a reason for which nothing must be adopted yet.
type Refusal struct {
	What string // the object, or its attribute
	Why  string // and what to do
}

// Said are the losses that the operator has accepted, by flags of the command.
type Said struct {
	Unencrypted bool     // the database is adopted although its storage is not encrypted
	ShorterLogs bool     // log lines that are older than the new retention are deleted
	Leave       []string // addresses of objects with data that nothing will manage
}

// Adoption is what becomes of a Terraform production.
type Adoption struct {
	Rows     []Row
	Config   adopted.Config
	Settings []Setting
	Secrets  []Secret
	Refusals []Refusal
}

// matcher finds, for each object, the resource of the program that it is.
type matcher struct {
	stack *Stack
	said  Said
	open  []Instance // nothing has been said of these yet
	// everything is every object, for what one says of another.
	everything []Instance
	result     *Adoption
	wanted     []wanted
	zones      []Zone // as the stack file is to have them
}

// wanted is a resource that the program makes unless an object becomes it.
type wanted struct{ resource, note string }

// Match says of every object what becomes of it. Objects are told by their type and by what they
// are, and never by the address that Terraform has for them.
func Match(stack *Stack, states []State, said Said) *Adoption {
	m := &matcher{stack: stack, said: said, result: &Adoption{
		Config: adopted.Config{Stage: adopted.Take, Resources: map[string]adopted.Resource{}},
	}}
	for _, state := range states {
		m.open = append(m.open, state.Instances...)
	}
	m.everything = slices.Clone(m.open)
	m.state()
	for _, area := range []func(){
		m.network, m.balancing, m.compute, m.data, m.buckets, m.edge, m.watch, m.external, m.access, m.rest,
	} {
		area()
	}
	for _, one := range m.wanted {
		if _, taken := m.result.Config.Resources[one.resource]; !taken {
			m.result.Rows = append(m.result.Rows, Row{Fate: New, Resource: one.resource, Note: one.note})
		}
	}
	slices.SortStableFunc(m.result.Rows, func(a, b Row) int {
		if a.Fate != b.Fate {
			return int(a.Fate) - int(b.Fate)
		}
		return strings.Compare(a.Address+" "+a.Resource, b.Address+" "+b.Resource)
	})
	for _, secret := range m.result.Secrets {
		if secret.value == "" {
			m.refuse(secret.Address,
				"its value is not in the state, and %s is to be set to it; take the output of `terraform state pull`",
				secret.Key)
		}
	}
	slices.SortStableFunc(m.result.Refusals, func(a, b Refusal) int { return strings.Compare(a.What, b.What) })
	return m.result
}

// of are the objects of some types of which nothing has been said.
func (m *matcher) of(types ...string) []Instance {
	var found []Instance
	for _, one := range m.open {
		if slices.Contains(types, one.Type) {
			found = append(found, one)
		}
	}
	return found
}

// only is the one object of a type, and false where there is none. A second one is refused.
func (m *matcher) only(what string, found []Instance) (Instance, bool) {
	if len(found) == 0 {
		return Instance{}, false
	}
	for _, other := range found[1:] {
		m.refuse(other.Address,
			"it is a second %s beside %s, and the stack has one; leave the state or the object out that is not "+
				"this production's",
			what, found[0].Address)
	}
	return found[0], true
}

func (m *matcher) done(i Instance) {
	m.open = slices.DeleteFunc(m.open, func(other Instance) bool {
		return other.File == i.File &&
			other.Address == i.Address
	})
}

// becomes records that an object is imported as a resource. keep are the properties that keep their
// values, with the reasons.
func (m *matcher) becomes(i Instance, typ, name, id string, keep map[string]string) {
	m.holds(i, typ, name, id, keep, "")
}

// holds is becomes for an object that stays frozen until stage hold. With held, only these
// properties stay frozen from stage move on.
func (m *matcher) holds(i Instance, typ, name, id string, keep map[string]string, hold adopted.Hold, held ...string) {
	m.done(i)
	m.imports(i, typ, name, adopted.Resource{ID: id, Keep: keep, Hold: hold, Held: held})
}

// imports is holds for what is no object of its own in Terraform's state, such as a route within
// its table.
func (m *matcher) imports(i Instance, typ, name string, as adopted.Resource) {
	resource := typ + " " + name
	if other, taken := m.result.Config.Resources[resource]; taken {
		m.refuse(i.Address,
			"it would become %s, which %s becomes already; leave out the one that is not this production's",
			resource, other.ID)
		return
	}
	m.result.Config.Resources[resource] = as
	m.result.Rows = append(m.result.Rows, Row{Becomes, i.File, i.Address, as.ID, resource,
		strings.Join(sortedKeys(as.Keep), ", ")})
}

// overwritten has an object become a resource that is not imported: the program writes the same
// over it.
func (m *matcher) overwritten(i Instance, typ, name, note string) {
	m.done(i)
	m.result.Rows = append(m.result.Rows, Row{Becomes, i.File, i.Address, "", typ + " " + name, note})
}

// beside says that an object stays until Terraform drops it.
func (m *matcher) beside(i Instance, note string) {
	m.done(i)
	m.result.Rows = append(m.result.Rows, Row{Fate: Beside, File: i.File, Address: i.Address, ID: i.ID(), Note: note})
}

// nobody records that the program has no such resource, and that the object is not to be destroyed.
func (m *matcher) nobody(i Instance, note string) {
	m.done(i)
	m.result.Rows = append(m.result.Rows, Row{Fate: Nobody, File: i.File, Address: i.Address, ID: i.ID(), Note: note})
}

// want lists resources that the program makes unless an object becomes them.
func (m *matcher) want(note, typ string, names ...string) {
	for _, name := range names {
		m.wanted = append(m.wanted, wanted{typ + " " + name, note})
	}
}

func (m *matcher) refuse(what, why string, args ...any) {
	m.result.Refusals = append(m.result.Refusals, Refusal{what, fmt.Sprintf(why, args...)})
}

// forces refuses an attribute that is not what the program sends, where another value has the
// object replaced.
func (m *matcher) forces(i Instance, attribute, found, want, remedy string) {
	if found != want {
		m.refuse(i.Address+"."+attribute, "found %q, want %q: another one replaces the object; %s", found, want,
			remedy)
	}
}

// set asks for a setting unless the stack file has it already.
func (m *matcher) set(section string, path []string, value any, reason string) {
	setting := Setting{append([]string{"bookmark-manager:" + section}, path...), value, reason}
	if same(m.stack.at(setting.Path), value) {
		return
	}
	for _, other := range m.result.Settings {
		if other.Key() != setting.Key() {
			continue
		}
		if !same(other.Value, value) {
			m.refuse(setting.Key(), "found both %v and %v, want one; make them the same with Terraform first",
				other.Value, value)
		}
		return
	}
	m.result.Settings = append(m.result.Settings, setting)
}

func (m *matcher) secret(key, address, value string) {
	m.result.Secrets = append(m.result.Secrets, Secret{key, address, value})
}
