package compute

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Host is a name beside the site's own under which a service answers.
type Host string

// maxHostLength is the longest name that the condition of a listener rule takes.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
const maxHostLength = 128

// Rule implements settings.Ruled.
func (Host) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`),
		Length:  settings.AtMost(maxHostLength),
		Want: fmt.Sprintf("a host name in lower case of %d characters at most, such as admin.example.com",
			maxHostLength),
	}
}

// Hosts lists the names beside the site's own under which services answer, sorted.
func (s Services) Hosts() []Host {
	var all []Host
	for _, one := range s {
		all = append(all, one.Hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// validateHosts refuses a name that leads to two services, and a stack in which no service is left
// for the site itself.
func (s Services) validateHosts() settings.Problems {
	var p settings.Problems
	owners := map[Host]string{}
	faces, first := false, ""
	for _, name := range s.Names() {
		c := s[name]
		faces = faces || len(c.Paths) > 0 && len(c.Hosts) == 0
		if first == "" && len(c.Hosts) > 0 {
			first = name
		}
		for i, host := range c.Hosts {
			owner, taken := owners[host]
			p.WantBeside(settings.Key("", owner)+".hosts", !taken || owner == name,
				fmt.Sprintf("%s.hosts[%d]", settings.Key("", name), i), host,
				"a name of its own: it leads to service %q", owner)
			owners[host] = name
		}
	}
	p.Want(first == "" || faces || len(p) > 0, settings.Key("", first)+".hosts", s[first].Hosts,
		"nothing, or another of the services %v with paths and without hosts: none would answer at the site itself",
		s.Names())
	return p
}

// hides says whether the rules of an earlier service take every request for one of the later's
// names: those without names take requests for any.
func (c ServiceConfig) hides(later ServiceConfig) bool {
	return len(c.Hosts) == 0 || len(later.Hosts) > 0 && !slices.ContainsFunc(later.Hosts, func(host Host) bool {
		return !slices.Contains(c.Hosts, host)
	})
}
