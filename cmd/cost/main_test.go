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

	"github.com/bookmark-manager/infrastructure/internal/cost"
)

const recorded = "../../internal/plan/testdata/"

// files writes a usage file and a table for the recorded previews, of a bucket and a log group, and returns the flags that name them.
func files(t *testing.T, more string) []string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	var usage, prices strings.Builder
	for _, name := range []string{
		"logs.web.ingestedGB", "logs.storedPerIngestedGB", "bucket.buckets-assets.storedGB", "bucket.buckets-assets.writesThousand", "bucket.buckets-assets.readsThousand",
	} {
		usage.WriteString(name + ": {value: 10, because: test}\n")
	}
	prices.WriteString("sources: {list: {url: \"https://example.com/\", date: \"2026-11-25\"}}\nprices:\n")
	for _, id := range []string{"logs.ingestedGB", "logs.storedGB", "s3.storedGB", "s3.writeThousand", "s3.readThousand"} {
		prices.WriteString("  " + id + ": {unit: GB, where: {ap-northeast-1: {usd: 1, source: list, verified: true}}}\n")
	}
	return []string{"--stack", "prod", "--usage", write("usage.yaml", usage.String()+more), "--prices", write("prices.yaml", prices.String())}
}

func call(args ...string) (code int, out, problems string) {
	var o, p bytes.Buffer
	code = run(args, strings.NewReader(""), &o, &p)
	return code, o.String(), p.String()
}

func TestEstimate(t *testing.T) {
	flags := files(t, "")
	code, out, problems := call(append(append([]string{"estimate"}, flags...), recorded+"no-change.json")...)
	require.Equal(t, exitOK, code, problems)
	assert.Contains(t, out, "  S3                    30.00\n")
	assert.NotContains(t, out, "buckets-assets")
	_, out, _ = call(append(append([]string{"estimate", "--detail"}, flags...), recorded+"no-change.json")...)
	assert.Contains(t, out, "buckets-assets: storage: 10 GB × 1\n")
	assert.Contains(t, out, "  1 aws:iam/role:Role: IAM and policies cost nothing\n")

	_, out, _ = call(append(append([]string{"estimate", "--format", "json"}, flags...), recorded+"no-change.json")...)
	var result cost.Result
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	assert.InDelta(t, 30, result.System("S3"), 1e-9)

	raw, err := os.ReadFile(recorded + "no-change.json")
	require.NoError(t, err)
	var piped bytes.Buffer
	assert.Equal(t, exitOK, run(append([]string{"estimate"}, flags...), bytes.NewReader(raw), &piped, &piped), "a preview may be piped")
}

func TestDiff(t *testing.T) {
	flags := files(t, "")
	code, out, problems := call(append(append([]string{"diff"}, flags...), recorded+"deleted.json")...)
	require.Equal(t, exitOK, code, problems)
	assert.Contains(t, out, "prod: -30.00 USD a month")
	code, out, problems = call(append(append([]string{"diff", "--format", "markdown"}, flags...), recorded+"deleted.json", recorded+"no-change.json")...)
	require.Equal(t, exitOK, code, problems)
	assert.Contains(t, out, "| S3 | 0.00 | 30.00 | +30.00 |", "from what the one plan leaves to what the other leaves")
}

func TestCompare(t *testing.T) {
	flags := files(t, "")
	code, out, problems := call(append(append([]string{"compare"}, flags...), recorded+"no-change.json")...)
	require.Equal(t, exitOK, code, problems)
	for _, want := range []string{"| S3 | 3 | 30.00 |", "| **total** | **373** |", "| logs kept for 7 days | 3 |"} {
		assert.Contains(t, out, want)
	}
	_, out, _ = call(append(append([]string{"compare", "--format", "json"}, flags...), recorded+"no-change.json")...)
	var both struct {
		Original   []cost.Comparison
		Reductions []cost.Reduction
	}
	require.NoError(t, json.Unmarshal([]byte(out), &both))
	assert.Len(t, both.Reductions, 4)
	assert.NotEmpty(t, both.Original)
}

func TestExitCodes(t *testing.T) {
	plan := recorded + "no-change.json"
	flags := files(t, "")
	unused := files(t, "nat.processedGB: {value: 1, because: test}\n")
	for sentence, one := range map[string]struct {
		args []string
		code int
		says string
	}{
		"help":                     {[]string{"--help"}, exitOK, ""},
		"help of a command":        {[]string{"diff", "--help"}, exitOK, ""},
		"no command":               {nil, exitUsage, "want estimate, diff, compare first"},
		"a wrong command":          {[]string{"guess"}, exitUsage, "want estimate, diff, compare first"},
		"no stack":                 {[]string{"estimate", plan}, exitUsage, "the flag --stack is missing"},
		"a wrong flag":             {[]string{"estimate", "--stacks", "prod"}, exitUsage, "flag provided but not defined"},
		"a format it has not":      {append([]string{"estimate", "--format", "markdown"}, flags...), exitUsage, `found "markdown", want text, json`},
		"too many plans":           {append(append([]string{"estimate"}, flags...), plan, plan), exitUsage, "found 2 plans, want 1 at most"},
		"a plan that is not there": {append(append([]string{"estimate"}, flags...), "nowhere.json"), exitUsage, "nowhere.json"},
		"a preview that failed":    {append(append([]string{"estimate"}, flags...), recorded+"failed.json"), exitUsage, "it failed"},
		"a usage of nothing":       {append(append([]string{"estimate"}, unused...), plan), exitFailed, `"nat.processedGB" is used by nothing`},
		"the same in a diff":       {append(append([]string{"diff"}, unused...), plan), exitOK, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, out, problems := call(one.args...)
			assert.Equal(t, one.code, code, problems)
			assert.Contains(t, problems, one.says)
			if strings.HasPrefix(sentence, "help") {
				for _, want := range []string{"estimate", "diff", "compare", "-stack", "-usage", "-prices", "-format", "-detail", "Exit codes:"} {
					assert.Contains(t, out, want)
				}
			}
		})
	}
}
