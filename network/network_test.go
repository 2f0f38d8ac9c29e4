package network

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// prod is the network of the original design, with its two services and the migration task.
func prod() *NetworkArgs {
	return &NetworkArgs{
		Config: Config{
			CIDR: "10.0.0.0/16",
			Zones: []Zone{
				{Name: "ap-northeast-1a", Index: 1}, {Name: "ap-northeast-1c", Index: 2},
			},
			Nat:       NatPerZone,
			Endpoints: []Endpoint{"s3", "ecr.api", "ecr.dkr", "logs", "ssm", "ssmmessages"},
			FlowLogs:  FlowLogs{RetentionDays: 30, Traffic: "ALL"},
			Ingress:   Ingress{Source: FromCloudFront},
		},
		Stack:     recorder.Production,
		ZoneNames: map[int]string{1: "ap-northeast-1a", 2: "ap-northeast-1c"},
		Workloads: []Workload{
			{Name: "web", Port: 3000, LoadBalanced: true, Calls: []string{"api"}},
			{Name: "api", Port: 3001, LoadBalanced: true, Database: true, Atlas: true},
			{Name: "migration", Database: true},
		},
		CloudFrontPrefixListID: pulumi.String("pl-58a04531"),
	}
}

func build(change func(*NetworkArgs)) (*recorder.Recorder, *Network, error) {
	args := prod()
	if change != nil {
		change(args)
	}
	r := recorder.New()
	var n *Network
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (err error) {
		n, err = NewNetwork(ctx, "network", args, opts...)
		return err
	}, "aws")
	return r, n, err
}

func mustBuild(t *testing.T, change func(*NetworkArgs)) *recorder.Recorder {
	t.Helper()
	r, _, err := build(change)
	require.NoError(t, err)
	return r
}

// names lists the logical names of a type, the component's prefix taken off.
func namesOf(r *recorder.Recorder, typ string) []string {
	var all []string
	for _, one := range r.OfType(typ) {
		all = append(all, strings.TrimPrefix(one.Name, "network-"))
	}
	return all
}

func TestEveryChild(t *testing.T) {
	r := mustBuild(t, nil)
	listed := len(reach(r)) // rules have a test of their own
	for typ, want := range map[string][]string{
		"aws:ec2/vpc:Vpc": {"vpc"},
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"default"},
		"aws:ec2/internetGateway:InternetGateway":           {"internet"},
		"aws:ec2/subnet:Subnet": {
			"database-ap-northeast-1a", "database-ap-northeast-1c", "private-ap-northeast-1a",
			"private-ap-northeast-1c",
			"public-ap-northeast-1a", "public-ap-northeast-1c",
		},
		"aws:ec2/eip:Eip":               {"nat-ap-northeast-1a-address", "nat-ap-northeast-1c-address"},
		"aws:ec2/natGateway:NatGateway": {"nat-ap-northeast-1a", "nat-ap-northeast-1c"},
		"aws:ec2/routeTable:RouteTable": {"database", "private-ap-northeast-1a", "private-ap-northeast-1c", "public"},
		"aws:ec2/route:Route": {"private-ap-northeast-1a-default", "private-ap-northeast-1c-default",
			"public-default"},
		"aws:ec2/routeTableAssociation:RouteTableAssociation": {
			"database-ap-northeast-1a", "database-ap-northeast-1c", "private-ap-northeast-1a",
			"private-ap-northeast-1c",
			"public-ap-northeast-1a", "public-ap-northeast-1c",
		},
		"aws:ec2/vpcEndpoint:VpcEndpoint": {
			"endpoint-ecr.api", "endpoint-ecr.dkr", "endpoint-logs", "endpoint-s3", "endpoint-ssm",
			"endpoint-ssmmessages",
		},
		"aws:ec2/securityGroup:SecurityGroup": {"alb-http", "alb-https", "database", "endpoints", "task-api",
			"task-migration", "task-web"},
		"aws:ec2/flowLog:FlowLog":          {"flow-logs"},
		"aws:cloudwatch/logGroup:LogGroup": {"flow-logs"},
		"aws:iam/role:Role":                {"flow-logs"},
		"aws:iam/rolePolicy:RolePolicy":    {"flow-logs"},
		Type:                               {"network"},
	} {
		assert.Equal(t, want, namesOf(r, typ), typ)
		listed += len(want)
	}
	assert.Equal(t, listed, len(r.All()), "types that this test does not list")
	for _, one := range r.All() {
		if one.Custom {
			assert.Equal(t, Type, string(resource.URN(one.Parent).Type()), one.Key())
		}
	}
}

