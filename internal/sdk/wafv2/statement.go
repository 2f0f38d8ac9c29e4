package wafv2

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// Statement is a condition: one of its fields is set.
type Statement struct {
	AndStatement              *Statements                `pulumi:"andStatement"`
	ByteMatchStatement        *ByteMatchStatement        `pulumi:"byteMatchStatement"`
	GeoMatchStatement         *GeoMatchStatement         `pulumi:"geoMatchStatement"`
	IpSetReferenceStatement   *IPSetReferenceStatement   `pulumi:"ipSetReferenceStatement"`
	LabelMatchStatement       *LabelMatchStatement       `pulumi:"labelMatchStatement"`
	ManagedRuleGroupStatement *ManagedRuleGroupStatement `pulumi:"managedRuleGroupStatement"`
	NotStatement              *Statements                `pulumi:"notStatement"`
	OrStatement               *Statements                `pulumi:"orStatement"`
	RateBasedStatement        *RateBasedStatement        `pulumi:"rateBasedStatement"`
	RegexMatchStatement       *RegexMatchStatement       `pulumi:"regexMatchStatement"`
	SizeConstraintStatement   *SizeConstraintStatement   `pulumi:"sizeConstraintStatement"`
}

func (Statement) ElementType() reflect.Type { return sdk.Plain[Statement]() }

// StatementArray lists them.
type StatementArray []Statement

func (StatementArray) ElementType() reflect.Type { return sdk.PlainList() }

// Statements are what a logical statement is made of.
type Statements struct {
	Statements StatementArray `pulumi:"statements"`
}

func (Statements) ElementType() reflect.Type { return sdk.Plain[Statements]() }

// ByteMatchStatement looks for a text. PositionalConstraint is one of CONTAINS, CONTAINS_WORD,
// ENDS_WITH, EXACTLY and STARTS_WITH.
type ByteMatchStatement struct {
	FieldToMatch         *FieldToMatch           `pulumi:"fieldToMatch"`
	PositionalConstraint pulumi.StringInput      `pulumi:"positionalConstraint"`
	SearchString         pulumi.StringInput      `pulumi:"searchString"`
	TextTransformations  TextTransformationArray `pulumi:"textTransformations"`
}

func (ByteMatchStatement) ElementType() reflect.Type { return sdk.Plain[ByteMatchStatement]() }

// RegexMatchStatement looks for a regular expression.
type RegexMatchStatement struct {
	FieldToMatch        *FieldToMatch           `pulumi:"fieldToMatch"`
	RegexString         pulumi.StringInput      `pulumi:"regexString"`
	TextTransformations TextTransformationArray `pulumi:"textTransformations"`
}

func (RegexMatchStatement) ElementType() reflect.Type { return sdk.Plain[RegexMatchStatement]() }

// SizeConstraintStatement compares a length in bytes. ComparisonOperator is one of EQ, NE, LE, LT,
// GE and GT.
type SizeConstraintStatement struct {
	ComparisonOperator  pulumi.StringInput      `pulumi:"comparisonOperator"`
	FieldToMatch        *FieldToMatch           `pulumi:"fieldToMatch"`
	Size                pulumi.IntInput         `pulumi:"size"`
	TextTransformations TextTransformationArray `pulumi:"textTransformations"`
}

func (SizeConstraintStatement) ElementType() reflect.Type {
	return sdk.Plain[SizeConstraintStatement]()
}

// FieldToMatch is the part of a request that is looked at: one of its fields is set.
type FieldToMatch struct {
	Method       *Nothing      `pulumi:"method"`
	QueryString  *Nothing      `pulumi:"queryString"`
	SingleHeader *SingleHeader `pulumi:"singleHeader"`
	UriPath      *Nothing      `pulumi:"uriPath"`
}

func (FieldToMatch) ElementType() reflect.Type { return sdk.Plain[FieldToMatch]() }

// SingleHeader is a header, by its name in lower case.
type SingleHeader struct {
	Name pulumi.StringInput `pulumi:"name"`
}

func (SingleHeader) ElementType() reflect.Type { return sdk.Plain[SingleHeader]() }

// TextTransformation is done before the comparison, in the order of priorities.
type TextTransformation struct {
	Priority pulumi.IntInput    `pulumi:"priority"`
	Type     pulumi.StringInput `pulumi:"type"`
}

func (TextTransformation) ElementType() reflect.Type { return sdk.Plain[TextTransformation]() }

// TextTransformationArray lists them.
type TextTransformationArray []TextTransformation

func (TextTransformationArray) ElementType() reflect.Type { return sdk.PlainList() }

// GeoMatchStatement matches the countries of addresses.
type GeoMatchStatement struct {
	CountryCodes pulumi.StringArrayInput `pulumi:"countryCodes"`
}

func (GeoMatchStatement) ElementType() reflect.Type { return sdk.Plain[GeoMatchStatement]() }

// IPSetReferenceStatement matches the addresses of a set.
type IPSetReferenceStatement struct {
	Arn pulumi.StringInput `pulumi:"arn"`
}

func (IPSetReferenceStatement) ElementType() reflect.Type {
	return sdk.Plain[IPSetReferenceStatement]()
}

// LabelMatchStatement matches what an earlier rule has labelled. Scope is LABEL or NAMESPACE.
type LabelMatchStatement struct {
	Key   pulumi.StringInput `pulumi:"key"`
	Scope pulumi.StringInput `pulumi:"scope"`
}

func (LabelMatchStatement) ElementType() reflect.Type { return sdk.Plain[LabelMatchStatement]() }

// ManagedRuleGroupStatement holds the rules of a vendor.
type ManagedRuleGroupStatement struct {
	ManagedRuleGroupConfigs ManagedRuleGroupConfigArray `pulumi:"managedRuleGroupConfigs"`
	Name                    pulumi.StringInput          `pulumi:"name"`
	RuleActionOverrides     RuleActionOverrideArray     `pulumi:"ruleActionOverrides"`
	ScopeDownStatement      *Statement                  `pulumi:"scopeDownStatement"`
	VendorName              pulumi.StringInput          `pulumi:"vendorName"`
}

func (ManagedRuleGroupStatement) ElementType() reflect.Type {
	return sdk.Plain[ManagedRuleGroupStatement]()
}

// RuleActionOverride gives a rule of a group another action.
type RuleActionOverride struct {
	ActionToUse Action             `pulumi:"actionToUse"`
	Name        pulumi.StringInput `pulumi:"name"`
}

func (RuleActionOverride) ElementType() reflect.Type { return sdk.Plain[RuleActionOverride]() }

// RuleActionOverrideArray lists them.
type RuleActionOverrideArray []RuleActionOverride

func (RuleActionOverrideArray) ElementType() reflect.Type { return sdk.PlainList() }

// RateBasedStatement matches who sends more than Limit requests in EvaluationWindowSec seconds.
type RateBasedStatement struct {
	AggregateKeyType    pulumi.StringPtrInput `pulumi:"aggregateKeyType"`
	EvaluationWindowSec pulumi.IntPtrInput    `pulumi:"evaluationWindowSec"`
	Limit               pulumi.IntInput       `pulumi:"limit"`
	ScopeDownStatement  *Statement            `pulumi:"scopeDownStatement"`
}

func (RateBasedStatement) ElementType() reflect.Type { return sdk.Plain[RateBasedStatement]() }
