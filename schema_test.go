package main

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

// sections are the Go types of the structured keys.
var sections = map[string]reflect.Type{
	"aws":           reflect.TypeFor[awsConfig](),
	"edge":          reflect.TypeFor[edge.Config](),
	"keys":          reflect.TypeFor[data.KeysConfig](),
	"network":       reflect.TypeFor[network.Config](),
	"buckets":       reflect.TypeFor[data.BucketsConfig](),
	"aurora":        reflect.TypeFor[data.AuroraConfig](),
	"atlas":         reflect.TypeFor[data.AtlasConfig](),
	"parameters":    reflect.TypeFor[data.ParametersConfig](),
	"backups":       reflect.TypeFor[data.BackupsConfig](),
	"compute":       reflect.TypeFor[compute.Config](),
	"services":      reflect.TypeFor[compute.Services](),
	"notifications": reflect.TypeFor[observability.NotificationsConfig](),
	"sentry":        reflect.TypeFor[observability.SentryConfig](),
	"datadog":       reflect.TypeFor[observability.DatadogConfig](),
	"observability": reflect.TypeFor[observability.Config](),
	"budget":        reflect.TypeFor[observability.BudgetConfig](),
	"guards":        reflect.TypeFor[observability.GuardsConfig](),
	"delivery":      reflect.TypeFor[delivery.Config](),
}

type node struct {
	Type                 any
	Description          string
	Properties           map[string]*node
	Items                *node
	AdditionalProperties json.RawMessage
	Enum                 []any
	Const                any
	Minimum, Maximum     *float64
	MinItems             *int
	Pattern              string
	Ref                  string `json:"$ref"`
}

func readSchema(t *testing.T) map[string]*node {
	t.Helper()
	raw, err := os.ReadFile("config.schema.json")
	require.NoError(t, err)
	var file node
	require.NoError(t, json.Unmarshal(raw, &file))
	return file.Properties["config"].Properties
}

func TestStackFilesFitTheSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("config.schema.json")
	require.NoError(t, err)
	for _, stack := range stacks {
		raw, err := os.ReadFile("Pulumi." + stack + ".yaml")
		require.NoError(t, err)
		var file any
		require.NoError(t, yaml.Unmarshal(raw, &file))
		assert.NoError(t, schema.Validate(file), stack)
	}
}

// TestTheSchemaIsTheGoTypes walks both and wants the same keys with the same types at every depth.
func TestTheSchemaIsTheGoTypes(t *testing.T) {
	properties := readSchema(t)
	for key, typ := range sections {
		section := properties[names.Project+":"+key]
		require.NotNil(t, section, key)
		sameShape(t, key, section, typ)
	}
	for key, property := range properties {
		name, ours := strings.CutPrefix(key, names.Project+":")
		if ours && property.Type == "object" {
			assert.Contains(t, sections, name, "a section of the schema that the program does not have")
		}
	}
}

func sameShape(t *testing.T, path string, schema *node, typ reflect.Type) {
	t.Helper()
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch typ.Kind() {
	case reflect.Struct:
		var fields []string
		for field := range typ.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields = append(fields, name)
			if child := schema.Properties[name]; assert.NotNil(t, child, "%s.%s is not in the schema", path, name) {
				sameShape(t, path+"."+name, child, field.Type)
			}
		}
		for name := range schema.Properties {
			assert.Contains(t, fields, name, "%s has no such field in Go", path)
		}
		assert.Equal(t, "false", string(schema.AdditionalProperties), "%s must refuse unknown keys", path)
	case reflect.Slice:
		assert.Equal(t, "array", schema.Type, path)
		if assert.NotNil(t, schema.Items, path) {
			sameShape(t, path+"[]", schema.Items, typ.Elem())
		}
	case reflect.Map:
		assert.Equal(t, "object", schema.Type, path)
		var values node
		if assert.NoError(t, json.Unmarshal(schema.AdditionalProperties, &values), path) {
			sameShape(t, path+"{}", &values, typ.Elem())
		}
	default:
		if element := strings.HasSuffix(path, "[]") || strings.HasSuffix(path, "{}"); !element {
			assert.NotEmpty(t, schema.Description, "%s has no description", path)
		}
		assert.Contains(t, scalar(schema), jsonKind(typ.Kind()), path)
	}
}

