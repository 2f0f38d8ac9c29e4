package data

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

const (
	minutesPerDay  = 24 * 60
	minutesPerWeek = 7 * minutesPerDay
	shortestWindow = 30 // minutes, for RDS
)

var (
	dailyWindow  = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)
	weeklyWindow = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):` +
		`([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$`)
	weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// window is a span of time in UTC, in minutes since Monday 00:00. It may reach over the end of the
// week.
type window struct{ start, length int }

// parseDaily reads "18:00-19:00", a window of every day, as seven windows.
func parseDaily(text string) ([]window, error) {
	match := dailyWindow.FindStringSubmatch(text)
	if match == nil {
		return nil, fmt.Errorf("not in the form hh:mm-hh:mm")
	}
	start, end := clock(match[1], match[2]), clock(match[3], match[4])
	length := (end - start + minutesPerDay) % minutesPerDay
	if length < shortestWindow {
		return nil, fmt.Errorf("%d minutes long", length)
	}
	var all []window
	for day := range weekdays {
		all = append(all, window{day*minutesPerDay + start, length})
	}
	return all, nil
}

// parseWeekly reads "sun:19:30-sun:20:30".
func parseWeekly(text string) (window, error) {
	match := weeklyWindow.FindStringSubmatch(text)
	if match == nil {
		return window{}, fmt.Errorf("not in the form ddd:hh:mm-ddd:hh:mm")
	}
	start, end := slices.Index(weekdays, match[1])*minutesPerDay+clock(match[2], match[3]),
		slices.Index(weekdays, match[4])*minutesPerDay+clock(match[5], match[6])
	length := (end - start + minutesPerWeek) % minutesPerWeek
	if length < shortestWindow || length >= minutesPerDay {
		return window{}, fmt.Errorf("%d minutes long", length)
	}
	return window{start, length}, nil
}

// overlaps says whether two windows share a minute, around the end of the week too.
func (w window) overlaps(other window) bool {
	return (other.start-w.start+minutesPerWeek)%minutesPerWeek < w.length ||
		(w.start-other.start+minutesPerWeek)%minutesPerWeek < other.length
}

// clock counts the minutes of a time whose digits the caller has matched.
func clock(hours, minutes string) int {
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return h*60 + m
}
