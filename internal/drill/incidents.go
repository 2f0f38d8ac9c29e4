package drill

import (
	"fmt"
	"slices"
	"strings"
)

// Incident is something that goes wrong.
type Incident struct {
	Name string // unique
	What string // as a sentence
	// Own are the alarms that are there for it: each must go on within the minutes that its
	// description says. Those that the stack does not have are left out.
	Own []string
	// Also are the alarms that may go on beside them.
	Also []string

	// events are what AWS reports of it, each once, as EventBridge has it; see events.go.
	events []map[string]any

	start, minutes int
	settles        int // minutes until its alarms end; after, unless it is more
	change         func(now *state, since int)
}

// noon is when incidents begin unless it matters: a workday, between two deploys.
var noon = minuteOf(friday, 13, 0)

// usual is how long they last: longer than any alarm of theirs takes.
const usual = 20

// Incidents are those that the stack can have: the ones whose alarms it has.
func (s *Stack) Incidents() []Incident {
	var all []Incident
	for _, one := range s.services {
		all = append(all, s.ofService(one)...)
	}
	for _, service := range s.queues {
		all = append(all, ofQueue(service)...)
	}
	all = append(all, s.ofSite()...)
	all = append(all, s.ofDatabase()...)
	all = append(all, s.ofRest()...)
	all = append(all, s.reported()...)
	for i := range all {
		one := &all[i]
		if one.change == nil {
			one.change = func(*state, int) {} // an event alone
		}
		one.Own, one.Also = s.having(one.Own), s.having(one.Also)
		if one.start == 0 {
			one.start = noon
		}
		if one.minutes == 0 {
			one.minutes = usual
		}
	}
	return slices.DeleteFunc(all, func(one Incident) bool { return len(one.Own) == 0 })
}

// having are the alarms that the stack has.
func (s *Stack) having(alarms []string) []string {
	return slices.DeleteFunc(slices.Clone(alarms), func(name string) bool {
		return !slices.ContainsFunc(s.Alarms, func(a Alarm) bool { return a.Name == name }) &&
			!slices.ContainsFunc(s.Composites, func(c Composite) bool { return c.Name == name }) &&
			!slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Name == name }) &&
			!slices.ContainsFunc(s.Monitors, func(m Monitor) bool { return m.Name == name })
	})
}

// each are alarms of all services, by the ends of their names.
func (s *Stack) each(ends ...string) []string {
	var all []string
	for _, one := range s.services {
		for _, end := range ends {
			all = append(all, one.name+"-"+end)
		}
	}
	return all
}

// The composite alarms, and what an outage of all targets shows in.
const (
	trouble = "application-trouble"
	down    = "site-down"
)

// watched are monitors of all services, by the ends of their names.
func (s *Stack) watched(ends ...string) []string {
	var all []string
	for _, one := range s.services {
		for _, end := range ends {
			all = append(all, watching(one.name, end))
		}
	}
	return all
}

// checks are the checks from outside.
func (s *Stack) checks() []string {
	var all []string
	for _, one := range s.Monitors {
		if strings.HasPrefix(one.Name, "datadog-check-") {
			all = append(all, one.Name)
		}
	}
	return all
}

// burning are the monitors of errors.
var burning = []string{"error-rate", "availability-fast-burn", "availability-slow-burn"}

var siteIsDown = []string{"alb-5xx-rate-high", "health-check-unanswered", "site-health", down}

