package drill

import (
	"math"
	"time"
)

// The week begins on a Thursday in Tokyo and has a weekend and a holiday, Monday 23 November 2026.
const days = 7

var begin = time.Date(2026, time.November, 18, 15, 0, 0, 0, time.UTC)

const minutesOfDay = 24 * 60

// minuteOf is a time of day of the week's day, 0 for the first, in Tokyo.
func minuteOf(day, hour, minute int) int { return day*minutesOfDay + hour*60 + minute }

// The days of the week that something happens on.
const (
	thursday, friday, tuesday, wednesday = 0, 1, 5, 6
	sunday                               = 3
)

// probes are the requests that Route 53's checkers send in a minute: about sixteen of them, one
// each 30 seconds.
const probes = 32

// state is the stack in one minute.
type state struct {
	minute int
	at     time.Time // in the stack's time zone

	requests float64 // of visitors, at the edge
	cached   float64 // the part of them that CloudFront answers itself
	blocked  float64 // requests that the web ACL blocks
	cutOff   float64 // the part of what CloudFront sends to the load balancer that does not arrive

	services map[string]*serviceState
	oldest   map[string]float64 // by service, the seconds that the oldest message of its queue has waited
	waiting  map[string]float64 // by queue, its messages

	database databaseState
	ports    map[string]float64 // connections that a zone's NAT gateway had no port for
	expires  map[string]int     // days left of certificates, by logical name
	backups  backupState
	lines    float64 // log lines on their way to Datadog
	taken    float64 // the part of the requests with them that Datadog takes
	signing  signingState

	unstarted float64 // starts of scheduled tasks that fail
}

type serviceState struct {
	healthy, unhealthy int     // tasks; those without targets are healthy ones
	cpu, memory        float64 // percent
	errorLines         float64
	failing            float64 // the part of its requests that it answers with a 5xx status
	hanging            float64 // the part that it does not answer, and the load balancer gives up
	unwell             bool    // it fails its health check, and answers everything else
	slow               float64 // a factor on its response times
}

type databaseState struct {
	gone        bool    // it sends no metrics
	connections float64 // the part of the limit that the busiest instance has
	capacity    float64 // percent of the greatest
	memory      float64 // the part that is free
	lag         float64 // milliseconds
	deadlocks   float64 // a minute
}

type backupState struct{ completed, copied, dumped float64 }

// signingState is DNSSEC.
type signingState struct{ failure, needsAction float64 }

// healthy is the stack in a minute of the week in which all is well.
func (s *Stack) healthy(minute int) *state {
	at := begin.Add(time.Duration(minute) * time.Minute).In(s.location)
	local := begin.Add(time.Duration(minute) * time.Minute).In(tokyo)
	now := &state{
		minute:   minute,
		at:       at,
		requests: s.visitors(local),
		cached:   0.4,
		blocked:  15,
		taken:    1,
		services: map[string]*serviceState{},
		oldest:   map[string]float64{},
		waiting:  map[string]float64{},
		ports:    map[string]float64{},
		expires:  map[string]int{},
	}
	load := now.requests / mostVisitors
	now.database = databaseState{
		connections: 0.05 + 0.2*load,
		capacity:    15 + 45*load,
		memory:      0.6 - 0.2*load,
		lag:         20 + 60*load,
		deadlocks:   0.02,
	}
	for _, one := range s.services {
		// A task takes five minutes from its order to its first good health check.
		tasks := min(one.least(at), one.least(at.Add(-5*time.Minute)))
		if tasks > 0 && load > 0.7 {
			tasks++ // auto scaling follows the load
		}
		now.services[one.name] = &serviceState{
			healthy:    tasks,
			cpu:        15 + 45*load,
			memory:     45 + 10*load,
			errorLines: 0.2 * load,
			failing:    0.001,
			slow:       1,
		}
	}
	for _, service := range s.queues {
		now.oldest[service], now.waiting[service], now.waiting[service+deadLetters] = 20*load, 50*load, 0
	}
	for _, use := range []string{"certificates-load-balancer", "certificates-cloudfront"} {
		now.expires[use] = certificateDays(minute)
	}
	now.lines = now.requests / 10
	s.ordinary(now, local)
	return now
}

var tokyo = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		panic(err) // the zones are compiled in
	}
	return zone
}()

// mostVisitors is how many requests a minute of the busiest hour has.
const mostVisitors = 600

// visitors are the requests of a minute: many by day, most at noon and in the evening, fewer on
// days off, and hardly any at night. A stack that sleeps is one for tests, with a tenth of them.
func (s *Stack) visitors(local time.Time) float64 {
	hour := float64(local.Hour()) + float64(local.Minute())/60
	requests := 8.0
	if hour >= 6 {
		requests += (mostVisitors - 8) * math.Pow(math.Sin(math.Pi*(hour-6)/18), 2)
	}
	if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
		requests *= 0.6
	}
	for _, one := range s.services {
		if one.sleeps() {
			return 2 + requests/10
		}
	}
	return requests
}

func (s service) sleeps() bool {
	for _, one := range s.changes {
		if one.tasks == 0 {
			return true
		}
	}
	return false
}

// certificateDays are the days left of a certificate that is renewed when 45 are: on the third day.
// ACM has issued public certificates for 198 days since February 2026. Of the day of their renewal
// there are reports of 45 days before the end and of 60; the later one is the one to be silent in.
func certificateDays(minute int) int {
	const valid, renewed = 198, 45
	left := renewed + 2 - int(math.Floor(float64(minute)/minutesOfDay))
	if left < renewed {
		left += valid - renewed + 1
	}
	return left
}

// ordinary are the events of a week in which all is well.
func (s *Stack) ordinary(now *state, local time.Time) {
	during := func(from, minutes int) bool { return now.minute >= from && now.minute < from+minutes }
	each := func(change func(*serviceState)) {
		for _, one := range now.services {
			if one.healthy > 0 {
				change(one)
			}
		}
	}
	for _, day := range []int{thursday, friday, tuesday, wednesday} {
		for _, hour := range []int{11, 16} {
			if during(minuteOf(day, hour, 0), 8) { // a deploy: twice the tasks, cold ones among them
				each(func(one *serviceState) {
					one.healthy *= 2
					one.cpu, one.slow, one.errorLines = one.cpu+20, 1.3, one.errorLines+0.5
					one.failing = 0.004
				})
			}
		}
	}
	if during(minuteOf(wednesday, 14, 20), 4) { // a zone's task is moved; the last one is replaced before it goes
		each(func(one *serviceState) { one.healthy = max(1, one.healthy-1) })
	}
	if during(minuteOf(sunday+1, 4, 40), 1) { // a minor upgrade of Aurora restarts its instances
		now.database.gone = true
		each(func(one *serviceState) { one.failing, one.errorLines = 0.6, 4 })
	}
	if during(minuteOf(sunday+1, 4, 41), 2) {
		now.database.lag, now.database.connections = 4000, 0.02
	}
	if during(minuteOf(tuesday, 13, 0), 15) { // somebody scans the site
		now.blocked = 120
	}
	if local.Hour() == 5 && local.Minute() == 40 {
		now.backups.completed = 1
	}
	if local.Hour() == 4 && local.Minute() == 10 {
		now.backups.dumped = 1
	}
	if local.Hour() == 6 && local.Minute() == 20 {
		now.backups.copied = 1
	}
}
