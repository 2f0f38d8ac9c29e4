package visit

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/corazawaf/libinjection-go"
)

// inspectedBytes is how much of a body WAF sees of a distribution's requests, unless the web ACL
// pays for more.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html
const inspectedBytes = 16384

// inspected is a request as managed rules look at it.
type inspected struct {
	*Request
	body, path, query, cookie string
	arguments, cookies        []string // values, decoded; of cookies as they came
	size                      int      // of the body
}

func inspect(r *Request) inspected {
	seen := inspected{
		Request: r,
		path:    r.URL.EscapedPath(),
		query:   r.URL.RawQuery,
		cookie:  strings.Join(r.Headers.Values("Cookie"), "; "),
	}
	seen.size = len(r.Body)
	seen.body = string(r.Body[:min(len(r.Body), inspectedBytes)])
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		_, value, _ := strings.Cut(pair, "=")
		if text, err := url.QueryUnescape(value); err == nil {
			value = text
		}
		seen.arguments = append(seen.arguments, value)
	}
	for pair := range strings.SplitSeq(seen.cookie, ";") {
		_, value, _ := strings.Cut(pair, "=")
		seen.cookies = append(seen.cookies, value)
	}
	return seen
}

// managedGroup is a group of AWS as far as its documentation describes it.
type managedGroup struct {
	namespace string // of its labels
	rules     []managedRule
}

// managedRule is a rule of a group. One without matches looks at what a request alone does not
// show, such as AWS's own lists of addresses, and Request.Matched says that it matches.
type managedRule struct {
	name, label string
	matches     func(inspected) bool
}

var (
	metadataAddress = regexp.MustCompile(`169\.254\.(169\.254|170\.2)|fd00:ec2::254`)
	remoteFile      = regexp.MustCompile(`(?i)(https?|ftp)://(\d{1,3}\.){3}\d{1,3}`)
	localFile       = regexp.MustCompile(`(\.\./){2,}|(\.\.\\){2,}`)
	extension       = regexp.MustCompile(`(?i)\.(log|ini|bak|conf|config|sql|key|pem|env)$`)
	badBot          = regexp.MustCompile(`(?i)nessus|nmap|nikto|sqlmap|masscan`)
	lookup          = regexp.MustCompile(`(?i)\$\{\s*(jndi|\$\{|lower:|upper:|env:)`)
	deserialization = regexp.MustCompile(
		`(?i)java\.lang\.runtime|processbuilder|getruntime\(\)\.exec|class\.module\.classloader`,
	)
	exploitable = regexp.MustCompile(`(?i)/(web-inf|\.git|\.svn|\.env|actuator/gateway)\b`)
	localhost   = regexp.MustCompile(`(?i)^(localhost|127\.0\.0\.1)(:|$)`)
)

// scripts says whether a browser would run the text as a script.
func scripts(text string) bool {
	return text != "" && (libinjection.IsXSS(text) || libinjection.IsXSS(html.UnescapeString(decoded(text))))
}

// injects says whether the text would change an SQL statement that it were put into.
func injects(text string) bool {
	if text == "" {
		return false
	}
	if found, _ := libinjection.IsSQLi(text); found {
		return true
	}
	found, _ := libinjection.IsSQLi(decoded(text))
	return found
}

// countedByAWS are rules whose own action is to count.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html
var countedByAWS = []string{"AWSManagedIPDDoSList"}

