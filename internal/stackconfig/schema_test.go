package stackconfig

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/internal/settings/doccomment"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

var update = flag.Bool("update", false, "rewrite config.schema.json")

// generated is config.schema.json as it follows from the configuration's Go types and their doc
// comments.
func generated(t *testing.T) string {
	t.Helper()
	docs := doccomment.New("github.com/bookmark-manager/infrastructure", stacktest.Path(t, ".")).Of
	secret := &settings.Schema{
		Type:        "object",
		Description: "A value encrypted by the stack's secrets provider.",
		Required:    []string{"secure"},
		Additional:  false,
		Properties:  settings.Properties{{Key: "secure", Schema: &settings.Schema{Type: "string"}}},
	}
	ofConfig := settings.ShapeOf(reflect.TypeFor[plainKeys]()).Schema(docs)
	ofConfig.Description = ""
	for _, property := range ofConfig.Properties {
		if slices.Contains(property.Schema.Enum, any("true")) {
			// without quotes in a file they are none, and the engine adds them
			property.Schema.Enum = append(property.Schema.Enum, true, false)
		}
	}
	whole := reflect.TypeFor[Config]()
	for field := range whole.Fields() {
		if key := field.Tag.Get("json"); key != "" {
			section := settings.ShapeOf(field.Type).Schema(docs)
			section.Description = docs(field.Type, "")
			ofConfig.Properties = append(ofConfig.Properties, settings.Property{Key: key, Schema: section})
			if !isOptional(key) {
				ofConfig.Required = append(ofConfig.Required, key)
			}
		}
	}
	for field := range reflect.TypeFor[Secrets]().Fields() {
		if key := field.Tag.Get("json"); key != "" {
			reference := &settings.Schema{
				Ref:         "#/$defs/secret",
				Description: docs(reflect.TypeFor[Secrets](), field.Name),
			}
			ofConfig.Properties = append(ofConfig.Properties, settings.Property{Key: key, Schema: reference})
		}
	}
	for i := range ofConfig.Properties {
		ofConfig.Properties[i].Key = names.Project + ":" + ofConfig.Properties[i].Key
	}
	for i, key := range ofConfig.Required {
		ofConfig.Required[i] = names.Project + ":" + key
	}
	const noDefaults = "pulumi:disable-default-providers"
	ofConfig.Properties = append(settings.Properties{{Key: noDefaults, Schema: &settings.Schema{
		Type: "array", Description: "Every provider is explicit.", Const: []string{"*"},
	}}}, ofConfig.Properties...)
	ofConfig.Required = append([]string{noDefaults}, ofConfig.Required...)
	parameters := settings.ShapeOf(reflect.TypeFor[data.ParametersConfig]()).Schema(docs).Properties
	secrets := slices.IndexFunc(parameters, func(p settings.Property) bool { return p.Key == "secrets" })
	ofParameter := parameters[secrets].Schema.Items.Pattern
	ofConfig.Patterns = settings.Properties{{
		Key:    "^" + names.Project + ":" + strings.TrimPrefix(ofParameter, "^"),
		Schema: &settings.Schema{Ref: "#/$defs/secret"},
	}}
	file := struct {
		Schema      string              `json:"$schema"`
		Title       string              `json:"title"`
		Description string              `json:"description"`
		Type        string              `json:"type"`
		Required    []string            `json:"required"`
		Properties  settings.Properties `json:"properties"`
		Additional  bool                `json:"additionalProperties"`
		Definitions settings.Properties `json:"$defs"`
	}{
		Schema: "https://json-schema.org/draft/2020-12/schema",
		Title:  "Configuration of a bookmark-manager stack",
		Description: "Pulumi.<stack>.yaml: types, ranges and closed sets of every key. Generated from the Go types: " +
			"go generate. " +
			"The program checks the same and more, and reports all problems at once.",
		Type:     "object",
		Required: []string{"config"},
		Properties: settings.Properties{
			{Key: "secretsprovider", Schema: &settings.Schema{Type: "string"}},
			{Key: "encryptedkey", Schema: &settings.Schema{Type: "string"}},
			{Key: "encryptionsalt", Schema: &settings.Schema{Type: "string"}},
			{Key: "config", Schema: ofConfig},
		},
		Definitions: settings.Properties{{Key: "secret", Schema: secret}},
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(file))
	return out.String()
}

