package visit_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/visit"
)

func TestWhatBecomesOfEachRequest(t *testing.T) {
	site := siteOf(t, recorded(t))
	visits := table()
	require.GreaterOrEqual(t, len(visits), 120)
	seen := map[string]bool{}
	asWanted := 0
	for _, row := range visits {
		assert.False(t, seen[row.name], "%s is in the table twice", row.name)
		seen[row.name] = true
		v, err := site.Follow(row.ask.request(t))
		require.NoError(t, err, row.name)
		if assert.Equal(t, row.want, summary(v, row.ask.headers), row.name) {
			asWanted++
		}
	}
	t.Logf("%d of %d requests end as wanted", asWanted, len(visits))
}

// What is trusted when it comes from CloudFront must not come from a visitor.
func TestWhatTheOriginGets(t *testing.T) {
	site := siteOf(t, recorded(t))
	follow := func(a ask) *visit.OriginRequest {
		v, err := site.Follow(a.request(t))
		require.NoError(t, err)
		require.NotNil(t, v.Origin, v.Outcome())
		return v.Origin
	}
	for _, name := range []string{"X-Forwarded-Host", "Forwarded", "X-Middleware-Subrequest", "X-Original-Url",
		"X-Maintenance-Pass", "X-Forwarded-Proto"} {
		assert.Empty(t, follow(get("/api/bookmarks", name+": evil")).Headers.Values(name), name)
	}
	spoofed := follow(get("/", "X-Forwarded-For: 203.0.113.1", "X-Origin-Verify: guess"))
	assert.Equal(t, "203.0.113.1, 192.0.2.1", spoofed.Headers.Get("X-Forwarded-For"),
		"the last address is CloudFront's word")
	assert.Equal(t, []string{"(secret)"}, spoofed.Headers.Values("X-Origin-Verify"))
	assert.True(t, spoofed.Secret)
	session := follow(get("/", "Cookie: session=x", "Authorization: Bearer y"))
	assert.Equal(t, []string{"session=x", "Bearer y"},
		[]string{session.Headers.Get("Cookie"), session.Headers.Get("Authorization")})
	picture := follow(get("/_next/image?url=%2Fa.png&w=64&q=75&x=1", "Cookie: session=x"))
	assert.Empty(t, picture.Headers.Get("Cookie"))
	assert.Equal(t, "url=%2Fa.png&w=64&q=75", picture.Query)
	socket := follow(ask{
		method:  "GET",
		url:     "/api/live",
		version: "HTTP/1.1",
		headers: []string{"Connection: Upgrade", "Upgrade: websocket"},
	})
	assert.Equal(t, "websocket", socket.Headers.Get("Upgrade"))
	assert.Empty(t, follow(get("/", "Upgrade: h2c", "Connection: Upgrade")).Headers.Get("Upgrade"))
}

func TestWhatComesBack(t *testing.T) {
	site := siteOf(t, recorded(t))
	answers := func(a ask) (all []string) {
		v, err := site.Follow(a.request(t))
		require.NoError(t, err)
		for _, one := range v.Answers {
			all = append(all, one.String())
		}
		return all
	}
	want := []string{
		"the task answers: 200 by the task, body its own",
		"the task finds nothing: 404 by the task, body its own",
		"the task fails: 500 by the task, body its own",
		"the task sheds load: 503 by the task, body /maintenance/index.html, kept for 5 s",
		"no task is registered: 503 by the load balancer, body /maintenance/index.html, kept for 5 s",
		"the task closes the connection: 502 by the load balancer, body /maintenance/index.html, kept for 5 s",
		"the task takes too long: 504 by the load balancer, body /maintenance/index.html, kept for 5 s",
	}
	assert.Equal(t, want, answers(get("/")))
	assert.Equal(t, want, answers(get("/api/bookmarks")), "error responses are for the whole distribution")
	assert.Equal(t, []string{
		"the object is there: 200 by the bucket, body its own, kept for 31536000 s",
		"the object is missing: 403 by the bucket, body its own",
		"the bucket fails: 503 by the bucket, body /maintenance/index.html, kept for 5 s",
	}, answers(get("/assets/logo.svg")))
}

// without is the plan with one input changed: nil takes it out.
func without(t *testing.T, typ, input string, change func(any) any) []plan.State {
	t.Helper()
	resources := recorded(t)
	changed := false
	for _, one := range resources {
		if one.Type == typ && one.Inputs[input] != nil {
			one.Inputs[input], changed = change(one.Inputs[input]), true
		}
	}
	require.True(t, changed, "%s has no %s", typ, input)
	return resources
}

