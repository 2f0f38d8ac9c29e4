package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The estimate of each stack must not depend on what only a deployed one knows, and must be within
// the budget that its file sets.
func TestTheCostOfEveryStackIsKnownBeforeItIsDeployed(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"prod", "staging"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			anew := costOf(t, stack, newPlan(t, stack))
			deployed := costOf(t, stack, deployedPlan(t, stack))
			assert.JSONEq(t, anew, deployed)

			var estimate struct{ MonthlyUSD, AWSMonthlyUSD, BudgetUSD float64 }
			require.NoError(t, json.Unmarshal([]byte(anew), &estimate))
			assert.Positive(t, estimate.BudgetUSD)
			assert.LessOrEqual(t, estimate.AWSMonthlyUSD, estimate.BudgetUSD)
			assert.Greater(t, estimate.MonthlyUSD, estimate.AWSMonthlyUSD, "Atlas and Datadog are in it")
		})
	}
}

// newPlan is the plan of a stack that is not deployed yet.
func newPlan(t *testing.T, stack string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	o := call{project: projectDir, args: []string{"plan", "--stack", stack, "--out", path}}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	return path
}

// costOf is the estimate as JSON. It fails for what cannot be priced, for usage that is missing or
// unused, and over the budget.
func costOf(t *testing.T, stack, plan string) string {
	t.Helper()
	cmd := exec.Command(infra(t), "cost", "estimate", "--stack", stack, "--format", "json", plan)
	cmd.Dir = projectDir
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	require.NoError(t, err, "%s", problems.String())
	return string(out)
}