func TestSettingsOfTheOriginalDesign(t *testing.T) {
	r := mustBuild(t, nil)
	for key, want := range map[string]map[string]any{
		"aws:ec2/vpc:Vpc vpc": {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": true, "enableDnsHostnames": true},
		"aws:ec2/subnet:Subnet public-ap-northeast-1a": {
			"cidrBlock":           "10.0.1.0/24",
			"availabilityZone":    "ap-northeast-1a",
			"vpcId":               "network-vpc-id",
			"mapPublicIpOnLaunch": false,
		},
		"aws:ec2/subnet:Subnet public-ap-northeast-1c": {
			"cidrBlock":        "10.0.2.0/24",
			"availabilityZone": "ap-northeast-1c",
		},
		"aws:ec2/subnet:Subnet private-ap-northeast-1a":  {"cidrBlock": "10.0.11.0/24"},
		"aws:ec2/subnet:Subnet private-ap-northeast-1c":  {"cidrBlock": "10.0.12.0/24"},
		"aws:ec2/subnet:Subnet database-ap-northeast-1a": {"cidrBlock": "10.0.21.0/24"},
		"aws:ec2/subnet:Subnet database-ap-northeast-1c": {"cidrBlock": "10.0.22.0/24"},
		"aws:ec2/route:Route public-default": {
			"destinationCidrBlock": "0.0.0.0/0",
			"gatewayId":            "network-internet-id",
			"routeTableId":         "network-public-id",
		},
		"aws:ec2/route:Route private-ap-northeast-1c-default": {
			"destinationCidrBlock": "0.0.0.0/0",
			"natGatewayId":         "network-nat-ap-northeast-1c-id",
			"routeTableId":         "network-private-ap-northeast-1c-id",
		},
		"aws:ec2/natGateway:NatGateway nat-ap-northeast-1c": {
			"subnetId": "network-public-ap-northeast-1c-id", "allocationId": "network-nat-ap-northeast-1c-address-id",
		},
		"aws:ec2/routeTableAssociation:RouteTableAssociation database-ap-northeast-1a": {
			"subnetId": "network-database-ap-northeast-1a-id", "routeTableId": "network-database-id",
		},
		"aws:ec2/vpcEndpoint:VpcEndpoint endpoint-s3": {
			"serviceName": "com.amazonaws.ap-northeast-1.s3", "vpcEndpointType": "Gateway",
			"routeTableIds": []any{"network-private-ap-northeast-1a-id", "network-private-ap-northeast-1c-id"},
		},
		"aws:ec2/vpcEndpoint:VpcEndpoint endpoint-ecr.dkr": {
			"serviceName":       "com.amazonaws.ap-northeast-1.ecr.dkr",
			"vpcEndpointType":   "Interface",
			"privateDnsEnabled": true,
			"subnetIds":         []any{"network-private-ap-northeast-1a-id", "network-private-ap-northeast-1c-id"},
			"securityGroupIds":  []any{"network-endpoints-id"},
		},
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup default": {
			"vpcId":   "network-vpc-id",
			"ingress": nil,
			"egress":  nil,
		},
		"aws:cloudwatch/logGroup:LogGroup flow-logs": {
			"name":            "/bookmark-manager/production/vpc-flow-logs",
			"retentionInDays": 30.0,
		},
		"aws:ec2/flowLog:FlowLog flow-logs": {
			"vpcId": "network-vpc-id", "trafficType": "ALL", "logDestinationType": "cloud-watch-logs",
			"logDestination": "arn:aws:test:ap-northeast-1:111122223333:network-flow-logs",
			"iamRoleArn":     "arn:aws:test:ap-northeast-1:111122223333:network-flow-logs",
		},
	} {
		typ, name, _ := strings.Cut(key, " ")
		got, ok := r.Get(typ, "network-"+name)
		require.True(t, ok, key)
		for input, value := range want {
			assert.Equal(t, value, got.Input(input), "%s %s", key, input)
		}
	}
}

// Consoles, cost reports and flow logs show what has a name.
func TestEverythingInTheVPCHasAName(t *testing.T) {
	named := 0
	for _, one := range mustBuild(t, nil).All() {
		inVPC := strings.HasPrefix(one.Type, "aws:ec2/") || strings.HasPrefix(one.Type, "aws:vpc/")
		if !inVPC || slices.Contains([]string{"aws:ec2/route:Route",
			"aws:ec2/routeTableAssociation:RouteTableAssociation"}, one.Type) {
			continue // those two take no tags
		}
		assert.Regexp(t, "^bookmark-manager-production-.", one.Input("tags.Name"), one.Key())
		named++
	}
	assert.Greater(t, named, 30)
}

