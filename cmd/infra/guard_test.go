package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

func fingerprint(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fingerprint")
	call(t, "", "guard", "--allow", "--fingerprint-to", file, recorded+name+".json")
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	return strings.TrimSpace(string(raw))
}

func TestGuardExitCodes(t *testing.T) {
	approved := fingerprint(t, "replaced")
	for sentence, one := range map[string]struct {
		args     []string
		code     int
		problems string
	}{
		"nothing is lost": {[]string{recorded + "updated.json"}, 0, ""},
		"something is lost": {[]string{recorded + "replaced.json"}, 1,
			"2 of the changes would lose something"},
		"something is lost, and that is allowed": {[]string{"--allow", recorded + "replaced.json"}, 0, ""},
		"the approved plan": {[]string{"--allow", "--expect", approved,
			recorded + "replaced.json"}, 0, ""},
		"another plan than the approved one": {[]string{"--allow", "--expect", approved, recorded + "updated.json"},
			1, "the plan is not the one that was approved"},
		"a preview that failed": {[]string{"--allow", recorded + "failed.json"}, 2,
			"cannot be deleted\nbecause it is protected"},
		"a preview without all of its steps": {[]string{"--allow", recorded + "without-flags.json"}, 2,
			"--show-replacement-steps"},
		"no such file":    {[]string{"nowhere.json"}, 2, "read the plan: open nowhere.json"},
		"an unknown flag": {[]string{"--what"}, 2, "infra guard --help lists the flags"},
		"an unknown format": {[]string{"--format", "html", recorded + "updated.json"}, 2,
			`found "html", want text or markdown`},
		"two files":              {[]string{"a", "b"}, 2, "found 2 plans, want 0 to 1"},
		"a stage of an adoption": {[]string{"--adoption", "take", recorded + "no-change.json"}, 0, ""},
		"what does not belong to a stage": {[]string{"--adoption", "take", recorded + "updated.json"}, 1,
			"do not belong to stage take of an adoption"},
		"what belongs to a later stage": {[]string{"--adoption", "move", recorded + "updated.json"}, 0, ""},
		"an unknown stage": {[]string{"--adoption", "later", recorded + "updated.json"}, 2,
			`found "later", want take, move or close`},
		"a fingerprint that cannot be written": {[]string{"--fingerprint-to", "/nowhere/f", recorded + "updated.json"},
			2, "write the fingerprint"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := call(t, "", append([]string{"guard"}, one.args...)...)
			assert.Equal(t, one.code, code)
			if one.problems == "" {
				assert.Empty(t, problems)
			}
			assert.Contains(t, problems, one.problems)
		})
	}
}

func TestGuardReadsStandardInput(t *testing.T) {
	raw, err := os.ReadFile(recorded + "deleted.json")
	require.NoError(t, err)
	for _, args := range [][]string{
		{"--format", "markdown", "--title", "prod"},
		{"--format", "markdown", "--title", "prod", "-"},
	} {
		code, out, _ := call(t, string(raw), append([]string{"guard"}, args...)...)
		assert.Equal(t, command.Failed, code)
		assert.True(t, strings.HasPrefix(out, "## prod: 2 to delete\n"), out)
	}
}
