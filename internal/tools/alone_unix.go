//go:build unix

package tools

import (
	"os/exec"
	"syscall"
)

// alone gives a command a process group of its own.
func alone(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
