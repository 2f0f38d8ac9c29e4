package cloudwatch

import (
	"fmt"
	"math"
	"slices"
)

// series is what an expression computes: a number, or a value for each of the timestamps, NaN where
// it has none.
type series struct {
	scalar bool
	number float64
	points []float64
}

func number(value float64) series { return series{scalar: true, number: value} }

// at is the value at a timestamp. A number has one everywhere.
func (s series) at(i int) float64 {
	if s.scalar {
		return s.number
	}
	return s.points[i]
}

// orZero is the value, and 0 where it is missing.
func orZero(value float64) float64 {
	if math.IsNaN(value) {
		return 0
	}
	return value
}

// scope is what an expression sees.
type scope struct {
	series map[string]series
	starts []int // minutes, of the periods
	begin  int64 // minute 0, in seconds since 1970
}

// formula is a parsed expression.
type formula interface {
	eval(scope) (series, error)
	uses() []string // the ids in it
}

type literal float64

func (l literal) eval(scope) (series, error) { return number(float64(l)), nil }
func (l literal) uses() []string             { return nil }

type reference string

func (r reference) eval(s scope) (series, error) {
	one, ok := s.series[string(r)]
	if !ok {
		return series{}, fmt.Errorf("there is no %s", string(r))
	}
	return one, nil
}
func (r reference) uses() []string { return []string{string(r)} }

type negation struct{ of formula }

func (n negation) uses() []string { return n.of.uses() }

func (n negation) eval(s scope) (series, error) {
	one, err := n.of.eval(s)
	return each(s, func(v []float64) float64 { return -v[0] }, one), err
}

type operation struct {
	operator    string
	left, right formula
}

func (o operation) uses() []string { return append(o.left.uses(), o.right.uses()...) }

// eval takes a missing value for 0 where the other side has one. Where neither has one there is no
// result, and neither is there for a division by 0.
func (o operation) eval(s scope) (series, error) {
	left, err := o.left.eval(s)
	if err != nil {
		return series{}, err
	}
	right, err := o.right.eval(s)
	if err != nil {
		return series{}, err
	}
	compute := operators[o.operator].compute
	return each(s, func(v []float64) float64 { return compute(orZero(v[0]), orZero(v[1])) }, left, right), nil
}

// each computes a value at each timestamp at which one of the time series has one.
func each(s scope, compute func([]float64) float64, of ...series) series {
	values := make([]float64, len(of))
	if !slices.ContainsFunc(of, func(one series) bool { return !one.scalar }) {
		for i, one := range of {
			values[i] = one.number
		}
		return number(compute(values))
	}
	result := series{points: make([]float64, len(s.starts))}
	for i := range result.points {
		there := false
		for j, one := range of {
			values[j] = one.at(i)
			there = there || !one.scalar && !math.IsNaN(values[j])
		}
		result.points[i] = math.NaN()
		if there {
			result.points[i] = compute(values)
		}
	}
	return result
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// operators are those of metric math. AWS documents no precedence. The usual one is taken here for
// arithmetic, and the parser refuses an expression that depends on more.
var operators = map[string]struct {
	kind    kind
	rank    int
	compute func(x, y float64) float64
}{
	"||": {logical, 1, func(x, y float64) float64 { return truth(x != 0 || y != 0) }},
	"&&": {logical, 2, func(x, y float64) float64 { return truth(x != 0 && y != 0) }},
	"==": {comparing, 3, func(x, y float64) float64 { return truth(x == y) }},
	"!=": {comparing, 3, func(x, y float64) float64 { return truth(x != y) }},
	"<":  {comparing, 3, func(x, y float64) float64 { return truth(x < y) }},
	"<=": {comparing, 3, func(x, y float64) float64 { return truth(x <= y) }},
	">":  {comparing, 3, func(x, y float64) float64 { return truth(x > y) }},
	">=": {comparing, 3, func(x, y float64) float64 { return truth(x >= y) }},
	"+":  {arithmetic, 4, func(x, y float64) float64 { return x + y }},
	"-":  {arithmetic, 4, func(x, y float64) float64 { return x - y }},
	"*":  {arithmetic, 5, func(x, y float64) float64 { return x * y }},
	"/":  {arithmetic, 5, divide},
	"^":  {arithmetic, 6, math.Pow},
}

func divide(x, y float64) float64 {
	if y == 0 {
		return math.NaN()
	}
	return x / y
}

type kind int

const (
	logical kind = iota + 1
	comparing
	arithmetic
)
