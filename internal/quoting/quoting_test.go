package quoting

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAWordOfTheShellIsReadAsItWas(t *testing.T) {
	for _, word := range []string{"/a b", "it's", `say "it's $HOME"`, "a\nb", "*", ""} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf '%s|' "+Shell(word)).Output()
		require.NoError(t, err)
		assert.Equal(t, word+"|", string(out))
	}
}

func TestAWordOfGoIsReadAsItWas(t *testing.T) {
	for _, folder := range []string{"plain", "a folder", "a person's", `a "folder"`} {
		tool := filepath.Join(t.TempDir(), folder, "tool")
		require.NoError(t, os.MkdirAll(filepath.Dir(tool), 0o755))
		require.NoError(t, os.WriteFile(tool, []byte("#!/bin/sh\nexec \"$@\"\n"), 0o755))
		cmd := exec.CommandContext(t.Context(), "go", "list", "-toolexec", Go(tool), "-export", "-f", "{{.Name}}",
			"errors")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", folder, out)
		assert.Equal(t, "errors", strings.TrimSpace(string(out)))
	}
}

func TestTheAddressOfAFileIsAnAddress(t *testing.T) {
	assert.Equal(t, "file:///home/me/backend", FileURL("/home/me/backend"))
	assert.Equal(t, "file:///50%25%20%231%3F", FileURL("/50% #1?"))
}
