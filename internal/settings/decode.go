package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Section decodes and checks the JSON object raw. Its problems are those of Decode, and those of
// validate that do not follow from them. A key that is not there is found to be nothing, whatever
// its zero value is in Go.
func Section[T any](raw string, validate func(T) Problems) (T, Problems) {
	var value T
	tree, problems := decode(raw, &value)
	for _, problem := range validate(value).Except(problems) {
		switch found, given := find(tree, problem.Path); {
		case !given:
			problem.Found = ""
		case found == "":
			problem.Found = describe(found)
		}
		problems = append(problems, problem)
	}
	return value, problems
}

// Decode fills into (a pointer to a struct or map) from the JSON object raw. Every unknown key,
// every value of the wrong type and every key that is missing and not optional is a problem, with
// its path relative to the section; what is right is decoded all the same. A null is a key that is
// missing.
func Decode(raw string, into any) Problems {
	_, problems := decode(raw, into)
	return problems
}

// decode also returns the object as it was written; nil when it is none.
func decode(raw string, into any) (tree any, problems Problems) {
	reader := json.NewDecoder(bytes.NewReader([]byte(raw)))
	reader.UseNumber() // a float64 would turn 2.5 into 2 where an integer is wanted
	if err := reader.Decode(&tree); err != nil {
		problems.Add("", raw, "an object (%v)", err)
		return nil, problems
	}
	if _, err := reader.Token(); !errors.Is(err, io.EOF) {
		problems.Add("", raw, "one object, with nothing behind it")
		return nil, problems
	}
	if tree == nil {
		problems.Add("", nil, "an object")
	}
	target := reflect.ValueOf(into).Elem()
	problems.fill("", tree, target, ShapeOf(target.Type()))
	return tree, problems
}

// fill sets into to the value found at a path, or records why it cannot.
func (p *Problems) fill(path string, found any, into reflect.Value, shape *Shape) {
	if found == nil {
		return
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch v := found.(type) {
	case map[string]any:
		if p.fillObject(path, v, into, shape) {
			return
		}
	case []any:
		if into.Kind() == reflect.Slice {
			p.fillList(path, v, into, shape)
			return
		}
	case json.Number:
		if setNumber(v, into) {
			return
		}
	case string:
		if into.Kind() == reflect.String {
			into.SetString(v)
			return
		}
	case bool:
		if into.Kind() == reflect.Bool {
			into.SetBool(v)
			return
		}
	}
	p.Add(path, found, "%s", wanted(into.Kind()))
}

// fillObject is false when into takes no object.
func (p *Problems) fillObject(path string, object map[string]any, into reflect.Value, shape *Shape) bool {
	switch into.Kind() {
	case reflect.Struct:
		for _, key := range slices.Sorted(maps.Keys(object)) {
			if field, known := shape.field(key); known {
				p.fill(Key(path, key), object[key], into.Field(field.index), field.Shape)
			} else {
				p.unknown(Key(path, key), key, object[key], shape.keys())
			}
		}
		for _, field := range shape.Fields {
			if !field.Optional && object[field.Key] == nil {
				p.missing(Key(path, field.Key), field.Shape)
			}
		}
	case reflect.Map:
		into.Set(reflect.MakeMapWithSize(into.Type(), len(object)))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			entry := reflect.New(into.Type().Elem()).Elem()
			p.fill(Key(path, key), object[key], entry, shape.Elem)
			into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), entry)
		}
	default:
		return false
	}
	return true
}

// missing records a key that must be there. Of an object it records what it would have to hold.
func (p *Problems) missing(path string, shape *Shape) {
	before := len(*p)
	for _, field := range shape.Fields {
		if !field.Optional {
			p.missing(Key(path, field.Key), field.Shape)
		}
	}
	if len(*p) == before {
		p.Add(path, nil, "%s", shape.Want())
	}
}

// unknown records a key that an object does not have, and the one that was meant, if there is one
// like it.
func (p *Problems) unknown(path, key string, found any, known []string) {
	p.Add(path, found, "no such key")
	(*p)[len(*p)-1].Message = UnknownKey(key, known)
}

// UnknownKey says what is wrong with a key that is none of those known, and names the one that was
// meant if there is one like it.
func UnknownKey(key string, known []string) string {
	// Two letters that changed places are two edits, so that what counts is the beginning too.
	params := levenshtein.NewParams().BonusThreshold(0)
	likeness := func(other string) float64 {
		return levenshtein.Match(strings.ToLower(key), strings.ToLower(other), params)
	}
	const alike = 0.55
	best := ""
	for _, other := range known {
		if likeness(other) >= alike && (best == "" || likeness(other) > likeness(best)) {
			best = other
		}
	}
	if best != "" {
		return fmt.Sprintf("unknown key %q; did you mean %q?", key, best)
	}
	return fmt.Sprintf("unknown key %q; there are %s", key, strings.Join(known, ", "))
}

func (p *Problems) fillList(path string, list []any, into reflect.Value, shape *Shape) {
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, element := range list {
		if element == nil {
			p.Add(at(path, i), nil, "%s", wanted(shape.Elem.Type.Kind()))
			continue
		}
		p.fill(at(path, i), element, into.Index(i), shape.Elem)
	}
}

// setNumber is false when into takes no number, or not this one.
func setNumber(number json.Number, into reflect.Value) bool {
	switch into.Kind() {
	case reflect.Int:
		whole, err := strconv.ParseInt(number.String(), 10, into.Type().Bits())
		if err == nil {
			into.SetInt(whole)
		}
		return err == nil
	case reflect.Float64:
		value, err := number.Float64()
		if err == nil {
			into.SetFloat(value)
		}
		return err == nil
	default:
		return false
	}
}

// wanted says in the words of a stack file what a kind of value decodes from.
func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string (quote it)"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}

// find returns the value of an object at a path, and whether there is one. What is no path into the
// object counts as given.
func find(tree any, path string) (found any, given bool) {
	steps, err := resource.ParsePropertyPath(path)
	if err != nil {
		return nil, true
	}
	for _, step := range steps {
		switch node := tree.(type) {
		case map[string]any:
			key, _ := step.(string)
			tree = node[key]
		case []any:
			i, _ := step.(int)
			if i >= len(node) {
				return nil, false
			}
			tree = node[i]
		default:
			return nil, tree != nil
		}
	}
	return tree, tree != nil
}

// Strings are the values of a list of named texts.
func Strings[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// OneOf lists the values of a closed set for a problem's Allowed.
func OneOf[T ~string](values ...T) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(string(value))
	}
	return fmt.Sprintf("one of %s", strings.Join(quoted, ", "))
}
