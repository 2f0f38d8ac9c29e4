package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// have says that the account has a key of the name in a region.
func (w *world) have(region string) {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(filepath.Join(w.made, "key-"+region), nil, 0o644))
}

// A key of one region cannot be turned into one of several: the copy of the state gets a key of its
// own, and the secrets stay with theirs.
func TestAKeyOfOneRegionIsTold(t *testing.T) {
	w := newWorld(t)
	w.have("ap-northeast-1")
	t.Setenv("KEY_KIND", "None")
	code, out, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out,
		"WRONG: key alias/bookmark-manager-state is of ap-northeast-1 alone, so the stack's secrets are lost")
	assert.NotContains(t, w.called(), replicateKey[0])
	assert.Contains(t, w.called(), createKeyIn("ap-northeast-3")[0])
}

// A key that an earlier run made in the recovery region gives its name to the replica.
func TestAReplicaTakesTheNameOfAKeyOfItsRegion(t *testing.T) {
	w := newWorld(t)
	w.have("ap-northeast-1")
	w.have("ap-northeast-3")
	t.Setenv("COPY_KIND", "None")
	t.Setenv("COPY_ID", "other")
	code, _, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, w.called(), replicateKey[0])
	assert.Contains(t, w.called(), strings.Replace(nameReplica, "create-alias", "update-alias", 1))
	assert.Contains(t, strings.Join(w.called(), "\n"), `"KMSMasterKeyID":"arn:aws:kms:ap-northeast-3:key/mrk-1"`)
}

// The stack of the recovery region meets the replica: KMS rotates that with its primary key alone.
func TestAReplicaIsNotAskedToRotate(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(strings.Replace(prodFile,
		"  bookmark-manager:backups: {copy: {region: ap-northeast-3}}\n", "", 1)), 0o644))
	w.have("ap-northeast-1")
	t.Setenv("KEY_KIND", "REPLICA")
	code, _, problems := w.run()
	require.Equal(t, command.OK, code, problems)
	assert.NotContains(t, w.called(), rotateKey)
}
