package edge

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk/wafv2"
)

// statement is a condition of a rule. It knows what AWS counts it for, so that a web ACL over its
// capacity is refused before anything is deployed.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-match.html
type statement interface {
	capacity() int
	args() wafv2.Statement
}

// What AWS counts.
const (
	ipSetCapacity          = 1
	countryCapacity        = 1
	labelCapacity          = 1
	prefixCapacity         = 2 // also of an exact match
	transformationCapacity = 10
	rateCapacity           = 2
	regexCapacity          = 3
	sizeCapacity           = 1
)

// inIPSet matches the address of the viewer.
type inIPSet struct{ arn pulumi.StringInput }

func (s inIPSet) capacity() int { return ipSetCapacity }

func (s inIPSet) args() wafv2.Statement {
	return wafv2.Statement{IpSetReferenceStatement: &wafv2.IPSetReferenceStatement{Arn: s.arn}}
}

// inCountry matches where the viewer's address is.
type inCountry struct{ codes []string }

func (s inCountry) capacity() int { return countryCapacity }

func (s inCountry) args() wafv2.Statement {
	return wafv2.Statement{
		GeoMatchStatement: &wafv2.GeoMatchStatement{CountryCodes: pulumi.ToStringArray(s.codes)},
	}
}

// hasLabel matches a label that an earlier rule has put on the request.
type hasLabel struct{ label string }

func (s hasLabel) capacity() int { return labelCapacity }

func (s hasLabel) args() wafv2.Statement {
	return wafv2.Statement{
		LabelMatchStatement: &wafv2.LabelMatchStatement{Scope: pulumi.String("LABEL"), Key: pulumi.String(s.label)},
	}
}

// onPath matches the path of the request after transformations.
type onPath struct {
	path            string
	below           bool // also what begins with it
	transformations []string
}

func (s onPath) capacity() int { return prefixCapacity + transformationCapacity*len(s.transformations) }

func (s onPath) args() wafv2.Statement {
	constraint := "EXACTLY"
	if s.below {
		constraint = "STARTS_WITH"
	}
	transformations := wafv2.TextTransformationArray{}
	for i, kind := range s.transformations {
		transformations = append(transformations, wafv2.TextTransformation{
			Priority: pulumi.Int(i), Type: pulumi.String(kind),
		})
	}
	if len(transformations) == 0 {
		transformations = asItCame
	}
	return wafv2.Statement{ByteMatchStatement: &wafv2.ByteMatchStatement{
		FieldToMatch: &wafv2.FieldToMatch{
			UriPath: &wafv2.Nothing{},
		},
		PositionalConstraint: pulumi.String(constraint),
		SearchString:         pulumi.String(s.path),
		TextTransformations:  transformations,
	}}
}

// part is what of a request a pattern is compared with.
type part int

const (
	rawPath       part = iota // as the viewer sent it, escapes and all
	requestMethod             // in capitals
	contentLength             // the header
)

// like matches a part of the request, as it was sent, with a regular expression.
type like struct {
	part    part
	pattern string
}

func (s like) capacity() int { return regexCapacity }

func (s like) args() wafv2.Statement {
	field := &wafv2.FieldToMatch{}
	switch s.part {
	case rawPath:
		field.UriPath = &wafv2.Nothing{}
	case requestMethod:
		field.Method = &wafv2.Nothing{}
	case contentLength:
		field.SingleHeader = &wafv2.SingleHeader{Name: pulumi.String("content-length")}
	}
	return wafv2.Statement{RegexMatchStatement: &wafv2.RegexMatchStatement{
		FieldToMatch: field, RegexString: pulumi.String(s.pattern), TextTransformations: asItCame,
	}}
}

// asItCame transforms nothing; WAF asks for a transformation all the same.
var asItCame = wafv2.TextTransformationArray{{Priority: pulumi.Int(0), Type: pulumi.String("NONE")}}

// noQuery matches a request without a query string. It asks whether there is none longer than
// nothing: WAF documents that a statement does not match a request without the component, and not
// whether a request without "?" has that component.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields.html
type noQuery struct{}

func (noQuery) capacity() int { return sizeCapacity }

