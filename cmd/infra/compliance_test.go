package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// planOf is a plan of one subnet.
func planOf(t *testing.T, public any) string {
	t.Helper()
	raw, err := json.Marshal(plan.Preview{Steps: []plan.Step{{
		Op:  "create",
		URN: "urn:pulumi:prod::p::aws:ec2/subnet:Subnet::s",
		NewState: &plan.State{
			URN:    "urn:pulumi:prod::p::aws:ec2/subnet:Subnet::s",
			Type:   "aws:ec2/subnet:Subnet",
			Inputs: map[string]any{"mapPublicIpOnLaunch": public},
		},
	}}})
	require.NoError(t, err)
	return string(raw)
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestComplianceExitCodes(t *testing.T) {
	const exception = "- {control: EC2.15, resource: s, stacks: [prod], reason: the tasks in it want to be found}"
	none, excepted := written(t, ""), written(t, exception)
	for sentence, one := range map[string]struct {
		args     []string
		in       string
		code     int
		problems string
	}{
		"all pass": {[]string{"--exceptions", none}, planOf(t, false), command.OK, ""},
		"all pass, from a file": {[]string{"--exceptions", none, written(t, planOf(t, false))}, "",
			command.OK, ""},
		"one fails": {[]string{"--exceptions", none, "-"}, planOf(t, true), command.Failed,
			"1 results are no pass"},
		"one fails with an exception": {[]string{"--exceptions", excepted}, planOf(t, true), command.OK, ""},
		"one fails in another stack": {[]string{"--exceptions", excepted, "--stack", "staging"}, planOf(t, true),
			command.Failed, "1 results are no pass"},
		"one is not known": {[]string{"--exceptions", excepted}, planOf(t, plan.Unknown), command.Failed,
			"judge the plan of rehearse plan --deployed"},
		"the exception is stale": {[]string{"--exceptions", excepted}, planOf(t, false), command.Failed,
			`matches no result with the verdict "fail": EC2.15 on "s"`},
		"the exceptions have a mistake": {[]string{"--exceptions", written(t, "- {control: X}")}, planOf(t, false),
			command.Usage, `[0].control is "X"`},
		"there is no file of exceptions": {[]string{"--exceptions", "/nowhere.yaml"}, "", command.Usage,
			"read a file: open /nowhere.yaml"},
		"there is no plan": {[]string{"--exceptions", none, "/nowhere.json"}, "", command.Usage,
			"read the plan: open /nowhere.json"},
		"it is no plan": {[]string{"--exceptions", none}, "Previewing", command.Usage,
			"it is not the JSON of pulumi preview"},
		"two plans":       {[]string{"a", "b"}, "", command.Usage, "found 2 plans, want 0 to 1"},
		"an unknown flag": {[]string{"--what"}, "", command.Usage, "infra compliance --help lists the flags"},
		"an unknown format": {[]string{"--format", "html"}, "", command.Usage,
			`found "html", want text, markdown or json`},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, problems := call(t, one.in, append([]string{"compliance"}, one.args...)...)
			assert.Equal(t, one.code, code, problems)
			assert.Contains(t, problems, one.problems)
			if one.problems == "" {
				assert.Empty(t, problems)
			}
		})
	}
}

func TestComplianceFormats(t *testing.T) {
	none := written(t, "")
	_, out, _ := call(t, planOf(t, true), "compliance", "--exceptions", none, "--stack", "mine")
	assert.Contains(t, out,
		"fail            EC2.15          medium    Subnets give no public addresses by themselves: s: "+
			"mapPublicIpOnLaunch is true, want false\nmine: ")
	_, out, _ = call(t, planOf(t, true), "compliance", "--exceptions", none, "--stack", "mine", "--format", "markdown")
	assert.Contains(t, out, "## mine: ")
	_, out, _ = call(t, planOf(t, true), "compliance", "--exceptions", none, "--format", "json")
	var report compliance.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	assert.Equal(t, 1, report.Count(compliance.Fail))
}