// isOptional says whether a stack may leave a section out.
func isOptional(section string) bool {
	for field := range reflect.TypeFor[Config]().Fields() {
		if field.Tag.Get("json") == section {
			return field.Tag.Get("settings") == "optional"
		}
	}
	return false
}

// TestTheSchemaIsGenerated fails when somebody changed a setting and did not run `go generate`, or
// edited the schema by hand.
func TestTheSchemaIsGenerated(t *testing.T) {
	want := generated(t)
	if *update {
		require.NoError(t, os.WriteFile(stacktest.Path(t, "config.schema.json"), []byte(want), 0o644))
	}
	raw, err := os.ReadFile(stacktest.Path(t, "config.schema.json"))
	require.NoError(t, err)
	assert.Equal(t, want, string(raw), "run: go generate ./internal/stackconfig")
}

// node is a part of the schema. It has every keyword that config.schema.json uses below its
// sections, so that readSchema can refuse another.
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
	Not                                *node
	Default                            any
	Pattern, Format                    string
	Ref                                string `json:"$ref"`
}

func readSchema(t *testing.T) map[string]*node {
	t.Helper()
	raw, err := os.ReadFile(stacktest.Path(t, "config.schema.json"))
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
	schema, err := jsonschema.NewCompiler().Compile(stacktest.Path(t, "config.schema.json"))
	require.NoError(t, err)
	for _, stack := range []string{"prod", "staging"} {
		raw, err := os.ReadFile(stacktest.Path(t, "Pulumi."+stack+".yaml"))
		require.NoError(t, err)
		var file any
		require.NoError(t, yaml.Unmarshal(raw, &file))
		assert.NoError(t, schema.Validate(file), stack)
	}
}

// TestTheSchemaDescribesEveryKey wants a description of each key, and that no object takes another.
func TestTheSchemaDescribesEveryKey(t *testing.T) {
	for key, property := range readSchema(t) {
		described(t, key, property)
	}
}

func described(t *testing.T, path string, schema *node) {
	t.Helper()
	assert.NotEmpty(t, schema.Description, "%s has no description", path)
	for name, property := range schema.Properties {
		assert.Equal(t, "false", string(schema.AdditionalProperties), "%s must refuse unknown keys", path)
		described(t, path+"."+name, property)
	}
	entries := schema.entries(t)
	if schema.Items != nil {
		entries = schema.Items
	}
	if entries != nil && entries.Properties != nil {
		described(t, path+"[]", entries)
	}
}

// TestTheSchemaRefusesTheCorpus asks another reader of the schema: what the schema admits is good,
// and it refuses each mistake that it is meant to.
func TestTheSchemaRefusesTheCorpus(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	base := stacktest.ReadEveryKey(t)
	sections := map[string]*jsonschema.Schema{}
	for key, property := range readSchema(t) {
		if name, ours := strings.CutPrefix(key, names.Project+":"); ours && property.Type == "object" {
			schema, err := compiler.Compile(stacktest.Path(t, "config.schema.json") +
				"#/properties/config/properties/" + key)
			require.NoError(t, err)
			sections[name] = schema
			assert.NoError(t, schema.Validate(parsed(t, base[key])), name)
		}
	}
	for _, broken := range corpus(t) {
		section := sections[broken.steps[0].(string)]
		if section == nil || len(broken.steps) == 1 || broken.kind == beyond {
			continue
		}
		f := maps.Clone(base)
		broken.apply(t, f)
		assert.Error(t, section.Validate(parsed(t, f[names.Project+":"+broken.steps[0].(string)])), "%s: %s = %s",
			broken.kind, broken.path(), toJSON(broken.value))
	}
}

func parsed(t *testing.T, raw string) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(raw))
	require.NoError(t, err)
	return value
}

func toJSON(value any) string {
	out, _ := json.Marshal(value)
	return string(out)
}
