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
			(entry.Name() == "sdks" || entry.Name() == "node_modules" || entry.Name() == ".git" ||
				entry.Name() == ".rehearsal") {
			return filepath.SkipDir
		}
		mark := commentMark(path)
		if mark == "" || entry.IsDir() {
			return nil
		}
		files++
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		assert.Empty(t, wideComments(path, mark, raw), "wrap these comments at %d characters", widestComment)
		return nil
	}))
	require.Greater(t, files, 500, "the test looks in the wrong place")
}

// commentMark is what a comment of a file begins with. Files without an ending are scripts, and the
// Makefile.
func commentMark(path string) string {
	switch filepath.Ext(path) {
	case ".go":
		return "// "
	case ".yml", ".yaml":
		return "# "
	case "":
		if dir := filepath.Base(filepath.Dir(path)); dir == "scripts" || dir == ".ci" || filepath.Base(path) == "Makefile" {
			return "# "
		}
	}
	return ""
}

func TestAWideCommentIsSeen(t *testing.T) {
	wide := "// " + strings.Repeat("word ", 20)
	assert.Equal(t, []string{"a.go:2"}, wideComments("a.go", "// ", []byte("package a\n"+wide)))
	assert.Equal(t, []string{"a.go:1"}, wideComments("a.go", "// ", []byte("\t\t"+wide[:95])))
	assert.Equal(t, []string{"a.yml:1"}, wideComments("a.yml", "# ", []byte("    # "+wide[:97])))
	for name, right := range map[string]string{
		"a comment that fits":      wide[:100],
		"letters of several bytes": "// 本番" + strings.Repeat("環境 ", 30),
		"an address":               "// https://docs.aws.amazon.com/" + strings.Repeat("a", 100),
		"a word of the linter":     "//nolint:gosec // " + strings.Repeat("word ", 20),
		"code":                     "x := " + strings.Repeat("1 + ", 30) + "1 // why",
	} {
		assert.Empty(t, wideComments("a.go", "// ", []byte(right)), name)
	}
}

// wideComments are the places of comments that are too wide.
func wideComments(path, mark string, source []byte) []string {
	var wide []string
	lines := bufio.NewScanner(bytes.NewReader(source))
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimLeft(lines.Text(), "\t ")
		indent := lines.Text()[:len(lines.Text())-len(text)]
		width := utf8.RuneCountInString(text) + len(indent) + 3*strings.Count(indent, "\t")
		words := strings.Fields(text)
		if len(words) > 1 && words[1] == "-" {
			words = words[1:] // an address in a list
		}
		if strings.HasPrefix(text, mark) && width > widestComment && len(words) > 2 {
			wide = append(wide, fmt.Sprintf("%s:%d", path, number))
		}
	}
	return wide
}
