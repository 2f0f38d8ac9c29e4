package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lock"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// contents reads every file under a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		files[path] = string(raw)
		return err
	}))
	return files
}

// planned are the flags of a rehearsal of the tiny program that ends with its plan: enough for what
// is about the workspace, and not about a stack's life.
type planned []string

func (p planned) rehearsed(t *testing.T, state string) outcome {
	t.Helper()
	out := filepath.Join(t.TempDir(), "plan.json")
	return call{
		project: tinyDir,
		state:   state,
		args:    append([]string{"plan", "--stack", "test", "--out", out}, p...),
	}.rehearsed(t)
}

func TestTheLifeOfAStack(t *testing.T) {
	t.Parallel()
	o := call{project: tinyDir, args: []string{"--stack", "test"}}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.True(t, o.summary.OK)
	assert.Equal(t, []string{"preview", "up", "second preview", "drift", "teardown", "destroy"}, o.steps())
	var counts []map[string]int
	for _, step := range o.summary.Steps {
		counts = append(counts, step.Counts)
		assert.Positive(t, step.Seconds)
		assert.FileExists(t, step.Log)
	}
	assert.Equal(t,
		[]map[string]int{{"create": 4}, {"create": 4}, {"same": 4}, {"same": 4}, {"same": 4}, {"delete": 4}}, counts)
	assert.Equal(t, &run.SecondPreview{}, o.summary.SecondPreview)
	assert.Equal(t, map[string]int{"secrets": 1}, o.summary.Resources)
	assert.Equal(t, &[]run.Object{}, o.summary.Remaining)
	for _, want := range []string{
		"== Preview", "== Up", "== Second preview", "== Teardown: up, with tiny:teardown set to testing", "== Destroy",
		"== Summary of the rehearsal of test",
		"Changes in the second preview: 0", "What outlives destroy: nothing", "    + 4 created", "    - 4 deleted",
	} {
		assert.Contains(t, o.out, want)
	}
	assert.NotContains(t, o.out, "\x1b", "no colours outside a terminal")
	assert.NotContains(t, o.out, "warning")
}

func TestNothingOfTheUsersIsReadOrWritten(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	login := filepath.Join(home, ".pulumi", "credentials.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(login), 0o755))
	require.NoError(t, os.WriteFile(login, []byte(`{"current":"https://api.pulumi.example"}`), 0o600))
	// Without it the go command counts its own uses in the home.
	telemetry := filepath.Join(home, ".config", "go", "telemetry", "mode")
	require.NoError(t, os.MkdirAll(filepath.Dir(telemetry), 0o755))
	require.NoError(t, os.WriteFile(telemetry, []byte("off"), 0o644))
	before, project := contents(t, home), contents(t, tinyDir)
	// The go command keeps its caches in the home too.
	var goEnv []string
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE"} {
		out, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		goEnv = append(goEnv, name+"="+strings.TrimSpace(string(out)))
	}
	o := call{project: tinyDir, args: []string{"--stack", "test"}, env: append(goEnv,
		"HOME="+home, "PULUMI_BACKEND_URL=s3://real-state", "PULUMI_STACK=real", "PULUMI_CONFIG_PASSPHRASE=real",
		"PULUMI_ACCESS_TOKEN=pul-real",
		"AWS_PROFILE=real",
	)}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Equal(t, before, contents(t, home))
	assert.Equal(t, project, contents(t, tinyDir))
}

func TestAStackFileThatIsEncryptedElsewhere(t *testing.T) {
	t.Parallel()
	raw := `secretsprovider: awskms://alias/of-another-account?region=ap-northeast-1
encryptedkey: QUFBQQ==
config:
  pulumi:disable-default-providers: ["*"]
  tiny:environment: testing
  tiny:length: "16"
  tiny:token:
    secure: v1:sWXAFYM7hlRlaWqs:bm90IG91cnM=
  tiny:nested:
    inside: [{secure: v1:sWXAFYM7hlRlaWqs:bm90IG91cnM=}]
`
	path := filepath.Join(t.TempDir(), "Pulumi.elsewhere.yaml")
	require.NoError(t, os.WriteFile(path, []byte(raw), 0o644))
	o := planned{"--config-file", path}.rehearsed(t, "")
	require.Equal(t, exitOK, o.code, o.out)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, raw, string(after))

	copied, err := os.ReadFile(filepath.Join(o.state, "test", "project", "Pulumi.test.yaml"))
	require.NoError(t, err)
	assert.Regexp(t, `tiny:token:\n\s+secure: v1:`, string(copied))
	assert.Regexp(t, `inside: \[\{secure: 'v1:`, string(copied))
	assert.NotContains(t, string(copied), "bm90IG91cnM=")
	assert.NotContains(t, string(copied), "awskms")
}

