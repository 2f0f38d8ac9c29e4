package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/emulator"
)

// The model stands in for the installed plugin, and so for the emulator too, except for its STS.
func TestAStackGoesThroughItsLifeInAnEmulator(t *testing.T) {
	t.Parallel()
	asked := 0
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write([]byte("<R><GetCallerIdentityResult><Account>123456789012</Account></" +
			"GetCallerIdentityResult></R>"))
	}))
	defer sts.Close()
	self, err := os.Executable()
	require.NoError(t, err)
	home := t.TempDir()
	plugin := filepath.Join(home, "plugins", "resource-aws-v6.83.0", "pulumi-resource-aws")
	require.NoError(t, os.MkdirAll(filepath.Dir(plugin), 0o755))
	require.NoError(t, os.Symlink(self, plugin))
	env := []string{"PULUMI_HOME=" + home, "PATH=" + pathWithout("pulumi-resource-aws")}
	args := []string{"--stack", "test", "--aws", "installed", "--endpoint", sts.URL}

	o := call{project: smallDir, args: args, env: env}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Equal(t, []string{"preview", "up", "second preview", "teardown", "destroy"}, o.steps())
	want := &emulator.Report{Endpoint: sts.URL, Account: "123456789012", Planned: 10, Made: 10}
	assert.Equal(t, want, o.summary.Emulator)
	assert.Equal(t, 1, asked)
	copied, err := os.ReadFile(filepath.Join(o.state, "test", "project", "Pulumi.test.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(copied), `accountId: "123456789012"`, "text, and no number")
	assert.Contains(t, string(copied), "small:awsEndpoint: "+sts.URL)

	sts.Close()
	o = call{project: smallDir, args: args, env: env}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, "ask the emulator at "+sts.URL+" for its account")
	assert.Empty(t, o.steps())
}
