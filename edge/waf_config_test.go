package edge

import (
	"strings"
	"testing"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

func TestRefusalsOfTheWebACL(t *testing.T) { refused(t, webACLRefusals) }

var webACLRefusals = map[string]refusal{
	"a country code that does not exist": {
		func(c *Config) { c.WebACL.BlockedCountries = []Country{"UK"} },
		`webAcl.blockedCountries[0]: found "UK", want the two capital letters that ISO 3166-1 gives a country, ` +
			`such as KP`,
	},
	"a country with health checkers": {
		func(c *Config) { c.WebACL.BlockedCountries = []Country{"SG"} },
		`webAcl.blockedCountries[0]: found "SG", want a country without health checkers, or ` +
			`records.healthCheck.regions without ap-southeast-1`,
	},
	"a block in the wrong family": {
		func(c *Config) { c.WebACL.Deny.IPv4 = []IPv4Block{"2001:db8::/32"} },
		`webAcl.deny.ipv4[0]: found "2001:db8::/32", want a block of that family with no host bits, not /0, such as ` +
			`203.0.113.0/24`,
	},
	"a block in the other wrong family": {
		func(c *Config) { c.WebACL.Allow.IPv6 = []IPv6Block{"203.0.113.0/24"} },
		`webAcl.allow.ipv6[0]: found "203.0.113.0/24", want a block of that family with no host bits, not /0, such ` +
			`as 2001:db8::/32`,
	},
	"a block with host bits": {
		func(c *Config) { c.WebACL.Deny.IPv4 = []IPv4Block{"203.0.113.1/24"} },
		`webAcl.deny.ipv4[0]: found "203.0.113.1/24", want a block of that family with no host bits, not /0, such ` +
			`as 203.0.113.0/24`,
	},
	"everybody": {
		func(c *Config) { c.WebACL.Allow.IPv4 = []IPv4Block{"0.0.0.0/0"} },
		`webAcl.allow.ipv4[0]: found "0.0.0.0/0", want a block of that family with no host bits, not /0, such as ` +
			`203.0.113.0/24`,
	},
	"a block twice": {
		func(c *Config) { c.WebACL.Deny.IPv4 = []IPv4Block{"198.51.100.0/24", "198.51.100.0/24"} },
		`webAcl.deny.ipv4[1]: found "198.51.100.0/24", want each value once; deny.ipv4[0] is the same`,
	},
	"a rate under AWS's minimum": {
		func(c *Config) { c.WebACL.Rate.Limit, c.WebACL.SignIn = 9, nil },
		`webAcl.rate.limit: found 9, want 10 to 2000000000 (requests)`,
	},
	"a window that WAF does not know": {
		func(c *Config) { c.WebACL.Rate.WindowSeconds = 240 },
		`webAcl.rate.windowSeconds: found 240, want one of [60 120 300 600] (seconds)`,
	},
	"a limit of sign-in that never takes effect": {
		func(c *Config) { c.WebACL.SignIn.Limit, c.WebACL.SignIn.WindowSeconds = 400, 60 },
		`webAcl.signIn.limit: found 400, want fewer requests in the same time than rate: 2000 in 300 seconds`,
	},
	"a pattern among the sign-in paths": {
		func(c *Config) { c.WebACL.SignIn.Paths = []SignInPath{"/api/auth/*"} },
		`webAcl.signIn.paths[0]: found "/api/auth/*", want a path such as /api/auth/login; what lies below is included`,
	},
	"SQL injection off": {
		func(c *Config) { c.WebACL.Groups.SQLInjection = GroupOff },
		`webAcl.groups.sqlInjection: found "off", want one of "block", "count"`,
	},
	"an exception from a rule that is none": {
		func(c *Config) {
			c.WebACL.Exceptions["imports"] = ExceptionConfig{
				Rules: []ExceptedRule{"SQLi_COOKIE"},
				Paths: []PathPattern{"/a"},
			}
		},
		`webAcl.exceptions.imports.rules[0]: found "SQLi_COOKIE", want one of "` +
			strings.Join(settings.Strings(sortedKeys(exceptableRules)), `", "`) +
			`"; no rule against cross-site scripting: they block on every path`,
	},
	"a rule in two exceptions": {
		func(c *Config) {
			c.WebACL.Exceptions["more"] = ExceptionConfig{
				Rules: []ExceptedRule{"SizeRestrictions_BODY"},
				Paths: []PathPattern{"/a"},
			}
		},
		`webAcl.exceptions.uploads.rules[0]: found "SizeRestrictions_BODY", want a rule in one exception, and ` +
			`edge.webAcl.exceptions.more.rules[0] has it; put all its paths there`,
	},
	"rules over the capacity": {
		func(c *Config) {
			c.WebACL.SignIn.Paths = append(c.WebACL.SignIn.Paths, "/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h")
		},
		`webAcl: found "rules of 1502 capacity units", want 1500 at most: fewer groups, or fewer paths in signIn ` +
			`and exceptions`,
	},
	"an exception from every rule that may have one": {
		func(c *Config) {
			c.WebACL.Exceptions["notes"] = ExceptionConfig{Paths: []PathPattern{"/api/notes"}, Rules: []ExceptedRule{
				"SQLi_BODY", "SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_BODY", "SQLiExtendedPatterns_QUERYARGUMENTS",
			}}
		},
		`webAcl.exceptions.notes.rules: found ` +
			`["SQLi_BODY","SQLi_QUERYARGUMENTS","SQLiExtendedPatterns_BODY","SQLiExtendedPatt…, ` +
			`want some of the group's rules: this lifts all that may be lifted; webAcl.content takes single paths ` +
			`out of a group, within limits`,
	},
	"an exception for all of the API": {
		func(c *Config) {
			c.WebACL.SignIn = nil
			c.WebACL.Exceptions["notes"] = ExceptionConfig{
				Paths: []PathPattern{"/api/*"},
				Rules: []ExceptedRule{"SQLi_BODY"},
			}
		},
		`webAcl.exceptions.notes.paths[0]: found "/api/*", want a path within /api/*: this would lift the rules for ` +
			`all of the API`,
	},
	"an exception where passwords are guessed": {
		func(c *Config) {
			c.WebACL.SignIn.Paths = []SignInPath{"/api/auth/login"}
			c.WebACL.Exceptions["notes"] = ExceptionConfig{
				Paths: []PathPattern{"/api/auth/*"},
				Rules: []ExceptedRule{"SQLi_BODY"},
			}
		},
		`webAcl.exceptions.notes.paths[0]: found "/api/auth/*", want a path that covers none of ` + signInApart,
	},
	"an exception from rules of two groups": {
		func(c *Config) {
			c.WebACL.Exceptions["notes"] = ExceptionConfig{
				Paths: []PathPattern{"/api/notes"},
				Rules: []ExceptedRule{"SQLi_BODY", "Log4JRCE_BODY"},
			}
		},
		`webAcl.exceptions.notes.rules[1]: found "Log4JRCE_BODY", want a rule of the same group as SQLi_BODY ` +
			`(sqlInjection); the others in an exception of their own`,
	},
	"an exception from a group that is off": {
		func(c *Config) {
			c.WebACL.Groups.KnownBadInputs = GroupOff
			c.WebACL.Content = nil
			c.WebACL.Exceptions["notes"] = ExceptionConfig{
				Paths: []PathPattern{"/api/notes"},
				Rules: []ExceptedRule{"Log4JRCE_BODY"},
			}
		},
		`webAcl.exceptions.notes.rules[0]: found "Log4JRCE_BODY", want a rule of a group that is not off in ` +
			`webAcl.groups.knownBadInputs`,
	},
	"content that a group that is off does not look at": {
		func(c *Config) { c.WebACL.Groups.KnownBadInputs = GroupOff },
		`webAcl.content.imports.groups[1]: found "knownBadInputs", want a group that is not off in webAcl.groups`,
	},
	"content where passwords are guessed": {
		func(c *Config) {
			c.WebACL.SignIn.Paths, c.WebACL.Exceptions = []SignInPath{"/api/bookmarks/import"}, nil
		},
		`webAcl.content.imports.paths[0]: found "/api/bookmarks/import", want a path that is none of ` + signInContent,
	},
	"content that is read": {
		func(c *Config) {
			imports := c.WebACL.Content["imports"]
			imports.Methods = []string{"GET"}
			c.WebACL.Content["imports"] = imports
		},
		`webAcl.content.imports.methods[0]: found "GET", want one of "PATCH", "POST", "PUT"`,
	},
	"content in a whole folder": {
		func(c *Config) {
			imports := c.WebACL.Content["imports"]
			imports.Paths = []ContentPath{"/api/*"}
			c.WebACL.Content["imports"] = imports
		},
		`webAcl.content.imports.paths[0]: found "/api/*", want a path such as /api/bookmarks/import or ` +
			`/api/bookmarks/{id}, of 50 characters at most, with {id} from its third segment on`,
	},
	"content that nobody can send": {
		func(c *Config) {
			imports := c.WebACL.Content["imports"]
			imports.Paths = []ContentPath{"/assets/import"}
			c.WebACL.Content["imports"] = imports
		},
		`webAcl.content.imports.paths[0]: found "/assets/import", want a path apart from /assets/*, where ` +
			`CloudFront takes GET and HEAD alone: no request could be meant`,
	},
	"content of two kinds": {
		func(c *Config) {
			kind := c.WebACL.Content["imports"]
			kind.Paths, kind.MaxKilobytes = []ContentPath{"/api/bookmarks", "/api/bookmarks/{id}"}, 64
			c.WebACL.Content["bookmarks"] = kind
		},
		`webAcl.content.imports.paths[0]: found "/api/bookmarks/import", want a path that /api/bookmarks/{id} of ` +
			`content.bookmarks is not too, ` +
			`or other methods: such a request would have the limits of both`,
	},
	"content of too many kinds": {
		func(c *Config) {
			for _, name := range []ContentName{"a", "b", "c"} {
				kind := c.WebACL.Content["imports"]
				kind.Paths = []ContentPath{ContentPath("/api/" + name)}
				c.WebACL.Content[name] = kind
			}
		},
		`webAcl.content: found 4, want 3 kinds at most: more paths in one of them`,
	},
	"content without a limit that matters": {
		func(c *Config) {
			imports := c.WebACL.Content["imports"]
			imports.Limit = 3000
			c.WebACL.Content["imports"] = imports
		},
		`webAcl.content.imports.limit: found 3000, want fewer requests in the same time than rate: 2000 in 300 seconds`,
	},
}
