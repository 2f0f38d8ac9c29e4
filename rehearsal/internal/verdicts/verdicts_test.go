package verdicts

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// project is the repository's folder.
const project = "../../.."

func judged(t *testing.T) (*Table, []Row) {
	t.Helper()
	table, err := Load()
	require.NoError(t, err)
	rows, err := Judge(context.Background(), table, nil, func(Row) {})
	require.NoError(t, err)
	return table, rows
}

func TestTheModelSaysWhatIsRecorded(t *testing.T) {
	_, rows := judged(t)
	assert.NoError(t, Compare(rows))
}

func TestThePageIsWhatWasSaid(t *testing.T) {
	table, rows := judged(t)
	written, err := os.ReadFile(filepath.Join(project, pageFile))
	require.NoError(t, err)
	assert.Equal(t, Page(table, rows), string(written), "run make verdicts UPDATE=1")
}
