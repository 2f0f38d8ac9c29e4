package edge

import "github.com/bookmark-manager/infrastructure/internal/settings"

// managedGroup is a rule group of AWS and how the stack uses it.
type managedGroup struct {
	key      string // in the configuration
	rule     string // the rule of the web ACL that holds it
	name     string // that AWS gives it
	capacity int    // in capacity units
	mode     GroupMode
	optional bool // may be off
}

// all lists the groups in the order of their evaluation, the cheapest and broadest first, with the capacity that AWS documents.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
func (c GroupsConfig) all() []managedGroup {
	return []managedGroup{
		{"ipReputation", "ip-reputation", "AWSManagedRulesAmazonIpReputationList", 25, c.IPReputation, true},
		{"anonymousIp", "anonymous-ip", "AWSManagedRulesAnonymousIpList", 50, c.AnonymousIP, true},
		{"knownBadInputs", "known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet", 200, c.KnownBadInputs, true},
		{"common", commonRule, commonGroup, 700, c.Common, false},
		{"sqlInjection", "sql-injection", "AWSManagedRulesSQLiRuleSet", 200, c.SQLInjection, false},
	}
}

const (
	commonRule  = "common"
	commonGroup = "AWSManagedRulesCommonRuleSet"
	// commonLabels is the namespace of the labels that the common group puts on what its rules match.
	commonLabels = "awswaf:managed:aws:core-rule-set:"
)

// ExceptedRule is a rule of the common group that an exception may name.
type ExceptedRule string

// Rule implements settings.Ruled.
func (ExceptedRule) Rule() settings.Rule {
	rule := settings.Set(sortedKeys(exceptable)...)
	rule.Hint = "no rule against cross-site scripting: they block on every path"
	return rule
}

// exceptable are those rules, with the label of each below commonLabels: those that look
// at sizes, addresses, paths and file names, which bookmarks and their imports may hold for good reasons.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
var exceptable = map[ExceptedRule]string{
	"EC2MetaDataSSRF_BODY":                "EC2MetaDataSSRF_Body",
	"EC2MetaDataSSRF_COOKIE":              "EC2MetaDataSSRF_Cookie",
	"EC2MetaDataSSRF_QUERYARGUMENTS":      "EC2MetaDataSSRF_QueryArguments",
	"EC2MetaDataSSRF_URIPATH":             "EC2MetaDataSSRF_URIPath",
	"GenericLFI_BODY":                     "GenericLFI_Body",
	"GenericLFI_QUERYARGUMENTS":           "GenericLFI_QueryArguments",
	"GenericLFI_URIPATH":                  "GenericLFI_URIPath",
	"GenericRFI_BODY":                     "GenericRFI_Body",
	"GenericRFI_QUERYARGUMENTS":           "GenericRFI_QueryArguments",
	"GenericRFI_URIPATH":                  "GenericRFI_URIPath",
	"RestrictedExtensions_QUERYARGUMENTS": "RestrictedExtensions_QueryArguments",
	"RestrictedExtensions_URIPATH":        "RestrictedExtensions_URIPath",
	"SizeRestrictions_BODY":               "SizeRestrictions_Body",
	"SizeRestrictions_Cookie_HEADER":      "SizeRestrictions_Cookie_Header",
	"SizeRestrictions_QUERYSTRING":        "SizeRestrictions_QueryString",
	"SizeRestrictions_URIPATH":            "SizeRestrictions_URIPath",
}

// userAgentRules are the rest of the common group.
var userAgentRules = []string{"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER"}
