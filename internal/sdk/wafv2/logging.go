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
	RedactedFields        RedactedFieldArray      `pulumi:"redactedFields"`
	ResourceArn           pulumi.StringInput      `pulumi:"resourceArn"`
}

func (WebAclLoggingConfigurationArgs) ElementType() reflect.Type {
	return sdk.Plain[WebAclLoggingConfigurationArgs]()
}

// NewWebAclLoggingConfiguration registers one.
func NewWebAclLoggingConfiguration(ctx *pulumi.Context, name string, args *WebAclLoggingConfigurationArgs, opts ...pulumi.ResourceOption) (*WebAclLoggingConfiguration, error) {
	made := &WebAclLoggingConfiguration{}
	return made, ctx.RegisterResource(catalog.WebACLLogging, name, args, made, sdk.Versioned(version, opts)...)
}

// RedactedField is a part of requests that the logs leave out.
type RedactedField struct {
	SingleHeader *SingleHeader `pulumi:"singleHeader"`
}

func (RedactedField) ElementType() reflect.Type { return sdk.Plain[RedactedField]() }

// RedactedFieldArray lists them.
type RedactedFieldArray []RedactedField

func (RedactedFieldArray) ElementType() reflect.Type { return sdk.PlainList() }
