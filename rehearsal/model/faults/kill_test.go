package faults

import (
	"bufio"
	"errors"
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

// roleEnv makes this test binary an engine or a plugin of its: see TestMain.
const roleEnv = "FAULTS_TEST_ROLE"

// TestMain lets a test start this binary again as an engine, which starts a program and a plugin. The plugin kills them all.
func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "engine":
		program := exec.Command("sleep", "1000")
		// The engine gives what it starts a process group of its own.
		program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		plugin := exec.Command(os.Args[0])
		plugin.Env = append(os.Environ(), roleEnv+"=plugin")
		if err := errors.Join(program.Start(), plugin.Start()); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(program.Process.Pid)
		_ = plugin.Wait()
		time.Sleep(time.Minute) // not reached: it is killed
	case "plugin":
		time.Sleep(100 * time.Millisecond) // until the engine has told its reader of the program
		fmt.Fprintln(os.Stderr, killTree(os.Getppid()))
		os.Exit(1)
	default:
		os.Exit(m.Run())
	}
}

func TestAKillEndsTheEngineAndAllThatItStarted(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc: kills need Linux")
	}
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
	assert.Eventually(t, func() bool { return ended(program) }, 10*time.Second, 10*time.Millisecond, "the program runs on")
}

// ended says whether a process is gone, or only waits for its parent to take note.
func ended(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(raw), ") Z ")
}

func TestAnEngineThatIsGoneIsNotKilled(t *testing.T) {
	assert.ErrorContains(t, killTree(os.Getppid()+1), "and is gone, the parent is now")
}

func TestTheParentOfAProcessWhoseNameIsOdd(t *testing.T) {
	pid, ppid, err := parent("42 (a) (b c) S 7 42 42 0")
	require.NoError(t, err)
	assert.Equal(t, []int{42, 7}, []int{pid, ppid})
	_, _, err = parent("42 (a)")
	require.ErrorContains(t, err, "want a process id, a name, a state and a parent")
}
