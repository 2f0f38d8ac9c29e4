// Package wafv2 declares what the program uses of the AWS SDK's package of this name, whose types
// repeat every statement at each depth: 413 MB of object code, and a compiler of 6 GB. The
// resources are documented at https://www.pulumi.com/registry/packages/aws/api-docs/wafv2/; the
// types in a rule have the names of WAF's own API, where a statement is one type at every depth.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html
package wafv2

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// version is that of the provider's plugin, and of the SDK in go.mod.
const version = "6.83.0"

// WebAcl is a list of rules that judges requests.
type WebAcl struct {
	pulumi.CustomResourceState

	Arn pulumi.StringOutput `pulumi:"arn"`
}

// WebAclArgs require DefaultAction, Scope and VisibilityConfig. Scope is REGIONAL or CLOUDFRONT.
type WebAclArgs struct {
	DefaultAction    DefaultAction         `pulumi:"defaultAction"`
	Description      pulumi.StringPtrInput `pulumi:"description"`
	Rules            RuleArray             `pulumi:"rules"`
	Scope            pulumi.StringInput    `pulumi:"scope"`
	VisibilityConfig VisibilityConfig      `pulumi:"visibilityConfig"`
}

func (WebAclArgs) ElementType() reflect.Type { return sdk.Plain[WebAclArgs]() }

// NewWebAcl registers one.
func NewWebAcl(ctx *pulumi.Context, name string, args *WebAclArgs, opts ...pulumi.ResourceOption) (*WebAcl, error) {
	made := &WebAcl{}
	return made, ctx.RegisterResource(catalog.WebACL, name, args, made, sdk.Versioned(version, opts)...)
}

// DefaultAction is what becomes of requests that no rule ends: one of them is set.
type DefaultAction struct {
	Allow *Nothing `pulumi:"allow"`
	Block *Nothing `pulumi:"block"`
}

func (DefaultAction) ElementType() reflect.Type { return sdk.Plain[DefaultAction]() }

// VisibilityConfig says whether CloudWatch counts, under which name, and whether requests are
// sampled.
type VisibilityConfig struct {
	CloudwatchMetricsEnabled pulumi.BoolInput   `pulumi:"cloudwatchMetricsEnabled"`
	MetricName               pulumi.StringInput `pulumi:"metricName"`
	SampledRequestsEnabled   pulumi.BoolInput   `pulumi:"sampledRequestsEnabled"`
}

func (VisibilityConfig) ElementType() reflect.Type { return sdk.Plain[VisibilityConfig]() }

// Rule is a statement and what becomes of the requests that it matches: OverrideAction for a rule
// group, Action for all else.
type Rule struct {
	Action           *Action            `pulumi:"action"`
	Name             pulumi.StringInput `pulumi:"name"`
	OverrideAction   *OverrideAction    `pulumi:"overrideAction"`
	Priority         pulumi.IntInput    `pulumi:"priority"`
	RuleLabels       RuleLabelArray     `pulumi:"ruleLabels"`
	Statement        Statement          `pulumi:"statement"`
	VisibilityConfig VisibilityConfig   `pulumi:"visibilityConfig"`
}

func (Rule) ElementType() reflect.Type { return sdk.Plain[Rule]() }

// RuleArray lists them.
type RuleArray []Rule

func (RuleArray) ElementType() reflect.Type { return sdk.PlainList() }

// Action is one of these.
type Action struct {
	Allow *Nothing `pulumi:"allow"`
	Block *Block   `pulumi:"block"`
	Count *Nothing `pulumi:"count"`
}

func (Action) ElementType() reflect.Type { return sdk.Plain[Action]() }

// Block refuses a request, with 403 where CustomResponse says nothing else.
type Block struct {
	CustomResponse *CustomResponse `pulumi:"customResponse"`
}

func (Block) ElementType() reflect.Type { return sdk.Plain[Block]() }

// CustomResponse is the status of the answer to a blocked request.
type CustomResponse struct {
	ResponseCode pulumi.IntInput `pulumi:"responseCode"`
}

func (CustomResponse) ElementType() reflect.Type { return sdk.Plain[CustomResponse]() }

// OverrideAction is one of these: None leaves a group's actions as they are.
type OverrideAction struct {
	Count *Nothing `pulumi:"count"`
	None  *Nothing `pulumi:"none"`
}

func (OverrideAction) ElementType() reflect.Type { return sdk.Plain[OverrideAction]() }

// RuleLabel is put on the requests that a rule matches.
type RuleLabel struct {
	Name pulumi.StringInput `pulumi:"name"`
}

func (RuleLabel) ElementType() reflect.Type { return sdk.Plain[RuleLabel]() }

// RuleLabelArray lists them.
type RuleLabelArray []RuleLabel

func (RuleLabelArray) ElementType() reflect.Type { return sdk.PlainList() }

// Nothing is what has no settings of its own.
type Nothing struct {
}

func (Nothing) ElementType() reflect.Type { return sdk.Plain[Nothing]() }
