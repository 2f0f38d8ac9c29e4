package compute

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

var cronField = regexp.MustCompile(`^([0-9,*?-]+|MON-FRI)$`)

// FuzzSchedule holds of every schedule that Validate takes: every change is a cron expression of
// six fields with "?" once, under a name of its own, and no expression that raises names a holiday.
func FuzzSchedule(f *testing.F) {
	f.Add("Asia/Tokyo", "07:00", "22:00", "2026-01-01,2026-01-12")
	f.Add("Local", "7:00", "07:00", "2026-02-30,1969-12-31")
	f.Add("UTC", "00:00", "23:59", "2199-12-31")
	f.Add("Europe/Berlin", "24:00", "-1:00", "2026-01-01,2026-01-01")
	f.Fuzz(func(t *testing.T, timezone, raise, lower, holidays string) {
		c := ScheduleConfig{Timezone: timezone, Raise: raise, Lower: lower}
		if holidays != "" {
			c.Holidays = strings.Split(holidays, ",")
		}
		problems := c.Validate()
		for _, problem := range problems {
			assert.Regexp(t, `^(timezone|raise|lower|holidays\[\d+\])$`, problem.Path)
		}
		if len(problems) > 0 {
			return
		}
		changes, err := c.changes(Bounds{2, 10}, Bounds{2, 2})
		require.NoError(t, err)
		names := map[string]bool{}
		for _, change := range changes {
			assert.False(t, names[change.name], change.name)
			names[change.name] = true
			inside, ok := strings.CutPrefix(strings.TrimSuffix(change.cron, ")"), "cron(")
			assert.True(t, ok, change.cron)
			for field := range strings.FieldsSeq(inside) {
				assert.Regexp(t, cronField, field, change.cron)
			}
			fields := fieldsOf(t, change.cron)
			for _, holiday := range c.Holidays {
				assert.False(t, change.name != "lower" && raises(t, fields, holiday), "%s raises on %s", change.cron,
					holiday)
			}
		}
	})
}

// raises says whether an expression's day, month, weekday and year are those of a date.
func raises(t *testing.T, fields []admitted, date string) bool {
	t.Helper()
	day, err := time.Parse(time.DateOnly, date)
	require.NoError(t, err)
	return fields[2].has(day.Day()) && fields[3].has(int(day.Month())) && fields[4].has(int(day.Weekday())) &&
		fields[5].has(day.Year())
}

// FuzzCatches holds of every two patterns and a path: a path that the later pattern matches, the
// earlier one that catches it matches too.
func FuzzCatches(f *testing.F) {
	f.Add("/*", "/api/*", "/api/a")
	f.Add("/a?c", "/abc", "/abc")
	f.Add("/*/x", "/a/*", "/a/x")
	f.Add("*", "", "")
	f.Fuzz(func(t *testing.T, earlier, later, path string) {
		if len(settings.Check([]PathPattern{PathPattern(earlier), PathPattern(later)})) > 0 ||
			len(path) > maxPathLength {
			return
		}
		if catches(PathPattern(earlier), PathPattern(later)) && takesPath(later, path) {
			assert.True(t, takesPath(earlier, path), "%s catches %s, and does not match %s", earlier, later, path)
		}
	})
}

// takesPath says whether a load balancer's pattern matches a path.
func takesPath(pattern, path string) bool {
	expression := strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + expression + "$").MatchString(path)
}

// FuzzServiceName holds of every name that Validate takes: it fits into all names that are made of
// it.
func FuzzServiceName(f *testing.F) {
	for _, seed := range []string{"web", "api", "migration", "web-canary", "a-name-of-24-characters-x", "a--b", "",
		"-", "a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name, ServiceConfig{Paths: []PathPattern{"/*"}, Canary: &CanaryConfig{}}) != nil {
			return
		}
		assert.Regexp(t, `^[a-z][a-z0-9-]*[a-z0-9]$`, name)
		group := targetGroupName(name, variant{suffix: CanarySuffix}, InternetFacing) + autoNaming
		assert.LessOrEqual(t, len(group), 32, group)
	})
}
