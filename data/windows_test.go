package data

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWindowsAreRead(t *testing.T) {
	daily, err := parseDaily("23:45-00:45")
	require.NoError(t, err)
	assert.Equal(t, window{23*60 + 45, 60}, daily[0])
	assert.Equal(t, window{6*1440 + 23*60 + 45, 60}, daily[6])
	assert.Len(t, daily, 7)
	weekly, err := parseWeekly("sun:23:30-mon:00:30")
	require.NoError(t, err)
	assert.Equal(t, window{6*1440 + 23*60 + 30, 60}, weekly)
}

func TestWindowsRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"":            "not in the form hh:mm-hh:mm",
		"3:00-4:00":   "not in the form",
		"24:00-01:00": "not in the form",
		"18:00-18:29": "29 minutes long",
		"18:00-18:00": "0 minutes long",
	} {
		_, err := parseDaily(text)
		assert.ErrorContains(t, err, want, text)
	}
	for text, want := range map[string]string{
		"":                    "not in the form ddd:hh:mm-ddd:hh:mm",
		"19:30-20:30":         "not in the form",
		"Sun:19:30-Sun:20:30": "not in the form",
		"sun:19:30-sun:19:45": "15 minutes long",
		"sun:19:30-mon:19:30": "1440 minutes long",
		"sun:19:30-sun:19:00": "10050 minutes long",
	} {
		_, err := parseWeekly(text)
		assert.ErrorContains(t, err, want, text)
	}
}

// Two windows overlap exactly when some minute of the week lies in both.
func TestOverlapAgreesWithCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) window {
			return window{rapid.IntRange(0, minutesPerWeek-1).Draw(t, name),
				rapid.IntRange(shortestWindow, minutesPerDay-1).Draw(t, name+" length")}
		}
		a, b := draw("a"), draw("b")
		shared := false
		for minute := range a.length {
			at := (a.start + minute) % minutesPerWeek
			shared = shared || (at-b.start+minutesPerWeek)%minutesPerWeek < b.length
		}
		if a.overlaps(b) != shared || b.overlaps(a) != shared {
			t.Fatalf("%v and %v: overlaps says %v and %v, counting says %v", a, b, a.overlaps(b), b.overlaps(a), shared)
		}
	})
}
