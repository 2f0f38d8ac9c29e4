package adopted

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIgnored(t *testing.T) {
	always := Resource{ID: "a", IgnoreChanges: map[string]string{"name": "generated", "keyId": "old role"}}
	frozen := Resource{ID: "b", FrozenUntil: Close}
	for stage, want := range map[Stage][2][]string{
		Take: {{Everything}, {Everything}}, Move: {{"keyId", "name"}, {Everything}}, Close: {{"keyId", "name"}, nil},
	} {
		assert.Equal(t, want[0], always.Ignored(stage), stage)
		assert.Equal(t, want[1], frozen.Ignored(stage), stage)
	}
	inPart := Resource{
		ID:            "c",
		FrozenUntil:   Close,
		FrozenInMove:  []string{"defaultActions"},
		IgnoreChanges: map[string]string{"alpn": "why"},
	}
	for stage, want := range map[Stage][]string{
		Take: {Everything}, Move: {"alpn", "defaultActions"}, Close: {"alpn"},
	} {
		assert.Equal(t, want, inPart.Ignored(stage), stage)
	}
}
