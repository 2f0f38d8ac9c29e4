// Package awscron reads the schedules of AWS: those of Application Auto Scaling and of AWS Backup,
// which have six fields.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
package awscron

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Matches are the times from start to end, in start's zone, at which an expression matches:
// cron(minute hour day-of-month month day-of-week year). A time is in the list when it is not
// before start and is before end. An expression with more than one time of day is an error.
func Matches(expression string, start, end time.Time) ([]time.Time, error) {
	inner, ok := strings.CutPrefix(strings.TrimSuffix(expression, ")"), "cron(")
	fields := strings.Fields(inner)
	if !ok || len(fields) != 6 {
		return nil, fmt.Errorf("read the schedule %q: want cron( and six fields", expression)
	}
	minute, err := strconv.Atoi(fields[0])
	hour, also := strconv.Atoi(fields[1])
	if err := cmp.Or(err, also); err != nil {
		return nil, fmt.Errorf("read the schedule %q: only one time of day is understood: %w", expression, err)
	}
	var named [4][]span // days of the month, months, weekdays and years
	for i, field := range fields[2:] {
		if named[i], err = spans(field); err != nil {
			return nil, fmt.Errorf("read the schedule %q: %w", expression, err)
		}
	}
	var times []time.Time
	first := time.Date(start.Year(), start.Month(), start.Day(), hour, minute, 0, 0, start.Location())
	for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
		all := !day.Before(start)
		for i, value := range [4]int{day.Day(), int(day.Month()), int(day.Weekday()) + 1, day.Year()} {
			all = all && slices.ContainsFunc(named[i], func(s span) bool { return s.low <= value && value <= s.high })
		}
		if all {
			times = append(times, day)
		}
	}
	return times, nil
}

// weekdays count from Sunday, which is 1.
var weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// span is the values from low to high.
type span struct{ low, high int }

// spans are the values that a field of an expression names: *, ?, or a list of numbers, weekdays
// and ranges.
func spans(field string) ([]span, error) {
	if field == "*" || field == "?" {
		return []span{{0, math.MaxInt}}, nil
	}
	var all []span
	for _, part := range strings.Split(field, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		low, err := ordinal(from)
		high, also := ordinal(to)
		if err := cmp.Or(err, also); err != nil {
			return nil, err
		}
		all = append(all, span{low, high})
	}
	return all, nil
}

func ordinal(text string) (int, error) {
	if i := slices.Index(weekdays, text); i >= 0 {
		return i + 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("found %q, want a number or a weekday", text)
	}
	return n, nil
}
