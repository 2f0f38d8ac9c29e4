package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/network"
)

// output is one entry of the stack's contract with what stands outside the program. Pipelines and people read these and
// nothing else.
type output struct {
	name   string
	secret bool
	reader string // who reads it, and what for
	value  pulumi.Input
}

func outputs(net *network.Network) []output {
	return []output{
		{"vpcId", false, "operators: finding the network", net.VpcID},
		{"natPublicIps", false, "third parties: allow lists of what the tasks call", net.NatPublicIPs},
	}
}

func export(ctx *pulumi.Context, all []output) {
	for _, one := range all {
		if one.secret {
			ctx.Export(one.name, pulumi.ToSecret(one.value))
			continue
		}
		ctx.Export(one.name, one.value)
	}
}
