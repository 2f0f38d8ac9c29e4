package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

const recorded = "../../internal/plan/testdata/"

// call runs infra with a standard input.
func call(t *testing.T, in string, args ...string) (code int, out, problems string) {
	t.Helper()
	var o, p bytes.Buffer
	code = command.Run(t.Context(), root(), args, strings.NewReader(in), &o, &p)
	return code, o.String(), p.String()
}

// A provider's SDK takes minutes to compile, and a workflow builds this command first.
func TestImportsNoProvidersSDK(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	deps := strings.Fields(string(out))
	assert.Contains(t, deps, "github.com/spf13/cobra", "go list lists what is imported")
	for _, one := range deps {
		assert.False(t,
			strings.HasPrefix(one, "github.com/pulumi/") || strings.HasPrefix(one, "github.com/pulumiverse/"), one)
	}
}

// each calls test with the words of every command.
func each(c *cobra.Command, words []string, test func(words []string, c *cobra.Command)) {
	for _, one := range c.Commands() {
		path := append(append([]string{}, words...), one.Name())
		test(path, one)
		each(one, path, test)
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	seen := 0
	each(root(), nil, func(words []string, c *cobra.Command) {
		seen++
		code, out, problems := call(t, "", append(words, "--help")...)
		assert.Equal(t, command.OK, code, words)
		assert.Empty(t, problems, words)
		assert.Contains(t, out, "infra "+strings.Join(words, " "))
		assert.Regexp(t, "Exit codes:(.|\n)*0(.|\n)*1(.|\n)*2", out, words)
		assert.NotEmpty(t, c.Short, words)
	})
	assert.Greater(t, seen, 12)
	_, out, _ := call(t, "", "--help")
	for _, one := range root().Commands() {
		assert.Contains(t, out, "\n  "+one.Name()+" ")
	}
}

func TestEveryCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	each(root(), nil, func(words []string, _ *cobra.Command) {
		code, out, problems := call(t, "", append(words, "--what")...)
		assert.Equal(t, command.Usage, code, words)
		assert.Empty(t, out, words)
		path := "infra " + strings.Join(words, " ")
		assert.Equal(t, path+": unknown flag: --what ("+path+" --help lists the flags)\n", problems)
	})
	code, _, problems := call(t, "", "gaurd")
	assert.Equal(t, command.Usage, code)
	assert.Contains(t, problems, `unknown command "gaurd" for "infra"`)
	assert.Contains(t, problems, "\n\tguard\n", "the nearest one")
}
