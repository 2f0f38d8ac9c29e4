package stacktest

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Document holds a part of a document of the project, the one between "<!-- name -->" and
// "<!-- end -->", to a text; update writes the text there instead.
func Document(t testing.TB, path, name, text string, update bool) {
	t.Helper()
	path = Path(t, path)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	part := regexp.MustCompile(`(?s)(<!-- ` + name + ` -->\n\n).*?(\n<!-- end -->)`)
	require.Regexp(t, part, string(raw))
	want := part.ReplaceAllStringFunc(string(raw), func(string) string {
		return "<!-- " + name + " -->\n\n" + text + "\n<!-- end -->"
	})
	if update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(raw), "go test -update writes the part %q of %s", name, path)
}
