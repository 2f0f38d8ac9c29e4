package names

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRegions(t *testing.T) {
	for name, want := range map[string]bool{
		"ap-northeast-3": true,
		"ap-northeast-4": false,
		"AP_NORTHEAST_3": false,
		"":               false,
		"us-east-1a":     false,
	} {
		assert.Equal(t, want, IsRegion(name), name)
	}
	for name, want := range map[string]bool{
		"AP_NORTHEAST_3": true,
		"AP_NORTHEAST_4": false,
		"ap-northeast-3": false,
		"ap_northeast_3": false,
		"":               false,
	} {
		assert.Equal(t, want, IsAtlasRegion(name), name)
	}
}
