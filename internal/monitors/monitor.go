// Package monitors evaluates Datadog's metric monitors and burn rate alerts as Datadog documents
// them: the queries that this project writes, minute by minute, and nothing else of the query
// language.
//
//   - https://docs.datadoghq.com/monitors/guide/as-count-in-monitor-evaluations/
//   - https://docs.datadoghq.com/monitors/guide/on_missing_data/
//   - https://docs.datadoghq.com/service_level_objectives/burn_rate/
//   - https://docs.datadoghq.com/service_level_objectives/time_slice/
//
// What the pages do not say is not here either: how long Datadog waits for data that comes late,
// and how a percentile is interpolated. A monitor sees a minute when it is over.
package monitors

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// State is the state of a monitor.
type State string

// The states of a monitor.
const (
	OK     State = "OK"
	Warn   State = "Warn"
	Alert  State = "Alert"
	NoData State = "No Data"
)

// Point is a value that a metric was sent, Times times.
type Point struct{ Value, Times float64 }

// Source is what a metric, with its scope, was sent in a minute; nothing where it was not sent.
type Source func(metric string, minute int) []Point

// Monitor is a monitor of a plan.
type Monitor struct {
	Name     string
	Query    string
	Critical float64
	Warning  *float64 // nil without one
	// Missing is on_missing_data; empty is "default".
	Missing string
}

// The treatments of missing data. The default evaluates sums as 0 and keeps the state of the
// others.
const (
	showAndNotify = "show_and_notify_no_data"
	showNoData    = "show_no_data"
	resolve       = "resolve"
)

// Notifies says whether people hear of a state.
func (m Monitor) Notifies(s State) bool {
	return s == Alert || s == Warn || s == NoData && m.Missing == showAndNotify
}

// Evaluator evaluates a monitor, or a burn rate alert.
type Evaluator interface {
	// Evaluate is the monitor's state when a minute is over. Minutes must come in order.
	Evaluate(minute int) State
}

var metricQuery = regexp.MustCompile(`^(sum|percentile)\(last_(\d+)m\):(.+) (>|>=|<|<=) ([0-9.]+)$`)

// metricEvaluator evaluates a metric monitor.
type metricEvaluator struct {
	Monitor
	sum     bool
	window  int // minutes
	terms   expression
	compare string
	source  Source
	state   State
}

// New reads a metric monitor. It begins in state OK.
func New(m Monitor, source Source) (Evaluator, error) {
	parts := metricQuery.FindStringSubmatch(m.Query)
	if parts == nil {
		return nil, fmt.Errorf("read monitor %s: the query is %q, want sum or percentile(last_Nm):METRIC and a "+
			"comparison", m.Name, m.Query)
	}
	e := &metricEvaluator{
		Monitor: m,
		sum:     parts[1] == "sum",
		compare: parts[4],
		source:  source,
		state:   OK,
	}
	var err error
	if e.terms, err = read(parts[3]); err != nil {
		return nil, fmt.Errorf("read monitor %s: %w", m.Name, err)
	}
	window, windowErr := strconv.Atoi(parts[2])
	critical, criticalErr := strconv.ParseFloat(parts[5], 64)
	if err := cmp.Or(windowErr, criticalErr); err != nil {
		return nil, fmt.Errorf("read monitor %s: %w", m.Name, err)
	}
	if critical != m.Critical {
		return nil, fmt.Errorf("read monitor %s: the query's threshold is %g, and the critical one %g: Datadog "+
			"refuses it", m.Name, critical, m.Critical)
	}
	if !slices.Contains([]string{"", "default", showAndNotify, showNoData, resolve}, m.Missing) {
		return nil, fmt.Errorf("read monitor %s: on_missing_data is %q", m.Name, m.Missing)
	}
	e.window = window
	return e, nil
}

func (e *metricEvaluator) Evaluate(minute int) State {
	value, any := e.terms.over(e.source, minute-e.window+1, minute)
	if !any || math.IsNaN(value) {
		switch {
		case e.Missing == showAndNotify || e.Missing == showNoData:
			e.state = NoData
			return e.state
		case e.Missing == resolve:
			e.state = OK
			return e.state
		case !e.sum:
			return e.state
		}
		value = 0
	}
	e.state = OK
	switch {
	case breaches(e.compare, value, e.Critical):
		e.state = Alert
	case e.Warning != nil && breaches(e.compare, value, *e.Warning):
		e.state = Warn
	}
	return e.state
}

func breaches(compare string, value, threshold float64) bool {
	switch compare {
	case ">":
		return value > threshold
	case ">=":
		return value >= threshold
	case "<":
		return value < threshold
	default:
		return value <= threshold
	}
}
