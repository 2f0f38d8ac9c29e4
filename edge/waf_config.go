package edge

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// WebACLConfig is what a stack may choose of its firewall. Rules are evaluated in the order of
// these fields; the first that allows or blocks decides.
type WebACLConfig struct {
	// Allow are addresses that no later rule looks at.
	Allow AddressList `json:"allow" settings:"optional"`
	// Deny are addresses that are blocked.
	Deny AddressList `json:"deny" settings:"optional"`
	// BlockedCountries are ISO 3166-1 codes. A country with health checkers
	// (records.healthCheck.regions) is refused.
	BlockedCountries []Country `json:"blockedCountries" settings:"optional,unique" items:"..50"`
	// SignIn is a tighter limit for the paths where passwords are guessed.
	SignIn *SignInConfig `json:"signIn"`
	// Rate is the limit of requests by an address.
	Rate RateConfig `json:"rate"`
	// Content are the writes of what people have written or brought along, by a name of their own.
	// Some groups do not look at them; their size and their rate are limited instead. Three at
	// most.
	Content map[ContentName]ContentConfig `json:"content" settings:"optional"`
	// Groups are the rule groups that AWS manages: block, count (log and let through) or off.
	Groups GroupsConfig `json:"groups"`
	// Exceptions keep single rules of the groups from blocking on some paths, by a name of their
	// own.
	Exceptions map[ExceptionName]ExceptionConfig `json:"exceptions" settings:"optional"`
	// AccountTakeover is AWS's group against sign-ins with stolen passwords. Off when it is left
	// out.
	AccountTakeover *AccountTakeoverConfig `json:"accountTakeover"`
	// Bots is AWS's group against bots. Off when it is left out.
	Bots *BotsConfig `json:"bots"`
	// Logs says which requests are logged: all, or matched, those that a rule has counted or
	// stopped.
	Logs string `json:"logs" enum:"all,matched" default:"all"`
	// LogRetentionDays is how long the firewall's log is kept.
	LogRetentionDays retention.Days `json:"logRetentionDays"`
}

// AddressList are address blocks with no host bits, by family. WAF has no /0.
type AddressList struct {
	// IPv4 are blocks of /1 to /32 with no host bits.
	IPv4 []IPv4Block `json:"ipv4" settings:"optional,unique"`
	// IPv6 are blocks of /1 to /128 with no host bits.
	IPv6 []IPv6Block `json:"ipv6" settings:"optional,unique"`
}

// IPv4Block is a block of IPv4 addresses.
type IPv4Block string

// Rule implements settings.Ruled.
func (IPv4Block) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^([0-9]{1,3}\.){3}[0-9]{1,3}/([1-9]|[12][0-9]|3[0-2])$`), Valid: withoutHostBits,
		Want: "a block of that family with no host bits, not /0, such as 203.0.113.0/24",
	}
}

// IPv6Block is a block of IPv6 addresses.
type IPv6Block string

// Rule implements settings.Ruled.
func (IPv6Block) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[0-9a-f:]+/([1-9][0-9]?|1[01][0-9]|12[0-8])$`), Valid: withoutHostBits,
		Want: "a block of that family with no host bits, not /0, such as 2001:db8::/32",
	}
}

func withoutHostBits(block string) bool {
	prefix, err := netip.ParsePrefix(block)
	return err == nil && prefix == prefix.Masked() && !prefix.Addr().Is4In6()
}

// RateConfig is a limit of requests by one address. The limits are those of AWS WAF.
// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
type RateConfig struct {
	// Limit is the number of requests in the window. Many people can share an address.
	Limit int `json:"limit" range:"10..2000000000" unit:"requests"`
	// WindowSeconds is the window.
	WindowSeconds int `json:"windowSeconds" enum:"60,120,300,600" unit:"seconds"`
}

// SignInConfig is a limit of requests for some paths by one address.
type SignInConfig struct {
	// Paths are matched with what lies below them, with what begins like them, and without regard
	// to case.
	Paths []SignInPath `json:"paths" settings:"unique" items:"1.."`
	// Limit is as in rate, and tighter.
	Limit int `json:"limit" range:"10..2000000000" unit:"requests"`
	// WindowSeconds is as in rate.
	WindowSeconds int `json:"windowSeconds" enum:"60,120,300,600" unit:"seconds"`
}

