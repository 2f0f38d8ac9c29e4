package aws

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

func TestASchedulePutsAServiceToSleepAndWakesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scalable()
	for name, one := range map[string]struct {
		cron        string
		least, most int
	}{
		"lower": {"cron(0 22 * * ? *)", 0, 0}, "raise": {"cron(0 7 ? * MON-FRI *)", 2, 10},
	} {
		w.make(scheduledActionType, name, merged(scaled(in{"minCapacity": nil, "maxCapacity": nil}), in{
			"schedule":             one.cron,
			"timezone":             "Asia/Tokyo",
			"scalableTargetAction": in{"minCapacity": one.least, "maxCapacity": one.most},
		}))
	}
	tokyoTime := time.FixedZone("JST", 9*3600)
	at := func(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, tokyoTime) }
	tasks := func() (wanted int) {
		t.Helper()
		require.NoError(t, w.cloud.View(func(tx *cloud.Tx) error {
			all, err := Tasks(tx)
			wanted = all["service/main/web"]
			return err
		}))
		return wanted
	}
	run := func(from, to time.Time) {
		t.Helper()
		require.NoError(t, w.cloud.Update(func(tx *cloud.Tx) error { return Schedule(tx, from, to) }))
	}
	require.Equal(t, 2, tasks())
	run(at(16, 21), at(16, 22))
	assert.Equal(t, 2, tasks(), "the end does not count")
	run(at(16, 22), at(16, 23)) // Friday
	assert.Equal(t, 0, tasks())
	run(at(17, 0), at(19, 7))
	assert.Equal(t, 0, tasks(), "a weekend")
	require.NoError(t, w.cloud.Update(func(tx *cloud.Tx) error {
		raised, err := Wake(tx)
		assert.Equal(t, 1, raised)
		return err
	}))
	assert.Equal(t, 2, tasks())
	run(at(18, 22), at(18, 23)) // Sunday: days off are lowered too
	assert.Equal(t, 0, tasks())
	run(at(19, 7), at(19, 8)) // Monday
	assert.Equal(t, 2, tasks())
	require.NoError(t, w.cloud.Update(func(tx *cloud.Tx) error {
		raised, err := Wake(tx)
		assert.Zero(t, raised, "it is awake")
		return err
	}))
}
