package drill

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/cloudwatch"
	"github.com/bookmark-manager/infrastructure/internal/monitors"
)

// run is the stack in a time, with an incident in it or without.
type run struct {
	stack    *Stack
	incident *Incident // nil in the week in which all is well
	well     *run      // the week, whose minutes are those of other runs where nothing changes them; nil for itself
	first    int       // minute that is looked at
	late     bool      // metrics come later than they usually do
	states   []*state
	feeds    map[string]*feed
	traces   map[string]*traced
}

// feed is a metric, by the minutes of a run.
type feed struct {
	send  func(r *run, now *state) sent
	known []*sent
}

// longest is how far back an alarm looks, at the most: three periods of a day.
const longest = 3*minutesOfDay + cloudwatch.Late + 1

func newRun(s *Stack, well *run, incident *Incident, from, to int) *run {
	return &run{
		stack:    s,
		incident: incident,
		well:     well,
		first:    from - longest,
		states:   make([]*state, to-from+longest),
		feeds:    map[string]*feed{},
		traces:   map[string]*traced{},
	}
}

// at is the run that has a minute: the week, unless the incident changes the minute or the one
// before it, which the health check looks at too.
func (r *run) at(minute int) *run {
	if r.well == nil || minute < r.well.first || minute >= r.well.first+len(r.well.states) {
		return r
	}
	if one := r.incident; one != nil && minute >= one.start && minute <= one.start+one.minutes {
		return r
	}
	return r.well
}

func (r *run) state(minute int) *state {
	if of := r.at(minute); of != r {
		return of.state(minute)
	}
	if known := r.states[minute-r.first]; known != nil {
		return known
	}
	now := r.stack.healthy(minute)
	if one := r.incident; one != nil && minute >= one.start && minute < one.start+one.minutes {
		one.change(now, minute-one.start)
	}
	r.states[minute-r.first] = now
	return now
}

// sent is what a metric was sent in a minute. It is computed once.
func (r *run) sent(metric string, minute int) sent {
	if of := r.at(minute); of != r {
		return of.sent(metric, minute)
	}
	one := r.feeds[metric]
	if one == nil {
		send, _ := r.stack.source(metric) // Stack.check has refused unknown ones
		one = &feed{send, make([]*sent, len(r.states))}
		r.feeds[metric] = one
	}
	known := &one.known[minute-r.first]
	if *known == nil {
		values := one.send(r, r.state(minute))
		*known = &values
	}
	return **known
}

// data is what the alarms see.
func (r *run) data() cloudwatch.Data {
	values := func(metric string, minute int) []cloudwatch.Value { return r.sent(metric, minute) }
	return cloudwatch.Data{Begin: begin.Unix(), Later: r.later, Values: values}
}

// later is how many minutes later than usual the metrics are in a minute: from none to mostLater,
// another number each hour.
func (r *run) later(minute int) int {
	if !r.late {
		return 0
	}
	const hour = 60
	return (minute / hour) % (mostLater + 1)
}

// mostLater is how many minutes later than usual CloudWatch may have its data, without an alarm.
const mostLater = 4

// Outcome is what alarms did in a run.
type Outcome struct {
	// On are the alarms that went on, with the minute since the beginning in which they did first.
	On map[string]int
	// Messages are the alarms that sent one, each as often as it did.
	Messages []string
	// Reports are the rules that sent what AWS reports. In an incident each is there once, however
	// many events of it there are.
	Reports []string
	// Lost are those of them that nobody sees, each as a sentence.
	Lost []string
	// Still are the alarms that are on at the end.
	Still []string
}

