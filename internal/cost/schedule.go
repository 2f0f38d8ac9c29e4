package cost

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // a machine without zone files must not refuse Asia/Tokyo

	"github.com/bookmark-manager/infrastructure/internal/awscron"
)

// bounds are the fewest and the most tasks that a service may have.
type bounds struct{ least, most float64 }

func (b bounds) compare(other bounds) int {
	return cmp.Or(cmp.Compare(b.least, other.least), cmp.Compare(b.most, other.most))
}

// change is a scheduled action: it sets a service's bounds whenever its expression matches.
type change struct {
	cron, zone string
	to         bounds
}

// runIn is how long before the year the schedule is followed, so that the year begins with the
// bounds that were set last.
const runIn = 31 * 24 * time.Hour

// hoursWithin follows a schedule through one year. It returns the hours of an average month of 730
// hours that the service is within each bounds. Those it begins with hold until the first change.
func hoursWithin(begin bounds, changes []change, year int) (map[bounds]float64, error) {
	if len(changes) == 0 {
		return map[bounds]float64{begin: hoursPerMonth}, nil
	}
	zone, err := time.LoadLocation(changes[0].zone)
	if err != nil {
		return nil, fmt.Errorf("read the time zone %q of a scheduled action: %w", changes[0].zone, err)
	}
	start, end := time.Date(year, 1, 1, 0, 0, 0, 0, zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, zone)
	type event struct {
		at time.Time
		to bounds
	}
	var events []event
	for _, one := range changes {
		if one.zone != changes[0].zone {
			return nil, fmt.Errorf("the scheduled actions of a service are in the time zones %q and %q, want one",
				changes[0].zone, one.zone)
		}
		times, err := awscron.Matches(one.cron, start.Add(-runIn), end)
		if err != nil {
			return nil, err
		}
		for _, at := range times {
			events = append(events, event{at, one.to})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })

	hours, now, since := map[bounds]float64{}, begin, start
	for _, one := range events {
		if one.at.After(start) {
			hours[now] += one.at.Sub(since).Hours()
			since = one.at
		}
		now = one.to
	}
	hours[now] += end.Sub(since).Hours()
	for at := range hours {
		hours[at] *= hoursPerMonth / end.Sub(start).Hours()
	}
	return hours, nil
}

// runsPerMonth is how often a schedule matches in an average month of a year.
func runsPerMonth(expression string, year int) (float64, error) {
	times, err := awscron.Matches(expression, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC))
	return float64(len(times)) / 12, err
}
