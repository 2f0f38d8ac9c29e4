package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"
)

// Decode fills into (a pointer to a struct, with json tags) from the JSON object raw. Every unknown key and every value of
// the wrong type is a problem, with its path relative to the section; what is right is decoded all the same.
func Decode(raw string, into any) Problems {
	var problems Problems
	var value any
	reader := json.NewDecoder(bytes.NewReader([]byte(raw)))
	reader.UseNumber() // a float64 would turn 2.5 into 2 where an integer is wanted
	if err := reader.Decode(&value); err != nil {
		problems.Add("", raw, "an object (%v)", err)
		return problems
	}
	if _, err := reader.Token(); !errors.Is(err, io.EOF) {
		problems.Add("", raw, "one object, with nothing behind it")
		return problems
	}
	if _, ok := value.(map[string]any); !ok {
		problems.Add("", value, "an object")
		return problems
	}

	var metadata mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result:     into,
		TagName:    "json",
		Metadata:   &metadata,
		MatchName:  func(key, field string) bool { return key == field },
		DecodeHook: refuseNumberAsString,
	})
	if err != nil {
		problems.Add("", nil, "a decodable type: %v", err)
		return problems
	}
	for _, wrong := range leaves(decoder.Decode(value)) {
		path := ""
		var named *mapstructure.DecodeError
		if errors.As(wrong, &named) {
			path = named.Name()
		}
		problems.Add(path, at(value, path), "%s", wanted(wrong, typeAt(into, path)))
	}
	for _, path := range metadata.Unused {
		problems.Add(path, at(value, path), "no such key; here are allowed: %s", strings.Join(keys(typeAt(into, parent(path))), ", "))
	}
	return problems
}

// refuseNumberAsString keeps an unquoted account id out: json.Number is a string to the decoder, and YAML has already dropped
// its leading zeros.
func refuseNumberAsString(from, to reflect.Type, value any) (any, error) {
	if from == reflect.TypeFor[json.Number]() && to.Kind() == reflect.String {
		return nil, errors.New("a number where a string is wanted")
	}
	return value, nil
}

// leaves takes the decoder's tree of joined and wrapped errors apart.
func leaves(err error) []error {
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself
	case nil:
		return nil
	case *mapstructure.DecodeError:
		if _, joined := e.Unwrap().(interface{ Unwrap() []error }); joined {
			return leaves(e.Unwrap())
		}
		return []error{e}
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range e.Unwrap() {
			all = append(all, leaves(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		return leaves(e.Unwrap())
	default:
		return []error{err}
	}
}

func wanted(wrong error, t reflect.Type) string {
	if t == nil {
		return wrong.Error()
	}
	switch t.Kind() {
	case reflect.String:
		return "a string (quote it)"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}

var step = regexp.MustCompile(`\[([^\]]*)\]|[^.\[\]]+`)

// steps splits "zones[1].name" into "zones", "1", "name".
func steps(path string) []string {
	var all []string
	for _, match := range step.FindAllStringSubmatch(path, -1) {
		if strings.HasPrefix(match[0], "[") {
			all = append(all, match[1])
			continue
		}
		all = append(all, match[0])
	}
	return all
}

func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// at finds the value that a path names; nil when there is none.
func at(value any, path string) any {
	for _, key := range steps(path) {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// typeAt finds the Go type that a path below a section decodes to; nil when there is none.
func typeAt(into any, path string) reflect.Type {
	t := indirect(reflect.TypeOf(into))
	for _, key := range steps(path) {
		switch t.Kind() {
		case reflect.Struct:
			field, ok := fieldByTag(t, key)
			if !ok {
				return nil
			}
			t = indirect(field)
		case reflect.Slice, reflect.Map:
			t = indirect(t.Elem())
		default:
			return nil
		}
	}
	return t
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func fieldByTag(t reflect.Type, key string) (reflect.Type, bool) {
	for field := range t.Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name == key {
			return field.Type, true
		}
	}
	return nil, false
}

func keys(t reflect.Type) []string {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// OneOf lists the values of a closed set for a problem's Allowed.
func OneOf[T ~string](values ...T) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(string(value))
	}
	return fmt.Sprintf("one of %s", strings.Join(quoted, ", "))
}
