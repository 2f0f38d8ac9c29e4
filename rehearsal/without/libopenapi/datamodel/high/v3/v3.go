// Package v3 has the parts of a document of OpenAPI 3.
package v3

import (
	"github.com/pb33f/libopenapi/datamodel/high/base"
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// The parts have the fields that the CLI reads.
type (
	// Document is the whole.
	Document struct {
		Info       *base.Info
		Paths      *Paths
		Components *Components
	}
	// Components are what a document's parts refer to.
	Components struct {
		Schemas *orderedmap.Map[string, *base.SchemaProxy]
	}
	// Paths are those that can be requested.
	Paths struct {
		PathItems *orderedmap.Map[string, *PathItem]
	}
	// PathItem is a path with the operation of each method.
	PathItem struct {
		Get, Put, Post, Delete, Head, Patch *Operation
	}
	// Operation is what a request does.
	Operation struct {
		Tags        []string
		Summary     string
		Description string
		OperationId string
		Parameters  []*Parameter
		RequestBody *RequestBody
		Responses   *Responses
		Deprecated  *bool
		Extensions  *orderedmap.Map[string, *yaml.Node]
	}
	// Parameter is a parameter of a request.
	Parameter struct {
		Name        string
		In          string
		Description string
		Required    *bool
		Schema      *base.SchemaProxy
	}
	// RequestBody is the body of a request.
	RequestBody struct {
		Content *orderedmap.Map[string, *MediaType]
	}
	// Responses are those that a request can have.
	Responses struct {
		Codes   *orderedmap.Map[string, *Response]
		Default *Response
	}
	// Response is one of them.
	Response struct {
		Description string
		Content     *orderedmap.Map[string, *MediaType]
	}
	// MediaType is a form of a body.
	MediaType struct {
		Schema *base.SchemaProxy
	}
)
