package observability

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/sdk/datadog"
)

// DatadogKeyType is part of the key's URN; changing it replaces the key, and with it every task.
const DatadogKeyType = "bookmark-manager:observability:DatadogKey"

// DatadogKeyArgs is the wiring of DatadogKey.
type DatadogKeyArgs struct {
	identity.Stack
	// Site is the site of the organization. Required.
	Site DatadogSite
}

// DatadogKey is the API key of the stack's agents and of its log delivery, apart from the one that
// the program itself uses, so that each can be revoked by itself.
type DatadogKey struct {
	pulumi.ResourceState

	// Key is secret.
	Key pulumi.StringOutput
}

// NewDatadogKey registers nothing when args are invalid.
func NewDatadogKey(
	ctx *pulumi.Context, name string, args *DatadogKeyArgs, opts ...pulumi.ResourceOption,
) (*DatadogKey, error) {
	if args == nil {
		return nil, fmt.Errorf("datadog key %q: args are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("datadog key %q: %w", name, err)
	}
	if args.Site == "" {
		return nil, fmt.Errorf("datadog key %q: Site is required", name)
	}
	k := &DatadogKey{}
	base, err := component.Register(ctx, "datadog key", DatadogKeyType, name, k, opts...)
	if err != nil {
		return nil, err
	}
	made, err := datadog.NewApiKey(ctx, base.Child("agents"), &datadog.ApiKeyArgs{
		Name: pulumi.String(args.Environment.Name("agents")),
	}, base.Parent(), standsAt(string(args.Site)), pulumi.AdditionalSecretOutputs([]string{"key"}))
	if err != nil {
		return nil, fmt.Errorf("create datadog key %q: %w", name, err)
	}
	k.Key = pulumi.ToSecret(made.Key).(pulumi.StringOutput)
	return k, base.Outputs(pulumi.Map{"key": k.Key})
}
