package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// interfaceServices are the services that the model offers interface endpoints for, without the
// region's prefix.
var interfaceServices = []string{
	"autoscaling", "backup", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry",
	"elasticloadbalancing", "email-smtp", "events", "kms", "lambda", "logs", "monitoring", "rds", "rds-data", "s3",
	"secretsmanager",
	"servicediscovery", "sns", "sqs", "ssm", "ssmmessages", "sts", "xray",
}

// endpointRules are about VPC endpoints.
var endpointRules = []provider.Rule{
	{
		Name:  "an endpoint of a service of the region",
		Types: []string{endpointType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: InvalidServiceName",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("serviceName")
			// com.amazonaws.vpce.REGION.vpce-svc-ID is a service that somebody offers by
			// PrivateLink.
			if name == "" || isPrivateLink(name, r.Region) {
				return nil
			}
			known := interfaceServices
			if endpointKind(r.Inputs) == "Gateway" {
				known = slices.Sorted(maps.Keys(gatewayPrefixLists[r.Region]))
			}
			if service := serviceOf(r.Inputs, r.Region); service == name || !slices.Contains(known, service) {
				return fmt.Errorf("InvalidServiceName: The Vpc Endpoint Service '%s' does not exist: as %s "+
					"endpoints %s has %s",
					name, endpointKind(r.Inputs), r.Region, strings.Join(known, ", "))
			}
			return nil
		},
	},
	{
		Name:  "an endpoint with known route tables",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidRouteTableId.NotFound",
		Check: listReferences("routeTableIds", routeTableType,
			"InvalidRouteTableId.NotFound: The routeTable ID '%s' does not exist"),
	},
	{
		Name:  "an endpoint in known subnets",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidSubnetId.NotFound",
		Check: listReferences("subnetIds", subnetType, "InvalidSubnetId.NotFound: The subnet ID '%s' does not exist"),
	},
	{
		Name:  "an endpoint with known security groups",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidSecurityGroupId.NotFound",
		Check: listReferences("securityGroupIds", securityGroupType,
			"InvalidSecurityGroupId.NotFound: The security group ID '%s' does not exist"),
	},
	{
		Name:  "route tables for gateways, subnets and groups for interfaces",
		Types: []string{endpointType},
		When:  provider.OnCheck,
		Why:   "EC2 CreateVpcEndpoint: InvalidParameter",
		Check: func(r *provider.Request) error {
			kind, foreign := endpointKind(r.Inputs), []string{"routeTableIds"}
			if kind == "Gateway" {
				foreign = []string{"subnetIds", "securityGroupIds"}
			}
			for _, property := range foreign {
				if len(r.Inputs.Texts(property)) > 0 || r.Inputs.Unknown(property) {
					return fmt.Errorf("InvalidParameter: %s cannot be specified for endpoints of type %s", property,
						kind)
				}
			}
			return nil
		},
	},
	{
		Name:  "what an endpoint uses is in its VPC",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 CreateVpcEndpoint: InvalidParameter",
		Check: func(r *provider.Request) error {
			vpc := r.Inputs.Text("vpcId")
			for _, used := range []struct{ property, typ string }{
				{"subnetIds", subnetType}, {"securityGroupIds", securityGroupType}, {"routeTableIds", routeTableType},
			} {
				for _, id := range r.Inputs.Texts(used.property) {
					if o := r.Find(used.typ, id); o != nil && vpc != "" && o.Text("vpcId") != vpc {
						return fmt.Errorf("InvalidParameter: %s %s is not in %s", used.property, id, vpc)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "one subnet a zone for an endpoint",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: DuplicateSubnetsInSameZone",
		Check: func(r *provider.Request) error {
			inZone := map[string]string{}
			for _, id := range r.Inputs.Texts("subnetIds") {
				subnet := r.Find(subnetType, id)
				if subnet == nil {
					continue
				}
				zone := subnet.Text("availabilityZone")
				if first := inZone[zone]; first != "" {
					return fmt.Errorf("DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the "+
						"availability zone of %s: %s and %s are both in %s", id, first, id, zone)
				}
				inZone[zone] = id
			}
			return nil
		},
	},
	{
		Name:  "private DNS needs both DNS settings of the VPC",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 CreateVpcEndpoint: InvalidParameter",
		Check: func(r *provider.Request) error {
			vpc := r.Find(vpcType, r.Inputs.Text("vpcId"))
			if vpc == nil || !r.Inputs.Is("privateDnsEnabled", false) {
				return nil
			}
			set := provider.Values(vpc.Outputs)
			if set.Is("enableDnsSupport", true) && set.Is("enableDnsHostnames", false) {
				return nil
			}
			return fmt.Errorf("InvalidParameter: Enabling private DNS requires both enableDnsSupport and "+
				"enableDnsHostnames VPC attributes set to true for %s", vpc.ID)
		},
	},
	{
		Name:  "one endpoint with private DNS a service",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 CreateVpcEndpoint: InvalidParameter",
		Check: func(r *provider.Request) error {
			if !r.Inputs.Is("privateDnsEnabled", false) {
				return nil
			}
			for _, other := range r.Others(endpointType) {
				same := other.Text("vpcId") == r.Inputs.Text("vpcId") &&
					other.Text("serviceName") == r.Inputs.Text("serviceName")
				if same && r.Inputs.Text("vpcId") != "" &&
					provider.Values(other.Outputs).Is("privateDnsEnabled", false) {
					return fmt.Errorf("InvalidParameter: private-dns-enabled cannot be set because there is already "+
						"a conflicting DNS domain for %s in the VPC %s",
						privateName(r.Inputs, r.Region), r.Inputs.Text("vpcId"))
				}
			}
			return nil
		},
	},
	{
		Name:  "one gateway endpoint a service and table",
		Types: []string{endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: RouteAlreadyExists",
		Check: func(r *provider.Request) error {
			if endpointKind(r.Inputs) != "Gateway" {
				return nil
			}
			for _, other := range r.Others(endpointType) {
				for _, table := range provider.Values(other.Outputs).Texts("routeTableIds") {
					if other.Text("serviceName") == r.Inputs.Text("serviceName") &&
						slices.Contains(r.Inputs.Texts("routeTableIds"), table) {
						return fmt.Errorf("RouteAlreadyExists: route table %s already has a route with "+
							"destination-prefix-list-id %s", table, other.Text("prefixListId"))
					}
				}
			}
			return nil
		},
	},
}

func endpointKind(inputs provider.Values) string {
	if kind := inputs.Text("vpcEndpointType"); kind != "" {
		return kind
	}
	return "Gateway"
}

func isPrivateLink(service, region string) bool {
	return strings.HasPrefix(service, "com.amazonaws.vpce."+region+".vpce-svc-")
}
