package cloudwatch

import (
	"fmt"
	"math"
)

// value is what an expression comes to at a timestamp: a number, or the value of a time series, NaN
// where that has none.
type value struct {
	scalar bool
	number float64
}

// there says whether a time series has a value.
func (v value) there() bool { return !v.scalar && !math.IsNaN(v.number) }

// orZero is the value, and 0 where it is missing.
func orZero(value float64) float64 {
	if math.IsNaN(value) {
		return 0
	}
	return value
}

// scope is what an expression sees at a timestamp.
type scope struct {
	values map[string]value
	start  int   // minute, of the period
	begin  int64 // minute 0, in seconds since 1970
}

// formula is a parsed expression.
type formula interface {
	eval(scope) (value, error)
	uses() []string // the ids in it
}

type literal float64

func (l literal) eval(scope) (value, error) { return value{scalar: true, number: float64(l)}, nil }
func (l literal) uses() []string            { return nil }

type reference string

func (r reference) eval(s scope) (value, error) {
	one, ok := s.values[string(r)]
	if !ok {
		return value{}, fmt.Errorf("there is no %s", string(r))
	}
	return one, nil
}
func (r reference) uses() []string { return []string{string(r)} }

type negation struct{ of formula }

func (n negation) uses() []string { return n.of.uses() }

func (n negation) eval(s scope) (value, error) {
	one, err := n.of.eval(s)
	return value{one.scalar, -one.number}, err
}

type operation struct {
	sign string
	operator
	left, right formula
}

func (o operation) uses() []string { return append(o.left.uses(), o.right.uses()...) }

// eval takes a missing value for 0 where the other side has one. Where neither has one there is no
// result, and neither is there for a division by 0.
func (o operation) eval(s scope) (value, error) {
	left, err := o.left.eval(s)
	if err != nil {
		return value{}, err
	}
	right, err := o.right.eval(s)
	if err != nil {
		return value{}, err
	}
	result := value{left.scalar && right.scalar, math.NaN()}
	if result.scalar || left.there() || right.there() {
		result.number = o.compute(orZero(left.number), orZero(right.number))
	}
	return result, nil
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

type operator struct {
	kind    kind
	rank    int
	compute func(x, y float64) float64
}

// operators are those of metric math. AWS documents no precedence. The usual one is taken here for
// arithmetic, and the parser refuses an expression that depends on more.
var operators = map[string]operator{
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