// dropped takes the elements of a list out that hold something.
func dropped(holds func(one map[string]any) bool) func(any) any {
	return func(list any) any {
		all, _ := list.([]any)
		return slices.DeleteFunc(all, func(one any) bool {
			object, _ := one.(map[string]any)
			return holds(object)
		})
	}
}

func named(name string) func(any) any {
	return dropped(func(one map[string]any) bool { return one["name"] == name })
}

// ofCloudFront are headers that CloudFront itself takes away.
var ofCloudFront = []string{"X-Forwarded-Proto", "X-Real-Ip"}

// Whatever is taken out of the plan, a row of the table fails.
func TestATableRowFailsForWhateverIsTakenOut(t *testing.T) {
	plain := func(from, to string) func(any) any {
		return func(code any) any { return strings.ReplaceAll(code.(string), from, to) }
	}
	cases := map[string][]plan.State{
		"the pictures' formats": without(t, catalog.EdgeFunction, "code", plain("pictures(headers);", "")),
		"the behaviour of the API": without(t, catalog.Distribution, "orderedCacheBehaviors",
			dropped(func(b map[string]any) bool { return b["pathPattern"] == "/api/*" })),
		"the behaviour of pictures": without(t, catalog.Distribution, "orderedCacheBehaviors",
			dropped(func(b map[string]any) bool { return b["pathPattern"] == "/_next/image" })),
		"the apex": without(t, catalog.Distribution, "aliases", func(any) any { return []any{"www.example.com"} }),
	}
	for _, name := range unheard {
		if slices.Contains(ofCloudFront, name) {
			continue
		}
		listed := regexp.MustCompile(`([[,])"` + strings.ToLower(name) + `"`)
		cases["header "+name] = without(t, catalog.EdgeFunction, "code", func(code any) any {
			require.Regexp(t, listed, code)
			return listed.ReplaceAllString(code.(string), `$1"x-nothing"`)
		})
	}
	for _, rule := range []string{
		"except-urls", "countries", "sign-in-paths", "sign-in-rate", "rate", "content-imports", "content-imports-size",
		"content-imports-rate", "content-bookmarks",
		"content-bookmarks-size", "content-bookmarks-rate", "content-changes", "content-changes-size",
		"content-changes-rate", "ip-reputation", "known-bad-inputs", "common", "sql-injection",
	} {
		cases["rule "+rule] = without(t, catalog.WebACL, "rules", named(rule))
	}
	for name, resources := range cases {
		t.Run(name, func(t *testing.T) {
			site := siteOf(t, resources)
			failing := 0
			for _, row := range table() {
				v, err := site.Follow(row.ask.request(t))
				require.NoError(t, err)
				if summary(v, row.ask.headers) != row.want {
					failing++
				}
			}
			assert.Positive(t, failing)
		})
	}
}

func TestWhatIsNoRequest(t *testing.T) {
	for want, make := range map[string]func() error{
		`method: found "get", want a word in capitals such as GET`: func() error {
			_, err := visit.NewRequest("get", "https://a.example/", nil, nil)
			return err
		},
		`URL: found "/bookmarks", want an absolute one such as https://www.example.com/path`: func() error {
			_, err := visit.NewRequest("GET", "/bookmarks", nil, nil)
			return err
		},
		`URL: found "https://me:secret@a.example/", want one without user, password and fragment: no client ` +
			`sends them`: func() error {
			_, err := visit.NewRequest("GET", "https://me:secret@a.example/", nil, nil)
			return err
		},
		`header: found "Cookie", want "Name: value", without a line break`: func() error {
			_, err := visit.NewRequest("GET", "https://a.example/", []string{"Cookie"}, nil)
			return err
		},
		`header: found "A: b\r\nC: d", want "Name: value", without a line break`: func() error {
			_, err := visit.NewRequest("GET", "https://a.example/", []string{"A: b\r\nC: d"}, nil)
			return err
		},
		`header: found "Host: b.example", want one Host`: func() error {
			_, err := visit.NewRequest("GET", "https://a.example/", []string{"Host: a.example", "Host: b.example"}, nil)
			return err
		},
		`version: found "HTTP/0.9", want one of [HTTP/1.0 HTTP/1.1 HTTP/2 HTTP/3]`: func() error {
			return new(visit.Request).Speak("HTTP/0.9")
		},
		`address: found "here", want one of IPv4 or IPv6`: func() error {
			return new(visit.Request).From("here", "JP")
		},
		`matched: found "HostingProvider", want a rule of a managed group, such as ` +
			`HostingProviderIPList`: func() error {
			return new(visit.Request).Match("HostingProvider")
		},
		`country: found "Japan", want two capital letters such as JP`: func() error {
			return new(visit.Request).From("192.0.2.1", "Japan")
		},
	} {
		assert.EqualError(t, make(), "this is no request: "+want)
	}
}

