package workspace

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAKeptStackIsGoneOnWith(t *testing.T) {
	state := t.TempDir()
	w, _ := claim(t, state)
	require.NoError(t, w.Write(&Files{
		ProjectYAML: []byte("name: shop\n"),
		StackYAML:   []byte("config:\n  shop:environment: testing\n  shop:aws: {accountId: \"111122223333\"}\n"),
		Account:     "111122223333",
		Project:     "shop",
		Environment: "testing",
	}))
	_, err := w.Link("pulumi-resource-aws")
	require.NoError(t, err)
	env := w.Env(nil)
	_, err = Resume(state, w.Stack)
	require.ErrorContains(t, err, "make rehearse KEEP=1", "it was not kept")

	require.NoError(t, w.Keep())
	_, err = Resume(state, w.Stack)
	require.ErrorContains(t, err, "wait for the rehearsal that runs in it, or end it")
	require.NoError(t, w.Close(true))

	// Another program made the link: it lies elsewhere, or nowhere any more.
	plugin := filepath.Join(w.Dir, "plugins", "pulumi-resource-aws")
	require.NoError(t, os.Remove(plugin))
	require.NoError(t, os.Symlink("/nowhere", plugin))
	again, err := Resume(state, w.Stack)
	require.NoError(t, err)
	defer func() { assert.NoError(t, again.Close(true)) }()
	assert.Equal(t, []string{"shop", "testing", "111122223333"},
		[]string{again.Files.Project, again.Files.Environment, again.Files.Account})
	assert.Equal(t, env, again.Env(nil), "plain pulumi and the rehearsal see the same")
	self, err := os.Executable()
	require.NoError(t, err)
	link, err := os.Readlink(plugin)
	require.NoError(t, err)
	assert.Equal(t, self, link)
}

func TestWhatIsSavedIsKnown(t *testing.T) {
	w, _ := claim(t, t.TempDir())
	defer func() { assert.NoError(t, w.Close(true)) }()
	require.NoError(t, w.Write(&Files{}))
	require.NoError(t, os.WriteFile(w.Cloud(), nil, 0o600))
	assert.False(t, w.Saved("up"))
	require.NoError(t, w.Save("up"))
	assert.True(t, w.Saved("up"))
}
