package awscron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimesThatMatch(t *testing.T) {
	start := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) // a Friday
	for expression, want := range map[string][]string{
		"cron(0 7 ? * MON-FRI *)": {"2026-11-20 07:00", "2026-11-23 07:00", "2026-11-24 07:00"},
		"cron(30 22 * * ? 2026-2027)": {"2026-11-20 22:30", "2026-11-21 22:30", "2026-11-22 22:30", "2026-11-23 22:30",
			"2026-11-24 22:30"},
		"cron(0 5 21,24 11 ? *)": {"2026-11-21 05:00", "2026-11-24 05:00"},
		"cron(0 5 1 * ? *)":      nil,
	} {
		times, err := Matches(expression, start, start.AddDate(0, 0, 5))
		require.NoError(t, err, expression)
		var got []string
		for _, at := range times {
			got = append(got, at.Format("2006-01-02 15:04"))
		}
		assert.Equal(t, want, got, expression)
	}
}

func TestExpressionsThatAreNotUnderstood(t *testing.T) {
	for expression, want := range map[string]string{
		"rate(1 hour)":           "want cron( and six fields",
		"cron(0 7 * * ?)":        "want cron( and six fields",
		"cron(0 7,9 * * ? *)":    "only one time of day is understood",
		"cron(0 7 L * ? *)":      `found "L", want a number or a weekday`,
		"cron(0 7 1 * ? 2026-x)": `found "x", want a number or a weekday`,
	} {
		_, err := Matches(expression, time.Unix(0, 0), time.Unix(86400*3, 0))
		require.ErrorContains(t, err, want, expression)
	}
}
