// Package datadog declares what the program uses of the Datadog provider's SDK, whose one package
// makes 800 MB of object code. Each type is documented at
// https://www.pulumi.com/registry/packages/datadog/api-docs/ under its name.
package datadog

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk"
)

// version is that of the provider's plugin, and of the SDK in go.mod.
const version = "4.68.0"

// Provider is a connection to an organization of Datadog.
type Provider struct{ pulumi.ProviderResourceState }

// ProviderArgs say which organization, and who asks. The keys are secrets.
type ProviderArgs struct {
	ApiKey   pulumi.StringPtrInput `pulumi:"apiKey"`
	ApiUrl   pulumi.StringPtrInput `pulumi:"apiUrl"`
	AppKey   pulumi.StringPtrInput `pulumi:"appKey"`
	Validate pulumi.StringPtrInput `pulumi:"validate"`
}

func (ProviderArgs) ElementType() reflect.Type { return sdk.Plain[ProviderArgs]() }

// NewProvider keeps the keys secret in the state.
func NewProvider(
	ctx *pulumi.Context, name string, args *ProviderArgs, opts ...pulumi.ResourceOption,
) (*Provider, error) {
	sealed := *args
	for _, key := range []*pulumi.StringPtrInput{&sealed.ApiKey, &sealed.AppKey} {
		if *key != nil {
			*key = pulumi.ToSecret(*key).(pulumi.StringPtrInput)
		}
	}
	made := &Provider{}
	secrets := []string{"apiKey", "appKey", "awsAccessKeyId", "awsSecretAccessKey", "awsSessionToken"}
	opts = append(opts, pulumi.AdditionalSecretOutputs(secrets))
	return made, ctx.RegisterResource("pulumi:providers:datadog", name, &sealed, made, sdk.Versioned(version, opts)...)
}