func TestBadConfigurationRegistersNothing(t *testing.T) {
	t.Parallel()
	path := stackFile(t, "  tiny:nothing: here\n")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(raw, []byte(`"16"`), []byte(`"17"`), 1), 0o644))
	o := call{project: tinyDir, args: []string{"--stack", "test", "--config-file", path}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Equal(t, []string{"preview failed"}, o.steps())
	assert.Contains(t, o.out, `tiny:length is "17", want 16`)
	assert.Contains(t, o.out, "the log is "+o.state+"/test/logs/preview.log")
	assert.Equal(t, []string{"pulumi:pulumi:Stack"}, registered(t, o))
	assert.False(t, o.summary.OK)
	assert.Contains(t, o.summary.Error, "preview of test: run pulumi preview: exit status")
}

// registered lists the types of the resources that the program registered in the preview.
func registered(t *testing.T, o outcome) []string {
	t.Helper()
	events, err := os.ReadFile(filepath.Join(o.state, o.summary.Stack, "logs", "preview.events.jsonl"))
	require.NoError(t, err)
	var types []string
	for _, found := range regexp.MustCompile(`"resourcePreEvent":\{"metadata":\{"op":"[a-z]+","urn":"[^"]+","type":`+
		`"([^"]+)"`).
		FindAllSubmatch(events, -1) {
		types = append(types, string(found[1]))
	}
	return types
}

func TestWhatAPluginFailsWithIsShown(t *testing.T) {
	t.Parallel()
	path := stackFile(t, "  tiny:cloud: aws\n")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(raw, []byte("111122223333"), nil, 1), 0o644))
	o := call{project: tinyDir, args: []string{"--stack", "test", "--config-file", path}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, `pulumi-resource-aws: serve provider "aws": REHEARSAL_ACCOUNT is ""`)
}

func TestASecondPreviewWithChangesFailsAndNamesThem(t *testing.T) {
	t.Parallel()
	o := call{
		project: tinyDir,
		args:    []string{"--stack", "test", "--config-file", stackFile(t, "  tiny:drift: again\n")},
	}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Equal(t, []string{"preview", "up", "second preview failed"}, o.steps())
	require.NotNil(t, o.summary.SecondPreview)
	assert.Equal(t, 1, o.summary.SecondPreview.Changed)
	const urn = "urn:pulumi:test::tiny::tiny:secrets:Group$random:index/randomPassword:RandomPassword::password"
	assert.Equal(t, urn, o.summary.SecondPreview.Changes[0].URN)
	assert.Contains(t, o.out, "The second preview shows changes")
	assert.Contains(t, o.out, urn+": keepers")
}

func TestAStackWithoutAnEnvironmentCannotBeTornDown(t *testing.T) {
	t.Parallel()
	path := stackFile(t, "")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path,
		bytes.Replace(raw, []byte("tiny:environment: testing"), []byte("tiny:other: testing"), 1), 0o644))
	o := call{project: tinyDir, args: []string{"--stack", "test", "--config-file", path}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out,
		"tear down test: its stack file has no tiny:environment, whose name lifts the protections: set it")
}

func TestAKeptStackGoesOnWithPlainPulumi(t *testing.T) {
	t.Parallel()
	c := call{
		project: tinyDir,
		state:   filepath.Join(t.TempDir(), "state with 'quotes'"),
		args:    []string{"--stack", "test", "--keep"},
	}
	o := c.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Equal(t, []string{"preview", "up", "second preview", "drift"}, o.steps())
	assert.Nil(t, o.summary.Remaining)
	_, printed, found := strings.Cut(o.out, "== Kept: go on with plain pulumi\n")
	require.True(t, found, o.out)
	lines, _, found := strings.Cut(printed, "\n\n")
	require.True(t, found, o.out)

	script := lines + `
set -e
pulumi preview --expect-no-changes --non-interactive
pulumi config set tiny:teardown testing
pulumi up --yes --skip-preview --non-interactive
pulumi destroy --yes --skip-preview --non-interactive
`
	shell := exec.Command("sh", "-c", script)
	shell.Env = append(os.Environ(), "PULUMI_CONFIG_PASSPHRASE=another", "PULUMI_STACK=another")
	out, err := shell.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "4 unchanged")
	assert.Contains(t, string(out), "- 4 deleted")

	o = planned{}.rehearsed(t, c.state)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Contains(t, o.out,
		"An earlier rehearsal of test was kept in "+c.state+"/test: it is gone now, this one starts fresh.")
}

