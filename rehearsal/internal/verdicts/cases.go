// Package verdicts puts the model of AWS beside the real AWS provider: a table of defective programs, one for each mistake that AWS refuses, and what
// either says of each.
//
// A case is one resource that is wrong, on top of others that are right. It is asked what the engine asks a provider in a preview (check the inputs,
// then create without creating), of both; and in an up, of the model alone, since the real provider would need an account. With the one
// correction that the case names, both must take it, so that it is that mistake which they refuse.
package verdicts

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Region is where a case's resources are unless they say otherwise.
const Region = "ap-northeast-1"

// Account is the account of every case, one of AWS's example accounts.
const Account = "111122223333"

// Resource is one resource of a program.
type Resource struct {
	// As is the name of the resource, by which the inputs of later ones refer to its outputs: "${vpc.id}".
	As     string
	Type   string
	Region string // default Region
	Inputs map[string]any
}

// Case is a program with one mistake.
type Case struct {
	// Name says what the mistake is.
	Name string
	// On are the bases below the resource, in their order.
	On []string
	// Resource is the one with the mistake.
	Resource `yaml:",inline"`
	// Right are the inputs that correct it; a null takes one out. RightRegion is the region that corrects it.
	Right       map[string]any
	RightRegion string `yaml:"rightRegion"`
	// Change are inputs that the resource, once it is there, is updated to. The mistake is in the update, and Right corrects it.
	Change map[string]any
	// Delete deletes the resource once it is there. The mistake is in the deletion.
	Delete bool
	// Source is the page of AWS's documentation that has the rule.
	Source string
	// Note explains a difference between the model and the provider.
	Note string
}

// Table is all of it.
type Table struct {
	Bases map[string][]Resource
	Cases []Case
}

//go:embed cases.yaml
var casesYAML []byte

// Load reads the table. Every case has a name of its own, a correction and a source.
func Load() (*Table, error) {
	var t Table
	decoder := yaml.NewDecoder(bytes.NewReader(casesYAML))
	decoder.KnownFields(true)
	if err := decoder.Decode(&t); err != nil {
		return nil, fmt.Errorf("read cases.yaml: %w", err)
	}
	seen := map[string]bool{}
	for _, c := range t.Cases {
		if c.Name == "" || c.Type == "" || c.Source == "" || seen[c.Name] {
			return nil, fmt.Errorf("read cases.yaml: case %q: want a name that no other has, a type and a source", c.Name)
		}
		if c.Right == nil && c.RightRegion == "" {
			return nil, fmt.Errorf("read cases.yaml: case %q: want what corrects it", c.Name)
		}
		for _, base := range c.On {
			if t.Bases[base] == nil {
				return nil, fmt.Errorf("read cases.yaml: case %q is on %q, want one of %v", c.Name, base, slices.Sorted(maps.Keys(t.Bases)))
			}
		}
		seen[c.Name] = true
	}
	return &t, nil
}

// corrected is the case without its mistake.
func (c Case) corrected() Case {
	if c.RightRegion != "" {
		c.Region = c.RightRegion
	}
	if c.Change != nil {
		c.Change = with(c.Change, c.Right)
	} else {
		c.Inputs = with(c.Inputs, c.Right)
	}
	return c
}

func with(inputs, more map[string]any) map[string]any {
	all := maps.Clone(inputs)
	if all == nil {
		all = map[string]any{}
	}
	for key, value := range more {
		if value == nil {
			delete(all, key)
			continue
		}
		all[key] = value
	}
	return all
}
