package main

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/network"
)

func makeZone(st *stack) (*edge.Zone, error) {
	return edge.NewZone(st.ctx, "zone", &edge.ZoneArgs{
		Stack: st.config.Identity, Config: st.config.Edge.HostedZone(), UsEast1: st.providers.usEast1,
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
		Stack:                  c.Identity,
		Config:                 c.Network,
		ZoneNames:              zones,
		LogKeyArn:              keys.LogsArn.ToStringPtrOutput(),
		Workloads:              c.Workloads(),
		AtlasPrivateLink:       c.Atlas.Access == data.AtlasByPrivateLink,
		CloudFrontPrefixListID: prefixList,
	}, st.providers.all())
}

// nameZones gives each of the network's zones, by its index, the name that the configuration has,
// or the one that AWS has at this index of the region's zones. The zones are looked up only when
// one of them has no name, or has an id.
func nameZones(st *stack) (map[int]string, error) {
	names, lookUp := map[int]string{}, false
	for _, zone := range st.config.Network.Zones {
		names[zone.Index] = zone.Name
		lookUp = lookUp || zone.Name == "" || zone.ID != ""
	}
	if !lookUp {
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
		at := fmt.Sprintf("network.zones[%d]", i)
		if zone.Name == "" {
			if zone.Index > len(found) {
				return nil, fmt.Errorf("zone index %d: the account has %d zones in this region (%v); name the zone "+
					"in %s.name",
					zone.Index, len(found), found, at)
			}
			names[zone.Index] = found[zone.Index-1]
		}
		if err := checkZone(st, at, zone, names[zone.Index], available); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// checkZone refuses a name that stands for another zone than the configuration says, and a zone in
// which no task would start. Subnets go by the names: an id in their place would replace them.
func checkZone(st *stack, at string, zone network.Zone, name string, available *aws.GetAvailabilityZonesResult) error {
	i := slices.Index(available.Names, name)
	if i < 0 || i >= len(available.ZoneIds) {
		return fmt.Errorf("%s.name: found %q, want a zone that the account has in this region, one of %v", at, name,
			available.Names)
	}
	id := available.ZoneIds[i]
	switch region := st.config.Identity.Region; {
	case zone.ID != "" && zone.ID != id:
		return fmt.Errorf("%s.id: found %q, want %q, which %s is in this account; "+
			"the other zone has another name here (aws ec2 describe-availability-zones)", at, zone.ID, id, name)
	case !network.RunsTasks(region, id):
		return fmt.Errorf("%s: %s is %s in this account, and Fargate runs no tasks there; choose another zone", at,
			name, id)
	case !network.TakesVPCOrigins(id) && st.config.Compute.LoadBalancer.Has(compute.Internal):
		return fmt.Errorf("%s: %s is %s in this account, and CloudFront reaches no internal load balancer there "+
			"(compute.loadBalancer.scheme); choose another zone", at, name, id)
	}
	return nil
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
		return nil, fmt.Errorf("look up CloudFront's prefix list (network.ingress.prefixListId saves the look-up): %w",
			err)
	}
	return pulumi.String(list.Id), nil
}

func makeBuckets(st *stack, keys *data.Keys) (*data.Buckets, error) {
	args := &data.BucketsArgs{Stack: st.config.Identity, Config: st.config.Buckets, DataKeyArn: keys.DataArn}
	if dump := st.config.Compute.Dump; dump != nil {
		args.DumpDays = dump.RetentionDays
	}
	return data.NewBuckets(st.ctx, "buckets", args, st.providers.all())
}

func makeCertificates(st *stack, zone *edge.Zone) (*edge.Certificates, error) {
	return edge.NewCertificates(st.ctx, "certificates", &edge.CertificatesArgs{
		Domain:     st.config.Edge.Domain,
		Hosts:      st.config.Hosts(),
		ZoneID:     zone.ZoneID,
		UsEast1:    st.providers.usEast1,
		SharedZone: st.config.Edge.HostedZone().ID != "",
	}, st.providers.all())
}

func makeOriginSecret(st *stack) (*edge.OriginSecret, error) {
	if st.config.Edge.Standby != nil {
		return edge.GivenOriginSecret(st.config.Secrets.OriginSecret), nil
	}
	return edge.NewOriginSecret(st.ctx, "origin-secret", st.config.Edge.OriginSecret, st.providers.all())
}