func TestNatModes(t *testing.T) {
	for mode, want := range map[NatMode]struct{ gateways, routeOfC string }{
		NatPerZone: {"nat-ap-northeast-1a nat-ap-northeast-1c", "network-nat-ap-northeast-1c-id"},
		NatSingle:  {"nat-ap-northeast-1a", "network-nat-ap-northeast-1a-id"},
		NatNone:    {"", ""},
	} {
		r := mustBuild(t, func(a *NetworkArgs) {
			a.Config.Nat = mode
			a.AtlasPrivateLink = mode == NatNone
			a.Config.Endpoints = append(a.Config.Endpoints, "kms")
		})
		assert.Equal(t, want.gateways, strings.Join(namesOf(r, "aws:ec2/natGateway:NatGateway"), " "))
		route, ok := r.Get("aws:ec2/route:Route", "network-private-ap-northeast-1c-default")
		assert.Equal(t, want.routeOfC != "", ok)
		if ok {
			assert.Equal(t, want.routeOfC, route.Input("natGatewayId"))
		}
	}
}

func TestOutputsAreInTheOrderOfIndexes(t *testing.T) {
	r := recorder.New()
	var private []string
	addresses := map[string]string{}
	require.NoError(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		args := prod()
		slices.Reverse(args.Config.Zones)
		n, err := NewNetwork(ctx, "network", args, opts...)
		if err != nil {
			return err
		}
		n.PrivateSubnetIDs.ApplyT(func(ids []string) int { private = ids; return 0 })
		stringMap(n.NatPublicIPs).ToStringMapOutput().ApplyT(func(ips map[string]string) int {
			addresses = ips
			return 0
		})
		return nil
	}, "aws"))
	assert.Equal(t, []string{"network-private-ap-northeast-1a-id", "network-private-ap-northeast-1c-id"}, private)
	assert.Equal(t, map[string]string{"ap-northeast-1a": "203.0.113.7", "ap-northeast-1c": "203.0.113.7"}, addresses)
}

func TestFlowLogRole(t *testing.T) {
	r := mustBuild(t, nil)
	log, _ := r.Get("aws:ec2/flowLog:FlowLog", "network-flow-logs")
	assert.True(t, log.DeleteFirst, "EC2 refuses a second flow log beside the first one")
	role, _ := r.Get("aws:iam/role:Role", "network-flow-logs")
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["vpc-flow-logs.amazonaws.com"]},
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},
		"ArnLike":{"aws:SourceArn":["arn:aws:ec2:ap-northeast-1:111122223333:vpc-flow-log/*"]}}}]}`,
		role.Input("assumeRolePolicy").(string))
	writing, _ := r.Get("aws:iam/rolePolicy:RolePolicy", "network-flow-logs")
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"WriteFlowLogs","Effect":"Allow","Action":["logs:CreateLogStream","logs:DescribeLogStreams",
		 "logs:PutLogEvents"],
		 "Resource":["arn:aws:test:ap-northeast-1:111122223333:network-flow-logs",
		  "arn:aws:test:ap-northeast-1:111122223333:network-flow-logs:*"]},
		{"Sid":"FindTheGroup","Effect":"Allow","Action":["logs:DescribeLogGroups"],
		 "Resource":["arn:aws:logs:ap-northeast-1:111122223333:log-group:*"]}]}`, writing.Input("policy").(string))
}

func TestFlowLogsTakeTheKey(t *testing.T) {
	r := mustBuild(t, func(a *NetworkArgs) { a.LogKeyArn = pulumi.StringPtr("arn:key") })
	group, _ := r.Get("aws:cloudwatch/logGroup:LogGroup", "network-flow-logs")
	assert.Equal(t, "arn:key", group.Input("kmsKeyId"))
}

