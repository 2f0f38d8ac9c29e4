package compute

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// A listener rule takes five condition values and six wildcards in all. Two values are kept for the
// origin header, whose secret has a previous value while it is being rotated, so that a rotation
// never changes how many rules there are. Each host takes one more, and a path is left at least.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	ruleValues       = 5
	headerValues     = 2
	pathsPerRule     = ruleValues - headerValues
	wildcardsPerPath = 2 // three paths of two are the six wildcards of a rule
	maxPathLength    = 128
	maxPriority      = 50000
)

// pathsOfRules spreads the service's paths over as many listener rules as they need.
func (c ServiceConfig) pathsOfRules() [][]PathPattern {
	return slices.Collect(slices.Chunk(c.Paths, max(1, pathsPerRule-len(c.Hosts))))
}

// listenerRules is how many rules of the listener the service takes, one priority each.
func (c ServiceConfig) listenerRules() int {
	rules := len(c.pathsOfRules())
	if c.Canary != nil {
		rules++ // see serviceBuilder.canaryRule
	}
	return rules
}

// PathPattern is a pattern of the requests that the load balancer sends to a service.
type PathPattern string

// Rule implements settings.Ruled.
func (PathPattern) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^/[A-Za-z0-9_.$/~"'@:+&*?-]*$`),
		Length:  settings.AtMost(maxPathLength),
		Valid: func(pattern string) bool {
			return strings.Count(pattern, "*")+strings.Count(pattern, "?") <= wildcardsPerPath
		},
		Want: fmt.Sprintf("a path of %d characters at most with %d wildcards at most, such as /api/*", maxPathLength,
			wildcardsPerPath),
	}
}

// catches says whether the pattern earlier matches every path that the pattern later matches, so
// that the rule of the later one, which is evaluated after it, never gets a request. "*" stands for
// any characters, "?" for exactly one.
func catches(earlier, later PathPattern) bool {
	switch {
	case earlier == "":
		return later == ""
	case earlier[0] == '*':
		return catches(earlier[1:], later) || (later != "" && catches(earlier, later[1:]))
	case later == "" || later[0] == '*':
		return false
	case earlier[0] == '?' || earlier[0] == later[0]:
		return catches(earlier[1:], later[1:])
	default:
		return false
	}
}
