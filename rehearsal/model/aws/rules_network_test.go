package aws

import (
	"fmt"
	"regexp"
)

// network is what most pairs start from: a VPC with DNS, one public and two private subnets.
type network struct {
	vpc, public, private, other object
}

func (w *world) network() network {
	w.t.Helper()
	n := network{vpc: w.make(vpcType, "main", in{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})}
	n.public = w.make(subnetType, "public-a",
		in{"vpcId": n.vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "ap-northeast-1a"})
	n.private = w.make(subnetType, "private-a",
		in{"vpcId": n.vpc.id, "cidrBlock": "10.0.11.0/24", "availabilityZone": "ap-northeast-1a"})
	n.other = w.make(subnetType, "private-c",
		in{"vpcId": n.vpc.id, "cidrBlock": "10.0.12.0/24", "availabilityZone": "ap-northeast-1c"})
	return n
}

func (w *world) nat(n network) (gateway, address, nat object) {
	gateway = w.make(internetGatewayType, "igw", in{"vpcId": n.vpc.id})
	address = w.make(eipType, "nat-a", in{"domain": "vpc"})
	nat = w.make(natGatewayType, "nat-a", in{"allocationId": address.id, "subnetId": n.public.id})
	return gateway, address, nat
}

func failed(_ object, err error) error { return err }

func (w *world) vpc(cidr string) error {
	return failed(w.try(vpcType, "vpc", in{"cidrBlock": cidr}))
}

func (w *world) subnet(vpc, cidr string) error {
	return failed(w.try(subnetType, "subnet", in{"vpcId": vpc, "cidrBlock": cidr}))
}

// plain replaces generated ids in an error by their kind, so that a test can name the whole error.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s", generated.ReplaceAllString(err.Error(), "$1-*"))
}

var generated = regexp.MustCompile(`\b(vpc|subnet|igw|nat|eipalloc|rtb|rtbassoc|sg|sgr|vpce|fl|eni|acl)-[0-9a-f]{17}\b`)

var addressPairs = map[string]pair{
	"VPC size": {
		want:    "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid: the size must be between /16 and /28",
		refuses: func(w *world) error { return w.vpc("10.0.0.0/8") },
		passes:  func(w *world) error { return w.vpc("10.0.0.0/16") },
	},
	"private DNS names need DNS resolution": {
		want: "InvalidParameterCombination: DNS hostnames can be enabled only while DNS support is enabled: set " +
			"enableDnsSupport",
		refuses: func(w *world) error {
			return failed(w.try(vpcType, "vpc",
				in{"cidrBlock": "10.0.0.0/16", "enableDnsSupport": false, "enableDnsHostnames": true}))
		},
		passes: func(w *world) error {
			return failed(w.try(vpcType, "vpc",
				in{"cidrBlock": "10.0.0.0/16", "enableDnsSupport": true, "enableDnsHostnames": true}))
		},
	},
	"subnet size": {
		want:    "InvalidSubnet.Range: The CIDR '10.0.1.0/29' is invalid: the size must be between /16 and /28",
		refuses: func(w *world) error { return w.subnet(w.network().vpc.id, "10.0.1.0/29") },
		passes:  func(w *world) error { return w.subnet(w.network().vpc.id, "10.0.2.0/28") },
	},
	"a known VPC": {
		want:    "InvalidVpcID.NotFound: The vpc ID 'vpc-none' does not exist",
		refuses: func(w *world) error { return w.subnet("vpc-none", "10.0.1.0/24") },
		passes:  func(w *world) error { return w.subnet(w.network().vpc.id, "10.0.2.0/24") },
	},
	"subnet within its VPC": {
		want:    "InvalidSubnet.Range: The CIDR '10.1.1.0/24' is invalid: it is not within the VPC's 10.0.0.0/16",
		refuses: func(w *world) error { return w.subnet(w.network().vpc.id, "10.1.1.0/24") },
		passes:  func(w *world) error { return w.subnet(w.network().vpc.id, "10.0.255.0/24") },
	},
	"no two subnets overlap": {
		want: "InvalidSubnet.Conflict: The CIDR '10.0.0.0/20' conflicts with another subnet: subnet-* has " +
			"10.0.1.0/24",
		refuses: func(w *world) error { return plain(w.subnet(w.network().vpc.id, "10.0.0.0/20")) },
		passes: func(w *world) error {
			w.network()
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.0.0.0/16"})
			return w.subnet(twin.id, "10.0.1.0/24")
		},
	},
	"subnet in a zone of the region": {
		want: "InvalidParameterValue: Value (ap-northeast-1b) for parameter availabilityZone is invalid. Subnets " +
			"can currently only be created in the following availability zones: ap-northeast-1a, ap-northeast-1c, " +
			"ap-northeast-1d",
		refuses: func(w *world) error {
			return failed(w.try(subnetType, "b",
				in{"vpcId": w.network().vpc.id, "cidrBlock": "10.0.2.0/24", "availabilityZone": "ap-northeast-1b"}))
		},
		passes: func(w *world) error {
			return failed(w.try(subnetType, "d",
				in{"vpcId": w.network().vpc.id, "cidrBlock": "10.0.2.0/24", "availabilityZone": "ap-northeast-1d"}))
		},
	},
	"a VPC in use stays": {
		want:    "DependencyViolation: The vpc 'vpc-*' has dependencies and cannot be deleted: subnet-*",
		refuses: func(w *world) error { return plain(w.delete(w.network().vpc)) },
		passes:  func(w *world) error { return w.delete(w.make(vpcType, "empty", in{"cidrBlock": "10.0.0.0/16"})) },
	},
	"a subnet in use stays": {
		want: "DependencyViolation: The subnet 'subnet-*' has dependencies and cannot be deleted: eni-* (Interface " +
			"for NAT Gateway nat-*)",
		refuses: func(w *world) error {
			n := w.network()
			w.nat(n)
			return plain(w.delete(n.public))
		},
		passes: func(w *world) error {
			n := w.network()
			_, _, nat := w.nat(n)
			if err := w.delete(nat); err != nil {
				return err
			}
			return w.delete(n.public)
		},
	},
}

