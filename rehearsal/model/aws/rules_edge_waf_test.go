package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func visible(name string) in {
	return in{"metricName": name, "cloudwatchMetricsEnabled": true, "sampledRequestsEnabled": true}
}

// wafRule blocks what matches a statement, unless more says otherwise.
func wafRule(name string, priority int, statement, more in) in {
	return with(in{
		"name":             name,
		"priority":         priority,
		"action":           in{"block": in{}},
		"statement":        statement,
		"visibilityConfig": visible(name),
	}, more)
}

func webACL(more in, rules ...any) in {
	return with(in{
		"scope":            "CLOUDFRONT",
		"defaultAction":    in{"allow": in{}},
		"visibilityConfig": visible("acl"),
		"rules":            append([]any{}, rules...),
	}, more)
}

// protect asks for a web ACL of us-east-1 with these rules.
func (w *world) protect(rules ...any) error {
	return failed(w.global().try(webACLType, "site", webACL(nil, rules...)))
}

func country(codes ...any) in { return in{"geoMatchStatement": in{"countryCodes": codes}} }

func rated(limit, window int) in {
	return in{"rateBasedStatement": in{"limit": limit, "evaluationWindowSec": window, "aggregateKeyType": "IP"}}
}

func managed(name string) in {
	return in{"managedRuleGroupStatement": in{"vendorName": "AWS", "name": name}}
}

var asGroup = in{"action": nil, "overrideAction": in{"none": in{}}}

func (w *world) addresses(more in) object {
	return w.make(ipSetType, "deny",
		with(in{"scope": "CLOUDFRONT", "ipAddressVersion": "IPV4", "addresses": []any{"203.0.113.0/24"}}, more))
}

func listed(arn string) in { return in{"ipSetReferenceStatement": in{"arn": arn}} }

