package aws

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// wafCapacityLimit is the most that AWS takes in one web ACL; what lies over 1,500 costs extra.
const wafCapacityLimit = 5000

// managedGroups are AWS's own rule groups, with the capacity of each.
var managedGroups = map[string]int{
	"AWSManagedRulesCommonRuleSet":          700,
	"AWSManagedRulesAdminProtectionRuleSet": 100,
	"AWSManagedRulesKnownBadInputsRuleSet":  200,
	"AWSManagedRulesSQLiRuleSet":            200,
	"AWSManagedRulesLinuxRuleSet":           200,
	"AWSManagedRulesUnixRuleSet":            100,
	"AWSManagedRulesWindowsRuleSet":         200,
	"AWSManagedRulesPHPRuleSet":             100,
	"AWSManagedRulesWordPressRuleSet":       100,
	"AWSManagedRulesAmazonIpReputationList": 25,
	"AWSManagedRulesAnonymousIpList":        50,
	"AWSManagedRulesBotControlRuleSet":      50,
	"AWSManagedRulesATPRuleSet":             50,
	"AWSManagedRulesACFPRuleSet":            50,
}

// wafSearchLimit is the longest text of a string match, in bytes.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_ByteMatchStatement.html
const wafSearchLimit = 200

// wafPatternLimit is the longest regular expression of a statement.
const wafPatternLimit = 512

const wafInvalid = "WAFInvalidParameterException: Error reason: %s, field: %s, parameter: %s"

