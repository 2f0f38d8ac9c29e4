package retention

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

func TestDays(t *testing.T) {
	type logs struct {
		RetentionDays Days `json:"retentionDays"`
	}
	for found, ok := range map[Days]bool{
		0:    false,
		1:    true,
		2:    false,
		7:    true,
		30:   true,
		31:   false,
		365:  true,
		3653: true,
	} {
		p := settings.Check(logs{found})
		assert.Equal(t, ok, len(p) == 0, found)
		if !ok {
			assert.ErrorContains(t, p.Err(), "retentionDays: found ")
			assert.ErrorContains(t, p.Err(),
				"want one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 "+
					"3653] (days)")
		}
	}
}
