// Package quoting writes paths, which may have blanks and quotes, for what takes text apart again:
// the shell, the go command and addresses.
package quoting

import (
	"net/url"
	"path/filepath"
	"strings"
)

// Shell makes a word of the shell.
func Shell(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// Go makes a word of $GOFLAGS and of go's -toolexec. The go command knows no escapes: a word with
// both kinds of quotes cannot be written.
func Go(word string) string {
	if strings.Contains(word, "'") {
		return `"` + word + `"`
	}
	return "'" + word + "'"
}

// FileURL is the address of a file or a folder at an absolute path.
func FileURL(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
