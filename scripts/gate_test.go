package scripts_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const (
	// gate is the environment whose reviewers approve what goes to production.
	gate = "production-approval"
	// here is where a workflow calls another of this repository.
	here = "./.github/workflows/"
)

// harmless are the environments of production whose jobs change nothing there. Every other one
// whose name begins so needs the gate, a new one too.
var harmless = []string{gate, "production-plan", "production-preview"}

// elsewhere are workflows whose jobs run in another repository's environments, and why they need no
// gate.
var elsewhere = map[string]string{
	"release.yml": "the application's repository calls it, whose production has the push role alone",
}

// workflows are all of the repository's, by file.
type workflows map[string]workflow

func readWorkflows(t *testing.T) workflows {
	t.Helper()
	all := workflows{}
	for _, pattern := range []string{"*.yml", "*.yaml"} {
		files, err := filepath.Glob(filepath.Join("..", ".github", "workflows", pattern))
		require.NoError(t, err)
		for _, file := range files {
			all[filepath.Base(file)] = readWorkflow(t, strings.TrimSuffix(filepath.Base(file), ".yml"))
		}
	}
	require.NotEmpty(t, all)
	return all
}

// triggers are what starts a workflow.
type triggers struct {
	names []string
	// options are the values of inputs that are chosen from a list.
	options map[string][]string
}

func (t *triggers) UnmarshalYAML(node *yaml.Node) error {
	switch node.Kind {
	case yaml.ScalarNode:
		t.names = []string{node.Value}
		return nil
	case yaml.SequenceNode:
		return node.Decode(&t.names)
	default:
		var written map[string]struct {
			Inputs map[string]struct {
				Options []string `yaml:"options"`
			} `yaml:"inputs"`
		}
		// A trigger may have any other settings, of any shape.
		for i := 0; i+1 < len(node.Content); i += 2 {
			t.names = append(t.names, node.Content[i].Value)
		}
		slices.Sort(t.names)
		inputs := &yaml.Node{Kind: yaml.MappingNode}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if strings.HasPrefix(node.Content[i].Value, "workflow_") {
				inputs.Content = append(inputs.Content, node.Content[i:i+2]...)
			}
		}
		if err := inputs.Decode(&written); err != nil {
			return err
		}
		t.options = map[string][]string{}
		for _, trigger := range written {
			for name, input := range trigger.Inputs {
				t.options[name] = input.Options
			}
		}
		return nil
	}
}

// ungated are the jobs that change production, and what is wrong with their gates.
func (all workflows) ungated() (jobs, problems []string) {
	for _, file := range slices.Sorted(maps.Keys(all)) {
		if _, not := elsewhere[file]; not || all[file].onlyCalled() {
			continue
		}
		found, wrong := all.ungatedOf(file, all[file].On.options, "")
		jobs, problems = append(jobs, found...), append(problems, wrong...)
	}
	return jobs, problems
}

// onlyCalled workflows are judged where they are called.
func (w workflow) onlyCalled() bool { return slices.Equal(w.On.names, []string{"workflow_call"}) }

// ungatedOf judges the jobs of a workflow whose inputs may have these values. within is the job
// that calls it, with a blank behind it, if one does.
func (all workflows) ungatedOf(file string, inputs map[string][]string, within string) (jobs, problems []string) {
	w := all[file]
	for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
		one, what := w.Jobs[name], within+name+" of "+file
		if one.Uses != "" {
			called, ours := strings.CutPrefix(one.Uses, here)
			if _, known := all[called]; !ours || !known {
				problems = append(problems, fmt.Sprintf("%s calls %s, which is not read here", what, one.Uses))
				continue
			}
			values := map[string][]string{}
			for input, text := range one.With {
				values[input], _ = one.values(text, inputs)
			}
			inner, wrong := all.ungatedOf(called, values, within+name+" / ")
			jobs, problems = append(jobs, inner...), append(problems, wrong...)
			continue
		}
		environments, known := one.values(string(one.Environment), inputs)
		if !known {
			problems = append(problems,
				fmt.Sprintf("%s runs in %s, which is not known from the file", what, one.Environment))
			continue
		}
		changing := slices.DeleteFunc(environments, func(e string) bool {
			return !strings.HasPrefix(e, "production") || slices.Contains(harmless, e)
		})
		if len(changing) == 0 {
			continue
		}
		jobs = append(jobs, file+" "+name)
		if wrong := w.gateOf(one); wrong != "" {
			problems = append(problems, fmt.Sprintf("%s runs in %s and %s", what, strings.Join(changing, ", "), wrong))
		}
	}
	return jobs, problems
}

// gateOf says what is wrong with the gate of a job; nothing if it has one.
func (w workflow) gateOf(one job) string {
	var gates []string
	for _, before := range one.Needs {
		if w.Jobs[before].Environment == gate {
			gates = append(gates, before)
		}
	}
	if len(gates) == 0 {
		return "needs no job of environment " + gate
	}
	// Without a condition a job runs only when all that it needs have succeeded.
	if one.If == "" {
		return ""
	}
	if passed := "needs." + gates[0] + ".result == 'success'"; !strings.Contains(one.If, passed) {
		return "has a condition without " + passed
	}
	if strings.Contains(one.If, "||") {
		return "has another way in, by the || of its condition"
	}
	return ""
}

var (
	whole     = regexp.MustCompile(`^\$\{\{ *(.*?) *\}\}$`)
	quoted    = regexp.MustCompile(`^'([^']*)'$`)
	reference = regexp.MustCompile(`^(inputs|matrix)\.([a-z-]+)$`)
)

// values are all that a text of a job may be; false if that is not known from the file.
func (j job) values(text string, inputs map[string][]string) (values []string, known bool) {
	if !strings.Contains(text, "${{") {
		return []string{text}, true
	}
	expression := whole.FindStringSubmatch(text)
	if expression == nil {
		return nil, false
	}
	for _, part := range strings.Split(expression[1], "||") {
		operands := strings.Split(part, "&&")
		part = strings.TrimSpace(operands[len(operands)-1])
		var found []string
		if literal := quoted.FindStringSubmatch(part); literal != nil {
			found = literal[1:]
		} else if name := reference.FindStringSubmatch(part); name != nil {
			found = inputs[name[2]]
			if name[1] == "matrix" {
				found = j.Strategy.Matrix.values(name[2])
			}
		}
		if len(found) == 0 {
			return nil, false
		}
		values = append(values, found...)
	}
	return values, true
}

// matrix is what a job is run for: each entry, or each value of a list.
type matrix struct {
	Include []map[string]string `yaml:"include"`
	Lists   map[string]any      `yaml:",inline"`
}

func (m matrix) values(key string) (values []string) {
	for _, entry := range m.Include {
		if value, has := entry[key]; has {
			values = append(values, value)
		}
	}
	if list, has := m.Lists[key].([]any); has {
		for _, value := range list {
			values = append(values, fmt.Sprint(value))
		}
	}
	return values
}
