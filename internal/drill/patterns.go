package drill

import (
	"slices"
	"strings"
)

// matches says whether a pattern of EventBridge takes an event. Of its operators it knows exact
// values, prefixes, comparisons of numbers and $or; a pattern with another one takes nothing.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func matches(pattern map[string]any, event any) bool {
	if list, ok := event.([]any); ok { // one of the objects of a list is enough
		return slices.ContainsFunc(list, func(one any) bool { return matches(pattern, one) })
	}
	object, ok := event.(map[string]any)
	if !ok {
		return false
	}
	for key, wanted := range pattern {
		if !field(key, wanted, object) {
			return false
		}
	}
	return true
}

// field says whether one field of an object is as a pattern says.
func field(key string, wanted any, object map[string]any) bool {
	switch wanted := wanted.(type) {
	case map[string]any:
		return matches(wanted, object[key])
	case []any:
		return slices.ContainsFunc(wanted, func(one any) bool {
			if key != "$or" {
				return is(one, object[key])
			}
			part, ok := one.(map[string]any)
			return ok && matches(part, object)
		})
	}
	return false
}

// is says whether a value, or one of a list, is as a pattern says.
func is(wanted, value any) bool {
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return is(wanted, one) })
	}
	operator, ok := wanted.(map[string]any)
	if !ok {
		return wanted == value
	}
	switch value := value.(type) {
	case string:
		prefix, ok := operator["prefix"].(string)
		return ok && strings.HasPrefix(value, prefix)
	case float64:
		numeric, ok := operator["numeric"].([]any)
		return ok && compared(value, numeric)
	}
	return false
}

// compared holds a number against pairs of a comparison and a number.
func compared(value float64, pairs []any) bool {
	for ; len(pairs) >= 2; pairs = pairs[2:] {
		other, ok := pairs[1].(float64)
		good := ok && map[any]bool{
			"<": value < other, "<=": value <= other, "=": value == other, ">=": value >= other, ">": value > other,
		}[pairs[0]]
		if !good {
			return false
		}
	}
	return true
}
