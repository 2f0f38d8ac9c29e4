package langhost

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/meter"
)

// UsageEnv is the environment variable with the file for what the last program used. Without it
// nothing is written.
const UsageEnv = "REHEARSAL_PROGRAM_USAGE"

// Usage is what one run of a program used.
type Usage struct {
	PeakBytes int64         `json:"peakBytes"` // resident memory at its greatest
	CPU       time.Duration `json:"cpu"`       // user and system
}

// noteUsage writes what an ended program used.
func noteUsage(state *os.ProcessState) error {
	path := os.Getenv(UsageEnv)
	if path == "" || state == nil {
		return nil
	}
	usage := Usage{CPU: state.UserTime() + state.SystemTime(), PeakBytes: meter.PeakBytes(state)}
	encoded, err := json.Marshal(usage)
	if err != nil {
		return fmt.Errorf("note what the program used: %w", err)
	}
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		return fmt.Errorf("note what the program used: %w", err)
	}
	return nil
}
