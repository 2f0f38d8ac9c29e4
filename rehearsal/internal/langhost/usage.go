package langhost

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

// UsageEnv is the environment variable with the file for what the last program used. Without it
// nothing is written.
const UsageEnv = "REHEARSAL_PROGRAM_USAGE"

// Usage is what one run of a program used.
type Usage struct {
	PeakBytes int64         `json:"peakBytes"` // resident memory at its greatest
	CPU       time.Duration `json:"cpu"`       // user and system
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

// noteUsage writes what an ended program used.
func noteUsage(state *os.ProcessState) error {
	path := os.Getenv(UsageEnv)
	if path == "" || state == nil {
		return nil
	}
	usage := Usage{CPU: state.UserTime() + state.SystemTime(), PeakBytes: PeakBytes(state)}
	encoded, err := json.Marshal(usage)
	if err != nil {
		return fmt.Errorf("note what the program used: %w", err)
	}
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		return fmt.Errorf("note what the program used: %w", err)
	}
	return nil
}
