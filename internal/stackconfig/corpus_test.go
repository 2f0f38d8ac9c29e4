package stackconfig

import (
	"encoding/json"
	"maps"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// plainBreakages are the mistakes in the keys beside the sections. A list of texts, since the CLI
// hands them on as such.
var plainBreakages = []breakage{
	{missing, "environment", []any{"environment"}, nil},
	{"pattern", "environment", []any{"environment"}, "Production!"},
	{missing, "production", []any{"production"}, nil},
	{"enum", "production", []any{"production"}, "yes"},
	{"enum", "disposable", []any{"disposable"}, "yes"},
	{beyond, "teardown", []any{"teardown"}, "another"},
	{"pattern", "awsEndpoint", []any{"awsEndpoint"}, "localhost:4566"},
}

// corpus are the bad configurations that the schema gives: each is the stack with every key, and
// one mistake.
func corpus(t *testing.T) []breakage {
	t.Helper()
	base := stacktest.ReadEveryKey(t)
	all := slices.Clone(plainBreakages)
	properties := readSchema(t)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		name, ours := strings.CutPrefix(key, names.Project+":")
		at := breakage{missing, name, []any{name}, nil}
		switch property := properties[key]; {
		case !ours: // pulumi:disable-default-providers, which the engine reads
		case property.Ref == "#/$defs/secret":
			all = append(all, at, breakage{plainText, name, at.steps, "a secret in plain text"})
		case property.Type == "object":
			var value any
			require.NoError(t, json.Unmarshal([]byte(base[key]), &value))
			if !isOptional(name) {
				all = append(all, at)
			}
			all = append(all, breakages(t, property, at, value)...)
		}
	}
	return all
}

// TestTheCorpusBreaksEveryKey wants, of each key of the schema: that it is taken out, if it is
// required; a value of another type; and one out of its range. Of each object with keys of its own,
// it wants one more key.
func TestTheCorpusBreaksEveryKey(t *testing.T) {
	kinds := map[string][]string{}
	for _, broken := range corpus(t) {
		kinds[broken.schema] = append(kinds[broken.schema], broken.kind)
	}
	for key, property := range readSchema(t) {
		if name, ours := strings.CutPrefix(key, names.Project+":"); ours {
			assert.NotEmpty(t, kinds[name], "%s is never broken", name)
			if property.Type == "object" {
				brokenAtEveryKey(t, kinds, property, name)
			}
		}
	}
}

func brokenAtEveryKey(t *testing.T, kinds map[string][]string, schema *node, path string) {
	t.Helper()
	assert.Contains(t, kinds[path], wrongType, path)
	if entries := schema.entries(t); entries != nil {
		brokenAtEveryKey(t, kinds, entries, path+"{}")
		return
	}
	switch {
	case schema.Type == "object":
		assert.Contains(t, kinds[path], unknownKey, path)
		for name, property := range schema.Properties {
			brokenAtEveryKey(t, kinds, property, path+"."+name)
		}
		for _, name := range schema.Required {
			assert.Contains(t, kinds[path+"."+name], missing, path+"."+name)
		}
	case schema.Type == "array":
		brokenAtEveryKey(t, kinds, schema.Items, path+"[]")
	case schema.Type == "boolean" || slices.Contains(freeText, path):
	default:
		outOfRange := func(kind string) bool { return kind != wrongType && kind != missing }
		assert.True(t, slices.ContainsFunc(kinds[path], outOfRange), "%s has no value out of its range", path)
	}
}

func TestEveryMistakeIsReported(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // more than a thousand evaluations leave next to nothing alive
	base := stacktest.ReadEveryKey(t)
	all := corpus(t)
	for _, broken := range all {
		name := broken.kind + ": " + broken.path() + " = " + toJSON(broken.value)
		f := maps.Clone(base)
		broken.apply(t, f)
		_, err := read(t, f)
		if !assert.ErrorContains(t, err, "is not usable, and nothing was deployed", name) {
			continue
		}
		assert.Empty(t, broken.misreported(err.Error()), "%s\n%s", name, err)
	}
	t.Logf("%d configurations refused", len(all))
}

// A line of the report. One of an unknown key does not show the key's value.
var problemLine = regexp.MustCompile(`(?m)^  bookmark-manager:(.+?): (?:found (.+), want .+|unknown key .+)$`)

// misreported says what the report of a breakage lacks, or has too much; empty for nothing. A line
// of the report is the broken place's, with the value that is there, or it is of what an object
// that is missing would have held, or it says that it follows from the broken place.
func (b breakage) misreported(report string) string {
	named := false
	for _, line := range problemLine.FindAllStringSubmatch(report, -1) {
		path, found := line[1], line[2]
		switch {
		case path == b.path():
			if want := b.found(); want != "" && b.kind != unknownKey && found != want {
				return "found is " + found + ", want " + want
			}
			named = true
		case b.kind == missing && strings.HasPrefix(path, b.path()+"."):
			if found != "nothing" {
				return path + " is not there, and found is " + found
			}
			named = true
		case b.kind != "propertyNames" && !strings.Contains(line[0], b.key()):
			return "the line of " + path + " does not say that it follows from " + b.path()
		}
	}
	if !named {
		return "no line is of " + b.path()
	}
	return ""
}

// found is what the report must show; empty where it may choose, as with the length of a list.
func (b breakage) found() string {
	switch value := b.value.(type) {
	case nil:
		return "nothing"
	case string:
		switch {
		case b.kind == plainText:
			return `"a value in plain text"` // and not the value
		case value == "":
			return "" // "" or nothing
		case len(value) > 80:
			return toJSON(value)[:80] + "…"
		}
	case float64, int:
	default:
		return ""
	}
	if b.kind == "propertyNames" {
		return toJSON(b.key())
	}
	return toJSON(b.value)
}

// key is the last key of the broken place.
func (b breakage) key() string {
	for _, step := range slices.Backward(b.steps) {
		if key, ok := step.(string); ok {
			return key
		}
	}
	return ""
}
