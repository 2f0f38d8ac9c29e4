// Package network makes the stack's VPC: subnets in three tiers (public for the load balancer and
// NAT, private for tasks, database with no way out), routing, NAT gateways, VPC endpoints, flow
// logs, and every security group of the stack.
//
// The default security group is emptied. All groups are made of standalone rules, derived from the
// ports and callers of the workloads, so that nothing reaches anything unless the configuration
// says so. It refuses a stack in one zone, blocks that overlap, and a network without NAT whose
// tasks could not start.
package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Type is part of every child's URN; changing it replaces the network.
const Type = "bookmark-manager:network:Network"

// NetworkArgs are the network's configuration and wiring.
type NetworkArgs struct {
	Config Config
	identity.Stack
	// ZoneNames are the names of Config's zones by their indexes, whether the configuration has
	// them or they were looked up. Required.
	ZoneNames map[int]string
	// Workloads are what runs in the private subnets. Security groups follow from them.
	Workloads []Workload
	// CloudFrontPrefixListID are CloudFront's addresses. Required with ingress from there, refused
	// otherwise.
	CloudFrontPrefixListID pulumi.StringInput
	// AtlasPrivateLink lets workloads reach Atlas through a private endpoint, in a security group
	// made here.
	AtlasPrivateLink bool
	// LogKeyArn encrypts the flow log group. Without it CloudWatch Logs uses a key of its own.
	LogKeyArn pulumi.StringPtrInput
}

// validate reports what is wrong with section "network" and, under section "services", with the
// security groups that follow.
func (a *NetworkArgs) validate() settings.Problems {
	var p settings.Problems
	p.Under("network", a.Config.Validate(a.Region))
	p.Under("services", a.topology().validate())
	return p
}

func (a *NetworkArgs) topology() topology { return a.Config.topology(a.Workloads, a.AtlasPrivateLink) }

// Network is the stack's VPC and its security groups. Lists of subnets are in the order of the
// zones' indexes.
type Network struct {
	pulumi.ResourceState

	VpcID             pulumi.StringOutput
	PublicSubnetIDs   pulumi.StringArrayOutput
	PrivateSubnetIDs  pulumi.StringArrayOutput
	DatabaseSubnetIDs pulumi.StringArrayOutput
	// NatPublicIPs are the addresses that the outside sees of the tasks, by zone; empty without
	// NAT.
	NatPublicIPs map[string]pulumi.StringOutput
	// NatGatewayIDs are by zone; empty without NAT.
	NatGatewayIDs map[string]pulumi.StringOutput
	// LoadBalancerSecurityGroupIDs are the groups for ports 443 and 80.
	LoadBalancerSecurityGroupIDs pulumi.StringArrayOutput
	// WorkloadSecurityGroupIDs are by the workload's name.
	WorkloadSecurityGroupIDs map[string]pulumi.StringOutput
	DatabaseSecurityGroupID  pulumi.StringOutput
	// AtlasSecurityGroupID is the private endpoint's group; unset without PrivateLink.
	AtlasSecurityGroupID pulumi.StringOutput
	FlowLogGroupName     pulumi.StringOutput
	// Ready are the routes, endpoints and rules without which no task can start.
	Ready []pulumi.Resource
	// PublicRoutes are what makes the public subnets public: their route to the internet gateway,
	// and the associations with its table.
	PublicRoutes []pulumi.Resource
	// WorkloadRules are, by the workload's name, the rules that let it reach others and be reached:
	// without them it cannot start either.
	WorkloadRules map[string][]pulumi.Resource
}

// NewNetwork registers nothing when args are invalid.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	if args == nil {
		return nil, fmt.Errorf("network %q: args are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	if err := args.validate().Err(); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	if (args.Config.Ingress.Source == FromCloudFront) != (args.CloudFrontPrefixListID != nil) {
		return nil, fmt.Errorf("network %q: CloudFrontPrefixListID goes with ingress.source %q, and that is %q", name,
			FromCloudFront, args.Config.Ingress.Source)
	}
	for _, zone := range args.Config.Zones {
		if args.ZoneNames[zone.Index] == "" {
			return nil, fmt.Errorf("network %q: ZoneNames has none for the zone with index %d", name, zone.Index)
		}
	}
	n := &Network{}
	base, err := component.Register(ctx, "network", Type, name, n, opts...)
	if err != nil {
		return nil, err
	}
	filled := *args
	filled.Config = args.Config.named(args.ZoneNames)
	b := &builder{Component: base, args: &filled, network: n}
	for _, build := range []func() error{b.vpc, b.subnets, b.nat, b.routes, b.endpoints, b.securityGroups, b.flowLogs} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	return n, b.Outputs(pulumi.Map{
		"vpcId":             n.VpcID,
		"publicSubnetIds":   n.PublicSubnetIDs,
		"privateSubnetIds":  n.PrivateSubnetIDs,
		"databaseSubnetIds": n.DatabaseSubnetIDs,
		"natPublicIps":      stringMap(n.NatPublicIPs),
	})
}

// builder carries what the steps of one network share.
type builder struct {
	component.Component
	args    *NetworkArgs
	network *Network

	vpcResource *ec2.Vpc
	gateway     *ec2.InternetGateway
	public      map[string]*ec2.Subnet     // by zone, as are the next three
	private     map[string]*ec2.Subnet     //
	database    map[string]*ec2.Subnet     //
	nats        map[string]*ec2.NatGateway //
	tables      map[string]*ec2.RouteTable // of the private subnets
	s3          *ec2.VpcEndpoint
	groups      map[string]*ec2.SecurityGroup
}

// tags names a resource in the console. The other tags are the provider's default tags.
func (b *builder) tags(part string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(b.args.Environment.Name(part))}
}

// ready adds to what must be there before a task starts.
func (b *builder) ready(made pulumi.Resource) { b.network.Ready = append(b.network.Ready, made) }

func stringMap(outputs map[string]pulumi.StringOutput) pulumi.StringMap {
	all := pulumi.StringMap{}
	for key, output := range outputs {
		all[key] = output
	}
	return all
}
