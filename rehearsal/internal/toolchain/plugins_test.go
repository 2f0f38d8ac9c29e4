package toolchain

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePluginOnPATHIsFirst(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	path := script(t, dir, "pulumi-resource-aws", "")
	script(t, filepath.Join(home, "plugins", "resource-aws-v6.83.0"), "pulumi-resource-aws", "")
	t.Setenv("PATH", dir)
	t.Setenv("PULUMI_HOME", home)
	got, err := InstalledPlugin("aws", program(t))
	require.NoError(t, err)
	assert.Equal(t, path, got)
}

func TestTheNewestInstalledPluginIsNext(t *testing.T) {
	user := t.TempDir()
	plugins := filepath.Join(user, ".pulumi", "plugins")
	for _, version := range []string{"v6.9.0", "v6.83.0", "v6.83.0-alpha.1"} {
		script(t, filepath.Join(plugins, "resource-aws-"+version), "pulumi-resource-aws", "")
	}
	script(t, filepath.Join(plugins, "resource-aws-native-v9.0.0"), "pulumi-resource-aws-native", "")
	// What a failed installation leaves, and Pulumi's locks.
	require.NoError(t, os.Mkdir(filepath.Join(plugins, "resource-aws-v8.0.0"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(plugins, "resource-aws-v6.83.0.lock"), nil, 0o644))
	t.Setenv("PATH", "")
	t.Setenv("PULUMI_HOME", "")
	t.Setenv("HOME", user)
	got, err := InstalledPlugin("aws", program(t))
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(plugins, "resource-aws-v6.83.0", "pulumi-resource-aws"), got)
}

func TestAMissingPluginSaysHowToGetIt(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("PULUMI_HOME", t.TempDir())
	_, err := InstalledPlugin("aws", program(t))
	require.ErrorContains(t, err, "get it with `pulumi plugin install resource aws`")
	_, err = InstalledPlugin("aws", "missing")
	require.ErrorContains(t, err, "read the modules of the program missing")
}

// program is a binary that uses no SDK of a provider.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return self
}

func TestTheLanguageHostIsBesideTheCLIOrOnPATH(t *testing.T) {
	t.Setenv("PATH", "")
	dir, links := t.TempDir(), t.TempDir()
	cli := &CLI{Path: script(t, dir, "pulumi", "")}
	assert.False(t, HasLanguageHost(cli))
	assert.False(t, HasLanguageHost(&CLI{Path: filepath.Join(dir, "missing")}))

	script(t, dir, "pulumi-language-go", "")
	assert.True(t, HasLanguageHost(cli))
	link := filepath.Join(links, "pulumi")
	require.NoError(t, os.Symlink(cli.Path, link))
	assert.True(t, HasLanguageHost(&CLI{Path: link}), "a link to a full installation")

	t.Setenv("PATH", dir)
	assert.True(t, HasLanguageHost(&CLI{Path: filepath.Join(links, "missing")}))
}
