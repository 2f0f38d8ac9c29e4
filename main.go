// Command infrastructure is the Pulumi program that deploys bookmark-manager: one stack for each environment, driven by the stack's
// configuration alone.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/network"
)

func main() { pulumi.Run(deploy) }

// deploy reads like the architecture diagram. Nothing is registered unless the whole configuration is right.
func deploy(ctx *pulumi.Context) error {
	stack, err := load(ctx)
	if err != nil {
		return err
	}
	providers, err := newProviders(ctx, stack)
	if err != nil {
		return err
	}
	networkArgs, err := stack.networkArgs(ctx, providers)
	if err != nil {
		return err
	}
	net, err := network.NewNetwork(ctx, "network", networkArgs, providers.inRegion())
	if err != nil {
		return err
	}
	export(ctx, outputs(net))
	return nil
}
