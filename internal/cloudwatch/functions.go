package cloudwatch

import (
	"fmt"
	"math"
)

// call is a function with its arguments.
type call struct {
	name string
	args []formula
}

func (c call) uses() []string {
	var all []string
	for _, one := range c.args {
		all = append(all, one.uses()...)
	}
	return all
}

// function is one of metric math.
type function struct {
	fewest, most int // arguments
	compute      func(s scope, args []value) (value, error)
}

// functions are those that this project's alarms may use. AVG, MIN, MAX and SUM of one series are
// not among them: AWS advises against them in alarms, since they see more periods than the alarm's.
var functions = map[string]function{
	"ABS":   onEach(math.Abs),
	"CEIL":  onEach(math.Ceil),
	"FLOOR": onEach(math.Floor),
	"FILL":  {2, 2, fill},
	"IF":    {2, 3, choose},
	"EPOCH": {1, 1, epoch},
}

func onEach(compute func(float64) float64) function {
	return function{1, 1, func(_ scope, args []value) (value, error) {
		return value{args[0].scalar, compute(args[0].number)}, nil // no value, NaN, stays none
	}}
}

func (c call) eval(s scope) (value, error) {
	args := make([]value, len(c.args))
	for i, one := range c.args {
		var err error
		if args[i], err = one.eval(s); err != nil {
			return value{}, err
		}
	}
	result, err := functions[c.name].compute(s, args)
	if err != nil {
		return value{}, fmt.Errorf("%s: %w", c.name, err)
	}
	return result, nil
}

// fill has a value at each timestamp.
func fill(_ scope, args []value) (value, error) {
	switch {
	case args[0].scalar:
		return value{}, fmt.Errorf("its first argument is a number, want a time series")
	case args[0].there():
		return args[0], nil
	default:
		return value{number: args[1].number}, nil
	}
}

// choose is IF. A timestamp that the condition has no value for is left out. Where it is true and
// the second argument has none, the result is 0; where it is false and the third has none, it is
// left out.
func choose(_ scope, args []value) (value, error) {
	condition := args[0].number
	switch {
	case math.IsNaN(condition):
	case condition != 0:
		return value{number: orZero(args[1].number)}, nil
	case len(args) == 3:
		return value{number: args[2].number}, nil
	}
	return value{number: math.NaN()}, nil
}

// epoch is the beginning of each period in seconds since 1970, whether the series has a value there
// or not.
func epoch(s scope, args []value) (value, error) {
	if args[0].scalar {
		return value{}, fmt.Errorf("its argument is a number, want a time series")
	}
	return value{number: float64(s.begin + int64(s.start)*60)}, nil
}
