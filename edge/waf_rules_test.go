package edge

import (
	"cmp"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// request is what WAF looks at. Managed groups are AWS's own: matched says which of their rules
// match, with the label of each.
type request struct {
	ip, country, path string
	method, query     string
	length            string // Content-Length
	matched           map[string]string
	over              int // requests of the address in the window
}

// firewall answers what WAF would do with a request, from the web ACL as it was built.
type firewall struct {
	rules []map[string]any // by priority
	sets  map[string][]netip.Prefix
	// grouped are the rules that a managed group has, as far as the tests use them.
	grouped map[string][]string
}

func readFirewall(t *testing.T, r *recorder.Recorder) firewall {
	t.Helper()
	f := firewall{sets: map[string][]netip.Prefix{}, grouped: map[string][]string{
		"AWSManagedRulesCommonRuleSet": {
			"SizeRestrictions_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY", "CrossSiteScripting_BODY",
			"CrossSiteScripting_COOKIE",
			"CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_URIPATH", "NoUserAgent_HEADER",
		},
		"AWSManagedRulesSQLiRuleSet":     {"SQLi_BODY"},
		"AWSManagedRulesAnonymousIpList": {"HostingProviderIPList"},
	}}
	for _, set := range r.OfType(typeIPSet) {
		for _, block := range set.Input("addresses").([]any) {
			arn := "arn:aws:test:ap-northeast-1:111122223333:" + set.Name
			f.sets[arn] = append(f.sets[arn], netip.MustParsePrefix(block.(string)))
		}
	}
	for _, rule := range one(t, r, typeWebACL, "waf-acl").Input("rules").([]any) {
		f.rules = append(f.rules, rule.(map[string]any))
	}
	slices.SortFunc(f.rules, func(a, b map[string]any) int {
		return cmp.Compare(a["priority"].(float64), b["priority"].(float64))
	})
	return f
}

// decide is the action and the rule that decided; "allow" by "default" when none did.
func (f firewall) decide(t *testing.T, q request) (action, by string) {
	t.Helper()
	labels := map[string]bool{}
	for _, rule := range f.rules {
		name := rule["name"].(string)
		statement := rule["statement"].(map[string]any)
		if group, ok := statement["managedRuleGroupStatement"].(map[string]any); ok {
			scope, scoped := group["scopeDownStatement"].(map[string]any)
			if scoped && !f.matches(t, scope, q, labels) {
				continue
			}
			if f.groupBlocks(group, q, labels) && rule["overrideAction"].(map[string]any)["none"] != nil {
				return "block", name
			}
			continue
		}
		if !f.matches(t, statement, q, labels) {
			continue
		}
		given, _ := rule["ruleLabels"].([]any)
		for _, label := range given {
			labels[label.(map[string]any)["name"].(string)] = true
		}
		for action := range rule["action"].(map[string]any) {
			if action != "count" {
				return action, name
			}
		}
	}
	return "allow", "default"
}

func (f firewall) groupBlocks(group map[string]any, q request, labels map[string]bool) bool {
	counted := map[string]bool{}
	overrides, _ := group["ruleActionOverrides"].([]any)
	for _, override := range overrides {
		override := override.(map[string]any)
		_, counts := override["actionToUse"].(map[string]any)["count"]
		counted[override["name"].(string)] = counts
	}
	for _, rule := range f.grouped[group["name"].(string)] {
		label, matched := q.matched[rule]
		if !matched {
			continue
		}
		labels[label] = true
		if !counted[rule] {
			return true
		}
	}
	return false
}

func (f firewall) matches(t *testing.T, statement map[string]any, q request, labels map[string]bool) bool {
	t.Helper()
	require.Len(t, statement, 1, "a statement is of one kind")
	for kind, body := range statement {
		body := body.(map[string]any)
		switch kind {
		case "ipSetReferenceStatement":
			address := netip.MustParseAddr(q.ip)
			return slices.ContainsFunc(f.sets[body["arn"].(string)], func(p netip.Prefix) bool {
				return p.Contains(address)
			})
		case "geoMatchStatement":
			return slices.Contains(body["countryCodes"].([]any), any(q.country))
		case "labelMatchStatement":
			return labels[body["key"].(string)]
		case "byteMatchStatement":
			return pathMatches(t, body, q.path)
		case "regexMatchStatement":
			seen := map[string]string{"uriPath": q.path, "method": cmp.Or(q.method, "GET"), "singleHeader": q.length}
			for field, of := range body["fieldToMatch"].(map[string]any) {
				if field == "singleHeader" {
					require.Equal(t, map[string]any{"name": "content-length"}, of)
				}
				return regexp.MustCompile(body["regexString"].(string)).MatchString(seen[field])
			}
		case "sizeConstraintStatement":
			require.Equal(t, map[string]any{"queryString": map[string]any{}}, body["fieldToMatch"])
			require.Equal(t, []any{"GT", 0.0}, []any{body["comparisonOperator"], body["size"]})
			return q.query != ""
		case "rateBasedStatement":
			scope, scoped := body["scopeDownStatement"].(map[string]any)
			return (!scoped || f.matches(t, scope, q, labels)) && float64(q.over) > body["limit"].(float64)
		case "andStatement", "orStatement":
			inner := body["statements"].([]any)
			require.GreaterOrEqual(t, len(inner), 2, "AWS refuses %s of one", kind)
			wanted := kind == "orStatement"
			return wanted == slices.ContainsFunc(inner, func(s any) bool {
				return f.matches(t, s.(map[string]any), q, labels) == wanted
			})
		case "notStatement":
			return !f.matches(t, body["statements"].([]any)[0].(map[string]any), q, labels)
		default:
			require.Fail(t, "unknown statement", kind)
		}
	}
	return false
}

func pathMatches(t *testing.T, body map[string]any, seen string) bool {
	t.Helper()
	for _, one := range body["textTransformations"].([]any) {
		switch kind := one.(map[string]any)["type"]; kind {
		case "URL_DECODE":
			decoded, err := url.PathUnescape(seen)
			require.NoError(t, err)
			seen = decoded
		case "NORMALIZE_PATH":
			seen = path.Clean(seen)
		case "LOWERCASE":
			seen = strings.ToLower(seen)
		case "NONE":
		default:
			require.Fail(t, "unknown transformation", kind)
		}
	}
	if body["positionalConstraint"] == "STARTS_WITH" {
		return strings.HasPrefix(seen, body["searchString"].(string))
	}
	return seen == body["searchString"]
}

const core = "awswaf:managed:aws:core-rule-set:"

var (
	largeBody = map[string]string{"SizeRestrictions_BODY": core + "SizeRestrictions_Body"}
	urlBody   = map[string]string{"GenericRFI_BODY": core + "GenericRFI_Body"}
	metadata  = map[string]string{"EC2MetaDataSSRF_BODY": core + "EC2MetaDataSSRF_Body"}
	scripting = map[string]string{"CrossSiteScripting_BODY": core + "CrossSiteScripting_Body"}
	noAgent   = map[string]string{"NoUserAgent_HEADER": core + "NoUserAgent_Header"}
	injection = map[string]string{"SQLi_BODY": "awswaf:managed:aws:sql-database:SQLi_Body"}
	hosting   = map[string]string{"HostingProviderIPList": "awswaf:managed:aws:anonymous-ip-list:HostingProviderIPList"}
)

// verdicts are rows of what WAF does with requests; an address, a country and a path are filled in.
type verdicts map[string]struct {
	request    request
	action, by string
}

func (rows verdicts) check(t *testing.T, change func(*WebACLArgs)) {
	t.Helper()
	r, _, err := buildWebACL(t, change)
	require.NoError(t, err)
	f := readFirewall(t, r)
	for name, row := range rows {
		q := row.request
		q.ip, q.country, q.path = cmp.Or(q.ip, "192.0.2.1"), cmp.Or(q.country, "JP"), cmp.Or(q.path, "/")
		action, by := f.decide(t, q)
		assert.Equal(t, row.action+" by "+row.by, action+" by "+by, name)
	}
}

// imported is a write to the path of imports.
func imported(change func(*request)) request {
	q := request{method: "POST", path: "/api/bookmarks/import", length: "4096"}
	if change != nil {
		change(&q)
	}
	return q
}

func TestNumbersUpTo(t *testing.T) {
	for _, most := range []int{0, 7, 10, 1000, 64000, 99999, 10000000, 12034500} {
		pattern := regexp.MustCompile(atMost(most))
		for n := range 2000 {
			for _, near := range []int{n, most - n, most + n, 10 * n} {
				if near >= 0 {
					assert.Equal(t, near <= most, pattern.MatchString(strconv.Itoa(near)), "%d of %d", near, most)
				}
			}
		}
		for _, none := range []string{"", "-1", "1e3", " 1", "1 ", "0x10"} {
			assert.False(t, pattern.MatchString(none), none)
		}
	}
}

func TestWhatTheWebACLDoes(t *testing.T) {
	verdicts{
		"an ordinary request": {request{}, "allow", "default"},
		"an allowed address passes every rule": {request{
			ip:      "203.0.113.7",
			country: "KP",
			matched: scripting,
			over:    1e6,
		}, "allow", "allow-list"},
		"a denied address":                    {request{ip: "198.51.100.9"}, "block", "deny-list"},
		"a denied address of IPv6":            {request{ip: "2001:db8:bad::1"}, "block", "deny-list"},
		"a blocked country":                   {request{country: "KP"}, "block", "countries"},
		"at the limit":                        {request{over: 2000}, "allow", "default"},
		"over the limit":                      {request{over: 2001}, "block", "rate"},
		"over the limit of sign-in elsewhere": {request{over: 101}, "allow", "default"},
		"over the limit of sign-in":           {request{path: "/api/auth/login", over: 101}, "block", "sign-in-rate"},
		"sign-in in capitals":                 {request{path: "/API/Auth/Login", over: 101}, "block", "sign-in-rate"},
		"sign-in with a slash":                {request{path: "/api/auth/login/", over: 101}, "block", "sign-in-rate"},
		"sign-in by a detour": {request{path: "/api/x/../auth//lo%67in", over: 101}, "block",
			"sign-in-rate"},
		"cross-site scripting":               {request{matched: scripting}, "block", "common"},
		"SQL injection":                      {request{matched: injection}, "block", "except-notes"},
		"a hosting provider is only counted": {request{matched: hosting}, "allow", "default"},
		"a large body": {request{path: "/api/notes", matched: largeBody}, "block",
			"except-uploads"},
		"a large body where it is excepted": {request{path: "/api/uploads", matched: largeBody}, "allow", "default"},
		"a large body beside the exception": {request{path: "/api/uploads2", matched: largeBody}, "block",
			"except-uploads"},
		"a large body by a detour": {request{path: "/api/uploads/..%2fnotes", matched: largeBody}, "block",
			"except-uploads"},
		"SQL in a note":      {request{path: "/api/notes", matched: injection}, "allow", "default"},
		"a script in a note": {request{path: "/api/notes", matched: scripting}, "block", "common"},
		"an import":          {imported(nil), "allow", "default"},
		"an import that begins as a page": {imported(func(q *request) {
			q.matched = scripting
		}), "allow", "default"},
		"an import with SQL in it": {imported(func(q *request) {
			q.matched = injection
		}), "allow", "default"},
		"an import of the largest size": {imported(func(q *request) {
			q.length = "10000000"
		}), "allow", "default"},
		"an import over it": {imported(func(q *request) {
			q.length = "10000001"
		}), "block", "content-imports-size"},
		"an import of no stated size": {imported(func(q *request) {
			q.length = ""
		}), "block", "content-imports-size"},
		"imports over their limit": {imported(func(q *request) {
			q.over = 21
		}), "block", "content-imports-rate"},
		"a script in the query of an import": {imported(func(q *request) {
			q.query, q.matched = "a=1", scripting
		}), "block", "common"},
		"a script read from the import": {imported(func(q *request) {
			q.method, q.matched = "GET", scripting
		}), "block", "common"},
		"a script to a path like the import": {imported(func(q *request) {
			q.path, q.matched = "/api/bookmarks/import/", scripting
		}), "block", "common"},
		"a script to the import by a detour": {
			imported(func(q *request) { q.path, q.matched = "/api/bookmarks/%69mport", scripting }), "block", "common",
		},
		"an address in the body of a bookmark": {request{path: "/api/bookmarks", matched: urlBody}, "allow",
			"default"},
		"an address in the body of one bookmark": {request{path: "/api/bookmarks/1", matched: metadata}, "allow",
			"default"},
		"an address in another body": {request{path: "/api/profile", matched: urlBody}, "block",
			"except-urls"},
		"the metadata service's address, elsewhere": {request{path: "/api/profile", matched: metadata}, "block",
			"except-urls"},
	}.check(t, nil)
}

func TestCommonGroupInCountModeStillBlocksScripting(t *testing.T) {
	verdicts{
		"cross-site scripting": {request{matched: scripting}, "block", "common"},
		"cross-site scripting in a cookie": {
			request{matched: map[string]string{"CrossSiteScripting_COOKIE": core + "CrossSiteScripting_Cookie"}},
			"block", "common",
		},
		"a large body":          {request{matched: largeBody}, "allow", "default"},
		"an address":            {request{matched: urlBody}, "allow", "default"},
		"no user agent":         {request{matched: noAgent}, "allow", "default"},
		"SQL injection as well": {request{matched: injection}, "allow", "default"},
	}.check(t, func(a *WebACLArgs) { a.Config.Groups.Common, a.Config.Groups.SQLInjection = GroupCount, GroupCount })
}

// AWS blocks cross-site scripting by four rules of the common set. No configuration may turn one of
// them into a count.
func TestNoConfigurationCountsScriptingRules(t *testing.T) {
	for _, rule := range []ExceptedRule{
		"CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY",
		"CrossSiteScripting_URIPATH",
	} {
		c := validConfig().WebACL
		c.Exceptions["imports"] = ExceptionConfig{Rules: []ExceptedRule{rule}, Paths: []PathPattern{"/api/imports"}}
		problem := c.Validate().Err()
		assert.ErrorContains(t, problem,
			`exceptions.imports.rules[0]: found "`+string(rule)+`", want one of "EC2MetaDataSSRF_BODY", `)
		assert.ErrorContains(t, problem, "; no rule against cross-site scripting: they block on every path")
		for _, mode := range []GroupMode{GroupBlock, GroupCount} {
			c := validConfig().WebACL
			c.Groups.Common = mode
			for _, built := range rules(c, ipSets{}) {
				if group, ok := built.statement.(inGroup); ok && built.name == commonRule {
					assert.NotContains(t, group.overridden, rule, mode)
					assert.Equal(t, overrideNone, built.action, mode)
				}
			}
		}
	}
}

func TestRulesHaveTheirPlaces(t *testing.T) {
	names := func(c WebACLConfig) (all []string) {
		seen := map[int]bool{}
		last := -1
		for _, rule := range rules(c, ipSets{}) {
			assert.False(t, seen[rule.priority], rule.name)
			assert.Greater(t, rule.priority, last, rule.name)
			seen[rule.priority], last = true, rule.priority
			all = append(all, rule.name)
		}
		return all
	}
	c := validConfig().WebACL
	assert.Equal(t, []string{
		"allow-list", "deny-list", "countries", "sign-in-paths", "sign-in-rate", "rate", "content-imports",
		"content-imports-size",
		"content-imports-rate", "ip-reputation", "anonymous-ip", "known-bad-inputs", "common", "sql-injection",
		"except-notes",
		"except-uploads", "except-urls",
	}, names(c))
	full := rules(c, ipSets{})
	c.BlockedCountries, c.SignIn, c.Content, c.Exceptions, c.Groups.AnonymousIP = nil, nil, nil, nil, GroupOff
	assert.Equal(t, []string{
		"allow-list", "deny-list", "rate", "ip-reputation", "known-bad-inputs", "common", "sql-injection",
	}, names(c))
	for _, rule := range rules(c, ipSets{}) {
		i := slices.IndexFunc(full, named(rule.name))
		assert.Equal(t, full[i].priority, rule.priority, "%s stays where it is", rule.name)
	}
}

// named finds a rule by its name.
func named(name string) func(rule) bool { return func(r rule) bool { return r.name == name } }

func TestLimitsAnswerWith429(t *testing.T) {
	r, _, err := buildWebACL(t, nil)
	require.NoError(t, err)
	for _, rule := range readFirewall(t, r).rules {
		if name := rule["name"]; name == "rate" || name == "sign-in-rate" || name == "content-imports-rate" {
			assert.Equal(t,
				map[string]any{"block": map[string]any{"customResponse": map[string]any{"responseCode": 429.0}}},
				rule["action"])
			rate := rule["statement"].(map[string]any)["rateBasedStatement"].(map[string]any)
			assert.Equal(t, []any{"IP", 300.0}, []any{rate["aggregateKeyType"], rate["evaluationWindowSec"]})
		}
	}
}

func TestCapacity(t *testing.T) {
	for name, c := range map[string]struct {
		statement statement
		want      int
	}{
		"an address list":             {inIPSet{}, 1},
		"countries":                   {inCountry{[]string{"KP", "IR"}}, 1},
		"a label":                     {hasLabel{"x"}, 1},
		"a path":                      {onPath{path: "/a"}, 2},
		"a path in another form":      {onPath{"/a", true, looseForm}, 32},
		"a limit":                     {overRate{}, 2},
		"a limit for a label":         {overRate{of: "x"}, 3},
		"one of two":                  {anyOf{hasLabel{"x"}, inIPSet{}}, 2},
		"neither":                     {allOf{not{hasLabel{"x"}}, not{onPath{"/a", false, nil}}}, 3},
		"a group, whatever it counts": {inGroup{group: GroupsConfig{}.all()[3], overridden: []string{"a"}}, 700},
		"a group for some requests":   {inGroup{group: GroupsConfig{}.all()[3], scopedOut: []string{"a", "b"}}, 702},
		"a pattern":                   {like{rawPath, "^/a$"}, 3},
		"no query string":             {noQuery{}, 1},
	} {
		assert.Equal(t, c.want, c.statement.capacity(), name)
	}
	// 2 lists of two sets, a geographic rule, a sign-in path in three forms, its limit, the limit,
	// the content's rule, size and limit, five groups of which three leave the content out, and the
	// exceptions: a label and a path, twice; two labels and two paths.
	assert.Equal(t, 2+2+1+32+3+2+(3+3+1)+(1+3)+3+(25+50+200+700+200)+3+2*(1+2)+(2+4),
		capacity(rules(validConfig().WebACL, ipSets{})))
}
