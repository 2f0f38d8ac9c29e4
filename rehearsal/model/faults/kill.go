package faults

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// CanKill returns the reason why KillAt of a plan cannot be done on this system, or nil: to find
// what an engine has started, the /proc of Linux is read.
func CanKill() error {
	_, err := processes()
	return err
}

// killTree ends the CLI that started this plugin, and all that it started, at once, as a power
// failure would. It does not return when it succeeds, since this process is one of them.
func killTree(engine int) error {
	if parent := os.Getppid(); parent != engine {
		return fmt.Errorf("kill the engine: it was process %d and is gone, the parent is now %d", engine, parent)
	}
	children, err := processes()
	if err != nil {
		return fmt.Errorf("kill the engine: %w", err)
	}
	doomed := []int{engine}
	for i := 0; i < len(doomed); i++ {
		doomed = append(doomed, children[doomed[i]]...)
	}
	self := os.Getpid()
	for _, pid := range doomed {
		if pid == self {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill the engine: process %d: %w", pid, err)
		}
	}
	return syscall.Kill(self, syscall.SIGKILL)
}

// processes lists the children of every process.
func processes() (map[int][]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		pid, parent, err := parent(string(raw))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		children[parent] = append(children[parent], pid)
	}
	if len(children) == 0 {
		return nil, errors.New("list the processes: there is no /proc, which only Linux has")
	}
	return children, nil
}

// parent reads the two ids from a stat file: "pid (name) state parent ...", where the name may hold
// anything.
func parent(stat string) (pid, ppid int, err error) {
	first, _, _ := strings.Cut(stat, " ")
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) < 2 {
		return 0, 0, fmt.Errorf("found %q, want a process id, a name, a state and a parent", stat)
	}
	pid, err = strconv.Atoi(first)
	ppid, parentErr := strconv.Atoi(fields[1])
	return pid, ppid, errors.Join(err, parentErr)
}