func (s *Stack) ofService(one service) []Incident {
	of := func(ends ...string) []string {
		var all []string
		for _, end := range ends {
			all = append(all, one.name+"-"+end)
		}
		return all
	}
	summed := append(of("trouble"), trouble)
	tasks := one.least(s.healthy(noon).at)
	crash := Incident{
		Name: "crash-" + one.name,
		What: fmt.Sprintf("A task of %s exits soon after its start, again and again.", one.name),
		Own:  of("tasks-missing", "error-lines"),
		Also: summed,
		change: func(now *state, since int) {
			// The load balancer knows the task for moments only: it is taken out when it exits, and
			// is neither healthy nor unhealthy while it starts.
			is := now.services[one.name]
			is.healthy, is.unhealthy, is.errorLines = tasks-1, 0, 6
			if since%5 == 4 {
				is.unhealthy = 1
				if is.healthy == 0 {
					is.hanging = 1
				}
			}
		},
	}
	hang := Incident{
		Name:   "hang-" + one.name,
		What:   fmt.Sprintf("A task of %s stops answering.", one.name),
		Own:    of("unhealthy-targets", "rollback-unhealthy"),
		Also:   append(append(of("tasks-missing"), summed...), "alb-5xx-rate-high"),
		change: func(now *state, since int) { one.hang(now.services[one.name], 1, since) },
	}
	// The same path fails for the load balancer and for those who check the site: they tell of it.
	unwell := Incident{
		Name: "health-" + one.name,
		What: fmt.Sprintf("%s fails its health check alone, and answers its users.", one.name),
		Own:  of("unhealthy-targets"),
		Also: slices.Concat(of("tasks-missing", "rollback-unhealthy"), summed, s.checks()),
		change: func(now *state, since int) {
			is := now.services[one.name]
			is.unwell = true
			if since >= one.noticed {
				is.healthy, is.unhealthy = 0, is.healthy
			}
		},
	}
	if one.name == s.prober && s.sameCheck {
		unwell.Own = append(unwell.Own, "health-check-unanswered", "site-health", down)
	}
	if tasks == 1 && one.targets { // its only one
		for _, incident := range []*Incident{&crash, &hang} {
			incident.Also = append(incident.Also, "alb-5xx-rate-high", watching(one.name, "no-data"))
			incident.Also = append(incident.Also, s.checks()...)
			if one.name == s.prober {
				incident.Also = append(incident.Also, siteIsDown...)
			}
		}
	}
	failing := of("rollback-errors", "error-lines")
	if !strings.HasSuffix(one.name, canary) { // whose errors are few beside those of its service
		failing = append(failing, "alb-5xx-rate-high", watching(one.name, "error-rate"),
			watching(one.name, "availability-fast-burn"))
	}
	return []Incident{
		crash, hang, unwell,
		{
			Name: "errors-" + one.name,
			What: fmt.Sprintf("%s answers with errors, and no other service does.", one.name),
			Own:  failing,
			Also: append(summed, watching(one.name, "availability-slow-burn")),
			change: func(now *state, _ int) {
				now.services[one.name].failing, now.services[one.name].errorLines = 0.75, 8
			},
		},
		{
			Name: "burn-" + one.name,
			What: fmt.Sprintf("A few of the requests to %s fail for hours: seven times as many as its "+
				"objective takes.", one.name),
			Own: []string{watching(one.name, "availability-slow-burn")},
			Also: append(slices.Concat(summed, of("rollback-errors")), "alb-5xx-rate-high",
				watching(one.name, "error-rate")),
			minutes: 420,
			change:  func(now *state, _ int) { now.services[one.name].failing = 7 * (1 - s.targets[one.name]/100) },
		},
		{
			Name:   "cpu-" + one.name,
			What:   fmt.Sprintf("%s is at the end of its CPU, with as many tasks as it may have.", one.name),
			Own:    of("cpu-high"),
			Also:   summed,
			change: func(now *state, _ int) { now.services[one.name].cpu = 95 },
		},
		{
			Name:   "memory-" + one.name,
			What:   fmt.Sprintf("%s leaks memory.", one.name),
			Own:    of("memory-high"),
			Also:   summed,
			change: func(now *state, _ int) { now.services[one.name].memory = 95 },
		},
	}
}

// hang lets a number of tasks stop answering. Until the load balancer finds them unhealthy it sends
// them their part of the requests; to unhealthy ones it sends requests when there are no others.
func (s service) hang(is *serviceState, tasks, since int) {
	switch {
	case is.healthy == 0:
	case since < s.noticed:
		is.hanging = float64(tasks) / float64(is.healthy)
	default:
		is.healthy, is.unhealthy = is.healthy-tasks, tasks
		if is.healthy == 0 {
			is.hanging = 1
		}
	}
}

