package compute

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// scheduleField is a field of a cron expression of EventBridge Scheduler, with the names that stand
// for numbers.
type scheduleField struct {
	name        string
	first, last int
	names       []string // of first and what follows
}

// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
var scheduleFields = []scheduleField{
	{"minutes", 0, 59, nil}, {"hours", 0, 23, nil}, {"day of the month", 1, 31, nil},
	{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{"day of the week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
	{"year", firstYear, lastYear, nil},
}

// The places of fields in an expression.
const (
	cronDay, cronMonth, cronWeekday, cronYear = 2, 3, 4, 5
)

var rate = regexp.MustCompile(`^rate\(([1-9][0-9]*) (minute|hour|day)s?\)$`)

// scheduleProblem says what is wrong with a rate or a cron expression: one that cannot be read, and
// one that no date fits; nothing when it is good.
func scheduleProblem(expression string) string {
	if parts := rate.FindStringSubmatch(expression); parts != nil {
		return rateProblem(parts[1], parts[2])
	}
	inside, ok := strings.CutPrefix(expression, "cron(")
	inside, closed := strings.CutSuffix(inside, ")")
	fields := strings.Fields(inside)
	if !ok || !closed || len(fields) != len(scheduleFields) {
		return "rate(5 minutes), or cron( and six fields, such as cron(0 3 * * ? *)"
	}
	if (fields[cronDay] == "?") == (fields[cronWeekday] == "?") {
		return "an expression with a question mark in one of its day fields"
	}
	sets := make([][]int, len(fields))
	for i, field := range scheduleFields {
		if fields[i] == "?" && (i == cronDay || i == cronWeekday) {
			continue
		}
		if sets[i] = field.values(fields[i]); sets[i] == nil {
			return field.name + " from " + strconv.Itoa(field.first) + " to " + strconv.Itoa(field.last) +
				", as numbers, names, lists, ranges and steps"
		}
	}
	if fields[cronYear] != "*" {
		return "a star for the year: after the last of some years it never fires again, and nothing tells"
	}
	if fields[cronDay] != "?" && !anyDate(sets[cronDay], sets[cronMonth]) {
		return "a schedule that fires: no month has that day"
	}
	return ""
}

// perYear is how often a unit of a rate fits into a year.
var perYear = map[string]int{"minute": 366 * 24 * 60, "hour": 366 * 24, "day": 366}

// rateProblem says what is wrong with a rate: one that nobody would live to see fire.
func rateProblem(number, unit string) string {
	if n, err := strconv.Atoi(number); err != nil || n > perYear[unit] {
		return fmt.Sprintf("a rate of a year at most, rate(%d %ss)", perYear[unit], unit)
	}
	return ""
}

// values are the numbers that a field stands for, and nil for one that cannot be read.
func (f scheduleField) values(text string) []int {
	var all []int
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			var err error
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return nil
			}
		}
		first, last := f.first, f.last
		if span != "*" {
			from, to, isSpan := strings.Cut(span, "-")
			var okFrom, okTo bool
			first, okFrom = f.number(from)
			last, okTo = first, true
			switch {
			case isSpan:
				last, okTo = f.number(to)
			case stepped:
				last = f.last
			}
			if !okFrom || !okTo || last < first {
				return nil
			}
		}
		for value := first; value <= last; value += step {
			all = append(all, value)
		}
	}
	return all
}

func (f scheduleField) number(text string) (int, bool) {
	if i := slices.Index(f.names, strings.ToUpper(text)); i >= 0 {
		return f.first + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.first && n <= f.last
}

// anyDate says whether one of the months has one of the days, in one of all years.
func anyDate(days, months []int) bool {
	earliest := slices.Min(days)
	return slices.ContainsFunc(months, func(month int) bool {
		longest := 31
		switch month {
		case 4, 6, 9, 11:
			longest = 30
		case 2:
			longest = 29
		}
		return earliest <= longest
	})
}
