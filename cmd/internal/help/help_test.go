package help

import (
	"bytes"
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parse(args ...string) (stack, out string, err error) {
	flags := flag.NewFlagSet("tool", flag.ContinueOnError)
	flags.StringVar(&stack, "stack", "prod", "the `name` of the stack")
	var printed bytes.Buffer
	err = Parse(flags, args, &printed, "tool does it.\n", "Exit codes: 0.\n")
	return stack, printed.String(), err
}

func TestHelpIsUsageFlagsAndExitCodes(t *testing.T) {
	for _, flagged := range []string{"-h", "--help"} {
		_, out, err := parse(flagged)
		require.ErrorIs(t, err, flag.ErrHelp)
		assert.Equal(t, "tool does it.\n  -stack name\n    \tthe name of the stack (default \"prod\")\nExit codes: 0.\n", out)
	}
}

func TestAMistakeIsReturnedAndNotPrinted(t *testing.T) {
	_, out, err := parse("--stak", "prod")
	require.EqualError(t, err, "flag provided but not defined: -stak")
	assert.Empty(t, out)

	stack, out, err := parse("--stack", "staging")
	require.NoError(t, err)
	assert.Equal(t, "staging", stack)
	assert.Empty(t, out)
}
