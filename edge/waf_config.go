package edge

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// WebACLConfig is what a stack may choose of its firewall. Rules are evaluated in the order of these fields; the first that allows or
// blocks decides.
type WebACLConfig struct {
	// Allow are addresses that no later rule looks at. Default none.
	Allow AddressList `json:"allow"`
	// Deny are addresses that are blocked. Default none.
	Deny AddressList `json:"deny"`
	// BlockedCountries are ISO 3166-1 codes, such as KP, 50 at most. Default none.
	BlockedCountries []string `json:"blockedCountries"`
	// SignIn is a tighter limit for the paths where passwords are guessed. Default none.
	SignIn *SignInConfig `json:"signIn"`
	// Rate is the limit of requests by an address. Required.
	Rate RateConfig `json:"rate"`
	// Groups are the rule groups that AWS manages. Required.
	Groups GroupsConfig `json:"groups"`
	// Exceptions keep rules of the common group from blocking on some paths, by a name of their own. Default none.
	Exceptions map[string]ExceptionConfig `json:"exceptions"`
	// LogRetentionDays is one of the periods CloudWatch Logs knows. Required.
	LogRetentionDays int `json:"logRetentionDays"`
}

// AddressList are address blocks with no host bits, by family. WAF has no /0.
type AddressList struct {
	// IPv4 are blocks of /1 to /32, such as 203.0.113.0/24. Default none.
	IPv4 []string `json:"ipv4"`
	// IPv6 are blocks of /1 to /128, such as 2001:db8::/32. Default none.
	IPv6 []string `json:"ipv6"`
}

// RateConfig is a limit of requests by one address.
type RateConfig struct {
	// Limit is the number of requests in the window: 10 to 2000000000. Many people can share an address. Required.
	Limit int `json:"limit"`
	// WindowSeconds is 60, 120, 300 or 600. Required.
	WindowSeconds int `json:"windowSeconds"`
}

// SignInConfig is a limit of requests for some paths by one address.
type SignInConfig struct {
	// Paths are matched with what lies below them and without regard to case, such as /api/auth/login. Required, one or more.
	Paths []string `json:"paths"`
	// Limit is as in rate, and tighter. Required.
	Limit int `json:"limit"`
	// WindowSeconds is as in rate. Required.
	WindowSeconds int `json:"windowSeconds"`
}

// GroupMode is what becomes of requests that a managed group matches.
type GroupMode string

// New groups start with count: requests are logged and let through.
const (
	GroupBlock GroupMode = "block"
	GroupCount GroupMode = "count"
	GroupOff   GroupMode = "off"
)

// GroupsConfig are the rule groups that AWS manages, each block, count or off. AWS updates them.
type GroupsConfig struct {
	// IPReputation are addresses that AWS has seen attacking. Required.
	IPReputation GroupMode `json:"ipReputation"`
	// AnonymousIP are VPNs, proxies, Tor and hosting providers; some customers use them. Required.
	AnonymousIP GroupMode `json:"anonymousIp"`
	// KnownBadInputs are requests known to exploit something, such as Log4j. Required.
	KnownBadInputs GroupMode `json:"knownBadInputs"`
	// Common is the core rule set. It cannot be off, and with count its rules against cross-site scripting still block. Required.
	Common GroupMode `json:"common"`
	// SQLInjection cannot be off. Required.
	SQLInjection GroupMode `json:"sqlInjection"`
}

// ExceptionConfig lets requests for some paths through although rules match them, since people bookmark addresses that look like attacks
// and import large files. On every other path the rules go on blocking.
type ExceptionConfig struct {
	// Rules are rules of the common group, such as SizeRestrictions_BODY; each in one exception. Required, one or more.
	Rules []string `json:"rules"`
	// Paths are files, such as /api/bookmarks/import, or folders, such as /api/bookmarks/*. Required, one or more.
	Paths []string `json:"paths"`
}

// The limits of AWS WAF.
// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
const (
	minRate, maxRate = 10, 2_000_000_000
	maxCountries     = 50
	// maxCapacity is what the price of a web ACL includes.
	maxCapacity = 1500
)

var (
	rateWindows   = []int{60, 120, 300, 600}
	exceptionName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
)

