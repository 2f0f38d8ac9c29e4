package stackconfig

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// breakage is one mistake in a stack file: at a place, a value that the schema does not admit, or
// none where there must be one.
type breakage struct {
	kind   string // missing, wrong type, unknown key, or the schema's keyword that the value is against
	schema string // the place in the schema, such as "network.zones[].index" or "services{}.cpu"
	steps  []any  // the place in the stack file: keys and indexes
	value  any    // nil takes the place out
}

// path is where the report must say to edit, in the syntax of `pulumi config set --path`.
func (b breakage) path() string {
	path := ""
	for _, step := range b.steps {
		switch s := step.(type) {
		case string:
			path = settings.Key(path, s)
		case int:
			path = fmt.Sprintf("%s[%d]", path, s)
		}
	}
	return path
}

// The kinds of breakages beside the schema's keywords.
const (
	missing    = "missing"
	wrongType  = "wrong type"
	unknownKey = "unknown key"
	beyond     = "beyond the schema"
	plainText  = "in plain text" // of a secret
)

// freeText are the texts that may be anything.
var freeText = []string{
	"services{}.environment{}", "services{}.tasks{}.command[]", "services{}.sidecars{}.command[]",
	"services{}.sidecars{}.environment{}",
	"aurora.clusters{}.restore.snapshot", // an ARN or a name, which AWS knows
}

// beyondTheSchema has a value that the program refuses for each text that the schema leaves open.
var beyondTheSchema = map[string]any{
	"aws.region":                             "tokyo",
	"network.zones[].name":                   "eu-west-1a",
	"network.zones[].public":                 "10.1.0.0/24",
	"network.zones[].private":                "10.0.0.0/33",
	"network.zones[].database":               "10.0.21.1/24",
	"aurora.active":                          "nowhere",
	"aurora.clusters{}.restore.fromCluster":  "nowhere",
	"aurora.clusters{}.restore.time":         "yesterday",
	"backups.rules[].timezone":               "Asia/Edo",
	"backups.restoreTesting.timezone":        "Asia/Edo",
	"compute.dump.schedule":                  "cron(0 0 30 2 ? *)",
	"services{}.calls[]":                     "nowhere",
	"services{}.sends[]":                     "nowhere",
	"services{}.tasks{}.schedule":            "cron(0 0 30 2 ? *)",
	"services{}.migration.sqlCommand":        "",
	"services{}.migration.migrateCommand":    "",
	"services{}.health.command[]":            "wget",
	"services{}.sidecars{}.health.command[]": "wget",
}

// breakages makes every mistake that the schema knows of, at each place of a value. It breaks the
// first element of a list alone.
func breakages(t *testing.T, schema *node, at breakage, value any) []breakage {
	t.Helper()
	var all []breakage
	with := func(kind string, value any, steps ...any) {
		all = append(all, breakage{kind, at.schema, slices.Concat(at.steps, steps), value})
	}
	below := func(schema *node, name string, step, value any) {
		all = append(all, breakages(t, schema,
			breakage{schema: at.schema + name, steps: slices.Concat(at.steps, []any{step})}, value)...)
	}
	switch v := value.(type) {
	case map[string]any:
		with(wrongType, "text")
		if entries := schema.entries(t); entries != nil {
			for _, key := range slices.Sorted(maps.Keys(v)) {
				below(entries, "{}", key, v[key])
			}
			if schema.MinProperties != nil {
				with("minProperties", map[string]any{})
			}
			if schema.PropertyNames != nil {
				with("propertyNames", v[slices.Min(slices.Collect(maps.Keys(v)))], "No such name!")
			}
			break
		}
		with(unknownKey, 1, "noSuchKey")
		for _, key := range slices.Sorted(maps.Keys(schema.Properties)) {
			if child, ok := v[key]; ok {
				below(schema.Properties[key], "."+key, key, child)
			}
		}
		for _, key := range schema.Required {
			all = append(all, breakage{missing, at.schema + "." + key, slices.Concat(at.steps, []any{key}), nil})
		}
	case []any:
		with(wrongType, "text")
		if schema.MinItems != nil {
			with("minItems", []any{})
		}
		if schema.MaxItems != nil {
			with("maxItems", slices.Repeat(v[:1], *schema.MaxItems+1))
		}
		if len(v) > 0 {
			below(schema.Items, "[]", 0, v[0])
			if schema.UniqueItems {
				with("uniqueItems", slices.Concat(v, v[:1]), len(v))
				all[len(all)-1].value = v[0]
			}
		}
	default:
		with(wrongType, wrongTypeOf(value))
		all = append(all, outOfBounds(schema, at)...)
	}
	return all
}