func TestRefusesBadArgsBeforeRegistering(t *testing.T) {
	for want, change := range map[string]func(*NetworkArgs){
		`network.cidr: found "10.0.0.0/8", want an IPv4 block of /16 to /19`: func(a *NetworkArgs) {
			a.Config.CIDR = "10.0.0.0/8"
		},
		`network.cidr: found "10.0.0.1/16", want an IPv4 block`: func(a *NetworkArgs) {
			a.Config.CIDR = "10.0.0.1/16"
		},
		`network.cidr: found "ten", want an IPv4 block`: func(a *NetworkArgs) {
			a.Config.CIDR = "ten"
		},
		`network.cidr: found nothing`: func(a *NetworkArgs) {
			a.Config.CIDR = ""
		},
		`network.zones: found 1, want two zones or more`: func(a *NetworkArgs) {
			a.Config.Zones = a.Config.Zones[:1]
		},
		`network.zones[1].index: found 0, want 1 to 9`: func(a *NetworkArgs) {
			a.Config.Zones[1].Index = 0
		},
		`network.zones[1].index: found 1, want one that no other has; zones[0].index is the same`: func(
			a *NetworkArgs,
		) {
			a.Config.Zones[1].Index = 1
		},
		`network.zones[1].name: found "us-east-1a", want a zone of region`: func(a *NetworkArgs) {
			a.Config.Zones[1].Name = "us-east-1a"
		},
		`network.zones[1].name: found "ap-northeast-1a", want one that no other has; zones[0].name is`: func(
			a *NetworkArgs,
		) {
			a.Config.Zones[1].Name = "ap-northeast-1a"
		},
		`network.zones[1].public: found "10.0.1.0/25", want a block that does not`: func(a *NetworkArgs) {
			a.Config.Zones[1].Public = "10.0.1.0/25"
		},
		`network.zones[0].private: found "10.1.0.0/24", want a block in the VPC's 10.`: func(a *NetworkArgs) {
			a.Config.Zones[0].Private = "10.1.0.0/24"
		},
		`network.zones[0].private: found "10.0.99.0/28", want a block of /16 to /27`: func(a *NetworkArgs) {
			a.Config.Zones[0].Private = "10.0.99.0/28"
		},
		`network.zones[0].database: found "10.0.99.0/29", want a block of /16 to /28`: func(a *NetworkArgs) {
			a.Config.Zones[0].Database = "10.0.99.0/29"
		},
		`network.zones[0].database: found "x", want an IPv4 block`: func(a *NetworkArgs) {
			a.Config.Zones[0].Database = "x"
		},
		`network.nat: found "two", want one of "none", "single", "perZone"`: func(a *NetworkArgs) {
			a.Config.Nat = "two"
		},
		`network.nat: found nothing`: func(a *NetworkArgs) {
			a.Config.Nat = ""
		},
		`network.endpoints[0]: found "dynamo", want one of "s3", "ecr.api"`: func(a *NetworkArgs) {
			a.Config.Endpoints = []Endpoint{"dynamo"}
		},
		`network.endpoints[1]: found "s3", want each value once; endpoints[0] is the same`: func(a *NetworkArgs) {
			a.Config.Endpoints = []Endpoint{"s3", "s3"}
		},
		`"kms" too: without a NAT gateway a task cannot start`: func(a *NetworkArgs) {
			a.Config.Nat = NatNone
		},
		`services.api: found "MONGODB_URI without a NAT gateway"`: func(a *NetworkArgs) {
			a.Config.Nat = NatNone
		},
		`network.flowLogs.retentionDays: found 31`: func(a *NetworkArgs) {
			a.Config.FlowLogs.RetentionDays = 31
		},
		`network.flowLogs.traffic: found "SOME", want one of`: func(a *NetworkArgs) {
			a.Config.FlowLogs.Traffic = "SOME"
		},
		`network.ingress.source: found nothing, want one of "cloudFront", "internet"`: func(a *NetworkArgs) {
			a.Config.Ingress.Source = ""
		},
		`network.ingress.prefixListId: found "pl-x", want a prefix list such as`: func(a *NetworkArgs) {
			a.Config.Ingress.PrefixListID = "pl-x"
		},
		`CloudFrontPrefixListID goes with ingress.source "cloudFront"`: func(a *NetworkArgs) {
			a.CloudFrontPrefixListID = nil
		},
		`services.web.calls[0]: found "apo", want another service`: func(a *NetworkArgs) {
			a.Workloads[0].Calls = []string{"apo"}
		},
		`services.web.calls[0]: found "web", want another service`: func(a *NetworkArgs) {
			a.Workloads[0].Calls = []string{"web"}
		},
		`services.web.calls[0]: found "migration", want another service, one that lis`: func(a *NetworkArgs) {
			a.Workloads[0].Calls = []string{"migration"}
		},
		`services.web.port: found 0, want a port for the load balancer`: func(a *NetworkArgs) {
			a.Workloads[0].Port = 0
		},
		`services.web: found "web", want a name of its own`: func(a *NetworkArgs) { a.Workloads[1].Name = "web" },
		`Environment, Region and AccountID are required`:    func(a *NetworkArgs) { a.AccountID = "" },
		`ZoneNames has none for the zone with index 2`:      func(a *NetworkArgs) { a.ZoneNames[2] = "" },
		`services: found "61 outbound rules of security group alb-https", want 60 at`: func(a *NetworkArgs) {
			for i := range 59 {
				a.Workloads = append(a.Workloads,
					Workload{Name: fmt.Sprintf("extra-%d", i), Port: 4000, LoadBalanced: true})
			}
		},
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := build(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}

func TestRefusesNilArgs(t *testing.T) {
	r := recorder.New()
	assert.ErrorContains(t, r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := NewNetwork(ctx, "network", nil, opts...)
		return err
	}, "aws"), `network "network": args are required`)
}
