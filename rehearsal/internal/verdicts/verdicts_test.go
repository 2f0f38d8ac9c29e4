package verdicts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// project is the repository's folder.
const project = "../../.."

// judged asks the model once for all tests.
func judged(t *testing.T) (*Table, []Row) {
	t.Helper()
	table, err := Load()
	require.NoError(t, err)
	rows, err := judgedOnce()
	require.NoError(t, err)
	return table, rows
}

var judgedOnce = sync.OnceValues(func() ([]Row, error) {
	table, err := Load()
	if err != nil {
		return nil, err
	}
	return Judge(context.Background(), table, nil, func(Row) {})
})

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

func TestADifferenceIsReported(t *testing.T) {
	_, rows := judged(t)
	changed := slices.Clone(rows)
	changed[0].Up = ""                                      // a target group of 34 characters
	changed[1].Preview, changed[1].Provider = "", "refused" // one without room for the suffix
	err := Compare(changed[:len(changed)-1])
	for _, want := range []string{
		"a target group whose name has 34 characters: the model takes it, and AWS refuses it",
		"a target group whose logical name leaves no room for Pulumi's suffix: the model's preview takes it, and " +
			"the provider's refuses it: refused",
		"the AWS plugin's preview says \"refused\", recorded is",
		"there are 139 cases, and 140 are recorded",
	} {
		assert.ErrorContains(t, err, want)
	}
}

// A program whose correction is refused is about something else than its mistake.
func TestACorrectionThatIsRefusedIsAnError(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	first := table.Cases[0]
	first.Right = map[string]any{"name": "two--is-right-but-this-name-has-38-char"}
	table.Cases = []Case{first}
	_, err = Judge(context.Background(), table, nil, func(Row) {})
	assert.ErrorContains(t, err, "the corrected program is refused: expected length of name")

	first.On = nil
	table.Cases = []Case{first}
	_, err = Judge(context.Background(), table, nil, func(Row) {})
	assert.ErrorContains(t, err, `there is no "vpc" before it to refer to`)
}

// What fails for want of a permission does not come to the provider's preview, nor to the model's.
func TestAccessIsAskedInTheUpAlone(t *testing.T) {
	table, rows := judged(t)
	asked := 0
	for i, c := range table.Cases {
		if c.By == nil {
			continue
		}
		asked++
		assert.Empty(t, rows[i].Preview, c.Name)
		assert.Empty(t, rows[i].Provider, c.Name)
		assert.Contains(t, rows[i].Up, "assumed-role/asker/rehearsal is not authorized to perform: ", c.Name)
	}
	assert.GreaterOrEqual(t, asked, 25)
}
