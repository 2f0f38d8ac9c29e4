package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/quoting/anyfolder"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/bench"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// TestMain lets this test binary be the command and its plugins, by the name of the link through
// which it runs.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); name == "rehearse" || strings.HasPrefix(name, "pulumi-") {
		main()
	}
	os.Exit(runIn(m))
}

// scratch is the folder of what the tests write. It ends with this process.
var scratch string

func runIn(m *testing.M) int {
	dir, err := anyfolder.Make()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	scratch = dir
	defer func() { _ = os.RemoveAll(dir) }()
	return m.Run()
}

// The folders of the repository, from this package's.
const (
	moduleDir  = "../.."
	projectDir = "../../.."
	tinyDir    = "testdata/program"
	smallDir   = "testdata/small"
)

// call is one call of the command.
type call struct {
	project string
	state   string   // a folder of its own if empty
	args    []string // beside the folders
	env     []string // on top of this process's
}

// outcome is what came of it.
type outcome struct {
	code    int
	out     string
	state   string
	summary run.Summary
}

// command prepares the call by a link to this binary, in folders of the test's own. The CLI is
// built once for all tests, in the folder that `make rehearse` uses too.
func (c *call) command(t *testing.T) (cmd *exec.Cmd, summary string) {
	t.Helper()
	if c.state == "" {
		c.state = t.TempDir()
	}
	cmd, summary, err := c.prepared()
	require.NoError(t, err)
	return cmd, summary
}

func (c *call) prepared() (cmd *exec.Cmd, summary string, err error) {
	dir, err := os.MkdirTemp(scratch, "call")
	if err != nil {
		return nil, "", err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	link, summary := filepath.Join(dir, "rehearse"), filepath.Join(dir, "summary.json")
	if err := os.Symlink(self, link); err != nil {
		return nil, "", err
	}
	bin, err := filepath.Abs(filepath.Join(projectDir, ".rehearsal", "bin"))
	if err != nil {
		return nil, "", err
	}
	cmd = exec.Command(link, append(slices.Clone(c.args),
		"--project", c.project, "--module", moduleDir, "--state", c.state, "--bin", bin, "--json", summary)...)
	cmd.Env = append(os.Environ(), c.env...)
	return cmd, summary, nil
}

// rehearsed runs the command to its end.
func (c call) rehearsed(t *testing.T) outcome {
	t.Helper()
	if c.state == "" {
		c.state = t.TempDir()
	}
	o, err := c.run()
	require.NoError(t, err)
	return o
}

// run is rehearsed in the state folder that is given.
func (c call) run() (outcome, error) {
	cmd, summary, err := c.prepared()
	if err != nil {
		return outcome{}, err
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return ended(cmd.Run(), &out, c.state, summary)
}

// ended is what came of a call whose process ended with err. A command that fails is no error.
func ended(err error, out *bytes.Buffer, state, summary string) (outcome, error) {
	o := outcome{out: out.String(), state: state}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		o.code = exit.ExitCode()
	case err != nil:
		return o, err
	}
	raw, err := os.ReadFile(summary)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(raw, &o.summary)
}

// stackFile writes a stack file for the tiny program, with more configuration at its end.
func stackFile(t *testing.T, more string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(tinyDir, "Pulumi.test.yaml"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "Pulumi.other.yaml")
	require.NoError(t, os.WriteFile(path, append(raw, more...), 0o644))
	return path
}

func (o outcome) steps() []string {
	var names []string
	for _, step := range o.summary.Steps {
		name := step.Name
		if !step.OK {
			name += " failed"
		}
		names = append(names, name)
	}
	return names
}

func TestHelpNamesEveryFlagAndExitCode(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(mustLink(t), "--help")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err)
	for _, want := range []string{
		"-out file", "-deployed", "-kept", "-only part", "-subset", "rehearse faults", "rehearse verdicts",
		"rehearse plan", "rehearse drift", "rehearse rotate", "rehearse rollout", "rehearse lifecycle", "-stack name",
		"-keep", "-aws string", "-config-file file", "-json file", "-project folder", "-module folder",
		"-state folder", "-bin folder",
		"rehearse bench", "-turns often", "-short", "-cold", "-endpoint URL", "rehearse build", "rehearse cloud",
		"0 all went well, 1 a step failed, 2 the command was called wrongly",
	} {
		assert.Contains(t, string(out), want)
	}
}

