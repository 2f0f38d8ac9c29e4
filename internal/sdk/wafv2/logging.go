package wafv2

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// WebAclLoggingConfiguration says where a web ACL writes its logs.
type WebAclLoggingConfiguration struct {
	pulumi.CustomResourceState
}

// WebAclLoggingConfigurationArgs require LogDestinationConfigs and ResourceArn.
type WebAclLoggingConfigurationArgs struct {
	LogDestinationConfigs pulumi.StringArrayInput `pulumi:"logDestinationConfigs"`
	LoggingFilter         *LoggingFilter          `pulumi:"loggingFilter"`
	RedactedFields        RedactedFieldArray      `pulumi:"redactedFields"`
	ResourceArn           pulumi.StringInput      `pulumi:"resourceArn"`
}

func (WebAclLoggingConfigurationArgs) ElementType() reflect.Type {
	return sdk.Plain[WebAclLoggingConfigurationArgs]()
}

// NewWebAclLoggingConfiguration registers one.
func NewWebAclLoggingConfiguration(
	ctx *pulumi.Context, name string, args *WebAclLoggingConfigurationArgs, opts ...pulumi.ResourceOption,
) (*WebAclLoggingConfiguration, error) {
	made := &WebAclLoggingConfiguration{}
	return made, ctx.RegisterResource(catalog.WebACLLogging, name, args, made, sdk.Versioned(version, opts)...)
}

// LoggingFilter says which requests are logged. DefaultBehavior is KEEP or DROP.
type LoggingFilter struct {
	DefaultBehavior pulumi.StringInput `pulumi:"defaultBehavior"`
	Filters         FilterArray        `pulumi:"filters"`
}

func (LoggingFilter) ElementType() reflect.Type { return sdk.Plain[LoggingFilter]() }

// Filter keeps or drops requests. Requirement is MEETS_ALL or MEETS_ANY of the conditions.
type Filter struct {
	Behavior    pulumi.StringInput `pulumi:"behavior"`
	Conditions  FilterConditions   `pulumi:"conditions"`
	Requirement pulumi.StringInput `pulumi:"requirement"`
}

func (Filter) ElementType() reflect.Type { return sdk.Plain[Filter]() }

// FilterArray lists them.
type FilterArray []Filter

func (FilterArray) ElementType() reflect.Type { return sdk.PlainList() }

// FilterCondition is about what the web ACL did.
type FilterCondition struct {
	ActionCondition *ActionCondition `pulumi:"actionCondition"`
}

func (FilterCondition) ElementType() reflect.Type { return sdk.Plain[FilterCondition]() }

// FilterConditions lists them.
type FilterConditions []FilterCondition

func (FilterConditions) ElementType() reflect.Type { return sdk.PlainList() }

// ActionCondition is an action such as BLOCK, COUNT or EXCLUDED_AS_COUNT.
type ActionCondition struct {
	Action pulumi.StringInput `pulumi:"action"`
}

func (ActionCondition) ElementType() reflect.Type { return sdk.Plain[ActionCondition]() }

// RedactedField is a part of requests that the logs leave out.
type RedactedField struct {
	SingleHeader *SingleHeader `pulumi:"singleHeader"`
}

func (RedactedField) ElementType() reflect.Type { return sdk.Plain[RedactedField]() }

// RedactedFieldArray lists them.
type RedactedFieldArray []RedactedField

func (RedactedFieldArray) ElementType() reflect.Type { return sdk.PlainList() }
