package edge

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ContentConfig are writes whose body is what people have written or brought along: an export of a
// browser begins with a DOCTYPE, and a title may quote SQL, a script or an exploit. The groups
// named here do not look at such a request, neither at its body nor at the rest of it. What bounds
// it instead: the path must be spelled out, without escapes, and have no query string; the body
// must say its length and be no longer than MaxKilobytes; and an address may send only so many.
// Address lists, countries and the other groups go on.
type ContentConfig struct {
	// Paths are exact. {id} stands for one segment of letters, digits, hyphens and underscores.
	Paths []ContentPath `json:"paths" settings:"unique" items:"1..8"`
	// Methods are those that write.
	Methods []string `json:"methods" settings:"unique" items:"1.." enum:"PATCH,POST,PUT"`
	// Groups are those that do not look at these requests.
	Groups []string `json:"groups" settings:"unique" items:"1.." enum:"common,knownBadInputs,sqlInjection"`
	// MaxKilobytes is the longest body, in thousands of bytes. Longer ones, and those that do not
	// say their length, get status 413. The load balancer itself takes bodies of any length.
	MaxKilobytes int `json:"maxKilobytes" range:"1..100000" unit:"kilobytes"`
	// Limit is as in rate, and tighter.
	Limit int `json:"limit" range:"10..2000000000" unit:"requests"`
	// WindowSeconds is as in rate.
	WindowSeconds int `json:"windowSeconds" enum:"60,120,300,600" unit:"seconds"`
}

// ContentName is the name of a kind of content.
type ContentName string

// Rule implements settings.Ruled.
func (ContentName) Rule() settings.Rule { return ExceptionName("").Rule() }

// ContentPath is an exact path, in which {id} stands for one segment. Its first two segments are
// spelled out: /{id}/{id} would be most of the site.
type ContentPath string

const anySegment = "{id}"

// Rule implements settings.Ruled.
func (ContentPath) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^(/[A-Za-z0-9_-]+){1,2}$|^(/[A-Za-z0-9_-]+){2}(/([A-Za-z0-9_-]+|\{id\}))+$`),
		Length:  settings.AtMost(50),
		Want: "a path such as /api/bookmarks/import or /api/bookmarks/{id}, of 50 characters at most, with {id} from " +
			"its third segment on",
	}
}

// Each kind of content has its rules between the one of the rate and the groups.
const (
	rulesOfContent = 3
	maxContent     = (priorityGroups - priorityRate - 1) / rulesOfContent
)

// label marks the requests of a kind of content.
func (n ContentName) label() string { return "content-" + string(n) }

// contentRules label the requests of a kind of content and limit them.
func contentRules(name ContentName, c ContentConfig, priority int) []rule {
	label := name.label()
	limit := RateConfig{Limit: c.Limit, WindowSeconds: c.WindowSeconds}
	return []rule{
		{
			name:     label,
			priority: priority,
			action:   count,
			label:    label,
			statement: allOf{
				like{requestMethod, oneOf(slices.Sorted(slices.Values(c.Methods)))}, like{rawPath, c.pathPattern()},
				noQuery{},
			},
		},
		{
			name:     label + "-size",
			priority: priority + 1,
			action:   tooLarge,
			statement: allOf{
				hasLabel{label}, not{like{contentLength, atMost(c.MaxKilobytes * 1000)}},
			},
		},
		{name: label + "-rate", priority: priority + 2, action: tooMany, statement: overRate{limit, label}},
	}
}

// contentLabels lists the labels of the content that a group, by its key, does not look at: its
// scope-down statement leaves them out.
func (c WebACLConfig) contentLabels(group string) []string {
	var labels []string
	for _, name := range sortedKeys(c.Content) {
		if slices.Contains(c.Content[name].Groups, group) {
			labels = append(labels, name.label())
		}
	}
	return labels
}

func oneOf(choices []string) string { return "^(" + strings.Join(choices, "|") + ")$" }

// pathPattern matches the paths as they are written. It is compared with the path as the viewer
// sent it. An escape or a dot segment there could resolve to another path, so the pattern allows
// neither.
func (c ContentConfig) pathPattern() string {
	var all []string
	for _, path := range slices.Sorted(slices.Values(c.Paths)) {
		all = append(all, strings.ReplaceAll(string(path), anySegment, "[A-Za-z0-9_-]+"))
	}
	return oneOf(all)
}

// atMost is a pattern of the decimal numbers from 0 to n: those with fewer digits, those that are
// smaller at one digit and equal before it, and n itself.
func atMost(n int) string {
	digits := strconv.Itoa(n)
	var all []string
	if len(digits) > 1 {
		all = append(all, fmt.Sprintf("[0-9]{1,%d}", len(digits)-1))
	}
	for i, digit := range digits {
		if digit > '0' {
			all = append(all, fmt.Sprintf("%s[0-%c][0-9]{%d}", digits[:i], digit-1, len(digits)-1-i))
		}
	}
	return oneOf(append(all, digits))
}
