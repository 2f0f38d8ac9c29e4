package verdicts

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// The forms in which the plugin's refusals name what they want: of the older resources, and of
// those on its newer framework.
var (
	listed    = regexp.MustCompile(`to be one of \[(.*)\], got |must be one of: \[(.*)\], got: |Valid Values: \[(.*)\]`)
	spelled   = regexp.MustCompile(`to be one of ('.*'), got `)
	quotation = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"|'([^']*)'`)
	matching  = regexp.MustCompile(`to match regular expression ("(?:[^"\\]|\\.)*"), got`)
	inRange   = regexp.MustCompile(`to be in the range \((-?[0-9.e+]+) - (-?[0-9.e+]+)\), got`)
	atLeast   = regexp.MustCompile(`to be at least \((-?[0-9.e+]+)\), got|value must be at least (-?[0-9.e+]+), got`)
	atMost    = regexp.MustCompile(`to be at most \((-?[0-9.e+]+)\), got|value must be at most (-?[0-9.e+]+), got`)
	between   = regexp.MustCompile(`value must be between (-?[0-9.e+]+) and (-?[0-9.e+]+), got`)
)

// oneOf are the values of the closed set that a refusal names, sorted; nil when it names none.
func oneOf(reason string) []string {
	var set string
	if match := listed.FindStringSubmatch(reason); match != nil {
		set = match[1] + match[2] + match[3]
	} else if match := spelled.FindStringSubmatch(reason); match != nil {
		set = match[1]
	} else {
		return nil
	}
	var values []string
	if strings.ContainsAny(set, `"'`) {
		for _, match := range quotation.FindAllStringSubmatch(set, -1) {
			values = append(values, match[1]+match[2])
		}
	} else {
		values = strings.Split(set, " ") // an empty string at the end is one of them
	}
	slices.SortFunc(values, func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX == nil && errY == nil {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(values)
}

// formOf is the regular expression that a refusal names; empty when it names none.
func formOf(reason string) (string, error) {
	match := matching.FindStringSubmatch(reason)
	if match == nil {
		return "", nil
	}
	form, err := strconv.Unquote(match[1])
	if err != nil {
		return "", fmt.Errorf("read the expression in %q: %w", reason, err)
	}
	return form, nil
}

// bounds reads the range that a refusal names.
func bounds(reason string, allowed *schema.Allowed) error {
	for _, form := range []struct {
		expression *regexp.Regexp
		into       []**float64
	}{
		{inRange, []**float64{&allowed.Min, &allowed.Max}}, {between, []**float64{&allowed.Min, &allowed.Max}},
		{atLeast, []**float64{&allowed.Min}}, {atMost, []**float64{&allowed.Max}},
	} {
		match := form.expression.FindStringSubmatch(reason)
		if match == nil {
			continue
		}
		numbers := slices.DeleteFunc(match[1:], func(text string) bool { return text == "" })
		for i, target := range form.into {
			n, err := strconv.ParseFloat(numbers[i], 64)
			if err != nil {
				return fmt.Errorf("read the bounds in %q: %w", reason, err)
			}
			*target = &n
		}
	}
	return nil
}

// swapped is a text with capitals for small letters, and the other way.
func swapped(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}
