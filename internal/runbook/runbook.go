// Package runbook finds the section of the runbook that is about an alarm.
package runbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Section is a section of the runbook.
type Section struct {
	Title string
	Text  string   // Markdown, with its heading
	Names []string // of alarms; <service> and the like stand for any name
}

// Fragment is the part of the section's address behind the #.
func (s Section) Fragment() string { return strings.ToLower(strings.ReplaceAll(s.Title, " ", "-")) }

var (
	heading = regexp.MustCompile(`(?m)^#{1,6} .*$`)
	about   = regexp.MustCompile(`(?m)^\*(?s:.*?)\*$`)
	quoted  = regexp.MustCompile("`([^` ]+)`")
	holder  = regexp.MustCompile(`<[a-z]+>`)
)

// Sections are those that are about alarms: each begins with a paragraph in italics that names
// them.
func Sections(page string) []Section {
	var all []Section
	places := append(heading.FindAllStringIndex(page, -1), []int{len(page), len(page)})
	for i, place := range places[:len(places)-1] {
		title, isSection := strings.CutPrefix(page[place[0]:place[1]], "### ")
		if !isSection {
			continue
		}
		one := Section{Title: title, Text: strings.TrimSpace(page[place[0]:places[i+1][0]])}
		for _, name := range quoted.FindAllStringSubmatch(about.FindString(one.Text), -1) {
			one.Names = append(one.Names, name[1])
		}
		if len(one.Names) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// Find is the section about an alarm, by its whole name or by the end of it that the sections use.
func Find(page, name string) (Section, error) {
	var known []string
	for _, one := range Sections(page) {
		for _, pattern := range one.Names {
			if matches(pattern, name) {
				return one, nil
			}
		}
		known = append(known, one.Names...)
	}
	slices.Sort(known)
	return Section{}, fmt.Errorf("find the alarm %q in the runbook: it knows %s", name,
		strings.Join(slices.Compact(known), ", "))
}

func matches(pattern, name string) bool {
	parts := holder.Split(pattern, -1)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile(`^(.+-)?` + strings.Join(parts, "[a-z0-9-]+") + `$`).MatchString(name)
}