// managedGroups are by AWS's names, with their rules in the documentation's order.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
var managedGroups = map[string]managedGroup{
	"AWSManagedRulesAmazonIpReputationList": {"awswaf:managed:aws:amazon-ip-list:", []managedRule{
		{"AWSManagedIPReputationList", "AWSManagedIPReputationList", nil},
		{"AWSManagedReconnaissanceList", "AWSManagedReconnaissanceList", nil},
		{"AWSManagedIPDDoSList", "AWSManagedIPDDoSList", nil},
	}},
	"AWSManagedRulesAnonymousIpList": {"awswaf:managed:aws:anonymous-ip-list:", []managedRule{
		{"AnonymousIPList", "AnonymousIPList", nil},
		{"HostingProviderIPList", "HostingProviderIPList", nil},
	}},
	"AWSManagedRulesKnownBadInputsRuleSet": {"awswaf:managed:aws:known-bad-inputs:", []managedRule{
		{"JavaDeserializationRCE_BODY", "JavaDeserializationRCE_Body", func(r inspected) bool {
			return deserialization.MatchString(r.body)
		}},
		{"JavaDeserializationRCE_URIPATH", "JavaDeserializationRCE_URIPath", func(r inspected) bool {
			return deserialization.MatchString(decoded(r.path))
		}},
		{"JavaDeserializationRCE_QUERYSTRING", "JavaDeserializationRCE_QueryString",
			func(r inspected) bool { return deserialization.MatchString(decoded(r.query)) }},
		{"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_Header", func(r inspected) bool {
			return r.anyHeader(deserialization)
		}},
		{"Host_localhost_HEADER", "Host_Localhost_Header", func(r inspected) bool {
			return localhost.MatchString(r.Headers.Get("Host"))
		}},
		{"PROPFIND_METHOD", "Propfind_Method", func(r inspected) bool { return r.Method == "PROPFIND" }},
		{"ExploitablePaths_URIPATH", "ExploitablePaths_URIPath", func(r inspected) bool {
			return exploitable.MatchString(decoded(r.path))
		}},
		{"Log4JRCE_HEADER", "Log4JRCE_Header", func(r inspected) bool { return r.anyHeader(lookup) }},
		{"Log4JRCE_QUERYSTRING", "Log4JRCE_QueryString", func(r inspected) bool {
			return lookup.MatchString(decoded(r.query))
		}},
		{"Log4JRCE_BODY", "Log4JRCE_Body", func(r inspected) bool { return lookup.MatchString(r.body) }},
		{"Log4JRCE_URIPATH", "Log4JRCE_URIPath", func(r inspected) bool { return lookup.MatchString(decoded(r.path)) }},
		{"ReactJSRCE_BODY", "ReactJSRCE_Body", nil},
	}},
	"AWSManagedRulesCommonRuleSet": {"awswaf:managed:aws:core-rule-set:", []managedRule{
		{"NoUserAgent_HEADER", "NoUserAgent_Header", func(r inspected) bool {
			return r.Headers.Get("User-Agent") == ""
		}},
		{"UserAgent_BadBots_HEADER", "BadBots_Header", func(r inspected) bool {
			return badBot.MatchString(r.Headers.Get("User-Agent"))
		}},
		{"SizeRestrictions_QUERYSTRING", "SizeRestrictions_QueryString", func(r inspected) bool {
			return len(r.query) > 2048
		}},
		{"SizeRestrictions_Cookie_HEADER", "SizeRestrictions_Cookie_Header", func(r inspected) bool {
			return len(r.cookie) > 10240
		}},
		{"SizeRestrictions_BODY", "SizeRestrictions_Body", func(r inspected) bool { return r.size > 8192 }},
		{"SizeRestrictions_URIPATH", "SizeRestrictions_URIPath", func(r inspected) bool { return len(r.path) > 1024 }},
		{"EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_Body", func(r inspected) bool {
			return metadataAddress.MatchString(r.body)
		}},
		{"EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_Cookie", func(r inspected) bool {
			return metadataAddress.MatchString(r.cookie)
		}},
		{"EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_URIPath", func(r inspected) bool {
			return metadataAddress.MatchString(decoded(r.path))
		}},
		{"EC2MetaDataSSRF_QUERYARGUMENTS", "EC2MetaDataSSRF_QueryArguments",
			func(r inspected) bool { return slices.ContainsFunc(r.arguments, metadataAddress.MatchString) }},
		{"GenericLFI_QUERYARGUMENTS", "GenericLFI_QueryArguments", func(r inspected) bool {
			return slices.ContainsFunc(r.arguments, localFile.MatchString)
		}},
		{"GenericLFI_URIPATH", "GenericLFI_URIPath", func(r inspected) bool {
			return localFile.MatchString(decoded(r.path))
		}},
		{"GenericLFI_BODY", "GenericLFI_Body", func(r inspected) bool { return localFile.MatchString(r.body) }},
		{"RestrictedExtensions_URIPATH", "RestrictedExtensions_URIPath", func(r inspected) bool {
			return extension.MatchString(decoded(r.path))
		}},
		{"RestrictedExtensions_QUERYARGUMENTS", "RestrictedExtensions_QueryArguments",
			func(r inspected) bool { return slices.ContainsFunc(r.arguments, extension.MatchString) }},
		{"GenericRFI_QUERYARGUMENTS", "GenericRFI_QueryArguments", func(r inspected) bool {
			return slices.ContainsFunc(r.arguments, remoteFile.MatchString)
		}},
		{"GenericRFI_BODY", "GenericRFI_Body", func(r inspected) bool { return remoteFile.MatchString(r.body) }},
		{"GenericRFI_URIPATH", "GenericRFI_URIPath", func(r inspected) bool {
			return remoteFile.MatchString(decoded(r.path))
		}},
		{"CrossSiteScripting_COOKIE", "CrossSiteScripting_Cookie", func(r inspected) bool {
			return slices.ContainsFunc(r.cookies, scripts)
		}},
		{"CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_QueryArguments", func(r inspected) bool {
			return slices.ContainsFunc(r.arguments, scripts)
		}},
		{"CrossSiteScripting_BODY", "CrossSiteScripting_Body", func(r inspected) bool { return scripts(r.body) }},
		{"CrossSiteScripting_URIPATH", "CrossSiteScripting_URIPath", func(r inspected) bool {
			return scripts(decoded(r.path))
		}},
	}},
	"AWSManagedRulesSQLiRuleSet": {"awswaf:managed:aws:sql-database:", []managedRule{
		{"SQLi_QUERYARGUMENTS", "SQLi_QueryArguments", func(r inspected) bool {
			return slices.ContainsFunc(r.arguments, injects)
		}},
		{"SQLiExtendedPatterns_QUERYARGUMENTS", "SQLiExtendedPatterns_QueryArguments", nil},
		{"SQLi_BODY", "SQLi_Body", func(r inspected) bool { return r.anyText(injects) }},
		{"SQLiExtendedPatterns_BODY", "SQLiExtendedPatterns_Body", nil},
		{"SQLi_COOKIE", "SQLi_Cookie", func(r inspected) bool { return slices.ContainsFunc(r.cookies, injects) }},
		{"SQLi_URIPATH", "SQLi_URIPath", func(r inspected) bool { return injects(decoded(r.path)) }},
	}},
	// Who is a bot, and which password is stolen, AWS alone knows. The rules of the targeted level
	// are left out: most of them ask the visitor's browser to solve something.
	"AWSManagedRulesBotControlRuleSet": {"awswaf:managed:aws:bot-control:", []managedRule{
		{"CategoryAdvertising", "bot:category:advertising", nil},
		{"CategoryArchiver", "bot:category:archiver", nil},
		{"CategoryContentFetcher", "bot:category:content_fetcher", nil},
		{"CategoryEmailClient", "bot:category:email_client", nil},
		{"CategoryHttpLibrary", "bot:category:http_library", nil},
		{"CategoryLinkChecker", "bot:category:link_checker", nil},
		{"CategoryMiscellaneous", "bot:category:miscellaneous", nil},
		{"CategoryMonitoring", "bot:category:monitoring", nil},
		{"CategoryPagePreview", "bot:category:page_preview", nil},
		{"CategoryScrapingFramework", "bot:category:scraping_framework", nil},
		{"CategorySearchEngine", "bot:category:search_engine", nil},
		{"CategorySecurity", "bot:category:security", nil},
		{"CategorySeo", "bot:category:seo", nil},
		{"CategorySocialMedia", "bot:category:social_media", nil},
		{"CategoryWebhooks", "bot:category:webhooks", nil},
		{"CategoryAI", "bot:category:ai", nil},
		{"SignalAutomatedBrowser", "signal:automated_browser", nil},
		{"SignalKnownBotDataCenter", "signal:known_bot_data_center", nil},
		{"SignalNonBrowserUserAgent", "signal:non_browser_user_agent", nil},
	}},
	"AWSManagedRulesATPRuleSet": {"awswaf:managed:aws:atp:", []managedRule{
		{"VolumetricIpHigh", "aggregate:volumetric:ip:high", nil},
		{"VolumetricSession", "aggregate:volumetric:session", nil},
		{"AttributeCompromisedCredentials", "aggregate:attribute:compromised_credentials", nil},
		{"AttributeUsernameTraversal", "aggregate:attribute:username_traversal", nil},
		{"AttributePasswordTraversal", "aggregate:attribute:password_traversal", nil},
		{"AttributeLongSession", "aggregate:attribute:long_session", nil},
		{"SignalMissingCredential", "signal:missing_credential", nil},
		{"VolumetricIpFailedLoginResponseHigh", "aggregate:volumetric:ip:failed_login_response:high", nil},
		{"VolumetricSessionFailedLoginResponseHigh", "aggregate:volumetric:session:failed_login_response:high", nil},
	}},
}

