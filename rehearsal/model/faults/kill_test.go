package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// roleEnv makes this test binary an engine or a plugin of its: see TestMain.
const roleEnv = "FAULTS_TEST_ROLE"

// TestMain lets a test start this binary again as an engine, which starts a program and a plugin.
// The plugin kills them all.
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
