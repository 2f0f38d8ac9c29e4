package tools

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTools(t *testing.T) {
	var out bytes.Buffer
	run := Tools{Out: &out, Env: []string{"GREETING=hello"}}
	run.Say("%d things", 2)
	require.NoError(t, run.Run(t.Context(), "sh", "-c", `echo "$GREETING"; echo there >&2`))
	assert.Equal(t, "== 2 things\nhello\nthere\n", out.String())

	var into struct{ A int }
	require.NoError(t, run.Read(t.Context(), &into, "echo", `{"A": 3}`))
	assert.Equal(t, 3, into.A)
	require.ErrorContains(t, run.Read(t.Context(), &into, "echo", "none"), "read what echo none printed")
}

func TestAFailureSaysWhatWasPrinted(t *testing.T) {
	raw, err := Tools{}.Output(t.Context(), "sh", "-c", "echo half; echo why >&2; exit 3")
	assert.Equal(t, "half\n", string(raw))
	var failure *Failure
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, "why", failure.Stderr)
	assert.EqualError(t, err, "run sh -c echo half; echo why >&2; exit 3: exit status 3: why")
	assert.ErrorContains(t, Tools{Out: &bytes.Buffer{}}.Run(t.Context(), "no-such-command"), "run no-such-command: ")
}

func TestAnInterruptedCommandMayFinish(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	raw, err := Tools{}.Output(ctx, "sh", "-c",
		"trap 'echo saved; exit 1' INT; echo begun; while :; do sleep 0.05; done")
	require.Error(t, err)
	assert.Equal(t, "begun\nsaved\n", string(raw))
	assert.True(t, errors.Is(ctx.Err(), context.DeadlineExceeded))
}
