package drill

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Report is what a stack's alarms did.
type Report struct {
	Stack     *Stack
	Week      Outcome
	LateWeek  Outcome // with metrics that come later
	Incidents []Tried
	Problems  []string // what is wrong with the alarms, each as a sentence

	part bool // not all of them were tried
}

// Tried is an incident and what alarms did in it.
type Tried struct {
	Incident
	Outcome
}

// AllIsWell is the name of the week in which all is well, among those of incidents.
const AllIsWell = "week"

// Run tries the week and every incident, or those alone that are named.
func (s *Stack) Run(only ...string) (*Report, error) {
	report := &Report{Stack: s, part: len(only) > 0}
	if err := s.check(); err != nil {
		return nil, err
	}
	wanted := func(name string) bool { return !report.part || slices.Contains(only, name) }
	if wanted(AllIsWell) {
		var err error
		if report.Week, err = s.Week(); err != nil {
			return nil, err
		}
		if report.LateWeek, err = s.LateWeek(); err != nil {
			return nil, err
		}
	}
	for _, one := range s.Incidents() {
		if !wanted(one.Name) {
			continue
		}
		outcome, err := s.Try(one)
		if err != nil {
			return nil, err
		}
		report.Incidents = append(report.Incidents, Tried{one, outcome})
	}
	report.judge()
	return report, nil
}

// Err is nil when nothing is wrong.
func (r *Report) Err() error {
	var all []error
	for _, one := range r.Problems {
		all = append(all, errors.New(one))
	}
	return errors.Join(all...)
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, r.Stack.Name+": "+fmt.Sprintf(format, args...))
}

func (r *Report) judge() {
	for _, name := range slices.Sorted(maps.Keys(r.Week.On)) {
		r.problem("alarm %s goes on in a week in which all is well, at %s", name, clock(r.Week.On[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(r.LateWeek.On)) {
		if _, known := r.Week.On[name]; !known {
			r.problem("alarm %s goes on in a week in which all is well and metrics come up to %d minutes later, at %s",
				name, mostLater, clock(r.LateWeek.On[name]))
		}
	}
	for _, name := range r.Week.Reports {
		if !slices.Contains(maintenance, name) {
			r.problem("rule %s tells of something in a week in which all is well", name)
		}
	}
	for _, lost := range r.Week.Lost {
		r.problem("in a week in which all is well %s", lost)
	}
	descriptions, owned := r.descriptions(), map[string]bool{}
	for _, one := range r.Incidents {
		for _, name := range one.Own {
			owned[name] = true
			r.inTime(one, name, descriptions[name])
		}
		for _, name := range slices.Sorted(maps.Keys(one.On)) {
			if !slices.Contains(one.Own, name) && !slices.Contains(one.Also, name) {
				r.problem("alarm %s goes on in incident %s, after %d minutes, and is not listed with it", name,
					one.Name, one.On[name])
			}
		}
		for _, lost := range one.Lost {
			r.problem("in incident %s %s", one.Name, lost)
		}
		r.oneMessage(one)
		for _, name := range one.Still {
			r.problem("alarm %s is still on two hours after incident %s", name, one.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(descriptions)) {
		if !r.part && !owned[name] && !r.composed(name) {
			r.problem("alarm %s has no incident: add one to internal/drill/incidents.go", name)
		}
	}
}

// isRule says whether a name is that of a rule of EventBridge, which tells at once and each time.
func (r *Report) isRule(name string) bool {
	return slices.ContainsFunc(r.Stack.Rules, func(rule Rule) bool { return rule.Name == name })
}

// isMonitor says whether a name is that of a monitor of Datadog, which promises no time.
func (r *Report) isMonitor(name string) bool {
	return slices.ContainsFunc(r.Stack.Monitors, func(m Monitor) bool { return m.Name == name })
}

// inTime checks that an alarm goes on within the time that its description says.
func (r *Report) inTime(one Tried, name, description string) {
	if _, on := one.On[name]; !on {
		r.problem("alarm %s stays silent in incident %s", name, one.Name)
		return
	}
	if r.isRule(name) || r.isMonitor(name) {
		return
	}
	if _, composite := r.composite(name); composite {
		return // its children are held against theirs, and it follows them in the same minute
	}
	within, err := promised(description)
	if err != nil {
		r.problem("alarm %s: %v", name, err)
		return
	}
	if minute := one.On[name]; minute > within {
		r.problem("alarm %s goes on after %d minutes of incident %s, and says within %d", name, minute, one.Name,
			within)
	}
}

func (r *Report) composite(name string) (Composite, bool) {
	i := slices.IndexFunc(r.Stack.Composites, func(c Composite) bool { return c.Name == name })
	if i < 0 {
		return Composite{}, false
	}
	return r.Stack.Composites[i], true
}

// oneMessage checks the rule that an incident is one message. It is broken by
//   - more than one message of alarms;
//   - more than one message of rules, about what AWS reports. One may come beside that of an alarm:
//     it gives the alarm's reason;
//   - no message at all, although one of the incident's own alarms notifies people.
//
// Datadog sends messages of its own, each monitor by itself, and they do not count here.
func (r *Report) oneMessage(one Tried) {
	none := len(one.Messages) == 0 && len(one.Reports) == 0
	if len(one.Messages) > 1 || len(one.Reports) > 1 || none && slices.ContainsFunc(one.Own, r.notifies) {
		all := slices.Concat(one.Messages, one.Reports)
		r.problem("incident %s is %d messages, want one: %s", one.Name, len(all), strings.Join(all, ", "))
	}
}

// notifies says whether an alarm notifies people: it has actions, or a composite alarm that is made
// of it does. An alarm that is there for deployments notifies nobody, and a monitor of Datadog
// sends no message here.
func (r *Report) notifies(name string) bool {
	if r.isRule(name) {
		return true
	}
	if composite, ok := r.composite(name); ok && composite.Notifies {
		return true
	}
	return slices.ContainsFunc(r.Stack.Alarms, func(a Alarm) bool { return a.Name == name && a.Notifies }) ||
		slices.ContainsFunc(r.Stack.Composites, func(c Composite) bool {
			return strings.Contains(c.Rule, strconv.Quote(name)) && r.notifies(c.Name)
		})
}

// composed says whether a name is that of a composite alarm that goes on in some incident: it needs
// none of its own, since the alarms that it is made of have theirs.
func (r *Report) composed(name string) bool {
	_, composite := r.composite(name)
	return composite && slices.ContainsFunc(r.Incidents, func(one Tried) bool {
		_, on := one.On[name]
		return on
	})
}

func (r *Report) descriptions() map[string]string {
	all := map[string]string{}
	for _, one := range r.Stack.Alarms {
		all[one.Name] = one.Description
	}
	for _, one := range r.Stack.Composites {
		all[one.Name] = one.Description
	}
	for _, one := range r.Stack.Rules {
		all[one.Name] = ""
	}
	for _, one := range r.Stack.Monitors {
		all[one.Name] = ""
	}
	return all
}

// clock is a minute of the week as people say it.
func clock(minute int) string {
	at := begin.In(tokyo).AddDate(0, 0, minute/minutesOfDay)
	return fmt.Sprintf("%s %02d:%02d", at.Weekday(), minute%minutesOfDay/60, minute%60)
}