// scalar lists the JSON types that a leaf of the schema admits.
func scalar(schema *node) []string {
	if len(schema.Enum) == 0 {
		return []string{strings.TrimSpace(strings.Trim(toJSON(schema.Type), `"`))}
	}
	var kinds []string
	for _, value := range schema.Enum {
		switch v := value.(type) {
		case string:
			kinds = append(kinds, "string")
		case float64:
			kinds = append(kinds, "number")
			if v == float64(int(v)) {
				kinds = append(kinds, "integer")
			}
		case bool:
			kinds = append(kinds, "boolean")
		}
	}
	return kinds
}

func jsonKind(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	default:
		return "number"
	}
}

func toJSON(value any) string {
	out, _ := json.Marshal(value)
	return string(out)
}

// breakage is a value that the schema does not admit, and where it goes.
type breakage struct {
	path  string // as stackFile.set takes it
	value any
}

// breakages makes a value that fits no more of every bounded value that a section holds.
func breakages(schema *node, path string, value any) []breakage {
	var all []breakage
	switch v := value.(type) {
	case map[string]any:
		all = append(all, breakage{join(path, "no-such-key"), 1})
		for _, key := range sorted(v) {
			child := schema.Properties[key]
			if child == nil { // an entry of a map
				child = &node{}
				if json.Unmarshal(schema.AdditionalProperties, child) != nil {
					continue
				}
			}
			all = append(all, breakages(child, join(path, key), v[key])...)
		}
		if schema.Properties == nil {
			all = all[1:] // a map takes any key
		}
		return all
	case []any:
		if schema.MinItems != nil && *schema.MinItems > 0 {
			all = append(all, breakage{path, []any{}})
		}
		for i, element := range v {
			all = append(all, breakages(schema.Items, join(path, toJSON(i)), element)...)
		}
		return append(all, breakage{path, "no list"})
	}
	if len(schema.Enum) > 0 {
		all = append(all, breakage{path, "no such value"})
	}
	if schema.Minimum != nil {
		all = append(all, breakage{path, *schema.Minimum - 1})
	}
	if schema.Maximum != nil {
		all = append(all, breakage{path, *schema.Maximum + 1})
	}
	if schema.Pattern != "" {
		if value := "\x01 fits few patterns"; !regexp.MustCompile(schema.Pattern).MatchString(value) {
			all = append(all, breakage{path, value})
		}
	}
	return append(all, breakage{path, map[string]any{"an": "object"}})
}

func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}

func sorted(m map[string]any) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// TestTheProgramRefusesWhatTheSchemaRefuses breaks one value of the prod stack after the other.
func TestTheProgramRefusesWhatTheSchemaRefuses(t *testing.T) {
	properties := readSchema(t)
	count := 0
	for key := range sections {
		var value any
		require.NoError(t, json.Unmarshal([]byte(readStack(t, "prod")["bookmark-manager:"+key]), &value))
		for _, broken := range breakages(properties[names.Project+":"+key], "", value) {
			if broken.path == "" {
				continue
			}
			count++
			f := readStack(t, "prod")
			f.set(t, key, broken.path, broken.value)
			r, err := f.run(t)
			if assert.Error(t, err, "%s.%s = %v", key, broken.path, broken.value) {
				assert.ErrorContains(t, err, "nothing was deployed", "%s.%s = %v", key, broken.path, broken.value)
				assertNothingRegistered(t, r)
			}
		}
	}
	assert.GreaterOrEqual(t, count, 500)
}
