// Package libopenapi stands in for the parser of OpenAPI documents of the same import path. The
// Pulumi CLI that the rehearsal builds reads Pulumi Cloud's API with it.
package libopenapi

import (
	"errors"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// errLeftOut is what each document comes to.
var errLeftOut = errors.New("the Pulumi CLI that the rehearsal builds leaves out the commands on Pulumi Cloud's API " +
	"(pulumi api): put Pulumi's own CLI on the PATH (https://www.pulumi.com/docs/install/)")

// Document is one that nothing makes.
type Document interface {
	BuildV3Model() (*DocumentModel[v3.Document], error)
}

// DocumentModel is what a document says.
type DocumentModel[T any] struct{ Model T }

// NewDocument refuses every document.
func NewDocument([]byte) (Document, error) { return nil, errLeftOut }
