package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The packages that pull requests compile for other systems are those that no SDK slows down,
// whether they import it or their tests do.
func TestCompilingForOtherSystemsLeavesOutWhatNeedsAnSDK(t *testing.T) {
	t.Parallel()
	// go is what it would say of a module of four packages. A line has a package and what it
	// depends on.
	const goCommand = `#!/bin/sh
if [ "$1 $2" = "list -test" ]; then
  echo "example.com/light fmt"
  echo "example.com/light.test fmt testing example.com/light"
  echo "example.com/heavy fmt github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
  echo "example.com/checked fmt github.com/pulumi/pulumi/sdk/v3/go/pulumi"
  echo "example.com/checked fmt github.com/pulumiverse/pulumi-sentry/sdk/go/sentry"
  echo "example.com/tested fmt"
  echo "example.com/tested.test fmt github.com/pulumi/pulumi-random/sdk/v4/go/random"
elif [ "$1" = list ]; then
  echo example.com/light
  echo example.com/heavy
else
  echo "$GOOS/$GOARCH cgo=$CGO_ENABLED $*"
  case "$GOOS $FAULT" in "darwin darwin") echo "undefined: syscall.Only"; exit 1;; esac
fi
`
	for name, c := range map[string]struct {
		args  []string
		fault string
		code  int
		says  []string
		times int // how often packages are compiled
	}{
		"every system": {nil, "", 0, []string{
			"darwin/arm64 cgo=0 vet example.com/light\n", "darwin/amd64 cgo=0 vet example.com/light\n",
			"linux/arm64 cgo=0 vet example.com/light\n", "linux/amd64 cgo=0 vet example.com/light\n",
		}, 8},
		"one system": {[]string{"linux/arm64"}, "", 0, []string{"== linux/arm64, rehearsal: 1 packages"}, 2},
		"everything": {[]string{"--all", "linux/arm64"}, "", 0,
			[]string{"vet example.com/light example.com/heavy\n"}, 4},
		"what does not compile": {nil, "darwin", 1, []string{"undefined: syscall.Only", "linux/amd64 cgo=0 vet"}, 8},
		"a system nobody has": {[]string{"plan9/arm"}, "", 2,
			[]string{"compile: plan9/arm is neither --all nor one of"}, 0},
		"a question": {[]string{"--help"}, "", 0, []string{"It ends with 0 when everything compiles"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(path, "go"), []byte(goCommand), 0o700))
			compile := exec.Command("bash", append([]string{"./compile"}, c.args...)...)
			compile.Env = append(os.Environ(), "PATH="+path+":"+os.Getenv("PATH"), "FAULT="+c.fault)
			out, _ := compile.CombinedOutput()
			assert.Equal(t, c.code, compile.ProcessState.ExitCode(), "%s", out)
			for _, want := range c.says {
				assert.Contains(t, string(out), want)
			}
			assert.Equal(t, c.times, strings.Count(string(out), " vet "), "%s", out)
		})
	}
}
