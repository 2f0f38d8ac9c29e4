package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Scope says what makes the id of an object unique.
type Scope int

// The scopes.
const (
	Regional  Scope = iota // within an account and region
	Global                 // within an account, as IAM
	Worldwide              // across accounts, as S3 bucket names
	Sited                  // across accounts at one address, as what Datadog holds
)

// Kind says what the cloud computes for the objects of one type. The zero value is refused: an id
// is needed.
type Kind struct {
	// ID and ARN are templates. A name in braces is replaced: {region}, {account}, {id}, {arn} and
	// {uuid}; {hex17} by 17 hexadecimal digits, {alnum13} by 13 capitals and digits, and so on for
	// every number; else by the property of that name, which may be computed. An object without ARN
	// leaves it empty.
	ID  string
	ARN string

	// Terms are further names for the templates, for what is no property of the object as such: the
	// next revision of a family, the name of what it belongs to.
	Terms func(*Request, *Outputs) map[string]string

	Scope Scope

	// Naming is the property that names the object, and gets Pulumi's auto-name when it is absent.
	Naming Naming

	// Defaults are the inputs that the provider fills in when they are absent.
	Defaults map[string]any

	// Compute sets what the cloud computes beside id, arn, tagsAll and ownerId. It does not run in
	// previews.
	Compute func(*Request, *Outputs)

	// Absent are outputs that have no value for the objects this model makes.
	Absent []string

	// Filled are inputs inside which the cloud computes something, such as the ids of the parts of
	// a list. A preview that changes one does not know it.
	Filled []string

	// Shown are inputs whose value the cloud may not take over when it makes the object: a preview
	// compares them with what the state says that the object has, as the provider does, and not
	// with what was asked for.
	Shown []string

	// Put is set for what belongs to another object and is there once, such as the policy of a
	// repository: making it again puts the new one in the place of the old. Deleting either of two
	// resources that stand for it deletes it.
	Put bool

	// Standing are the properties of what every account and region has without making it, such as
	// its settings: they are read as long as nobody has changed them.
	Standing map[string]any

	// WriteOnly are inputs that the cloud never returns, such as passwords. A read gives those back
	// that the state has.
	WriteOnly []string

	// Owned are objects that live and die with this one, such as network interfaces. Their ids must
	// stay the same from one update to the next: see StableID.
	Owned func(*Request, *Outputs) []Part

	// Within is set for what vanishes with the object that it is part of, as a rule with its
	// security group.
	Within *Containment

	// Adopt is set for a resource that takes over an object which came along with another. The
	// resource's deletion leaves that object in place.
	Adopt *Adoption

	// Import is what an import calls an object, for a type that has no import by its id. Nil: its
	// id.
	Import func(*cloud.Object) string

	// Remains says what a deletion leaves in the cloud, which may be the deleted object itself in
	// another state.
	Remains func(r *Request, deleted *cloud.Object) []*cloud.Object
}

// Containment says what an object is part of: the object of a type whose id is in a property.
type Containment struct {
	Type     string
	Property string
}

// Adoption says which object a resource takes over.
type Adoption struct {
	Type string // under which the object is in the cloud
	Find func(*Request) (*cloud.Object, error)
}

// Naming is how a type gets its physical name. A type without a name leaves it empty.
type Naming struct {
	Property string
	Max      int    // characters, with Pulumi's seven; see resource.NewUniqueName
	Prefix   string // comes first, as alias/
	Lower    bool   // the name is lower-cased
	Fixed    bool   // never auto-named
}

// Part is an object that another one owns.
type Part struct {
	Type    string
	ID      string
	Name    string
	ARN     string
	Outputs map[string]any
}

// Outputs are the properties of an object as they are computed: inputs, defaults and what was set
// so far.
type Outputs struct {
	Values
	old   Values
	terms map[string]string
}

// Set gives a property its value: a string, number, boolean, list or map.
func (o *Outputs) Set(name string, value any) {
	o.Values[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
}

// Once sets a property that never changes again: an update keeps the value that the creation made.
func (o *Outputs) Once(name string, make func() any) {
	if o.old.Has(name) {
		o.Values[resource.PropertyKey(name)] = o.old.get(name)
		return
	}
	o.Set(name, make())
}

// Default sets an optional input that the cloud chooses when it is absent.
func (o *Outputs) Default(name string, make func() any) {
	if !o.Has(name) {
		o.Once(name, make)
	}
}

// Expand replaces the braces of a template: see Kind.
func (o *Outputs) Expand(r *Request, template string) (string, error) {
	var b strings.Builder
	for rest := template; rest != ""; {
		before, after, open := strings.Cut(rest, "{")
		b.WriteString(before)
		if !open {
			break
		}
		name, next, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("expand %q: a brace is not closed", template)
		}
		value, err := o.placeholder(r, name)
		if err != nil {
			return "", fmt.Errorf("expand %q: %w", template, err)
		}
		b.WriteString(value)
		rest = next
	}
	return b.String(), nil
}

func (o *Outputs) placeholder(r *Request, name string) (string, error) {
	switch name {
	case "region":
		return r.Region, nil
	case "account":
		return r.Account, nil
	case "uuid":
		return UUID(), nil
	}
	if digits, ok := strings.CutPrefix(name, "hex"); ok {
		if n, err := strconv.Atoi(digits); err == nil {
			return Random("0123456789abcdef", n), nil
		}
	}
	if digits, ok := strings.CutPrefix(name, "alnum"); ok {
		if n, err := strconv.Atoi(digits); err == nil {
			return Random("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", n), nil
		}
	}
	if term, ok := o.terms[name]; ok {
		return term, nil
	}
	if !o.Has(name) {
		return "", fmt.Errorf("%s has no property %q to put there", r.Type, name)
	}
	return o.Text(name), nil
}

// Random returns n random characters of an alphabet.
func Random(alphabet string, n int) string {
	out := make([]byte, n)
	for i := range out {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand documents that it never fails on supported systems
		}
		out[i] = alphabet[k.Int64()]
	}
	return string(out)
}

// StableID returns an id of n hexadecimal digits that follows from what it is made of.
func StableID(prefix string, n int, from ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(from, "\x00")))
	return prefix + hex.EncodeToString(sum[:])[:n]
}

// UUID returns a random identifier in UUID form.
func UUID() string {
	digits := Random("0123456789abcdef", 32)
	return strings.Join([]string{digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]}, "-")
}

// naming returns how a type is named: as its kind says, else by "name" where that is optional, as
// Pulumi's bridge does for every provider.
func naming(k *Kind, res *schema.Resource) Naming {
	if k.Naming.Property != "" {
		return k.Naming
	}
	p := res.Inputs["name"]
	if p == nil || p.Type.Kind != schema.String {
		return Naming{}
	}
	return Naming{Property: "name", Max: 255, Fixed: p.Required}
}
