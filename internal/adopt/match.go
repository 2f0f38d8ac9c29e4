package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
)

// An object of Terraform's state takes one of three ways. Which one is decided in the files of the
// areas (network.go, compute.go, data.go and so on) by one call for each object:
//
//   - importAs and importFrozen: Pulumi imports it in stage take, frozen (ignoreChanges on every
//     property) until stage move, or until close. Properties whose change would replace the object
//     stay in ignoreChanges for good. The release script takes it out of Terraform's state
//     (terraform state rm). overwrite is the same without an import: the program creates the
//     resource, and AWS has the object take its values.
//   - leaveToTerraform: the program creates another resource in its place, next to it. The object
//     stays in Terraform's state and in use until stage close; terraform destroy deletes it at the
//     end.
//   - unmanage: the program has nothing of the kind. The release script takes it out of Terraform's
//     state without deleting it, and from then on nobody manages it.
//
// Beside the objects the result has the resources that are created for lack of one
// (expect), the settings that the stack file must have (requireSetting) and the reasons not to
// begin (refuse, refuseReplacement). release.go writes the release script, undo.go the way back.

// Fate is what becomes of an object.
type Fate int

// The fates.
const (
	Adopted         Fate = iota // a resource of this program, by an import or by being overwritten
	LeftToTerraform             // left to Terraform, next to the resource that replaces it
	Unmanaged                   // unmanaged once it is out of Terraform's state
	Created                     // created by this program, since Terraform has none
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

// Accepted are the losses that the operator has accepted, by flags of the command.
type Accepted struct {
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
	stack    *Stack
	accepted Accepted
	// undecided are the objects of which nothing is decided yet.
	undecided []Instance
	// all are the objects of all states: one often shows what another is for.
	all      []Instance
	result   *Adoption
	expected []expected
	zones    []Zone // as the stack file is to have them
}

// expected is a resource that the program creates unless an object is imported as it.
type expected struct{ resource, note string }

// Match says of every object what becomes of it. Objects are recognized by their type and
// properties, and never by the address that Terraform has for them.
func Match(stack *Stack, states []State, accepted Accepted) *Adoption {
	m := &matcher{stack: stack, accepted: accepted, result: &Adoption{
		Config: adopted.Config{Stage: adopted.Take, Resources: map[string]adopted.Resource{}},
	}}
	for _, state := range states {
		m.undecided = append(m.undecided, state.Instances...)
	}
	m.all = slices.Clone(m.undecided)
	m.state()
	for _, area := range []func(){
		m.network, m.balancing, m.compute, m.data, m.buckets, m.edge, m.watch, m.external, m.access, m.rest,
	} {
		area()
	}
	for _, one := range m.expected {
		if _, imported := m.result.Config.Resources[one.resource]; !imported {
			m.result.Rows = append(m.result.Rows, Row{Fate: Created, Resource: one.resource, Note: one.note})
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

// of are the objects of some types of which nothing is decided.
func (m *matcher) of(types ...string) []Instance {
	var found []Instance
	for _, one := range m.undecided {
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

// decide takes an object out of those of which nothing is decided.
func (m *matcher) decide(i Instance) {
	m.undecided = slices.DeleteFunc(m.undecided, func(other Instance) bool {
		return other.File == i.File &&
			other.Address == i.Address
	})
}

// importAs has an object imported as a resource, by the id that pulumi import takes. ignored are
// the properties whose changes are ignored for good, with the reasons. A part that Terraform counts
// with its whole, such as a route within its table, is imported by the whole's instance.
func (m *matcher) importAs(i Instance, typ, name, id string, ignored map[string]string) {
	m.importFrozen(i, typ, name, id, ignored, "")
}

// importFrozen is importAs for an object that stays frozen until a stage; empty is move. With
// properties, these alone stay frozen in stage move.
func (m *matcher) importFrozen(
	i Instance, typ, name, id string, ignored map[string]string, until adopted.Stage, properties ...string,
) {
	m.decide(i)
	resource := typ + " " + name
	if other, twice := m.result.Config.Resources[resource]; twice {
		m.refuse(i.Address,
			"it would become %s, which %s becomes already; leave out the one that is not this production's",
			resource, other.ID)
		return
	}
	m.result.Config.Resources[resource] = adopted.Resource{
		ID:            id,
		IgnoreChanges: ignored,
		FrozenUntil:   until,
		FrozenInMove:  properties,
	}
	m.result.Rows = append(m.result.Rows, Row{
		Fate:     Adopted,
		File:     i.File,
		Address:  i.Address,
		ID:       id,
		Resource: resource,
		Note:     strings.Join(sortedKeys(ignored), ", "),
	})
}

// overwrite has an object become a resource without an import: the program's create request writes
// the same values over it.
func (m *matcher) overwrite(i Instance, typ, name, note string) {
	m.decide(i)
	m.result.Rows = append(m.result.Rows, Row{
		Fate:     Adopted,
		File:     i.File,
		Address:  i.Address,
		Resource: typ + " " + name,
		Note:     note,
	})
}

// leaveToTerraform leaves an object that the program replaces in Terraform's state, until terraform
// destroy deletes it.
func (m *matcher) leaveToTerraform(i Instance, note string) {
	m.decide(i)
	m.row(LeftToTerraform, i, note)
}

// unmanage has an object that the program has no resource for taken out of Terraform's state, and
// not deleted.
func (m *matcher) unmanage(i Instance, note string) {
	m.decide(i)
	m.row(Unmanaged, i, note)
}

// row adds a row for an object that becomes no resource.
func (m *matcher) row(fate Fate, i Instance, note string) {
	m.result.Rows = append(m.result.Rows, Row{
		Fate:    fate,
		File:    i.File,
		Address: i.Address,
		ID:      i.ID(),
		Note:    note,
	})
}

// expect lists resources that the program creates unless an object is imported as them.
func (m *matcher) expect(note, typ string, names ...string) {
	for _, name := range names {
		m.expected = append(m.expected, expected{typ + " " + name, note})
	}
}

// refuse adds a reason for which nothing must be adopted yet.
func (m *matcher) refuse(what, why string, args ...any) {
	m.result.Refusals = append(m.result.Refusals, Refusal{what, fmt.Sprintf(why, args...)})
}

// refuseReplacement refuses an attribute that differs from what the program sends, where a change
// replaces the object (ForceNew in the provider).
func (m *matcher) refuseReplacement(i Instance, attribute, found, want, remedy string) {
	if found != want {
		m.refuse(i.Address+"."+attribute, "found %q, want %q: another one replaces the object; %s", found, want,
			remedy)
	}
}

// requireSetting lists a setting that the stack file must have, unless it has it already.
func (m *matcher) requireSetting(section string, path []string, value any, reason string) {
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
