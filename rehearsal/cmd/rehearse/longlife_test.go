package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One deployed stack goes from hand to hand: each rehearsal leaves it as it found it.
func TestADeployedStackMeetsDriftRotationAndChange(t *testing.T) {
	t.Parallel()
	up := keptStack(t, "staging")
	for _, one := range []struct {
		args []string
		says string
	}{
		{[]string{"drift"}, "20 repaired, 3 left alone, 3 not seen by a refresh"},
		{[]string{"rotate"}, "Atlas password"},
		{[]string{"lifecycle", "--only", "aurora"}, "0 WRONG"},
		{[]string{"lifecycle", "--only", "a week"}, "Friday, 23:00: a release, left asleep"},
	} {
		got := call{
			project: projectDir,
			state:   up.state,
			args:    append(one.args, "--stack", "staging", "--kept"),
		}.rehearsed(t)
		require.Equal(t, exitOK, got.code, got.out)
		assert.Contains(t, got.out, one.says)
	}
}
