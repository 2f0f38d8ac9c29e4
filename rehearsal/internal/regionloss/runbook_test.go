package regionloss

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func operations(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	return string(raw)
}

// What people read is what the drill types: each way's steps are those whose waits it knows.
func TestTheRunbookHasTheStepsOfTheDrill(t *testing.T) {
	for _, way := range Ways {
		steps, err := way.plan(operations(t))
		require.NoError(t, err, way.Name)
		assert.LessOrEqual(t, len(steps), maxSteps, way.Name)
		assert.Less(t, chain(steps), rto, way.Name)
		for _, one := range steps {
			for _, wait := range one.waits {
				assert.NotEmpty(t, wait.Source, one.begins)
				assert.Positive(t, wait.Length, one.begins)
			}
		}
	}
}

// The table of losses says what the drill prints.
func TestTheTableOfLossesHasTheNumbersOfTheDrill(t *testing.T) {
	for row, way := range map[string]Way{
		"| the region, with the daily copy |": Away, "| the region, with `aurora.global` |": AwayGlobal,
	} {
		steps, err := way.plan(operations(t))
		require.NoError(t, err)
		want := fmt.Sprintf(" | %s | %d | `make region-loss`", strings.TrimSuffix(chain(steps).String(), "0s"),
			len(steps))
		_, rest, found := strings.Cut(operations(t), row)
		require.True(t, found, row)
		line, _, _ := strings.Cut(rest, "\n")
		assert.Contains(t, line, want, row)
	}
}

const small = `# Document

### A region

Read this.

1. Do this.
   And that.

   ` + "```" + `
   one --flag \
     and more
   two
   ` + "```" + `
2. Then that.

   ` + "```" + `
   three
   ` + "```" + `

More.

### Another

1. Else.
`

func TestARunbookIsReadStepByStep(t *testing.T) {
	steps, err := Runbook(small, "### A region")
	require.NoError(t, err)
	assert.Equal(t, []Step{
		{Do: "Do this. And that.", Commands: []string{"one --flag \\\n  and more", "two"}},
		{Do: "Then that.", Commands: []string{"three"}},
	}, steps)
	assert.Equal(t, "Do this", steps[0].Title())
}

func TestARunbookThatNobodyCouldFollowIsRefused(t *testing.T) {
	for name, one := range map[string]struct{ from, to, heading, want string }{
		"no such heading":  {"", "", "### A zone", `no heading "### A zone"`},
		"a number missing": {"2. Then", "3. Then", "### A region", "found step 3, want 2"},
		"no command":       {"", "", "### Another", "step 1 has no command"},
		"commands without an end": {"   three\n   ```\n", "   three\n", "### A region",
			"each of whose commands end"},
	} {
		document := small
		if one.from != "" {
			require.Contains(t, small, one.from)
			document = strings.Replace(small, one.from, one.to, 1)
		}
		_, err := Runbook(document, one.heading)
		assert.ErrorContains(t, err, one.want, name)
	}
}

// The document is written for production; another stack has names of its own.
func TestCommandsAreTypedForTheStack(t *testing.T) {
	n := Names{
		Stack:       "staging",
		Environment: "staging",
		To:          "recovery",
		Account:     "999999999999",
		Home:        "ap-northeast-3",
		Away:        "ap-northeast-1",
		Project:     "p",
		Domain:      "staging.example.com",
	}
	for command, want := range map[string]string{
		"infra recovery file --stack prod --to recovery":    "infra recovery file --stack staging --to recovery",
		"pulumi login 's3://x-111122223333-ap-northeast-1'": "pulumi login 's3://x-999999999999-ap-northeast-3'",
		"atlas list bookmark-mgr-production --projectId 0123456789abcdef01234567": "atlas list bookmark-mgr-staging " +
			"--projectId p",
		"curl https://www.example.com/": "curl https://www.staging.example.com/",
		"pulumi stack select recovery":  "pulumi stack select recovery",
	} {
		assert.Equal(t, want, n.of(command))
	}
	assert.Equal(t, "--stack prod", production.of("--stack prod"))
}
