package main

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
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

// node is a part of the schema. It has every keyword that config.schema.json uses below its sections, so that readSchema can refuse another.
type node struct {
	Type                               any
	Description                        string
	Properties                         map[string]*node
	Required                           []string
	Items                              *node
	AdditionalProperties               json.RawMessage
	PropertyNames                      *node
	Enum                               []any
	Const                              any
	Minimum, Maximum, MultipleOf       *float64
	ExclusiveMinimum, ExclusiveMaximum *float64
	MinItems, MaxItems, MinProperties  *int
	MinLength, MaxLength               *int
	UniqueItems                        bool
	Pattern, Format                    string
	Ref                                string `json:"$ref"`
}

func readSchema(t *testing.T) map[string]*node {
	t.Helper()
	raw, err := os.ReadFile("config.schema.json")
	require.NoError(t, err)
	var file struct {
		Properties struct {
			Config struct{ Properties json.RawMessage }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	var sections map[string]*node
	decoder := json.NewDecoder(bytes.NewReader(file.Properties.Config.Properties))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&sections))
	return sections
}

// entries is the schema of a map's values; nil for an object with keys of its own.
func (n *node) entries(t *testing.T) *node {
	t.Helper()
	if n.Properties != nil || len(n.AdditionalProperties) == 0 {
		return nil
	}
	var values node
	require.NoError(t, json.Unmarshal(n.AdditionalProperties, &values))
	return &values
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
		if values := schema.entries(t); assert.NotNil(t, values, path) {
			sameShape(t, path+"{}", values, typ.Elem())
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
