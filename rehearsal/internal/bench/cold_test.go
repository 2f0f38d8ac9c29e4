package bench

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/meter"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
)

// goCache is the user's: all but the module of the test is compiled already.
func goCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

func builder(bin string) *toolchain.Builder {
	return &toolchain.Builder{Bin: bin, Console: console.Plain(io.Discard), ModuleDir: "../.."}
}

func TestABuildTellsWhatEachOfItsToolsTook(t *testing.T) {
	project, dir := t.TempDir(), filepath.Join(t.TempDir(), "a folder's")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, text := range map[string]string{
		"go.mod":  "module program\n\ngo 1.26\n",
		"main.go": fmt.Sprintf("package main\n\nfunc main() { println(%d) }\n", time.Now().UnixNano()),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(project, name), []byte(text), 0o644))
	}
	all, took, err := measure(t.Context(), builder(dir), project, goCache(t))
	require.NoError(t, err)
	assert.Positive(t, took)
	tools := map[string]meter.Compiled{}
	for _, one := range all {
		tools[one.Tool+" "+one.Package] = one
	}
	compiler := tools["compile program"]
	assert.Positive(t, compiler.Took)
	assert.Greater(t, compiler.PeakBytes, int64(1<<20), "a compiler needs more than a mebibyte")
	assert.Contains(t, tools, "link program")
	assert.FileExists(t, filepath.Join(dir, "program"))

	wrong := []byte("package main\n\nfunc main() { missing() }\n")
	require.NoError(t, os.WriteFile(filepath.Join(project, "main.go"), wrong, 0o644))
	_, _, err = measure(t.Context(), builder(t.TempDir()), project, goCache(t))
	require.ErrorContains(t, err, "undefined: missing")
}

func TestTheHeaviestPackagesComeFirst(t *testing.T) {
	all := []meter.Compiled{
		{Package: "a", Tool: "compile", Took: 2 * time.Second, CPU: 3 * time.Second, PeakBytes: 5 << 20},
		{Package: "b", Tool: "compile", Took: time.Minute, CPU: 90 * time.Second, PeakBytes: 4 << 30},
		{Package: "a", Tool: "asm", Took: time.Second, CPU: time.Second, PeakBytes: 9 << 20},
		{Package: "main", Tool: "link", Took: 10 * time.Second, CPU: 20 * time.Second, PeakBytes: 2 << 30},
	}
	assert.Equal(t, [][]string{
		{"package", "CPU", "wall", "peak memory"},
		{"b", "90.0s", "60.0s", "4096 MiB"},
		{"(linker)", "20.0s", "10.0s", "2048 MiB"},
		{"a", "4.0s", "3.0s", "9 MiB"},
	}, heaviestRows(all))
	assert.Equal(t, 114*time.Second, totalCPU(all))
	assert.Equal(t, [][]string{
		{"build of the program with an empty build cache", "2m59s", "3m00s", "met"},
		{"peak memory of one process of it: compile b", "4096 MiB", "3072 MiB", "over"},
	}, coldRows(2*time.Minute+59*time.Second, all))

	for i := range 2 * heaviest {
		all = append(all, meter.Compiled{Package: fmt.Sprint(i), Tool: "compile"})
	}
	assert.Len(t, heaviestRows(all), 1+heaviest)
}
