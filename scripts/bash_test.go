package scripts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newer is what the bash 3.2 of macOS does not have, by what it stands as in a script.
var newer = map[string]*regexp.Regexp{
	"mapfile or readarray (bash 4.0)":    regexp.MustCompile(`\b(mapfile|readarray)\b`),
	"an associative array (bash 4.0)":    regexp.MustCompile(`\b(declare|local|typeset) -[a-zA-Z]*A`),
	"a change of case (bash 4.0)":        regexp.MustCompile(`\$\{\w+(\[[^]]*\])?(,|\^)`),
	"a transformation (bash 4.4)":        regexp.MustCompile(`\$\{\w+(\[[^]]*\])?@[A-Za-z]\}`),
	"a reference to a name (bash 4.3)":   regexp.MustCompile(`\b(declare|local) -[a-z]*n`),
	"&>> or |& (bash 4.0)":               regexp.MustCompile(`&>>|\|&`),
	"a test for a variable (bash 4.2)":   regexp.MustCompile(`\[\[? -v `),
	"an element from the end (bash 4.3)": regexp.MustCompile(`\w\[-\d`),
	"coproc (bash 4.0)":                  regexp.MustCompile(`\bcoproc\b`),
}

var (
	emptyArray = regexp.MustCompile(`(\w+)=\(\)`)
	comment    = regexp.MustCompile(`(?m)^\s*#.*$`)
)

// tooNew lists what of a script bash 3.2 does not run. An array that may be empty must be expanded
// as ${name[@]+"${name[@]}"}: bash before 4.4 takes "${name[@]}" for an unset variable then.
func tooNew(script string) []string {
	script = comment.ReplaceAllString(script, "")
	var found []string
	for what, pattern := range newer {
		if pattern.MatchString(script) {
			found = append(found, what)
		}
	}
	for _, match := range emptyArray.FindAllStringSubmatch(script, -1) {
		expansion := `"${` + match[1] + `[@]}"`
		rest := strings.ReplaceAll(script, `${`+match[1]+`[@]+`+expansion+`}`, "")
		needed := regexp.MustCompile(`need \S+ "\$\{` + match[1] + `\[\*\]:-\}"`).MatchString(script)
		if strings.Contains(rest, expansion) && !needed {
			found = append(found, "the array "+match[1]+" may be empty")
		}
	}
	return found
}

func TestScriptsRunOnBash32(t *testing.T) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	read := 0
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		script, err := os.ReadFile(filepath.Join(".", entry.Name()))
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(string(script), "#!/usr/bin/env bash\n"), entry.Name())
		assert.Empty(t, tooNew(string(script)), entry.Name())
		read++
	}
	assert.Greater(t, read, 5)
}

func TestWhatBash32DoesNotHaveIsFound(t *testing.T) {
	for script, want := range map[string][]string{
		"mapfile -t lines <file":                 {"mapfile or readarray (bash 4.0)"},
		"declare -A ages":                        {"an associative array (bash 4.0)"},
		`echo "${name,,}"`:                       {"a change of case (bash 4.0)"},
		`echo "${names[0]^}"`:                    {"a change of case (bash 4.0)"},
		`echo "${name@Q}"`:                       {"a transformation (bash 4.4)"},
		"local -n other=name":                    {"a reference to a name (bash 4.3)"},
		"run &>>log":                             {"&>> or |& (bash 4.0)"},
		"[[ -v name ]]":                          {"a test for a variable (bash 4.2)"},
		`echo "${names[-1]}"`:                    {"an element from the end (bash 4.3)"},
		"args=()\nrun \"${args[@]}\"":            {"the array args may be empty"},
		"args=()\nrun ${args[@]+\"${args[@]}\"}": nil,
		"args=()\nneed --x \"${args[*]:-}\"\nrun \"${args[@]}\"": nil,
		"args=(a)\nrun \"${args[@]}\" \"${name#*,}\" | tee x":    nil,
		"# mapfile is too new":                                   nil,
	} {
		assert.Equal(t, want, tooNew(script), script)
	}
}
