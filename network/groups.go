package network

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// securityGroups makes the groups empty and hangs standalone rules on them: rules written inside two groups that name each other
// could not be created in any order.
func (b *builder) securityGroups() error {
	topology := b.args.topology()
	b.groups = map[string]*ec2.SecurityGroup{}
	for _, key := range topology.groups() {
		group, err := ec2.NewSecurityGroup(b.ctx, b.child(key), &ec2.SecurityGroupArgs{
			VpcId: b.vpcResource.ID(),
			// A change of the description replaces the group, so it says nothing that can change.
			Description: pulumi.String("Rules are managed one by one"),
			Tags:        b.tags(key),
		}, pulumi.Parent(b.network))
		if err != nil {
			return b.wrap("create", "security group "+key, err)
		}
		b.groups[key] = group
	}
	for _, r := range topology.rules() {
		if err := b.rule(r); err != nil {
			return b.wrap("create", "security group rule "+r.name(), err)
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

func (b *builder) rule(r rule) error {
	var cidr, prefixList, group pulumi.StringPtrInput
	switch r.peer {
	case peerInternet:
		cidr = pulumi.String(anywhere)
	case peerCloudFront:
		prefixList = b.args.CloudFrontPrefixListID.ToStringOutput().ToStringPtrOutput()
	case peerS3:
		prefixList = b.s3.PrefixListId.ToStringPtrOutput()
	default:
		group = b.groups[r.peer].ID().ToStringPtrOutput()
	}
	name, tags := b.child(r.name()), b.tags(r.name())
	if r.direction == ingress {
		made, err := vpc.NewSecurityGroupIngressRule(b.ctx, name, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: b.groups[r.group].ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(r.from), ToPort: pulumi.Int(r.to),
			CidrIpv4: cidr, PrefixListId: prefixList, ReferencedSecurityGroupId: group, Tags: tags,
		}, pulumi.Parent(b.network))
		b.ready(made)
		return err
	}
	made, err := vpc.NewSecurityGroupEgressRule(b.ctx, name, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: b.groups[r.group].ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(r.from), ToPort: pulumi.Int(r.to),
		CidrIpv4: cidr, PrefixListId: prefixList, ReferencedSecurityGroupId: group, Tags: tags,
	}, pulumi.Parent(b.network))
	b.ready(made)
	return err
}
