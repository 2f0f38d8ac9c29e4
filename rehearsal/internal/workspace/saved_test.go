package workspace

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatWasSavedComesBack(t *testing.T) {
	w, _ := claim(t, t.TempDir())
	defer func() { assert.NoError(t, w.Close(true)) }()
	require.NoError(t, w.Write(&Files{StackYAML: []byte("first")}))
	require.NoError(t, os.WriteFile(w.Cloud(), []byte("cloud"), 0o600))
	file, later := filepath.Join(w.Project(), "Pulumi.prod.yaml"), filepath.Join(w.Dir, "backend", "later")
	require.NoError(t, w.Save("up"))

	require.NoError(t, os.WriteFile(file, []byte("second"), 0o600))
	require.NoError(t, os.WriteFile(w.Cloud(), []byte("other"), 0o600))
	require.NoError(t, os.WriteFile(later, nil, 0o600))
	for range 2 { // what is saved stays
		require.NoError(t, w.Restore("up"))
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "first", string(raw))
		raw, err = os.ReadFile(w.Cloud())
		require.NoError(t, err)
		assert.Equal(t, "cloud", string(raw))
		assert.NoFileExists(t, later)
	}
}

func TestWhatWasNotSavedIsNamed(t *testing.T) {
	w, _ := claim(t, t.TempDir())
	defer func() { assert.NoError(t, w.Close(true)) }()
	require.ErrorContains(t, w.Restore("up"), "restore project of the workspace of prod")
	assert.DirExists(t, w.Project(), "what is there stays")
}
