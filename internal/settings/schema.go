package settings

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Schema is a part of a JSON Schema, with the keywords that shapes need, in the order in which they
// are written.
// https://json-schema.org/draft/2020-12/schema
type Schema struct {
	Ref         string `json:"$ref,omitempty"`
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
	Default     any    `json:"default,omitempty"`
	Enum        []any  `json:"enum,omitempty"`
	Const       any    `json:"const,omitempty"`

	Minimum          *float64 `json:"minimum,omitempty"`
	ExclusiveMinimum *float64 `json:"exclusiveMinimum,omitempty"`
	Maximum          *float64 `json:"maximum,omitempty"`
	ExclusiveMaximum *float64 `json:"exclusiveMaximum,omitempty"`
	MultipleOf       float64  `json:"multipleOf,omitempty"`
	Not              *Schema  `json:"not,omitempty"`

	Pattern   string   `json:"pattern,omitempty"`
	MinLength *float64 `json:"minLength,omitempty"`
	MaxLength *float64 `json:"maxLength,omitempty"`
	Format    string   `json:"format,omitempty"`

	MinItems    *float64 `json:"minItems,omitempty"`
	MaxItems    *float64 `json:"maxItems,omitempty"`
	UniqueItems bool     `json:"uniqueItems,omitempty"`
	Items       *Schema  `json:"items,omitempty"`

	MinProperties *float64   `json:"minProperties,omitempty"`
	MaxProperties *float64   `json:"maxProperties,omitempty"`
	PropertyNames *Schema    `json:"propertyNames,omitempty"`
	Required      []string   `json:"required,omitempty"`
	Properties    Properties `json:"properties,omitempty"`
	Patterns      Properties `json:"patternProperties,omitempty"`
	// Additional is false, or the schema of the entries of a map.
	Additional any `json:"additionalProperties,omitempty"`
}

// Properties are the keys of an object in the order in which they are written.
type Properties []Property

// Property is a key of an object.
type Property struct {
	Key    string
	Schema *Schema
}

// MarshalJSON implements json.Marshaler.
func (p Properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, property := range p {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(strconv.Quote(property.Key) + ":")
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(property.Schema); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Docs are the doc comments of types, and of fields by their name in Go; the comment of a type
// itself has no field.
type Docs func(t reflect.Type, field string) string

// Schema is what editors may know of a shape: all but what Rule.Valid and Validate methods check.
func (s *Shape) Schema(docs Docs) *Schema {
	schema := &Schema{}
	switch s.Type.Kind() {
	case reflect.Struct:
		s.object(schema, docs)
	case reflect.Map:
		schema.Type = "object"
		schema.MinProperties, schema.MaxProperties = s.Rule.Items.Least, s.Rule.Items.Most
		if s.Rule.Keys != nil {
			schema.PropertyNames = &Schema{}
			s.Rule.Keys.text(schema.PropertyNames)
		}
		schema.Additional = s.Elem.Schema(docs)
	case reflect.Slice:
		schema.Type, schema.UniqueItems = "array", s.Rule.Unique
		schema.MinItems, schema.MaxItems = s.Rule.Items.Least, s.Rule.Items.Most
		schema.Items = s.Elem.Schema(docs)
	case reflect.Bool:
		schema.Type = "boolean"
	case reflect.String:
		schema.Type = "string"
		s.Rule.text(schema)
	case reflect.Int:
		schema.Type = "integer"
		s.Rule.number(schema)
	default:
		schema.Type = "number"
		s.Rule.number(schema)
	}
	if len(s.Rule.Values) > 0 {
		schema.Type, schema.Enum = "", s.Rule.Values
	}
	return schema
}

func (s *Shape) object(schema *Schema, docs Docs) {
	schema.Type, schema.Additional, schema.Description = "object", false, docs(s.Type, "")
	for _, field := range s.Fields {
		property := field.Shape.Schema(docs)
		property.Description = docs(s.Type, field.Name)
		if field.Shape.Rule.Unit != "" && field.Shape.Elem == nil {
			property.Description += " In " + field.Shape.Rule.Unit + "."
		}
		if field.Optional {
			property.orEmpty()
		} else {
			schema.Required = append(schema.Required, field.Key)
		}
		if field.Default != "" {
			property.Default = field.value()
		}
		schema.Properties = append(schema.Properties, Property{field.Key, property})
	}
}

// value is the default as JSON has it.
func (f Field) value() any {
	into := reflect.New(f.Shape.Type).Elem()
	setDefault(into, f.Default)
	return into.Interface()
}

func (r Rule) text(schema *Schema) {
	if r.Pattern != nil {
		schema.Pattern = r.Pattern.String()
	}
	schema.MinLength, schema.MaxLength = r.Length.Least, r.Length.Most
	if formats[r.Format].standard {
		schema.Format = r.Format
	}
}

func (r Rule) number(schema *Schema) {
	schema.MultipleOf = r.Step
	if r.Range.Above {
		schema.ExclusiveMinimum = r.Range.Least
	} else {
		schema.Minimum = r.Range.Least
	}
	if r.Range.Below {
		schema.ExclusiveMaximum = r.Range.Most
	} else {
		schema.Maximum = r.Range.Most
	}
}

// orEmpty also admits the value of a key that was left out: an empty text or list, or 0.
func (s *Schema) orEmpty() {
	switch s.Type {
	case "array":
		if s.MinItems != nil && *s.MinItems > 0 {
			s.Not = &Schema{MinItems: new(1.0), MaxItems: new(*s.MinItems - 1)}
			s.MinItems = nil
		}
	case "object":
		s.MinProperties = nil
	case "string":
		s.MinLength = nil
		switch inner, ends := strings.CutSuffix(s.Pattern, "$"); {
		case s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(""):
		case ends && strings.HasPrefix(inner, "^"):
			s.Pattern = "^(" + inner[1:] + ")?$"
		default:
			s.Pattern = "^$|" + s.Pattern
		}
	case "integer", "number":
		switch {
		case s.ExclusiveMinimum != nil && *s.ExclusiveMinimum == 0:
			s.Minimum, s.ExclusiveMinimum = new(0.0), nil
		case s.Type == "integer" && s.Minimum != nil && *s.Minimum == 1:
			s.Minimum = new(0.0)
		case s.Minimum != nil && *s.Minimum > 0:
			s.Not = &Schema{ExclusiveMinimum: new(0.0), ExclusiveMaximum: s.Minimum}
			s.Minimum = new(0.0)
		}
	case "": // a closed set
		empty := reflect.Zero(reflect.TypeOf(s.Enum[0])).Interface()
		if !slices.Contains(s.Enum, empty) {
			s.Enum = append([]any{empty}, s.Enum...)
		}
	}
}
