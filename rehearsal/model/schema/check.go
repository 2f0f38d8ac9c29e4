package schema

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Problem is one reason why inputs do not fit their type.
type Problem struct {
	Property string // the top-level property
	Path     string // where in it, as rules[0].name
	Reason   string
}

// Error makes the problem an error.
func (p Problem) Error() string { return p.Path + ": " + p.Reason }

// Check compares inputs with the type, at every depth, and returns every problem, sorted by path.
// Unknown values pass; secrets are checked like plain values, and a problem never repeats one.
func (p Properties) Check(inputs resource.PropertyMap) []Problem {
	c := checker{}
	c.object(inputs, p, "", "")
	sort.Slice(c.problems, func(i, j int) bool { return c.problems[i].Path < c.problems[j].Path })
	return c.problems
}

type checker struct {
	problems []Problem
	top      string
	secret   bool
}

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Property: c.top, Path: path, Reason: fmt.Sprintf(format, args...)})
}

// object checks the properties of one object. owner names its type in messages; it is empty at the
// top.
func (c *checker) object(values resource.PropertyMap, known Properties, path, owner string) {
	for key, value := range values {
		name := string(key)
		if resource.IsInternalPropertyKey(key) {
			continue
		}
		at := join(path, name)
		if path == "" {
			c.top = name
		}
		property := known[name]
		if property == nil {
			c.add(at, "unknown property%s%s", ofOwner(owner), suggestion(name, known))
			continue
		}
		c.value(value, property.Type, at)
	}
	for name, property := range known {
		if value, given := values[resource.PropertyKey(name)]; property.Required && (!given || isNull(value)) {
			if path == "" {
				c.top = name
			}
			c.add(join(path, name), "missing required property%s", ofOwner(owner))
		}
	}
}

func (c *checker) value(v resource.PropertyValue, t *Type, path string) {
	if v.IsSecret() {
		outer := c.secret
		c.secret = true
		c.value(v.SecretValue().Element, t, path)
		c.secret = outer
		return
	}
	if v.IsOutput() {
		out := v.OutputValue()
		if !out.Known {
			return
		}
		outer := c.secret
		c.secret = outer || out.Secret
		c.value(out.Element, t, path)
		c.secret = outer
		return
	}
	if v.IsNull() || v.IsComputed() || t.Kind == Any {
		return
	}
	switch t.Kind {
	case List:
		if !v.IsArray() {
			c.mismatch(v, t, path)
			return
		}
		for i, element := range v.ArrayValue() {
			c.value(element, t.Element, path+"["+strconv.Itoa(i)+"]")
		}
	case Map:
		if !v.IsObject() {
			c.mismatch(v, t, path)
			return
		}
		for key, element := range v.ObjectValue() {
			if !resource.IsInternalPropertyKey(key) {
				c.value(element, t.Element, join(path, string(key)))
			}
		}
	case Object:
		if !v.IsObject() {
			c.mismatch(v, t, path)
			return
		}
		c.object(v.ObjectValue(), t.Object.Properties, path, t.Object.Name)
	default:
		if !isScalar(v, t.Kind) {
			c.mismatch(v, t, path)
		} else if wanted := t.Allowed.problem(v); wanted != "" {
			c.refuse(v, wanted, path)
		}
	}
}

// isScalar allows what the real providers convert: a number or boolean written as a string, and the
// other way.
func isScalar(v resource.PropertyValue, kind Kind) bool {
	switch kind {
	case Boolean:
		return v.IsBool() || v.IsString() && (v.StringValue() == "true" || v.StringValue() == "false")
	case Integer:
		n, ok := number(v)
		return ok && n == math.Trunc(n)
	case Number:
		_, ok := number(v)
		return ok
	default:
		return v.IsString() || v.IsBool() || v.IsNumber()
	}
}

func number(v resource.PropertyValue) (float64, bool) {
	if v.IsNumber() {
		return v.NumberValue(), true
	}
	if !v.IsString() {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.StringValue(), 64)
	return n, err == nil
}

func (c *checker) mismatch(v resource.PropertyValue, t *Type, path string) {
	c.refuse(v, "expected "+t.String(), path)
}

// refuse says what was wanted and what was found instead, which is not repeated when it is a
// secret.
func (c *checker) refuse(v resource.PropertyValue, wanted, path string) {
	switch {
	case c.secret:
		c.add(path, "%s, got a secret %s", wanted, v.TypeString())
	case v.IsString():
		c.add(path, "%s, got string %q", wanted, v.StringValue())
	case v.IsNumber(), v.IsBool():
		c.add(path, "%s, got %s %v", wanted, v.TypeString(), v.V)
	default:
		c.add(path, "%s, got %s", wanted, v.TypeString())
	}
}

func isNull(v resource.PropertyValue) bool {
	if v.IsSecret() {
		return isNull(v.SecretValue().Element)
	}
	if v.IsOutput() {
		return v.OutputValue().Known && isNull(v.OutputValue().Element)
	}
	return v.IsNull()
}

// join writes paths as Pulumi's property paths: a name that is no identifier goes into brackets.
func join(path, name string) string {
	if strings.ContainsAny(name, `. "[]`) {
		return path + "[" + strconv.Quote(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func ofOwner(owner string) string {
	if owner == "" {
		return ""
	}
	return " of " + owner
}

// suggestion names the known property that is nearest to a wrong one, when any is near.
func suggestion(name string, known Properties) string {
	best, distance := "", len(name)/2+1
	for candidate := range known {
		d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(candidate), nil)
		if d < distance || d == distance && candidate < best {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}
