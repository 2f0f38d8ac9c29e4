package iam

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition is one operator, key and its values.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type condition struct {
	operator string // as the policy has it
	key      string
	values   []string

	compare  comparison
	negated  bool
	ifExists bool
	set      setOperator
	null     bool
}

type setOperator int

const (
	single setOperator = iota
	forAll             // ForAllValues: every value of the request matches; without any it holds
	forAny             // ForAnyValue: at least one does; without any it does not hold
)

// comparison reports whether a value of a request matches one of a policy.
type comparison func(given, wanted string) (bool, error)

// operators are the comparisons by their names. Those with Not are made of them.
var operators = map[string]comparison{
	"StringEquals": func(given, wanted string) (bool, error) { return given == plain(wanted), nil },
	"StringEqualsIgnoreCase": func(given, wanted string) (bool, error) {
		return strings.EqualFold(given, plain(wanted)), nil
	},
	"StringLike":               func(given, wanted string) (bool, error) { return glob(wanted, given), nil },
	"ArnEquals":                arnLike,
	"ArnLike":                  arnLike,
	"Bool":                     boolean,
	"IpAddress":                address,
	"NumericEquals":            numeric(func(given, wanted float64) bool { return given == wanted }),
	"NumericLessThan":          numeric(func(given, wanted float64) bool { return given < wanted }),
	"NumericLessThanEquals":    numeric(func(given, wanted float64) bool { return given <= wanted }),
	"NumericGreaterThan":       numeric(func(given, wanted float64) bool { return given > wanted }),
	"NumericGreaterThanEquals": numeric(func(given, wanted float64) bool { return given >= wanted }),
	"DateEquals":               dates(func(order int) bool { return order == 0 }),
	"DateLessThan":             dates(func(order int) bool { return order < 0 }),
	"DateLessThanEquals":       dates(func(order int) bool { return order <= 0 }),
	"DateGreaterThan":          dates(func(order int) bool { return order > 0 }),
	"DateGreaterThanEquals":    dates(func(order int) bool { return order >= 0 }),
}

// opposites are the operators that hold where another one does not.
var opposites = map[string]string{
	"StringNotEquals":           "StringEquals",
	"StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
	"StringNotLike":             "StringLike",
	"ArnNotEquals":              "ArnEquals",
	"ArnNotLike":                "ArnLike",
	"NotIpAddress":              "IpAddress",
	"NumericNotEquals":          "NumericEquals",
	"DateNotEquals":             "DateEquals",
}

func newCondition(operator, name string, values []string) (condition, error) {
	c := condition{operator: operator, key: name, values: values}
	k, err := lookupKey(name)
	if err != nil {
		return c, err
	}
	base := operator
	if rest, ok := strings.CutPrefix(base, "ForAllValues:"); ok {
		c.set, base = forAll, rest
	} else if rest, ok := strings.CutPrefix(base, "ForAnyValue:"); ok {
		c.set, base = forAny, rest
	}
	if base == "Null" && c.set == single {
		c.null = true
		return c, nil
	}
	if rest, ok := strings.CutSuffix(base, "IfExists"); ok {
		c.ifExists, base = true, rest
	}
	if positive, ok := opposites[base]; ok {
		c.negated, base = true, positive
	}
	c.compare = operators[base]
	switch {
	case c.compare == nil:
		return c, fmt.Errorf("the model does not know the condition operator %q (of key %s)", operator, name)
	case k.multi && c.set == single:
		return c, fmt.Errorf("condition %s of key %s compares one value, and the key has several: want "+
			"ForAllValues:%s or ForAnyValue:%s",
			operator, name, operator, operator)
	case len(values) == 0:
		return c, fmt.Errorf("condition %s of key %s has no values", operator, name)
	}
	return c, nil
}

// holds reports whether a request meets the condition.
func (c *condition) holds(d *Document, context Context) (bool, error) {
	given, err := context.values(c.key)
	if err != nil {
		return false, err
	}
	if c.null {
		return slices.Contains(c.values, strconv.FormatBool(len(given) == 0)), nil
	}
	if len(given) == 0 {
		return c.withoutKey(), nil
	}
	wanted := make([]string, 0, len(c.values))
	for _, value := range c.values {
		expanded, ok, err := d.expand(value, context)
		if err != nil {
			return false, err
		}
		if ok {
			wanted = append(wanted, expanded)
		}
	}
	matching := 0
	for _, value := range given {
		found, err := c.matchesAny(value, wanted)
		if err != nil {
			return false, fmt.Errorf("compare %s by %s: %w", c.key, c.operator, err)
		}
		if found != c.negated {
			matching++
		}
	}
	if c.set == forAny {
		return matching > 0, nil
	}
	return matching == len(given), nil
}

// withoutKey is what holds for a request that does not have the key.
func (c *condition) withoutKey() bool {
	switch c.set {
	case forAll:
		return true
	case forAny:
		return c.ifExists
	default:
		return c.ifExists || c.negated
	}
}

func (c *condition) matchesAny(value string, wanted []string) (bool, error) {
	for _, one := range wanted {
		if matches, err := c.compare(value, one); matches || err != nil {
			return matches, err
		}
	}
	return false, nil
}

// plain puts the characters back that stand for escaped wildcards.
func plain(text string) string {
	return strings.NewReplacer(string(literalStar), "*", string(literalQuestion), "?").Replace(text)
}

func arnLike(given, wanted string) (bool, error) { return matchesARN(wanted, given), nil }

func boolean(given, wanted string) (bool, error) {
	for _, text := range []string{given, wanted} {
		if !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
			return false, fmt.Errorf("%q is neither true nor false", text)
		}
	}
	return strings.EqualFold(given, wanted), nil
}

func numeric(compare func(given, wanted float64) bool) comparison {
	return func(given, wanted string) (bool, error) {
		a, errGiven := strconv.ParseFloat(given, 64)
		b, errWanted := strconv.ParseFloat(wanted, 64)
		if errGiven != nil || errWanted != nil {
			return false, fmt.Errorf("%q and %q are not both numbers", given, wanted)
		}
		return compare(a, b), nil
	}
}

func dates(holds func(order int) bool) comparison {
	return func(given, wanted string) (bool, error) {
		a, errGiven := date(given)
		b, errWanted := date(wanted)
		if errGiven != nil || errWanted != nil {
			return false, fmt.Errorf("%q and %q are not both dates", given, wanted)
		}
		return holds(a.Compare(b)), nil
	}
}

// date takes ISO 8601 or seconds since 1970, as IAM does.
func date(text string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}

func address(given, wanted string) (bool, error) {
	ip, err := netip.ParseAddr(given)
	if err != nil {
		return false, err
	}
	if !strings.Contains(wanted, "/") {
		other, err := netip.ParseAddr(wanted)
		return ip == other, err
	}
	network, err := netip.ParsePrefix(wanted)
	return err == nil && network.Contains(ip), err
}
