package datadog

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// ApiKey is a key with which agents send.
type ApiKey struct {
	pulumi.CustomResourceState

	Key pulumi.StringOutput `pulumi:"key"`
}

// ApiKeyArgs name the key.
type ApiKeyArgs struct {
	Name pulumi.StringInput `pulumi:"name"`
}

func (ApiKeyArgs) ElementType() reflect.Type { return sdk.Plain[ApiKeyArgs]() }

// NewApiKey registers one.
func NewApiKey(ctx *pulumi.Context, name string, args *ApiKeyArgs, opts ...pulumi.ResourceOption) (*ApiKey, error) {
	made := &ApiKey{}
	opts = append(opts, pulumi.AdditionalSecretOutputs([]string{"key"}))
	return made, ctx.RegisterResource(catalog.DatadogAPIKey, name, args, made, sdk.Versioned(version, opts)...)
}
