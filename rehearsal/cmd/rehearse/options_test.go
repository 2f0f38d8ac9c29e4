package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/cost"
)

// The whole of them takes hundreds of previews; these two have an amount and a refusal.
func TestOptionsArePreviewedAloneAndSayWhatContradictsThem(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "options.json")
	o := call{
		project: projectDir,
		args:    []string{"options", "--stack", "prod", "--only", "network.nat", "--out", path},
	}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	byChange := map[string]cost.Option{}
	for _, one := range optionsIn(t, path).Options {
		assert.Equal(t, "network.nat", one.Setting)
		assert.Contains(t, one.About, "How tasks reach the internet")
		byChange[one.Change] = one
	}
	require.Len(t, byChange, 2)
	single := byChange["perZone -> single"]
	assert.Contains(t, single.Quantities, cost.Quantity{Price: "nat.hour", Region: "ap-northeast-1", Units: -730})
	assert.Contains(t, single.Quantities,
		cost.Quantity{Price: "vpc.publicIPv4Hour", Region: "ap-northeast-1", Units: -730})
	assert.Equal(t, []string{"observability-nat-port-errors-ap-northeast-1c"}, single.Lost)
	none := byChange["perZone -> none"]
	assert.Contains(t, none.Refused, "network.nat", "the setting that contradicts it")
	assert.Empty(t, none.Quantities)

	wrong := call{project: projectDir, args: []string{"options", "--stack", "prod"}}.rehearsed(t)
	assert.Equal(t, exitUsage, wrong.code)
	assert.Contains(t, wrong.out, "there is no file to write them to: give one with --out")
}

func optionsIn(t *testing.T, path string) *cost.Options {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	options, err := cost.ReadOptions(file)
	require.NoError(t, err)
	return options
}
