package observability

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files must not refuse Asia/Tokyo
)

// Hours are when the services of a stack that sleeps are awake: Monday to Friday from one time of
// day to another, but for holidays. Outside of them nothing runs and the site answers with 503.
type Hours struct {
	// Timezone is the IANA name of the zone that the others are in. Required.
	Timezone string
	// From and To are times of day, "HH:MM". Required.
	From, To string
	// Holidays are dates, "YYYY-MM-DD". Optional.
	Holidays []string
}

const (
	clock = "15:04"
	// waking is how long after the beginning of the hours nothing is expected of the services yet:
	// tasks start, pull their images and pass their health checks.
	waking = 15 * time.Minute
	// maxExpression is what CloudWatch takes.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
	maxExpression = 2048
	// workdays are those of a week, from Monday.
	workdays = 5
)

// step is an expression that others build on.
type step struct{ id, expression string }

// awake is the id of what the steps of Hours end in.
const awake = "awake"

// check finds what cannot be read. The hours of a stack have been checked as its schedule before.
func (h *Hours) check() error {
	if h == nil {
		return nil
	}
	_, err := h.steps("x", 0)
	if err != nil {
		return fmt.Errorf("read Hours: %w", err)
	}
	return nil
}

// expectedFrom is the time of day from which the site must answer.
func (h Hours) expectedFrom() string {
	from, _ := time.Parse(clock, h.From) // checked
	return from.Add(waking).Format(clock)
}

// steps are metric math that ends in the step awake: 1 for each datapoint of the series with the id
// timesOf whose period, in seconds, lies in the hours, 0 for the others. CloudWatch's functions of
// date and time are in UTC and know no holiday, so the steps count days and seconds of the zone
// from the Unix epoch. AWS documents no precedence of operators, so parentheses say all of it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
//
// For Tokyo, 9 hours ahead of UTC, from 07:00 to 22:00, without Monday 23 November 2026, which is
// day 20780, and periods of a minute of the series "requests" they are
//
//	local0   EPOCH(requests)+(32400)
//	day0     FLOOR(local0/86400)
//	second0  local0-(86400*day0)
//	awake    (second0>=26100)&&(second0<=79140)&&(((day0+3)-(7*FLOOR((day0+3)/7)))<5)&&(day0!=20780)
//
// Of second0 the first bound is 07:15, when the services are up, and the second the last minute
// that ends by 22:00. Then comes the day of the week, from Monday as 0, and a condition for each
// holiday. A zone with summer time has the first three steps twice, for each of its offsets, and
// awake has the conditions of both: the hours that are in both of its times.
func (h Hours) steps(timesOf string, period int) ([]step, error) {
	zone, err := time.LoadLocation(h.Timezone)
	if err != nil {
		return nil, err
	}
	from, err := secondOfDay(h.From)
	if err != nil {
		return nil, err
	}
	to, err := secondOfDay(h.To)
	if err != nil {
		return nil, err
	}
	var all []step
	var within []string
	for i, offset := range offsets(zone) {
		local, day, second := fmt.Sprintf("local%d", i), fmt.Sprintf("day%d", i), fmt.Sprintf("second%d", i)
		all = append(all,
			step{local, fmt.Sprintf("EPOCH(%s)+(%d)", timesOf, offset)},
			step{day, fmt.Sprintf("FLOOR(%s/86400)", local)},
			step{second, fmt.Sprintf("%s-(86400*%s)", local, day)},
		)
		within = append(within,
			fmt.Sprintf("(%s>=%d)", second, from+int(waking.Seconds())), fmt.Sprintf("(%s<=%d)", second, to-period),
			// Day 0 was a Thursday.
			fmt.Sprintf("(((%[1]s+3)-(7*FLOOR((%[1]s+3)/7)))<%[2]d)", day, workdays),
		)
		for _, holiday := range h.Holidays {
			date, err := time.Parse(time.DateOnly, holiday)
			if err != nil {
				return nil, err
			}
			within = append(within, fmt.Sprintf("(%s!=%d)", day, date.Unix()/int64((24*time.Hour).Seconds())))
		}
	}
	expression := strings.Join(within, "&&")
	if len(expression) > maxExpression {
		return nil, fmt.Errorf("the hours are an expression of %d characters, and CloudWatch takes %d: "+
			"take past holidays out", len(expression), maxExpression)
	}
	return append(all, step{awake, expression}), nil
}

func secondOfDay(text string) (int, error) {
	at, err := time.Parse(clock, text)
	return at.Hour()*3600 + at.Minute()*60, err
}

// offsets are the seconds that the zone's times are ahead of UTC: one, or two with summer time.
// They are read in one fixed year, so that the alarms do not depend on today.
func offsets(zone *time.Location) []int {
	_, january := time.Date(2026, time.January, 1, 0, 0, 0, 0, zone).Zone()
	_, july := time.Date(2026, time.July, 1, 0, 0, 0, 0, zone).Zone()
	if january == july {
		return []int{january}
	}
	return []int{january, july}
}

// only has an alarm look at its metric or expression within the hours, and take another value
// outside of them: IF(awake,EXPRESSION,OTHERWISE). timesOf is the id of that input or step of the
// alarm whose datapoints say what time it is. A plain alarm has none: its metric becomes the input
// "watched", which is then the expression too.
func (h *Hours) only(a alarm, timesOf string, otherwise float64) (alarm, error) {
	if h == nil {
		return a, nil
	}
	if a.expression == "" {
		a.inputs, a.expression, timesOf = []idMetric{{"watched", a.metric}}, "watched", "watched"
		a.metric = metric{}
		if a.missing == missingIsBad {
			// IF makes 0 of a minute whose data is late, so that CloudWatch finds no data missing
			// and looks back no further.
			a.periods += lookBack
		}
	}
	steps, err := h.steps(timesOf, a.period)
	if err != nil {
		return alarm{}, fmt.Errorf("describe alarm %s: %w", a.key, err)
	}
	a.steps = append(a.steps, steps...)
	a.expression = fmt.Sprintf("IF(%s,%s,%g)", awake, a.expression, otherwise)
	return a, nil
}
