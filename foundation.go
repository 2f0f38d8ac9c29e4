package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/network"
)

func makeZone(st *stack) (*edge.Zone, error) {
	return edge.NewZone(st.ctx, "zone", &edge.ZoneArgs{
		Stack: st.config.Identity, Config: st.config.Edge.Zone, UsEast1: st.providers.usEast1,
	}, st.providers.all())
}

func makeKeys(st *stack) (*data.Keys, error) {
	return data.NewKeys(st.ctx, "keys", &data.KeysArgs{
		Stack: st.config.Identity, Config: st.config.Keys,
	}, st.providers.all())
}

func makeNetwork(st *stack, keys *data.Keys, zones map[int]string) (*network.Network, error) {
	c := st.config
	prefixList, err := cloudFrontPrefixList(st)
	if err != nil {
		return nil, err
	}
	return network.NewNetwork(st.ctx, "network", &network.NetworkArgs{
		Stack: c.Identity, Config: c.Network, ZoneNames: zones, LogKeyArn: keys.LogsArn.ToStringPtrOutput(),
		Workloads: c.Workloads(), AtlasPrivateLink: c.Atlas.Access == data.AtlasByPrivateLink,
		CloudFrontPrefixListID: prefixList,
	}, st.providers.all())
}

// nameZones gives each of the network's zones, by its index, the name that the configuration has,
// or the one that AWS has at this index of the region's zones. Without any left out nothing is
// looked up.
func nameZones(st *stack) (map[int]string, error) {
	names := map[int]string{}
	for _, zone := range st.config.Network.Zones {
		names[zone.Index] = zone.Name
	}
	if !slices.Contains(slices.Collect(maps.Values(names)), "") {
		return names, nil
	}
	available, err := aws.GetAvailabilityZones(st.ctx, &aws.GetAvailabilityZonesArgs{
		State: pulumi.StringRef("available"),
		// Local zones have no load balancers and no Aurora.
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, pulumi.Provider(st.providers.region))
	if err != nil {
		return nil, fmt.Errorf("look up the availability zones: %w", err)
	}
	found := slices.Sorted(slices.Values(available.Names))
	for i, zone := range st.config.Network.Zones {
		if zone.Name != "" {
			continue
		}
		if zone.Index > len(found) {
			return nil, fmt.Errorf("zone index %d: the account has %d zones in this region (%v); "+
				"name the zone in network.zones[%d].name",
				zone.Index, len(found), found, i)
		}
		names[zone.Index] = found[zone.Index-1]
	}
	return names, nil
}

// cloudFrontPrefixList is nil when the load balancer takes requests from everywhere.
func cloudFrontPrefixList(st *stack) (pulumi.StringInput, error) {
	ingress := st.config.Network.Ingress
	switch {
	case ingress.Source != network.FromCloudFront:
		return nil, nil
	case ingress.PrefixListID != "":
		return pulumi.String(ingress.PrefixListID), nil
	}
	list, err := ec2.LookupManagedPrefixList(st.ctx, &ec2.LookupManagedPrefixListArgs{
		Name: pulumi.StringRef("com.amazonaws.global.cloudfront.origin-facing"),
	}, pulumi.Provider(st.providers.region))
	if err != nil {
		return nil, fmt.Errorf("look up CloudFront's prefix list (network.ingress.prefixListId saves the look-up): %w", err)
	}
	return pulumi.String(list.Id), nil
}

func makeBuckets(st *stack, keys *data.Keys) (*data.Buckets, error) {
	return data.NewBuckets(st.ctx, "buckets", &data.BucketsArgs{
		Stack: st.config.Identity, Config: st.config.Buckets, DataKeyArn: keys.DataArn,
	}, st.providers.all())
}

func makeCertificates(st *stack, zone *edge.Zone) (*edge.Certificates, error) {
	return edge.NewCertificates(st.ctx, "certificates", &edge.CertificatesArgs{
		Domain: st.config.Edge.Domain, ZoneID: zone.ZoneID, UsEast1: st.providers.usEast1,
		SharedZone: st.config.Edge.Zone.ID != "",
	}, st.providers.all())
}

func makeOriginSecret(st *stack) (*edge.OriginSecret, error) {
	return edge.NewOriginSecret(st.ctx, "origin-secret", st.config.Edge.OriginSecret, st.providers.all())
}