var wafPairs = map[string]pair{
	"WAF of distributions is in us-east-1": {
		want: "WAFInvalidParameterException: Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: " +
			"CLOUDFRONT",
		refuses: func(w *world) error {
			if failed(w.try(ipSetType, "deny", in{"scope": "CLOUDFRONT", "ipAddressVersion": "IPV4"})) == nil {
				return nil
			}
			return failed(w.try(webACLType, "site", webACL(nil)))
		},
		passes: func(w *world) error { return w.protect() },
	},
	"priorities of a web ACL": {
		want: "WAFDuplicateItemException: AWS WAF couldn't perform the operation because some resource in your " +
			"request is a duplicate of an existing one: two rules of priority 1",
		refuses: func(w *world) error {
			if w.protect(wafRule("a", 1, country("KP"), nil), wafRule("a", 2, country("IR"), nil)) == nil {
				return nil
			}
			return w.protect(wafRule("a", 1, country("KP"), nil), wafRule("b", 1, country("IR"), nil))
		},
		passes: func(w *world) error {
			return w.protect(wafRule("a", 1, country("KP"), nil), wafRule("b", 2, country("IR"), nil))
		},
	},
	"actions of a rule": {
		want: "WAFInvalidParameterException: Error reason: A reference in your rule statement is not valid., field: " +
			"RULE, parameter: common",
		refuses: func(w *world) error {
			if w.protect(wafRule("geo", 1, country("KP"), asGroup)) == nil {
				return nil
			}
			return w.protect(wafRule("common", 1, managed("AWSManagedRulesCommonRuleSet"), nil))
		},
		passes: func(w *world) error {
			return w.protect(wafRule("common", 1, managed("AWSManagedRulesCommonRuleSet"), asGroup))
		},
	},
	"statements of a rule": {
		want: "WAFInvalidParameterException: Error reason: You have specified none or more than one of the allowed " +
			"statements, or too few nested ones., field: STATEMENT, parameter: deep",
		refuses: func(w *world) error {
			for _, bad := range []in{
				{}, with(country("KP"), rated(100, 60)), {"orStatement": in{"statements": []any{country("KP")}}},
				{"notStatement": in{"statements": []any{country("KP"), country("IR")}}},
			} {
				if w.protect(wafRule("deep", 1, bad, nil)) == nil {
					return nil
				}
			}
			return w.protect(wafRule("deep", 1, in{"andStatement": in{"statements": []any{
				country("KP"), in{"notStatement": in{"statements": []any{in{"orStatement": in{
					"statements": []any{country("IR")},
				}}}}},
			}}}, nil))
		},
		passes: func(w *world) error {
			return w.protect(wafRule("deep", 1, in{"andStatement": in{"statements": []any{
				country("KP"), in{"notStatement": in{"statements": []any{country("IR")}}},
			}}}, nil))
		},
	},
	"values of statements": {
		want: "WAFNonexistentItemException: AWS WAF couldn't perform the operation because your resource doesn't " +
			"exist: managed rule group AWSManagedRulesNone",
		refuses: func(w *world) error {
			if w.protect(wafRule("a", 1, country(), nil)) == nil {
				return nil
			}
			for _, pattern := range []string{"^(/a", "^/" + strings.Repeat("a", 512)} {
				if w.protect(wafRule("a", 1, pathLike(pattern), nil)) == nil {
					return nil
				}
			}
			if w.protect(wafRule("a", 1, pathFrom("/"+strings.Repeat("a", 200)), nil)) == nil {
				return nil
			}
			for _, name := range []string{"AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet",
				"AWSManagedRulesBotControlRuleSet"} {
				if w.protect(wafRule("a", 1, managed(name), asGroup)) == nil {
					return nil
				}
			}
			return w.protect(wafRule("a", 1, managed("AWSManagedRulesNone"), asGroup))
		},
		passes: func(w *world) error {
			return w.protect(wafRule("a", 1, rated(10, 600), nil), wafRule("b", 2, pathLike("^/api/[a-z]+$"), nil),
				wafRule("c", 3, pathFrom("/"+strings.Repeat("a", 199)), nil))
		},
	},
	"capacity of a web ACL": {
		want: "WAFLimitsExceededException: AWS WAF couldn't perform the operation because you exceeded your " +
			"resource limit: 5600 WCU, of 5000",
		refuses: func(w *world) error {
			var rules []any
			for i, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
				rules = append(rules, wafRule(name, i, managed("AWSManagedRulesCommonRuleSet"), asGroup))
			}
			return w.protect(rules...)
		},
		passes: func(w *world) error {
			return w.protect(
				wafRule("a", 1, managed("AWSManagedRulesCommonRuleSet"), asGroup),
				wafRule("b", 2, managed("AWSManagedRulesSQLiRuleSet"), asGroup))
		},
	},
	"address lists of a web ACL": {
		want: "WAFNonexistentItemException: AWS WAF couldn't perform the operation because your resource doesn't " +
			"exist: arn:aws:wafv2:none",
		refuses: func(w *world) error {
			regional := w.global().addresses(in{"scope": "REGIONAL"})
			if w.protect(wafRule("a", 1, listed(regional.text("arn")), nil)) == nil {
				return nil
			}
			return w.protect(wafRule("a", 1, in{"notStatement": in{"statements": []any{listed("arn:aws:wafv2:none")}}},
				nil))
		},
		passes: func(w *world) error {
			return w.protect(wafRule("a", 1, listed(w.global().addresses(nil).text("arn")), nil))
		},
	},
	"addresses of one family": {
		want: "WAFInvalidParameterException: Error reason: The parameter contains formatting that is not valid., " +
			"field: IP_ADDRESS, parameter: 2001:db8::/32",
		refuses: func(w *world) error {
			for _, address := range []string{"203.0.113.7", "0.0.0.0/0"} {
				if failed(w.global().try(ipSetType, "deny",
					in{"scope": "CLOUDFRONT", "ipAddressVersion": "IPV4", "addresses": []any{address}})) == nil {
					return nil
				}
			}
			return failed(w.global().try(ipSetType, "deny",
				in{"scope": "CLOUDFRONT", "ipAddressVersion": "IPV4", "addresses": []any{"2001:db8::/32"}}))
		},
		passes: func(w *world) error {
			return failed(w.global().try(ipSetType, "deny",
				in{"scope": "CLOUDFRONT", "ipAddressVersion": "IPV6", "addresses": []any{"2001:db8::/32"}}))
		},
	},
	"a web ACL in use stays": {
		want: "WAFAssociatedItemException: AWS WAF couldn't perform the operation because your resource is being " +
			"used by another resource or it's associated with another resource: site",
		refuses: func(w *world) error {
			acl := w.global().make(webACLType, "site", webACL(in{"name": "site"}))
			if w.distribute(in{"webAclId": acl.text("arn")}) != nil {
				return nil
			}
			return w.global().delete(acl)
		},
		passes: func(w *world) error { return w.global().delete(w.global().make(webACLType, "site", webACL(nil))) },
	},
	"an address list in use stays": {
		want: "WAFAssociatedItemException: AWS WAF couldn't perform the operation because your resource is being " +
			"used by another resource: deny",
		refuses: func(w *world) error {
			set := w.global().addresses(in{"name": "deny"})
			if w.protect(wafRule("a", 1,
				in{"orStatement": in{"statements": []any{listed(set.text("arn")), country("KP")}}}, nil)) != nil {
				return nil
			}
			return w.global().delete(set)
		},
		passes: func(w *world) error { return w.global().delete(w.global().addresses(nil)) },
	},
	"logs of a web ACL": {
		want: "WAFLogDestinationPermissionIssueException: The operation failed because you don't have the " +
			"permissions that your logging configuration requires: " +
			"arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-site",
		refuses: func(w *world) error {
			for _, group := range []object{
				w.global().make(logGroupType, "waf", in{"name": "waf-logs"}),
				w.make(logGroupType, "here", in{"name": "aws-waf-logs-here"}),
			} {
				if w.logged(group.text("arn")) == nil {
					return nil
				}
			}
			return w.logged(w.global().make(logGroupType, "site", in{"name": "aws-waf-logs-site"}).text("arn"))
		},
		passes: func(w *world) error {
			w.global().writesLogs("delivery.logs.amazonaws.com")
			return w.logged(w.global().make(logGroupType, "site", in{"name": "aws-waf-logs-site"}).text("arn"))
		},
	},
	"logs of a known web ACL": {
		want: "WAFNonexistentItemException: AWS WAF couldn't perform the operation because your resource doesn't " +
			"exist: arn:aws:wafv2:none",
		refuses: func(w *world) error {
			w.global().writesLogs("delivery.logs.amazonaws.com")
			group := w.global().make(logGroupType, "site", in{"name": "aws-waf-logs-site"})
			return failed(w.global().try(webACLLoggingType, "logs",
				in{"resourceArn": "arn:aws:wafv2:none", "logDestinationConfigs": []any{group.text("arn")}}))
		},
		passes: func(w *world) error {
			w.global().writesLogs("delivery.logs.amazonaws.com")
			return w.logged(w.global().make(logGroupType, "site", in{"name": "aws-waf-logs-site"}).text("arn"))
		},
	},
}

