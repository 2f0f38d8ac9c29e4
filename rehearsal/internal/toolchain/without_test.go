package toolchain

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

// leftOut are the modules that the CLI is built without, and the packages that import them. An
// importer beside these may be one that a deploy needs, and then the module must come back.
var leftOut = map[string][]string{
	"cloud.google.com/go/storage":  {cliModule + "/authhelpers", "gocloud.dev/blob/gcsblob"},
	"github.com/alecthomas/chroma": {"github.com/charmbracelet/glamour/ansi"},
	"github.com/pb33f/libopenapi":  {cliPackage + "/cloud"},
}

// goOutput is what a go command prints in the rehearsal's module.
func goOutput(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// A replacement of another version than the one that the CLI asks for does not take part in the
// build, which then compiles the whole module.
func TestWhatIsLeftOutHasTheVersionThatTheCLIAsksFor(t *testing.T) {
	raw, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	mod, err := modfile.Parse("go.mod", raw, nil)
	require.NoError(t, err)
	required := map[string]string{}
	for _, one := range mod.Require {
		required[one.Mod.Path] = one.Mod.Version
	}
	replaced := map[string][]string{}
	for _, replace := range mod.Replace {
		if !strings.HasPrefix(replace.New.Path, "./without/") {
			continue
		}
		replaced[replace.Old.Path] = leftOut[replace.Old.Path]
		if required[replace.Old.Path] == "" {
			assert.Fail(t, "the CLI no longer requires "+replace.Old.Path+": remove its replace, and its folder in "+
				"rehearsal/without")
			continue
		}
		assert.Equal(t, required[replace.Old.Path], replace.Old.Version, "name the first version in the replace of %s in "+
			"rehearsal/go.mod, build the CLI (rehearse build), and declare in rehearsal/without what the compiler misses",
			replace.Old.Path)
	}
	assert.Equal(t, leftOut, replaced)
}

// cliPart is a package that the CLI consists of.
type cliPart struct {
	path, module string
	imports      []string
}

// cliParts lists them once for all tests.
var cliParts = sync.OnceValues(func() (parts []cliPart, err error) {
	const format = "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}} {{join .Imports \" \"}}"
	out, err := goOutput("list", "-deps", "-f", format, cliPackage)
	for line := range strings.Lines(out) {
		if fields := strings.Split(strings.TrimSpace(line), " "); len(fields) > 1 {
			parts = append(parts, cliPart{fields[0], fields[1], fields[2:]})
		}
	}
	return parts, err
})

func TestWhatIsLeftOutIsImportedByCommandsThatNoRehearsalRuns(t *testing.T) {
	parts, err := cliParts()
	require.NoError(t, err)
	importers, moduleOf := map[string][]string{}, map[string]string{}
	for _, one := range parts {
		moduleOf[one.path] = one.module
	}
	for _, one := range parts {
		for _, imported := range one.imports {
			module := moduleOf[imported]
			if _, out := leftOut[module]; out && one.module != module && !slices.Contains(importers[module], one.path) {
				importers[module] = append(importers[module], one.path)
			}
		}
	}
	for _, packages := range importers {
		slices.Sort(packages)
	}
	assert.Equal(t, leftOut, importers, "the packages of the CLI that import what it is built without")

	own, err := goOutput("list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...")
	require.NoError(t, err)
	for module := range leftOut {
		assert.NotContains(t, strings.Fields(own), module, "the rehearsal itself imports what its CLI is built without")
	}
}

// What stands in for the modules has tests of its own, which go runs from here only when they are
// named.
func TestWhatIsLeftOutSaysSo(t *testing.T) {
	parts, err := cliParts()
	require.NoError(t, err)
	arguments := []string{"test"}
	for _, one := range parts {
		if _, out := leftOut[one.module]; out {
			arguments = append(arguments, one.path)
		}
	}
	said, err := goOutput(arguments...)
	require.NoError(t, err)
	assert.Equal(t, len(leftOut), strings.Count(said, "ok  \t"), "each module has a test:\n%s", said)
}

func TestWhatIsLeftOutIsPartOfWhatTheCLIIsBuiltFrom(t *testing.T) {
	b, _ := builder(t)
	b.ModuleDir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(b.ModuleDir, "go.mod"), []byte("module a\n"), 0o644))
	nothing, err := b.moduleHash()
	require.NoError(t, err)
	folder := filepath.Join(b.ModuleDir, "without", "parser")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	seen := []string{nothing}
	for _, source := range []string{"package parser\n", "package parser // another\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "parser.go"), []byte(source), 0o644))
		hash, err := b.moduleHash()
		require.NoError(t, err)
		assert.NotContains(t, seen, hash)
		seen = append(seen, hash)
	}
}
