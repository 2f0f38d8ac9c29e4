package stackconfig

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// The documentation says what the committed stacks' web ACLs use of the capacity in their price.
func TestCapacityOfTheCommittedWebACLs(t *testing.T) {
	documented, err := os.ReadFile(stacktest.Path(t, "docs/architecture.md"))
	require.NoError(t, err)
	for _, stack := range []string{"prod", "staging"} {
		c, err := read(t, stacktest.Read(t, stack))
		require.NoError(t, err)
		for _, row := range []struct {
			without string
			webACL  func(edge.WebACLConfig) edge.WebACLConfig
		}{
			{"as it is", func(w edge.WebACLConfig) edge.WebACLConfig { return w }},
			{"without content and exceptions", func(w edge.WebACLConfig) edge.WebACLConfig {
				w.Content, w.Exceptions = nil, nil
				return w
			}},
			{"and with bots and account takeover", func(w edge.WebACLConfig) edge.WebACLConfig {
				w.Bots, w.AccountTakeover = &edge.BotsConfig{}, &edge.AccountTakeoverConfig{}
				return w
			}},
		} {
			said := fmt.Sprintf("| %s | %s | %d |", stack, row.without, row.webACL(c.Edge.WebACL).Capacity())
			t.Log(said)
			assert.True(t, strings.Contains(string(documented), said), "docs/architecture.md wants the row %s", said)
		}
	}
}
