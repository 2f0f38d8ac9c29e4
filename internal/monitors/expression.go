package monitors

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// term is a metric with its scope, aggregated over space.
type term struct {
	space  string // sum or p95
	metric string // with its scope
}

var termQuery = regexp.MustCompile(`^(sum|p95):([^ ]+\{[^}]*\})(\.as_count\(\))?$`)

func readTerm(text string) (term, error) {
	parts := termQuery.FindStringSubmatch(text)
	if parts == nil || (parts[1] == "sum") != (parts[3] != "") {
		return term{}, fmt.Errorf("the query has %q, want sum:METRIC{SCOPE}.as_count() or p95:METRIC{SCOPE}", text)
	}
	return term{parts[1], parts[2]}, nil
}

// expression is a term, or two with a sign between them. With as_count each is aggregated over time
// first.
type expression struct {
	first, second term
	sign          string // empty for one term
}

func read(text string) (e expression, err error) {
	fields := strings.Split(text, " ")
	if e.first, err = readTerm(fields[0]); err != nil || len(fields) == 1 {
		return e, err
	}
	if len(fields) != 3 || !slices.Contains([]string{"/", "-"}, fields[1]) {
		return e, fmt.Errorf("the query has %q, want one metric, or two with / or - between them", text)
	}
	e.sign = fields[1]
	e.second, err = readTerm(fields[2])
	return e, err
}

// over is the value of a time, whose minutes are counted both. any is false when nothing was sent.
// A quotient of nothing by nothing is NaN.
func (e expression) over(source Source, from, to int) (value float64, any bool) {
	value, any = e.first.over(source, from, to)
	if e.sign == "" {
		return value, any
	}
	other, also := e.second.over(source, from, to)
	if e.sign == "/" {
		return value / other, any || also
	}
	return value - other, any || also
}

func (t term) over(source Source, from, to int) (value float64, any bool) {
	var points []Point
	for minute := from; minute <= to; minute++ {
		points = append(points, source(t.metric, minute)...)
	}
	if t.space == "sum" {
		for _, one := range points {
			value += one.Value * one.Times
		}
		return value, len(points) > 0
	}
	return percentile(points, 0.95)
}

// percentile is the least value that a part of the points do not pass.
func percentile(points []Point, part float64) (value float64, any bool) {
	slices.SortFunc(points, func(a, b Point) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
	all := 0.0
	for _, one := range points {
		all += one.Times
	}
	seen := 0.0
	for _, one := range points {
		if seen += one.Times; seen >= part*all-1e-9 {
			return one.Value, true
		}
	}
	return math.NaN(), false
}