var routingPairs = map[string]pair{
	"one internet gateway a VPC": {
		want: "InvalidParameterValue: Network vpc-* already has an internet gateway attached",
		refuses: func(w *world) error {
			vpc := w.network().vpc.id
			w.make(internetGatewayType, "first", in{"vpcId": vpc})
			return plain(failed(w.try(internetGatewayType, "second", in{"vpcId": vpc})))
		},
		passes: func(w *world) error {
			w.make(internetGatewayType, "first", in{"vpcId": w.network().vpc.id})
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.1.0.0/16"})
			return failed(w.try(internetGatewayType, "second", in{"vpcId": twin.id}))
		},
	},
	"an internet gateway with mapped addresses stays": {
		want: "DependencyViolation: Network vpc-* has some mapped public address(es). Please unmap those public " +
			"address(es) before detaching the gateway",
		refuses: func(w *world) error {
			gateway, _, _ := w.nat(w.network())
			return plain(w.delete(gateway))
		},
		passes: func(w *world) error {
			gateway, _, nat := w.nat(w.network())
			if err := w.delete(nat); err != nil {
				return err
			}
			return w.delete(gateway)
		},
	},
	"five Elastic IPs a region": {
		want: "AddressLimitExceeded: The maximum number of addresses has been reached.",
		refuses: func(w *world) error {
			for i := range 5 {
				w.make(eipType, fmt.Sprint("eip", i), in{})
			}
			return failed(w.try(eipType, "sixth", in{}))
		},
		passes: func(w *world) error {
			for i := range 5 {
				w.make(eipType, fmt.Sprint("eip", i), in{})
			}
			return failed(w.other("us-east-1", account, nil).try(eipType, "elsewhere", in{}))
		},
	},
	"an Elastic IP in use stays": {
		want: "InvalidIPAddress.InUse: Address 203.0.113.1 is in use by nat-*",
		refuses: func(w *world) error {
			_, address, _ := w.nat(w.network())
			return plain(w.delete(address))
		},
		passes: func(w *world) error {
			_, address, nat := w.nat(w.network())
			if err := w.delete(nat); err != nil {
				return err
			}
			return w.delete(address)
		},
	},
	"a NAT gateway stands in a subnet": {
		want:    "MissingParameter: The request must contain the parameter SubnetId",
		refuses: func(w *world) error { return failed(w.try(natGatewayType, "nat", in{"allocationId": unknown})) },
		passes: func(w *world) error {
			_, err := w.preview(natGatewayType, "nat", in{"allocationId": unknown, "subnetId": unknown})
			return err
		},
	},
	"a public NAT gateway has an address": {
		want: "MissingParameter: The request must contain the parameter AllocationId",
		refuses: func(w *world) error {
			return failed(w.try(natGatewayType, "nat", in{"subnetId": w.network().public.id}))
		},
		passes: func(w *world) error {
			return failed(w.try(natGatewayType, "nat",
				in{"subnetId": w.network().private.id, "connectivityType": "private"}))
		},
	},
	"a NAT gateway in a known subnet": {
		want: "InvalidSubnetID.NotFound: The subnet ID 'subnet-none' does not exist",
		refuses: func(w *world) error {
			return failed(w.try(natGatewayType, "nat",
				in{"subnetId": "subnet-none", "allocationId": w.make(eipType, "a", in{}).id}))
		},
		passes: func(w *world) error { w.nat(w.network()); return nil },
	},
	"a NAT gateway with a known address": {
		want: "InvalidAllocationID.NotFound: The allocation ID 'eipalloc-none' does not exist",
		refuses: func(w *world) error {
			n := w.network()
			w.make(internetGatewayType, "igw", in{"vpcId": n.vpc.id})
			return failed(w.try(natGatewayType, "nat", in{"subnetId": n.public.id, "allocationId": "eipalloc-none"}))
		},
		passes: func(w *world) error { w.nat(w.network()); return nil },
	},
	"an address of one NAT gateway": {
		want: "Resource.AlreadyAssociated: Elastic IP address [eipalloc-*] is already associated",
		refuses: func(w *world) error {
			n := w.network()
			_, address, _ := w.nat(n)
			return plain(failed(w.try(natGatewayType, "second",
				in{"subnetId": n.other.id, "allocationId": address.id})))
		},
		passes: func(w *world) error {
			n := w.network()
			w.nat(n)
			return failed(w.try(natGatewayType, "second",
				in{"subnetId": n.other.id, "allocationId": w.make(eipType, "b", in{}).id}))
		},
	},
	"a public NAT gateway needs an internet gateway": {
		want: "Gateway.NotAttached: Network vpc-* has no Internet gateway attached",
		refuses: func(w *world) error {
			return plain(failed(w.try(natGatewayType, "nat",
				in{"subnetId": w.network().public.id, "allocationId": w.make(eipType, "a", in{}).id})))
		},
		passes: func(w *world) error { w.nat(w.network()); return nil },
	},
	"a route in a known table": {
		want: "InvalidRouteTableID.NotFound: The routeTable ID 'rtb-none' does not exist",
		refuses: func(w *world) error {
			gateway, _, _ := w.nat(w.network())
			return w.route("rtb-none", "0.0.0.0/0", "gatewayId", gateway.id)
		},
		passes: func(w *world) error {
			n := w.network()
			gateway, _, _ := w.nat(n)
			return w.route(w.table(n), "0.0.0.0/0", "gatewayId", gateway.id)
		},
	},
	"a route has one destination": {
		want: "one of [destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId] must be " +
			"specified, got []",
		refuses: func(w *world) error {
			return failed(w.try(routeType, "route", in{"routeTableId": unknown, "gatewayId": unknown}))
		},
		passes: func(w *world) error {
			_, err := w.preview(routeType, "route",
				in{"routeTableId": unknown, "gatewayId": unknown, "destinationCidrBlock": unknown})
			return err
		},
	},
	"a route has one target": {
		want: "one of [carrierGatewayId coreNetworkArn egressOnlyGatewayId gatewayId localGatewayId natGatewayId " +
			"networkInterfaceId transitGatewayId vpcEndpointId vpcPeeringConnectionId] must be specified, got " +
			"[gatewayId natGatewayId]",
		refuses: func(w *world) error {
			return failed(w.try(routeType, "route", in{
				"routeTableId":         unknown,
				"gatewayId":            unknown,
				"natGatewayId":         unknown,
				"destinationCidrBlock": "0.0.0.0/0",
			}))
		},
		passes: func(w *world) error {
			_, err := w.preview(routeType, "route",
				in{"routeTableId": unknown, "natGatewayId": unknown, "destinationCidrBlock": "0.0.0.0/0"})
			return err
		},
	},
	"a route to a known internet gateway": {
		want:    "InvalidInternetGatewayID.NotFound: The internetGateway ID 'igw-none' does not exist",
		refuses: func(w *world) error { return w.route(w.table(w.network()), "0.0.0.0/0", "gatewayId", "igw-none") },
		passes: func(w *world) error {
			n := w.network()
			gateway, _, _ := w.nat(n)
			return w.route(w.table(n), "0.0.0.0/0", "gatewayId", gateway.id)
		},
	},
	"a route to a known NAT gateway": {
		want:    "InvalidNatGatewayID.NotFound: The natGateway ID 'nat-none' does not exist",
		refuses: func(w *world) error { return w.route(w.table(w.network()), "0.0.0.0/0", "natGatewayId", "nat-none") },
		passes: func(w *world) error {
			n := w.network()
			_, _, nat := w.nat(n)
			return w.route(w.table(n), "0.0.0.0/0", "natGatewayId", nat.id)
		},
	},
	"a route to a gateway of its VPC": {
		want: "InvalidParameterValue: route table rtb-* and network gateway igw-* belong to different networks",
		refuses: func(w *world) error {
			gateway, _, _ := w.nat(w.network())
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.1.0.0/16"})
			return plain(w.route(w.table(network{vpc: twin}), "0.0.0.0/0", "gatewayId", gateway.id))
		},
		passes: func(w *world) error {
			n := w.network()
			gateway, _, _ := w.nat(n)
			return w.route(w.table(n), "0.0.0.0/0", "gatewayId", gateway.id)
		},
	},
	"one route a destination": {
		want: "RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists.",
		refuses: func(w *world) error {
			n := w.network()
			gateway, _, nat := w.nat(n)
			table := w.table(n)
			w.make(routeType, "first",
				in{"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id})
			return w.route(table, "0.0.0.0/0", "natGatewayId", nat.id)
		},
		passes: func(w *world) error {
			n := w.network()
			gateway, _, _ := w.nat(n)
			table := w.table(n)
			w.make(routeType, "first",
				in{"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id})
			return w.route(table, "198.51.100.0/24", "gatewayId", gateway.id)
		},
	},
	"a table associated with a known subnet": {
		want: "InvalidSubnetID.NotFound: The subnet ID 'subnet-none' does not exist",
		refuses: func(w *world) error {
			return failed(w.try(routeAssociationType, "a",
				in{"routeTableId": w.table(w.network()), "subnetId": "subnet-none"}))
		},
		passes: func(w *world) error {
			n := w.network()
			return failed(w.try(routeAssociationType, "a", in{"routeTableId": w.table(n), "subnetId": n.public.id}))
		},
	},
	"a table and a subnet of one VPC": {
		want: "InvalidParameterValue: Route table rtb-* and subnet subnet-* belong to different networks",
		refuses: func(w *world) error {
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.1.0.0/16"})
			return plain(failed(w.try(routeAssociationType, "a",
				in{"routeTableId": w.table(network{vpc: twin}), "subnetId": w.network().public.id})))
		},
		passes: func(w *world) error {
			n := w.network()
			return failed(w.try(routeAssociationType, "a", in{"routeTableId": w.table(n), "subnetId": n.public.id}))
		},
	},
	"one route table a subnet": {
		want: "Resource.AlreadyAssociated: the specified association for route table rtb-* conflicts with an " +
			"existing association",
		refuses: func(w *world) error {
			n := w.network()
			w.make(routeAssociationType, "first", in{"routeTableId": w.table(n), "subnetId": n.public.id})
			return plain(failed(w.try(routeAssociationType, "second",
				in{"routeTableId": w.table(n), "subnetId": n.public.id})))
		},
		passes: func(w *world) error {
			n := w.network()
			table := w.table(n)
			w.make(routeAssociationType, "first", in{"routeTableId": table, "subnetId": n.public.id})
			return failed(w.try(routeAssociationType, "second", in{"routeTableId": table, "subnetId": n.private.id}))
		},
	},
	"a route table in use stays": {
		want: "DependencyViolation: The routeTable 'rtb-*' has dependencies and cannot be deleted: rtbassoc-*",
		refuses: func(w *world) error {
			n := w.network()
			table := w.make(routeTableType, "table", in{"vpcId": n.vpc.id})
			w.make(routeAssociationType, "a", in{"routeTableId": table.id, "subnetId": n.public.id})
			return plain(w.delete(table))
		},
		passes: func(w *world) error {
			return w.delete(w.make(routeTableType, "table", in{"vpcId": w.network().vpc.id}))
		},
	},
}

func (w *world) table(n network) string {
	return w.make(routeTableType, "table", in{"vpcId": n.vpc.id}).id
}

func (w *world) route(table, destination, property, target string) error {
	return failed(w.try(routeType, "route",
		in{"routeTableId": table, "destinationCidrBlock": destination, property: target}))
}
