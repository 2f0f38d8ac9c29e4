// Package anyfolder gives tests a folder whose name is as one may be in somebody's home.
package anyfolder

import (
	"fmt"
	"os"
)

// name has what a path may have in it: blanks, a quote, what addresses give a meaning to. With it a
// path is longer than that of a socket may be, which is 103 bytes on macOS, where the folder for
// temporary files alone takes 49.
const name = "a person's folder, 100% the #1 of all that are made for what is temporary and in nobody's way "

// Make makes the folder, in which this process makes its temporary files from now on.
func Make() (string, error) {
	folder, err := os.MkdirTemp("", name)
	if err == nil {
		err = os.Setenv("TMPDIR", folder)
	}
	if err != nil {
		return "", fmt.Errorf("make a folder for the tests: %w", err)
	}
	return folder, nil
}
