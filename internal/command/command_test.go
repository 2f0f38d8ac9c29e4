package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tool has a group with a command that ends as a test wants.
func tool(end error) *cobra.Command {
	stack := ""
	show := &cobra.Command{Use: "show", Args: FlagsOnly, RunE: func(c *cobra.Command, _ []string) error {
		_, _ = fmt.Fprint(c.OutOrStdout(), "stack ", stack)
		return end
	}}
	show.Flags().StringVar(&stack, "stack", "prod", "the `name` of the stack")
	show.Flags().String("must", "", "required")
	if err := show.MarkFlagRequired("must"); err != nil {
		panic(err)
	}
	root := &cobra.Command{Use: "tool"}
	root.AddCommand(WithExitCodes(Group(&cobra.Command{Use: "group", Long: "group does things."}, show),
		"\nExit codes: 0 and 7.\n"))
	return root
}

func run(end error, args ...string) (code int, out, problems string) {
	var o, p bytes.Buffer
	code = Run(context.Background(), tool(end), args, nil, &o, &p)
	return code, o.String(), p.String()
}

func TestEndings(t *testing.T) {
	failure := errors.New("it broke")
	good := []string{"group", "show", "--must", "x"}
	for sentence, one := range map[string]struct {
		end      error
		args     []string
		code     int
		problems string
	}{
		"it ends well":             {nil, good, OK, ""},
		"it fails":                 {failure, good, Failed, "tool group show: it broke\n"},
		"it has a code of its own": {Exit(7, failure), good, 7, "tool group show: it broke\n"},
		"the code is wrapped": {fmt.Errorf("because: %w", Exit(7, failure)), good, 7,
			"tool group show: because: it broke\n"},
		"the outer code counts": {Exit(7, Wrong("no")), good, 7, "tool group show: no\n"},
		"it was called wrongly": {Wrong("found %d", 3), good, Usage,
			"tool group show: found 3 (tool group show --help lists the flags)\n"},
		"a flag that is not there": {nil, append(good, "--what"), Usage,
			"tool group show: unknown flag: --what (tool group show --help lists the flags)\n"},
		"a word too many": {nil, append(good, "now"), Usage,
			"tool group show: read the arguments: found \"now\", want flags only (tool group show --help lists the " +
				"flags)\n"},
		"a required flag": {nil, good[:2], Usage,
			"tool group show: required flag(s) \"must\" not set (tool group show --help lists the flags)\n"},
		"a group alone": {nil, good[:1], Usage,
			"tool group: read the arguments: found no command, want one of show (tool group --help lists the flags)\n"},
		"a group with what it has not": {nil, []string{"group", "hide"}, Usage,
			"tool group: read the arguments: found \"hide\", want one of show (tool group --help lists the flags)\n"},
		"a command that is not there": {nil, []string{"gruop"}, Usage,
			"tool: unknown command \"gruop\" for \"tool\"\n\nDid you mean this?\n\tgroup\n (tool --help lists the " +
				"flags)\n"},
		"help is no mistake":               {failure, []string{"group", "show", "--help"}, OK, ""},
		"help of what is called wrongly":   {failure, []string{"group", "show", "now", "--help"}, OK, ""},
		"nothing at all is asked for help": {failure, nil, OK, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := run(one.end, one.args...)
			assert.Equal(t, one.code, code)
			assert.Equal(t, one.problems, problems)
		})
	}
	require.NoError(t, Exit(7, nil))
}

func TestHelpHasTheFlagsAndTheExitCodes(t *testing.T) {
	_, out, _ := run(nil, "group", "show", "--help")
	assert.Contains(t, out, "--stack name    the name of the stack (default \"prod\")\n")
	assert.Contains(t, out, "\n\nExit codes: 0 and 7.\n", "those of the group")
	_, out, _ = run(nil, "group", "--help")
	assert.Contains(t, out, "group does things.\n")
	assert.Contains(t, out, "\n\nExit codes: 0 and 7.\n")
	_, out, _ = run(nil, "--help")
	assert.NotContains(t, out, "Exit codes")
	_, out, _ = run(nil, "group", "show", "--must", "x", "--stack", "staging")
	assert.Equal(t, "stack staging", out)
}
