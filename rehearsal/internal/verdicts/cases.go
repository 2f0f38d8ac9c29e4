// Package verdicts puts the model of AWS beside the real AWS provider: a table of defective
// programs, one for each mistake that AWS refuses, and what either says of each.
//
// A case is one resource that is wrong, on top of others that are right. It is asked what the
// engine asks a provider in a preview (check the inputs, then create without creating), of both;
// and in an up, of the model alone, since the real provider would need an account. With the one
// correction that the case names, both must take it, so that it is that mistake which they refuse.
package verdicts

import (
	"bytes"
	_ "embed"
	"errors"
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
	// As is the name of the resource, by which the inputs of later ones refer to its outputs:
	// "${vpc.id}".
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
	// Right are the inputs that correct it; a null takes one out. RightRegion is the region that
	// corrects it.
	Right       map[string]any
	RightRegion string `yaml:"rightRegion"`
	// Change are inputs that the resource, once it is there, is updated to. The mistake is in the
	// update, and Right corrects it.
	Change map[string]any
	// Delete deletes the resource once it is there. The mistake is in the deletion.
	Delete bool
	// By is who asks for the resource; without it the account's root user, whom IAM does not limit.
	// What is below the resource is root's.
	By *Asker
	// RightBy is who may ask for it, and RightOn are the bases on which it is right, where that
	// corrects it.
	RightBy *Asker   `yaml:"rightBy"`
	RightOn []string `yaml:"rightOn"`
	// Source is the page of AWS's documentation that has the rule.
	Source string
	// Note explains a difference between the model and the provider.
	Note string
}

// Asker is a role, by the statements of its policy and of its boundary. Without these it has no
// boundary.
type Asker struct {
	May, Boundary []map[string]any
}

// Table is all of it.
type Table struct {
	Bases map[string][]Resource
	Cases []Case
}

//go:embed cases.yaml
var casesYAML []byte

// accessYAML has the cases that fail for want of a permission, or for one that is denied, and for
// nothing else.
//
//go:embed access.yaml
var accessYAML []byte

// Load reads the table. Every case has a name of its own, a correction and a source.
func Load() (*Table, error) {
	t := Table{Bases: map[string][]Resource{}}
	for _, file := range []struct {
		name string
		raw  []byte
	}{{"cases.yaml", casesYAML}, {"access.yaml", accessYAML}} {
		var part Table
		decoder := yaml.NewDecoder(bytes.NewReader(file.raw))
		decoder.KnownFields(true)
		if err := decoder.Decode(&part); err != nil {
			return nil, fmt.Errorf("read %s: %w", file.name, err)
		}
		for name, base := range part.Bases {
			if t.Bases[name] != nil {
				return nil, fmt.Errorf("read %s: there is a base %q already", file.name, name)
			}
			t.Bases[name] = base
		}
		t.Cases = append(t.Cases, part.Cases...)
	}
	seen := map[string]bool{}
	for _, c := range t.Cases {
		if err := t.check(c, seen); err != nil {
			return nil, fmt.Errorf("read the cases: case %q: %w", c.Name, err)
		}
		seen[c.Name] = true
	}
	return &t, nil
}

func (t *Table) check(c Case, seen map[string]bool) error {
	if c.Name == "" || c.Type == "" || c.Source == "" || seen[c.Name] {
		return errors.New("want a name that no other has, a type and a source")
	}
	if c.Right == nil && c.RightRegion == "" && c.RightBy == nil && c.RightOn == nil {
		return errors.New("want what corrects it")
	}
	if c.RightBy != nil && c.By == nil {
		return errors.New("want who asks, for whom another one is right")
	}
	for _, base := range slices.Concat(c.On, c.RightOn) {
		if t.Bases[base] == nil {
			return fmt.Errorf("it is on %q, want one of %v", base, slices.Sorted(maps.Keys(t.Bases)))
		}
	}
	return nil
}

// corrected is the case without its mistake.
func (c Case) corrected() Case {
	if c.RightRegion != "" {
		c.Region = c.RightRegion
	}
	if c.RightBy != nil {
		c.By = c.RightBy
	}
	if c.RightOn != nil {
		c.On = c.RightOn
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
