package drill

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMessagesAreWrittenAsEventBridgeDoes(t *testing.T) {
	event := map[string]any{
		"detail-type": "Task",
		"resources":   []any{"arn:1", "arn:2"},
		"detail": map[string]any{
			"reason": `no "latest"`, "severity": 8.5,
			"containers": []any{
				map[string]any{"name": "web", "reason": "out of memory"}, map[string]any{"name": "agent"},
			},
		},
	}
	paths := map[string]string{
		"kind": "$.detail-type", "arn": "$.resources[1]", "reason": "$.detail.reason", "n": "$.detail.severity",
		"all": "$.detail.containers[*].reason", "names": "$.detail.containers[*].name", "none": "$.detail.other",
	}
	for template, want := range map[string]string{
		`"<kind> of <arn>: <n><none>"`: `"Task of arn:2: 8.5"`,
		`{"a":<reason>}`:               `{"a":"no \"latest\""}`,
		`{"a":"it is <reason>"}`:       `{"a":"it is no "latest""}`, // which is no JSON any more
		`{"a":"they say <all>"}`:       `{"a":"they say [out of memory]"}`,
		`{"a":<names>}`:                `{"a":["web","agent"]}`,
		`{"a":<none>}`:                 `{"a":}`,
		`{"a":"\"<kind>\""}`:           `{"a":"\"Task\""}`,
	} {
		written, err := message{template, paths}.write(event)
		require.NoError(t, err)
		assert.Equal(t, want, written, template)
	}
	_, err := message{`"<a>"`, map[string]string{"a": "$..reason"}}.write(event)
	require.ErrorContains(t, err, `read the path "$..reason"`)
}

func TestWhatSlackDoesNotShow(t *testing.T) {
	const begin = `{"version":"1.0","source":"custom","content":`
	require.NoError(t, posted(begin+`{"description":"x","nextSteps":["Runbook: https://r#x"]}}`))
	for text, want := range map[string]string{
		`"A task has stopped."`:                           "it is no custom notification",
		begin + `{"description":["x"]}}`:                  "it is no custom notification",
		`{"version":"0","source":"aws.ecs","detail":{}}`:  "of version 1.0",
		begin + `{"title":"x"}}`:                          "with a description",
		begin + `{"description":"x","nextSteps":["L."]}}`: "lead to the runbook",
	} {
		assert.ErrorContains(t, posted(text), want, text)
	}
}
