package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
)

// Recorder writes down what was asked, one JSON object a line, for reports and tests that decide it
// again. Several processes may share its file: a line is one write at the file's end. A nil
// Recorder writes nothing.
type Recorder struct {
	file *os.File

	mu   sync.Mutex
	seen map[string]bool // what this process has written
}

// recordLine is a request or a document.
type recordLine struct {
	Asked    *iam.Asked `json:"asked,omitempty"`
	Key      string     `json:"key,omitempty"`
	Document *iam.Kept  `json:"document,omitempty"`
}

// recorded is the recorder of this process's provider: rules ask what services may do, and know no
// caller to record it for.
var recorded atomic.Pointer[Recorder]

// decide judges a request and writes it down.
func decide(request iam.Request, documents iam.Documents) error {
	err := iam.Decide(request, documents)
	return errors.Join(err, recorded.Load().add(request, documents, err))
}

// Record opens the file that requests are written to, and makes it if it is missing.
func Record(path string) (*Recorder, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the record of requests: %w", err)
	}
	return &Recorder{file: file, seen: map[string]bool{}}, nil
}

// Close closes the file. What is decided afterwards in this process is written nowhere.
func (r *Recorder) Close() error {
	recorded.CompareAndSwap(r, nil)
	return r.file.Close()
}

// add writes a request that was decided, unless the same was written before.
func (r *Recorder) add(request iam.Request, documents iam.Documents, verdict error) error {
	if r == nil {
		return nil
	}
	asked, kept := iam.NewAsked(request, documents, verdict)
	for _, now := range []string{"aws:CurrentTime", "aws:EpochTime"} {
		asked.Context.Set(now) // a request a second later is the same one
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, document := range kept {
		if err := r.write(recordLine{Key: key, Document: &document}); err != nil {
			return err
		}
	}
	return r.write(recordLine{Asked: &asked})
}

func (r *Recorder) write(line recordLine) error {
	raw, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("record a request: %w", err)
	}
	if r.seen[string(raw)] {
		return nil
	}
	if _, err := r.file.Write(append(raw, '\n')); err != nil {
		return fmt.Errorf("record a request: %w", err)
	}
	r.seen[string(raw)] = true
	return nil
}
