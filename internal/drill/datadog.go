package drill

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/monitors"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Monitor is a monitor of Datadog, or one of its checks from outside, by the name of its resource.
type Monitor struct {
	Name  string
	reads func(*run) (monitors.Evaluator, error)
	// notifies says whether people hear of a state.
	notifies func(monitors.State) bool
}

// readMonitors reads what watches the stack in Datadog.
func (r *reader) readMonitors() error {
	objectives := map[string]monitors.Objective{}
	for _, one := range r.inv.OfType(catalog.DatadogSLO) {
		objectives[one.URN] = r.objective(one)
	}
	for _, one := range r.inv.OfType(catalog.DatadogMonitor) {
		query := one.Input("query")
		if !query.Present() {
			return fmt.Errorf("the query of %s has an objective's id, which is not known before the stack is "+
				"deployed: "+
				"take the plan of a deployed stack", one.Name())
		}
		read := monitors.Monitor{Name: one.Name(), Query: query.Text(), Missing: one.Input("onMissingData").Text()}
		read.Critical, _ = one.Input("monitorThresholds.critical").Number()
		if warning, ok := one.Input("monitorThresholds.warning").Number(); ok {
			read.Warning = &warning
		}
		made := Monitor{Name: one.Name(), notifies: read.Notifies, reads: func(r *run) (monitors.Evaluator, error) {
			return monitors.New(read, r.traced)
		}}
		if one.Input("type").Text() == "slo alert" {
			sources := r.inv.Feeding(one, "query")
			if len(sources) != 1 {
				return fmt.Errorf("monitor %s is made from %d resources, want one objective", one.Name(), len(sources))
			}
			objective := objectives[sources[0].URN]
			made.reads = func(r *run) (monitors.Evaluator, error) { return monitors.NewBurn(read, objective, r.traced) }
		}
		r.stack.Monitors = append(r.stack.Monitors, made)
	}
	return r.readChecks()
}

func (r *reader) objective(one plan.State) monitors.Objective {
	made := monitors.Objective{
		Name:  one.Name(),
		Good:  one.Input("query.numerator").Text(),
		All:   one.Input("query.denominator").Text(),
		Slice: one.Input("sliSpecification.timeSlice.query.queries[0].metricQuery.query").Text(),
	}
	made.Target, _ = one.Input("thresholds[0].target").Number()
	made.Threshold, _ = one.Input("sliSpecification.timeSlice.threshold").Number()
	seconds, _ := one.Input("sliSpecification.timeSlice.queryIntervalSeconds").Number()
	made.SliceMinutes = int(seconds) / 60
	for _, service := range r.stack.services {
		if one.Name() == watching(service.name, "availability") {
			r.stack.targets[service.name] = made.Target
		}
	}
	return made
}

// watching is a monitor or objective of a service.
func watching(service, end string) string { return "datadog-" + service + "-" + end }

// traced is what a metric of traces was sent in a minute. It is computed once. Health checks are no
// traces.
func (r *run) traced(metric string, minute int) []monitors.Point {
	if of := r.at(minute); of != r {
		return of.traced(metric, minute)
	}
	one := r.traces[metric]
	if one == nil {
		one = &traced{r.stack.readTrace(metric), make([]*[]monitors.Point, len(r.states))}
		r.traces[metric] = one
	}
	known := &one.known[minute-r.first]
	if *known == nil {
		points := r.points(one.trace, r.state(minute))
		*known = &points
	}
	return **known
}

func (r *run) points(of trace, now *state) []monitors.Point {
	if of.service == nil {
		return nil
	}
	is := now.services[of.service.name]
	hits := r.visitorsOf(now, of.service.name) * (1 - is.hanging) // a request that hangs has no trace yet
	if hits == 0 || is.healthy+is.unhealthy == 0 {
		return nil
	}
	switch of.kind {
	case "hits":
		return []monitors.Point{{Value: hits, Times: 1}}
	case "errors":
		if is.failing == 0 {
			return nil
		}
		return []monitors.Point{{Value: hits * is.failing, Times: 1}}
	}
	var all []monitors.Point
	for _, part := range answers {
		all = append(all, monitors.Point{Value: part.seconds * is.slow, Times: hits * part.of})
	}
	return all
}

