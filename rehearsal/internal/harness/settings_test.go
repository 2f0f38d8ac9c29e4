package harness

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
)

func TestAnEditLeavesTheRestOfTheStackFile(t *testing.T) {
	work := &workspace.Workspace{Dir: t.TempDir(), Stack: "test", Files: &workspace.Files{Project: "p"}}
	f := &Fixture{&run.Rehearsal{Work: work}}
	require.NoError(t, os.Mkdir(work.Project(), 0o700))
	require.NoError(t, f.WriteStackYAML([]byte(`encryptionsalt: s
config:
  aws:x: 1
  p:a:
    b: {c: 1, d: 2}
  p:e: {f: 3}
`)))
	require.NoError(t, f.Edit(map[string]any{"a.b.c": 9, "a.b.d": nil, "g.h": true}))
	raw, err := f.StackYAML()
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, yaml.Unmarshal(raw, &got))
	in := func(value any) map[string]any { return map[string]any{"b": map[string]any{"c": value}} }
	assert.Equal(t, map[string]any{"encryptionsalt": "s", "config": map[string]any{
		"aws:x": 1, "p:a": in(9), "p:e": map[string]any{"f": 3}, "p:g": map[string]any{"h": true},
	}}, got)
	sections, err := ReadSections(work.StackFile(), "p")
	require.NoError(t, err)
	assert.Equal(t, 9, sections.Get("a.b.c"))
	assert.Nil(t, sections.Get("a.b.d"))
	_, err = ReadSections(filepath.Join(work.Dir, "none"), "p")
	assert.ErrorContains(t, err, "read the stack file")
}
