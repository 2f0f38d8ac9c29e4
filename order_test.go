package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// Elastic Load Balancing refuses subnets that do not lead to the internet yet. No input of the load
// balancer says that it needs the route.
func TestTheLoadBalancerWaitsForItsSubnetsToBePublic(t *testing.T) {
	for _, stack := range stacks {
		t.Run(stack, func(t *testing.T) {
			r, err := run(t, stacktest.Read(t, stack))
			require.NoError(t, err)
			balancer, ok := r.Get("aws:lb/loadBalancer:LoadBalancer", "load-balancer")
			require.True(t, ok)
			waits := map[string]bool{}
			for _, urn := range balancer.DependsOn {
				waits[string(resource.URN(urn).Type())+" "+resource.URN(urn).Name()] = true
			}
			for _, name := range []string{
				"aws:ec2/route:Route network-public-default",
				"aws:ec2/routeTableAssociation:RouteTableAssociation network-public-ap-northeast-1a",
				"aws:ec2/routeTableAssociation:RouteTableAssociation network-public-ap-northeast-1c",
			} {
				assert.True(t, waits[name], "%s is not among %v", name, balancer.DependsOn)
			}
		})
	}
}