// traced is a metric of traces, by the minutes of a run.
type traced struct {
	trace
	known []*[]monitors.Point
}

// trace is a metric of a service's traces. Its service is nil where the stack has none of that tag.
type trace struct {
	service *service
	kind    string // hits, errors or latency
}

// readTrace reads the name of a metric with its scope, such as
// trace.next.request.hits{env:production,service:bookmark-manager-web}.
func (s *Stack) readTrace(metric string) trace {
	name, scope, _ := strings.Cut(strings.TrimSuffix(metric, "}"), "{")
	made := trace{kind: "latency"}
	for _, kind := range []string{"hits", "errors"} {
		if strings.HasSuffix(name, "."+kind) {
			made.kind = kind
		}
	}
	for tag := range strings.SplitSeq(scope, ",") {
		value, ok := strings.CutPrefix(tag, "service:")
		for i := range s.services {
			if ok && strings.HasPrefix(name, "trace.") && strings.HasSuffix(value, "-"+s.services[i].name) {
				made.service = &s.services[i]
			}
		}
	}
	return made
}

// readChecks reads the checks of the site from outside that call somebody. Those of a stack that
// sleeps run on workdays, in its hours.
func (r *reader) readChecks() error {
	for _, one := range r.inv.OfType(catalog.SyntheticsTest) {
		if !strings.Contains(one.Input("message").Text(), "@") {
			continue
		}
		address, err := url.Parse(one.Input("requestDefinition.url").Text())
		if err != nil {
			return fmt.Errorf("read check %s: %w", one.Name(), err)
		}
		seconds, ok := one.Input("optionsList.tickEvery").Number()
		if !ok || seconds < 60 {
			return fmt.Errorf("check %s runs every %g seconds, want 60 or more", one.Name(), seconds)
		}
		service, err := r.serviceOf(address.Path)
		if err != nil {
			return err
		}
		made := check{
			service: service,
			every:   int(seconds) / 60,
			health:  r.targetsOf(service).At("healthCheck.path").Text() == address.Path,
		}
		for _, assertion := range one.Input("assertions").List() {
			if assertion.At("type").Text() == "responseTime" {
				most, _ := assertion.At("target").Number()
				made.seconds = most / 1000
			}
		}
		for _, frame := range one.Input("optionsList.scheduling.timeframes").List() {
			day, _ := frame.At("day").Number()
			made.frames = append(made.frames, timeframe{int(day), frame.At("from").Text(), frame.At("to").Text()})
		}
		r.stack.Monitors = append(r.stack.Monitors, Monitor{
			Name: one.Name(), notifies: func(s monitors.State) bool { return s == monitors.Alert },
			reads: func(r *run) (monitors.Evaluator, error) {
				running := made
				running.run, running.state = r, monitors.OK
				return &running, nil
			},
		})
	}
	return nil
}

// check requests a page of the site from time to time.
type check struct {
	service string
	every   int     // minutes
	seconds float64 // that the answer may take; 0 without a limit
	health  bool    // the page is that of the service's health check
	frames  []timeframe

	run   *run
	state monitors.State
}

// timeframe is a time of a day of the week, from Monday as 1, when a check runs.
type timeframe struct {
	day      int
	from, to string
}

// Evaluate requests the page when it is time, and keeps the state until the next time.
func (c *check) Evaluate(minute int) monitors.State {
	now := c.run.state(minute)
	if minute%c.every != 0 || !c.runs(now) {
		return c.state
	}
	c.state = monitors.OK
	is := now.services[c.service]
	const most = 0.8
	lost := is == nil || is.healthy+is.unhealthy == 0 || max(is.failing, is.hanging, now.cutOff) >= most ||
		is.unwell && c.health
	if lost || c.seconds > 0 && answers[0].seconds*is.slow >= c.seconds {
		c.state = monitors.Alert
	}
	return c.state
}

func (c *check) runs(now *state) bool {
	const daysOfWeek = 7
	clock := now.at.Format("15:04")
	for _, frame := range c.frames {
		if frame.day == (int(now.at.Weekday())+daysOfWeek-1)%daysOfWeek+1 && frame.from <= clock && clock < frame.to {
			return true
		}
	}
	return len(c.frames) == 0
}
