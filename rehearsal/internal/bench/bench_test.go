package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const committed = "../../../Pulumi.prod.yaml"

type service struct {
	Image     string   `yaml:"image"`
	Version   string   `yaml:"version"`
	Port      int      `yaml:"port"`
	Priority  int      `yaml:"priority"`
	Calls     []string `yaml:"calls"`
	Migration any      `yaml:"migration"`
}

func services(t *testing.T, n int) map[string]service {
	t.Helper()
	raw, err := withServices(committed, n)
	require.NoError(t, err)
	var file struct {
		Config struct {
			Services map[string]service `yaml:"bookmark-manager:services"`
		} `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &file))
	return file.Config.Services
}

func TestServicesAreAddedToTheCommittedOnes(t *testing.T) {
	all := services(t, 50)
	require.Len(t, all, 50)
	ports, priorities, migrations := map[int]bool{}, map[int]bool{}, 0
	for name, one := range all {
		assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, one.Image, name)
		assert.NotEmpty(t, one.Version, name)
		assert.LessOrEqual(t, len(name), 21, "a target group has the name, and eight characters more of 32")
		ports[one.Port], priorities[one.Priority] = true, true
		if one.Migration != nil {
			migrations++
		}
	}
	assert.Len(t, ports, 50)
	assert.Len(t, priorities, 50)
	assert.Equal(t, 1, migrations)
	assert.Equal(t, []string{"api"}, all["extra-48"].Calls)
	assert.Len(t, services(t, 0), 2, "none are added")
}

func TestAStackFileWithoutTheServiceToCopyIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Pulumi.other.yaml")
	require.NoError(t, os.WriteFile(path, []byte("config: {other:services: {web: {port: 80}}}"), 0o600))
	_, err := withServices(path, 3)
	assert.EqualError(t, err, fmt.Sprintf(`add services to the stack file %s: it has no service "api" to copy`, path))
	_, err = withServices(filepath.Join(t.TempDir(), "none"), 3)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestRatiosAreOfOneTurnEach(t *testing.T) {
	assert.Equal(t, []float64{2, 3}, ratios([]time.Duration{4, 9}, []time.Duration{2, 3}))
	for name, c := range map[string]struct {
		values []float64
		want   float64
	}{
		"one":          {[]float64{3}, 3},
		"the middle":   {[]float64{9, 1, 2}, 2},
		"of four":      {[]float64{4, 1, 3, 2}, 2},
		"not the mean": {[]float64{1, 1, 100}, 1},
	} {
		assert.Equal(t, c.want, median(c.values), name)
	}
}

func TestARowSaysWhetherTheTargetIsMet(t *testing.T) {
	assert.Equal(t, []string{"what", "2", "3", "met"}, row("what", "2", "3", true))
	assert.Equal(t, []string{"what", "4", "3", "over"}, row("what", "4", "3", false))
	assert.Equal(t, []string{"what", "4", "", ""}, row("what", "4", "", true))
}

func TestTheProgramOfAnEngineIsTimedByItsStart(t *testing.T) {
	script := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexit 1\n"), 0o755))
	took, err := leastStart(t.Context(), script)
	require.NoError(t, err)
	assert.Positive(t, took)
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexit 0\n"), 0o755))
	_, err = leastStart(t.Context(), script)
	assert.ErrorContains(t, err, "it ended well")
	_, err = leastStart(t.Context(), filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
