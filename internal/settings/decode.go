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

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Section decodes and checks the JSON object raw. Its problems are those of Decode, and those of validate that do not follow from them. A key that
// is not there is found to be nothing, whatever its zero value is in Go.
func Section[T any](raw string, validate func(T) Problems) (T, Problems) {
	var value T
	tree, problems := decode(raw, &value)
	for _, problem := range validate(value).Except(problems) {
		if !given(tree, problem.Path) {
			problem.Found = ""
		}
		problems = append(problems, problem)
	}
	return value, problems
}

// Decode fills into (a pointer to a struct or map, with json tags) from the JSON object raw. Every unknown key and every value of
// the wrong type is a problem, with its path relative to the section; what is right is decoded all the same. A null is a key that is missing.
// A field tagged settings:"required" must be given: that is for those whose zero value is a choice of its own, which nobody should make by leaving
// the key out.
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
	problems.fill("", tree, reflect.ValueOf(into).Elem())
	return tree, problems
}

// fill sets into to the value found at a path, or records why it cannot.
func (p *Problems) fill(path string, found any, into reflect.Value) {
	if found == nil {
		return
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	switch v := found.(type) {
	case map[string]any:
		if p.fillObject(path, v, into) {
			return
		}
	case []any:
		if into.Kind() == reflect.Slice {
			p.fillList(path, v, into)
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
	p.Add(path, found, "%s", wanted(into.Type()))
}

// fillObject is false when into takes no object.
func (p *Problems) fillObject(path string, object map[string]any, into reflect.Value) bool {
	switch into.Kind() {
	case reflect.Struct:
		fields := fieldsByKey(into)
		for _, key := range slices.Sorted(maps.Keys(object)) {
			field, known := fields[key]
			if !known {
				p.Add(Key(path, key), object[key], "no such key; here are allowed: %s", strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
				continue
			}
			p.fill(Key(path, key), object[key], field)
		}
		for field := range into.Type().Fields() {
			if key := keyOf(field); field.Tag.Get("settings") == "required" && object[key] == nil {
				p.Add(Key(path, key), nil, "%s", wanted(field.Type))
			}
		}
	case reflect.Map:
		into.Set(reflect.MakeMapWithSize(into.Type(), len(object)))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			entry := reflect.New(into.Type().Elem()).Elem()
			p.fill(Key(path, key), object[key], entry)
			into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), entry)
		}
	default:
		return false
	}
	return true
}

func (p *Problems) fillList(path string, list []any, into reflect.Value) {
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, element := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if element == nil {
			p.Add(at, nil, "%s", wanted(into.Type().Elem()))
			continue
		}
		p.fill(at, element, into.Index(i))
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

// wanted says in the words of a stack file what a type decodes from.
func wanted(t reflect.Type) string {
	switch t.Kind() {
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

func fieldsByKey(object reflect.Value) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	for field, value := range object.Fields() {
		all[keyOf(field)] = value
	}
	return all
}

func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return key
}

// given says whether an object has a value at a path. What is no path into the object counts as given.
func given(tree any, path string) bool {
	steps, err := resource.ParsePropertyPath(path)
	if err != nil {
		return true
	}
	for _, step := range steps {
		switch node := tree.(type) {
		case map[string]any:
			key, _ := step.(string)
			tree = node[key]
		case []any:
			i, _ := step.(int)
			if i >= len(node) {
				return false
			}
			tree = node[i]
		default:
			return tree != nil
		}
	}
	return tree != nil
}

// OneOf lists the values of a closed set for a problem's Allowed.
func OneOf[T ~string](values ...T) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(string(value))
	}
	return fmt.Sprintf("one of %s", strings.Join(quoted, ", "))
}
