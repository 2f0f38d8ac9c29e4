package scripts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"mvdan.cc/sh/v3/syntax"
)

// People run the scripts on macOS: with its bash, which is 3.2, and BSD's tools.

// newerCommands are builtins that bash 3.2 does not have, and commands that macOS does not come
// with.
var newerCommands = map[string]string{
	"mapfile":   "bash 4.0",
	"readarray": "bash 4.0",
	"flock":     "Linux",
	"md5sum":    "GNU",
	"nproc":     "GNU",
	"numfmt":    "GNU",
	"setsid":    "Linux",
	"sha256sum": "GNU",
	"shuf":      "GNU",
	"tac":       "GNU",
	"timeout":   "GNU",
}

// gnuFlags are flags that BSD's tools do not have, or take for something else.
var gnuFlags = map[string]*regexp.Regexp{
	"base64":   regexp.MustCompile(`^-(w|-)`),
	"cp":       regexp.MustCompile(`^(-t|--)`),
	"cut":      regexp.MustCompile(`^--`),
	"date":     regexp.MustCompile(`^(-d|-I|-s|--)`),
	"du":       regexp.MustCompile(`^(-b|--)`),
	"find":     regexp.MustCompile(`^-(printf|regextype|executable|quit)$`),
	"grep":     regexp.MustCompile(`^(-[A-Za-z]*P|--)`),
	"head":     regexp.MustCompile(`^(-[0-9]*$|--|-n?-[0-9])`),
	"ls":       regexp.MustCompile(`^--`),
	"mktemp":   regexp.MustCompile(`^(-p|--)`),
	"readlink": regexp.MustCompile(`^(-[em]|--)`),
	"sed":      regexp.MustCompile(`^(-[nE]*[rzs]|-i$|--)`), // -i wants a suffix there
	"sort":     regexp.MustCompile(`^(-[a-zA-Z]*[VhR]|--)`),
	"stat":     regexp.MustCompile(`^(-c|--)`),
	"tail":     regexp.MustCompile(`^--`),
	"touch":    regexp.MustCompile(`^(-d|--)`),
	"xargs":    regexp.MustCompile(`^(-[dr]|--)`),
}

// newerVariables are those that bash 3.2 leaves empty.
var newerVariables = []string{"BASHPID", "BASH_ARGV0", "EPOCHREALTIME", "EPOCHSECONDS", "SRANDOM"}

// tooNew lists what of a script bash 3.2 or BSD's tools do not run. An array that may be empty must
// be expanded as ${name[@]+"${name[@]}"}: bash before 4.4 takes "${name[@]}" for an unset variable
// then.
func tooNew(t *testing.T, script string) []string {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "script")
	require.NoError(t, err, script)
	r := &reader{empty: map[string]bool{}, guarded: map[*syntax.ParamExp]bool{}, needed: map[string]bool{}}
	syntax.Walk(file, r.collect)
	syntax.Walk(file, r.judge)
	slices.Sort(r.found)
	return slices.Compact(r.found)
}

type reader struct {
	found   []string
	empty   map[string]bool           // arrays that begin empty
	guarded map[*syntax.ParamExp]bool // within ${name[@]+...}
	needed  map[string]bool           // arrays that "need" has found an element in
}

func (r *reader) add(what string) { r.found = append(r.found, what) }

// collect finds what other parts of the script are judged by.
func (r *reader) collect(node syntax.Node) bool {
	switch n := node.(type) {
	case *syntax.Assign:
		if n.Array != nil && len(n.Array.Elems) == 0 {
			r.empty[n.Name.Value] = true
		}
	case *syntax.ParamExp:
		if n.Exp != nil && n.Exp.Op == syntax.AlternateUnset && n.Exp.Word != nil {
			syntax.Walk(n.Exp.Word, func(inner syntax.Node) bool {
				if one, ok := inner.(*syntax.ParamExp); ok && one.Param.Value == n.Param.Value {
					r.guarded[one] = true
				}
				return true
			})
		}
		if n.Exp != nil && n.Exp.Op == syntax.DefaultUnsetOrNull && n.Index != nil {
			r.needed[n.Param.Value] = true
		}
	}
	return true
}