func TestPlansThatCannotBeRead(t *testing.T) {
	unknown := without(t, catalog.Distribution, "webAclId", func(any) any { return plan.Unknown })
	_, err := visit.Read(unknown)
	require.ErrorIs(t, err, visit.ErrNotDeployed)
	assert.ErrorContains(t, err, "make plan DEPLOYED=1")
	odd := without(t, catalog.WebACL, "rules", func(any) any {
		return []any{map[string]any{
			"name":      "odd",
			"priority":  1.0,
			"statement": map[string]any{"asnMatchStatement": map[string]any{}},
		}}
	})
	_, err = visit.Read(odd)
	assert.EqualError(t, err,
		`read the web ACL: rule odd: statement "asnMatchStatement", which this command does not know`)
	_, err = visit.Read(nil)
	assert.EqualError(t, err,
		"read the distribution: the plan has 0 of type aws:cloudfront/distribution:Distribution, want 1")
}

// The id of a web ACL's logging is the web ACL's ARN.
func TestWhatIsSetOnAResourceIsNotTheResource(t *testing.T) {
	resources := recorded(t)
	for _, one := range resources {
		if one.Type == catalog.WebACL {
			arn, _ := one.Outputs["arn"].(string)
			require.NotEmpty(t, arn)
			resources = append(resources, plan.State{URN: one.URN + "-logs", Type: catalog.WebACLLogging, ID: arn})
		}
	}
	_, err := visit.Read(resources)
	assert.NoError(t, err)
}

// A plan hides what holds the origin's secret: then the components say where requests go.
func TestAPlanHidesTheOriginsSecret(t *testing.T) {
	resources := without(t, catalog.Distribution, "origins", func(any) any { return plan.Secret })
	for i, one := range resources {
		switch one.Type {
		case "aws:lb/listenerRule:ListenerRule":
			one.Inputs["conditions"] = plan.Secret
		case "bookmark-manager:compute:Service":
			resources[i].Outputs = map[string]any{
				"paths": map[string][]any{"web": {"/*"}, "api": {"/api/*"}}[one.Name()],
			}
		case "bookmark-manager:edge:EdgeDistribution":
			resources[i].Outputs = map[string]any{"originDomains": map[string]any{
				"load-balancer": "origin.example.com",
				"assets":        "bookmark-manager-production-assets-111122223333.s3.ap-northeast-1.amazonaws.com",
			}}
		}
	}
	site := siteOf(t, resources)
	for _, row := range visits {
		v, err := site.Follow(row.ask.request(t))
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, summary(v, row.ask.headers), row.name)
	}
}

func TestTheStory(t *testing.T) {
	site := siteOf(t, recorded(t))
	tell := func(a ask) string {
		v, err := site.Follow(a.request(t))
		require.NoError(t, err)
		var told strings.Builder
		require.NoError(t, v.Tell(&told))
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		assert.True(t, json.Valid(raw))
		return told.String()
	}
	blocked := tell(get("/?q=%3Cscript%3Ealert(1)%3C/script%3E"))
	assert.Contains(t, blocked, "web ACL      block by common\n")
	assert.Contains(t, blocked,
		"common: block (CrossSiteScripting_QUERYARGUMENTS; labels "+
			"awswaf:managed:aws:core-rule-set:CrossSiteScripting_QueryArguments)")
	assert.Contains(t, blocked, "answer       403 by the web ACL, body its own error\n")
	imported := tell(post("/api/bookmarks/import", netscape))
	assert.Contains(t, imported, "content-imports: count (labels content-imports)")
	assert.Contains(t, imported, "common: does not look at it")
	assert.Contains(t, imported, "listener     rule api-rule (priority 100) to api, port 3001: api-tg 100 %")
	assert.Contains(t, imported,
		"no task is registered: 503 by the load balancer, body /maintenance/index.html, kept for 5 s")
}

// One request is followed in less than 10 ms.
func BenchmarkFollow(b *testing.B) {
	site := siteOf(b, recorded(b))
	for name, a := range map[string]ask{
		"page":   get("/bookmarks?tag=go"),
		"export": post("/api/profile", strings.Repeat("a", 100)+netscape),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := site.Follow(a.request(b)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
