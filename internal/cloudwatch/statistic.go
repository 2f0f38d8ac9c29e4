package cloudwatch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Value is a value that was sent, Times times.
type Value struct {
	Value, Times float64
}

// Of is a value that was sent once.
func Of(value float64) []Value { return []Value{{value, 1}} }

func count(values []Value) float64 {
	var all float64
	for _, one := range values {
		all += one.Times
	}
	return all
}

// statistic is what aggregates the values of a period. It comes to NaN where there are none.
func statistic(name string) (func([]Value) float64, error) {
	quantile, isPercentile := percentile(name)
	if !isPercentile && !slices.Contains([]string{"Average", "Maximum", "Minimum", "SampleCount", "Sum"}, name) {
		return nil, fmt.Errorf("the statistic is %q, want Average, Maximum, Minimum, SampleCount, Sum or a percentile",
			name)
	}
	return func(values []Value) float64 {
		times := count(values)
		if times == 0 {
			return math.NaN()
		}
		if isPercentile {
			return atQuantile(values, quantile*times)
		}
		sum, least, most := 0.0, math.Inf(1), math.Inf(-1)
		for _, one := range values {
			if one.Times == 0 {
				continue
			}
			sum += one.Value * one.Times
			least, most = min(least, one.Value), max(most, one.Value)
		}
		switch name {
		case "Average":
			return sum / times
		case "Maximum":
			return most
		case "Minimum":
			return least
		case "SampleCount":
			return times
		default:
			return sum
		}
	}, nil
}

// percentile reads a statistic such as p95 as the part of the values below it.
func percentile(name string) (part float64, ok bool) {
	digits, is := strings.CutPrefix(name, "p")
	value, err := strconv.ParseFloat(digits, 64)
	return value / 100, is && err == nil && value > 0 && value <= 100
}

// atQuantile is the smallest value such that at least rank samples are not greater than it.
func atQuantile(values []Value, rank float64) float64 {
	sorted := slices.SortedFunc(slices.Values(values), func(a, b Value) int { return cmp.Compare(a.Value, b.Value) })
	below := 0.0
	for _, one := range sorted {
		below += one.Times
		if below >= rank {
			return one.Value
		}
	}
	return sorted[len(sorted)-1].Value
}

// fewest is how many samples CloudWatch wants in the evaluation period for a percentile: fewer say
// little.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
func fewest(name string) float64 {
	part, ok := percentile(name)
	switch {
	case !ok:
		return 0
	case part < 0.5:
		return 10 / part
	default:
		return 10 / (1 - part)
	}
}