// watch evaluates all alarms from one minute to before another. Times are counted from zero.
func (r *run) watch(from, to, zero int) (Outcome, error) {
	result := Outcome{On: map[string]int{}}
	states := map[string]cloudwatch.State{}
	of := func(alarm string) cloudwatch.State { return states[alarm] }
	alarms, err := r.evaluators()
	if err != nil {
		return result, err
	}
	composites, err := r.stack.inOrder()
	if err != nil {
		return result, err
	}
	watching, err := r.watching()
	if err != nil {
		return result, err
	}
	note := func(name string, on bool, minute int) {
		if _, before := result.On[name]; on && !before && minute >= zero {
			result.On[name] = minute - zero
		}
	}
	for minute := from; minute < to; minute++ {
		for i, one := range r.stack.Alarms {
			before := states[one.Name]
			state, err := alarms[i].Evaluate(minute)
			if err != nil {
				return result, err
			}
			states[one.Name] = state
			note(one.Name, state == cloudwatch.InALARM, minute)
			if one.Notifies && state == cloudwatch.InALARM && before != state && before != "" {
				result.Messages = append(result.Messages, one.Name)
			}
		}
		for _, one := range composites {
			state, acts := one.Evaluate(minute, of)
			states[one.name] = state
			note(one.name, state == cloudwatch.InALARM, minute)
			if one.notifies && acts == cloudwatch.InALARM {
				result.Messages = append(result.Messages, one.name)
			}
		}
		for i, one := range r.stack.Monitors {
			heard := one.notifies(watching[i].Evaluate(minute))
			note(one.Name, heard, minute)
			if heard && minute == to-1 {
				result.Still = append(result.Still, one.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if states[name] == cloudwatch.InALARM {
			result.Still = append(result.Still, name)
		}
	}
	return result, nil
}

func (r *run) evaluators() ([]*cloudwatch.Evaluator, error) {
	var all []*cloudwatch.Evaluator
	data := r.data()
	for _, one := range r.stack.Alarms {
		made, err := cloudwatch.NewEvaluator(one.Alarm, data)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return all, nil
}

// watching are the evaluators of the monitors.
func (r *run) watching() ([]monitors.Evaluator, error) {
	var all []monitors.Evaluator
	for _, one := range r.stack.Monitors {
		made, err := one.reads(r)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return all, nil
}

type namedComposite struct {
	*cloudwatch.CompositeEvaluator
	name     string
	notifies bool
}

// inOrder are the composite alarms, each after those it is made of.
func (s *Stack) inOrder() ([]namedComposite, error) {
	known := map[string]bool{}
	for _, one := range s.Alarms {
		known[one.Name] = true
	}
	var all, later []namedComposite
	for _, one := range s.Composites {
		made, err := cloudwatch.NewCompositeEvaluator(one.Composite)
		if err != nil {
			return nil, err
		}
		later = append(later, namedComposite{made, one.Name, one.Notifies})
	}
	for len(later) > 0 {
		rest := slices.DeleteFunc(slices.Clone(later), func(one namedComposite) bool {
			return !slices.ContainsFunc(one.Children(), func(child string) bool { return !known[child] })
		})
		if len(rest) == len(later) {
			return nil, fmt.Errorf("alarm %s is made of alarms that the stack does not have, or of itself: %v",
				rest[0].name, rest[0].Children())
		}
		for _, one := range later {
			if !slices.ContainsFunc(rest, func(other namedComposite) bool { return other.name == one.name }) {
				all = append(all, one)
			}
		}
		for _, one := range all {
			known[one.name] = true
		}
		later = rest
	}
	return all, nil
}

// Week is the week in which all is well.
func (s *Stack) Week() (Outcome, error) {
	const to = days * minutesOfDay
	result, err := s.week.watch(0, to, 0)
	for _, event := range s.everyday() {
		rules, lost := s.taken(event)
		result.Reports, result.Lost = append(result.Reports, rules...), append(result.Lost, lost...)
	}
	return result, err
}

// LateWeek is the same week with metrics that come later than they usually do.
func (s *Stack) LateWeek() (Outcome, error) {
	const to = days * minutesOfDay
	late := newRun(s, s.week, nil, 0, to)
	late.late = true
	return late.watch(0, to, 0)
}

// before and after are the minutes around an incident that are watched: all is well before, and
// each alarm must end in the time after it.
const (
	before = 60
	after  = 120
)

// Try is an incident.
func (s *Stack) Try(one Incident) (Outcome, error) {
	from, to := one.start-before, one.start+one.minutes+max(after, one.settles)
	result, err := newRun(s, s.week, &one, from, to).watch(from, to, one.start)
	if err != nil {
		return result, fmt.Errorf("try incident %s: %w", one.Name, err)
	}
	for _, event := range one.events {
		rules, lost := s.taken(event)
		result.Lost = append(result.Lost, lost...)
		for _, rule := range rules {
			if _, before := result.On[rule]; !before {
				result.Reports, result.On[rule] = append(result.Reports, rule), 0
			}
		}
	}
	return result, nil
}