func wrongTypeOf(value any) any {
	switch value.(type) {
	case string:
		return 7
	case bool:
		return "true"
	default:
		return "7"
	}
}

// outOfBounds are the values that a text or number must not have.
func outOfBounds(schema *node, at breakage) []breakage {
	var all []breakage
	with := func(kind string, value any) { all = append(all, breakage{kind, at.schema, at.steps, value}) }
	if schema.Enum != nil {
		with("enum", outside(schema.Enum))
	}
	for kind, bound := range map[string]struct {
		at *float64
		by float64
	}{
		"minimum": {schema.Minimum, -1}, "maximum": {schema.Maximum, 1}, "multipleOf": {schema.MultipleOf, 0},
		"exclusiveMinimum": {schema.ExclusiveMinimum, 0}, "exclusiveMaximum": {schema.ExclusiveMaximum, 0},
	} {
		if bound.at != nil && kind == "multipleOf" {
			with(kind, 1.5**bound.at)
		} else if bound.at != nil {
			with(kind, *bound.at+bound.by)
		}
	}
	if hole := schema.Not; hole != nil && hole.ExclusiveMaximum != nil {
		inside := *hole.ExclusiveMaximum / 2
		if schema.Type == "integer" {
			inside = float64(int(inside))
		}
		with("not", inside)
	}
	if schema.Pattern != "" && !regexp.MustCompile(schema.Pattern).MatchString("fits no pattern\x01") {
		with("pattern", "fits no pattern\x01")
	}
	if schema.MinLength != nil {
		with("minLength", "")
	}
	if schema.MaxLength != nil {
		with("maxLength", strings.Repeat("a", *schema.MaxLength-4)+".test")
	}
	if schema.Format != "" {
		with("format", "of no format")
	}
	if value, ok := beyondTheSchema[at.schema]; ok {
		with(beyond, value)
	}
	slices.SortFunc(all, func(a, b breakage) int { return strings.Compare(a.kind, b.kind) })
	return all
}

// outside is a value of the same type as those of a closed set, and none of them.
func outside(set []any) any {
	if _, text := set[0].(string); text {
		return "none of the set"
	}
	last := set[0].(float64)
	for _, value := range set {
		last = max(last, value.(float64))
	}
	return last + 1
}

// apply writes the mistake into a stack file.
func (b breakage) apply(t *testing.T, f stacktest.File) {
	t.Helper()
	key := "bookmark-manager:" + b.steps[0].(string)
	if len(b.steps) == 1 && b.value == nil {
		delete(f, key)
		return
	}
	var tree any
	if len(b.steps) > 1 {
		require.NoError(t, json.Unmarshal([]byte(f[key]), &tree))
	}
	tree = put(tree, b.steps[1:], b.value)
	if text, plain := tree.(string); plain {
		f[key] = text
		return
	}
	encoded, err := json.Marshal(tree)
	require.NoError(t, err)
	f[key] = string(encoded)
}

// put returns a tree with another value at a place; nil takes a key out. A list grows by the index
// after its last.
func put(tree any, steps []any, value any) any {
	if len(steps) == 0 {
		return value
	}
	switch node := tree.(type) {
	case map[string]any:
		key := steps[0].(string)
		if len(steps) == 1 && value == nil {
			delete(node, key)
			return node
		}
		node[key] = put(node[key], steps[1:], value)
	case []any:
		index := steps[0].(int)
		if index == len(node) {
			return append(node, value)
		}
		node[index] = put(node[index], steps[1:], value)
	}
	return tree
}
