//go:build unix

package tools

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counting is a command that writes down each interrupt, and ends a moment after the first.
const counting = `trap 'echo interrupted >>"$1"; ended=yes' INT
echo begun >>"$1"
while [ -z "${ended:-}" ]; do sleep 0.05; done
for i in 1 2 3 4 5 6; do sleep 0.05; done
echo saved >>"$1"`

// TestWrapper is no test: it is the command that TestCtrlCIsOneInterrupt starts and interrupts.
func TestWrapper(_ *testing.T) {
	file := os.Getenv("WRAPPER_FILE")
	if file == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	_ = Tools{Out: os.Stdout}.Run(ctx, "sh", "-c", counting, "counting", file)
}

// On a terminal Ctrl-C reaches the whole process group. The second interrupt tells pulumi to give
// up what is under way.
func TestCtrlCIsOneInterrupt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	wrapper := exec.Command(os.Args[0], "-test.run", "^TestWrapper$")
	wrapper.Env = append(os.Environ(), "WRAPPER_FILE="+file)
	wrapper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does with what it starts
	var out bytes.Buffer
	wrapper.Stdout = &out
	require.NoError(t, wrapper.Start())
	require.Eventually(t, func() bool { _, err := os.Stat(file); return err == nil }, time.Minute, 10*time.Millisecond)
	require.NoError(t, syscall.Kill(-wrapper.Process.Pid, syscall.SIGINT))
	_ = wrapper.Wait()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, []string{"begun", "interrupted", "saved"}, strings.Fields(string(raw)))
	assert.Contains(t, out.String(), "== Interrupted: sh finishes what is under way, for 15m0s at the most")
}
