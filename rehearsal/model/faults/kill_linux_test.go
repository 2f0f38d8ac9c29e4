package faults

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Kills find what the engine has started in the /proc of Linux.
func TestAKillEndsTheEngineAndAllThatItStarted(t *testing.T) {
	engine := exec.Command(os.Args[0])
	engine.Env = append(os.Environ(), roleEnv+"=engine")
	out, err := engine.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, engine.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	program, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err, line)

	var exit *exec.ExitError
	require.ErrorAs(t, engine.Wait(), &exit)
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	assert.Equal(t, syscall.SIGKILL, status.Signal())
	assert.Eventually(t, func() bool { return ended(program) }, 10*time.Second, 10*time.Millisecond,
		"the program runs on")
}

// ended says whether a process is gone, or only waits for its parent to take note.
func ended(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(raw), ") Z ")
}
