package workspace

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func claim(t *testing.T, state string) (*Workspace, Exists) {
	t.Helper()
	w, before, err := Claim(state, "prod")
	require.NoError(t, err)
	return w, before
}

func TestClaimTellsWhatTheEarlierRunLeft(t *testing.T) {
	state := t.TempDir()

	w, before := claim(t, state)
	assert.Equal(t, Fresh, before)
	require.NoError(t, w.Close(true))

	w, before = claim(t, state)
	assert.Equal(t, Fresh, before, "a run that came to its end")
	require.NoError(t, w.Keep())
	require.NoError(t, w.Close(true))

	w, before = claim(t, state)
	assert.Equal(t, Kept, before)
	require.NoError(t, w.Keep())
	require.NoError(t, w.Leave())
	require.NoError(t, w.Leave(), "it is left already")
	require.NoError(t, w.Close(false))

	w, before = claim(t, state)
	assert.Equal(t, Interrupted, before)
	require.NoError(t, w.Close(true))
}

func TestClaimStartsFromAnEmptyFolder(t *testing.T) {
	state := t.TempDir()
	w, _ := claim(t, state)
	old := filepath.Join(w.Project(), "Pulumi.yaml")
	require.NoError(t, os.WriteFile(old, []byte("old"), 0o644))
	require.NoError(t, w.Close(true))

	w, _ = claim(t, state)
	assert.NoFileExists(t, old)
	require.NoError(t, w.Close(true))
}

func TestTwoRunsCannotShareAWorkspace(t *testing.T) {
	state := t.TempDir()
	w, _ := claim(t, state)
	_, _, err := Claim(state, "prod")
	require.ErrorContains(t, err, `another rehearsal of "prod" runs in it`)
	require.ErrorContains(t, err, "--state")
	other, _, err := Claim(state, "staging")
	require.NoError(t, err, "another stack has a folder of its own")
	require.NoError(t, other.Close(true))
	require.NoError(t, w.Close(true))
}

func TestAStateFolderThatCannotBeMadeSaysWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, _, err := Claim(filepath.Join(file, "state"), "prod")
	require.ErrorContains(t, err, "prepare the state folder "+file)
	require.ErrorContains(t, err, "--state")
}

func TestAStateFolderWithoutWriteAccessSaysWhatToDo(t *testing.T) {
	err := writable("/state", fmt.Errorf("mkdir: %w", fs.ErrPermission))
	assert.EqualError(t, err,
		"write to the state folder /state: mkdir: permission denied: make it writable for you, or give another one "+
			"with --state")
}

func TestTheEnvironmentHoldsNothingOfTheUsers(t *testing.T) {
	for _, name := range []string{
		"PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_BACKEND_URL", "PULUMI_HOME", "AWS_PROFILE",
		"AWS_ACCESS_KEY_ID",
		"DD_API_KEY", "DATADOG_APP_KEY", "MONGODB_ATLAS_PRIVATE_KEY", "SENTRY_AUTH_TOKEN", "HOME", "HTTPS_PROXY",
	} {
		t.Setenv(name, "the-users-own")
	}
	t.Setenv("PATH", "/usr/bin")
	t.Setenv("LANG", "C.UTF-8")
	for _, name := range []string{"TMPDIR", "TERM", "LC_ALL", "LC_CTYPE", "TZ"} {
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name))
	}
	w, _ := claim(t, t.TempDir())
	defer func() { assert.NoError(t, w.Close(true)) }()
	require.NoError(t, w.Write(&Files{Account: "111122223333"}))

	assert.Equal(t, []string{
		"AWS_PROFILE=extra",
		"HOME=" + w.Dir + "/home",
		"HTTPS_PROXY=http://127.0.0.1:1",
		"HTTP_PROXY=http://127.0.0.1:1",
		"LANG=C.UTF-8",
		"PATH=/usr/bin",
		"PULUMI_BACKEND_URL=file://" + w.Dir + "/backend?metadata=skip",
		"PULUMI_CONFIG_PASSPHRASE_FILE=" + w.Dir + "/passphrase",
		"PULUMI_DEBUG_COMMANDS=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_HOME=" + w.Dir + "/pulumi-home",
		"PULUMI_SKIP_CHECKPOINTS=true",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"REHEARSAL_ACCOUNT=111122223333",
		"REHEARSAL_CLOUD=" + w.Dir + "/cloud.db",
		"REHEARSAL_PLUGIN_ERRORS=" + w.Dir + "/logs/plugins.log",
		"REHEARSAL_REQUESTS=" + w.Dir + "/logs/requests.jsonl",
		"REHEARSAL_ROLE=root",
	}, w.Env(map[string]string{"AWS_PROFILE": "extra"}))
}

func TestTheExportsAreWhatPlainPulumiNeeds(t *testing.T) {
	w, _ := claim(t, t.TempDir())
	defer func() { assert.NoError(t, w.Close(true)) }()
	require.NoError(t, w.Write(&Files{Account: "111122223333"}))
	var names []string
	for _, entry := range w.Exports() {
		name, _, _ := strings.Cut(entry, "=")
		names = append(names, name)
	}
	assert.Equal(t, []string{
		"PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
		"PULUMI_HOME",
		"PULUMI_SKIP_UPDATE_CHECK", "REHEARSAL_ACCOUNT", "REHEARSAL_CLOUD", "REHEARSAL_REQUESTS", "REHEARSAL_ROLE",
	}, names)
}

func TestEachRunHasAPassphraseOfItsOwn(t *testing.T) {
	state := t.TempDir()
	var seen []string
	for range 2 {
		w, _ := claim(t, state)
		require.NoError(t, w.Write(&Files{}))
		raw, err := os.ReadFile(filepath.Join(w.Dir, "passphrase"))
		require.NoError(t, err)
		assert.Len(t, raw, 48)
		seen = append(seen, string(raw))
		require.NoError(t, w.Close(true))
	}
	assert.NotEqual(t, seen[0], seen[1])
}

func TestLinksArePluginsThatAreThisProgram(t *testing.T) {
	w, _ := claim(t, t.TempDir())
	defer func() { assert.NoError(t, w.Close(true)) }()
	dir, err := w.Link("pulumi-resource-aws")
	require.NoError(t, err)
	target, err := os.Readlink(filepath.Join(dir, "pulumi-resource-aws"))
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	assert.Equal(t, self, target)
}

// The CLI must find no folder for its own log there, and none that it can make.
func TestTheCLICannotWriteALog(t *testing.T) {
	w, _ := claim(t, t.TempDir())
	assert.Error(t, os.MkdirAll(filepath.Join(w.Dir, "pulumi-home", "logs"), 0o700))
	require.NoError(t, w.Close(true))
}
