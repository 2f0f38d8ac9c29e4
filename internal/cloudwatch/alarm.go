package cloudwatch

import (
	"fmt"
	"math"
	"slices"
)

// State is the state of an alarm.
type State string

// The states of an alarm.
const (
	OK               State = "OK"
	InALARM          State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Late is how many minutes pass until a minute's data is there. CloudWatch promises no time; two
// minutes are an assumption.
const Late = 2

// spare is how many periods beyond its own an alarm looks back for data, in AWS's examples.
const spare = 2

// Comparison is how a value is held against the threshold.
type Comparison string

// The comparisons of alarms with a fixed threshold.
const (
	GreaterThan        Comparison = "GreaterThanThreshold"
	GreaterThanOrEqual Comparison = "GreaterThanOrEqualToThreshold"
	LessThan           Comparison = "LessThanThreshold"
	LessThanOrEqual    Comparison = "LessThanOrEqualToThreshold"
)

func (c Comparison) breached(value, threshold float64) (bool, error) {
	switch c {
	case GreaterThan:
		return value > threshold, nil
	case GreaterThanOrEqual:
		return value >= threshold, nil
	case LessThan:
		return value < threshold, nil
	case LessThanOrEqual:
		return value <= threshold, nil
	default:
		return false, fmt.Errorf("the comparison is %q, want one of %s, %s, %s, %s",
			c, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual)
	}
}

// Missing is what a period without data counts as.
type Missing string

// The treatments of missing data. None is AsMissing.
const (
	AsMissing      Missing = "missing"
	AsBreaching    Missing = "breaching"
	AsNotBreaching Missing = "notBreaching"
	Ignored        Missing = "ignore"
)

// Alarm is a metric alarm.
type Alarm struct {
	Name       string
	Queries    []Query // one returns data
	Periods    int     // evaluation periods, 1 or more
	Datapoints int     // to alarm, 1 to Periods
	Comparison Comparison
	Threshold  float64
	Missing    Missing
	// IgnoreFewSamples is EvaluateLowSampleCountPercentile "ignore": a percentile of few samples
	// changes nothing.
	IgnoreFewSamples bool
}

// Query is a metric with a statistic, or an expression over other queries.
type Query struct {
	ID         string // required with an expression
	Metric     string // what the source of the data knows the metric by
	Statistic  string // such as Sum or p95
	Period     int    // seconds, of a metric
	Expression string
	Returns    bool // this is the one that the alarm watches
}

// The most queries of an alarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
const (
	MostMetrics     = 10
	MostExpressions = 10
)

// Data is what the metrics were sent.
type Data struct {
	// Begin is minute 0, in seconds since 1970.
	Begin int64
	// Values are those that a metric was sent in one minute; none where it was not sent.
	Values func(metric string, minute int) []Value
	// Later is how many minutes later than Late the data is, in the minute in which it is asked
	// for. Nil: none.
	Later func(minute int) int
}

// Evaluator evaluates one alarm, minute by minute.
type Evaluator struct {
	alarm    Alarm
	data     Data
	period   int // minutes
	watched  string
	metrics  []*metric
	formulas map[string]formula
	order    []string // expressions, each after those it uses
	scope    scope    // of the timestamp that is computed
	known    []point  // of the periods that begin in the first minute that was asked for, and in each after it
	first    int      // that minute
	state    State
}

// point is the watched value of a period of which all data is there.
type point struct {
	computed bool
	value    float64
}

// NewEvaluator checks an alarm. It begins in state INSUFFICIENT_DATA, as a new alarm does.
func NewEvaluator(a Alarm, data Data) (*Evaluator, error) {
	e := &Evaluator{
		alarm:    a,
		data:     data,
		formulas: map[string]formula{},
		scope:    scope{values: map[string]value{}, begin: data.Begin},
		state:    InsufficientData,
	}
	if err := e.prepare(); err != nil {
		return nil, fmt.Errorf("read alarm %s: %w", a.Name, err)
	}
	return e, nil
}

func (e *Evaluator) prepare() error {
	a := e.alarm
	if a.Periods < 1 || a.Datapoints < 1 || a.Datapoints > a.Periods {
		return fmt.Errorf("%d of %d periods, want 1 or more of as many or more", a.Datapoints, a.Periods)
	}
	if _, err := a.Comparison.breached(0, 0); err != nil {
		return err
	}
	if known := []Missing{"", AsMissing, AsBreaching, AsNotBreaching, Ignored}; !slices.Contains(known, a.Missing) {
		return fmt.Errorf("missing data is %q, want one of %v", a.Missing, known[1:])
	}
	for _, query := range a.Queries {
		if query.Returns {
			if e.watched != "" {
				return fmt.Errorf("queries %s and %s both return data, want one", e.watched, query.ID)
			}
			e.watched = query.ID
		}
		if query.Expression != "" {
			parsed, err := parse(query.Expression)
			if err != nil {
				return fmt.Errorf("read expression %s: %w", query.ID, err)
			}
			e.formulas[query.ID] = parsed
			continue
		}
		if err := e.metric(query); err != nil {
			return err
		}
	}
	switch {
	case e.watched == "":
		return fmt.Errorf("no query returns data, want one")
	case len(e.metrics) == 0:
		return fmt.Errorf("no query has a metric, want one or more")
	case len(e.metrics) > MostMetrics:
		return fmt.Errorf("%d metrics, want up to %d", len(e.metrics), MostMetrics)
	case len(e.formulas) > MostExpressions:
		return fmt.Errorf("%d expressions, want up to %d", len(e.formulas), MostExpressions)
	}
	return e.sort()
}

func (e *Evaluator) metric(query Query) error {
	if query.Period < 60 || query.Period%60 != 0 || query.Period > 86400 {
		return fmt.Errorf("the period of %s is %d s, want a multiple of 60 up to 86400", query.Metric, query.Period)
	}
	if e.period != 0 && e.period != query.Period/60 {
		return fmt.Errorf("the periods of its metrics differ, want one")
	}
	e.period = query.Period / 60
	aggregate, err := statistic(query.Statistic)
	e.metrics = append(e.metrics, &metric{
		id: query.ID, name: query.Metric, aggregate: aggregate, fewest: fewest(query.Statistic),
	})
	return err
}

// sort puts the expressions in an order in which each comes after those it uses.
func (e *Evaluator) sort() error {
	done := map[string]bool{}
	for _, query := range e.alarm.Queries {
		done[query.ID] = query.Expression == ""
	}
	for len(e.order) < len(e.formulas) {
		found := false
		for _, query := range e.alarm.Queries {
			if done[query.ID] {
				continue
			}
			ready := true
			for _, used := range e.formulas[query.ID].uses() {
				computed, known := done[used]
				if !known {
					return fmt.Errorf("expression %s uses %s, which no query has for its id", query.ID, used)
				}
				ready = ready && computed
			}
			if ready {
				e.order, done[query.ID], found = append(e.order, query.ID), true, true
			}
		}
		if !found {
			return fmt.Errorf("its expressions use each other in a circle")
		}
	}
	return nil
}

// State is the state after the last evaluation.
func (e *Evaluator) State() State { return e.state }

// Evaluate is the state at the end of a minute. Minutes must be evaluated in their order.
func (e *Evaluator) Evaluate(minute int) (State, error) {
	points, few, err := e.points(minute)
	if err != nil {
		return e.state, fmt.Errorf("evaluate alarm %s: %w", e.alarm.Name, err)
	}
	if !few {
		e.state = e.judge(points)
	}
	return e.state, nil
}

// points are the values that the alarm looks at, the oldest first, NaN where there are none. few
// says that there are too few samples for a percentile, and that the alarm is to wait for more.
func (e *Evaluator) points(minute int) (points []float64, few bool, err error) {
	n := e.alarm.Periods + spare
	end := minute - Late
	last := end // the last minute whose data is there
	if e.data.Later != nil {
		last -= e.data.Later(minute)
	}
	points = make([]float64, n)
	for i := range points {
		if points[i], err = e.at(end-(n-i)*e.period+1, last); err != nil {
			return nil, false, err
		}
	}
	if e.alarm.IgnoreFewSamples {
		few = slices.ContainsFunc(e.metrics, func(m *metric) bool {
			samples := 0.0
			for age := e.alarm.Periods; age > 0; age-- {
				samples += count(e.window(m, end-age*e.period+1, last))
			}
			return samples < m.fewest
		})
	}
	return points, few, nil
}

// at is the watched value of the period that begins in a minute, as far as its data is there. The
// window slides by less than all its periods, so that most of them are asked for again.
func (e *Evaluator) at(start, last int) (float64, error) {
	if e.known == nil {
		e.first = start
	}
	for len(e.known) <= start-e.first {
		e.known = append(e.known, point{})
	}
	known := &e.known[start-e.first]
	if known.computed {
		return known.value, nil
	}
	value, err := e.compute(start, last)
	if err == nil && start+e.period-1 <= last {
		*known = point{true, value}
	}
	return value, err
}

func (e *Evaluator) compute(start, last int) (float64, error) {
	e.scope.start = start
	for _, one := range e.metrics {
		e.scope.values[one.id] = value{number: one.aggregate(e.window(one, start, last))}
	}
	for _, id := range e.order {
		result, err := e.formulas[id].eval(e.scope)
		if err != nil {
			return 0, fmt.Errorf("compute %s: %w", id, err)
		}
		e.scope.values[id] = result
	}
	watched := e.scope.values[e.watched]
	if watched.scalar {
		return 0, fmt.Errorf("expression %s is a number, want a time series", e.watched)
	}
	return watched.number, nil
}

// window is what a metric was sent in the period that begins in a minute, as far as it is there.
func (e *Evaluator) window(m *metric, start, last int) []Value {
	return m.between(e.data.Values, start, min(start+e.period-1, last))
}

// judge decides by the points, the oldest first. Those that exist are taken before any that is
// missing, however old they are.
func (e *Evaluator) judge(points []float64) State {
	a := e.alarm
	existing, breaching, oldest := 0, 0, 0
	for age := 1; age <= len(points) && existing < a.Periods; age++ {
		value := points[len(points)-age]
		if math.IsNaN(value) {
			continue
		}
		existing++
		if bad, _ := a.Comparison.breached(value, a.Threshold); bad { // checked before
			breaching, oldest = breaching+1, age
		}
	}
	filled := a.Periods - existing
	if a.Missing == AsBreaching {
		breaching += filled
	}
	switch {
	case breaching >= a.Datapoints:
		return InALARM
	case filled == 0 || a.Missing == AsBreaching || a.Missing == AsNotBreaching || existing > breaching:
		return OK
	case a.Missing == Ignored:
		return e.state
	case oldest >= a.Datapoints: // what there is breaches, and is old enough not to be premature
		return InALARM
	default:
		return InsufficientData
	}
}
