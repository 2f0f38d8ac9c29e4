package monitors

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// Objective is a service level objective: of a count of events, or of slices of time.
type Objective struct {
	Name   string
	Target float64 // percent
	// Good and All are queries of a count of events. Empty for slices of time.
	Good, All string
	// Slice is the query of slices of time, each of which must be less than Threshold.
	Slice        string
	Threshold    float64
	SliceMinutes int
}

var burnQuery = regexp.MustCompile(
	`^burn_rate\("[^"]*"\)\.over\("30d"\)\.long_window\("([^"]+)"\)\.short_window\("([^"]+)"\) > ([0-9.]+)$`,
)

// burnEvaluator evaluates a burn rate alert.
type burnEvaluator struct {
	objective   Objective
	good, all   expression // of events
	slice       expression // of time
	long, short int        // minutes
	rate        float64
	source      Source
	bad         map[int]bool // slices, by their first minute
}

// NewBurn reads a burn rate alert over an objective. A rate that no failure can reach is refused,
// as Datadog refuses it.
func NewBurn(m Monitor, o Objective, source Source) (Evaluator, error) {
	parts := burnQuery.FindStringSubmatch(m.Query)
	if parts == nil {
		return nil, fmt.Errorf("read monitor %s: the query is %q, want a burn rate over 30 days", m.Name, m.Query)
	}
	e := &burnEvaluator{objective: o, source: source, bad: map[int]bool{}}
	long, longErr := time.ParseDuration(parts[1])
	short, shortErr := time.ParseDuration(parts[2])
	rate, rateErr := strconv.ParseFloat(parts[3], 64)
	if err := cmp.Or(longErr, shortErr, rateErr); err != nil {
		return nil, fmt.Errorf("read monitor %s: %w", m.Name, err)
	}
	e.long, e.short, e.rate = int(long.Minutes()), int(short.Minutes()), rate
	switch highest := 100 / (100 - o.Target); {
	case rate != m.Critical:
		return nil, fmt.Errorf("read monitor %s: the query's rate is %g, and the critical one %g: Datadog refuses it",
			m.Name, rate, m.Critical)
	case long < time.Hour || long > 48*time.Hour || short <= 0 || short >= long:
		return nil, fmt.Errorf("read monitor %s: the windows are %s and %s, want 1h to 48h and a shorter one", m.Name,
			parts[1], parts[2])
	case rate <= 0 || rate > highest:
		return nil, fmt.Errorf("read monitor %s: the rate is %g, and everything failing burns at %g: Datadog "+
			"refuses it", m.Name, rate, highest)
	}
	return e, e.readObjective()
}

func (e *burnEvaluator) readObjective() error {
	o := e.objective
	var err error
	if o.Slice != "" {
		e.slice, err = read(o.Slice)
	} else {
		var allErr error
		e.good, err = read(o.Good)
		e.all, allErr = read(o.All)
		err = cmp.Or(err, allErr)
	}
	if err != nil {
		return fmt.Errorf("read objective %s: %w", o.Name, err)
	}
	return nil
}

// Evaluate is Alert while both windows burn at the rate or faster.
func (e *burnEvaluator) Evaluate(minute int) State {
	budget := 1 - e.objective.Target/100
	for _, window := range []int{e.short, e.long} {
		if e.errors(minute-window+1, minute)/budget < e.rate {
			return OK
		}
	}
	return Alert
}

// errors is the part of a window that is bad. Without data nothing is.
func (e *burnEvaluator) errors(from, to int) float64 {
	if e.objective.Slice != "" {
		return e.slices(from, to)
	}
	good, _ := e.good.over(e.source, from, to)
	all, any := e.all.over(e.source, from, to)
	if !any || all == 0 {
		return 0
	}
	return 1 - good/all
}

// slices is the part of the slices in a window that do not meet the condition. Slices begin at
// their multiples; those that are not over yet do not count. A slice without data is good.
func (e *burnEvaluator) slices(from, to int) float64 {
	length := e.objective.SliceMinutes
	first := int(math.Ceil(float64(from)/float64(length))) * length
	all, bad := 0, 0
	for start := first; start+length-1 <= to; start += length {
		missed, known := e.bad[start]
		if !known {
			value, any := e.slice.over(e.source, start, start+length-1)
			missed = any && value >= e.objective.Threshold
			e.bad[start] = missed
		}
		all++
		if missed {
			bad++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(bad) / float64(all)
}
