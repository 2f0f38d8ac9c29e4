package main

import (
	"encoding/json"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pictures in docs are those of the committed stacks.
func TestTheCommittedPicturesAreCurrent(t *testing.T) {
	t.Parallel()
	program := infra(t)
	for stack := range deployed {
		svg := filepath.Join(t.TempDir(), stack+".svg")
		out, err := exec.Command(program, "graph", "--stack", stack, "--svg", svg, deployedPlan(t, stack)).
			CombinedOutput()
		require.NoError(t, err, string(out))
		want, err := os.ReadFile(svg)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(projectDir, "docs", stack+".svg"))
		require.NoError(t, err)
		assert.True(t, string(want) == string(got),
			"docs/%s.svg is not the picture of the stack any more: run make graph STACK=%s and commit it", stack, stack)
	}
}

// Whatever a stack consists of is in its report, once.
func TestTheReportHasEveryPlannedResource(t *testing.T) {
	t.Parallel()
	program := infra(t)
	for stack := range deployed {
		plan, page := deployedPlan(t, stack), filepath.Join(t.TempDir(), stack+".html")
		report := exec.Command(program, "report", "--stack", stack, "--out", page, plan)
		report.Dir = projectDir
		out, err := report.CombinedOutput()
		require.NoError(t, err, string(out))
		raw, err := os.ReadFile(page)
		require.NoError(t, err)
		var preview struct {
			Steps []struct {
				URN      string `json:"urn"`
				NewState struct {
					Custom bool `json:"custom"`
				} `json:"newState"`
			} `json:"steps"`
		}
		planned, err := os.ReadFile(plan)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(planned, &preview))
		resources := 0
		for _, step := range preview.Steps {
			if step.NewState.Custom {
				resources++
				assert.Contains(t, string(raw), `data-urn="`+html.EscapeString(step.URN)+`"`)
			}
		}
		assert.Greater(t, resources, 300)
		assert.Equal(t, resources, strings.Count(string(raw), "data-urn="),
			"the report of %s has a resource that is not planned, or one twice", stack)
	}
}
