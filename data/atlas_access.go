package data

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// access makes the private endpoint or the entries of the IP access list, and sets the cluster's
// address.
func (b *atlasBuilder) access() error {
	if b.args.Config.Access == AtlasByPrivateLink {
		return b.privateLink()
	}
	for _, zone := range slices.Sorted(maps.Keys(b.args.NatPublicIPs)) {
		if _, err := mongodbatlas.NewProjectIpAccessList(b.Ctx, b.Child("access-"+zone),
			&mongodbatlas.ProjectIpAccessListArgs{
				ProjectId: b.project, IpAddress: b.args.NatPublicIPs[zone],
				Comment: pulumi.String(b.args.Environment.Name("nat", zone)),
			}, b.Parent()); err != nil {
			return b.Wrap("create", "access list entry of zone "+zone, err)
		}
	}
	b.atlas.Address = b.cluster.ConnectionStrings.ApplyT(publicAddress).(pulumi.StringOutput)
	return nil
}

// privateLink makes a private endpoint in the VPC. Tasks find it by the address that Atlas gives
// the cluster once the endpoint is up, so the cluster is looked up again after it.
func (b *atlasBuilder) privateLink() error {
	link, err := mongodbatlas.NewPrivateLinkEndpoint(b.Ctx, b.Child("link"), &mongodbatlas.PrivateLinkEndpointArgs{
		ProjectId: b.project, ProviderName: pulumi.String(atlasProvider), Region: pulumi.String(b.args.Region),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "private link", err)
	}
	endpoint, err := ec2.NewVpcEndpoint(b.Ctx, b.Child("endpoint"), &ec2.VpcEndpointArgs{
		VpcId:            b.args.VpcID,
		ServiceName:      link.EndpointServiceName,
		VpcEndpointType:  pulumi.String("Interface"),
		SubnetIds:        b.args.SubnetIDs,
		SecurityGroupIds: pulumi.StringArray{b.args.SecurityGroupID},
		Tags:             pulumi.StringMap{"Name": pulumi.String(b.args.Environment.Name("atlas"))},
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "VPC endpoint", err)
	}
	connected, err := mongodbatlas.NewPrivateLinkEndpointService(b.Ctx, b.Child("link"),
		&mongodbatlas.PrivateLinkEndpointServiceArgs{
			ProjectId:         b.project,
			PrivateLinkId:     link.PrivateLinkId,
			EndpointServiceId: endpoint.ID(),
			ProviderName:      pulumi.String(atlasProvider),
		}, b.Parent())
	if err != nil {
		return b.Wrap("connect", "VPC endpoint", err)
	}
	found := mongodbatlas.LookupAdvancedClusterOutput(b.Ctx, mongodbatlas.LookupAdvancedClusterOutputArgs{
		ProjectId: b.project,
		// The name, but no sooner than the endpoint is connected.
		Name: pulumi.All(b.cluster.Name, connected.ID()).ApplyT(func(known []any) (string, error) {
			name, ok := known[0].(string)
			if !ok {
				return "", fmt.Errorf("the cluster's name is a %T", known[0])
			}
			return name, nil
		}).(pulumi.StringOutput),
	}, b.Parent())
	b.atlas.Address = pulumi.All(found.ConnectionStrings(), endpoint.ID()).ApplyT(func(known []any) (string, error) {
		all, ok := known[0].([]mongodbatlas.GetAdvancedClusterConnectionString)
		id, isID := known[1].(pulumi.ID)
		if !ok || !isID {
			return "", fmt.Errorf("connection strings are a %T and the endpoint's id a %T", known[0], known[1])
		}
		if len(all) == 0 {
			return "", fmt.Errorf("the Atlas cluster %s has no connection string at all: it is not in project %s "+
				"any more, or it is paused; "+
				"resume or restore it, or make it again with: pulumi refresh, then pulumi up",
				b.args.Config.Cluster(b.args.Environment), b.args.Config.ProjectID)
		}
		return privateAddress(all, string(id))
	}).(pulumi.StringOutput)
	return nil
}

func publicAddress(all []mongodbatlas.AdvancedClusterConnectionString) (string, error) {
	for _, one := range all {
		if one.StandardSrv != nil && *one.StandardSrv != "" {
			return *one.StandardSrv, nil
		}
	}
	return "", fmt.Errorf("the Atlas cluster has no SRV connection string (yet): deploy again when its state is IDLE")
}

// privateAddress is the one that leads through the endpoint with this id.
func privateAddress(all []mongodbatlas.GetAdvancedClusterConnectionString, endpoint string) (string, error) {
	for _, one := range all {
		for _, private := range one.PrivateEndpoints {
			for _, behind := range private.Endpoints {
				if behind.EndpointId == endpoint && private.SrvConnectionString != "" {
					return private.SrvConnectionString, nil
				}
			}
		}
	}
	return "", fmt.Errorf("the Atlas cluster has no connection string for private endpoint %s (yet): deploy again "+
		"when Atlas shows the endpoint as available", endpoint)
}
