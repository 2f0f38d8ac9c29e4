package console

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlainOutputHasNoColours(t *testing.T) {
	var out bytes.Buffer
	c := Plain(&out)
	c.Heading("Up: %d", 2)
	c.Line("a line")
	c.Problem(errors.New("went wrong"))
	assert.Equal(t, "\n== Up: 2\na line\n\nrehearse: went wrong\n", out.String())
	assert.False(t, c.Terminal())
}

func TestATerminalGetsColours(t *testing.T) {
	var out bytes.Buffer
	c := &Console{w: &out, terminal: true}
	c.Heading("Up")
	assert.Equal(t, "\n\x1b[1m== Up\x1b[0m\n", out.String())
}

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	assert.False(t, New(f).Terminal())
	assert.Equal(t, 80, width(f))
}

func TestProgressIsOneLineEachOutsideATerminal(t *testing.T) {
	var out bytes.Buffer
	p := Plain(&out).Progress("building the CLI")
	p.start = time.Now().Add(-90 * time.Second)
	p.Note("12 packages")
	p.show()
	took := p.Done()
	assert.Equal(t, "   building the CLI: 1m30s, 12 packages\n", out.String())
	assert.GreaterOrEqual(t, took, 90*time.Second)
}

func TestProgressOnATerminalRewritesOneLineAndErasesIt(t *testing.T) {
	var out bytes.Buffer
	c := &Console{w: &out, terminal: true, width: func() int { return 20 }}
	p := c.Progress("building the CLI")
	p.start = time.Now().Add(-90 * time.Second)
	p.show()
	p.Done()
	assert.Equal(t, eraseLine+"   building the CLI"+eraseLine, out.String())
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0.0s",
		440 * time.Millisecond:   "0.4s",
		12340 * time.Millisecond: "12.3s",
		60 * time.Second:         "1m00s",
		245 * time.Second:        "4m05s",
	} {
		assert.Equal(t, want, Duration(d))
	}
}

func TestTableAlignsColumns(t *testing.T) {
	var out bytes.Buffer
	Plain(&out).Table("  ", [][]string{{"network", "60"}, {"data", "7", "x"}})
	assert.Equal(t, "  network  60\n  data     7   x\n", out.String())
}
