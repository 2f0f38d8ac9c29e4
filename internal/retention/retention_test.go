package retention

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

func TestCheck(t *testing.T) {
	for found, ok := range map[int]bool{0: false, 1: true, 2: false, 7: true, 30: true, 31: false, 365: true, 3653: true} {
		var p settings.Problems
		Check(&p, "logs.retentionDays", found)
		assert.Equal(t, ok, len(p) == 0, found)
		if !ok {
			assert.ErrorContains(t, p.Err(), "logs.retentionDays: found ")
		}
	}
}
