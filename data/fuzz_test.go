package data

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// FuzzWindows holds of every two windows that are read: written again they read the same, they are
// as long as RDS wants, and overlapping is mutual and what a walk over the week, minute by minute,
// finds.
func FuzzWindows(f *testing.F) {
	f.Add("18:00-19:00", "sun:19:30-sun:20:30")
	f.Add("23:45-00:15", "sun:23:50-mon:00:20")
	f.Add("00:00-00:00", "mon:00:00-mon:00:00")
	f.Add("24:00-25:00", "sun:18:30-sun:18:59")
	f.Fuzz(func(t *testing.T, daily, weekly string) {
		days, dailyErr := parseDaily(daily)
		week, weeklyErr := parseWeekly(weekly)
		if dailyErr == nil {
			assert.Len(t, days, 7)
			for i, day := range days {
				assert.True(t, day.length >= shortestWindow && day.length < minutesPerDay, daily)
				assert.Equal(t, i, day.start/minutesPerDay)
			}
			assert.Equal(t, daily, fmt.Sprintf("%s-%s", hour(days[0].start), hour(days[0].start+days[0].length)))
		}
		if weeklyErr == nil {
			assert.True(t, week.length >= shortestWindow && week.length < minutesPerDay, weekly)
			end := (week.start + week.length) % minutesPerWeek
			assert.Equal(t, weekly, fmt.Sprintf("%s:%s-%s:%s", weekdays[week.start/minutesPerDay], hour(week.start),
				weekdays[end/minutesPerDay], hour(end)))
		}
		if dailyErr != nil || weeklyErr != nil {
			return
		}
		for _, day := range days {
			shared := false
			for minute := range day.length {
				at := (day.start + minute - week.start + minutesPerWeek) % minutesPerWeek
				shared = shared || at < week.length
			}
			assert.Equal(t, shared, day.overlaps(week), "%s %s", daily, weekly)
			assert.Equal(t, shared, week.overlaps(day), "%s %s", daily, weekly)
		}
	})
}

func hour(minutes int) string {
	minutes %= minutesPerDay
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// FuzzBackupRules holds of every schedule that Validate takes: it runs at one minute of the hour
// and says "?" once, as AWS wants.
func FuzzBackupRules(f *testing.F) {
	f.Add("daily", "cron(0 5 * * ? *)", "Asia/Tokyo")
	f.Add("", "cron(0/30 * * * ? *)", "Local")
	f.Add("a b", "cron(0 5 ? * ? *)", "")
	f.Add("x", "cron(60 5 * * * *)", "../etc")
	f.Fuzz(func(t *testing.T, name, schedule, timezone string) {
		rule := BackupRuleConfig{
			Name:                    name,
			Schedule:                schedule,
			Timezone:                timezone,
			StartWindowMinutes:      60,
			CompletionWindowMinutes: 120,
			RetentionDays:           35,
		}
		problems := settings.Check(rule)
		for _, problem := range problems {
			assert.Contains(t, []string{"name", "schedule", "timezone"}, problem.Path)
		}
		if len(problems) > 0 {
			return
		}
		inside, ok := strings.CutPrefix(strings.TrimSuffix(schedule, ")"), "cron(")
		assert.True(t, ok, schedule)
		fields := strings.Fields(inside)
		if assert.Len(t, fields, 6, schedule) {
			var minute int
			_, err := fmt.Sscanf(fields[0], "%d", &minute)
			assert.True(t, err == nil && minute >= 0 && minute <= 59, schedule)
			assert.True(t, (fields[2] == "?") != (fields[4] == "?"),
				"%s: exactly one of the day of the month and of the week is ?", schedule)
		}
	})
}

// FuzzAtlasClusterName holds of every environment: a section that Validate takes gives the cluster
// a name that Atlas takes.
func FuzzAtlasClusterName(f *testing.F) {
	for _, seed := range []string{"production", "staging", "", "a-very-long-environment", "Ünicode"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, environment string) {
		if len(atlasConfig().Validate(names.Environment(environment))) == 0 {
			assert.NoError(t, names.Check(names.AtlasCluster, AtlasConfig{}.Cluster(names.Environment(environment))))
		}
	})
}