// ofQueue are the incidents of a service's queue. A message has waited for two weeks, which is
// longer than any setting of an alarm lets it.
func ofQueue(service string) []Incident {
	const twoWeeks = 14 * 24 * 60 * 60
	return []Incident{
		{
			Name:   "backlog-" + service,
			What:   fmt.Sprintf("Messages for %s come in faster than it handles them.", service),
			Own:    []string{service + "-messages-late"},
			Also:   []string{trouble},
			change: func(now *state, _ int) { now.oldest[service], now.waiting[service] = twoWeeks, 100000 },
		},
		{
			Name:   "dead-letters-" + service,
			What:   fmt.Sprintf("%s cannot handle a message.", service),
			Own:    []string{service + "-dead-letters"},
			change: func(now *state, _ int) { now.waiting[service+deadLetters] = 1 },
		},
	}
}

func (s *Stack) ofSite() []Incident {
	return []Incident{
		{
			Name: "no-targets",
			What: "No service has a task any more: the load balancer answers all requests with 503.",
			Own:  slices.Concat(siteIsDown, s.checks(), s.watched("no-data")),
			Also: append(s.each("tasks-missing", "trouble"), trouble),
			change: func(now *state, _ int) {
				for _, is := range now.services {
					is.healthy, is.unhealthy = 0, 0
				}
			},
		},
		{
			Name: "unhealthy",
			What: "All tasks are there, and none answers.",
			Own:  append(s.each("unhealthy-targets"), siteIsDown...),
			Also: append(slices.Concat(s.each("tasks-missing", "rollback-unhealthy", "trouble"), s.checks(),
				s.watched("no-data")), trouble),
			change: func(now *state, since int) {
				for _, one := range s.services {
					one.hang(now.services[one.name], now.services[one.name].healthy, since)
				}
			},
		},
		{
			Name:   "cut-off",
			What:   "CloudFront does not reach the load balancer.",
			Own:    append(s.checks(), "site-health", down),
			Also:   s.watched("no-data"),
			change: func(now *state, _ int) { now.cutOff = 1 },
		},
		{
			Name:    "edge",
			What:    "A third of what CloudFront sends to the load balancer does not arrive.",
			Own:     []string{"cloudfront-5xx-rate-high", down},
			minutes: 50,
			change:  func(now *state, _ int) { now.cutOff = 0.33 },
		},
		{
			Name: "slow",
			What: "For two hours and a half pages are twenty times as slow as they are.",
			Own: append(s.watched("latency", "fast-enough-fast-burn", "fast-enough-slow-burn"), "alb-latency-high",
				trouble),
			minutes: 150,
			Also:    s.checks(),
			change: func(now *state, _ int) {
				for _, is := range now.services {
					is.slow = 20
				}
			},
		},
		{
			Name:   "flood",
			What:   "An attack that the web ACL blocks.",
			Own:    []string{"waf-blocked-high"},
			change: func(now *state, _ int) { now.blocked = 900 },
		},
		{
			Name:    "signing",
			What:    "Route 53 cannot sign the zone: its key is gone.",
			Own:     []string{"dnssec-internal-failure", "dnssec-key-needs-action"},
			minutes: 300,
			settles: 500,
			change:  func(now *state, _ int) { now.signing = signingState{1, 1} },
		},
	}
}

