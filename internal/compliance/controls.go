package compliance

import (
	"fmt"
	"slices"
)

// Controls are all that are judged, by service. The ids and severities are those of the Security
// Hub user guide.
var Controls = slices.Concat(edgeControls, balancerControls, containerControls, databaseControls, bucketControls,
	networkControls, identityControls,
	operationsControls)

// check is what is wrong with a resource, or nothing.
type check = func(*stack, *resource) string

// wantsTrue is a check that a property is true. AWS's default for those that are not set is false.
func wantsTrue(path string) check {
	return func(_ *stack, r *resource) string {
		if r.at(path).yes() {
			return ""
		}
		return path + " is false or not set, want true"
	}
}

// wantsTrueByDefault is a check that a property is true, for those whose default is true.
func wantsTrueByDefault(path string) check {
	return func(_ *stack, r *resource) string {
		if v := r.at(path); !v.present() || v.yes() {
			return ""
		}
		return path + " is false, want true"
	}
}

// wantsFalse is a check that a property is false, for those whose default is false.
func wantsFalse(path string) check {
	return func(_ *stack, r *resource) string {
		if !r.at(path).yes() {
			return ""
		}
		return path + " is true, want false"
	}
}

// wantsSet is a check that a property is given.
func wantsSet(path string) check {
	return func(_ *stack, r *resource) string {
		if v := r.at(path); v.present() && v.read() != "" {
			return ""
		}
		return path + " is not set"
	}
}

// wantsOneOf is a check that a property is one of some strings; fallback is what AWS does when it
// is not set.
func wantsOneOf(path, fallback string, allowed ...string) check {
	return func(_ *stack, r *resource) string {
		found := r.at(path).text()
		if found == "" {
			found = fallback
		}
		if slices.Contains(allowed, found) {
			return ""
		}
		return fmt.Sprintf("%s is %s, want %v", path, orNone(found), allowed)
	}
}

// wantsAtLeast is a check of a number; one that is not set is 0.
func wantsAtLeast(path string, least float64) check {
	return func(_ *stack, r *resource) string {
		if found := r.at(path).number(); found < least {
			return fmt.Sprintf("%s is %v, want %v or more", path, found, least)
		}
		return ""
	}
}

// wantsReferrer is a check that some resource of a type refers to this one by a property.
func wantsReferrer(typ, property, what string) check {
	return func(s *stack, r *resource) string {
		if len(s.refer(r, typ, property)) > 0 {
			return ""
		}
		return "it has no " + what
	}
}

// is is a condition for a control to apply: that a property is one of some strings.
func is(path string, values ...string) func(*resource) bool {
	return func(r *resource) bool { return slices.Contains(values, r.at(path).text()) }
}
