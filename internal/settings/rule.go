package settings

import (
	"cmp"
	"fmt"
	"net/mail"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Rule is what a value may be, as the tags of its field say.
type Rule struct {
	// Range bounds a number. Step is what it is a multiple of; 0 for any.
	Range Range
	Step  float64
	// Values are a closed set, each a string or a float64. Empty: the set is open.
	Values []any
	// Pattern is what a text matches; nil for any. Length is of its characters.
	Pattern *regexp.Regexp
	Length  Range
	// Format is a kind of text that no pattern describes: a key of formats.
	Format string
	// Valid is asked of a text too. An editor cannot ask it.
	Valid func(string) bool
	// Items bounds how many entries a list or map has.
	Items Range
	// Unique is, of a list, that no entry comes twice; of a field in a list's entries, that no two
	// entries have the same value.
	Unique bool
	// Keys is what the keys of a map are; nil for any.
	Keys *Rule
	// Want says what is allowed in place of what follows from the rest. Otherwise Unit follows in
	// brackets, and Hint behind a semicolon.
	Want, Unit, Hint string
}

// Ruled is a type with a rule of its own, which holds for every field of the type.
type Ruled interface{ Rule() Rule }

// Set is the rule of a closed set.
func Set[T ~string | ~int | ~float64](values ...T) Rule {
	var rule Rule
	for _, value := range values {
		rule.Values = append(rule.Values, scalar(reflect.ValueOf(value)))
	}
	return rule
}

// format is a kind of text.
type format struct {
	valid    func(string) bool
	want     string
	standard bool // that JSON Schema knows it by the same name
}

var formats = map[string]format{
	"email": {func(text string) bool {
		address, err := mail.ParseAddress(text)
		return err == nil && address.Address == text
	}, "an e-mail address alone", true},
	"date-time": {func(text string) bool {
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	}, `a time such as "2026-01-31T03:00:00Z"`, true},
	"timezone": {func(text string) bool {
		_, err := time.LoadLocation(text)
		return err == nil && text != "" && text != "Local"
	}, `an IANA time zone, such as "Asia/Tokyo"`, false},
}

// tags are a field's tags by their keys.
type tags map[string]string

// oneTag is a key and its quoted value. reflect.StructTag passes over what it cannot read, and
// cannot list the keys.
var oneTag = regexp.MustCompile(`^ *([a-z]+):("(?:[^"\\]|\\.)*")`)

// tagKeys are the tags that speak of settings. "settings" has the words optional and unique.
var tagKeys = []string{
	"json", "settings", "default", "range", "step", "enum", "pattern", "length", "format", "items", "keys", "keywant",
	"want", "unit", "hint",
}

// tagsOf reads tags. It panics at a mistake in one, as regexp.MustCompile does: tags are part of
// the program.
func tagsOf(tag string) tags {
	all := tags{}
	for rest := tag; strings.TrimSpace(rest) != ""; {
		found := oneTag.FindStringSubmatch(rest)
		if found == nil || !slices.Contains(tagKeys, found[1]) {
			panic(fmt.Sprintf("settings: the tag %q goes wrong at %q", tag, rest))
		}
		value, err := strconv.Unquote(found[2])
		if err != nil {
			panic(fmt.Sprintf("settings: the tag %q goes wrong at %s: %v", tag, found[2], err))
		}
		all[found[1]], rest = value, rest[len(found[0]):]
	}
	return all
}

// words are the words of tag "settings".
func (t tags) words() []string {
	words := strings.FieldsFunc(t["settings"], func(r rune) bool { return r == ',' })
	for _, word := range words {
		if word != "optional" && word != "unique" {
			panic(fmt.Sprintf("settings: the word %q is none of optional and unique", word))
		}
	}
	return words
}

// split parts the tags of a list or map from those of its entries. What is said in words is of the
// entries when a tag describes them.
func (t tags) split() (own, entries tags) {
	own, entries = tags{}, tags{}
	for key, value := range t {
		if slices.Contains([]string{"range", "step", "enum", "pattern", "length", "format"}, key) {
			entries[key] = value
		}
	}
	for key, value := range t {
		words := slices.Contains([]string{"want", "unit", "hint"}, key)
		if words && len(entries) > 0 {
			entries[key] = value
		} else if entries[key] == "" {
			own[key] = value
		}
	}
	return own, entries
}

// read adds what the tags say.
func (r *Rule) read(t tags) {
	number := func(key string) float64 {
		value, err := strconv.ParseFloat(t[key], 64)
		if err != nil {
			panic(fmt.Sprintf("settings: the tag %s: %v", key, err))
		}
		return value
	}
	for key, value := range t {
		switch key {
		case "settings":
			r.Unique = slices.Contains(t.words(), "unique")
		case "range":
			r.Range = rangeOf(value)
		case "step":
			r.Step = number(key)
		case "enum":
			r.Values, r.Want = nil, t["want"]
			for one := range strings.SplitSeq(value, ",") {
				r.Values = append(r.Values, one)
			}
		case "pattern":
			r.Pattern = regexp.MustCompile(value)
		case "length":
			r.Length = rangeOf(value)
		case "format":
			if _, known := formats[value]; !known {
				panic(fmt.Sprintf("settings: the format %q is unknown", value))
			}
			r.Format = value
		case "items":
			r.Items = rangeOf(value)
		case "keys":
			r.Keys = &Rule{Pattern: regexp.MustCompile(value), Want: t["keywant"]}
		case "want":
			r.Want = value
		case "unit":
			r.Unit = value
		case "hint":
			r.Hint = value
		}
	}
}

// numbers turns the texts of a closed set into numbers.
func (r *Rule) numbers() {
	for i, value := range r.Values {
		if text, ok := value.(string); ok {
			number, err := strconv.ParseFloat(text, 64)
			if err != nil {
				panic(fmt.Sprintf("settings: the tag enum: %v", err))
			}
			r.Values[i] = number
		}
	}
}

// allows says whether a scalar keeps the rule.
func (r Rule) allows(value any) bool {
	if len(r.Values) > 0 && !slices.Contains(r.Values, value) {
		return false
	}
	switch v := value.(type) {
	case float64:
		return r.Range.holds(v) && (r.Step == 0 || float64(int64(v/r.Step))*r.Step == v)
	case string:
		return r.Length.holds(float64(utf8.RuneCountInString(v))) && (r.Pattern == nil || r.Pattern.MatchString(v)) &&
			(r.Format == "" || formats[r.Format].valid(v)) && (r.Valid == nil || r.Valid(v))
	default:
		return true
	}
}

// want says in words which scalars keep the rule.
func (r Rule) want(kind reflect.Kind) string {
	if r.Want != "" {
		return r.Want
	}
	text := wanted(kind)
	switch {
	case len(r.Values) > 0:
		text = r.set()
	case r.Format != "":
		text = formats[r.Format].want
	case r.Pattern != nil:
		text = "a text that matches " + r.Pattern.String()
	case r.Length != Range{}:
		text = r.Length.String() + " characters"
	case r.Range != Range{}:
		text = r.Range.String()
	}
	if r.Step != 0 {
		text += fmt.Sprintf(", in steps of %g", r.Step)
	}
	return text + r.more()
}

func (r Rule) set() string {
	if _, text := r.Values[0].(string); !text {
		return fmt.Sprintf("one of %v", r.Values)
	}
	texts := make([]string, len(r.Values))
	for i, value := range r.Values {
		texts[i], _ = value.(string)
	}
	return OneOf(texts...)
}

func (r Rule) more() string {
	text := ""
	if r.Unit != "" {
		text = " (" + r.Unit + ")"
	}
	if r.Hint != "" {
		text += "; " + r.Hint
	}
	return text
}

// Range is a number's bounds. The zero value has none.
type Range struct {
	// Least and Most are nil for none. Above and Below leave them out themselves.
	Least, Most  *float64
	Above, Below bool
}

// rangeOf reads bounds such as "1..35", "1..", "..60" and, without the bounds themselves,
// ">0..<100".
func rangeOf(text string) Range {
	least, most, ok := strings.Cut(text, "..")
	if !ok {
		panic(fmt.Sprintf("settings: the range %q has no ..", text))
	}
	bound := func(text string) *float64 {
		if text == "" {
			return nil
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(fmt.Sprintf("settings: the range %q: %v", text, err))
		}
		return &value
	}
	var r Range
	least, r.Above = strings.CutPrefix(least, ">")
	most, r.Below = strings.CutPrefix(most, "<")
	r.Least, r.Most = bound(least), bound(most)
	return r
}

// AtLeast is a range without an end.
func AtLeast(least float64) Range { return Range{Least: &least} }

// AtMost is a range without a beginning.
func AtMost(most float64) Range { return Range{Most: &most} }

func (r Range) holds(value float64) bool {
	return (r.Least == nil || value > *r.Least || (!r.Above && value == *r.Least)) &&
		(r.Most == nil || value < *r.Most || (!r.Below && value == *r.Most))
}

// String is the range in words, such as "1 to 35" or "more than 0 and less than 100".
func (r Range) String() string {
	number := func(bound float64) string { return strconv.FormatFloat(bound, 'f', -1, 64) }
	switch {
	case r.Least != nil && r.Most != nil && !r.Above && !r.Below:
		return number(*r.Least) + " to " + number(*r.Most)
	case r.Least == nil && r.Most == nil:
		return "any number"
	}
	var words []string
	if r.Least != nil && r.Above {
		words = append(words, "more than "+number(*r.Least))
	} else if r.Least != nil {
		words = append(words, number(*r.Least)+" or more")
	}
	if r.Most != nil && r.Below {
		words = append(words, "less than "+number(*r.Most))
	} else if r.Most != nil {
		words = append(words, number(*r.Most)+" at most")
	}
	return strings.Join(words, " and ")
}

// scalar is a value as rules compare it: a string, a float64 or a bool.
func scalar(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int:
		return float64(v.Int())
	case reflect.Float64:
		return v.Float()
	default:
		return v.Bool()
	}
}

func isScalar(t reflect.Type) bool {
	return slices.Contains([]reflect.Kind{reflect.String, reflect.Int, reflect.Float64, reflect.Bool}, t.Kind())
}

// wantItems says in words how many entries a list or map has.
func (s *Shape) wantItems() string {
	if s.Rule.Want != "" {
		return s.Rule.Want
	}
	if s.Rule.Items == (Range{}) {
		return wanted(s.Type.Kind())
	}
	if isScalar(s.Elem.Type) {
		return s.Rule.Items.String() + ", each " + s.Elem.Rule.want(s.Elem.Type.Kind())
	}
	text := s.Rule.Items.String() + " " + cmp.Or(s.Rule.Unit, "entries")
	if s.Rule.Hint != "" {
		text += ": " + s.Rule.Hint
	}
	return text
}