func (s *Stack) ofDatabase() []Incident {
	failing := func(now *state, part float64) {
		for _, is := range now.services {
			is.failing, is.errorLines = part, 5
		}
	}
	symptoms := slices.Concat(s.each("error-lines", "rollback-errors", "trouble"), s.watched(burning...),
		[]string{"alb-5xx-rate-high", trouble})
	return []Incident{
		{
			Name: "connections",
			What: "An instance of the database has no connection left.",
			Own:  []string{"aurora-connections-high"},
			Also: symptoms,
			change: func(now *state, _ int) {
				now.database.connections = 0.97
				failing(now, 0.3)
			},
		},
		{
			Name:   "capacity",
			What:   "The database is at its greatest capacity.",
			Own:    []string{"aurora-capacity-high", "aurora-memory-low"},
			Also:   append(s.each("trouble"), trouble),
			change: func(now *state, _ int) { now.database.capacity, now.database.memory = 99, 0.04 },
		},
		{
			Name:    "writer",
			What:    "The writer is lost; the reader takes its place after two minutes.",
			Own:     append(s.each("error-lines"), "aurora-db-cluster-events"),
			Also:    symptoms,
			minutes: 3,
			events: []map[string]any{
				s.database("cluster", "failover", "Started cross AZ failover to DB instance"),
				s.database("cluster", "failover", "Completed failover to DB instance"),
				s.database("db", "availability", "DB instance shutdown"),
				s.database("db", "availability", "DB instance restarted"),
				s.database("db", "notification", `The "promotion tier" decided`),
			},
			change: func(now *state, _ int) {
				now.database.gone = true
				failing(now, 0.7)
			},
		},
		{
			Name:   "replica",
			What:   "The reader falls behind.",
			Own:    []string{"aurora-replica-lag-high"},
			Also:   []string{trouble},
			change: func(now *state, _ int) { now.database.lag = 8000 },
		},
		{
			Name:   "deadlocks",
			What:   "Transactions deadlock.",
			Own:    []string{"aurora-deadlocks"},
			Also:   []string{trouble},
			change: func(now *state, _ int) { now.database.deadlocks = 6 },
		},
	}
}

func (s *Stack) ofRest() []Incident {
	var all []Incident
	for _, zone := range s.zones {
		all = append(all, Incident{
			Name:   "ports-" + zone,
			What:   fmt.Sprintf("The NAT gateway of %s has no port left.", zone),
			Own:    []string{"nat-port-errors-" + zone},
			change: func(now *state, _ int) { now.ports[zone] = 20 },
		})
	}
	for _, one := range []struct{ use, words, alarm string }{
		{"cloudfront", "CloudFront", "cloudfront"}, {"load-balancer", "the load balancer", "alb"},
	} {
		all = append(all, Incident{
			Name: "certificate-" + one.use,
			What: fmt.Sprintf("The certificate of %s is not renewed.", one.words),
			Own:  []string{one.alarm + "-certificate-expires"},
			// A day without a value changes nothing, so its end is the next value.
			minutes: 2 * minutesOfDay,
			settles: 2 * minutesOfDay,
			change:  func(now *state, _ int) { now.expires["certificates-"+one.use] = 28 },
		})
	}
	return append(all,
		Incident{
			Name:    "no-backup",
			What:    "The plan for backups backs up nothing.",
			Own:     []string{"backup-missing"},
			minutes: 2 * minutesOfDay,
			settles: 2 * minutesOfDay, // until the next one is due
			change:  func(now *state, _ int) { now.backups.completed = 0 },
		},
		Incident{
			Name:    "no-copy",
			What:    "Backups are not copied to the recovery region.",
			Own:     []string{"backup-copy-missing"},
			minutes: 2 * minutesOfDay,
			settles: 2 * minutesOfDay,
			change:  func(now *state, _ int) { now.backups.copied = 0 },
		},
		Incident{
			Name:    "no-dump",
			What:    "The task that dumps the database cannot start, or fails.",
			Own:     []string{"dump-missing"},
			minutes: 2 * minutesOfDay,
			settles: 2 * minutesOfDay,
			change:  func(now *state, _ int) { now.backups.dumped = 0 },
		},
		Incident{
			Name:   "no-start",
			What:   "The role of EventBridge Scheduler may not start a scheduled task.",
			Own:    []string{"scheduled-tasks-not-started"},
			change: func(now *state, _ int) { now.unstarted = 1 },
		},
		Incident{
			Name:   "log-lines",
			What:   "Datadog refuses log lines: its key was revoked.",
			Own:    []string{"datadog-logs-refused"},
			change: func(now *state, _ int) { now.taken = 0 },
		},
		Incident{
			Name:   "log-lines-limited",
			What:   "Datadog refuses every second request with log lines: they are too many for it.",
			Own:    []string{"datadog-logs-refused"},
			change: func(now *state, _ int) { now.taken = 0.5 },
		},
	)
}
