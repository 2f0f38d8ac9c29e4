package aws

import "fmt"

func (w *world) group(vpc, name string) object {
	return w.make(securityGroupType, name, in{"vpcId": vpc, "description": name})
}

// endpoint asks for an interface endpoint with private DNS, changed by more.
func (w *world) endpoint(n network, name string, more in) error {
	inputs := in{
		"vpcId":             n.vpc.id,
		"serviceName":       "com.amazonaws.ap-northeast-1.ssm",
		"vpcEndpointType":   "Interface",
		"privateDnsEnabled": true,
		"subnetIds":         []any{n.private.id, n.other.id},
	}
	for key, value := range more {
		inputs[key] = value
	}
	return failed(w.try(endpointType, name, inputs))
}

func (w *world) s3(n network, name string, tables ...any) error {
	return failed(w.try(endpointType, name,
		in{"vpcId": n.vpc.id, "serviceName": "com.amazonaws.ap-northeast-1.s3", "routeTableIds": tables}))
}

var endpointPairs = map[string]pair{
	"an endpoint of a service of the region": {
		want: "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.us-east-1.s3' does not exist: as Gateway " +
			"endpoints ap-northeast-1 has dynamodb, s3",
		refuses: func(w *world) error {
			return failed(w.try(endpointType, "s3",
				in{"vpcId": w.network().vpc.id, "serviceName": "com.amazonaws.us-east-1.s3"}))
		},
		passes: func(w *world) error { n := w.network(); return w.s3(n, "s3", w.table(n)) },
	},
	"an endpoint with known route tables": {
		want:    "InvalidRouteTableId.NotFound: The routeTable ID 'rtb-none' does not exist",
		refuses: func(w *world) error { return w.s3(w.network(), "s3", "rtb-none") },
		passes:  func(w *world) error { n := w.network(); return w.s3(n, "s3", w.table(n)) },
	},
	"an endpoint in known subnets": {
		want:    "InvalidSubnetId.NotFound: The subnet ID 'subnet-none' does not exist",
		refuses: func(w *world) error { return w.endpoint(w.network(), "ssm", in{"subnetIds": []any{"subnet-none"}}) },
		passes:  func(w *world) error { return w.endpoint(w.network(), "ssm", nil) },
	},
	"an endpoint with known security groups": {
		want: "InvalidSecurityGroupId.NotFound: The security group ID 'sg-none' does not exist",
		refuses: func(w *world) error {
			return w.endpoint(w.network(), "ssm", in{"securityGroupIds": []any{"sg-none"}})
		},
		passes: func(w *world) error {
			n := w.network()
			return w.endpoint(n, "ssm", in{"securityGroupIds": []any{w.group(n.vpc.id, "endpoints").id}})
		},
	},
	"route tables for gateways, subnets and groups for interfaces": {
		want: "InvalidParameter: routeTableIds cannot be specified for endpoints of type Interface",
		refuses: func(w *world) error {
			n := w.network()
			return w.endpoint(n, "ssm", in{"routeTableIds": []any{w.table(n)}})
		},
		passes: func(w *world) error { return w.endpoint(w.network(), "ssm", nil) },
	},
	"what an endpoint uses is in its VPC": {
		want: "InvalidParameter: securityGroupIds sg-* is not in vpc-*",
		refuses: func(w *world) error {
			twin := w.make(vpcType, "twin", in{"cidrBlock": "10.1.0.0/16"})
			return plain(w.endpoint(w.network(), "ssm",
				in{"securityGroupIds": []any{w.group(twin.id, "endpoints").id}}))
		},
		passes: func(w *world) error {
			n := w.network()
			return w.endpoint(n, "ssm", in{"securityGroupIds": []any{w.group(n.vpc.id, "endpoints").id}})
		},
	},
	"one subnet a zone for an endpoint": {
		want: "DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of subnet-*: " +
			"subnet-* and subnet-* are both in ap-northeast-1a",
		refuses: func(w *world) error {
			n := w.network()
			return plain(w.endpoint(n, "ssm", in{"subnetIds": []any{n.public.id, n.private.id}}))
		},
		passes: func(w *world) error { return w.endpoint(w.network(), "ssm", nil) },
	},
	"private DNS needs both DNS settings of the VPC": {
		want: "InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC " +
			"attributes set to true for vpc-*",
		refuses: func(w *world) error {
			mute := w.make(vpcType, "mute", in{"cidrBlock": "10.1.0.0/16"})
			return plain(w.endpoint(network{vpc: mute}, "ssm", in{"subnetIds": []any{}}))
		},
		passes: func(w *world) error {
			mute := w.make(vpcType, "mute", in{"cidrBlock": "10.1.0.0/16"})
			return w.endpoint(network{vpc: mute}, "ssm", in{"subnetIds": []any{}, "privateDnsEnabled": false})
		},
	},
	"one endpoint with private DNS a service": {
		want: "InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS " +
			"domain for api.ecr.ap-northeast-1.amazonaws.com in the VPC vpc-*",
		refuses: func(w *world) error {
			n := w.network()
			service := in{"serviceName": "com.amazonaws.ap-northeast-1.ecr.api"}
			if err := w.endpoint(n, "first", service); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return plain(w.endpoint(n, "second", service))
		},
		passes: func(w *world) error {
			n := w.network()
			if err := w.endpoint(n, "api", in{"serviceName": "com.amazonaws.ap-northeast-1.ecr.api"}); err != nil {
				return err
			}
			return w.endpoint(n, "dkr", in{"serviceName": "com.amazonaws.ap-northeast-1.ecr.dkr"})
		},
	},
	"one gateway endpoint a service and table": {
		want: "RouteAlreadyExists: route table rtb-* already has a route with destination-prefix-list-id pl-61a54008",
		refuses: func(w *world) error {
			n := w.network()
			table := w.table(n)
			if err := w.s3(n, "first", table); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return plain(w.s3(n, "second", table))
		},
		passes: func(w *world) error {
			n := w.network()
			if err := w.s3(n, "first", w.table(n)); err != nil {
				return err
			}
			return w.s3(n, "second", w.table(n))
		},
	},
}
