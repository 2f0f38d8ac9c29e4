package lifecycle

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// node is what the generator reads of config.schema.json.
type node struct {
	Type       any              `json:"type"`
	Properties map[string]*node `json:"properties"`
	Required   []string         `json:"required"`
	Items      *node            `json:"items"`
	// Additional describes the entries of a map; nil where other keys are refused.
	Additional    *node    `json:"-"`
	PropertyNames *node    `json:"propertyNames"`
	Enum          []any    `json:"enum"`
	Const         any      `json:"const"`
	Minimum       *float64 `json:"minimum"`
	Maximum       *float64 `json:"maximum"`
	MinItems      int      `json:"minItems"`
	MaxItems      *int     `json:"maxItems"`
	MaxLength     *int     `json:"maxLength"`
	Pattern       string   `json:"pattern"`
	Ref           string   `json:"$ref"`
	Description   string   `json:"description"`
}

// UnmarshalJSON also takes additionalProperties, which is false or a schema.
func (n *node) UnmarshalJSON(raw []byte) error {
	type plain node
	if err := json.Unmarshal(raw, (*plain)(n)); err != nil {
		return err
	}
	var more struct {
		Additional json.RawMessage `json:"additionalProperties"`
	}
	if err := json.Unmarshal(raw, &more); err != nil {
		return err
	}
	if text := string(more.Additional); text == "" || text == "false" || text == "true" {
		return nil
	}
	return json.Unmarshal(more.Additional, &n.Additional)
}

func (n *node) is(kind string) bool {
	switch t := n.Type.(type) {
	case string:
		return t == kind
	case []any:
		for _, one := range t {
			if one == kind {
				return true
			}
		}
	}
	return false
}

// schema is the file, with what its references lead to.
type schema struct {
	config      *node
	definitions map[string]*node
}

func readSchema(path string) (*schema, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the schema of the configuration: %w", err)
	}
	var file struct {
		Properties struct {
			Config *node `json:"config"`
		} `json:"properties"`
		Definitions map[string]*node `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read the schema of the configuration in %s: %w", path, err)
	}
	if file.Properties.Config == nil {
		return nil, fmt.Errorf("read the schema of the configuration in %s: it does not describe config", path)
	}
	return &schema{config: file.Properties.Config, definitions: file.Definitions}, nil
}

// resolve follows a reference.
func (s *schema) resolve(n *node) *node {
	for n != nil && n.Ref != "" {
		n = s.definitions[strings.TrimPrefix(n.Ref, "#/$defs/")]
	}
	return n
}
