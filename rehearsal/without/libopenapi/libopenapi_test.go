package libopenapi

import (
	"strings"
	"testing"
)

func TestADocumentIsRefused(t *testing.T) {
	_, err := NewDocument([]byte(`{"openapi": "3.0.3"}`))
	if err == nil || !strings.Contains(err.Error(), "put Pulumi's own CLI on the PATH") {
		t.Errorf("got error %v, want one that says how to get what is left out", err)
	}
}
