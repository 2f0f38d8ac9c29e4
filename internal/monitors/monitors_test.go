package monitors

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	hits    = "trace.web.hits{env:a,service:web}"
	errors  = "trace.web.errors{env:a,service:web}"
	latency = "trace.web{env:a,service:web}"
	rate    = "sum:" + errors + ".as_count() / sum:" + hits + ".as_count()"
)

// constant sends the same in every minute, from minute 0 on.
func constant(sent map[string][]Point) Source {
	return func(metric string, minute int) []Point {
		if minute < 0 {
			return nil
		}
		return sent[metric]
	}
}

func one(value float64) []Point { return []Point{{value, 1}} }

// The values of Datadog's page on as_count, a point a minute: errors 1 to 5 of 10 requests each are
// 0.3 of them, and not 1.5.
func TestCountsAreSummedBeforeTheDivision(t *testing.T) {
	source := func(metric string, minute int) []Point {
		switch {
		case minute < 0 || minute > 4:
			return nil
		case metric == errors:
			return one(float64(minute + 1))
		}
		return one(10)
	}
	for critical, want := range map[string]State{"0.31": OK, "0.3": OK, "0.29": Alert} {
		made, err := New(Monitor{
			Name:  "rate",
			Query: "sum(last_5m):" + rate + " > " + critical,
			Critical: map[string]float64{
				"0.31": 0.31, "0.3": 0.3, "0.29": 0.29,
			}[critical],
		}, source)
		require.NoError(t, err)
		assert.Equal(t, want, made.Evaluate(4), critical)
	}
}

func TestStatesOfAMonitor(t *testing.T) {
	warning := 0.03
	for sentence, c := range map[string]struct {
		monitor Monitor
		sent    map[string][]Point
		want    State
	}{
		"few errors": {Monitor{Query: "sum(last_5m):" + rate + " > 0.05", Critical: 0.05, Warning: &warning},
			map[string][]Point{hits: one(100), errors: one(3)}, OK},
		"errors past the warning": {Monitor{
			Query:    "sum(last_5m):" + rate + " > 0.05",
			Critical: 0.05,
			Warning:  &warning,
		},
			map[string][]Point{hits: one(100), errors: one(4)}, Warn},
		"errors past the critical value": {Monitor{
			Query:    "sum(last_5m):" + rate + " > 0.05",
			Critical: 0.05,
			Warning:  &warning,
		},
			map[string][]Point{hits: one(100), errors: one(6)}, Alert},
		"no errors were sent": {Monitor{Query: "sum(last_5m):" + rate + " > 0.05", Critical: 0.05},
			map[string][]Point{hits: one(100)}, OK},
		"nothing was sent: a sum is 0": {Monitor{Query: "sum(last_5m):" + rate + " > 0.05", Critical: 0.05}, nil, OK},
		"nothing was sent, and 0 is too little": {Monitor{
			Query:    "sum(last_5m):sum:" + hits + ".as_count() < 1",
			Critical: 1,
		},
			nil, Alert},
		"nothing was sent, and people hear of it": {
			Monitor{
				Query:    "sum(last_5m):sum:" + hits + ".as_count() < 1",
				Critical: 1,
				Missing:  "show_and_notify_no_data",
			}, nil, NoData},
		"a 0 was sent": {Monitor{
			Query:    "sum(last_5m):sum:" + hits + ".as_count() < 1",
			Critical: 1,
			Missing:  "show_and_notify_no_data",
		},
			map[string][]Point{hits: one(0)}, Alert},
		"one in twenty-five is slow": {Monitor{Query: "percentile(last_5m):p95:" + latency + " > 1", Critical: 1},
			map[string][]Point{latency: {{0.1, 96}, {3, 4}}}, OK},
		"one in ten is slow": {Monitor{Query: "percentile(last_5m):p95:" + latency + " > 1", Critical: 1},
			map[string][]Point{latency: {{3, 10}, {0.1, 90}}}, Alert},
		"nothing was sent: a percentile keeps its state": {Monitor{
			Query:    "percentile(last_5m):p95:" + latency + " > 1",
			Critical: 1,
		}, nil, OK},
	} {
		c.monitor.Name = sentence
		made, err := New(c.monitor, constant(c.sent))
		require.NoError(t, err)
		assert.Equal(t, c.want, made.Evaluate(10), sentence)
	}
}

func TestAPercentileWithoutDataKeepsItsState(t *testing.T) {
	slow := func(_ string, minute int) []Point {
		if minute > 10 {
			return nil
		}
		return one(3)
	}
	for missing, want := range map[string]State{"default": Alert, "resolve": OK, "show_no_data": NoData} {
		made, err := New(Monitor{Query: "percentile(last_5m):p95:" + latency + " > 1", Critical: 1, Missing: missing},
			slow)
		require.NoError(t, err)
		require.Equal(t, Alert, made.Evaluate(10), missing)
		assert.Equal(t, want, made.Evaluate(30), missing)
	}
}

