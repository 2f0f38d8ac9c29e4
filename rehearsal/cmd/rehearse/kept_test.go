package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// kept deploys each stack of the project once and keeps it, for every test that begins with one
// that is up: see keptStack.
var kept = map[string]func() (outcome, error){
	"prod":    sync.OnceValues(func() (outcome, error) { return keep("prod") }),
	"staging": sync.OnceValues(func() (outcome, error) { return keep("staging") }),
}

// keep deploys a stack in a folder of its own, which lasts as long as this process.
func keep(stack string) (outcome, error) {
	state, err := os.MkdirTemp(scratch, stack)
	if err != nil {
		return outcome{}, fmt.Errorf("make a folder for the kept %s: %w", stack, err)
	}
	// All modules are in the cache by now, or these tests would not have been built: nothing else
	// may be needed.
	o, err := call{
		project: projectDir,
		state:   state,
		args:    []string{"--stack", stack, "--keep"},
		env:     offline,
	}.run()
	if err == nil && o.code != exitOK {
		err = fmt.Errorf("rehearse %s: exit code %d, want %d\n%s", stack, o.code, exitOK, o.out)
	}
	return o, err
}

// offline are the variables without which go could download something.
var offline = []string{"GOPROXY=off", "GOFLAGS=-mod=readonly"}

// keptStack is a deployed stack of the project as `rehearse --keep` left it, in a state folder of
// the test's own.
func keptStack(t *testing.T, stack string) outcome {
	t.Helper()
	o, err := copyOfKept(stack, t.TempDir())
	require.NoError(t, err)
	return o
}

// copyOfKept puts a kept stack into a state folder, and changes the paths that lead into its old
// one: what the CLI is told of its plugins, and what the rehearsal has printed.
func copyOfKept(stack, state string) (outcome, error) {
	o, err := kept[stack]()
	if err != nil {
		return outcome{}, err
	}
	from, to := filepath.Join(o.state, stack), filepath.Join(state, stack)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return outcome{}, fmt.Errorf("copy the kept %s: %w", stack, err)
	}
	project := filepath.Join(to, "project", "Pulumi.yaml")
	raw, err := os.ReadFile(project)
	if err != nil {
		return outcome{}, fmt.Errorf("copy the kept %s: %w", stack, err)
	}
	var file yaml.Node
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return outcome{}, fmt.Errorf("copy the kept %s: %w", stack, err)
	}
	if moved(&file, from, to) == 0 {
		return outcome{}, fmt.Errorf("copy the kept %s: %s names no plugin under %s", stack, project, from)
	}
	if raw, err = yaml.Marshal(&file); err != nil {
		return outcome{}, fmt.Errorf("copy the kept %s: %w", stack, err)
	}
	if err := os.WriteFile(project, raw, 0o600); err != nil {
		return outcome{}, fmt.Errorf("copy the kept %s: %w", stack, err)
	}
	o.out, o.state = strings.ReplaceAll(o.out, from, to), state
	return o, nil
}

// moved puts one folder in the place of another in each value of a file, and returns in how many.
func moved(node *yaml.Node, from, to string) (values int) {
	if strings.Contains(node.Value, from) {
		node.Value = strings.ReplaceAll(node.Value, from, to)
		values++
	}
	for _, child := range node.Content {
		values += moved(child, from, to)
	}
	return values
}
