package adoption

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestAPatchIsLaidOverAStackFile(t *testing.T) {
	var file, patch map[string]any
	require.NoError(t, yaml.Unmarshal([]byte("config:\n  a: {x: 1, y: [1, 2]}\n  b: 1\n"), &file))
	require.NoError(t, yaml.Unmarshal([]byte("config:\n  a: {y: [3], z: 4}\n  c: {d: 5}\n"), &patch))
	assert.Equal(t, map[string]any{"config": map[string]any{
		"a": map[string]any{"x": 1, "y": []any{3}, "z": 4}, "b": 1, "c": map[string]any{"d": 5},
	}}, laid(file, patch))
}

func TestWhatAFailedPreviewSaysOfItsResources(t *testing.T) {
	const urn = "urn:pulumi:prod::b::b:compute:Service$aws:ecs/service:Service::api"
	named := map[string]string{}
	raw := []byte(`{"diagnostics": [{"urn": "` + urn + `", "severity": "error", "message": "no\n"},
		{"severity": "error", "message": "preview failed"}, {"urn": "` + urn + `x", "severity": "warning"}]}`)
	assert.Equal(t, 1, refusals(raw, named))
	assert.Equal(t, map[string]string{"aws:ecs/service:Service api": "the preview fails: no"}, named)
	assert.Zero(t, refusals(raw, named), "each is named once")
	assert.Zero(t, refusals([]byte("no plan"), named))
}
