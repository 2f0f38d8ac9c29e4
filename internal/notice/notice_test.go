package notice

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

var stopped = Rule{
	Description: "Tasks that stopped",
	Pattern:     Pattern{Source: []string{"aws.ecs"}, DetailType: []string{"ECS Task State Change"}},
	Notice: Notice{
		Title:   "A task of <group> has stopped.",
		Text:    "<reason>",
		First:   "read its log.",
		Section: "stopped-tasks",
		Paths:   map[string]string{"group": "$.detail.group", "reason": "$.detail.stoppedReason"},
	},
}

func made(t *testing.T, r Rule) (*recorder.Recorder, error) {
	t.Helper()
	seen := recorder.New()
	return seen, seen.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		return Sender{"bookmark-manager-staging", "https://example.com/operations.md"}.Make(ctx, "task-stopped", r,
			pulumi.String("arn:topic"), opts...)
	}, "aws")
}

func TestARuleTellsTheTopicInTheFormThatSlackShows(t *testing.T) {
	seen, err := made(t, stopped)
	require.NoError(t, err)
	rule, ok := seen.Get("aws:cloudwatch/eventRule:EventRule", "task-stopped")
	require.True(t, ok)
	assert.JSONEq(t, `{"source":["aws.ecs"],"detail-type":["ECS Task State Change"]}`,
		rule.Input("eventPattern").(string))
	target, ok := seen.Get("aws:cloudwatch/eventTarget:EventTarget", "task-stopped")
	require.True(t, ok)
	assert.Equal(t, "arn:topic", target.Input("arn"))
	assert.Equal(t, map[string]any{"group": "$.detail.group", "reason": "$.detail.stoppedReason"},
		target.Input("inputTransformer.inputPaths"))
	assert.Equal(t, `{"version":"1.0","source":"custom","content":{`+
		`"title":"bookmark-manager-staging: A task of <group> has stopped.","description":<reason>,`+
		`"nextSteps":["First: read its log.","Runbook: https://example.com/operations.md#stopped-tasks"]}}`,
		target.Input("inputTransformer.inputTemplate"), "a reason may have quotation marks: it is a string of its own")
}

func TestAValueAmongWordsStaysInTheirString(t *testing.T) {
	r := stopped
	r.Notice.Text = "Its containers say: <reason>."
	seen, err := made(t, r)
	require.NoError(t, err)
	target, _ := seen.Get("aws:cloudwatch/eventTarget:EventTarget", "task-stopped")
	assert.Contains(t, target.Input("inputTransformer.inputTemplate"), `"description":"Its containers say: <reason>."`)
}

func TestANoticeThatSaysTooLittleIsRefused(t *testing.T) {
	for want, change := range map[string]func(*Notice){
		"lacks a title, a text, a first step or a section": func(n *Notice) { n.Text = "" },
		"uses <group>, which has no path":                  func(n *Notice) { n.Paths = nil },
	} {
		r := stopped
		change(&r.Notice)
		seen, err := made(t, r)
		require.ErrorContains(t, err, want)
		assert.Empty(t, seen.OfType("aws:cloudwatch/eventRule:EventRule"))
	}
}
