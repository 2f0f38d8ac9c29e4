package scripts_test

import (
	"bytes"
	"os"
	"os/exec"
	"sync"
)

// forks keeps two things apart that tests beside each other do: a process that is started while
// another test writes a stand-in holds the file open for a moment, and the kernel refuses to run a
// file that is open for writing ("text file busy").
var forks sync.RWMutex

// writeCommand writes a file that can be run.
func writeCommand(path, script string) error {
	forks.Lock()
	defer forks.Unlock()
	return os.WriteFile(path, []byte(script), 0o700)
}

// finish runs a command to its end.
func finish(command *exec.Cmd) error {
	forks.RLock()
	err := command.Start()
	forks.RUnlock()
	if err != nil {
		return err
	}
	return command.Wait()
}

// combined is what a command says on both its outputs.
func combined(command *exec.Cmd) (string, error) {
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := finish(command)
	return out.String(), err
}
