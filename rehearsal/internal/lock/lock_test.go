package lock

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stack.lock")
	first, err := Try(path)
	require.NoError(t, err)

	_, err = Try(path)
	require.ErrorIs(t, err, ErrHeld)
	assert.ErrorContains(t, err, "process "+strconv.Itoa(os.Getpid()))

	first.Release()
	second, err := Try(path)
	require.NoError(t, err)
	second.Release()
}

func TestWaitsForTheHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stack.lock")
	first, err := Try(path)
	require.NoError(t, err)
	told := 0
	second, err := Wait(context.Background(), path, func() {
		told++
		first.Release()
	})
	require.NoError(t, err)
	assert.Equal(t, 1, told)
	second.Release()
}

func TestWaitEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stack.lock")
	first, err := Try(path)
	require.NoError(t, err)
	defer first.Release()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err = Wait(ctx, path, func() {})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestALockInAMissingFolderIsAnErrorAndNotAHeldLock(t *testing.T) {
	_, err := Try(filepath.Join(t.TempDir(), "missing", "stack.lock"))
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.NotErrorIs(t, err, ErrHeld)
}