func (r *reader) judge(node syntax.Node) bool {
	switch n := node.(type) {
	case *syntax.CoprocClause:
		r.add("coproc (bash 4.0)")
	case *syntax.CaseItem:
		if n.Op != syntax.Break {
			r.add(n.Op.String() + " (bash 4.0)")
		}
	case *syntax.Redirect:
		if n.Op == syntax.AppAll {
			r.add("&>> (bash 4.0)")
		}
	case *syntax.BinaryCmd:
		if n.Op == syntax.PipeAll {
			r.add("|& (bash 4.0)")
		}
	case *syntax.UnaryTest:
		if n.Op == syntax.TsVarSet || n.Op == syntax.TsRefVar {
			r.add(n.Op.String() + " in a test (bash 4.2)")
		}
	case *syntax.DeclClause:
		for _, argument := range n.Args {
			if flag := argument.Value; argument.Naked && flag != nil && strings.HasPrefix(flag.Lit(), "-") &&
				strings.ContainsAny(flag.Lit(), "Anlug") {
				r.add(n.Variant.Value + " " + flag.Lit() + " (bash 4)")
			}
		}
	case *syntax.ParamExp:
		r.expansion(n)
	case *syntax.CallExpr:
		r.call(n)
	}
	return true
}

func (r *reader) expansion(n *syntax.ParamExp) {
	name := n.Param.Value
	if slices.Contains(newerVariables, name) {
		r.add("$" + name + " (bash 4 or 5)")
	}
	if n.Exp != nil {
		switch n.Exp.Op {
		case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll:
			r.add("a change of case (bash 4.0)")
		case syntax.OtherParamOps:
			r.add("a transformation (bash 4.4)")
		}
	}
	if minus, ok := n.Index.(*syntax.UnaryArithm); ok && minus.Op == syntax.Minus {
		r.add("an element from the end (bash 4.3)")
	}
	whole, _ := n.Index.(*syntax.Word)
	if whole != nil && whole.Lit() == "@" && r.empty[name] && !r.guarded[n] && !r.needed[name] && n.Exp == nil &&
		!n.Length {
		r.add("the array " + name + " may be empty")
	}
}

func (r *reader) call(n *syntax.CallExpr) {
	if len(n.Args) == 0 {
		return
	}
	name := n.Args[0].Lit()
	if since, newer := newerCommands[name]; newer {
		r.add(name + " (" + since + ")")
	}
	if name == "wait" && len(n.Args) > 1 && n.Args[1].Lit() == "-n" {
		r.add("wait -n (bash 4.3)")
	}
	flags := gnuFlags[name]
	if flags == nil {
		return
	}
	for _, argument := range n.Args[1:] {
		text := argument.Lit()
		if text == "--" {
			return
		}
		if flags.MatchString(text) {
			r.add(name + " " + text + " (GNU)")
		}
	}
}

func TestScriptsRunOnMacOS(t *testing.T) {
	t.Parallel()
	for name, script := range bashScripts(t) {
		assert.True(t, strings.HasPrefix(script, "#!/usr/bin/env bash\n"), name)
		assert.Empty(t, tooNew(t, script), name)
	}
}

// bashScripts are the project's scripts by their names.
func bashScripts(t *testing.T) map[string]string {
	t.Helper()
	files := []string{filepath.Join("..", ".ci", "run")}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
			files = append(files, entry.Name())
		}
	}
	scripts := map[string]string{}
	for _, file := range files {
		script, err := os.ReadFile(file)
		require.NoError(t, err)
		scripts[filepath.Base(file)] = string(script)
	}
	assert.Greater(t, len(scripts), 6)
	return scripts
}

// Commands of the documents are typed on macOS too.
func TestEveryCommandOfTheDocumentsRunsOnMacOS(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	files = append(files, "../README.md", "../CONTRIBUTING.md")
	blocks := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, commands := range commandBlocks(string(raw)) {
			blocks++
			assert.Empty(t, tooNew(t, commands), "%s:\n%s", file, commands)
		}
	}
	assert.NotZero(t, blocks)
}

// commandBlocks are the fenced blocks of a document that have no language.
func commandBlocks(document string) []string {
	var blocks []string
	var block strings.Builder
	fence, commands, indent := false, false, ""
	for line := range strings.Lines(document) {
		language, found := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case found && fence:
			if commands {
				blocks = append(blocks, block.String())
			}
			fence = false
		case found:
			fence, commands = true, language == ""
			indent, _, _ = strings.Cut(line, "`")
			block.Reset()
		case fence:
			block.WriteString(strings.TrimPrefix(line, indent))
		}
	}
	return blocks
}

