package sdkdoc

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// Declared checks the program's own declaration of a type's arguments against the provider's
// schema: each property exists there with a type that fits, and none that is required is missing.
func Declared(t *testing.T, s *schema.Schema, token string, args pulumi.Input) {
	t.Helper()
	resource := s.Resources[token]
	if !assert.NotNil(t, resource, "the provider has no type %s", token) {
		return
	}
	declared(t, token, resource.Inputs, reflect.TypeOf(args), map[reflect.Type]bool{})
}

// declared compares an object's properties with a struct. What has been seen contains itself.
func declared(t *testing.T, at string, known schema.Properties, args reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if seen[args] {
		return
	}
	seen[args] = true
	fields := map[string]bool{}
	for field := range args.Fields() {
		name := field.Tag.Get("pulumi")
		fields[name] = true
		property := known[name]
		if !assert.NotNil(t, property, "%s has no property %q", at, name) {
			continue
		}
		holds(t, at+"."+name, property.Type, field.Type, seen)
	}
	for name, property := range known {
		if property.Required {
			assert.True(t, fields[name], "%s lacks the required property %q", at, name)
		}
	}
}

// kinds are what Pulumi's inputs of one value resolve to.
var kinds = map[string][]schema.Kind{
	"String":  {schema.String},
	"Bool":    {schema.Boolean},
	"Int":     {schema.Integer, schema.Number},
	"Float64": {schema.Number},
}

// holds compares the type of a value with that of a field.
func holds(t *testing.T, at string, known *schema.Type, field reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	switch field.Kind() {
	case reflect.Struct:
		if assert.Equal(t, schema.Object, known.Kind, at) {
			declared(t, at, known.Object.Properties, field, seen)
		}
	case reflect.Slice:
		if assert.Equal(t, schema.List, known.Kind, at) {
			holds(t, at+"[]", known.Element, field.Elem(), seen)
		}
	default:
		name, ok := strings.CutSuffix(strings.TrimSuffix(field.Name(), "Input"), "Array")
		if ok && assert.Equal(t, schema.List, known.Kind, at) {
			known = known.Element
		}
		name, isMap := strings.CutSuffix(name, "Map")
		if isMap && assert.Equal(t, schema.Map, known.Kind, at) {
			known = known.Element
		}
		assert.Contains(t, kinds[strings.TrimSuffix(name, "Ptr")], known.Kind, "%s is declared as %s", at, field)
	}
}
