package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const recorded = "../../internal/plan/testdata/"

// usageFile has what the estimate of the recorded stack asks for.
const usageFile = `
logs.web.ingestedGB: {value: 1, because: a test}
logs.storedPerIngestedGB: {value: 1, because: a test}
bucket.buckets-assets.storedGB: {value: 1, because: a test}
bucket.buckets-assets.writesThousand: {value: 1, because: a test}
bucket.buckets-assets.readsThousand: {value: 1, because: a test}
`

// arguments are those of a call that goes well, apart from the ones that a test changes.
func arguments(t *testing.T, changed ...string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"usage.yaml": usageFile, "exceptions.yaml": ""} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return append([]string{"--stack", "prod", "--out", dir + "/x.html", "--usage", dir + "/usage.yaml", "--prices", "../../cost/prices.yaml",
		"--exceptions", dir + "/exceptions.yaml"}, changed...)
}

func TestExitCodes(t *testing.T) {
	for sentence, one := range map[string]struct {
		args     []string
		code     int
		problems string
	}{
		"a plan":                {arguments(t, recorded+"no-change.json"), 0, ""},
		"help":                  {[]string{"--help"}, 0, ""},
		"a preview that failed": {arguments(t, recorded+"failed.json"), 1, "failed.json: the preview cannot be judged"},
		"an exception that matches nothing is on the page": {arguments(t, "--exceptions", "../../compliance.yaml", recorded+"no-change.json"), 0, ""},
		"no such plan":                   {arguments(t, "nowhere.json"), 1, "open nowhere.json"},
		"no such usage":                  {arguments(t, "--usage", "nowhere.yaml", recorded+"no-change.json"), 1, "open nowhere.yaml"},
		"no such prices":                 {arguments(t, "--prices", "nowhere.yaml", recorded+"no-change.json"), 1, "open nowhere.yaml"},
		"no such exceptions":             {arguments(t, "--exceptions", "nowhere.yaml", recorded+"no-change.json"), 1, "open nowhere.yaml"},
		"a usage of another stack":       {arguments(t, "--usage", "../../cost/usage.prod.yaml", recorded+"no-change.json"), 1, "estimate the cost of prod"},
		"a place that cannot be written": {arguments(t, "--out", "/nowhere/x.html", recorded+"no-change.json"), 1, "write the report: open /nowhere"},
		"no plan":                        {arguments(t), 2, "found 0 files, want the plan (report --help lists the flags)"},
		"no stack":                       {[]string{"--out", "x.html", recorded + "no-change.json"}, 2, "--stack and --out are required"},
		"an unknown flag":                {[]string{"--what"}, 2, "report --help lists the flags"},
	} {
		t.Run(sentence, func(t *testing.T) {
			var out, problems bytes.Buffer
			assert.Equal(t, one.code, run(one.args, &out, &problems), problems.String())
			assert.Contains(t, problems.String(), one.problems)
			assert.Equal(t, one.problems == "", problems.Len() == 0)
		})
	}
}