func TestWhatPeopleHearOf(t *testing.T) {
	assert.True(t, Monitor{}.Notifies(Alert))
	assert.True(t, Monitor{}.Notifies(Warn))
	assert.False(t, Monitor{}.Notifies(OK))
	assert.False(t, Monitor{}.Notifies(NoData))
	assert.True(t, Monitor{Missing: "show_and_notify_no_data"}.Notifies(NoData))
}

func available(target float64) Objective {
	return Objective{
		Name:   "available",
		Target: target,
		Good:   "sum:" + hits + ".as_count() - sum:" + errors + ".as_count()",
		All:    "sum:" + hits + ".as_count()",
	}
}

func burning(rate string, critical float64) Monitor {
	return Monitor{
		Name:     "burn",
		Query:    `burn_rate("id").over("30d").long_window("1h").short_window("5m") > ` + rate,
		Critical: critical,
	}
}

// Of 99.9 % a part of 1.44 % burns at a rate of 14.4.
func TestABurnRateNeedsBothWindows(t *testing.T) {
	failing := func(from, to int, part float64) Source {
		return func(metric string, minute int) []Point {
			if metric == hits {
				return one(100)
			}
			if minute < from || minute > to {
				return nil
			}
			return one(100 * part)
		}
	}
	for sentence, c := range map[string]struct {
		source Source
		want   State
	}{
		"for an hour, as fast":           {failing(0, 100, 0.0144001), Alert},
		"for an hour, more slowly":       {failing(0, 100, 0.0143), OK},
		"everything, in the last minute": {failing(100, 100, 1), Alert},
		"it has ended":                   {failing(0, 95, 1), OK},
		"a little, in the last minutes":  {failing(96, 100, 0.1), OK},
	} {
		made, err := NewBurn(burning("14.4", 14.4), available(99.9), c.source)
		require.NoError(t, err)
		assert.Equal(t, c.want, made.Evaluate(100), sentence)
	}
}

func TestSlicesOfTimeAreGoodWithoutData(t *testing.T) {
	slices := Objective{Name: "fast", Target: 99, Slice: "p95:" + latency, Threshold: 1, SliceMinutes: 5}
	for sentence, c := range map[string]struct {
		seconds []Point
		want    State
	}{"slow": {one(1), Alert}, "fast": {one(0.9), OK}, "no data": {nil, OK}} {
		made, err := NewBurn(burning("14.4", 14.4), slices, constant(map[string][]Point{latency: c.seconds}))
		require.NoError(t, err)
		assert.Equal(t, c.want, made.Evaluate(119), sentence)
	}
}

func TestMonitorsThatCannotBeRead(t *testing.T) {
	for want, query := range map[string]string{
		"want sum or percentile":                                   "avg(last_5m):" + rate + " > 0.05",
		"want sum:METRIC{SCOPE}.as_count() or p95:METRIC{SCOPE}":   "sum(last_5m):sum:" + hits + " > 0.05",
		"the query's threshold is 0.06, and the critical one 0.05": "sum(last_5m):" + rate + " > 0.06",
		"one metric, or two with / or - between them": "sum(last_5m):" + rate + " * sum:" + hits +
			".as_count() > 0.05",
	} {
		_, err := New(Monitor{Name: "rate", Query: query, Critical: 0.05}, nil)
		require.ErrorContains(t, err, want)
	}
	_, err := New(Monitor{Query: "sum(last_5m):" + rate + " > 0.05", Critical: 0.05, Missing: "zero"}, nil)
	require.ErrorContains(t, err, `on_missing_data is "zero"`)
	for want, c := range map[string]struct {
		monitor Monitor
		target  float64
	}{
		"want a burn rate over 30 days":                        {Monitor{Query: "error_budget(1)"}, 99},
		"the query's rate is 6, and the critical one 7":        {burning("6", 7), 99},
		"the rate is 14.4, and everything failing burns at 10": {burning("14.4", 14.4), 90},
		"the windows are 30m and 5m, want 1h to 48h and a shorter one": {
			Monitor{Query: `burn_rate("id").over("30d").long_window("30m").short_window("5m") > 6`, Critical: 6}, 99},
	} {
		_, err := NewBurn(c.monitor, available(c.target), nil)
		require.ErrorContains(t, err, want)
	}
	broken := available(99)
	broken.All = "all"
	_, err = NewBurn(burning("6", 6), broken, nil)
	require.ErrorContains(t, err, `read objective available: the query has "all"`)
}
