package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
)

func TestEveryStackOfTheProjectLivesAndDies(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"prod", "staging"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			up := keptStack(t, stack)
			assert.Equal(t, []string{"preview", "up, zone alone", "up", "up, services", "second preview", "drift"},
				up.steps())
			assert.Equal(t, &run.SecondPreview{}, up.summary.SecondPreview)
			assert.Positive(t, up.summary.Resources["network"])
			for name := range up.summary.Resources {
				assert.NotContains(t, name, "(provider)", "every resource hangs under a component")
			}

			end := call{
				project: projectDir,
				state:   up.state,
				args:    []string{"--stack", stack, "--kept"},
				env:     offline,
			}
			o := end.rehearsed(t)
			require.Equal(t, exitOK, o.code, o.out)
			assert.Equal(t, []string{"guard", "next release", "after the release", "teardown", "destroy"}, o.steps())
			requests := workspace.RequestsPath(filepath.Dir(o.summary.Workspace), stack)
			holdPermissions(t, requests)
			holdCounts(t, requests, stack)
			require.NotNil(t, o.summary.Remaining)
			for _, object := range *o.summary.Remaining {
				if object.State == "" {
					assert.Contains(t, outliving, object.Type, "%s is still in use after destroy", object.Name)
				}
			}
			o = end.rehearsed(t)
			assert.Equal(t, exitFailed, o.code, o.out)
			assert.Contains(t, o.out, "`make rehearse KEEP=1` leaves one", "what has ended is kept no longer")
		})
	}
}

// built is the command of the project, built once for all the tests, and where make builds it too:
// go leaves alone what is up to date.
var built = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join(projectDir, ".rehearsal", "bin", "infra"))
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/infra")
	build.Dir = projectDir
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build infra: %w\n%s", err, out)
	}
	return path, nil
})

// infra is the path of the project's command.
func infra(t *testing.T) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	return path
}

// outliving are what the program itself keeps when a stack is destroyed: the key of the snapshots
// and the recovery points, and the vaults with their locks. The registrar goes on pointing at the
// zone that is gone.
var outliving = []string{"registrar:index:Delegation", "aws:kms/key:Key", "aws:backup/vault:Vault",
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration"}

// A service is an entry of the configuration and nothing else.
func TestAThirdServiceNeedsConfigurationAlone(t *testing.T) {
	t.Parallel()
	path := editedStack(t, "staging", func(config map[string]any) {
		services := config["bookmark-manager:services"].(map[string]any)
		feeds := maps.Clone(services["api"].(map[string]any))
		feeds["port"], feeds["paths"], feeds["priority"] = 3002, []any{"/feeds/*"}, 50
		delete(feeds, "migration")
		// It has a name of its own, and another container beside it.
		feeds["hosts"], feeds["cpu"], feeds["memory"] = []any{"feeds.staging.example.com"}, 512, 1024
		feeds["sidecars"] = map[string]any{"proxy": map[string]any{
			"image":  "public.ecr.aws/nginx/nginx@sha256:" + strings.Repeat("c3", 32),
			"cpu":    32,
			"memory": 64,
			"user":   "101:101",
		}}
		services["feeds"] = feeds
		services["api"].(map[string]any)["calls"] = []any{"feeds"}
		// And one that listens on nothing, and handles what the API puts into its queue.
		mailer := maps.Clone(feeds)
		for _, of := range []string{"port", "paths", "hosts", "sidecars", "priority", "stickySeconds",
			"deregistrationSeconds", "calls", "assets"} {
			delete(mailer, of)
		}
		mailer["health"] = map[string]any{
			"intervalSeconds":    30,
			"timeoutSeconds":     5,
			"healthyThreshold":   2,
			"unhealthyThreshold": 3,
			"command":            []any{"CMD", "true"},
		}
		mailer["deployment"] = map[string]any{"minHealthyPercent": 100, "maxPercent": 200}
		mailer["scaling"] = map[string]any{"min": 1, "max": 4, "cpuPercent": 70, "memoryPercent": 75}
		mailer["queue"] = map[string]any{
			"visibilitySeconds": 120,
			"retentionDays":     4,
			"maxReceives":       5,
			"messagesPerTask":   100,
			"oldestSeconds":     600,
		}
		mailer["tasks"] = map[string]any{
			"nightly": map[string]any{
				"schedule": "cron(0 3 * * ? *)",
				"timezone": "Asia/Tokyo",
				"command":  []any{"node", "nightly.js"},
			},
		}
		services["mailer"] = mailer
		services["api"].(map[string]any)["sends"] = []any{"mailer"}
		// And dumps of the database.
		config["bookmark-manager:compute"].(map[string]any)["dump"] = map[string]any{
			"image":            "sha256:" + strings.Repeat("d4", 32),
			"architecture":     "ARM64",
			"cpu":              256,
			"memory":           512,
			"schedule":         "cron(10 3 * * ? *)",
			"timezone":         "Asia/Tokyo",
			"retentionDays":    14,
			"passwordRotation": 1,
			"logRetentionDays": 7,
		}
		config["bookmark-manager:compute"].(map[string]any)["cluster"].(map[string]any)["insights"] = "enabled"
	})
	o := call{project: projectDir, args: []string{"--stack", "staging", "--config-file", path}}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Contains(t, o.out, "bookmark-manager:compute:Service feeds")
	assert.Contains(t, o.out, "bookmark-manager:compute:Service mailer")
	assert.Contains(t, o.out, "bookmark-manager:compute:Dump dump")
	assert.Equal(t, &run.SecondPreview{}, o.summary.SecondPreview)
}

func TestBadConfigurationOfTheProjectIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	path := editedStack(t, "prod", func(config map[string]any) {
		network := config["bookmark-manager:network"].(map[string]any)
		network["cidr"] = "10.0.0.0/33"
		network["subnetz"] = "a misspelled key"
		config["bookmark-manager:aws"].(map[string]any)["accountId"] = ""
	})
	o := call{project: projectDir, args: []string{"--config-file", path}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Equal(t, []string{"preview failed"}, o.steps())
	_, diagnostics, found := strings.Cut(o.out, "Diagnostics:")
	require.True(t, found, o.out)
	for _, want := range []string{"network.cidr", "10.0.0.0/33", "network.subnetz", "aws.accountId"} {
		assert.Contains(t, diagnostics, want)
	}
	assert.Equal(t, 1, strings.Count(o.out, "network.subnetz"), "one report")
	assert.Equal(t, []string{"pulumi:pulumi:Stack"}, registered(t, o))
}

func TestTheModelsCloudIsListed(t *testing.T) {
	t.Parallel()
	up := keptStack(t, "staging")
	o := call{project: projectDir, state: up.state, args: []string{"cloud", "--stack", "staging"}}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Regexp(t, `(?m)^aws:ec2/vpc:Vpc +\S+ +ap-northeast-1`, o.out)
	assert.Regexp(t, `(?m)^aws:iam/role:Role +\S+ +global`, o.out)
}

func TestListingACloudThatIsNotThereSaysHowToGetOne(t *testing.T) {
	t.Parallel()
	o := call{project: projectDir, args: []string{"cloud"}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, "`make rehearse KEEP=1` leaves one")
}

// editedStack writes a changed copy of a stack file of the project.
func editedStack(t *testing.T, stack string, edit func(config map[string]any)) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(projectDir, "Pulumi."+stack+".yaml"))
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, yaml.Unmarshal(raw, &file))
	edit(file["config"].(map[string]any))
	raw, err = yaml.Marshal(file)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "Pulumi."+stack+".yaml")
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	return path
}
