// Package schema holds what a provider knows of its resource types before it asks any cloud: which
// properties there are, of which types, which are required, and which replace the resource.
//
// A schema is a JSON file of the form that aws-schema.json explains in its legend. Check tells
// whether inputs fit a type, at every depth; Diff tells what a change of inputs does.
package schema

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Schema is all that is known of one provider.
type Schema struct {
	Resources map[string]*Resource // by type token
	Functions map[string]*Function // by function token
}

// Resource is one resource type.
type Resource struct {
	Token   string
	Inputs  Properties
	Outputs Properties // what the provider computes beside the inputs
}

// Function is one look-up.
type Function struct {
	Token   string
	Inputs  Properties
	Outputs Properties
}

// Properties are the properties of an object, by name.
type Properties map[string]*Property

// Property is one property of an object.
type Property struct {
	Type     *Type
	Required bool
	Replace  bool // a change replaces the resource
	Secret   bool // the provider itself marks the value
	// Deprecated is set for what still works, and will not in a later version of the provider.
	Deprecated bool
}

// Kind is the sort of a value.
type Kind string

// The kinds of values. Any is what the file leaves open: an asset, for one.
const (
	String  Kind = "string"
	Integer Kind = "integer"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	List    Kind = "list"
	Map     Kind = "map"
	Object  Kind = "object"
	Any     Kind = "any"
)

// Type is the type of a value.
type Type struct {
	Kind    Kind
	Element *Type // of a List or Map
	Object  *ObjectType
	Allowed *Allowed // of a scalar; nil where every value of the kind may be one
}

// ObjectType is an object with known properties. It may contain itself.
type ObjectType struct {
	Name       string
	Properties Properties
}

// file is a schema as it is written.
type file struct {
	Resources map[string]memberFile        `json:"resources"`
	Functions map[string]memberFile        `json:"functions"`
	Types     map[string]map[string]string `json:"types"`
}

type memberFile struct {
	Inputs  map[string]string `json:"inputs"`
	Outputs map[string]string `json:"outputs"`
}

// Parse reads a schema, and files of what its properties may be.
func Parse(raw []byte, values ...[]byte) (*Schema, error) {
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("parse the provider's schema: %w", err)
	}
	s, err := f.resolve()
	if err != nil {
		return nil, err
	}
	return s, s.restrictAll(values...)
}

func (f *file) resolve() (*Schema, error) {
	r := resolver{objects: map[string]*ObjectType{}}
	for name := range f.Types {
		r.objects[name] = &ObjectType{Name: name}
	}
	for name, properties := range f.Types {
		resolved, err := r.properties(properties)
		if err != nil {
			return nil, fmt.Errorf("resolve type %q of the schema: %w", name, err)
		}
		r.objects[name].Properties = resolved
	}
	s := &Schema{Resources: map[string]*Resource{}, Functions: map[string]*Function{}}
	for token, member := range f.Resources {
		inputs, outputs, err := r.member(member)
		if err != nil {
			return nil, fmt.Errorf("resolve resource %q of the schema: %w", token, err)
		}
		s.Resources[token] = &Resource{Token: token, Inputs: inputs, Outputs: outputs}
	}
	for token, member := range f.Functions {
		inputs, outputs, err := r.member(member)
		if err != nil {
			return nil, fmt.Errorf("resolve function %q of the schema: %w", token, err)
		}
		s.Functions[token] = &Function{Token: token, Inputs: inputs, Outputs: outputs}
	}
	return s, nil
}

type resolver struct{ objects map[string]*ObjectType }

func (r resolver) member(m memberFile) (inputs, outputs Properties, err error) {
	if inputs, err = r.properties(m.Inputs); err != nil {
		return nil, nil, err
	}
	outputs, err = r.properties(m.Outputs)
	return inputs, outputs, err
}

func (r resolver) properties(written map[string]string) (Properties, error) {
	properties := make(Properties, len(written))
	for name, text := range written {
		p, err := r.property(text)
		if err != nil {
			return nil, fmt.Errorf("property %q: %w", name, err)
		}
		properties[name] = p
	}
	return properties, nil
}

func (r resolver) property(text string) (*Property, error) {
	typ, flags, _ := strings.Cut(text, " ")
	p := &Property{}
	var err error
	if p.Type, err = r.typ(typ); err != nil {
		return nil, err
	}
	for flag := range strings.FieldsSeq(flags) {
		switch flag {
		case "required":
			p.Required = true
		case "replace":
			p.Replace = true
		case "secret":
			p.Secret = true
		case "deprecated":
			p.Deprecated = true
		default:
			return nil, fmt.Errorf("%q is not a flag, want required, replace, deprecated or secret", flag)
		}
	}
	return p, nil
}

func (r resolver) typ(text string) (*Type, error) {
	if rest, ok := strings.CutPrefix(text, "[]"); ok {
		element, err := r.typ(rest)
		return &Type{Kind: List, Element: element}, err
	}
	if rest, ok := strings.CutPrefix(text, "{}"); ok {
		element, err := r.typ(rest)
		return &Type{Kind: Map, Element: element}, err
	}
	if name, ok := strings.CutPrefix(text, "#"); ok {
		object := r.objects[name]
		if object == nil {
			return nil, fmt.Errorf("type %q is not in the schema", name)
		}
		return &Type{Kind: Object, Object: object}, nil
	}
	switch kind := Kind(text); kind {
	case String, Integer, Number, Boolean, Any:
		return &Type{Kind: kind}, nil
	}
	return nil, fmt.Errorf("%q is not a type, want string, integer, number, boolean, any, []TYPE, {}TYPE or #NAME",
		text)
}

// String writes the type as an error message shows it.
func (t *Type) String() string {
	switch t.Kind {
	case List:
		return "list of " + t.Element.String()
	case Map:
		return "map of " + t.Element.String()
	default:
		return string(t.Kind)
	}
}
