package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGraphExitCodes(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "x.svg")
	for sentence, one := range map[string]struct {
		args     []string
		code     int
		problems string
	}{
		"a plan": {[]string{"--stack", "prod", "--svg", svg, recorded + "no-change.json"}, 0,
			""},
		"help": {[]string{"--help"}, 0, ""},
		"a preview that failed": {[]string{"--stack", "prod", "--svg", svg, recorded + "failed.json"}, 1,
			"failed.json: the preview cannot be judged"},
		"no such plan": {[]string{"--stack", "prod", "--svg", svg, "nowhere.json"}, 1,
			"read the plan: open nowhere.json"},
		"a place that cannot be written": {[]string{"--stack", "prod", "--svg", "/nowhere/x.svg",
			recorded + "no-change.json"}, 1, "write the picture: open /nowhere"},
		"no plan": {[]string{"--stack", "prod", "--svg", svg}, 2,
			"found 0 plans, want 1 (infra graph --help lists the flags)"},
		"no stack":        {[]string{"--svg", svg, recorded + "no-change.json"}, 2, `required flag(s) "stack" not set`},
		"an unknown flag": {[]string{"--what"}, 2, "infra graph --help lists the flags"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := call(t, "", append([]string{"graph"}, one.args...)...)
			assert.Equal(t, one.code, code)
			assert.Contains(t, problems, one.problems)
			assert.Equal(t, one.problems == "", problems == "")
		})
	}
}

func TestGraphWritesBothPictures(t *testing.T) {
	dir := t.TempDir()
	code, _, problems := call(t, "", []string{"graph", "--stack", "prod", "--svg", dir + "/x.svg", "--dot",
		dir + "/x.dot", recorded + "no-change.json"}...)
	require.Equal(t, 0, code, problems)
	for name, want := range map[string]string{"/x.svg": "<svg ", "/x.dot": "digraph stack {"} {
		raw, err := os.ReadFile(dir + name)
		require.NoError(t, err)
		assert.Contains(t, string(raw), want)
		assert.Contains(t, string(raw), "bookmark-manager: prod")
	}
}
