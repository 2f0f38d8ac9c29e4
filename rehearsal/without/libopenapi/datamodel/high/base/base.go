// Package base has the schemas of a document.
package base

import (
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Info is about the document.
type Info struct{ Version string }

// Schema is a schema. Its fields are those that the CLI reads.
type Schema struct {
	Type                 []string
	AllOf                []*SchemaProxy
	OneOf                []*SchemaProxy
	AnyOf                []*SchemaProxy
	Discriminator        *Discriminator
	Items                *DynamicValue[*SchemaProxy, bool]
	Properties           *orderedmap.Map[string, *SchemaProxy]
	MultipleOf           *float64
	Maximum              *float64
	Minimum              *float64
	MaxLength            *int64
	MinLength            *int64
	Pattern              string
	Format               string
	Required             []string
	Enum                 []*yaml.Node
	AdditionalProperties *DynamicValue[*SchemaProxy, bool]
	Description          string
	Default              *yaml.Node
	Nullable             *bool
	ReadOnly             *bool
	Extensions           *orderedmap.Map[string, *yaml.Node]
}

// GoLow is the schema as it was read.
func (*Schema) GoLow() *Low { return nil }

// MarshalJSONInline is the schema in JSON.
func (*Schema) MarshalJSONInline() ([]byte, error) { return nil, nil }

// Low is a schema as it was read.
type Low struct{}

// Hash tells schemas apart.
func (*Low) Hash() uint64 { return 0 }

// SchemaProxy is a schema or a reference to one.
type SchemaProxy struct{}

// Schema is the schema.
func (*SchemaProxy) Schema() *Schema { return nil }

// Discriminator tells the variants of a schema apart.
type Discriminator struct {
	PropertyName string
	Mapping      *orderedmap.Map[string, string]
}

// DynamicValue is of one type or the other.
type DynamicValue[A, B any] struct{ A A }

// IsA tells whether it is of the first.
func (*DynamicValue[A, B]) IsA() bool { return false }
