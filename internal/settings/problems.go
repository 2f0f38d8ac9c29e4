// Package settings decodes the structured keys of a stack's configuration strictly and gathers what
// is wrong with them, so that one run reports every problem of every section.
package settings

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// Problem is one thing that is wrong with a stack's configuration.
type Problem struct {
	// Path is where to edit, in the syntax that `pulumi config set --path` takes, such as
	// "network.zones[1].name".
	Path string
	// Found is the value found, as JSON; empty when there is none.
	Found string
	// Allowed says which values are allowed and, where it helps, what to do.
	Allowed string
	// Beside is the path of another value that this one was compared with; empty for none. When
	// that one has a problem of its own, this one only follows from it and is left out of the
	// report.
	Beside string
	// Message says what is wrong in words of its own, in the place of Found and Allowed. Empty for
	// most.
	Message string

	rule bool // found by Check
}

// String is the problem's line in the report.
func (p Problem) String() string {
	if p.Message != "" {
		return p.Path + ": " + p.Message
	}
	found := p.Found
	if found == "" {
		found = "nothing"
	}
	return fmt.Sprintf("%s: found %s, want %s", p.Path, found, p.Allowed)
}

// Problems is a list of problems. The zero value is ready to use and means that all is well.
type Problems []Problem

// Add records that the value found at path is not what it should be. A nil found means that the key
// is missing.
func (p *Problems) Add(path string, found any, allowed string, args ...any) {
	if len(args) > 0 {
		allowed = fmt.Sprintf(allowed, args...)
	}
	*p = append(*p, Problem{Path: path, Found: describe(found), Allowed: allowed})
}

// Want records a problem unless ok holds.
func (p *Problems) Want(ok bool, path string, found any, allowed string, args ...any) {
	if !ok {
		p.Add(path, found, allowed, args...)
	}
}

// WantBeside is Want for a value that only another one, at the path beside, makes wrong.
func (p *Problems) WantBeside(beside string, ok bool, path string, found any, allowed string, args ...any) {
	if !ok {
		p.Add(path, found, allowed, args...)
		(*p)[len(*p)-1].Beside = beside
	}
}

// Say records a problem in words of its own.
func (p *Problems) Say(path, message string, args ...any) {
	*p = append(*p, Problem{Path: path, Message: fmt.Sprintf(message, args...)})
}

// SayBeside is Say for what only another value, at the path beside, makes wrong.
func (p *Problems) SayBeside(beside, path, message string, args ...any) {
	p.Say(path, message, args...)
	(*p)[len(*p)-1].Beside = beside
}

// Given is a string as Add and Want take it: nil for the empty one, which is a key that is missing.
func Given(value string) any {
	if value == "" {
		return nil
	}
	return value
}

// Under appends the problems of a part, whose paths are relative to it. A path that begins with a
// bracket continues the prefix without a dot.
func (p *Problems) Under(prefix string, part Problems) {
	for _, problem := range part {
		problem.Path = Join(prefix, problem.Path)
		if problem.Beside != "" {
			problem.Beside = Join(prefix, problem.Beside)
		}
		*p = append(*p, problem)
	}
}

// Join appends a relative path to a prefix.
func Join(prefix, path string) string {
	switch {
	case path == "":
		return prefix
	case prefix == "" || strings.HasPrefix(path, "["):
		return prefix + path
	default:
		return prefix + "." + path
	}
}

// plainKey is a key that a path takes as it is.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)

// Key is the path of a map's entry below the map: ".name" for a plain name, otherwise quoted in
// brackets.
func Key(prefix, name string) string {
	if plainKey.MatchString(name) {
		return Join(prefix, name)
	}
	// Pulumi's paths escape the quote alone; Go's %q would write other characters in a way that
	// they do not read.
	return prefix + `["` + strings.ReplaceAll(name, `"`, `\"`) + `"]`
}

// Except drops the problems at or below a path that known already reports: a value of the wrong
// type is also a missing value, and one line is enough.
func (p Problems) Except(known Problems) Problems {
	var rest Problems
	for _, problem := range p {
		if !known.Covers(problem.Path) {
			rest = append(rest, problem)
		}
	}
	return rest
}

// alone are the problems that no other value makes.
func (p Problems) alone() Problems {
	var alone Problems
	for _, problem := range p {
		if problem.Beside == "" {
			alone = append(alone, problem)
		}
	}
	return alone
}

// Covers says whether a path, or one above it, has a problem.
func (p Problems) Covers(path string) bool {
	for _, known := range p {
		below := strings.TrimPrefix(path, known.Path)
		if below == "" || known.Path == "" || (below != path && (below[0] == '.' || below[0] == '[')) {
			return true
		}
	}
	return false
}

// against says whether the tags do not allow the value at a path.
func (p Problems) against(path string) bool {
	return slices.ContainsFunc(p, func(other Problem) bool { return other.rule && other.Path == path })
}

// Err is nil when there is no problem, otherwise an error with a line for each, sorted by path,
// without those that only follow from others, and without further reasons against a value that its
// tags do not allow.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	var sorted Problems
	for _, problem := range p {
		follows := problem.Beside != "" && p.alone().Covers(problem.Beside)
		if !follows && (problem.rule || !p.against(problem.Path)) {
			sorted = append(sorted, problem)
		}
	}
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Path < sorted[j].Path })
	return sorted
}

// Error implements error.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// maxFound keeps a whole section, pasted in the wrong place, from filling the report.
const maxFound = 80

func describe(found any) string {
	if found == nil {
		return ""
	}
	if s, ok := found.(string); ok && s == "" {
		return `""`
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(found); err != nil {
		return fmt.Sprintf("%v", found)
	}
	text := []rune(strings.TrimSuffix(out.String(), "\n"))
	if len(text) > maxFound {
		return string(text[:maxFound]) + "…"
	}
	return string(text)
}
