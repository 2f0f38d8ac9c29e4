package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/observability"
)

// documents are all that the repository tells its readers.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	return append([]string{"README.md", "CONTRIBUTING.md"}, pages...)
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(raw)
}

// Each alarm's description ends in a link to a section: its heading must be there.
func TestEveryAlarmHasItsSectionInTheRunbook(t *testing.T) {
	sections := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(read(t, "docs/operations.md"),
		-1) {
		sections[strings.ToLower(strings.ReplaceAll(heading[1], " ", "-"))] = true
	}
	for _, section := range observability.RunbookSections() {
		assert.True(t, sections[section], "docs/operations.md has no section %q", section)
	}
}

func TestEveryMakeTargetInTheDocumentsExists(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, path := range documents(t) {
		for _, command := range regexp.MustCompile("(?m)(?:^    |`)make ([a-z-]+)").FindAllStringSubmatch(read(t,
			path), -1) {
			assert.Regexp(t, `(?m)^`+command[1]+`:`, makefile, "%s speaks of make %s", path, command[1])
		}
	}
}

func TestEveryLinkedFileExists(t *testing.T) {
	for _, path := range documents(t) {
		dir := ""
		if strings.HasPrefix(path, "docs/") {
			dir = "docs/"
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, path), -1) {
			assert.FileExists(t, dir+link[1], path)
		}
	}
}

// Every output that the documents read must be one that the program exports.
func TestEveryOutputInTheDocumentsExists(t *testing.T) {
	program := read(t, "outputs.go")
	for _, path := range documents(t) {
		for _, name := range regexp.MustCompile(`pulumi stack output ([A-Za-z]+)`).FindAllStringSubmatch(read(t, path),
			-1) {
			assert.Contains(t, program, `{"`+name[1]+`"`, path)
		}
	}
}
