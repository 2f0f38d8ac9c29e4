package observability

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/cloudwatch"
)

// The example of the comment of steps.
func TestHoursAsMetricMath(t *testing.T) {
	hours := Hours{Timezone: "Asia/Tokyo", From: "07:00", To: "22:00", Holidays: []string{"2026-11-23"}}
	steps, err := hours.steps("requests", 60)
	require.NoError(t, err)
	assert.Equal(t, []step{
		{"local0", "EPOCH(requests)+(32400)"},
		{"day0", "FLOOR(local0/86400)"},
		{"second0", "local0-(86400*day0)"},
		{"awake", "(second0>=26100)&&(second0<=79140)&&(((day0+3)-(7*FLOOR((day0+3)/7)))<5)&&(day0!=20780)"},
	}, steps)
}

func tokyo() *Hours {
	return &Hours{
		Timezone: "Asia/Tokyo",
		From:     "07:00",
		To:       "22:00",
		Holidays: []string{"2026-01-01", "2026-01-12", "2027-05-03"},
	}
}

// evaluator evaluates an alarm on metrics that never change, by their ids. "metric" is the id of a
// plain alarm's own.
func (a alarm) evaluator(t *testing.T, begin time.Time, series map[string]float64) *cloudwatch.Evaluator {
	t.Helper()
	evaluated := cloudwatch.Alarm{
		Name:       a.key,
		Periods:    a.periods,
		Datapoints: cmp.Or(a.datapoints, a.periods),
		Comparison: cloudwatch.Comparison(a.comparison),
		Threshold:  a.threshold,
		Missing:    cloudwatch.Missing(a.missing),
	}
	sums := map[string]bool{}
	watch := func(id string, m metric, returns bool) {
		sums[id] = m.stat == "Sum"
		evaluated.Queries = append(evaluated.Queries, cloudwatch.Query{
			ID:        id,
			Metric:    id,
			Statistic: m.stat,
			Period:    a.period,
			Returns:   returns,
		})
	}
	if a.expression == "" {
		watch("metric", a.metric, true)
	} else {
		evaluated.Queries = append(evaluated.Queries,
			cloudwatch.Query{ID: "result", Expression: a.expression, Returns: true})
	}
	for _, one := range a.inputs {
		watch(one.id, one.metric, false)
	}
	for _, one := range a.steps {
		evaluated.Queries = append(evaluated.Queries, cloudwatch.Query{ID: one.id, Expression: one.expression})
	}
	made, err := cloudwatch.NewEvaluator(evaluated, cloudwatch.Data{
		Begin: begin.Unix(), Values: func(id string, _ int) []cloudwatch.Value {
			value, sent := series[id]
			if !sent {
				return nil
			}
			if sums[id] { // of a period
				value *= 60 / float64(a.period)
			}
			return cloudwatch.Of(value)
		},
	})
	require.NoError(t, err, a.key)
	return made
}

// rings says whether an alarm is on at a moment, when its metrics have been like this for hours.
func (a alarm) rings(t *testing.T, at time.Time, series map[string]float64) bool {
	t.Helper()
	const hours = 600
	state, err := a.evaluator(t, at.Add(-hours*time.Minute), series).Evaluate(hours + cloudwatch.Late)
	require.NoError(t, err, a.key)
	return state == cloudwatch.InALARM
}

// awakeAt is said in another way than the expression: by the clock of the zone.
func (h Hours) awakeAt(at time.Time) bool {
	local := at.Format("15:04")
	off := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday ||
		slices.Contains(h.Holidays, at.Format(time.DateOnly))
	return !off && local >= h.expectedFrom() && local < h.To
}

func TestHoursAreThoseOfTheClock(t *testing.T) {
	for zone, changes := range map[string]bool{"Asia/Tokyo": false, "America/New_York": true, "Asia/Kolkata": false} {
		t.Run(zone, func(t *testing.T) {
			h := tokyo()
			h.Timezone = zone
			steps, err := h.steps("x", 60)
			require.NoError(t, err)
			local, err := time.LoadLocation(zone)
			require.NoError(t, err)
			watch := alarm{
				inputs:     []idMetric{{"x", metric{stat: "Maximum"}}},
				steps:      steps,
				expression: awake,
				period:     60,
				periods:    1,
				comparison: above,
				missing:    missingIsGood,
			}
			start := time.Date(2025, 12, 20, 0, 0, 0, 0, local)
			evaluator := watch.evaluator(t, start, map[string]float64{"x": 0})
			for at := start; at.Before(start.AddDate(0, 9, 0)); at = at.Add(15 * time.Minute) {
				state, err := evaluator.Evaluate(int(at.Sub(start).Minutes()) + cloudwatch.Late)
				require.NoError(t, err)
				got := state == cloudwatch.InALARM
				if !changes {
					require.Equal(t, h.awakeAt(at), got, at)
				} else if got { // an hour less on one side, never more
					require.True(t, h.awakeAt(at), at)
				} else if noon := at.Hour() == 12; noon {
					require.Equal(t, h.awakeAt(at), got, at)
				}
			}
		})
	}
}

// asleep is a stack like staging: no reader, no NAT, no backups, no log stream, no Container
// Insights.
func asleep() watched {
	return watched{
		services:   map[string]watchedService{"web": {minTasks: 1, sleeps: true, targets: true, logs: true}},
		hours:      tokyo(),
		minACU:     0.5,
		maxACU:     2,
		logMetrics: "bookmark-manager/staging",
		prober:     "web",
	}
}

