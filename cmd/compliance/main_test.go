package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func call(in string, args ...string) (code int, out, problems string) {
	var stdout, stderr bytes.Buffer
	code = run(args, strings.NewReader(in), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// planOf is a plan of one subnet.
func planOf(t *testing.T, public any) string {
	t.Helper()
	raw, err := json.Marshal(plan.Preview{Steps: []plan.Step{{Op: "create", URN: "urn:pulumi:prod::p::aws:ec2/subnet:Subnet::s", NewState: &plan.State{
		URN: "urn:pulumi:prod::p::aws:ec2/subnet:Subnet::s", Type: "aws:ec2/subnet:Subnet", Inputs: map[string]any{"mapPublicIpOnLaunch": public},
	}}}})
	require.NoError(t, err)
	return string(raw)
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestExitCodes(t *testing.T) {
	const exception = "- {control: EC2.15, resource: s, stacks: [prod], reason: the tasks in it want to be found}"
	none, excepted := written(t, ""), written(t, exception)
	for sentence, one := range map[string]struct {
		args     []string
		in       string
		code     int
		problems string
	}{
		"all pass":                       {[]string{"--exceptions", none}, planOf(t, false), exitOK, ""},
		"all pass, from a file":          {[]string{"--exceptions", none, written(t, planOf(t, false))}, "", exitOK, ""},
		"one fails":                      {[]string{"--exceptions", none, "-"}, planOf(t, true), exitFailed, "1 results are no pass"},
		"one fails with an exception":    {[]string{"--exceptions", excepted}, planOf(t, true), exitOK, ""},
		"one fails in another stack":     {[]string{"--exceptions", excepted, "--stack", "staging"}, planOf(t, true), exitFailed, "1 results are no pass"},
		"one is not known":               {[]string{"--exceptions", excepted}, planOf(t, plan.Unknown), exitFailed, "judge the plan of rehearse plan --deployed"},
		"the exception is stale":         {[]string{"--exceptions", excepted}, planOf(t, false), exitFailed, `matches no result with the verdict "fail": EC2.15 on "s"`},
		"the exceptions have a mistake":  {[]string{"--exceptions", written(t, "- {control: X}")}, planOf(t, false), exitUsage, `[0].control is "X"`},
		"there is no file of exceptions": {[]string{"--exceptions", "/nowhere.yaml"}, "", exitUsage, "read the exceptions: open /nowhere.yaml"},
		"there is no plan":               {[]string{"--exceptions", none, "/nowhere.json"}, "", exitUsage, "read the plan: open /nowhere.json"},
		"it is no plan":                  {[]string{"--exceptions", none}, "Previewing", exitUsage, "it is not the JSON of pulumi preview"},
		"two plans":                      {[]string{"a", "b"}, "", exitUsage, "found 2 files, want one or none"},
		"an unknown flag":                {[]string{"--what"}, "", exitUsage, "compliance --help lists the flags"},
		"an unknown format":              {[]string{"--format", "html"}, "", exitUsage, `found "html", want text, markdown or json`},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := call(one.in, one.args...)
			assert.Equal(t, one.code, code, problems)
			assert.Contains(t, problems, one.problems)
			if one.problems == "" {
				assert.Empty(t, problems)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	none := written(t, "")
	_, out, _ := call(planOf(t, true), "--exceptions", none, "--stack", "mine")
	assert.Contains(t, out, "fail            EC2.15          medium    Subnets give no public addresses by themselves: s: mapPublicIpOnLaunch is true, want false\nmine: ")
	_, out, _ = call(planOf(t, true), "--exceptions", none, "--stack", "mine", "--format", "markdown")
	assert.Contains(t, out, "## mine: ")
	_, out, _ = call(planOf(t, true), "--exceptions", none, "--format", "json")
	var report compliance.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	assert.Equal(t, 1, report.Count(compliance.Fail))
}

func TestHelp(t *testing.T) {
	code, out, problems := call("", "--help")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, problems)
	for _, want := range []string{"Usage: compliance", "-exceptions", "-format", "-stack", "Exit codes:"} {
		assert.Contains(t, out, want)
	}
}
