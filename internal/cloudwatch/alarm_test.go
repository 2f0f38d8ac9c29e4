package cloudwatch

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pointsOf reads points as AWS's tables write them, the oldest first: 0 is within the threshold, X
// breaches it, - is missing.
func pointsOf(text string) []float64 {
	var all []float64
	for _, one := range strings.Fields(text) {
		all = append(all, map[string]float64{"0": 0, "X": 2, "-": math.NaN()}[one])
	}
	return all
}

// The tables and examples of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
// Kept stands for the state before.
func TestMissingDataIsTreatedAsInTheDocumentation(t *testing.T) {
	const kept State = "kept"
	columns := []Missing{AsMissing, Ignored, AsBreaching, AsNotBreaching}
	for _, table := range []struct {
		datapoints int
		rows       map[string][4]State
	}{
		{3, map[string][4]State{
			"0 - X - X": {OK, OK, OK, OK},
			"0 - - - -": {OK, OK, OK, OK},
			"- - - - -": {InsufficientData, kept, InALARM, OK},
			"0 X X - X": {InALARM, InALARM, InALARM, InALARM},
			"- - X - -": {InALARM, kept, InALARM, OK},
			"- - - - X": {InsufficientData, kept, InALARM, OK},
			"- - - X -": {InsufficientData, kept, InALARM, OK},
			"X - - - -": {InALARM, kept, InALARM, OK},
		}},
		{2, map[string][4]State{
			"0 - X - X": {InALARM, InALARM, InALARM, InALARM},
			"0 0 X 0 X": {InALARM, InALARM, InALARM, InALARM},
			"0 - X - -": {OK, OK, InALARM, OK},
			"- - - - 0": {OK, OK, InALARM, OK},
			"- - - - X": {InsufficientData, kept, InALARM, OK},
			"- - - X -": {InALARM, kept, InALARM, OK},
		}},
	} {
		for points, states := range table.rows {
			for i, missing := range columns {
				e := &Evaluator{state: kept, alarm: Alarm{
					Periods:    3,
					Datapoints: table.datapoints,
					Comparison: GreaterThan,
					Threshold:  1,
					Missing:    missing,
				}}
				assert.Equal(t, states[i], e.judge(pointsOf(points)), "%s, %d of 3, %s", points, table.datapoints,
					missing)
			}
		}
	}
}

// alarmOn is an alarm on one metric, 1 of 1 periods of a minute.
func alarmOn(change func(*Alarm)) Alarm {
	a := Alarm{
		Name:       "a",
		Periods:    1,
		Datapoints: 1,
		Comparison: GreaterThan,
		Threshold:  5,
		Missing:    AsNotBreaching,
		Queries:    []Query{{ID: "m", Metric: "m", Statistic: "Maximum", Period: 60, Returns: true}},
	}
	change(&a)
	return a
}

// from is data that one metric was sent, minute by minute; NaN is none.
func from(values ...float64) Data {
	return Data{Values: func(_ string, minute int) []Value {
		if minute < 0 || minute >= len(values) || math.IsNaN(values[minute]) {
			return nil
		}
		return Of(values[minute])
	}}
}

// statesOf are the states of an alarm in the minutes of its data, as if the data came at once.
func statesOf(t *testing.T, a Alarm, data Data, minutes int) string {
	t.Helper()
	e, err := NewEvaluator(a, data)
	require.NoError(t, err)
	var all []string
	for minute := range minutes {
		state, err := e.Evaluate(minute + Late)
		require.NoError(t, err)
		all = append(all, string(state[0]))
	}
	return strings.Join(all, "")
}

// The figure of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
// with a threshold of three units and 3 of 3 periods.
func TestAnAlarmWantsAllItsPeriods(t *testing.T) {
	data := from(1, 2, 4, 4, 5, 4, 4, 2, 1, 4, 1)
	three := alarmOn(func(a *Alarm) { a.Periods, a.Datapoints, a.Threshold = 3, 3, 3 })
	assert.Equal(t, "OOOOAAAOOOO", statesOf(t, three, data, 11))
	two := alarmOn(func(a *Alarm) { a.Periods, a.Datapoints, a.Threshold = 3, 2, 3 })
	assert.Equal(t, "OOOAAAAAOOO", statesOf(t, two, data, 11))
}

// "At the end of minute 5 the alarm is evaluated by minutes 1 to 5, at the end of minute 6 by
// minutes 2 to 6."
func TestTheWindowSlidesEachMinute(t *testing.T) {
	a := alarmOn(func(a *Alarm) { a.Queries[0].Period, a.Queries[0].Statistic = 300, "Sum" })
	assert.Equal(t, "OOOAAAAAOO", statesOf(t, a, from(0, 0, 0, 6, 0, 0, 0, 0, 0, 0), 10))
}

func TestStatistics(t *testing.T) {
	values := []Value{{10, 1}, {1, 90}, {4, 9}}
	for name, want := range map[string]float64{
		"Sum": 136, "Average": 1.36, "Minimum": 1, "Maximum": 10, "SampleCount": 100,
		"p50": 1, "p95": 4, "p99": 4, "p99.5": 10, "p100": 10,
	} {
		aggregate, err := statistic(name)
		require.NoError(t, err, name)
		assert.InDelta(t, want, aggregate(values), 1e-9, name)
		assert.True(t, math.IsNaN(aggregate(nil)), name)
	}
	for _, name := range []string{"average", "p0", "p101", "", "tm90"} {
		_, err := statistic(name)
		require.ErrorContains(t, err, "the statistic is", name)
	}
}

