package toolchain

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
)

func script(t *testing.T, dir, name, body string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755))
	return path
}

func builder(t *testing.T) (*Builder, *bytes.Buffer) {
	t.Helper()
	out := &bytes.Buffer{}
	return &Builder{Bin: t.TempDir(), Console: console.Plain(out), ModuleDir: "../.."}, out
}

func TestTheCLIOnPATHIsUsed(t *testing.T) {
	dir := t.TempDir()
	path := script(t, dir, "pulumi", "echo v3.200.0")
	t.Setenv("PATH", dir)
	b, _ := builder(t)
	cli, err := b.CLI(context.Background())
	require.NoError(t, err)
	assert.Equal(t, &CLI{Path: path, Version: "v3.200.0"}, cli)
}

func TestACLIOnPATHThatCannotBeUsedIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"too old": {"echo v3.199.0",
			"is version v3.199.0, want v3.200.0 or newer: update it (https://www.pulumi.com/docs/install/), or take " +
				"it off PATH"},
		"without version":   {"echo", `it says ""`},
		"something else":    {"echo Pulumi, the fish", `it says "Pulumi, the fish"`},
		"not able to start": {"exit 1", "for its version: exit status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			script(t, dir, "pulumi", c.script)
			t.Setenv("PATH", dir)
			b, _ := builder(t)
			_, err := b.CLI(context.Background())
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestWithoutGoTheErrorSaysHowToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b, _ := builder(t)
	_, err := b.CLI(context.Background())
	require.ErrorContains(t, err, "install Go 1.26 or newer (https://go.dev/dl/) and put its bin folder on PATH")
	_, _, err = b.Program(context.Background(), t.TempDir())
	require.ErrorContains(t, err, "install Go 1.26 or newer")
}

// fakeGo puts a go command on PATH, and beside it only what the script needs.
func fakeGo(t *testing.T, body string) {
	t.Helper()
	dir := t.TempDir()
	script(t, dir, "go", body)
	chmod, err := exec.LookPath("chmod")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(chmod, filepath.Join(dir, "chmod")))
	t.Setenv("PATH", dir)
}

// buildsCLI is a go command that answers `go list` and "builds" a CLI which prints its version. It
// notes each build in the file that $BUILDS names.
const buildsCLI = `case $1 in
list) echo v3.259.0 ;;
build)
  echo "$*" >> "$BUILDS"
  echo github.com/pulumi/pulumi/sdk/v3/go/common/version >&2
  while test "$1" != -o; do shift; done
  printf '#!/bin/sh\necho v3.259.0\n' > "$2"
  chmod +x "$2" ;;
esac`

func TestTheCLIIsBuiltOnceForAGoMod(t *testing.T) {
	fakeGo(t, buildsCLI)
	builds := filepath.Join(t.TempDir(), "builds")
	t.Setenv("BUILDS", builds)
	b, out := builder(t)
	b.ModuleDir = t.TempDir()
	goMod := filepath.Join(b.ModuleDir, "go.mod")
	require.NoError(t, os.WriteFile(goMod, []byte("module a\n"), 0o644))
	built := func() int {
		cli, err := b.CLI(context.Background())
		require.NoError(t, err)
		assert.Equal(t, &CLI{Path: filepath.Join(b.Bin, "pulumi"), Version: "v3.259.0", Built: true}, cli)
		raw, err := os.ReadFile(builds)
		require.NoError(t, err)
		return strings.Count(string(raw), "\n")
	}
	assert.Equal(t, 1, built())
	assert.Contains(t, out.String(),
		"building github.com/pulumi/pulumi/pkg/v3/cmd/pulumi v3.259.0 from its Go module (the first time about 2 "+
			"minutes")
	raw, err := os.ReadFile(builds)
	require.NoError(t, err)
	assert.Contains(t, string(raw), "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0")

	assert.Equal(t, 1, built(), "nothing has changed")
	require.NoError(t, os.WriteFile(goMod, []byte("module b\n"), 0o644))
	assert.Equal(t, 2, built(), "go.mod has changed")
	require.NoError(t, os.Remove(filepath.Join(b.Bin, "pulumi")))
	assert.Equal(t, 3, built(), "the CLI is gone")
}

func TestACLIThatDoesNotCompileIsBuiltAgainTheNextTime(t *testing.T) {
	fakeGo(t, `test "$1" = list && echo v3.259.0 || { echo 'cannot find module' >&2; exit 1; }`)
	b, _ := builder(t)
	for range 2 {
		_, err := b.CLI(context.Background())
		require.ErrorContains(t, err, "build the Pulumi CLI: go build")
		require.ErrorContains(t, err, "exit status 1\ncannot find module\n")
	}
}

