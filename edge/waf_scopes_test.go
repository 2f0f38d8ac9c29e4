package edge

import (
	"fmt"
	"strings"
	"testing"
)

const (
	signInApart = "webAcl.signIn.paths, in capitals or not, and is not below them: it would lift the rules where " +
		"passwords are guessed"
	signInContent = "webAcl.signIn.paths, in capitals or not, and none below them: passwords are guessed there, and " +
		"every group looks at it"
)

func exceptionAt(path PathPattern) ExceptionConfig {
	return ExceptionConfig{Rules: []ExceptedRule{"SQLi_QUERYARGUMENTS"}, Paths: []PathPattern{path}}
}

// contentAt gives the imports of a section other paths.
func contentAt(c *Config, paths ...ContentPath) {
	imports := c.WebACL.Content["imports"]
	imports.Paths = paths
	c.WebACL.Content["imports"] = imports
}

func TestRefusalsOfWhatWouldLiftOrNeverMatter(t *testing.T) { refused(t, reachRefusals) }

var reachRefusals = map[string]refusal{
	"an exception where passwords are guessed, in capitals": {
		func(c *Config) { c.WebACL.Exceptions["notes"] = exceptionAt("/api/AUTH/login") },
		`webAcl.exceptions.notes.paths[0]: found "/api/AUTH/login", want a path that covers none of ` + signInApart,
	},
	"an exception below where passwords are guessed": {
		func(c *Config) { c.WebACL.Exceptions["notes"] = exceptionAt("/api/auth/login/second-step") },
		`webAcl.exceptions.notes.paths[0]: found "/api/auth/login/second-step", want a path that covers none of ` +
			signInApart,
	},
	"an exception for a longer path than WAF compares with": {
		func(c *Config) {
			c.WebACL.Exceptions["notes"] = exceptionAt(PathPattern("/" + strings.Repeat("a", 200)))
		},
		`webAcl.exceptions.notes.paths[0]: found "/` + strings.Repeat("a", 78) + `…, want a path of 200 bytes at ` +
			`most, which is what WAF compares with`,
	},
	"every rule that may have one in two exceptions": {
		func(c *Config) {
			c.WebACL.Exceptions["notes"] = ExceptionConfig{
				Paths: []PathPattern{"/api/notes/1"},
				Rules: []ExceptedRule{"SQLi_BODY", "SQLi_QUERYARGUMENTS"},
			}
			c.WebACL.Exceptions["tags"] = ExceptionConfig{
				Paths: []PathPattern{"/api/notes/*"},
				Rules: []ExceptedRule{"SQLiExtendedPatterns_BODY", "SQLiExtendedPatterns_QUERYARGUMENTS"},
			}
		},
		`webAcl.exceptions.notes.paths[0]: found "/api/notes/1", want a path on which the exceptions together leave ` +
			`one of the group's rules: on this one they lift all that may be lifted; webAcl.content takes single ` +
			`paths out of a group, within limits`,
	},
	"a sign-in path that no request can reach": {
		func(c *Config) { c.WebACL.SignIn.Paths = []SignInPath{"/api/x/../login"} },
		`webAcl.signIn.paths[0]: found "/api/x/../login", want a path such as /api/auth/login; what lies below is ` +
			`included`,
	},
	"a longer sign-in path than WAF compares with": {
		func(c *Config) { c.WebACL.SignIn.Paths = []SignInPath{SignInPath("/" + strings.Repeat("a", 200))} },
		`webAcl.signIn.paths[0]: found "/` + strings.Repeat("a", 78) +
			`…, want a path such as /api/auth/login; what lies ` +
			`below is included`,
	},
	"content that is most of the site": {
		func(c *Config) { contentAt(c, "/api/{id}/{id}") },
		`webAcl.content.imports.paths[0]: found "/api/{id}/{id}", want a path such as /api/bookmarks/import or ` +
			`/api/bookmarks/{id}, of 50 characters at most, with {id} from its third segment on`,
	},
	"content where passwords are guessed, in capitals": {
		func(c *Config) { contentAt(c, "/api/auth/LOGIN") },
		`webAcl.content.imports.paths[0]: found "/api/auth/LOGIN", want a path that is none of ` + signInContent,
	},
	"content below where passwords are guessed": {
		func(c *Config) { contentAt(c, "/api/auth/{id}/{id}") },
		`webAcl.content.imports.paths[0]: found "/api/auth/{id}/{id}", want a path that is none of ` + signInContent,
	},
	"more paths of content than one pattern takes": {
		func(c *Config) {
			var paths []ContentPath
			for i := range 8 {
				paths = append(paths, ContentPath(fmt.Sprintf("/api/%d/{id}/{id}/{id}/{id}/{id}/{id}", i)))
			}
			contentAt(c, paths...)
		},
		`webAcl.content.imports.paths: found "a pattern of 779 characters", want 512 at most, which is what WAF ` +
			`takes of a regular expression: fewer or shorter paths`,
	},
	"a header twice": {
		func(c *Config) {
			c.Distribution.Headers.Additional = map[HeaderName]string{"X-Robots-Tag": "a", "x-robots-tag": "b"}
		},
		`distribution.headers.additional.x-robots-tag: found "x-robots-tag", want a header once: X-Robots-Tag is the ` +
			`same one, and CloudFront refuses the policy`,
	},
	"more behaviours than a distribution has": {
		func(c *Config) {
			for i := range 70 {
				c.Distribution.Static[PathPattern(fmt.Sprintf("/%d/*", i))] = FromAssets
			}
		},
		`distribution.apiPaths: found "75 behaviours with a path", want fewer than 75 with static, images and the ` +
			`maintenance page: CloudFront takes so many with the default one`,
	},
	"more paths than the viewer function holds": {
		func(c *Config) {
			for i := range 40 {
				c.Distribution.APIPaths = append(c.Distribution.APIPaths,
					PathPattern(fmt.Sprintf("/%s/%d/*", strings.Repeat("a", 150), i)))
			}
		},
		`distribution.apiPaths: found "a viewer function of 13902 bytes while the site is closed", want 10240 at ` +
			`most, which is what CloudFront takes: fewer or shorter paths`,
	},
}
