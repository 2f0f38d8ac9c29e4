package docs

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// widestComment is how wide a comment may be, in characters, with tabs of four. The linter holds
// code to 120: prose is read in lines of another length.
const widestComment = 100

// Comments that stand on lines of their own fit; an address that is too long by itself does not
// count, nor do the words of a compiler or a linter.
func TestCommentsFit(t *testing.T) {
	files := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() &&
			(entry.Name() == "sdks" || entry.Name() == "node_modules" ||
				strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		files++
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		assert.Empty(t, wideComments(path, raw), "wrap these comments at %d characters", widestComment)
		return nil
	}))
	require.Greater(t, files, 500, "the test looks in the wrong place")
}

func TestAWideCommentIsSeen(t *testing.T) {
	wide := "// " + strings.Repeat("word ", 20)
	assert.Equal(t, []string{"a.go:2"}, wideComments("a.go", []byte("package a\n"+wide)))
	assert.Equal(t, []string{"a.go:1"}, wideComments("a.go", []byte("\t\t"+wide[:95])))
	for name, right := range map[string]string{
		"a comment that fits":      wide[:100],
		"letters of several bytes": "// 本番" + strings.Repeat("環境 ", 30),
		"an address":               "// https://docs.aws.amazon.com/" + strings.Repeat("a", 100),
		"a word of the linter":     "//nolint:gosec // " + strings.Repeat("word ", 20),
		"code":                     "x := " + strings.Repeat("1 + ", 30) + "1 // why",
	} {
		assert.Empty(t, wideComments("a.go", []byte(right)), name)
	}
}

// wideComments are the places of comments that are too wide.
func wideComments(path string, source []byte) []string {
	var wide []string
	lines := bufio.NewScanner(bytes.NewReader(source))
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimLeft(lines.Text(), "\t")
		width := utf8.RuneCountInString(text) + 4*(len(lines.Text())-len(text))
		words := strings.Fields(text)
		if len(words) > 1 && words[1] == "-" {
			words = words[1:] // an address in a list
		}
		if strings.HasPrefix(text, "// ") && width > widestComment && len(words) > 2 {
			wide = append(wide, fmt.Sprintf("%s:%d", path, number))
		}
	}
	return wide
}
