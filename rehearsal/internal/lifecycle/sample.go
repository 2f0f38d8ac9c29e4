package lifecycle

import (
	"maps"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// others are values that the schema admits in the place of one: the other texts of an enumeration,
// the next number, the other boolean, a text that differs by one letter.
func (s *schema) others(n *node, value any) []any {
	var others []any
	add := func(other any) {
		if other != value && !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	switch v := value.(type) {
	case bool:
		add(!v)
	case int:
		if other, ok := n.next(float64(v)); ok {
			add(int(other))
		}
	case float64:
		if other, ok := n.next(v); ok {
			add(other)
		}
	case string:
		for _, other := range n.Enum {
			add(other)
		}
		if len(n.Enum) == 0 {
			if other, ok := neighbour(n, v); ok {
				add(other)
			}
		}
	}
	return others
}

// next is the number after another, or the one before it at the end of the range.
func (n *node) next(value float64) (float64, bool) {
	var admitted []float64
	for _, one := range n.Enum {
		if number, ok := one.(float64); ok {
			admitted = append(admitted, number)
		}
	}
	if len(admitted) > 0 {
		i := slices.Index(admitted, value)
		return admitted[(i+1)%len(admitted)], i >= 0
	}
	step := 1.0
	if !n.is("integer") && value < 1 {
		step = value / 2
	}
	for _, near := range []float64{value + step, value - step} {
		if (n.Minimum == nil || near >= *n.Minimum) && (n.Maximum == nil || near <= *n.Maximum) {
			return near, true
		}
	}
	return 0, false
}

// neighbour is a text that differs from another by one letter or digit, the last one that the
// schema lets change.
func neighbour(n *node, text string) (string, bool) {
	letters := []rune(text)
	for i := len(letters) - 1; i >= 0; i-- {
		next, ok := successor(letters[i])
		if !ok {
			continue
		}
		changed := slices.Clone(letters)
		changed[i] = next
		if n.admits(string(changed)) {
			return string(changed), true
		}
	}
	if longer := text + "x"; n.admits(longer) {
		return longer, true
	}
	return "", false
}

func successor(r rune) (rune, bool) {
	switch {
	case r == 'z' || r == 'Z' || r == '9':
		return r - 1, true
	case r >= 'a' && r < 'z', r >= 'A' && r < 'Z', r >= '0' && r < '9':
		return r + 1, true
	}
	return 0, false
}

func (n *node) admits(text string) bool {
	if n.MaxLength != nil && len(text) > *n.MaxLength {
		return false
	}
	pattern, err := regexp.Compile(n.Pattern)
	return err == nil && pattern.MatchString(text)
}

// sample is a value that the schema admits: the first of an enumeration, the least number, a text
// that fits the pattern, and of an object what is required. There is none for a text without a
// pattern.
func (s *schema) sample(n *node) (any, bool) {
	n = s.resolve(n)
	switch {
	case n == nil:
		return nil, false
	case n.Const != nil:
		return n.Const, true
	case len(n.Enum) > 0:
		return whole(n.Enum[0]), true
	case n.is("boolean"):
		return true, true
	case n.is("integer"), n.is("number"):
		if n.Minimum == nil {
			return 1, true
		}
		return whole(*n.Minimum), true
	case n.is("string"):
		return fitting(n)
	case n.is("array"):
		return s.sampleList(n)
	case n.is("object"):
		return s.sampleObject(n)
	}
	return nil, false
}

func (s *schema) sampleList(n *node) (any, bool) {
	list := []any{}
	for range max(n.MinItems, 1) {
		element, ok := s.sample(n.Items)
		if !ok {
			return nil, false
		}
		list = append(list, element)
	}
	return list, true
}

func (s *schema) sampleObject(n *node) (any, bool) {
	object := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(n.Properties)) {
		if !slices.Contains(n.Required, key) {
			continue
		}
		value, ok := s.sample(n.Properties[key])
		if !ok {
			return nil, false
		}
		object[key] = value
	}
	return object, true
}

// whole makes an integer of a number that is one: YAML would write a point otherwise, and the
// program refuses that.
func whole(value any) any {
	if number, ok := value.(float64); ok && number == math.Trunc(number) {
		return int(number)
	}
	return value
}

// fitting is a short text that fits the pattern.
func fitting(n *node) (any, bool) {
	if n.Pattern == "" {
		return nil, false
	}
	tree, err := syntax.Parse(n.Pattern, syntax.Perl)
	if err != nil {
		return nil, false
	}
	var b strings.Builder
	write(&b, tree.Simplify())
	return b.String(), n.admits(b.String())
}

func write(b *strings.Builder, tree *syntax.Regexp) {
	switch tree.Op { //nolint:exhaustive // what is left out matches nothing or the empty text
	case syntax.OpLiteral:
		b.WriteString(string(tree.Rune))
	case syntax.OpCharClass:
		// the lower end of the last range: letters rather than digits and signs
		b.WriteRune(tree.Rune[len(tree.Rune)-2])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpAlternate:
		write(b, tree.Sub[0])
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range tree.Sub {
			write(b, sub)
		}
	case syntax.OpRepeat:
		for range tree.Min {
			write(b, tree.Sub[0])
		}
	}
}
