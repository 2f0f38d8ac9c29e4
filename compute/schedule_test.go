package compute

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// admitted are the values that one field of an expression admits, as ranges; nil is every value.
type admitted [][2]int

func (a admitted) has(value int) bool {
	return a == nil || slices.ContainsFunc(a, func(span [2]int) bool { return span[0] <= value && value <= span[1] })
}

var weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// fieldsOf takes an expression of Application Auto Scaling apart.
func fieldsOf(t *testing.T, expression string) []admitted {
	t.Helper()
	texts := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(expression, "cron("), ")"))
	require.Len(t, texts, 6, expression)
	require.True(t, (texts[2] == "?") != (texts[4] == "?"), "either day field must be a question mark: %s", expression)
	number := func(text string) int {
		if i := slices.Index(weekdays, text); i >= 0 {
			return i
		}
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	fields := make([]admitted, len(texts))
	for i, text := range texts {
		if text == "*" || text == "?" {
			continue
		}
		for part := range strings.SplitSeq(text, ",") {
			first, last, span := strings.Cut(part, "-")
			if !span {
				last = first
			}
			fields[i] = append(fields[i], [2]int{number(first), number(last)})
		}
	}
	return fields
}

// fires says whether an expression fires in a minute.
func fires(fields []admitted, at time.Time) bool {
	for i, value := range []int{at.Minute(), at.Hour(), at.Day(), int(at.Month()), int(at.Weekday()), at.Year()} {
		if !fields[i].has(value) {
			return false
		}
	}
	return true
}

func TestQuietHoursAreNightsWeekendsAndHolidays(t *testing.T) {
	schedule := ScheduleConfig{
		Timezone: "Asia/Tokyo",
		Raise:    "07:30",
		Lower:    "22:00",
		Holidays: []string{
			// a Saturday
			"2026-01-01", "2026-05-04", "2026-05-05", "2026-05-06", "2026-11-03", "2026-11-23", "2026-08-01",
			"2028-02-29",
		},
	}
	day, quiet := Bounds{2, 10}, Bounds{1, 1}
	changes, err := schedule.changes(day, quiet)
	require.NoError(t, err)

	fields := make([][]admitted, len(changes))
	for i, change := range changes {
		fields[i] = fieldsOf(t, change.cron)
	}

	now := quiet
	var raised, lowered int
	for at := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2030; at = at.Add(30 * time.Minute) {
		var fired []string
		for i, change := range changes {
			if fires(fields[i], at) {
				fired = append(fired, change.name)
				if now != change.bounds {
					if change.bounds == day {
						raised++
					} else {
						lowered++
					}
				}
				now = change.bounds
			}
		}
		require.LessOrEqual(t, len(fired), 1, "%v at %s", fired, at)
		off := weekend(at) || slices.Contains(schedule.Holidays, at.Format(time.DateOnly))
		clock := at.Format("15:04")
		want := quiet
		if !off && clock >= schedule.Raise && clock < schedule.Lower {
			want = day
		}
		require.Equal(t, want, now, "%s %s", at.Weekday(), at)
	}
	assert.Positive(t, raised)
	assert.InDelta(t, raised, lowered, 1, "each lowering has a matching raise")
	names := map[string]bool{}
	for _, change := range changes {
		assert.False(t, names[change.name], change.name)
		names[change.name] = true
	}
}

// week is what each hour of a week is like with the schedule of staging: asleep (.) or awake (#).
var week = []struct{ day, hours string }{
	{"2026-01-12", "........................"}, // Monday, Coming of Age Day
	{"2026-01-13", ".......###############.."},
	{"2026-01-14", ".......###############.."},
	{"2026-01-15", ".......###############.."},
	{"2026-01-16", ".......###############.."},
	{"2026-01-17", "........................"}, // Saturday
	{"2026-01-18", "........................"},
}

// replay applies what fires in each minute, from one time up to another, to the bounds at its
// start.
func replay(now Bounds, changes []scheduledChange, fields [][]admitted, from, to time.Time) Bounds {
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		for i, change := range changes {
			if fires(fields[i], at) {
				now = change.bounds
			}
		}
	}
	return now
}

func TestEachHourOfAWeek(t *testing.T) {
	schedule := ScheduleConfig{
		Timezone: "Asia/Tokyo",
		Raise:    "07:00",
		Lower:    "22:00",
		Holidays: []string{"2026-01-01", "2026-01-12"},
	}
	day, quiet := Bounds{1, 2}, Bounds{0, 0}
	changes, err := schedule.changes(day, quiet)
	require.NoError(t, err)
	fields := make([][]admitted, len(changes))
	for i, change := range changes {
		fields[i] = fieldsOf(t, change.cron)
	}
	right, changed := 0, 0
	for _, one := range week {
		midnight, err := time.Parse(time.DateOnly, one.day)
		require.NoError(t, err)
		require.Len(t, one.hours, 24)
		for hour, letter := range one.hours {
			begins := midnight.Add(time.Duration(hour) * time.Hour)
			want := map[rune]Bounds{'.': quiet, '#': day}[letter]
			// A day before is enough to forget how it began: each evening lowers.
			got := replay(day, changes, fields, begins.Add(-24*time.Hour), begins.Add(time.Minute))
			assert.Equal(t, want, got, "%s %02d:00", one.day, hour)
			if got == want {
				right++
			}
			if hour > 0 && one.hours[hour] != one.hours[hour-1] {
				changed++
			}
			// What a release woke in this hour sleeps again within a day, but on a workday after
			// its morning.
			evening := time.Date(begins.Year(), begins.Month(), begins.Day(), 22, 0, 0, 0, time.UTC)
			if hour >= 22 {
				evening = evening.AddDate(0, 0, 1)
			}
			assert.Equal(t, quiet, replay(day, changes, fields, begins.Add(time.Minute), evening.Add(time.Minute)),
				"woken at %s %02d:00", one.day, hour)
		}
	}
	t.Logf("%d of 168 hours, %d of them where it changes", right, changed)
	assert.Equal(t, 168, right)
	assert.Equal(t, 8, changed)
}

func TestWithoutHolidaysTwoChangesDo(t *testing.T) {
	changes, err := ScheduleConfig{Raise: "07:00", Lower: "22:00"}.changes(Bounds{2, 10}, Bounds{2, 2})
	require.NoError(t, err)
	assert.Equal(t, []scheduledChange{
		{"lower", "cron(0 22 * * ? *)", Bounds{2, 2}}, {"raise", "cron(0 7 ? * MON-FRI *)", Bounds{2, 10}},
	}, changes)
}

func TestAMonthWithoutAnyWorkdayIsNotRaised(t *testing.T) {
	c := ScheduleConfig{Raise: "07:00", Lower: "22:00"}
	for day := 1; day <= 28; day++ {
		c.Holidays = append(c.Holidays, fmt.Sprintf("2026-02-%02d", day))
	}
	changes, err := c.changes(Bounds{2, 10}, Bounds{2, 2})
	require.NoError(t, err)
	for _, change := range changes {
		assert.NotEqual(t, "raise-2026-02", change.name)
	}
}

func TestYearsWithout(t *testing.T) {
	for want, years := range map[string][]int{
		"*":                        nil,
		"1970-2025,2027-2199":      {2026},
		"1970-2025,2028-2199":      {2026, 2027},
		"1970-2025,2027,2029-2199": {2026, 2028},
		"1971-2198":                {1970, 2199},
	} {
		assert.Equal(t, want, yearsWithout(years))
	}
}
