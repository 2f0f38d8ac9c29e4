package observability

import (
	"fmt"
	"strconv"
)

// traced is a service as its traces' metrics name it.
type traced struct {
	name    string // in the configuration
	tag     string // the value of its service tag
	env     string
	service DatadogService
	sleeps  bool
}

// scope selects the service's metrics in this environment.
func (t traced) scope() string { return fmt.Sprintf("{env:%s,service:%s}", t.env, t.tag) }

// hits and errors are counters. Without as_count they are rates, and a quotient of rates is not a
// rate of errors.
func (t traced) hits() string {
	return fmt.Sprintf("sum:trace.%s.hits%s.as_count()", t.service.Operation, t.scope())
}

func (t traced) errors() string {
	return fmt.Sprintf("sum:trace.%s.errors%s.as_count()", t.service.Operation, t.scope())
}

// latency is the 95th percentile, in seconds.
func (t traced) latency() string {
	return fmt.Sprintf("p95:trace.%s%s", t.service.Operation, t.scope())
}

// number writes a threshold the same way in a query and beside it: Datadog refuses a monitor whose
// two differ.
func number(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// monitor is a monitor as data.
type monitor struct {
	key, title    string
	section       string // of the runbook
	first         string // what to do first, as a sentence
	query         string // up to the comparison
	compare       string
	levels        Levels // a Warning of 0 is left out
	onMissingData string
	priority      int // 1 wakes somebody, 3 can wait
}

// fullQuery ends in the critical threshold.
func (m monitor) fullQuery() string {
	return m.query + " " + m.compare + " " + number(m.levels.Critical)
}

// monitors are the monitors of one service.
func (t traced) monitors() []monitor {
	all := []monitor{
		{
			key:     t.name + "-error-rate",
			title:   t.name + " error rate",
			section: sectionServerErrors,
			first:   "open the service's traces with errors and compare with the latest deploy.",
			// Half an hour: a minute in which the database restarts is no alarm, and an outage is
			// past the threshold within two.
			query:         fmt.Sprintf("sum(last_30m):%s / %s", t.errors(), t.hits()),
			compare:       ">",
			levels:        Levels(t.service.ErrorRate),
			onMissingData: "default",
			priority:      1,
		},
		{
			key:           t.name + "-latency",
			title:         t.name + " latency (p95)",
			section:       sectionLatency,
			first:         "open the slowest traces: the longest span tells the database from the code.",
			query:         "percentile(last_10m):" + t.latency(),
			compare:       ">",
			levels:        Levels(t.service.LatencySeconds),
			onMissingData: "default",
			priority:      2,
		},
	}
	if t.sleeps {
		return all // no traffic is how it sleeps
	}
	return append(all, monitor{
		key:           t.name + "-no-data",
		title:         t.name + " has no traffic",
		section:       sectionNoTraffic,
		first:         "see whether the site is up; when it is, the agent beside the service sends nothing.",
		query:         "sum(last_15m):" + t.hits(),
		compare:       "<",
		levels:        Levels{Critical: 1},
		onMissingData: "show_and_notify_no_data",
		priority:      2,
	})
}

// objective is a service level objective as data. Timeframe is always 30 days.
type objective struct {
	key, title, description string
	target                  float64 // percent
	// Of a count of events: those that are good, and all. Empty for slices of time.
	good, all string
	// Of slices of time: the metric, which must stay under the threshold.
	slice     string
	threshold float64
}

const objectiveDays = "30d"

func (t traced) objectives() []objective {
	return []objective{
		{
			key:         t.name + "-availability",
			title:       t.name + " availability",
			description: "Requests that end without a server error.",
			target:      t.service.Availability,
			good:        t.hits() + " - " + t.errors(),
			all:         t.hits(),
		},
		{
			key:         t.name + "-fast-enough",
			title:       t.name + " latency",
			description: "Slices of 5 minutes in which 95 % of requests are fast enough.",
			target:      t.service.FastEnough,
			slice:       t.latency(),
			threshold:   t.service.LatencySeconds.Warning,
		},
	}
}

// burn is a speed at which an error budget goes.
type burn struct {
	key                     string
	longWindow, shortWindow string
	rate                    float64
	priority                int
}

// burns are the two that are worth a message: 14.4 spends 2 % of a 30-day budget in an hour, 6
// spends 5 % of it in 6 hours. The short window ends the alert soon after the errors end.
// https://sre.google/workbook/alerting-on-slos/
var burns = []burn{
	{"fast-burn", "1h", "5m", 14.4, 1},
	{"slow-burn", "6h", "30m", 6, 2},
}

// possible says whether a burn rate can be reached at all: with an objective of 50 %, everything
// failing burns at a rate of 2.
func (b burn) possible(target float64) bool { return b.rate < 100/(100-target) }

// query is a monitor's query over an objective.
func (b burn) query(objectiveID string) string {
	return fmt.Sprintf(`burn_rate("%s").over("%s").long_window("%s").short_window("%s") > %s`,
		objectiveID, objectiveDays, b.longWindow, b.shortWindow, number(b.rate))
}

const (
	sectionErrorBudget = "error-budget"
	sectionNoTraffic   = "no-traffic"
)
