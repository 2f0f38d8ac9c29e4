package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/cost"
)

// costFiles writes a usage file and a table for the recorded previews, of a bucket and a log group,
// and returns the flags that name them.
func costFiles(t *testing.T, more string) []string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	var usage, prices strings.Builder
	for _, name := range []string{
		"logs.web.ingestedGB", "logs.storedPerIngestedGB", "bucket.buckets-assets.storedGB",
		"bucket.buckets-assets.writesThousand", "bucket.buckets-assets.readsThousand",
	} {
		usage.WriteString(name + ": {value: 10, because: test}\n")
	}
	prices.WriteString("sources: {list: {url: \"https://example.com/\", date: \"2026-11-25\"}}\nprices:\n")
	for _, id := range []string{"logs.ingestedGB", "logs.storedGB", "s3.storedGB", "s3.writeThousand",
		"s3.readThousand"} {
		prices.WriteString("  " + id +
			": {unit: GB, where: {ap-northeast-1: {usd: 1, source: list, verified: true}}}\n")
	}
	for id, place := range map[string]string{ // what the original design's own quantities are priced by
		"fargate.x86.vcpuHour": "ap-northeast-1",
		"fargate.x86.gbHour":   "ap-northeast-1",
		"aurora.acuHour":       "ap-northeast-1",
		"alb.hour":             "ap-northeast-1",
		"nat.hour":             "ap-northeast-1",
		"cloudfront.outGB":     "cloudfront-japan",
		"route53.zone":         "everywhere",
		"atlas.M10.nodeHour":   "atlas-AP_NORTHEAST_1",
		"sentry.teamPlan":      "everywhere",
	} {
		prices.WriteString("  " + id + ": {unit: unit, where: {" + place +
			": {usd: 1, source: list, verified: true}}}\n")
	}
	return []string{"--stack", "prod", "--usage", write("usage.yaml", usage.String()+more), "--prices",
		write("prices.yaml", prices.String())}
}

func TestCostEstimate(t *testing.T) {
	flags := costFiles(t, "")
	code, out, problems := call(t, "",
		append(append([]string{"cost", "estimate"}, flags...), recorded+"no-change.json")...)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "  S3                    30.00\n")
	assert.NotContains(t, out, "buckets-assets")
	_, out, _ = call(t, "",
		append(append([]string{"cost", "estimate", "--detail"}, flags...), recorded+"no-change.json")...)
	assert.Contains(t, out, "buckets-assets: storage: 10 GB × 1\n")
	assert.Contains(t, out, "  1 aws:iam/role:Role: IAM and policies cost nothing\n")

	_, out, _ = call(t, "",
		append(append([]string{"cost", "estimate", "--format", "json"}, flags...), recorded+"no-change.json")...)
	var result cost.Result
	require.NoError(t, json.Unmarshal([]byte(out), &result))
	assert.InDelta(t, 30, result.System("S3"), 1e-9)

	raw, err := os.ReadFile(recorded + "no-change.json")
	require.NoError(t, err)
	code, _, _ = call(t, string(raw), append([]string{"cost", "estimate"}, flags...)...)
	assert.Equal(t, command.OK, code, "a preview may be piped")
}

func TestCostDiff(t *testing.T) {
	flags := costFiles(t, "")
	code, out, problems := call(t, "", append(append([]string{"cost", "diff"}, flags...), recorded+"deleted.json")...)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "prod: -30.00 USD a month")
	code, out, problems = call(t, "", append(append([]string{"cost", "diff", "--format", "markdown"}, flags...),
		recorded+"deleted.json", recorded+"no-change.json")...)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "| S3 | 0.00 | 30.00 | +30.00 |", "from what the one plan leaves to what the other leaves")
}

func TestCostCompare(t *testing.T) {
	flags := costFiles(t, "")
	code, out, problems := call(t, "",
		append(append([]string{"cost", "compare"}, flags...), recorded+"no-change.json")...)
	require.Equal(t, command.OK, code, problems)
	for _, want := range []string{"| S3 | 3 | 100.00 | 30.00 |", "| **total** | **373** |",
		"| logs kept for 7 days | 3 |"} {
		assert.Contains(t, out, want)
	}
	_, out, _ = call(t, "",
		append(append([]string{"cost", "compare", "--format", "json"}, flags...), recorded+"no-change.json")...)
	var both struct {
		Original   []cost.Comparison
		Reductions []cost.Reduction
	}
	require.NoError(t, json.Unmarshal([]byte(out), &both))
	assert.Len(t, both.Reductions, 4)
	assert.NotEmpty(t, both.Original)
}

