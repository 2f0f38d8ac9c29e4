package storage

import (
	"context"
	"strings"
	"testing"
)

func TestAClientIsRefused(t *testing.T) {
	_, err := NewClient[any](context.Background())
	if err == nil || !strings.Contains(err.Error(), "put Pulumi's own CLI on the PATH") {
		t.Errorf("got error %v, want one that says how to get what is left out", err)
	}
}
