package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Shape is what a Go type and the tags of its fields say of a setting.
type Shape struct {
	// Type is the Go type, without pointers.
	Type reflect.Type
	// Rule is of the value itself; for a list or map, of how many entries it has.
	Rule Rule
	// Fields are those of a struct, in their order.
	Fields []Field
	// Elem is the shape of the entries of a list or map; nil for anything else.
	Elem *Shape
}

// Field is a key of an object.
type Field struct {
	// Key is the key in a stack file, Name the field's in Go.
	Key, Name string
	Shape     *Shape
	// Optional says that the key may be left out, and that a zero value is one that was left out.
	// It is true of pointers, of booleans, which are false then, and of what is tagged
	// settings:"optional" or default.
	Optional bool
	// Default is the value of a key that is left out, as its tag has it; the entries of a list with
	// commas between them. Empty for none.
	Default string

	index int
}

var shapes sync.Map // of *Shape by reflect.Type

// ShapeOf reads a type. It panics at a mistake in a tag.
func ShapeOf(t reflect.Type) *Shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*Shape)
	}
	shape := newShape(t, nil)
	shapes.Store(t, shape)
	return shape
}

func newShape(t reflect.Type, tagged tags) *Shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	shape := &Shape{Type: t}
	if ruled, ok := reflect.Zero(t).Interface().(Ruled); ok {
		shape.Rule = ruled.Rule()
	}
	own := tagged
	switch t.Kind() {
	case reflect.Struct:
		for field := range t.Fields() {
			shape.Fields = append(shape.Fields, newField(field))
		}
	case reflect.Slice, reflect.Map:
		var entries tags
		own, entries = tagged.split()
		shape.Elem = newShape(t.Elem(), entries)
	}
	if t.Kind() == reflect.Map {
		if ruled, ok := reflect.Zero(t.Key()).Interface().(Ruled); ok {
			rule := ruled.Rule()
			shape.Rule.Keys = &rule
		}
	}
	shape.Rule.read(own)
	if t.Kind() == reflect.Int || t.Kind() == reflect.Float64 {
		shape.Rule.numbers()
	}
	return shape
}

func newField(field reflect.StructField) Field {
	tagged := tagsOf(string(field.Tag))
	key, _, _ := strings.Cut(tagged["json"], ",")
	if key == "" {
		panic(fmt.Sprintf("settings: field %s has no key", field.Name))
	}
	return Field{
		Key:     key,
		Name:    field.Name,
		index:   field.Index[0],
		Shape:   newShape(field.Type, tagged),
		Default: tagged["default"],
		Optional: field.Type.Kind() == reflect.Pointer || field.Type.Kind() == reflect.Bool ||
			tagged["default"] != "" ||
			slices.Contains(tagged.words(), "optional"),
	}
}

// field finds a field by its key.
func (s *Shape) field(key string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

// mustField is field for a key that the program itself names.
func (s *Shape) mustField(key string) Field {
	field, ok := s.field(key)
	if !ok {
		panic(fmt.Sprintf("settings: %s has no key %q", s.Type, key))
	}
	return field
}

func (s *Shape) keys() []string {
	var keys []string
	for _, field := range s.Fields {
		keys = append(keys, field.Key)
	}
	slices.Sort(keys)
	return keys
}

// Want says in words what the value may be.
func (s *Shape) Want() string {
	switch {
	case s.Elem != nil:
		return s.wantItems()
	case s.Fields != nil:
		return "an object"
	default:
		return s.Rule.want(s.Type.Kind())
	}
}