func (noQuery) args() wafv2.Statement {
	longer := wafv2.Statement{SizeConstraintStatement: &wafv2.SizeConstraintStatement{
		FieldToMatch:        &wafv2.FieldToMatch{QueryString: &wafv2.Nothing{}},
		ComparisonOperator:  pulumi.String("GT"),
		Size:                pulumi.Int(0),
		TextTransformations: asItCame,
	}}
	return wafv2.Statement{NotStatement: &wafv2.Statements{Statements: wafv2.StatementArray{longer}}}
}

// anyOf matches what one of its statements matches. AWS wants two or more of them; of one, anyOf is
// that one.
type anyOf []statement

func (s anyOf) capacity() int { return sum(s) }

func (s anyOf) args() wafv2.Statement {
	if len(s) == 1 {
		return s[0].args()
	}
	return wafv2.Statement{OrStatement: &wafv2.Statements{Statements: nested(s)}}
}

// allOf matches what all of its statements, two or more, match.
type allOf []statement

func (s allOf) capacity() int { return sum(s) }

func (s allOf) args() wafv2.Statement {
	return wafv2.Statement{AndStatement: &wafv2.Statements{Statements: nested(s)}}
}

// not matches what its statement does not.
type not struct{ statement }

func (s not) args() wafv2.Statement {
	return wafv2.Statement{NotStatement: &wafv2.Statements{Statements: nested([]statement{s.statement})}}
}

// overRate matches the addresses that send more than a limit, of the requests with a label or,
// without one, of all.
type overRate struct {
	limit RateConfig
	of    string
}

func (s overRate) capacity() int {
	if s.of == "" {
		return rateCapacity
	}
	return rateCapacity + labelCapacity
}

func (s overRate) args() wafv2.Statement {
	rate := &wafv2.RateBasedStatement{
		AggregateKeyType: pulumi.String("IP"), // CloudFront shows WAF the viewer's own address
		Limit:            pulumi.Int(s.limit.Limit), EvaluationWindowSec: pulumi.Int(s.limit.WindowSeconds),
	}
	if s.of != "" {
		rate.ScopeDownStatement = &wafv2.Statement{
			LabelMatchStatement: &wafv2.LabelMatchStatement{
				Scope: pulumi.String("LABEL"), Key: pulumi.String(s.of),
			},
		}
	}
	return wafv2.Statement{RateBasedStatement: rate}
}

// inGroup matches what a managed group matches, of the requests that have none of the labels in
// scopedOut (scope-down statement). The rules in overridden only count, and label what they match
// (rule action override).
type inGroup struct {
	group      managedGroup
	overridden []string
	scopedOut  []string
	// config is the configuration of the group; most need none.
	config *wafv2.ManagedRuleGroupConfig
}

func (s inGroup) capacity() int { return s.group.capacity + labelCapacity*len(s.scopedOut) }

func (s inGroup) args() wafv2.Statement {
	var overrides wafv2.RuleActionOverrideArray
	for _, rule := range s.overridden {
		overrides = append(overrides, wafv2.RuleActionOverride{
			Name: pulumi.String(rule),
			ActionToUse: wafv2.Action{
				Count: &wafv2.Nothing{},
			},
		})
	}
	group := &wafv2.ManagedRuleGroupStatement{
		VendorName: pulumi.String("AWS"), Name: pulumi.String(s.group.name), RuleActionOverrides: overrides,
	}
	if s.config != nil {
		group.ManagedRuleGroupConfigs = wafv2.ManagedRuleGroupConfigArray{*s.config}
	}
	if len(s.scopedOut) > 0 {
		var labels anyOf
		for _, label := range s.scopedOut {
			labels = append(labels, hasLabel{label})
		}
		within := not{labels}.args()
		group.ScopeDownStatement = &within
	}
	return wafv2.Statement{ManagedRuleGroupStatement: group}
}

func sum(all []statement) int {
	total := 0
	for _, one := range all {
		total += one.capacity()
	}
	return total
}

func nested(all []statement) wafv2.StatementArray {
	var out wafv2.StatementArray
	for _, one := range all {
		out = append(out, one.args())
	}
	return out
}
