package quick

import (
	"strings"
	"testing"
)

func TestCodeIsShownAsItIs(t *testing.T) {
	var shown strings.Builder
	const code = "package main\n"
	if err := Highlight(&shown, code, "go", "terminal256", "charm"); err != nil || shown.String() != code {
		t.Errorf("got %q and error %v, want %q", &shown, err, code)
	}
}
