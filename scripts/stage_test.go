package scripts_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// infra is the project's own command. It is built where make builds it too: go leaves alone what is
// up to date.
const infra = "../.rehearsal/bin/infra"

func TestMain(m *testing.M) {
	if out, err := exec.Command("go", "build", "-o", infra, "../cmd/infra").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build infra: %v\n%s", err, out)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// workflow is what these tests run of a workflow of GitHub: the shell steps, with their
// environment.
type workflow struct {
	On   triggers          `yaml:"on"`
	Env  map[string]string `yaml:"env"`
	Jobs map[string]job    `yaml:"jobs"`
}

type job struct {
	Env         map[string]string `yaml:"env"`
	Environment environment       `yaml:"environment"`
	// Uses is another workflow, whose jobs take the place of this one, and With its inputs.
	Uses        string            `yaml:"uses"`
	With        map[string]string `yaml:"with"`
	Minutes     int               `yaml:"timeout-minutes"`
	If          string            `yaml:"if"`
	Needs       names             `yaml:"needs"`
	Concurrency *struct {
		Group string `yaml:"group"`
		Queue string `yaml:"queue"`
	} `yaml:"concurrency"`
	Strategy struct {
		Matrix matrix `yaml:"matrix"`
	} `yaml:"strategy"`
	Steps []struct {
		Run  string            `yaml:"run"`
		Uses string            `yaml:"uses"`
		With map[string]string `yaml:"with"`
		Env  map[string]string `yaml:"env"`
	} `yaml:"steps"`
}

// names are one name, or a list of them.
type names []string

func (n *names) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*n = names{node.Value}
		return nil
	}
	return node.Decode((*[]string)(n))
}

// environment is the name of a job's environment, which may be written with an address beside it.
type environment string

func (e *environment) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*e = environment(node.Value)
		return nil
	}
	var written struct {
		Name string `yaml:"name"`
	}
	err := node.Decode(&written)
	*e = environment(written.Name)
	return err
}

// environments are those that the job runs in, one for each entry of its matrix.
func (j job) environments() []string {
	if j.Environment != "${{ matrix.environment }}" {
		return []string{string(j.Environment)}
	}
	var all []string
	for _, entry := range j.Strategy.Matrix.Include {
		all = append(all, entry["environment"])
	}
	return all
}

func readWorkflow(t *testing.T, name string) workflow {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", ".github", "workflows", name+".yml"))
	require.NoError(t, err)
	var w workflow
	require.NoError(t, yaml.Unmarshal(raw, &w))
	return w
}

var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// stage is where a workflow's steps run: a folder, the stand-ins in front of PATH, and what
// GitHub's expressions are worth there.
type stage struct {
	t                       *testing.T
	work, bin, calls, cloud string
	temporary, scripts      string
	// the commit of the event that started the run; empty for a folder that is no checkout
	event  string
	values map[string]string
}

func newStage(t *testing.T, standIns map[string]string) *stage {
	t.Helper()
	folder := filepath.Join(t.TempDir(), personsFolder)
	scripts, err := filepath.Abs(".")
	require.NoError(t, err)
	s := &stage{
		t:         t,
		work:      filepath.Join(folder, "work"),
		bin:       filepath.Join(folder, "bin"),
		calls:     filepath.Join(folder, "calls"),
		cloud:     filepath.Join(folder, "cloud"),
		temporary: filepath.Join(folder, "temporary"),
		scripts:   scripts,
		values:    map[string]string{},
	}
	for _, one := range []string{s.work, s.bin, s.cloud, s.temporary} {
		require.NoError(t, os.MkdirAll(one, 0o755))
	}
	for name, body := range standIns {
		s.standIn(name, body)
	}
	return s
}

// standIn is a command that logs its arguments on one line and then runs body.
func (s *stage) standIn(name, body string) {
	script := "#!/usr/bin/env bash\nset -eu\necho \"" + name + " $*\" >>\"$CALLS\"\n" + body + "\n"
	require.NoError(s.t, writeCommand(filepath.Join(s.bin, name), script))
}

// evaluate fails for an expression that the test gives no value: a step would see nothing there.
func (s *stage) evaluate(text string, matrix map[string]string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		if key, ok := strings.CutPrefix(name, "matrix."); ok {
			require.Contains(s.t, matrix, key)
			return matrix[key]
		}
		for _, key := range []string{name + "@" + matrix["environment"], name} {
			if value, ok := s.values[key]; ok {
				return value
			}
		}
		require.Fail(s.t, "no value", "%s", name)
		return ""
	})
}

// command is one shell step's.
func (s *stage) command(script string, env map[string]string) *exec.Cmd {
	command := exec.Command("bash", "-e", "-c", script)
	command.Dir = s.work
	command.Env = []string{
		"PATH=" + s.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + s.temporary, "CALLS=" + s.calls,
		"CLOUD=" + s.cloud, "SCRIPTS=" + s.scripts, "RUNNER_TEMP=" + s.temporary, "TMPDIR=" + s.temporary,
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
	}
	for key, value := range env {
		command.Env = append(command.Env, key+"="+value)
	}
	return command
}

// checkout does what GitHub's action does: the commit of the event, unless a branch is named.
func (s *stage) checkout(ref string) {
	s.t.Helper()
	if ref == "" {
		s.shell("git fetch --quiet origin && git checkout --quiet --force --detach " + s.event)
		return
	}
	s.shell("git fetch --quiet origin && git checkout --quiet --force -B " + ref + " origin/" + ref)
}

// job runs the shell steps of a job, for each entry of its matrix, until one fails.
func (s *stage) job(w workflow, name string) (string, error) {
	s.t.Helper()
	job, ok := w.Jobs[name]
	require.True(s.t, ok, name)
	entries := job.Strategy.Matrix.Include
	if len(entries) == 0 {
		entries = []map[string]string{{}}
	}
	var output bytes.Buffer
	for _, matrix := range entries {
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "actions/checkout@") && s.event != "" {
				s.checkout(step.With["ref"])
			}
			if step.Run == "" {
				continue
			}
			require.NotRegexp(s.t, expression, step.Run,
				"an expression in a script is an injection; hand it over in the environment")
			env := map[string]string{}
			for _, scope := range []map[string]string{w.Env, job.Env, step.Env} {
				for key, value := range scope {
					env[key] = s.evaluate(value, matrix)
				}
			}
			command := s.command(step.Run, env)
			command.Stdout, command.Stderr = &output, &output
			if err := finish(command); err != nil {
				return output.String(), err
			}
		}
	}
	return output.String(), nil
}

func (s *stage) called() []string {
	raw, err := os.ReadFile(s.calls)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(s.t, err)
	return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(raw), s.temporary, "TEMP")), "\n")
}

func (s *stage) forget() { require.NoError(s.t, os.RemoveAll(s.calls)) }
