package scripts_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"mvdan.cc/sh/v3/syntax"
)

// lists are what is meant to fall apart: several words in one variable.
var lists = map[string][]string{
	"compile": {"${chosen:-$systems}", "$names"},
	"run":     {"$sudo"},
	"Makefile": {
		"$(git ls-files '*.go' ':!sdks')",
		"$module", "$tool", // words of a list in the Makefile
	},
}

// fallingApart lists the expansions of a script that the shell takes apart at blanks: what is not
// between double quotes, where it makes words.
func fallingApart(t *testing.T, script string) (found []string) {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "script")
	require.NoError(t, err, script)
	var judge func(word *syntax.Word)
	judge = func(word *syntax.Word) {
		for _, part := range word.Parts {
			switch part := part.(type) {
			case *syntax.ParamExp:
				alternate := part.Exp != nil &&
					(part.Exp.Op == syntax.AlternateUnset || part.Exp.Op == syntax.AlternateUnsetOrNull)
				switch {
				case alternate: // ${name:+--flag "$name"}
					judge(part.Exp.Word)
				case !part.Length && !strings.Contains("#?$!", part.Param.Value):
					found = append(found, script[part.Pos().Offset():part.End().Offset()])
				}
			case *syntax.CmdSubst:
				found = append(found, script[part.Pos().Offset():part.End().Offset()])
			}
		}
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.CallExpr:
			for _, word := range node.Args {
				judge(word)
			}
		case *syntax.WordIter:
			for _, word := range node.Items {
				judge(word)
			}
		case *syntax.ArrayElem:
			judge(node.Value)
		case *syntax.Redirect:
			if node.Hdoc == nil {
				judge(node.Word)
			}
		}
		return true
	})
	slices.Sort(found)
	return slices.Compact(found)
}

// A path with a blank is one word, wherever a script hands it on.
func TestNoPathFallsApart(t *testing.T) {
	t.Parallel()
	scripts := bashScripts(t)
	scripts["Makefile"] = strings.Join(recipes(t), "\n")
	workflows, err := filepath.Glob("../.github/workflows/*.yml")
	require.NoError(t, err)
	for _, path := range workflows {
		name := strings.TrimSuffix(filepath.Base(path), ".yml")
		for _, job := range readWorkflow(t, name).Jobs {
			for _, step := range job.Steps {
				scripts[name+".yml"] += step.Run + "\n"
			}
		}
	}
	assert.Greater(t, len(scripts), 12)
	for name, script := range scripts {
		assert.ElementsMatch(t, lists[name], fallingApart(t, script), name)
	}
}

func TestWhatFallsApartIsFound(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][]string{
		"cd $folder":                          {"$folder"},
		"rm -rf $folder/x $(mktemp -d)":       {"$(mktemp -d)", "$folder"},
		"for f in ${files[@]}; do cp a; done": {"${files[@]}"},
		"echo a >$folder/log":                 {"$folder"},
		"args=(--to $folder)":                 {"$folder"},
		"run ${to:+--to $to}":                 {"$to"},
		"echo \"$(cat $file)\"":               {"$file"},
		"to=$folder; to=$(pwd); case $to in a) ;; esac; [[ -n $to ]]":         nil,
		"cd \"$folder\" && run ${to:+--to \"$to\"} \"$@\" $# $((1 + n)) $?":   nil,
		"run ${args[@]+\"${args[@]}\"} <<<\"$text\" >\"$folder/log\" 2>&1":    nil,
		"cat <<TEXT\n$folder\nTEXT\nfor f in \"$@\"; do echo \"${#f}\"; done": nil,
	} {
		assert.Equal(t, want, fallingApart(t, script), script)
	}
}