// What the site's services, load balancer, CloudFront and health check report while nothing runs.
var nothingRuns = map[string]map[string]float64{
	keyServerErrors:     {"unrouted": 60, "balancer": 60},
	keyEdgeErrors:       {"requests": 60, "rate": 100},
	keySiteHealth:       {"watched": 0},
	keyOutage:           {},
	"web-tasks-missing": {},
}

func TestASiteThatSleepsIsQuietAtNightAndHeardByDay(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	for _, one := range planned(t, asleep()) {
		series, silent := nothingRuns[one.key]
		if !silent {
			continue
		}
		rings := func(text string) bool {
			at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
			require.NoError(t, err)
			return one.rings(t, at, series)
		}
		for moment, sentence := range map[string]string{
			"2026-07-01 03:00": "a night", "2026-07-01 22:45": "the evening", "2026-07-04 12:00": "a Saturday",
			"2026-01-12 12:00": "a holiday", "2026-07-01 07:05": "a morning, while tasks start",
		} {
			assert.False(t, rings(moment), "%s in %s", one.key, sentence)
		}
		assert.True(t, rings("2026-07-01 12:00"), "%s by day", one.key)
		assert.True(t, rings("2026-07-01 08:00"), "%s when the site must be awake", one.key)
		assert.NotEqual(t, missingIsBad, missingOf(one), "%s: in the night there may be no data", one.key)
	}
}

// missingOf is how an alarm takes missing data, but of the health check: Route 53 always sends it.
func missingOf(a alarm) missing {
	if a.key == keySiteHealth {
		return missingIsGood
	}
	return a.missing
}

func TestTasksThatAreTooFewAreHeardAlsoOfAServiceThatSleeps(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	w := asleep()
	w.services["web"] = watchedService{minTasks: 2, sleeps: true, targets: true}
	for _, one := range planned(t, w) {
		if one.key != "web-tasks-missing" {
			continue
		}
		for sentence, c := range map[string]struct {
			series map[string]float64
			rings  bool
		}{
			"both are healthy":   {map[string]float64{"tasks": 2}, false},
			"one is":             {map[string]float64{"tasks": 1}, true},
			"none is":            {map[string]float64{"tasks": 0}, true},
			"none is registered": {nil, true},
		} {
			noon := time.Date(2026, time.July, 1, 12, 0, 0, 0, zone)
			assert.Equal(t, c.rings, one.rings(t, noon, c.series), sentence)
		}
	}
}

// Without a target RequestCount has no data: a rate of what was routed is blind to the whole
// outage.
func TestServerErrorsSeeAnOutageOfAllTargets(t *testing.T) {
	for _, one := range planned(t, everything()) {
		if one.key != keyServerErrors {
			continue
		}
		for sentence, c := range map[string]struct {
			series map[string]float64
			rings  bool
		}{
			"no target is registered":       {map[string]float64{"unrouted": 60, "balancer": 60}, true},
			"too few requests to say":       {map[string]float64{"unrouted": 19, "balancer": 19}, false},
			"targets fail":                  {map[string]float64{"routed": 100, "targets": 6}, true},
			"targets close connections":     {map[string]float64{"routed": 100, "balancer": 6}, true},
			"few fail":                      {map[string]float64{"routed": 100, "targets": 2, "balancer": 2}, false},
			"no data":                       {nil, false},
			"half found no target":          {map[string]float64{"routed": 50, "unrouted": 50, "balancer": 50}, true},
			"a few of many found no target": {map[string]float64{"routed": 980, "unrouted": 20, "balancer": 20}, false},
		} {
			assert.Equal(t, c.rings, one.rings(t, time.Now(), c.series), sentence)
		}
	}
}

func TestHoursRefuse(t *testing.T) {
	for want, change := range map[string]func(*Hours){
		"read Hours: unknown time zone Mars": func(h *Hours) { h.Timezone = "Mars" },
		`cannot parse "" as ":"`:             func(h *Hours) { h.From = "7" },
		`cannot parse "" as "15"`:            func(h *Hours) { h.To = "" },
		`parsing time "12-31"`:               func(h *Hours) { h.Holidays = []string{"12-31"} },
		"and CloudWatch takes 2048: take past holidays": func(h *Hours) {
			h.Holidays = slices.Repeat([]string{"2026-01-01"}, 200)
		},
	} {
		h := tokyo()
		change(h)
		require.ErrorContains(t, h.check(), want)
	}
	var none *Hours
	require.NoError(t, none.check())
}

// CloudWatch takes ten metrics and ten expressions in an alarm, and documents little of what goes
// before what: the evaluator refuses more, and what is not in parentheses.
func TestCloudWatchTakesEveryAlarm(t *testing.T) {
	summer := asleep()
	summer.hours.Timezone = "America/New_York" // with summer time a zone has twice the steps
	for sentence, w := range map[string]watched{
		"everything":         everything(),
		"a site that sleeps": asleep(),
		"with summer time":   summer,
	} {
		for _, one := range planned(t, w) {
			state, err := one.evaluator(t, time.Now(), nil).Evaluate(0)
			require.NoError(t, err, "%s of %s", one.key, sentence)
			assert.Contains(t, []cloudwatch.State{cloudwatch.OK, cloudwatch.InALARM, cloudwatch.InsufficientData},
				state)
		}
	}
}
