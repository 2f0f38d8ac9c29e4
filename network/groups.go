package network

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// securityGroups makes the groups empty and hangs standalone rules on them: rules written inside
// two groups that name each other could not be created in any order.
func (b *builder) securityGroups() error {
	topology := b.args.topology()
	b.groups = map[string]*ec2.SecurityGroup{}
	for _, key := range topology.groups() {
		group, err := ec2.NewSecurityGroup(b.Ctx, b.Child(key), &ec2.SecurityGroupArgs{
			VpcId: b.vpcResource.ID(),
			// A change of the description replaces the group, so it says nothing that can change.
			Description: pulumi.String("Rules are managed one by one"),
			Tags:        b.tags(key),
		}, b.Parent())
		if err != nil {
			return b.Wrap("create", "security group "+key, err)
		}
		b.groups[key] = group
	}
	b.network.WorkloadRules = map[string][]pulumi.Resource{}
	for _, r := range topology.rules() {
		made, err := b.rule(r)
		if err != nil {
			return b.Wrap("create", "security group rule "+r.name(), err)
		}
		// A task waits for the rules of its own: with everybody's, each new service would change
		// what all others depend on.
		workloads := topology.workloadsOf(r)
		if len(workloads) == 0 {
			b.ready(made)
		}
		for _, name := range workloads {
			b.network.WorkloadRules[name] = append(b.network.WorkloadRules[name], made)
		}
	}
	b.network.LoadBalancerSecurityGroupIDs = pulumi.StringArray{
		b.groups[groupHTTPS].ID().ToStringOutput(), b.groups[groupHTTP].ID().ToStringOutput(),
	}.ToStringArrayOutput()
	b.network.DatabaseSecurityGroupID = b.groups[groupDatabase].ID().ToStringOutput()
	if topology.atlasLink {
		b.network.AtlasSecurityGroupID = b.groups[groupAtlas].ID().ToStringOutput()
	}
	b.network.WorkloadSecurityGroupIDs = map[string]pulumi.StringOutput{}
	for _, w := range topology.workloads {
		b.network.WorkloadSecurityGroupIDs[w.Name] = b.groups[workloadGroup(w.Name)].ID().ToStringOutput()
	}
	return b.interfaceEndpoints()
}

// group is the id of one of the stack's groups, or of the one that an adoption lets through.
func (b *builder) group(key string) pulumi.StringOutput {
	if key == groupTransition {
		return pulumi.String(b.args.Config.Transition.TaskSecurityGroup).ToStringOutput()
	}
	return b.groups[key].ID().ToStringOutput()
}

func (b *builder) rule(r rule) (pulumi.Resource, error) {
	var cidr, prefixList, group pulumi.StringPtrInput
	switch {
	case r.peer == peerInternet:
		cidr = pulumi.String(anywhere)
	case r.isBlock():
		cidr = pulumi.String(r.peer)
	case r.peer == peerCloudFront:
		prefixList = b.args.CloudFrontPrefixListID.ToStringOutput().ToStringPtrOutput()
	case r.peer == peerS3:
		prefixList = b.s3.PrefixListId.ToStringPtrOutput()
	default:
		group = b.group(r.peer).ToStringPtrOutput()
	}
	name, tags := b.Child(r.name()), b.tags(r.name())
	if r.direction == ingress {
		return vpc.NewSecurityGroupIngressRule(b.Ctx, name, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId:           b.group(r.group),
			IpProtocol:                pulumi.String("tcp"),
			FromPort:                  pulumi.Int(r.from),
			ToPort:                    pulumi.Int(r.to),
			CidrIpv4:                  cidr,
			PrefixListId:              prefixList,
			ReferencedSecurityGroupId: group,
			Tags:                      tags,
		}, b.Parent())
	}
	return vpc.NewSecurityGroupEgressRule(b.Ctx, name, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           b.group(r.group),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(r.from),
		ToPort:                    pulumi.Int(r.to),
		CidrIpv4:                  cidr,
		PrefixListId:              prefixList,
		ReferencedSecurityGroupId: group,
		Tags:                      tags,
	}, b.Parent())
}
