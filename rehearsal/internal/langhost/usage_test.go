package langhost

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatAProgramUsedIsNotedOnRequest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "usage.json")
	program := exec.Command("go", "version")
	require.NoError(t, program.Run())
	require.NoError(t, noteUsage(program.ProcessState), "nobody asked")

	t.Setenv(UsageEnv, path)
	require.NoError(t, noteUsage(nil), "the program did not start")
	assert.NoFileExists(t, path)
	require.NoError(t, noteUsage(program.ProcessState))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var usage Usage
	require.NoError(t, json.Unmarshal(raw, &usage))
	assert.Greater(t, usage.PeakBytes, int64(1<<20), "bytes, not KiB")
	assert.Less(t, usage.PeakBytes, int64(1<<30))

	t.Setenv(UsageEnv, filepath.Join(t.TempDir(), "nowhere", "usage.json"))
	assert.ErrorIs(t, noteUsage(program.ProcessState), os.ErrNotExist)
}
