package adopted

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIgnored(t *testing.T) {
	kept := Resource{ID: "a", Keep: map[string]string{"name": "drawn", "keyId": "old role"}}
	held := Resource{ID: "b", Hold: Hold(Close)}
	for stage, want := range map[Stage][2][]string{
		Take: {{Everything}, {Everything}}, Move: {{"keyId", "name"}, {Everything}}, Close: {{"keyId", "name"}, nil},
	} {
		assert.Equal(t, want[0], kept.Ignored(stage), stage)
		assert.Equal(t, want[1], held.Ignored(stage), stage)
	}
	inPart := Resource{
		ID:   "c",
		Hold: Hold(Close),
		Held: []string{"defaultActions"},
		Keep: map[string]string{"alpn": "why"},
	}
	for stage, want := range map[Stage][]string{
		Take: {Everything}, Move: {"alpn", "defaultActions"}, Close: {"alpn"},
	} {
		assert.Equal(t, want, inPart.Ignored(stage), stage)
	}
}
