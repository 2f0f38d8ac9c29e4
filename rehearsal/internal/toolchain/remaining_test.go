package toolchain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheTimeLeftGrowsWithTheSourceThatIsLeft(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"small.go": 1000, "large.go": 3000, "old.go": 9000} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("/", size)), 0o644))
	}
	packages, err := packagesOf(strings.NewReader(
		`{"ImportPath": "a", "Dir": "` + dir + `", "GoFiles": ["small.go"], "Stale": true}
{"ImportPath": "b", "Dir": "` + dir + `", "GoFiles": ["` + filepath.Join(dir, "large.go") + `"], "Stale": true}
{"ImportPath": "c", "Dir": "` + dir + `", "GoFiles": ["old.go"]}`))
	require.NoError(t, err)

	var r remaining
	start := time.Now()
	r.compiled("before the list was there")
	_, known := r.estimate(start.Add(time.Second))
	assert.False(t, known)

	require.NoError(t, r.begin(packages, start))
	_, known = r.estimate(start.Add(10 * time.Second))
	assert.False(t, known, "nothing was compiled yet")
	r.compiled("a")
	r.compiled("a")
	left, known := r.estimate(start.Add(10 * time.Second))
	assert.True(t, known)
	assert.Equal(t, 30*time.Second, left, "1000 bytes took 10 seconds, 3000 are left; what came before does not count")
	r.compiled("b")
	left, _ = r.estimate(start.Add(40 * time.Second))
	assert.Zero(t, left)
}

func TestASourceThatCannotBeWeighedIsToldApartFromOneThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
	var r remaining
	in := func(dir string) []listed {
		return []listed{{ImportPath: "a", Dir: dir, GoFiles: []string{"x.go"}, Stale: true}}
	}
	require.NoError(t, r.begin(in(dir), time.Now()), "it is in an overlay")
	require.ErrorContains(t, r.begin(in(filepath.Join(dir, "file")), time.Now()), "weigh the package a")
	_, err := packagesOf(strings.NewReader(`{"ImportPath": `))
	require.Error(t, err)
}