// wafRules are about web ACLs, their address lists and logs.
var wafRules = []provider.Rule{
	{
		Name:  "WAF of distributions is in us-east-1",
		Types: []string{webACLType, ipSetType},
		When:  provider.OnWrite,
		Why:   "WAF: with scope CLOUDFRONT all calls go to us-east-1",
		Check: func(r *provider.Request) error {
			if r.Inputs.Text("scope") == scopeOfDistributions && r.Region != globalRegion {
				return fmt.Errorf(wafInvalid, "The scope is not valid.", "SCOPE_VALUE", scopeOfDistributions)
			}
			return nil
		},
	},
	{
		Name:  "priorities of a web ACL",
		Types: []string{webACLType},
		When:  provider.OnCheck,
		Why:   "WAF Rule: each rule in a web ACL has its own priority and name",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"priority", "name"} {
				seen := map[string]bool{}
				for _, rule := range r.Inputs.Objects("rules") {
					value := rule.Text(property)
					if value != "" && seen[value] {
						return fmt.Errorf("WAFDuplicateItemException: AWS WAF couldn't perform the operation "+
							"because some resource in your request is a duplicate of an existing one: two rules "+
							"of %s %s", property, value)
					}
					seen[value] = true
				}
			}
			return nil
		},
	},
	{
		Name:  "actions of a rule",
		Types: []string{webACLType},
		When:  provider.OnCheck,
		Why:   "WAF Rule: OverrideAction for a rule that refers to a group, Action for any other",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				statement := rule.Object("statement")
				group := statement.Has("managedRuleGroupStatement") || statement.Has("ruleGroupReferenceStatement")
				if rule.Has("action") == group || rule.Has("overrideAction") != group {
					return fmt.Errorf(wafInvalid, "A reference in your rule statement is not valid.", "RULE",
						rule.Text("name"))
				}
			}
			return nil
		},
	},
	{
		Name:  "statements of a rule",
		Types: []string{webACLType},
		When:  provider.OnCheck,
		Why:   "WAF Statement: one condition each, two or more in And and Or, one in Not, at every depth",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				err := eachStatement(rule.Object("statement"), func(s provider.Values) error {
					nested, many := len(nestedStatements(s)), s.Has("andStatement") || s.Has("orStatement")
					if len(s) != 1 || many && nested < 2 || s.Has("notStatement") && nested != 1 {
						return fmt.Errorf(wafInvalid,
							"You have specified none or more than one of the allowed statements, or too few "+
								"nested ones.", "STATEMENT", rule.Text("name"))
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name:  "values of statements",
		Types: []string{webACLType},
		When:  provider.OnCheck,
		Why:   "WAF RateBasedStatement, GeoMatchStatement, ManagedRuleGroupStatement",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if err := eachStatement(rule.Object("statement"), statementValues); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name:  "capacity of a web ACL",
		Types: []string{webACLType},
		When:  provider.OnCheck,
		Why:   "WAF quotas: 5,000 capacity units in a web ACL",
		Check: func(r *provider.Request) error {
			if used := webACLCapacity(r.Inputs); used > wafCapacityLimit {
				return fmt.Errorf("WAFLimitsExceededException: AWS WAF couldn't perform the operation because you "+
					"exceeded your resource limit: %d WCU, of %d", used, wafCapacityLimit)
			}
			return nil
		},
	},
	{
		Name:  "address lists of a web ACL",
		Types: []string{webACLType},
		When:  provider.OnWrite,
		Why:   "WAF IPSetReferenceStatement: WAFNonexistentItemException",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				err := eachStatement(rule.Object("statement"), func(s provider.Values) error {
					arn := s.Object("ipSetReferenceStatement").Text("arn")
					list := r.ByARN(arn)
					if arn != "" && (r.Missing(list) || list != nil && list.Text("scope") != r.Inputs.Text("scope")) {
						return fmt.Errorf("WAFNonexistentItemException: AWS WAF couldn't perform the operation "+
							"because your resource doesn't exist: %s", arn)
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name:  "addresses of one family",
		Types: []string{ipSetType},
		When:  provider.OnCheck,
		Why:   "WAF CreateIPSet: Addresses in CIDR form, of IPAddressVersion, not /0",
		Check: func(r *provider.Request) error {
			four := r.Inputs.Text("ipAddressVersion") == "IPV4"
			for _, address := range r.Inputs.Texts("addresses") {
				prefix, err := netip.ParsePrefix(address)
				if err != nil || prefix.Addr().Is4() != four || prefix.Bits() == 0 {
					return fmt.Errorf(wafInvalid, "The parameter contains formatting that is not valid.", "IP_ADDRESS",
						address)
				}
			}
			return nil
		},
	},
	{
		Name:  "a web ACL in use stays",
		Types: []string{webACLType},
		When:  provider.OnDelete,
		Why:   "WAF DeleteWebACL: WAFAssociatedItemException",
		Check: func(r *provider.Request) error {
			if slices.ContainsFunc(r.Everywhere(distributionType), func(d *cloud.Object) bool {
				return d.Text("webAclId") == r.Old.ARN
			}) {
				return fmt.Errorf("WAFAssociatedItemException: AWS WAF couldn't perform the operation because your "+
					"resource is being used by another resource or it's associated with another resource: %s",
					r.Old.Name)
			}
			return nil
		},
	},
	{
		Name:  "an address list in use stays",
		Types: []string{ipSetType},
		When:  provider.OnDelete,
		Why:   "WAF DeleteIPSet: WAFAssociatedItemException",
		Check: func(r *provider.Request) error {
			for _, acl := range r.List(webACLType) {
				for _, rule := range provider.Values(acl.Inputs).Objects("rules") {
					err := eachStatement(rule.Object("statement"), func(s provider.Values) error {
						if s.Object("ipSetReferenceStatement").Text("arn") != r.Old.ARN {
							return nil
						}
						return fmt.Errorf("WAFAssociatedItemException: AWS WAF couldn't perform the operation "+
							"because your resource is being used by another resource: %s", r.Old.Name)
					})
					if err != nil {
						return err
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "logs of a web ACL",
		Types: []string{webACLLoggingType},
		When:  provider.OnWrite,
		Why: "WAF PutLoggingConfiguration: WAFLogDestinationPermissionIssueException; a name that begins with " +
			"aws-waf-logs-",
		Check: func(r *provider.Request) error {
			for _, arn := range r.Inputs.Texts("logDestinationConfigs") {
				parts := strings.Split(arn, ":")
				if name := parts[len(parts)-1]; !strings.HasPrefix(name, "aws-waf-logs-") {
					return fmt.Errorf(wafInvalid,
						"The ARN isn't valid. A valid ARN begins with arn: and includes other information separated "+
							"by colons or slashes.", "LOG_DESTINATION", arn)
				}
				group := r.ByARN(arn)
				switch {
				case r.Missing(group), group != nil && group.Region != r.Region:
					return fmt.Errorf("WAFNonexistentItemException: AWS WAF couldn't perform the operation because "+
						"your resource doesn't exist: %s", arn)
				case group == nil || group.Type != logGroupType || r.Preview:
					continue
				}
				if err := mayWriteLogs(r, group, "delivery.logs.amazonaws.com",
					"arn:aws:logs:"+r.Region+":"+r.Account+":delivery-source:x"); err != nil {
					return fmt.Errorf("WAFLogDestinationPermissionIssueException: The operation failed because you "+
						"don't have the permissions that your logging configuration requires: %s\n%w", arn, err)
				}
			}
			return nil
		},
	},
	{
		Name:  "logs of a known web ACL",
		Types: []string{webACLLoggingType},
		When:  provider.OnWrite,
		Why:   "WAF PutLoggingConfiguration: WAFNonexistentItemException",
		Check: func(r *provider.Request) error {
			if arn := r.Inputs.Text("resourceArn"); arn != "" && r.Missing(r.ByARN(arn)) {
				return fmt.Errorf("WAFNonexistentItemException: AWS WAF couldn't perform the operation because your "+
					"resource doesn't exist: %s", arn)
			}
			return nil
		},
	},
}

// nestedStatements are those directly inside a statement.
func nestedStatements(s provider.Values) []provider.Values {
	var nested []provider.Values
	for _, kind := range []string{"andStatement", "orStatement", "notStatement"} {
		nested = append(nested, s.Object(kind).Objects("statements")...)
	}
	for _, kind := range []string{"rateBasedStatement", "managedRuleGroupStatement"} {
		if inner := s.Object(kind); inner.Has("scopeDownStatement") {
			nested = append(nested, inner.Object("scopeDownStatement"))
		}
	}
	return nested
}

// eachStatement asks about a statement and all that are in it.
func eachStatement(s provider.Values, ask func(provider.Values) error) error {
	if err := ask(s); err != nil {
		return err
	}
	for _, inner := range nestedStatements(s) {
		if err := eachStatement(inner, ask); err != nil {
			return err
		}
	}
	return nil
}

func statementValues(s provider.Values) error {
	if geo := s.Object("geoMatchStatement"); geo != nil && !geo.Unknown("countryCodes") {
		if n := len(geo.Texts("countryCodes")); n < 1 || n > 50 {
			return fmt.Errorf(wafInvalid, "The number of country codes is not between 1 and 50.",
				"GEO_MATCH_STATEMENT", fmt.Sprint(n))
		}
	}
	if pattern := s.Object("regexMatchStatement").Text("regexString"); pattern != "" {
		// WAF takes a part of PCRE; what Go's own engine takes is within it.
		if _, err := regexp.Compile(pattern); err != nil || len(pattern) > wafPatternLimit {
			return fmt.Errorf(wafInvalid, "The regex pattern is not valid or is too long.", "REGEX_PATTERN", pattern)
		}
	}
	if text := s.Object("byteMatchStatement").Text("searchString"); len(text) > wafSearchLimit {
		return fmt.Errorf(wafInvalid, "The search string is too long.", "BYTE_MATCH_STATEMENT", text)
	}
	group := s.Object("managedRuleGroupStatement")
	if name := group.Text("name"); name != "" && group.Text("vendorName") == "AWS" && managedGroups[name] == 0 {
		return fmt.Errorf("WAFNonexistentItemException: AWS WAF couldn't perform the operation because your "+
			"resource doesn't exist: managed rule group %s", name)
	}
	if config, wanted := wantedConfig[group.Text("name")]; wanted && !configured(group, config) {
		return fmt.Errorf(wafInvalid, "A required field is missing from the parameter.", "MANAGED_RULE_GROUP_CONFIG",
			config)
	}
	return nil
}

// wantedConfig are the groups that have to be told something, by the property that does so. The
// words of the refusal are WAF's general ones for a field that is missing.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_ManagedRuleGroupConfig.html
var wantedConfig = map[string]string{
	"AWSManagedRulesATPRuleSet":        "awsManagedRulesAtpRuleSet",
	"AWSManagedRulesACFPRuleSet":       "awsManagedRulesAcfpRuleSet",
	"AWSManagedRulesBotControlRuleSet": "awsManagedRulesBotControlRuleSet",
}

func configured(group provider.Values, property string) bool {
	return slices.ContainsFunc(group.Objects("managedRuleGroupConfigs"), func(one provider.Values) bool {
		return one.Has(property)
	})
}

func webACLCapacity(v provider.Values) int {
	total := 0
	for _, rule := range v.Objects("rules") {
		// The walk itself never fails.
		_ = eachStatement(rule.Object("statement"), func(s provider.Values) error {
			total += ownCapacity(s)
			return nil
		})
	}
	return total
}

// ownCapacity is what a statement counts without those inside it.
func ownCapacity(s provider.Values) int {
	for kind := range s {
		inner := s.Object(string(kind))
		switch kind {
		case "geoMatchStatement", "labelMatchStatement", "asnMatchStatement":
			return 1
		case "ipSetReferenceStatement":
			if inner.Object("ipSetForwardedIpConfig").Text("position") == "ANY" {
				return 5
			}
			return 1
		case "byteMatchStatement":
			if strings.HasPrefix(inner.Text("positionalConstraint"), "CONTAINS") {
				return inspection(inner, 10)
			}
			return inspection(inner, 2)
		case "sizeConstraintStatement":
			return inspection(inner, 1)
		case "regexMatchStatement":
			return inspection(inner, 3)
		case "regexPatternSetReferenceStatement":
			return inspection(inner, 25)
		case "sqliMatchStatement":
			if inner.Text("sensitivityLevel") == "HIGH" {
				return inspection(inner, 30)
			}
			return inspection(inner, 20)
		case "xssMatchStatement":
			return inspection(inner, 40)
		case "rateBasedStatement":
			return 2 + 30*len(inner.Objects("customKeys"))
		case "managedRuleGroupStatement":
			return managedGroups[inner.Text("name")]
		}
	}
	return 0
}

// inspection adds what the inspected part of a request and its transformations count.
func inspection(s provider.Values, base int) int {
	field := s.Object("fieldToMatch")
	if field.Has("jsonBody") {
		base *= 2
	}
	if field.Has("allQueryArguments") {
		base += 10
	}
	for _, transformation := range s.Objects("textTransformations") {
		if transformation.Text("type") != "NONE" {
			base += 10
		}
	}
	return base
}
