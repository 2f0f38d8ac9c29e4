package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sdk = "../../../sdks/sentry"

func TestCommittedSDKIsWhatTheSchemaGives(t *testing.T) {
	want, err := generate(filepath.Join(sdk, "schema.json"))
	require.NoError(t, err)
	got, err := committed(sdk)
	require.NoError(t, err)
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)),
		"run go generate ./cmd/gensentry in rehearsal")
	for name := range want {
		assert.Equal(t, string(want[name]), string(got[name]), "%s: run go generate ./cmd/gensentry in rehearsal", name)
	}
}

func TestWriteReplacesTheFolder(t *testing.T) {
	folder := t.TempDir()
	schema, err := os.ReadFile(filepath.Join(sdk, "schema.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "schema.json"), schema, 0o644))
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "go"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go", "stale.go"), nil, 0o644))

	require.NoError(t, write(folder))
	got, err := committed(folder)
	require.NoError(t, err)
	want, err := committed(sdk)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestGenerateRefuses(t *testing.T) {
	for name, c := range map[string]struct{ schema, want string }{
		"what is no JSON":   {"{", "parse"},
		"what is no schema": {`{"name": "sentry", "resourcez": {}}`, "unknown field"},
		"an unknown kind of type": {`{"name": "sentry", "version": "0.0.9", "resources": {"sentry:index:Team": ` +
			`{"properties": {"name": {"type": "text"}}}}}`, "text"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "schema.json")
			require.NoError(t, os.WriteFile(file, []byte(c.schema), 0o644))
			_, err := generate(file)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := generate(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorContains(t, err, "read the schema")
}
