package visit_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/visit"
)

// recorded is production's plan, as far as requests depend on it. A test of the root package holds
// it to the program.
func recorded(t testing.TB) []plan.State {
	t.Helper()
	preview, err := plan.ReadFile("../../testdata/prod.way.json", nil)
	require.NoError(t, err)
	return preview.Resources()
}

func siteOf(t testing.TB, resources []plan.State) *visit.Site {
	t.Helper()
	site, err := visit.Read(resources)
	require.NoError(t, err)
	return site
}

// summary is what a row of the table says of a visit: its outcome and, where it reaches an origin,
// the behaviour, the cache, the Host that the origin sees and, of a behaviour that forwards
// everything, the headers of the visitor that the origin does not see as they were sent.
func summary(v *visit.Visit, sent []string) string {
	text := v.Outcome()
	if v.Origin == nil {
		return text
	}
	text += " | " + v.Behavior.Path
	if v.Cache.Cached {
		text += " | kept by " + strings.Join(v.Cache.Key, "; ")
	}
	if v.Origin.Host != "www.example.com" {
		text += " | as " + v.Origin.Host
		return text
	}
	for _, header := range sent {
		name, value, _ := strings.Cut(header, ":")
		if name != "Host" && !slices.Contains(v.Origin.Headers.Values(name), strings.TrimSpace(value)) {
			text += " | without " + name
		}
	}
	return text
}

// unheard are headers that no visitor may say to the application.
var unheard = []string{
	"Forwarded", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Server",
	"X-Forwarded-Prefix", "X-Host", "X-Original-Host", "X-Original-Url", "X-Real-Ip", "X-Rewrite-Url",
	"X-Http-Method-Override", "X-Middleware-Subrequest", "X-Middleware-Subrequest-Id", "X-Middleware-Invoke",
	"X-Middleware-Rewrite", "X-Invoke-Path", "X-Invoke-Query", "X-Invoke-Output", "X-Invoke-Status", "X-Matched-Path",
	"X-Maintenance-Pass", "X-Http-Method", "X-Method-Override", "X-Middleware-Redirect", "X-Middleware-Set-Cookie",
	"X-Middleware-Skip", "X-Middleware-Override-Headers", "X-Middleware-Next", "X-Now-Route-Matches",
}

// table is every request with what must become of it: a header that no visitor may say is sent to a
// page and to the API.
func table() []row {
	all := slices.Clone(visits)
	for _, name := range unheard {
		for to, want := range map[string]string{"/": page, "/api/bookmarks": api} {
			all = append(all, row{"a visitor who says " + name + " to " + to, get(to, name+": evil"),
				want + " | without " + name})
		}
	}
	return all
}

// row is a request and what must become of it.
type row struct {
	name string
	ask  ask
	want string
}

// ask is a row's request.
type ask struct {
	method, url string // of www.example.com, unless the URL is absolute
	headers     []string
	body        string
	from        string // address, and country behind a space
	recent      int
	version     string
	matched     []string
}

func (a ask) request(t testing.TB) *visit.Request {
	t.Helper()
	url := a.url
	if strings.HasPrefix(url, "/") {
		url = "https://www.example.com" + url
	}
	r, err := visit.NewRequest(a.method, url, a.headers, []byte(a.body))
	require.NoError(t, err)
	if address, country, ok := strings.Cut(a.from, " "); ok {
		require.NoError(t, r.From(address, country))
	}
	if a.version != "" {
		require.NoError(t, r.Speak(a.version))
	}
	require.NoError(t, r.Match(a.matched...))
	r.Recent = a.recent
	return r
}

func get(url string, headers ...string) ask { return ask{method: "GET", url: url, headers: headers} }

func post(url, body string, headers ...string) ask {
	return ask{method: "POST", url: url, body: body, headers: headers}
}

func postJSON(url string, value any) ask {
	body, _ := json.Marshal(value)
	return post(url, string(body), "Content-Type: application/json")
}

type bookmark struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

const (
	page   = "web:3000 | *"
	api    = "api:3001 | /api/*"
	bucket = "the bucket | /assets/* | kept by path %s; encoding none | as " +
		"bookmark-manager-production-assets-111122223333.s3.ap-northeast-1.amazonaws.com"
	bundle = "the bucket | /_next/static/* | kept by path %s; encoding %s | as " +
		"bookmark-manager-production-assets-111122223333.s3.ap-northeast-1.amazonaws.com"
	common = "403 by the web ACL (common)"
	sql    = "403 by the web ACL (sql-injection)"
	known  = "403 by the web ACL (known-bad-inputs)"
	// a rule of the common group that is excepted where people look for addresses
	urls = "403 by the web ACL (except-urls)"
)

// netscape begins as the browsers' exports do.
const netscape = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><A HREF="http://192.168.1.1:8080/admin" ADD_DATE="1700000000" ICON="data:image/png;base64,iVBORw0KGgo=">router</A>
    <DT><A HREF="javascript:(function(){alert(1)})()" ADD_DATE="1700000000">bookmarklet</A>
    <DT><A HREF="https://example.org/?q=1%27%20OR%201=1--">' OR 1=1 -- explained</A>
    <DT><A HREF="https://example.org/log4shell">${jndi:ldap://x} explained</A>
</DL><p>
`

var form = "Content-Type: application/x-www-form-urlencoded"