// SignInPath is where passwords are guessed.
type SignInPath string

// Rule implements settings.Ruled.
func (SignInPath) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`),
		Length:  settings.AtMost(maxSearchString),
		Valid:   reachable,
		Want:    "a path such as /api/auth/login; what lies below is included",
	}
}

// GroupMode is what becomes of requests that a managed group matches.
type GroupMode string

// New groups start with count: requests are logged and let through.
const (
	GroupBlock GroupMode = "block"
	GroupCount GroupMode = "count"
	GroupOff   GroupMode = "off"
)

// Rule implements settings.Ruled.
func (GroupMode) Rule() settings.Rule { return settings.Set(GroupBlock, GroupCount, GroupOff) }

// GroupsConfig are the rule groups that AWS manages. AWS updates them.
type GroupsConfig struct {
	// IPReputation are addresses that AWS has seen attacking.
	IPReputation GroupMode `json:"ipReputation"`
	// AnonymousIP are VPNs, proxies, Tor and hosting providers; some customers use them.
	AnonymousIP GroupMode `json:"anonymousIp"`
	// KnownBadInputs are requests known to exploit something, such as Log4j.
	KnownBadInputs GroupMode `json:"knownBadInputs"`
	// Common is the core rule set. It cannot be off, and with count its rules against cross-site
	// scripting still block.
	Common GroupMode `json:"common" enum:"block,count"`
	// SQLInjection are attempts at SQL injection. It cannot be off.
	SQLInjection GroupMode `json:"sqlInjection" enum:"block,count"`
}

// ExceptionConfig lets requests for some paths through although rules match them, since people
// bookmark addresses that look like attacks and import large files. On every other path the rules
// go on blocking.
type ExceptionConfig struct {
	// Rules are rules of one group, each in one exception; never those against cross-site
	// scripting.
	Rules []ExceptedRule `json:"rules" settings:"unique" items:"1.."`
	// Paths are files, such as /api/bookmarks/import, or folders, such as /api/bookmarks/*.
	Paths []PathPattern `json:"paths" settings:"unique" items:"1.."`
}

// ExceptionName is the name of an exception.
type ExceptionName string

// Rule implements settings.Ruled.
func (ExceptionName) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`),
		Want:    "a name of lower-case letters, digits and hyphens, at most 31 characters",
	}
}

// maxCapacity is what the price of a web ACL includes.
const maxCapacity = 1500

// Validate reports every problem, with paths relative to the web ACL.
func (c WebACLConfig) Validate() settings.Problems {
	p := settings.Check(c)
	if s := c.SignIn; s != nil {
		p.WantBeside("signIn.windowSeconds", s.Limit*c.Rate.WindowSeconds < c.Rate.Limit*s.WindowSeconds,
			"signIn.limit", s.Limit,
			"fewer requests in the same time than rate: %d in %d seconds", c.Rate.Limit, c.Rate.WindowSeconds)
	}
	owner := map[ExceptedRule]string{}
	for _, name := range sortedKeys(c.Exceptions) {
		for i, rule := range c.Exceptions[name].Rules {
			at := at(settings.Key("exceptions", string(name))+".rules", i)
			p.Want(owner[rule] == "", at, rule,
				"a rule in one exception, and edge.webAcl.%s has it; put all its paths there", owner[rule])
			owner[rule] = at
		}
	}
	if c.AccountTakeover != nil {
		p = append(p, c.AccountTakeover.validate()...)
	}
	if len(p) == 0 {
		p = append(p, c.validateScopes()...)
	}
	if len(p) == 0 {
		needed := c.Capacity()
		p.Want(needed <= maxCapacity, "", fmt.Sprintf("rules of %d capacity units", needed),
			"%d at most: fewer groups, or fewer paths in signIn and exceptions", maxCapacity)
	}
	return p
}