// makeVariable is what make puts in before the shell reads a recipe: a dollar for two, and the
// value of a variable.
var makeVariable = regexp.MustCompile(`\$[$@]|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)`)

// recipes are the lines of the Makefile's recipes, as the shell reads them.
func recipes(t *testing.T) (lines []string) {
	t.Helper()
	raw, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	for line := range strings.Lines(strings.ReplaceAll(string(raw), "\\\n", "")) {
		recipe, found := strings.CutPrefix(line, "\t")
		if !found {
			continue
		}
		recipe = makeVariable.ReplaceAllStringFunc(strings.TrimLeft(recipe, "@-"), func(found string) string {
			if found == "$$" {
				return "$"
			}
			return "x"
		})
		lines = append(lines, strings.TrimSpace(recipe))
	}
	require.Greater(t, len(lines), 40)
	return lines
}

// macOS comes with make 3.81. It knows no .SHELLFLAGS, and so a failure within a pipe or a loop is
// the recipe's failure only if the recipe says so.
func TestRecipesFailWithOldMakes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	assert.NotRegexp(t, `(?m)^\.(SHELLFLAGS|ONESHELL)`, string(raw))
	for _, recipe := range recipes(t) {
		file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(recipe), "recipe")
		require.NoError(t, err, recipe)
		assert.Empty(t, tooNew(t, recipe), recipe)
		syntax.Walk(file, func(node syntax.Node) bool {
			switch node := node.(type) {
			case *syntax.BinaryCmd:
				if node.Op == syntax.Pipe {
					assert.True(t, strings.HasPrefix(recipe, "set -o pipefail;"), recipe)
				}
			case *syntax.ForClause:
				assert.Contains(t, recipe, "|| exit 1; done", recipe)
			}
			return true
		})
	}
}

func TestWhatMacOSDoesNotHaveIsFound(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][]string{
		"mapfile -t lines <file":                 {"mapfile (bash 4.0)"},
		"declare -A ages":                        {"declare -A (bash 4)"},
		"f() { local -n other=name; }":           {"local -n (bash 4)"},
		`echo "${name,,}"`:                       {"a change of case (bash 4.0)"},
		`echo "${names[0]^}"`:                    {"a change of case (bash 4.0)"},
		`echo "${name@Q}"`:                       {"a transformation (bash 4.4)"},
		"run &>>log":                             {"&>> (bash 4.0)"},
		"run |& tee log":                         {"|& (bash 4.0)"},
		"[[ -v name ]]":                          {"-v in a test (bash 4.2)"},
		`echo "${names[-1]}"`:                    {"an element from the end (bash 4.3)"},
		"coproc cat":                             {"coproc (bash 4.0)"},
		"case $a in b) c ;;& d) e ;; esac":       {";;& (bash 4.0)"},
		"wait -n":                                {"wait -n (bash 4.3)"},
		`echo "$EPOCHSECONDS"`:                   {"$EPOCHSECONDS (bash 4 or 5)"},
		"args=()\nrun \"${args[@]}\"":            {"the array args may be empty"},
		"sed -i s/a/b/ file":                     {"sed -i (GNU)"},
		"sed -r s/a/b/ file":                     {"sed -r (GNU)"},
		"grep -oP x file":                        {"grep -oP (GNU)"},
		"x=$(date -d yesterday)":                 {"date -d (GNU)"},
		"find . | xargs -r rm":                   {"xargs -r (GNU)"},
		"find . -printf '%p'":                    {"find -printf (GNU)"},
		"stat -c %s file":                        {"stat -c (GNU)"},
		"base64 -w 0 file":                       {"base64 -w (GNU)"},
		"head -n -1 file":                        {"head -1 (GNU)"},
		"sha256sum file":                         {"sha256sum (GNU)"},
		"args=()\nrun ${args[@]+\"${args[@]}\"}": nil,
		"args=()\nneed --x \"${args[*]:-}\"\nrun \"${args[@]}\"":     nil,
		"args=(a)\nrun \"${args[@]}\" \"${name#*,}\" | tee x":        nil,
		"# mapfile is too new, and so is ${name,,}":                  nil,
		"cat <<'TEXT'\nmapfile, ${name@Q}, sed -i\nTEXT":             nil,
		"sed -i.bak s/a/b/ file && sed -n -e 1p file && grep -q x y": nil,
	} {
		assert.Equal(t, want, tooNew(t, script), script)
	}
}
