package meter

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheMeterNeedsATool(t *testing.T) {
	t.Setenv(NotesEnv, "")
	_, err := Tool(nil)
	require.ErrorContains(t, err, "none is named")
	_, err = Tool([]string{"true"})
	require.ErrorContains(t, err, "REHEARSAL_COMPILES names no file")
}
