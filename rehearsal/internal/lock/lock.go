// Package lock keeps two runs from using the same folder. The lock ends with the process that holds it,
// however it ends, so that none is left behind.
package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// ErrHeld says that another process has the lock.
var ErrHeld = errors.New("another process holds the lock")

const poll = 200 * time.Millisecond

// Lock is held until Release or the end of the process.
type Lock struct{ file *os.File }

// Try takes the lock on the file at path, which it makes if it is missing, or returns ErrHeld with the process
// that holds it.
func Try(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close() //nolint:errcheck // nothing was written
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		return nil, fmt.Errorf("lock %s: %w: process %s", path, ErrHeld, holder(path))
	}
	l := &Lock{file: file}
	if err := l.sign(); err != nil {
		l.Release()
		return nil, fmt.Errorf("write the process id to %s: %w", path, err)
	}
	return l, nil
}

// Wait takes the lock as soon as it is free. waiting is called once if it is not free at first.
func Wait(ctx context.Context, path string, waiting func()) (*Lock, error) {
	for first := true; ; first = false {
		l, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return l, err
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(poll):
		}
	}
}

// Release lets the next process have the lock. The file stays: removing it would let two processes hold
// locks on different files of the same name.
func (l *Lock) Release() {
	// Closing the only descriptor ends the lock; there is no data to lose.
	_ = l.file.Close()
}

func (l *Lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(fmt.Sprintf("%d\n", os.Getpid())), 0)
	return err
}

func holder(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) == 0 {
		return "unknown"
	}
	return strings.TrimSpace(string(raw))
}
