package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func guard(in string, args ...string) (code int, out, problems string) {
	var stdout, stderr bytes.Buffer
	code = run(args, strings.NewReader(in), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func recorded(name string) string {
	return filepath.Join("..", "..", "internal", "plan", "testdata", name+".json")
}

func fingerprint(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fingerprint")
	guard("", "--allow", "--fingerprint-to", file, recorded(name))
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	return strings.TrimSpace(string(raw))
}

func TestExitCodes(t *testing.T) {
	approved := fingerprint(t, "replaced")
	for sentence, one := range map[string]struct {
		args     []string
		code     int
		problems string
	}{
		"nothing is lost":                        {[]string{recorded("updated")}, 0, ""},
		"something is lost":                      {[]string{recorded("replaced")}, 1, "2 of the changes would lose something"},
		"something is lost, and that is allowed": {[]string{"--allow", recorded("replaced")}, 0, ""},
		"the approved plan":                      {[]string{"--allow", "--expect", approved, recorded("replaced")}, 0, ""},
		"another plan than the approved one":     {[]string{"--allow", "--expect", approved, recorded("updated")}, 1, "the plan is not the one that was approved"},
		"a preview that failed":                  {[]string{"--allow", recorded("failed")}, 2, "cannot be deleted\nbecause it is protected"},
		"a preview without all of its steps":     {[]string{"--allow", recorded("without-flags")}, 2, "--show-replacement-steps"},
		"no such file":                           {[]string{"nowhere.json"}, 2, "read the plan: open nowhere.json"},
		"an unknown flag":                        {[]string{"--what"}, 2, "guard --help lists the flags"},
		"an unknown format":                      {[]string{"--format", "html", recorded("updated")}, 2, `found "html", want text or markdown`},
		"two files":                              {[]string{"a", "b"}, 2, "found 2 files, want one or none"},
		"a fingerprint that cannot be written":   {[]string{"--fingerprint-to", "/nowhere/f", recorded("updated")}, 2, "write the fingerprint"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := guard("", one.args...)
			assert.Equal(t, one.code, code)
			if one.problems == "" {
				assert.Empty(t, problems)
			}
			assert.Contains(t, problems, one.problems)
		})
	}
}

func TestReadsStandardInput(t *testing.T) {
	raw, err := os.ReadFile(recorded("deleted"))
	require.NoError(t, err)
	for _, args := range [][]string{{"--format", "markdown", "--title", "prod"}, {"--format", "markdown", "--title", "prod", "-"}} {
		code, out, _ := guard(string(raw), args...)
		assert.Equal(t, exitFlagged, code)
		assert.True(t, strings.HasPrefix(out, "## prod: 2 to delete\n"), out)
	}
}

func TestHelp(t *testing.T) {
	code, out, problems := guard("", "--help")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, problems)
	for _, want := range []string{"Usage: guard", "-allow", "-expect", "-fingerprint-to", "-format", "-title", "Exit codes:"} {
		assert.Contains(t, out, want)
	}
}
