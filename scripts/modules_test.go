package scripts_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the program and the rehearsal both consist of is compiled once only when it is of one
// version: another version of gRPC alone means Pulumi's SDK twice, a minute of the first build.
func TestTheProgramAndTheRehearsalConsistOfTheSameModules(t *testing.T) {
	t.Parallel()
	program, rehearsal := modulesOf(t, ".."), modulesOf(t, "../rehearsal")
	shared := 0
	for module, version := range program {
		if other, both := rehearsal[module]; both {
			shared++
			assert.Equal(t, version, other, "%s: run go get %s@VERSION with the newer one in the other module", module, module)
		}
	}
	assert.Greater(t, shared, 50)
}

// modulesOf are the versions of the modules that the packages in a folder's module consist of, by
// go.mod alone, whatever flags and workspace the user has. The module itself has no version.
func modulesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./...")
	cmd.Dir, cmd.Env = folder, append(cmd.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
	require.NoError(t, err)
	versions := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if module, version, found := strings.Cut(strings.TrimSpace(line), " "); found {
			versions[module] = version
		}
	}
	return versions
}
