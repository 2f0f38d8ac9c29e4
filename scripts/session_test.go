package scripts_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// readOnlyHours is how long the roles that plan and push last.
const readOnlyHours = 1

// sessionHours is what both stacks say about a deploy's role, by which the first role goes too.
func sessionHours(t *testing.T) int {
	t.Helper()
	hours := map[string]int{}
	for _, stack := range []string{"prod", "staging"} {
		raw, err := os.ReadFile(filepath.Join("..", "Pulumi."+stack+".yaml"))
		require.NoError(t, err)
		var file struct {
			Config struct {
				Delivery struct {
					SessionHours int `yaml:"sessionHours"`
				} `yaml:"bookmark-manager:delivery"`
			} `yaml:"config"`
		}
		require.NoError(t, yaml.Unmarshal(raw, &file))
		hours[stack] = file.Config.Delivery.SessionHours
	}
	require.Equal(t, hours["prod"], hours["staging"], "the workflows serve both stacks")
	return hours["prod"]
}

// A job whose credentials end before it cannot save its state, nor give its lock back. Whoever
// changes delivery.sessionHours changes the workflows with it.
func TestCredentialsLastAsLongAsTheJob(t *testing.T) {
	t.Parallel()
	deploys := sessionHours(t)
	checked := 0
	for _, name := range []string{"deploy", "preview", "promote", "release"} {
		for job, one := range readWorkflow(t, name).Jobs {
			for _, step := range one.Steps {
				var seconds string
				switch {
				case step.Uses == "./.github/actions/prepare":
					seconds = step.With["seconds"]
				case strings.HasPrefix(step.Uses, "aws-actions/configure-aws-credentials@"):
					seconds = step.With["role-duration-seconds"]
				default:
					continue
				}
				what := fmt.Sprintf("job %s of %s.yml", job, name)
				hours, environments := readOnlyHours, one.environments()
				require.NotEmpty(t, environments, what)
				if name != "release" && !strings.HasSuffix(environments[0], "-plan") &&
					!strings.HasSuffix(environments[0], "-preview") {
					hours = deploys
				}
				assert.Equal(t, strconv.Itoa(hours*3600), seconds, "%s asks for what the role of %v gives", what,
					environments)
				assert.LessOrEqual(t, one.Minutes, hours*60, "%s may run longer than its credentials", what)
				if hours == deploys {
					assert.Equal(t, hours*60, one.Minutes, "%s ends when its credentials do", what)
				}
				checked++
			}
		}
	}
	assert.Equal(t, 8, checked, "every job with credentials")
	raw, err := os.ReadFile(filepath.Join("..", ".github", "actions", "prepare", "action.yml"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), "role-duration-seconds: ${{ inputs.seconds }}")
}
