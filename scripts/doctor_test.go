package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A machine is a folder of commands: the doctor looks at nothing else.
func TestTheDoctorSaysWhatAMachineLacks(t *testing.T) {
	t.Parallel()
	const newGo, oldGo = "#!/bin/sh\necho go1.99.1\n", "#!/bin/sh\necho go1.9.7\n"
	all := map[string]string{"go": newGo}
	for _, tool := range []string{"git", "make", "pulumi", "npm", "psql", "chromium", "dot", "aws", "gh", "jq"} {
		all[tool] = "#!/bin/sh\necho v1.2.3\n"
	}
	without := func(tool string) map[string]string {
		machine := map[string]string{}
		for name, script := range all {
			if name != tool {
				machine[name] = script
			}
		}
		return machine
	}
	old := without("go")
	old["go"] = oldGo
	for name, c := range map[string]struct {
		machine map[string]string
		args    []string
		code    int
		says    []string
		not     []string
	}{
		"a complete machine": {all, nil, 0, []string{"ok       go          go1.99.1", "ok       dot"},
			[]string{"missing", "MISSING"}},
		"no Go": {without("go"), nil, 1, []string{"MISSING  go          1.26 or later, from https://go.dev/dl"},
			nil},
		"an old Go": {old, nil, 1, []string{"OLD      go          go1.9.7; install 1.26 or later"}, nil},
		"no make":   {without("make"), nil, 1, []string{"MISSING  make"}, nil},
		"no Pulumi": {without("pulumi"), nil, 0, []string{"missing  pulumi      rehearsals build it"}, nil},
		"no Graphviz": {without("dot"), nil, 0, []string{"missing  dot         make graph draws a PNG with it: "},
			nil},
		"a wrong call": {all, []string{"--fix"}, 2, []string{"scripts/doctor"}, []string{"Needed by"}},
		"a question":   {all, []string{"--help"}, 0, []string{"It ends with 0 when"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir()
			for tool, script := range c.machine {
				require.NoError(t, os.WriteFile(filepath.Join(path, tool), []byte(script), 0o700))
			}
			for _, basic := range []string{"bash", "sed", "awk", "df", "uname", "getconf", "dirname", "cat"} {
				found, err := exec.LookPath(basic)
				require.NoError(t, err)
				require.NoError(t, os.Symlink(found, filepath.Join(path, basic)))
			}
			doctor := exec.Command("bash", append([]string{"./doctor"}, c.args...)...)
			doctor.Env = []string{"PATH=" + path}
			out, _ := doctor.CombinedOutput()
			assert.Equal(t, c.code, doctor.ProcessState.ExitCode(), "%s", out)
			for _, want := range c.says {
				assert.Contains(t, string(out), want)
			}
			for _, unwanted := range c.not {
				assert.NotContains(t, string(out), unwanted)
			}
		})
	}
}
