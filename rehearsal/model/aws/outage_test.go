package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Nothing of a lost region can be made, read, changed or deleted; what is in other regions can, and
// what was in it is there again afterwards.
func TestALostRegionAnswersNothing(t *testing.T) {
	w := newWorld(t)
	key := w.make(keyType, "before", in{"description": "before"})
	require.NoError(t, Lose(w.cloud, tokyo))
	_, made := w.try(keyType, "while", in{})
	_, changed := w.update(key, in{"description": "while"})
	for what, err := range map[string]error{"made": made, "changed": changed, "deleted": w.delete(key)} {
		assert.ErrorContains(t, err, "sts.ap-northeast-1.amazonaws.com", what)
	}
	w.other("ap-northeast-3", account, nil).make(keyType, "elsewhere", in{})
	require.NoError(t, Regain(w.cloud, tokyo))
	_, err := w.update(key, in{"description": "after"})
	require.NoError(t, err)
	w.make(keyType, "after", in{})
}