func TestAPercentileOfFewSamplesChangesNothing(t *testing.T) {
	data := Data{Values: func(_ string, minute int) []Value { return []Value{{9, float64(max(0, minute) * 60)}} }}
	a := alarmOn(func(a *Alarm) { a.Queries[0].Statistic, a.IgnoreFewSamples = "p95", true })
	assert.Equal(t, "IIIIA", statesOf(t, a, data, 5), "200 samples are wanted for a p95")
	a.IgnoreFewSamples = false
	assert.Equal(t, "OAAAA", statesOf(t, a, data, 5))
}

func TestDataIsLate(t *testing.T) {
	e, err := NewEvaluator(alarmOn(func(*Alarm) {}), from(6))
	require.NoError(t, err)
	for minute, want := range []State{OK, OK, InALARM} {
		got, err := e.Evaluate(minute)
		require.NoError(t, err)
		assert.Equal(t, want, got, minute)
	}
}

func TestAlarmsThatCloudWatchRefuses(t *testing.T) {
	metric := func(id string) Query { return Query{ID: id, Metric: id, Statistic: "Sum", Period: 60} }
	for want, change := range map[string]func(*Alarm){
		"2 of 1 periods":            func(a *Alarm) { a.Datapoints = 2 },
		"0 of 1 periods":            func(a *Alarm) { a.Datapoints = 0 },
		`the comparison is "above"`: func(a *Alarm) { a.Comparison = "above" },
		`missing data is "bad"`:     func(a *Alarm) { a.Missing = "bad" },
		"the period of m is 90 s":   func(a *Alarm) { a.Queries[0].Period = 90 },
		"the periods of its metrics differ": func(a *Alarm) {
			a.Queries = append(a.Queries, Query{ID: "n", Metric: "n", Statistic: "Sum", Period: 300})
		},
		"queries m and n both return data": func(a *Alarm) {
			a.Queries = append(a.Queries, Query{ID: "n", Metric: "n", Statistic: "Sum", Period: 60, Returns: true})
		},
		"no query returns data": func(a *Alarm) { a.Queries[0].Returns = false },
		"no query has a metric": func(a *Alarm) { a.Queries = []Query{{ID: "e", Expression: "1", Returns: true}} },
		"11 metrics, want up to 10": func(a *Alarm) {
			for _, id := range "abcdefghij" {
				a.Queries = append(a.Queries, metric(string(id)))
			}
		},
		"11 expressions, want up to 10": func(a *Alarm) {
			for _, id := range "abcdefghijk" {
				a.Queries = append(a.Queries, Query{ID: string(id), Expression: "m"})
			}
		},
		"expression e uses x, which no query has": func(a *Alarm) {
			a.Queries = append(a.Queries, Query{ID: "e", Expression: "x+1"})
		},
		"use each other in a circle": func(a *Alarm) {
			a.Queries = append(a.Queries, Query{ID: "e", Expression: "f"}, Query{ID: "f", Expression: "e"})
		},
	} {
		_, err := NewEvaluator(alarmOn(change), from(1))
		require.ErrorContains(t, err, want)
	}
	e, err := NewEvaluator(alarmOn(func(a *Alarm) {
		a.Queries[0].Returns = false
		a.Queries = append(a.Queries, Query{ID: "e", Expression: "1+1", Returns: true})
	}), from(1))
	require.NoError(t, err)
	_, err = e.Evaluate(5)
	require.ErrorContains(t, err, "expression e is a number, want a time series")
}

// Data that is later than usual is missing meanwhile. An alarm that takes missing data for bad
// looks back further for it; FILL puts a value in its place at once.
func TestDataThatIsLaterThanUsual(t *testing.T) {
	well := Data{
		Values: func(string, int) []Value { return Of(1) }, Later: func(minute int) int { return minute - Late },
	}
	missing := alarmOn(func(a *Alarm) { a.Missing, a.Periods, a.Datapoints = AsBreaching, 2, 2 })
	assert.Equal(t, "OOOOA", statesOf(t, missing, well, 5), "two periods more, and not before")
	filled := alarmOn(func(a *Alarm) {
		a.Periods, a.Datapoints, a.Queries[0].Returns = 2, 2, false
		a.Queries = append(a.Queries, Query{ID: "filled", Expression: "FILL(m,9)", Returns: true})
	})
	assert.Equal(t, "OOAAA", statesOf(t, filled, well, 5))
	well.Later = nil
	assert.Equal(t, "OOOOO", statesOf(t, filled, well, 5))
}

// A period of which a part is there has the value of that part, until the rest has come.
func TestAPeriodThatIsThereInPart(t *testing.T) {
	late := true
	data := Data{Values: func(string, int) []Value { return Of(2) }, Later: func(int) int {
		if late {
			return 3
		}
		return 0
	}}
	e, err := NewEvaluator(alarmOn(func(a *Alarm) {
		a.Queries[0].Statistic, a.Queries[0].Period, a.Comparison, a.Threshold = "Sum", 300, LessThan, 10
	}), data)
	require.NoError(t, err)
	for _, want := range []State{InALARM, OK} {
		state, err := e.Evaluate(20)
		require.NoError(t, err)
		assert.Equal(t, want, state)
		late = false
	}
}
