package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Allowed is what a string or number may be beside being one: of a closed set, of a form, or in a
// range.
type Allowed struct {
	OneOf   []string `json:"oneOf,omitempty"`   // numbers are written out; "" where an empty string may stand for none
	AnyCase bool     `json:"anyCase,omitempty"` // capitals make no difference
	Form    string   `json:"form,omitempty"`    // a regular expression that it matches
	Min     *float64 `json:"min,omitempty"`     // included
	Max     *float64 `json:"max,omitempty"`     // included
	Source  string   `json:"source,omitempty"`  // the document that says so; empty where the provider itself does

	form *regexp.Regexp
}

// Values are what the properties of resource types (by token) and object types (by name) may be. Of
// a list it is what each element may be.
type Values map[string]map[string]Allowed

// parseValues reads a file of values.
func parseValues(raw []byte) (Values, error) {
	var file struct{ Values Values }
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("parse the values of properties: %w", err)
	}
	return file.Values, nil
}

// restrictAll makes the values in files part of the schema.
func (s *Schema) restrictAll(files ...[]byte) error {
	for _, raw := range files {
		values, err := parseValues(raw)
		if err != nil {
			return err
		}
		if err := s.restrict(values); err != nil {
			return err
		}
	}
	return nil
}

// restrict makes the values part of the schema. A property may be restricted once.
func (s *Schema) restrict(values Values) error {
	owners := s.Owners()
	for owner, properties := range values {
		for name, allowed := range properties {
			property := owners[owner][name]
			if property == nil {
				return fmt.Errorf("restrict the values of %s of %s: the schema has no such property", name, owner)
			}
			t := property.Type.Scalar()
			if t == nil || t.Kind == Boolean || t.Allowed != nil {
				return fmt.Errorf("restrict the values of %s of %s: want a string or number, or a list of them, "+
					"that is not restricted yet", name, owner)
			}
			if allowed.Form != "" {
				var err error
				if allowed.form, err = regexp.Compile(allowed.Form); err != nil {
					return fmt.Errorf("restrict the values of %s of %s: %w", name, owner, err)
				}
			}
			t.Allowed = &allowed
		}
	}
	return nil
}

// withdraw takes values out of closed sets that are part of the schema.
func (s *Schema) withdraw(raw []byte) error {
	values, err := parseValues(raw)
	if err != nil {
		return err
	}
	owners := s.Owners()
	for owner, properties := range values {
		for name, without := range properties {
			property := owners[owner][name]
			if property == nil || property.Type.Scalar() == nil || property.Type.Scalar().Allowed == nil {
				return fmt.Errorf("withdraw values of %s of %s: it has no closed set", name, owner)
			}
			allowed := property.Type.Scalar().Allowed
			for _, value := range without.OneOf {
				if !slices.Contains(allowed.OneOf, value) {
					return fmt.Errorf("withdraw %q from the values of %s of %s: it is none of %q", value, name, owner,
						allowed.OneOf)
				}
			}
			allowed.OneOf = slices.DeleteFunc(allowed.OneOf, func(value string) bool {
				return slices.Contains(without.OneOf, value)
			})
		}
	}
	return nil
}

// Owners are the input properties of every resource type, and the properties of every object type
// that is in them.
func (s *Schema) Owners() map[string]Properties {
	owners := map[string]Properties{}
	var visit func(owner string, properties Properties)
	visit = func(owner string, properties Properties) {
		if owners[owner] != nil {
			return
		}
		owners[owner] = properties
		for _, property := range properties {
			t := property.Type
			for t.Element != nil {
				t = t.Element
			}
			if t.Kind == Object {
				visit(t.Object.Name, t.Object.Properties)
			}
		}
	}
	for token, res := range s.Resources {
		visit(token, res.Inputs)
	}
	return owners
}

// Deprecated lists the properties of every resource type and of the types inside them that are
// deprecated, as "property of type".
func Deprecated(s *Schema) []string {
	var all []string
	for owner, properties := range s.Owners() {
		for name, property := range properties {
			if property.Deprecated {
				all = append(all, name+" of "+owner)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Scalar is the type of the single values of a string, a number or a list of them; nil for other
// types.
func (t *Type) Scalar() *Type {
	for t.Kind == List {
		t = t.Element
	}
	switch t.Kind {
	case String, Integer, Number, Boolean:
		return t
	}
	return nil
}

// problem says why a scalar is not allowed; it is empty when it is.
func (a *Allowed) problem(v resource.PropertyValue) string {
	if a == nil {
		return ""
	}
	value, _ := text(v)
	if len(a.OneOf) > 0 &&
		!slices.ContainsFunc(a.OneOf, func(one string) bool {
			return one == value || a.AnyCase && strings.EqualFold(one, value)
		}) {
		return fmt.Sprintf("expected one of %s", quoted(a.OneOf, v.IsNumber()))
	}
	if a.form != nil && !a.form.MatchString(value) {
		return "expected to match " + a.Form
	}
	n, ok := number(v)
	switch {
	case !ok || (a.Min == nil || n >= *a.Min) && (a.Max == nil || n <= *a.Max):
		return ""
	case a.Max == nil:
		return "expected at least " + plain(*a.Min)
	case a.Min == nil:
		return "expected at most " + plain(*a.Max)
	}
	return "expected " + plain(*a.Min) + " to " + plain(*a.Max)
}

func quoted(values []string, numbers bool) string {
	if numbers {
		return fmt.Sprint(values)
	}
	return fmt.Sprintf("%q", values)
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