// logged switches on the logs of a web ACL of its own.
func (w *world) logged(destination string) error {
	acl := w.global().make(webACLType, destination[strings.LastIndex(destination, ":")+1:], webACL(nil))
	return failed(w.global().try(webACLLoggingType, "logs",
		in{"resourceArn": acl.text("arn"), "logDestinationConfigs": []any{destination}}))
}

func TestCapacityOfAWebACL(t *testing.T) {
	path := func(constraint string, transformations ...any) in {
		return pathMatch("/a", constraint, transformations)
	}
	transformation := func(kind string) in { return in{"priority": 0, "type": kind} }
	for name, c := range map[string]struct {
		statement, more in
		want            float64
	}{
		"a country":              {country("KP"), nil, 1},
		"a prefix":               {path("STARTS_WITH", transformation("NONE")), nil, 2},
		"a prefix in lower case": {path("STARTS_WITH", transformation("LOWERCASE")), nil, 12},
		"a part":                 {path("CONTAINS", transformation("NONE")), nil, 10},
		"a limit":                {rated(100, 60), nil, 2},
		"a limit of a country": {in{"rateBasedStatement": in{
			"limit":              100,
			"scopeDownStatement": country("KP"),
		}}, nil, 3},
		"a group": {managed("AWSManagedRulesCommonRuleSet"), asGroup, 700},
		"all of them, at every depth": {in{"andStatement": in{"statements": []any{country("KP"),
			in{"notStatement": in{"statements": []any{path("EXACTLY", transformation("NONE"))}}}}}}, nil, 3},
		"either of them, at some depth": {in{"orStatement": in{"statements": []any{country("KP"), country("IR")}}},
			nil, 2},
	} {
		w := newWorld(t).global()
		acl := w.make(webACLType, "site", webACL(nil, wafRule("a", 1, c.statement, c.more)))
		assert.Equal(t, c.want, acl.outputs["capacity"].NumberValue(), name)
	}
}

func pathMatch(text, constraint string, transformations []any) in {
	return in{"byteMatchStatement": in{
		"fieldToMatch":         in{"uriPath": in{}},
		"positionalConstraint": constraint,
		"searchString":         text,
		"textTransformations":  transformations,
	}}
}

// pathFrom matches paths that begin with a text.
func pathFrom(text string) in {
	return pathMatch(text, "STARTS_WITH", []any{in{"priority": 0, "type": "NONE"}})
}

// pathLike matches the path with a regular expression.
func pathLike(pattern string) in {
	return in{"regexMatchStatement": in{
		"fieldToMatch":        in{"uriPath": in{}},
		"regexString":         pattern,
		"textTransformations": []any{in{"priority": 0, "type": "NONE"}},
	}}
}
