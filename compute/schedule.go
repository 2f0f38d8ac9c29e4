package compute

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files must not refuse Asia/Tokyo

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ScheduleConfig says when the services' capacity is held at their quiet bounds: every night, on
// weekends and on holidays.
type ScheduleConfig struct {
	// Timezone is the IANA name of the zone that all times are in.
	Timezone string `json:"timezone" format:"timezone" pattern:"^[A-Za-z_]+/[A-Za-z0-9_+/-]+$"`
	// Raise is when a workday begins.
	Raise string `json:"raise" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" want:"a time of day in quotes, such as \"07:00\""`
	// Lower is when it ends, later than Raise on the same day.
	Lower string `json:"lower" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" want:"a time of day in quotes, such as \"22:00\""`
	// Holidays are dates that are no workdays. A year that no date names has workdays from Monday
	// to Friday.
	Holidays []string `json:"holidays" settings:"optional,unique" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" want:"a date in quotes, such as \"2026-01-01\", in 1970 to 2199"`
}

const (
	clock = "15:04"
	// The years that a cron expression may name.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
	firstYear = 1970
	lastYear  = 2199
)

// Validate reports every problem of the schedule.
func (c ScheduleConfig) Validate() settings.Problems {
	p := settings.Check(c)
	raise, raiseErr := time.Parse(clock, c.Raise)
	lower, lowerErr := time.Parse(clock, c.Lower)
	p.Want(raiseErr != nil || lowerErr != nil || lower.After(raise), "lower", c.Lower, "a time after raise (%s)",
		c.Raise)
	for i, holiday := range c.Holidays {
		date, err := time.Parse(time.DateOnly, holiday)
		p.Want(err == nil && date.Year() >= firstYear && date.Year() <= lastYear, fmt.Sprintf("holidays[%d]", i),
			holiday,
			"%s", settings.WantOf(c, "holidays"))
	}
	return p
}

// scheduledChange is one recurring change of a service's bounds.
type scheduledChange struct {
	name   string // unique among the service's changes
	cron   string // six fields
	bounds Bounds
}

// changes lists the recurring changes. Cron cannot say "but not on", so the mornings of workdays
// are listed as what they are: in a year with holidays each month that has one gets the days of its
// workdays, the other months and all other years get Monday to Friday. Nothing raises the capacity
// on a holiday, not even for a minute. Capacity is lowered every evening, also after a day off, so
// that what was raised by hand or created in the meantime is back within a day. The result depends
// on the configuration alone, never on today.
func (c ScheduleConfig) changes(day, quiet Bounds) ([]scheduledChange, error) {
	raise, err := time.Parse(clock, c.Raise)
	if err != nil {
		return nil, err
	}
	lower, err := time.Parse(clock, c.Lower)
	if err != nil {
		return nil, err
	}
	holidays, err := holidaysByMonth(c.Holidays)
	if err != nil {
		return nil, err
	}
	morning := func(days, months, weekdays, years string) string { return cron(raise, days, months, weekdays, years) }

	all := []scheduledChange{{"lower", cron(lower, "*", "*", "?", "*"), quiet}}
	var years []int
	for key := range holidays {
		years = append(years, key.year)
	}
	slices.Sort(years)
	years = slices.Compact(years)
	for _, year := range years {
		var plain []string
		for month := time.January; month <= time.December; month++ {
			off, some := holidays[yearMonth{year, month}]
			if !some {
				plain = append(plain, fmt.Sprint(int(month)))
				continue
			}
			if days := workdays(year, month, off); len(days) > 0 {
				all = append(all, scheduledChange{
					fmt.Sprintf("raise-%d-%02d", year, month),
					morning(strings.Join(days, ","), fmt.Sprint(int(month)), "?", fmt.Sprint(year)), day,
				})
			}
		}
		if len(plain) > 0 {
			all = append(all, scheduledChange{
				fmt.Sprintf("raise-%d", year), morning("?", strings.Join(plain, ","), "MON-FRI", fmt.Sprint(year)), day,
			})
		}
	}
	return append(all, scheduledChange{"raise", morning("?", "*", "MON-FRI", yearsWithout(years)), day}), nil
}

// longestQuiet is the longest time between an evening and the next morning of a workday: a weekend,
// or the holidays around one.
func (c ScheduleConfig) longestQuiet() (time.Duration, error) {
	raise, err := time.Parse(clock, c.Raise)
	if err != nil {
		return 0, err
	}
	lower, err := time.Parse(clock, c.Lower)
	if err != nil {
		return 0, err
	}
	const day = 24 * time.Hour
	longest := 3 * day // from Friday to Monday
	for _, text := range c.Holidays {
		date, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return 0, err
		}
		off := func(date time.Time) bool {
			return weekend(date) || slices.Contains(c.Holidays, date.Format(time.DateOnly))
		}
		first, last := date, date
		for ; off(first); first = first.Add(-day) {
		}
		for ; off(last); last = last.Add(day) {
		}
		longest = max(longest, last.Sub(first))
	}
	return longest - lower.Sub(raise), nil
}

// cron is an expression of Application Auto Scaling: minute, hour, day of month, month, day of
// week, year.
func cron(at time.Time, days, months, weekdays, years string) string {
	return fmt.Sprintf("cron(%d %d %s %s %s %s)", at.Minute(), at.Hour(), days, months, weekdays, years)
}

type yearMonth struct {
	year  int
	month time.Month
}

// holidaysByMonth leaves out holidays on weekends: they change nothing.
func holidaysByMonth(dates []string) (map[yearMonth][]int, error) {
	all := map[yearMonth][]int{}
	for _, text := range dates {
		date, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, err
		}
		if !weekend(date) {
			key := yearMonth{date.Year(), date.Month()}
			all[key] = append(all[key], date.Day())
		}
	}
	return all, nil
}

func weekend(date time.Time) bool {
	return date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
}

func workdays(year int, month time.Month, off []int) []string {
	var days []string
	for date := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC); date.Month() == month; date = date.AddDate(0, 0, 1) {
		if !weekend(date) && !slices.Contains(off, date.Day()) {
			days = append(days, fmt.Sprint(date.Day()))
		}
	}
	return days
}

// yearsWithout is the year field for all years but the given ones, which are sorted.
func yearsWithout(years []int) string {
	if len(years) == 0 {
		return "*"
	}
	var spans []string
	next := firstYear
	for _, year := range append(slices.Clone(years), lastYear+1) {
		switch {
		case next == year-1:
			spans = append(spans, fmt.Sprint(next))
		case next < year-1:
			spans = append(spans, fmt.Sprintf("%d-%d", next, year-1))
		}
		next = year + 1
	}
	return strings.Join(spans, ",")
}
