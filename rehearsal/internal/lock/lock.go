// Package lock keeps two runs from using the same folder. The lock ends with the process that holds
// it, however it ends, so that none is left behind.
package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// ErrHeld says that another process has the lock.
var ErrHeld = errors.New("another process holds the lock")

const poll = 200 * time.Millisecond

// Lock is held until Release or the end of the process.
type Lock struct{ file *flock.Flock }

// Try takes the lock on the file at path, which it makes if it is missing, or returns ErrHeld with
// the process that holds it.
func Try(path string) (*Lock, error) {
	l := &Lock{flock.New(path)}
	taken, err := l.file.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", path, err)
	case !taken:
		return nil, fmt.Errorf("lock %s: %w: process %s", path, ErrHeld, holder(path))
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600); err != nil {
		l.Release()
		return nil, fmt.Errorf("write the process id to %s: %w", path, err)
	}
	return l, nil
}

// Wait takes the lock as soon as it is free. waiting is called once if it is not free at first.
func Wait(ctx context.Context, path string, waiting func()) (*Lock, error) {
	l, err := Try(path)
	if !errors.Is(err, ErrHeld) {
		return l, err
	}
	waiting()
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(poll):
		}
		if l, err = Try(path); !errors.Is(err, ErrHeld) {
			return l, err
		}
	}
}

// Release lets the next process have the lock. The file stays: removing it would let two processes
// hold locks on different files of the same name.
func (l *Lock) Release() {
	_ = l.file.Close() // there is no data to lose
}

func holder(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) == 0 {
		return "unknown"
	}
	return strings.TrimSpace(string(raw))
}