// Validate reports every problem, with paths relative to the web ACL.
func (c WebACLConfig) Validate() settings.Problems {
	var p settings.Problems
	c.Allow.check(&p, "allow")
	c.Deny.check(&p, "deny")
	p.Want(len(c.BlockedCountries) <= maxCountries, "blockedCountries", len(c.BlockedCountries), "%d countries at most", maxCountries)
	for i, country := range c.BlockedCountries {
		p.Want(countries[country], at("blockedCountries", i), country, "the two capital letters that ISO 3166-1 gives a country, such as KP")
	}
	checkUnique(&p, "blockedCountries", c.BlockedCountries)
	checkRate(&p, "rate", c.Rate)
	if c.SignIn != nil {
		c.SignIn.check(&p, c.Rate)
	}
	c.Groups.check(&p)
	c.checkExceptions(&p)
	retention.Check(&p, "logRetentionDays", c.LogRetentionDays)

	if len(p) == 0 {
		needed := capacity(rules(c, ipSets{}))
		p.Want(needed <= maxCapacity, "", fmt.Sprintf("rules of %d capacity units", needed),
			"%d at most: fewer groups, or fewer paths in signIn and exceptions", maxCapacity)
	}
	return p
}

func (l AddressList) check(p *settings.Problems, path string) {
	for _, family := range []struct {
		name, example string
		blocks        []string
		is            func(netip.Addr) bool
	}{
		{"ipv4", "203.0.113.0/24", l.IPv4, netip.Addr.Is4},
		{"ipv6", "2001:db8::/32", l.IPv6, func(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }},
	} {
		list := path + "." + family.name
		for i, block := range family.blocks {
			prefix, err := netip.ParsePrefix(block)
			ok := err == nil && family.is(prefix.Addr()) && prefix == prefix.Masked() && prefix.Bits() >= 1
			p.Want(ok, at(list, i), block, "a block of that family with no host bits, not /0, such as %s", family.example)
		}
		checkUnique(p, list, family.blocks)
	}
}

func checkRate(p *settings.Problems, path string, c RateConfig) {
	p.Want(c.Limit >= minRate && c.Limit <= maxRate, path+".limit", c.Limit, "%d to %d (requests)", minRate, maxRate)
	p.Want(slices.Contains(rateWindows, c.WindowSeconds), path+".windowSeconds", c.WindowSeconds, "one of %v (seconds)", rateWindows)
}

func (c SignInConfig) check(p *settings.Problems, general RateConfig) {
	own := RateConfig{Limit: c.Limit, WindowSeconds: c.WindowSeconds}
	checkRate(p, "signIn", own)
	p.WantBeside("signIn.windowSeconds", own.Limit*general.WindowSeconds < general.Limit*own.WindowSeconds, "signIn.limit", c.Limit,
		"fewer requests in the same time than rate: %d in %d seconds", general.Limit, general.WindowSeconds)
	p.Want(len(c.Paths) > 0, "signIn.paths", c.Paths, "one path or more, such as /api/auth/login")
	for i, path := range c.Paths {
		p.Want(validPath(path) && !strings.HasSuffix(path, "*"), at("signIn.paths", i), path, "a path such as /api/auth/login; what lies below is included")
	}
	checkUnique(p, "signIn.paths", c.Paths)
}

func (c GroupsConfig) check(p *settings.Problems) {
	for _, group := range c.all() {
		modes := []GroupMode{GroupBlock, GroupCount}
		if group.optional {
			modes = append(modes, GroupOff)
		}
		p.Want(slices.Contains(modes, group.mode), "groups."+group.key, settings.Given(string(group.mode)), "%s", settings.OneOf(modes...))
	}
}

func (c WebACLConfig) checkExceptions(p *settings.Problems) {
	owner := map[string]string{}
	for _, name := range sortedKeys(c.Exceptions) {
		exception, path := c.Exceptions[name], settings.Key("exceptions", name)
		p.Want(exceptionName.MatchString(name), path, name, "a name of lower-case letters, digits and hyphens, at most 31 characters")
		p.Want(len(exception.Rules) > 0, path+".rules", exception.Rules, "one rule or more, such as SizeRestrictions_BODY")
		for i, rule := range exception.Rules {
			at := at(path+".rules", i)
			_, known := exceptable[rule]
			p.Want(!slices.Contains(scriptingRules, rule), at, rule, "no rule against cross-site scripting: they block on every path")
			p.Want(known || slices.Contains(scriptingRules, rule), at, rule, "%s", settings.OneOf(sortedKeys(exceptable)...))
			p.Want(owner[rule] == "", at, rule, "a rule in one exception, and edge.webAcl.%s has it; put all its paths there", owner[rule])
			owner[rule] = at
		}
		p.Want(len(exception.Paths) > 0, path+".paths", exception.Paths, "one path or more, such as /api/bookmarks/import")
		for i, one := range exception.Paths {
			p.Want(validPath(one), at(path+".paths", i), one, pathRule)
		}
		checkUnique(p, path+".paths", exception.Paths)
	}
}
