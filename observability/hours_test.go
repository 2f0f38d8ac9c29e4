package observability

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tokyo() *Hours {
	return &Hours{
		Timezone: "Asia/Tokyo", From: "07:00", To: "22:00",
		Holidays: []string{"2026-01-01", "2026-01-12", "2027-05-03"},
	}
}

// mathAt works out metric math at one moment, for series by their ids. Its syntax is close enough
// to Go's that Go's own parser reads it.
func mathAt(t *testing.T, expression string, at time.Time, series map[string]float64) float64 {
	t.Helper()
	parsed, err := parser.ParseExpr(expression)
	require.NoError(t, err, expression)
	truth := map[bool]float64{true: 1}
	var eval func(ast.Expr) float64
	eval = func(node ast.Expr) float64 {
		switch node := node.(type) {
		case *ast.ParenExpr:
			return eval(node.X)
		case *ast.BasicLit:
			value, err := strconv.ParseFloat(node.Value, 64)
			require.NoError(t, err)
			return value
		case *ast.UnaryExpr:
			require.Equal(t, token.SUB, node.Op)
			return -eval(node.X)
		case *ast.Ident:
			require.Contains(t, series, node.Name)
			return series[node.Name]
		case *ast.BinaryExpr:
			x, y := eval(node.X), eval(node.Y)
			switch node.Op {
			case token.ADD:
				return x + y
			case token.SUB:
				return x - y
			case token.MUL:
				return x * y
			case token.QUO:
				return x / y
			case token.GEQ:
				return truth[x >= y]
			case token.GTR:
				return truth[x > y]
			case token.LSS:
				return truth[x < y]
			case token.NEQ:
				return truth[x != y]
			case token.LAND:
				return truth[x != 0 && y != 0]
			}
		case *ast.CallExpr:
			switch node.Fun.(*ast.Ident).Name {
			case "EPOCH":
				require.Contains(t, series, node.Args[0].(*ast.Ident).Name)
				return float64(at.Unix())
			case "FLOOR":
				return math.Floor(eval(node.Args[0]))
			case "FILL":
				if value, ok := series[node.Args[0].(*ast.Ident).Name]; ok {
					return value
				}
				return eval(node.Args[1])
			case "IF":
				if eval(node.Args[0]) != 0 {
					return eval(node.Args[1])
				}
				return eval(node.Args[2])
			}
		}
		require.Fail(t, "unknown", "%T in %s", node, expression)
		return 0
	}
	return eval(parsed)
}

// value is what an alarm compares with its threshold at one moment.
func (a alarm) value(t *testing.T, at time.Time, series map[string]float64) float64 {
	t.Helper()
	known := map[string]float64{}
	for id, value := range series {
		known[id] = value
	}
	for _, one := range a.steps {
		known[one.id] = mathAt(t, one.expression, at, known)
	}
	return mathAt(t, a.expression, at, known)
}

func (a alarm) rings(value float64) bool {
	if a.comparison == above {
		return value > a.threshold
	}
	return value < a.threshold
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
			steps, err := h.steps("x")
			require.NoError(t, err)
			local, err := time.LoadLocation(zone)
			require.NoError(t, err)
			watch := alarm{steps: steps, expression: awake}
			start := time.Date(2025, 12, 20, 0, 0, 0, 0, local)
			for at := start; at.Before(start.AddDate(0, 9, 0)); at = at.Add(15 * time.Minute) {
				got := watch.value(t, at.UTC(), map[string]float64{"x": 0}) == 1
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
		services: map[string]watchedService{"web": {minTasks: 1, sleeps: true, targets: true, logs: true}},
		hours:    tokyo(), minACU: 0.5, maxACU: 2, errorsMetrics: "bookmark-manager/staging",
	}
}

// What the site's services, load balancer, CloudFront and health check report while nothing runs.
var nothingRuns = map[string]map[string]float64{
	keyServerErrors:     {"unrouted": 60, "balancer": 60},
	keyEdgeErrors:       {"watched": 100},
	keySiteHealth:       {"watched": 0},
	"web-tasks-missing": {"healthy": 0, "unhealthy": 0},
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
			return one.rings(one.value(t, at, series))
		}
		for moment, sentence := range map[string]string{
			"2026-07-01 03:00": "a night", "2026-07-01 22:00": "the evening", "2026-07-04 12:00": "a Saturday",
			"2026-01-12 12:00": "a holiday", "2026-07-01 07:05": "a morning, while tasks start",
		} {
			assert.False(t, rings(moment), "%s in %s", one.key, sentence)
		}
		byDay := one.key != "web-tasks-missing" // which cannot tell that from sleep: the site's own alarm does
		assert.Equal(t, byDay, rings("2026-07-01 12:00"), "%s by day", one.key)
		assert.Equal(t, byDay, rings("2026-07-01 07:15"), "%s when the site must be awake", one.key)
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

func TestTasksThatAreUnhealthyOrTooFewAreHeardAlsoOfAServiceThatSleeps(t *testing.T) {
	w := asleep()
	w.services["web"] = watchedService{minTasks: 2, sleeps: true, targets: true}
	for _, one := range planned(t, w) {
		if one.key != "web-tasks-missing" {
			continue
		}
		for sentence, c := range map[string]struct {
			healthy, unhealthy float64
			rings              bool
		}{
			"both are healthy": {2, 0, false}, "one is unhealthy": {1, 1, true}, "all are": {0, 2, true},
			"one is there": {1, 0, true},
		} {
			value := one.value(t, time.Now(), map[string]float64{"healthy": c.healthy, "unhealthy": c.unhealthy})
			assert.Equal(t, c.rings, one.rings(value), sentence)
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
			assert.Equal(t, c.rings, one.rings(one.value(t, time.Now(), c.series)), sentence)
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