func TestAWorkspaceIsUsedByOneRunAtATime(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	held, err := lock.Try(filepath.Join(state, "test.lock"))
	require.NoError(t, err)
	defer held.Release()
	o := call{project: tinyDir, state: state, args: []string{"--stack", "test"}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, fmt.Sprintf(`another rehearsal of "test" runs in it: lock %s/test.lock: another `+
		`process holds the lock: process %d`, state, os.Getpid()))
}

func TestCtrlCEndsTheRunAndTheNextStartsFresh(t *testing.T) {
	c := call{
		project: tinyDir,
		state:   t.TempDir(),
		args:    []string{"--stack", "test", "--config-file", stackFile(t, "  tiny:wait: long\n")},
	}
	cmd, summary := c.command(t)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	events := filepath.Join(c.state, "test", "logs", "preview.events.jsonl")
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(events)
		return err == nil && bytes.Contains(raw, []byte("pulumi:pulumi:Stack"))
	}, time.Minute, 20*time.Millisecond, "the program never started")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	interrupted := time.Now()
	o, err := ended(cmd.Wait(), &out, c.state, summary)
	require.NoError(t, err)
	assert.Less(t, time.Since(interrupted), 15*time.Second)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, "rehearse: interrupted: preview of test")

	o = planned{}.rehearsed(t, c.state)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Contains(t, o.out, "did not come to its end: this one starts fresh.")
}

func TestAProgramThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"Pulumi.yaml": "name: broken\nruntime: go\n", "Pulumi.test.yaml": "", "go.mod": "module broken\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() { missing() }\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	o := call{project: dir, args: []string{"--stack", "test"}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, "./main.go:3:15: undefined: missing")
	assert.Empty(t, o.summary.Steps)
}

func TestWithoutGoOnPATH(t *testing.T) {
	t.Parallel()
	o := call{project: tinyDir, args: []string{"--stack", "test"}, env: []string{"PATH=" + t.TempDir()}}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, "install Go 1.26 or newer (https://go.dev/dl/) and put its bin folder on PATH")
}

func TestTheInstalledAWSPluginPreviewsOnly(t *testing.T) {
	t.Parallel()
	// The model stands in for the installed plugin: it is found in the same way.
	self, err := os.Executable()
	require.NoError(t, err)
	home := t.TempDir()
	plugin := filepath.Join(home, "plugins", "resource-aws-v6.83.0", "pulumi-resource-aws")
	require.NoError(t, os.MkdirAll(filepath.Dir(plugin), 0o755))
	require.NoError(t, os.Symlink(self, plugin))
	o := call{
		project: tinyDir,
		args:    []string{"--stack", "test", "--aws", "installed"},
		env:     []string{"PULUMI_HOME=" + home, "PATH=" + pathWithout("pulumi-resource-aws")},
	}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Equal(t, []string{"preview"}, o.steps())
	assert.Contains(t, o.out, "AWS plugin: "+plugin)
	assert.Contains(t, o.out, "Local STS for account 111122223333: http://127.0.0.1:")
	named, err := os.ReadFile(filepath.Join(o.state, "test", "project", "Pulumi.yaml"))
	require.NoError(t, err)
	var project struct {
		Plugins struct{ Providers []struct{ Name, Path string } }
	}
	require.NoError(t, yaml.Unmarshal(named, &project))
	assert.Contains(t, project.Plugins.Providers, struct{ Name, Path string }{"aws", filepath.Dir(plugin)})
}

func TestAMissingAWSPluginSaysHowToGetIt(t *testing.T) {
	t.Parallel()
	o := call{
		project: projectDir,
		args:    []string{"--aws", "installed"},
		env:     []string{"PULUMI_HOME=" + t.TempDir(), "PATH=" + pathWithout("pulumi-resource-aws")},
	}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Regexp(t, "get it with `pulumi plugin install resource aws v6\\.[0-9]+\\.[0-9]+`", o.out)
}

// pathWithout is PATH without the folders that hold a file. The rest stays: without its C compiler,
// for one, Go would compile everything anew.
func pathWithout(file string) string {
	var kept []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			kept = append(kept, dir)
		}
	}
	return strings.Join(kept, string(os.PathListSeparator))
}