func TestCostUnits(t *testing.T) {
	flags := costFiles(t,
		"unit.requestsThousand: {value: 3, because: test}\nunit.activeUsers: {value: 6, because: test}\n")
	code, out, problems := call(t, "",
		append(append([]string{"cost", "units"}, flags...), recorded+"no-change.json")...)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "| 1× | 139 | 46.2100 | 23.1050 | CloudWatch Logs 109, S3 30 |")
	assert.Contains(t, out, "| 10× | 139 | 4.6210 | 2.3105 |", "nothing of it grows with traffic")
	flags = costFiles(t, "")
	code, _, problems = call(t, "", append(append([]string{"cost", "units"}, flags...), recorded+"no-change.json")...)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, `the usage entry "unit.requestsThousand" is missing`)
}

func TestCostOptions(t *testing.T) {
	flags := costFiles(t, "")
	file := filepath.Join(t.TempDir(), "options.json")
	require.NoError(t, os.WriteFile(file,
		[]byte(`{"options": [{"setting": "buckets.more", "change": "off -> on", "about": "One more.",
		"quantities": [{"price": "s3.storedGB", "region": "ap-northeast-1", "units": 12.5}]}], "without": 7}`), 0o644))
	code, out, problems := call(t, "", append(append([]string{"cost", "options"}, flags...), file)...)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "| `buckets.more` | off -> on | +12.50 | One more. |  |\n")
	assert.Contains(t, out, "and 7 nothing")
	_, out, _ = call(t, "", append(append([]string{"cost", "options", "--format", "json"}, flags...), file)...)
	var priced []cost.PricedOption
	require.NoError(t, json.Unmarshal([]byte(out), &priced))
	assert.InDelta(t, 12.5, priced[0].ChangeUSD, 1e-9)
	code, _, problems = call(t, "", append(append([]string{"cost", "options"}, flags...), "nowhere.json")...)
	assert.Equal(t, command.Usage, code)
	assert.Contains(t, problems, "nowhere.json")
}

func TestCostExitCodes(t *testing.T) {
	plan := recorded + "no-change.json"
	flags := costFiles(t, "")
	unused := costFiles(t, "nat.processedGB: {value: 1, because: test}\n")
	for sentence, one := range map[string]struct {
		args []string
		code int
		says string
	}{
		"help":              {[]string{"--help"}, command.OK, ""},
		"help of a command": {[]string{"diff", "--help"}, command.OK, ""},
		"no command":        {nil, command.Usage, "want one of estimate, diff, compare, units, options"},
		"a wrong command": {[]string{"guess"}, command.Usage,
			"want one of estimate, diff, compare, units, options"},
		"no stack":     {[]string{"estimate", plan}, command.Usage, "read the flag --stack: it is missing"},
		"a wrong flag": {[]string{"estimate", "--stacks", "prod"}, command.Usage, "unknown flag: --stacks"},
		"a format it has not": {append([]string{"estimate", "--format", "markdown"}, flags...), command.Usage,
			`found "markdown", want text, json`},
		"too many plans": {append(append([]string{"estimate"}, flags...), plan, plan), command.Usage,
			"found 2 plans, want 0 to 1"},
		"a plan that is not there": {append(append([]string{"estimate"}, flags...), "nowhere.json"), command.Usage,
			"nowhere.json"},
		"a preview that failed": {append(append([]string{"estimate"}, flags...), recorded+"failed.json"),
			command.Usage, "it failed"},
		"a usage of nothing": {append(append([]string{"estimate"}, unused...), plan), command.Failed,
			`"nat.processedGB" is used by nothing`},
		"the same in a diff": {append(append([]string{"diff"}, unused...), plan), command.OK, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, out, problems := call(t, "", append([]string{"cost"}, one.args...)...)
			assert.Equal(t, one.code, code, problems)
			assert.Contains(t, problems, one.says)
			if strings.HasPrefix(sentence, "help") {
				for _, want := range []string{"--stack", "--usage", "--prices", "--format", "Exit codes:"} {
					assert.Contains(t, out, want)
				}
			}
		})
	}
}
