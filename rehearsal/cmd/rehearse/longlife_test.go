package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A deployed stack goes from hand to hand: each rehearsal leaves it as it found it.
func TestADeployedStackMeetsDriftRotationAndChange(t *testing.T) {
	t.Parallel()
	type rehearsal struct {
		args []string
		says string
	}
	for name, life := range map[string][]rehearsal{
		"drift and rotation": {
			{[]string{"drift"}, "20 repaired, 3 left alone, 3 not seen by a refresh"},
			{[]string{"rotate"}, "Atlas password"},
		},
		"changes and a week": {
			{[]string{"lifecycle", "--only", "aurora"}, "0 WRONG"},
			{[]string{"lifecycle", "--only", "a week"}, "Friday, 23:00: a release, left asleep"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up := keptStack(t, "staging")
			for _, one := range life {
				got := call{
					project: projectDir,
					state:   up.state,
					args:    append(one.args, "--stack", "staging", "--kept"),
				}.rehearsed(t)
				require.Equal(t, exitOK, got.code, got.out)
				assert.Contains(t, got.out, one.says)
			}
		})
	}
}
