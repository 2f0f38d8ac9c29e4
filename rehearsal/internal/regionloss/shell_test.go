package regionloss

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/quoting"
)

// The rehearsal's folder lies in a home, whose path has what its owner likes.
func TestThePulumiOfTheDrillRunsInAnyFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), `a person's "50%" #1 $HOME`)
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "state-1"), 0o755))
	cli, typed := filepath.Join(folder, "the cli"), filepath.Join(folder, "pulumi")
	require.NoError(t, os.WriteFile(cli, []byte("#!/bin/sh\nprintf '<%s>' \"$PULUMI_BACKEND_URL\" \"$@\"\n"), 0o755))
	require.NoError(t, os.WriteFile(typed, []byte(pulumiCommand(cli, folder)), 0o755))
	address := quoting.FileURL(filepath.Dir(folder)) + "/a%20person%27s%20%2250%25%22%20%231%20$HOME/state-1?metadata=skip"
	for backend, c := range map[string]struct {
		args []string
		want string
	}{
		"": {
			[]string{"login", "s3://state-1?region=r"}, "<><login><" + address + "><--non-interactive>",
		},
		"s3://state-1?x=y": {
			[]string{"config", "get", "a b"}, "<" + address + "><config><get><a b><--non-interactive>",
		},
		"file:///other/folder": {[]string{"stack"}, "<file:///other/folder><stack><--non-interactive>"},
	} {
		cmd := exec.CommandContext(t.Context(), typed, c.args...)
		cmd.Env = append(os.Environ(), "PULUMI_BACKEND_URL="+backend)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Equal(t, c.want, string(out))
	}
	out, err := exec.CommandContext(t.Context(), typed, "login", "s3://state-2?region=r").CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "no such bucket")
}