func TestAMissingModuleSaysHowToGiveIt(t *testing.T) {
	fakeGo(t, "exit 1")
	b, _ := builder(t)
	b.ModuleDir = "/missing"
	_, err := b.CLI(context.Background())
	require.ErrorContains(t, err, "give its folder with --module")
}

func project(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module program\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o644))
	return dir
}

func TestTheProgramIsBuilt(t *testing.T) {
	b, out := builder(t)
	path, _, err := b.Program(context.Background(), project(t, "package main\n\nfunc main() { println(\"hello\") }\n"))
	require.NoError(t, err)
	assert.Equal(t, b.Bin, filepath.Dir(path))
	said, err := exec.Command(path).CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, "hello\n", string(said))
	assert.Empty(t, out.String(), "a quick build says nothing")
}

func TestProgramsOfTwoFoldersHaveBinariesOfTheirOwn(t *testing.T) {
	b, _ := builder(t)
	first, _, err := b.Program(context.Background(), project(t, "package main\n\nfunc main() {}\n"))
	require.NoError(t, err)
	second, _, err := b.Program(context.Background(), project(t, "package main\n\nfunc main() {}\n"))
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
}

func TestAProgramThatDoesNotCompileShowsWhatTheCompilerSays(t *testing.T) {
	b, _ := builder(t)
	dir := project(t, "package main\n\nfunc main() { undefined() }\n")
	_, _, err := b.Program(context.Background(), dir)
	require.ErrorContains(t, err, "build the program in "+dir)
	require.ErrorContains(t, err, "main.go:3:15: undefined: undefined")
}

func TestAnInterruptedBuildIsInterrupted(t *testing.T) {
	b, _ := builder(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := b.Program(ctx, project(t, "package main\n\nfunc main() {}\n"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestWatchTellsPackagesFromMessages(t *testing.T) {
	progress := console.Plain(&bytes.Buffer{}).Progress("building")
	defer progress.Done()
	messages, err := watch(strings.NewReader(`go: downloading golang.org/x/mod v0.38.0
internal/cpu
github.com/pulumi/pulumi/sdk/v3/go/pulumi
# example.org/program
./main.go:3:15: undefined: x
`), progress, &remaining{})
	require.NoError(t, err)
	assert.Equal(t, "# example.org/program\n./main.go:3:15: undefined: x\n", messages)
}

func TestCompilersHaveALimitToTheirMemoryAndCollectLessGarbageBelowIt(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	t.Setenv("GOGC", "")
	assert.Subset(t, Environ(), []string{"GOMEMLIMIT=2600MiB", "GOGC=400"})
	t.Setenv("GOMEMLIMIT", "1GiB")
	assert.NotContains(t, Environ(), "GOMEMLIMIT=2600MiB")
	assert.Subset(t, Environ(), []string{"GOMEMLIMIT=1GiB", "GOGC=400"})
}

// make builds the rehearsal itself, and runs the tests.
func TestMakeRunsCompilersWithTheSameSettings(t *testing.T) {
	makefile, err := os.ReadFile("../../../Makefile")
	require.NoError(t, err)
	var settings []string
	for _, setting := range compilers {
		name, value, _ := strings.Cut(setting, "=")
		settings = append(settings, fmt.Sprintf("%s=$${%s:-%s}", name, name, value))
	}
	assert.Contains(t, string(makefile), "\ncompilers := "+strings.Join(settings, " ")+"\n")
}

// The program requires an SDK that nobody has: whole, it is left to go to find that.
func TestWholeSDKsAreLeftAsTheyAre(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	b, _ := builder(t)
	dir := project(t, "package main\n\nfunc main() {}\n")
	mod := filepath.Join(dir, "go.mod")
	require.NoError(t, os.WriteFile(mod, []byte("module program\n\ngo 1.26\n\nrequire "+
		"github.com/pulumi/pulumi-gone/sdk v1.0.0\n"), 0o644))
	b.WholeSDKs = true
	modFile, err := b.SDKs(t.Context(), dir)
	require.NoError(t, err)
	assert.Equal(t, mod, modFile)
	b.WholeSDKs = false
	_, err = b.SDKs(t.Context(), dir)
	require.ErrorContains(t, err, "trim the SDKs of the project in "+dir)
}
