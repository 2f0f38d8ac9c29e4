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
