package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/faults"
	model "github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// The kills need the /proc of Linux, as the name of this file says.
func TestAStackSurvivesFaultsAndKills(t *testing.T) {
	t.Parallel()
	got, code, out := call{project: smallDir, args: []string{"--stack", "test", "--subset"}}.drilled(t)
	require.Equal(t, exitOK, code, out)
	assert.True(t, got.OK)
	assert.Equal(t, 11, got.Resources)
	totals := map[model.Operation]int{}
	for _, kind := range model.Kinds(model.Create, "aws") {
		assert.Positive(t, got.Recovered[kind][model.Create], "%s of a creation", kind)
		for operation, n := range got.Recovered[kind] {
			totals[operation] += n
		}
	}
	// Each resource fails twice, a random value in the cycle of crashes alone. Two types cannot be
	// changed in place.
	assert.Equal(t, map[model.Operation]int{model.Create: 21, model.Update: 18, model.Delete: 21}, totals)
	assert.Equal(t, 3, got.UpKills)
	assert.Equal(t, 1, got.DestroyKills)
	assert.Equal(t, 4, got.Steps.Cancelled)
	assert.Positive(t, got.Steps.Refreshed, "a killed up leaves pending creations")
	assert.Positive(t, got.Steps.Deleted)
	assert.Positive(t, got.Steps.Imported)
	assert.Equal(t, map[string]int{
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1,
		"random:index/randomPassword:RandomPassword":        1,
	}, got.WithoutUpdate)
	assert.Contains(t, out, "Result: all of it recovered")
	assert.NotContains(t, out, "error:", "the failures that are meant stay in the logs")
}

// drilled runs `rehearse faults` to its end.
func (c call) drilled(t *testing.T) (report faults.Report, code int, out string) {
	t.Helper()
	c.args = append([]string{"faults"}, c.args...)
	cmd, path := c.command(t)
	raw, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	written, err := os.ReadFile(path)
	require.NoError(t, err, string(raw))
	require.NoError(t, json.Unmarshal(written, &report))
	return report, cmd.ProcessState.ExitCode(), string(raw)
}
