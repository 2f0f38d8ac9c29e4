// Package meter measures processes: the tools of go in a build, each as `go build -toolexec` runs
// it. It imports nothing that takes time to start, since a build starts it a thousand times.
package meter

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// NotesEnv names the file to which each tool adds what it took, a line of JSON.
const NotesEnv = "REHEARSAL_COMPILES"

// Compiled is one run of a tool of go's: the compiler, the linker, the assembler.
type Compiled struct {
	Package   string        `json:"package"`
	Tool      string        `json:"tool"`
	Took      time.Duration `json:"took"`
	CPU       time.Duration `json:"cpu"`
	PeakBytes int64         `json:"peakBytes"`
}

// Tool runs a tool of go's, as `go build -toolexec` calls it, and adds what it took to the file
// that $REHEARSAL_COMPILES names. It returns the tool's exit code.
func Tool(args []string) (int, error) {
	if len(args) == 0 {
		return 0, errors.New("run a tool of go's: none is named")
	}
	path := os.Getenv(NotesEnv)
	if path == "" {
		return 0, fmt.Errorf("run %s: %s names no file", args[0], NotesEnv)
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // go calls it, and ends it with itself
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("run a tool of go's: %w", err)
	}
	if slices.Contains(args, "-V=full") {
		return cmd.ProcessState.ExitCode(), nil // go asks the tool for its version
	}
	one := Compiled{
		Package:   os.Getenv("TOOLEXEC_IMPORTPATH"),
		Tool:      filepath.Base(args[0]),
		Took:      time.Since(start),
		CPU:       cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		PeakBytes: PeakBytes(cmd.ProcessState),
	}
	return cmd.ProcessState.ExitCode(), appendLine(path, one)
}

// appendLine adds one line in one write, so that those of processes beside it stay whole.
func appendLine(path string, one Compiled) (err error) {
	raw, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("note what %s took: %w", one.Package, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("note what %s took: %w", one.Package, err)
	}
	_, err = file.Write(append(raw, '\n'))
	return errors.Join(err, file.Close())
}

// PeakBytes is the resident memory of an ended process at its greatest, 0 where the system does not
// tell.
func PeakBytes(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := int64(usage.Maxrss)   //nolint:unconvert // it has 32 bits on some systems
	if runtime.GOOS != "darwin" { // macOS counts bytes, the others KiB
		peak *= 1024
	}
	return peak
}
