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

// all lists the groups in the order of their evaluation, the cheapest and broadest first, with the
// capacity that AWS documents.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
func (c GroupsConfig) all() []managedGroup {
	return []managedGroup{
		{"ipReputation", "ip-reputation", "AWSManagedRulesAmazonIpReputationList", 25, c.IPReputation, true},
		{"anonymousIp", "anonymous-ip", "AWSManagedRulesAnonymousIpList", 50, c.AnonymousIP, true},
		{"knownBadInputs", "known-bad-inputs", knownBadGroup, 200, c.KnownBadInputs, true},
		{"common", commonRule, commonGroup, 700, c.Common, false},
		{"sqlInjection", "sql-injection", sqlGroup, 200, c.SQLInjection, false},
	}
}

const (
	commonRule    = "common"
	commonGroup   = "AWSManagedRulesCommonRuleSet"
	knownBadGroup = "AWSManagedRulesKnownBadInputsRuleSet"
	sqlGroup      = "AWSManagedRulesSQLiRuleSet"
)

// labelsOf are the namespaces of the labels that groups put on what their rules match.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
var labelsOf = map[string]string{
	commonGroup: "awswaf:managed:aws:core-rule-set:", knownBadGroup: "awswaf:managed:aws:known-bad-inputs:",
	sqlGroup: "awswaf:managed:aws:sql-database:",
}

// ExceptedRule is a rule of a group that an exception may name.
type ExceptedRule string

// Rule implements settings.Ruled.
func (ExceptedRule) Rule() settings.Rule {
	rule := settings.Set(sortedKeys(exceptableRules)...)
	rule.Hint = "no rule against cross-site scripting: they block on every path"
	return rule
}

// exceptableRule is where a rule is, and the end of the label that it puts on what it matches.
type exceptableRule struct{ group, label string }

// fullLabel is the label as WAF knows it.
func (r exceptableRule) fullLabel() string { return labelsOf[r.group] + r.label }

// exceptableRules are the rules that look at sizes, addresses, paths, file names and texts that
// speak of databases and exploits, which bookmarks and their imports may hold for good reasons.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html
var exceptableRules = map[ExceptedRule]exceptableRule{
	"EC2MetaDataSSRF_BODY":                {commonGroup, "EC2MetaDataSSRF_Body"},
	"EC2MetaDataSSRF_COOKIE":              {commonGroup, "EC2MetaDataSSRF_Cookie"},
	"EC2MetaDataSSRF_QUERYARGUMENTS":      {commonGroup, "EC2MetaDataSSRF_QueryArguments"},
	"EC2MetaDataSSRF_URIPATH":             {commonGroup, "EC2MetaDataSSRF_URIPath"},
	"GenericLFI_BODY":                     {commonGroup, "GenericLFI_Body"},
	"GenericLFI_QUERYARGUMENTS":           {commonGroup, "GenericLFI_QueryArguments"},
	"GenericLFI_URIPATH":                  {commonGroup, "GenericLFI_URIPath"},
	"GenericRFI_BODY":                     {commonGroup, "GenericRFI_Body"},
	"GenericRFI_QUERYARGUMENTS":           {commonGroup, "GenericRFI_QueryArguments"},
	"GenericRFI_URIPATH":                  {commonGroup, "GenericRFI_URIPath"},
	"RestrictedExtensions_QUERYARGUMENTS": {commonGroup, "RestrictedExtensions_QueryArguments"},
	"RestrictedExtensions_URIPATH":        {commonGroup, "RestrictedExtensions_URIPath"},
	"SizeRestrictions_BODY":               {commonGroup, "SizeRestrictions_Body"},
	"SizeRestrictions_Cookie_HEADER":      {commonGroup, "SizeRestrictions_Cookie_Header"},
	"SizeRestrictions_QUERYSTRING":        {commonGroup, "SizeRestrictions_QueryString"},
	"SizeRestrictions_URIPATH":            {commonGroup, "SizeRestrictions_URIPath"},
	"JavaDeserializationRCE_BODY":         {knownBadGroup, "JavaDeserializationRCE_Body"},
	"JavaDeserializationRCE_QUERYSTRING":  {knownBadGroup, "JavaDeserializationRCE_QueryString"},
	"Log4JRCE_BODY":                       {knownBadGroup, "Log4JRCE_Body"},
	"Log4JRCE_QUERYSTRING":                {knownBadGroup, "Log4JRCE_QueryString"},
	"SQLi_BODY":                           {sqlGroup, "SQLi_Body"},
	"SQLi_QUERYARGUMENTS":                 {sqlGroup, "SQLi_QueryArguments"},
	"SQLiExtendedPatterns_BODY":           {sqlGroup, "SQLiExtendedPatterns_Body"},
	"SQLiExtendedPatterns_QUERYARGUMENTS": {sqlGroup, "SQLiExtendedPatterns_QueryArguments"},
}

// userAgentRules are the rest of the common group.
var userAgentRules = []string{"NoUserAgent_HEADER", "UserAgent_BadBots_HEADER"}

// withKey finds a group by its key in the configuration.
func (c GroupsConfig) withKey(key string) managedGroup {
	for _, group := range c.all() {
		if group.key == key {
			return group
		}
	}
	return managedGroup{}
}

// named finds a group by the name that AWS gives it.
func (c GroupsConfig) named(name string) managedGroup {
	for _, group := range c.all() {
		if group.name == name {
			return group
		}
	}
	return managedGroup{}
}
