package firewalltest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
	"github.com/corazawaf/coraza/v3"
	"github.com/corazawaf/coraza/v3/types"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/visit"
)

// engine is the Core Rule Set at its first paranoia level, which only detects.
var engine = sync.OnceValues(func() (coraza.WAF, error) {
	return coraza.NewWAF(coraza.NewWAFConfig().WithRootFS(coreruleset.FS).WithDirectives(`
Include @coraza.conf-recommended
Include @crs-setup.conf.example
SecAction "id:1,phase:1,pass,nolog,setvar:'tx.allowed_methods=GET HEAD POST OPTIONS PUT PATCH DELETE'"
Include @owasp_crs/*.conf
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
`))
})

// finding is a rule of the Core Rule Set that matches, and the part of the request that it matched.
type finding struct {
	id   int
	part string // BODY, QUERYARGUMENTS, COOKIE, URIPATH or HEADER
}

// kinds say which of AWS's rules a family of the Core Rule Set looks for.
var kinds = []struct {
	from, to int
	rule     string
}{
	{930000, 930999, "GenericLFI"},
	{931000, 931999, "GenericRFI"},
	{934110, 934110, "EC2MetaDataSSRF"},
	{941000, 941999, "CrossSiteScripting"},
	{942000, 942999, "SQLi"},
	{944000, 944999, "JavaDeserializationRCE"},
	{932130, 932131, "Log4JRCE"},
}

// awsRule is the name of AWS's rule for a finding; empty for families that AWS's groups do not
// have.
func (f finding) awsRule() string {
	for _, kind := range kinds {
		if f.id < kind.from || f.id > kind.to {
			continue
		}
		switch {
		case kind.rule == "Log4JRCE" && f.part == "QUERYARGUMENTS",
			kind.rule == "JavaDeserializationRCE" && f.part == "QUERYARGUMENTS":
			return kind.rule + "_QUERYSTRING"
		case f.part == "HEADER" && kind.rule != "Log4JRCE" && kind.rule != "JavaDeserializationRCE":
			return ""
		}
		return kind.rule + "_" + f.part
	}
	return ""
}

// ask gives a request to the engine.
func ask(t *testing.T, r *visit.Request) []finding {
	t.Helper()
	waf, err := engine()
	require.NoError(t, err)
	tx := waf.NewTransaction()
	defer func() { require.NoError(t, tx.Close()) }()
	tx.ProcessConnection(r.Viewer.String(), 40000, "192.0.2.100", 443)
	tx.ProcessURI(r.URL.RequestURI(), r.Method, "HTTP/1.1")
	for name, values := range r.Headers {
		for _, value := range values {
			tx.AddRequestHeader(name, value)
		}
	}
	tx.ProcessRequestHeaders()
	_, _, err = tx.WriteRequestBody(r.Body)
	require.NoError(t, err)
	// AWS looks at a body as text, whatever its kind. The rule set looks at the fields of forms and
	// of JSON: any other body is given to it as one field.
	if kind := r.Headers.Get("Content-Type"); len(r.Body) > 0 && !strings.Contains(kind, "json") &&
		!strings.Contains(kind, "urlencoded") {
		tx.AddPostRequestArgument("body", string(r.Body))
	}
	_, err = tx.ProcessRequestBody()
	require.NoError(t, err)
	var found []finding
	for _, matched := range tx.MatchedRules() {
		id := matched.Rule().ID()
		// What looks for something has a number from 100 on in its family; below are the jumps past
		// other paranoia levels.
		if id < 920000 || id >= 949000 || id%1000 < 100 {
			continue
		}
		for _, data := range matched.MatchedDatas() {
			if one := (finding{id, part(r, data)}); !slices.Contains(found, one) {
				found = append(found, one)
			}
		}
	}
	return found
}

// part is the part of the request that a rule has matched.
func part(r *visit.Request, data types.MatchData) string {
	switch name := data.Variable().Name(); {
	case strings.HasPrefix(name, "REQUEST_COOKIES"):
		return "COOKIE"
	case strings.HasPrefix(name, "REQUEST_HEADERS"):
		return "HEADER"
	case name == "REQUEST_FILENAME", name == "REQUEST_BASENAME":
		return "URIPATH"
	case name == "REQUEST_BODY", name == "XML", strings.HasPrefix(name, "FILES"), strings.HasPrefix(name, "MULTIPART"),
		name == "ARGS_POST",
		name == "ARGS_POST_NAMES":
		return "BODY"
	default: // the arguments of both, and the whole URI
		if r.URL.RawQuery != "" && (data.Key() == "" || r.URL.Query().Has(data.Key())) {
			return "QUERYARGUMENTS"
		}
		if len(r.Body) > 0 {
			return "BODY"
		}
		return "URIPATH"
	}
}

// rules are the findings as AWS's rules, each once, and those that AWS's groups have no rule for.
func rules(found []finding) (aws, others []string) {
	for _, one := range found {
		if name := one.awsRule(); name != "" {
			aws = append(aws, name)
		} else {
			others = append(others, fmt.Sprint(one.id))
		}
	}
	slices.Sort(aws)
	slices.Sort(others)
	return slices.Compact(aws), slices.Compact(others)
}

// documented are the rules that the web ACL's groups match, as AWS documents them.
func documented(v *visit.Visit) []string {
	var all []string
	if v.Firewall == nil {
		return nil
	}
	for _, rule := range v.Firewall.Rules {
		all = append(all, rule.Matched...)
	}
	return all
}