// isManagedRule says whether a group has a rule of this name.
func isManagedRule(name string) bool {
	for _, group := range managedGroups {
		if slices.ContainsFunc(group.rules, func(rule managedRule) bool { return rule.name == name }) {
			return true
		}
	}
	return false
}

func (r inspected) anyHeader(pattern *regexp.Regexp) bool {
	for name, values := range r.Headers {
		for _, value := range values {
			if name != "Host" && pattern.MatchString(decoded(value)) {
				return true
			}
		}
	}
	return false
}

// jsonText is a text within JSON.
var jsonText = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// anyText asks about every text of a body of JSON, every value of a form, and any other body whole.
func (r inspected) anyText(holds func(string) bool) bool {
	kind := r.Headers.Get("Content-Type")
	var all []string
	switch {
	case strings.Contains(kind, "json"):
		for _, found := range jsonText.FindAllStringSubmatch(r.body, -1) {
			all = append(all, found[1])
		}
	case strings.Contains(kind, "x-www-form-urlencoded"):
		for pair := range strings.SplitSeq(r.body, "&") {
			_, value, _ := strings.Cut(pair, "=")
			if text, err := url.QueryUnescape(value); err == nil {
				all = append(all, text)
			}
		}
	default:
		all = append(all, r.body)
	}
	return slices.ContainsFunc(all, holds)
}
