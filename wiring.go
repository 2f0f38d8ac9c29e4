package main

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/network"
)

// networkArgs fills in the zones' names, which are looked up only where the configuration does not give them.
func (s *stackConfig) networkArgs(ctx *pulumi.Context, p *providers) (*network.Args, error) {
	args := &network.Args{
		Config: s.Network, Environment: s.Environment, Region: s.AWS.Region, AccountID: s.AWS.AccountID,
	}
	zones, err := namedZones(ctx, p, s.Network.Zones)
	if err != nil {
		return nil, err
	}
	args.Config.Zones = zones
	return args, nil
}

func namedZones(ctx *pulumi.Context, p *providers, zones []network.Zone) ([]network.Zone, error) {
	unnamed := func(z network.Zone) bool { return z.Name == "" }
	if !slices.ContainsFunc(zones, unnamed) {
		return zones, nil
	}
	available, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State: pulumi.StringRef("available"),
		// Local zones have no load balancers and no Aurora.
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, pulumi.Provider(p.region))
	if err != nil {
		return nil, fmt.Errorf("look up the availability zones: %w", err)
	}
	found := slices.Sorted(slices.Values(available.Names))
	named := slices.Clone(zones)
	for i, zone := range named {
		if !unnamed(zone) {
			continue
		}
		if zone.Index > len(found) {
			return nil, fmt.Errorf("zone index %d: the account has %d zones in this region (%v); name the zone in network.zones[%d].name",
				zone.Index, len(found), found, i)
		}
		named[i].Name = found[zone.Index-1]
	}
	return named, nil
}
