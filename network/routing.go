package network

import (
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const anywhere = "0.0.0.0/0"

func (b *builder) vpc() error {
	vpc, err := ec2.NewVpc(b.Ctx, b.Child("vpc"), &ec2.VpcArgs{
		CidrBlock: pulumi.String(b.args.Config.CIDR),
		// Private DNS of the interface endpoints needs both.
		EnableDnsSupport:   pulumi.Bool(true),
		EnableDnsHostnames: pulumi.Bool(true),
		Tags:               b.tags("vpc"),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "VPC", err)
	}
	b.vpcResource = vpc
	b.network.VpcID = vpc.ID().ToStringOutput()
	// What is started without a group lands in the default one: it must reach nothing.
	if _, err := ec2.NewDefaultSecurityGroup(b.Ctx, b.Child("default"), &ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.ID(),
		Tags:  b.tags("default-empty"),
	}, b.Parent()); err != nil {
		return b.Wrap("empty", "default security group", err)
	}
	b.gateway, err = ec2.NewInternetGateway(b.Ctx, b.Child("internet"), &ec2.InternetGatewayArgs{
		VpcId: vpc.ID(),
		Tags:  b.tags("internet"),
	}, b.Parent())
	return b.Wrap("create", "internet gateway", err)
}

func (b *builder) subnets() error {
	blocks, err := b.args.Config.subnets()
	if err != nil {
		return b.Wrap("lay out", "subnets", err)
	}
	b.public, b.private, b.database = map[string]*ec2.Subnet{}, map[string]*ec2.Subnet{}, map[string]*ec2.Subnet{}
	for _, tier := range []struct {
		name    string
		block   func(Subnets) netip.Prefix
		subnets map[string]*ec2.Subnet
		ids     *pulumi.StringArrayOutput
	}{
		{"public", func(s Subnets) netip.Prefix { return s.Public }, b.public, &b.network.PublicSubnetIDs},
		{"private", func(s Subnets) netip.Prefix { return s.Private }, b.private, &b.network.PrivateSubnetIDs},
		{"database", func(s Subnets) netip.Prefix { return s.Database }, b.database, &b.network.DatabaseSubnetIDs},
	} {
		var ids pulumi.StringArray
		for _, zone := range b.args.Config.byIndex() {
			part := tier.name + "-" + zone.Name
			subnet, err := ec2.NewSubnet(b.Ctx, b.Child(part), &ec2.SubnetArgs{
				VpcId:            b.vpcResource.ID(),
				CidrBlock:        pulumi.String(tier.block(blocks[zone.Name]).String()),
				AvailabilityZone: pulumi.String(zone.Name),
				// The load balancer and NAT bring addresses of their own; nothing else belongs in a
				// public subnet.
				MapPublicIpOnLaunch: pulumi.Bool(false),
				Tags:                b.tags(part),
			}, b.Parent())
			if err != nil {
				return b.Wrap("create", "subnet "+part, err)
			}
			tier.subnets[zone.Name] = subnet
			ids = append(ids, subnet.ID().ToStringOutput())
		}
		*tier.ids = ids.ToStringArrayOutput()
	}
	return nil
}

func (b *builder) nat() error {
	b.nats = map[string]*ec2.NatGateway{}
	b.network.NatGatewayIDs = map[string]pulumi.StringOutput{}
	b.network.NatPublicIPs = map[string]pulumi.StringOutput{}
	for _, zone := range b.args.Config.natZones() {
		part := "nat-" + zone.Name
		address, err := ec2.NewEip(b.Ctx, b.Child(part+"-address"), &ec2.EipArgs{
			Domain: pulumi.String("vpc"),
			Tags:   b.tags(part),
		}, b.Parent(), pulumi.DependsOn([]pulumi.Resource{b.gateway}))
		if err != nil {
			return b.Wrap("create", "address of "+part, err)
		}
		gateway, err := ec2.NewNatGateway(b.Ctx, b.Child(part), &ec2.NatGatewayArgs{
			AllocationId: address.ID(),
			SubnetId:     b.public[zone.Name].ID(),
			Tags:         b.tags(part),
		}, b.Parent(), pulumi.DependsOn([]pulumi.Resource{b.gateway}))
		if err != nil {
			return b.Wrap("create", part, err)
		}
		b.nats[zone.Name] = gateway
		b.network.NatGatewayIDs[zone.Name] = gateway.ID().ToStringOutput()
		b.network.NatPublicIPs[zone.Name] = address.PublicIp
	}
	return nil
}

// routes gives the public tier the internet gateway, each zone's private tier its NAT gateway, and
// the database tier nothing.
func (b *builder) routes() error {
	public, err := b.routeTable("public")
	if err != nil {
		return err
	}
	toInternet, err := b.defaultRoute("public", public, &ec2.RouteArgs{GatewayId: b.gateway.ID()})
	if err != nil {
		return err
	}
	b.network.PublicRoutes = append(b.network.PublicRoutes, toInternet)
	database, err := b.routeTable("database")
	if err != nil {
		return err
	}
	b.tables = map[string]*ec2.RouteTable{}
	zones, natZones := b.args.Config.byIndex(), b.args.Config.natZones()
	for _, zone := range zones {
		part := "private-" + zone.Name
		private, err := b.routeTable(part)
		if err != nil {
			return err
		}
		b.tables[zone.Name] = private
		if len(natZones) > 0 {
			nat, own := b.nats[zone.Name]
			if !own {
				nat = b.nats[natZones[0].Name]
			}
			if _, err := b.defaultRoute(part, private, &ec2.RouteArgs{NatGatewayId: nat.ID()}); err != nil {
				return err
			}
		}
		for _, association := range []struct {
			part   string
			subnet *ec2.Subnet
			table  *ec2.RouteTable
		}{
			{"public-" + zone.Name, b.public[zone.Name], public},
			{part, b.private[zone.Name], private},
			{"database-" + zone.Name, b.database[zone.Name], database},
		} {
			made, err := ec2.NewRouteTableAssociation(b.Ctx, b.Child(association.part), &ec2.RouteTableAssociationArgs{
				SubnetId:     association.subnet.ID(),
				RouteTableId: association.table.ID(),
			}, b.Parent())
			if err != nil {
				return b.Wrap("associate", "subnet "+association.part, err)
			}
			b.ready(made)
			if association.table == public {
				b.network.PublicRoutes = append(b.network.PublicRoutes, made)
			}
		}
	}
	return nil
}

func (b *builder) routeTable(part string) (*ec2.RouteTable, error) {
	table, err := ec2.NewRouteTable(b.Ctx, b.Child(part), &ec2.RouteTableArgs{
		VpcId: b.vpcResource.ID(),
		Tags:  b.tags(part),
	}, b.Parent())
	return table, b.Wrap("create", "route table "+part, err)
}

func (b *builder) defaultRoute(part string, table *ec2.RouteTable, target *ec2.RouteArgs) (*ec2.Route, error) {
	target.RouteTableId = table.ID()
	target.DestinationCidrBlock = pulumi.String(anywhere)
	route, err := ec2.NewRoute(b.Ctx, b.Child(part+"-default"), target, b.Parent())
	if err != nil {
		return nil, b.Wrap("create", "default route of "+part, err)
	}
	b.ready(route)
	return route, nil
}
