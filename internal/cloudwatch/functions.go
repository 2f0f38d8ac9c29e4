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
	compute      func(s scope, args []series) (series, error)
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
	return function{1, 1, func(s scope, args []series) (series, error) {
		return each(s, func(v []float64) float64 { return compute(v[0]) }, args[0]), nil
	}}
}

func (c call) eval(s scope) (series, error) {
	args := make([]series, len(c.args))
	for i, one := range c.args {
		var err error
		if args[i], err = one.eval(s); err != nil {
			return series{}, err
		}
	}
	result, err := functions[c.name].compute(s, args)
	if err != nil {
		return series{}, fmt.Errorf("%s: %w", c.name, err)
	}
	return result, nil
}

// fill has a value at each timestamp.
func fill(s scope, args []series) (series, error) {
	if args[0].scalar {
		return series{}, fmt.Errorf("its first argument is a number, want a time series")
	}
	result := series{points: make([]float64, len(s.starts))}
	for i, value := range args[0].points {
		if math.IsNaN(value) {
			value = args[1].at(i)
		}
		result.points[i] = value
	}
	return result, nil
}

// choose is IF. A timestamp that the condition has no value for is left out. Where it is true and
// the second argument has none, the result is 0; where it is false and the third has none, it is
// left out.
func choose(s scope, args []series) (series, error) {
	result := series{points: make([]float64, len(s.starts))}
	for i := range result.points {
		condition := args[0].at(i)
		result.points[i] = math.NaN()
		switch {
		case math.IsNaN(condition):
		case condition != 0:
			result.points[i] = orZero(args[1].at(i))
		case len(args) == 3:
			result.points[i] = args[2].at(i)
		}
	}
	return result, nil
}

// epoch is the beginning of each period in seconds since 1970, whether the series has a value there
// or not.
func epoch(s scope, args []series) (series, error) {
	if args[0].scalar {
		return series{}, fmt.Errorf("its argument is a number, want a time series")
	}
	result := series{points: make([]float64, len(s.starts))}
	for i, start := range s.starts {
		result.points[i] = float64(s.begin + int64(start)*60)
	}
	return result, nil
}
