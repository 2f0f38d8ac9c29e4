package monitors

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// term is a metric with its scope, aggregated over space. It remembers what one source has sent: a
// window of days moves on by a minute at a time.
type term struct {
	space  string // sum or p95
	metric string // with its scope

	first  int       // the first minute that was asked for
	points [][]Point // of each minute from there on
	sums   []float64 // of the minutes before each of them
	counts []int     // of their points
}

var termQuery = regexp.MustCompile(`^(sum|p95):([^ ]+\{[^}]*\})(\.as_count\(\))?$`)

func readTerm(text string) (term, error) {
	parts := termQuery.FindStringSubmatch(text)
	if parts == nil || (parts[1] == "sum") != (parts[3] != "") {
		return term{}, fmt.Errorf("the query has %q, want sum:METRIC{SCOPE}.as_count() or p95:METRIC{SCOPE}", text)
	}
	return term{space: parts[1], metric: parts[2]}, nil
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
func (e *expression) over(source Source, from, to int) (value float64, any bool) {
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

func (t *term) over(source Source, from, to int) (value float64, any bool) {
	t.remember(source, from, to)
	from, to = from-t.first, to-t.first+1
	if t.space == "sum" {
		return t.sums[to] - t.sums[from], t.counts[to] > t.counts[from]
	}
	return percentile(slices.Concat(t.points[from:to]...), 0.95)
}

// remember asks the source for the minutes of a time that it was not asked for yet.
func (t *term) remember(source Source, from, to int) {
	if t.sums == nil || from < t.first {
		t.first, t.points, t.sums, t.counts = from, nil, []float64{0}, []int{0}
	}
	for minute := t.first + len(t.points); minute <= to; minute++ {
		points, sum := source(t.metric, minute), 0.0
		for _, one := range points {
			sum += one.Value * one.Times
		}
		before := len(t.points)
		t.points = append(t.points, points)
		t.sums = append(t.sums, t.sums[before]+sum)
		t.counts = append(t.counts, t.counts[before]+len(points))
	}
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
