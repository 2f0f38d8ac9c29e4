package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files of the plans")

// deployed makes the plan of each kept stack once, for all the tests that read one.
var deployed = map[string]func() ([]byte, error){
	"prod":    sync.OnceValues(func() ([]byte, error) { return planOf("prod") }),
	"staging": sync.OnceValues(func() ([]byte, error) { return planOf("staging") }),
}

// deployedPlan is the path of the plan that `rehearse plan --kept` writes for a deployed stack of
// the project.
func deployedPlan(t *testing.T, stack string) string {
	t.Helper()
	raw, err := deployed[stack]()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), stack+".plan.json")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

func planOf(stack string) ([]byte, error) {
	dir, err := os.MkdirTemp(scratch, "plan")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the plan of %s: %w", stack, err)
	}
	if _, err := copyOfKept(stack, dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "plan.json")
	o, err := call{
		project: projectDir,
		state:   dir,
		args:    []string{"plan", "--stack", stack, "--kept", "--out", path},
	}.run()
	if err == nil && o.code != exitOK {
		err = fmt.Errorf("plan %s: exit code %d, want %d\n%s", stack, o.code, exitOK, o.out)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// The golden files also pin which controls have nothing to judge: one that falls silent because a
// type was renamed is seen.
func TestEveryStackComplies(t *testing.T) {
	t.Parallel()
	program := infra(t)
	for _, stack := range []string{"prod", "staging"} {
		t.Run(stack, func(t *testing.T) {
			got, err := exec.Command(program, "compliance", "--stack", stack, "--exceptions",
				filepath.Join(projectDir, "compliance.yaml"), deployedPlan(t, stack)).
				Output()
			golden := filepath.Join(projectDir, "testdata", stack+".compliance.golden")
			if *update {
				require.NoError(t, os.WriteFile(golden, got, 0o644))
			}
			require.NoError(t, err, string(got))
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
		})
	}
}
