package wafv2

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The engine starts the plugin of the version that a registration names; go.mod names the one that
// the language host installs.
func TestTheVersionIsThatOfTheModule(t *testing.T) {
	raw, err := os.ReadFile("../../../go.mod")
	require.NoError(t, err)
	assert.Contains(t, string(raw), "github.com/pulumi/pulumi-aws/sdk/v6 v"+version+"\n")
}
