package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reportUsage has what the estimate of the recorded stack asks for.
const reportUsage = `
logs.web.ingestedGB: {value: 1, because: a test}
logs.storedPerIngestedGB: {value: 1, because: a test}
bucket.buckets-assets.storedGB: {value: 1, because: a test}
bucket.buckets-assets.writesThousand: {value: 1, because: a test}
bucket.buckets-assets.readsThousand: {value: 1, because: a test}
`

// reportArguments are those of a call that goes well, apart from the ones that a test changes.
func reportArguments(t *testing.T, changed ...string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"usage.yaml": reportUsage, "exceptions.yaml": ""} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return append([]string{"--stack", "prod", "--out", dir + "/x.html", "--usage", dir + "/usage.yaml", "--prices",
		"../../cost/prices.yaml",
		"--exceptions", dir + "/exceptions.yaml"}, changed...)
}

func TestReportExitCodes(t *testing.T) {
	for sentence, one := range map[string]struct {
		args     []string
		code     int
		problems string
	}{
		"a plan": {reportArguments(t, recorded+"no-change.json"), 0, ""},
		"help":   {[]string{"--help"}, 0, ""},
		"a preview that failed": {reportArguments(t, recorded+"failed.json"), 1,
			"failed.json: the preview cannot be judged"},
		"an exception that matches nothing is on the page": {reportArguments(t, "--exceptions",
			"../../compliance.yaml", recorded+"no-change.json"), 0, ""},
		"no such plan": {reportArguments(t, "nowhere.json"), 1, "open nowhere.json"},
		"no such usage": {reportArguments(t, "--usage", "nowhere.yaml", recorded+"no-change.json"), 1,
			"open nowhere.yaml"},
		"no such prices": {reportArguments(t, "--prices", "nowhere.yaml", recorded+"no-change.json"),
			1, "open nowhere.yaml"},
		"no such exceptions": {reportArguments(t, "--exceptions", "nowhere.yaml",
			recorded+"no-change.json"), 1, "open nowhere.yaml"},
		"a usage of another stack": {reportArguments(t, "--usage", "../../cost/usage.prod.yaml",
			recorded+"no-change.json"), 1, "estimate the cost of prod"},
		"a place that cannot be written": {reportArguments(t, "--out", "/nowhere/x.html", recorded+"no-change.json"),
			1, "write the report: open /nowhere"},
		"no plan": {reportArguments(t), 2, "found 0 plans, want 1 (infra report --help lists the flags)"},
		"no stack": {[]string{"--out", "x.html", recorded + "no-change.json"}, 2,
			`required flag(s) "stack" not set`},
		"an unknown flag": {[]string{"--what"}, 2, "infra report --help lists the flags"},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := call(t, "", append([]string{"report"}, one.args...)...)
			assert.Equal(t, one.code, code, problems)
			assert.Contains(t, problems, one.problems)
			assert.Equal(t, one.problems == "", problems == "")
		})
	}
}
