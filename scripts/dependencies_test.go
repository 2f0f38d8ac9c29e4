package scripts_test

import (
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// A module that Dependabot does not know gets no updates. The Sentry SDK is generated: its module
// follows from the provider's schema. What the rehearsal's CLI is built without requires nothing.
func TestDependabotKnowsEveryModule(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../.github/dependabot.yml")
	require.NoError(t, err)
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &config))
	var known []string
	for _, one := range config.Updates {
		if one.Ecosystem == "gomod" {
			known = append(known, one.Directories...)
		}
	}
	files, err := exec.Command("git", "ls-files", "--full-name", "../*go.mod").Output()
	require.NoError(t, err)
	var modules []string
	for _, file := range strings.Fields(string(files)) {
		raw, err := os.ReadFile(path.Join("..", file))
		require.NoError(t, err)
		if !strings.HasPrefix(file, "sdks/") && strings.Contains(string(raw), "\nrequire ") {
			modules = append(modules, path.Join("/", path.Dir(file)))
		}
	}
	assert.ElementsMatch(t, modules, known)
}