func mustLink(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	link := filepath.Join(t.TempDir(), "rehearse")
	require.NoError(t, os.Symlink(self, link))
	return link
}

func TestAWrongCallIsAUsageError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag": {[]string{"--stak", "prod"}, "flag provided but not defined: -stak"},
		"an unknown command": {[]string{"destroy"},
			`"destroy" is not a command, want build, sdks, plan, verdicts, faults, drift, rotate, rollout, adopt, ` +
				`region-loss, lifecycle, options, bench, permissions, cloud, or none`},
		"a benchmark of no turn": {[]string{"bench", "--stack", "test", "--turns", "0"},
			"--turns: it is 0, want 1 or more"},
		"a benchmark that keeps its stacks": {[]string{"bench", "--stack", "test", "--keep"},
			"drop --aws and --keep"},
		"a plan without a file": {[]string{"plan", "--stack", "test"}, "give one with --out"},
		"an unknown part of the faults": {[]string{"faults", "--stack", "test", "--only", "read"},
			`--only: found "read", want one of create, update, kill-up, delete, kill-destroy`},
		"a word after the flags": {[]string{"--keep", "prod"}, `"prod" is not a flag`},
		"another AWS": {[]string{"--aws", "real"},
			`--aws: it is "real", want model or installed`},
		"an unknown stack": {[]string{"--stack", "production"},
			"Pulumi.production.yaml: the stacks are test"},
		"an emulator for the model": {[]string{"--stack", "test", "--endpoint", "http://127.0.0.1:4566"},
			"only the real plugin can: add --aws installed"},
		"an emulator without a scheme": {[]string{"--stack", "test", "--aws", "installed", "--endpoint",
			"127.0.0.1:4566"}, `found "127.0.0.1:4566", want a URL such as http://127.0.0.1:4566`},
		"a kept stack with another configuration": {[]string{"--stack", "test", "--kept", "--config-file", "f.yaml"},
			"drop --aws, --keep and --config-file, or --kept"},
		"nothing to keep with the installed AWS": {[]string{"--stack", "test", "--aws", "installed", "--keep"},
			"drop --keep, or --aws installed"},
	} {
		t.Run(name, func(t *testing.T) {
			o := call{project: tinyDir, args: c.args}.rehearsed(t)
			assert.Equal(t, exitUsage, o.code, o.out)
			assert.Contains(t, o.out, c.want)
			assert.Contains(t, o.out, "rehearse --help lists the flags")
			assert.Empty(t, o.summary.Steps)
		})
	}
}

func TestAFolderWithoutStacksSaysWhereToRun(t *testing.T) {
	t.Parallel()
	o := call{project: t.TempDir()}.rehearsed(t)
	assert.Equal(t, exitUsage, o.code, o.out)
	assert.Contains(t, o.out, "run this in the project's folder, or give it with --project")
}

func TestPathsComeFromTheProject(t *testing.T) {
	o, err := parse([]string{"--project", "/p", "--stack", "staging"})
	require.NoError(t, err)
	assert.Equal(t, flags{Options: run.Options{
		Project: "/p",
		Module:  "/p/rehearsal",
		State:   "/p/.rehearsal",
		Bin:     "/p/.rehearsal/bin",
		Stack:   "staging",
		AWS:     run.Model,
	}, bench: bench.Options{Turns: 5}}, o)
}

func TestVerdictsWithoutThePluginAreComparedWithTheRecordedOnes(t *testing.T) {
	t.Parallel()
	without := []string{"PULUMI_HOME=" + t.TempDir(), "PATH=" + pathWithout("pulumi-resource-aws")}
	o := call{project: projectDir, args: []string{"verdicts"}, env: without}.rehearsed(t)
	require.Equal(t, exitOK, o.code, o.out)
	assert.Contains(t, o.out,
		"AWS plugin: neither on PATH nor in Pulumi's plugin folder; its recorded verdicts stand for it")
	assert.Contains(t, o.out, "Every verdict is the recorded one.")

	o = call{project: projectDir, args: []string{"verdicts", "--update"}, env: without}.rehearsed(t)
	assert.Equal(t, exitFailed, o.code, o.out)
	assert.Contains(t, o.out, "record the verdicts: the AWS plugin is not installed")
}
