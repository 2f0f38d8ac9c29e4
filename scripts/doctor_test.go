package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A machine is a folder of commands: the doctor looks at nothing else.
func TestTheDoctorSaysWhatAMachineLacks(t *testing.T) {
	t.Parallel()
	const newGo, oldGo = "#!/bin/sh\necho go1.99.1\n", "#!/bin/sh\necho go1.9.7\n"
	all := map[string]string{"go": newGo}
	for _, tool := range []string{"git", "make", "pulumi", "npm", "psql", "chromium", "dot", "aws", "gh"} {
		all[tool] = "#!/bin/sh\necho v1.2.3\n"
	}
	all["pulumi"] = "#!/bin/sh\necho v3.200.1\n"
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
	oldCLI, chrome := without("pulumi"), without("chromium")
	oldCLI["pulumi"], chrome["google-chrome"] = "#!/bin/sh\necho v3.99.0\n", all["chromium"]
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
		"an old Go":     {old, nil, 1, []string{"OLD      go          go1.9.7; install 1.26 or later"}, nil},
		"no make":       {without("make"), nil, 1, []string{"MISSING  make"}, nil},
		"no Pulumi":     {without("pulumi"), nil, 0, []string{"missing  pulumi      rehearsals build it"}, nil},
		"an old Pulumi": {oldCLI, nil, 1, []string{"OLD      pulumi      v3.99.0; rehearsals refuse it"}, nil},
		"Chrome":        {chrome, nil, 0, []string{"ok       chromium"}, []string{"missing"}},
		"no browser":    {without("chromium"), nil, 0, []string{"missing  chromium    make browser: "}, nil},
		"no Graphviz": {without("dot"), nil, 0, []string{"missing  dot         make graph draws a PNG with it: "},
			nil},
		"a bare machine": {nil, nil, 1, []string{"MISSING  go", "MISSING  git", "MISSING  make", "missing  pulumi",
			"missing  npm", "missing  psql", "missing  chromium", "missing  dot", "missing  aws", "missing  gh",
			"The first make rehearse compiles for about "}, nil},
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

// The doctor passes no CLI that the rehearsal refuses.
func TestTheDoctorKnowsTheOldestPulumi(t *testing.T) {
	t.Parallel()
	doctor, err := os.ReadFile("doctor")
	require.NoError(t, err)
	toolchain, err := os.ReadFile("../rehearsal/internal/toolchain/toolchain.go")
	require.NoError(t, err)
	want := regexp.MustCompile(`(?m)^oldest=([0-9]+\.[0-9]+) `).FindSubmatch(doctor)
	require.NotNil(t, want)
	assert.Contains(t, string(toolchain), `oldest = semver.MustParse("`+string(want[1])+`.0")`)
}
