package aws

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// routingRules are about gateways, addresses, route tables and routes.
var routingRules = []provider.Rule{
	{
		Name:  "one internet gateway a VPC",
		Types: []string{internetGatewayType},
		When:  provider.OnWrite,
		Why:   "VPC quotas: one internet gateway can be attached to a VPC at a time",
		Check: func(r *provider.Request) error {
			vpc := r.Inputs.Text("vpcId")
			for _, other := range r.Others(internetGatewayType) {
				if vpc != "" && other.Text("vpcId") == vpc {
					return fmt.Errorf("InvalidParameterValue: Network %s already has an internet gateway attached", vpc)
				}
			}
			return nil
		},
	},
	{
		Name:  "an internet gateway with mapped addresses stays",
		Types: []string{internetGatewayType},
		When:  provider.OnDelete,
		Why:   "EC2 DetachInternetGateway: DependencyViolation",
		Check: func(r *provider.Request) error {
			vpc := r.Old.Text("vpcId")
			for _, eni := range r.Where(networkInterfaceType, "vpcId", vpc) {
				if eni.Text("publicIp") != "" {
					return fmt.Errorf("DependencyViolation: Network %s has some mapped public address(es). Please "+
						"unmap those public address(es) before detaching the gateway", vpc)
				}
			}
			return nil
		},
	},
	{
		Name:  "five Elastic IPs a region",
		Types: []string{eipType},
		When:  provider.OnCreate,
		Why:   "VPC quotas: Elastic IP addresses per Region",
		Check: func(r *provider.Request) error {
			if len(r.Others(eipType)) >= 5 {
				return fmt.Errorf("AddressLimitExceeded: The maximum number of addresses has been reached.")
			}
			return nil
		},
	},
	{
		Name:  "an Elastic IP in use stays",
		Types: []string{eipType},
		When:  provider.OnDelete,
		Why:   "EC2 error codes: InvalidIPAddress.InUse",
		Check: func(r *provider.Request) error {
			for _, nat := range r.Where(natGatewayType, "allocationId", r.Old.ID) {
				return fmt.Errorf("InvalidIPAddress.InUse: Address %s is in use by %s", r.Old.Text("publicIp"), nat.ID)
			}
			return nil
		},
	},
	{
		Name:  "a NAT gateway stands in a subnet",
		Types: []string{natGatewayType},
		When:  provider.OnCheck,
		Why:   "EC2 CreateNatGateway: a zonal gateway needs SubnetId",
		Check: func(r *provider.Request) error {
			if r.Inputs.Text("availabilityMode") != "regional" && !r.Inputs.Has("subnetId") {
				return fmt.Errorf("MissingParameter: The request must contain the parameter SubnetId")
			}
			return nil
		},
	},
	{
		Name:  "a public NAT gateway has an address",
		Types: []string{natGatewayType},
		When:  provider.OnCheck,
		Why: "EC2 CreateNatGateway: AllocationId is required for public NAT gateways, and not supported with " +
			"private ones",
		Check: func(r *provider.Request) error {
			private := r.Inputs.Text("connectivityType") == "private"
			switch {
			case r.Inputs.Text("availabilityMode") == "regional":
				return nil
			case private && r.Inputs.Has("allocationId"):
				return fmt.Errorf("InvalidParameter: AllocationId is not supported with connectivity type private")
			case !private && !r.Inputs.Has("allocationId"):
				return fmt.Errorf("MissingParameter: The request must contain the parameter AllocationId")
			}
			return nil
		},
	},
	{
		Name:  "a NAT gateway in a known subnet",
		Types: []string{natGatewayType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidSubnetID.NotFound",
		Check: references("subnetId", subnetType, "InvalidSubnetID.NotFound: The subnet ID '%s' does not exist"),
	},
	{
		Name:  "a NAT gateway with a known address",
		Types: []string{natGatewayType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidAllocationID.NotFound",
		Check: references("allocationId", eipType,
			"InvalidAllocationID.NotFound: The allocation ID '%s' does not exist"),
	},
	{
		Name:  "an address of one NAT gateway",
		Types: []string{natGatewayType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: Resource.AlreadyAssociated",
		Check: func(r *provider.Request) error {
			id := r.Inputs.Text("allocationId")
			for _, other := range r.Others(natGatewayType) {
				if id != "" && other.Text("allocationId") == id {
					return fmt.Errorf("Resource.AlreadyAssociated: Elastic IP address [%s] is already associated", id)
				}
			}
			return nil
		},
	},
	{
		Name:  "a public NAT gateway needs an internet gateway",
		Types: []string{natGatewayType},
		When:  provider.OnCreate,
		Why:   "EC2 CreateNatGateway: Gateway.NotAttached",
		Check: func(r *provider.Request) error {
			subnet := r.Find(subnetType, r.Inputs.Text("subnetId"))
			if subnet == nil || r.Preview || r.Inputs.Text("connectivityType") == "private" {
				return nil
			}
			if vpc := subnet.Text("vpcId"); len(r.Where(internetGatewayType, "vpcId", vpc)) == 0 {
				return fmt.Errorf("Gateway.NotAttached: Network %s has no Internet gateway attached", vpc)
			}
			return nil
		},
	},
	{
		Name:  "a route in a known table",
		Types: []string{routeType, routeAssociationType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidRouteTableID.NotFound",
		Check: references("routeTableId", routeTableType,
			"InvalidRouteTableID.NotFound: The routeTable ID '%s' does not exist"),
	},
	{
		Name:  "a route has one destination",
		Types: []string{routeType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf on the destinations",
		Check: exactlyOne("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
	},
	{
		Name:  "a route has one target",
		Types: []string{routeType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf on the targets",
		Check: exactlyOne("carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId",
			"natGatewayId",
			"networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId"),
	},
	{
		Name:  "a route to a known internet gateway",
		Types: []string{routeType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidInternetGatewayID.NotFound",
		Check: references("gatewayId", internetGatewayType,
			"InvalidInternetGatewayID.NotFound: The internetGateway ID '%s' does not exist"),
	},
	{
		Name:  "a route to a known NAT gateway",
		Types: []string{routeType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidNatGatewayID.NotFound",
		Check: references("natGatewayId", natGatewayType,
			"InvalidNatGatewayID.NotFound: The natGateway ID '%s' does not exist"),
	},
	{
		Name:  "a route to a gateway of its VPC",
		Types: []string{routeType},
		When:  provider.OnWrite,
		Why:   "EC2 CreateRoute: InvalidParameterValue",
		Check: func(r *provider.Request) error {
			table := r.Find(routeTableType, r.Inputs.Text("routeTableId"))
			for property, typ := range map[string]string{
				"gatewayId":    internetGatewayType,
				"natGatewayId": natGatewayType,
			} {
				gateway := r.Find(typ, r.Inputs.Text(property))
				if table != nil && gateway != nil && gateway.Text("vpcId") != table.Text("vpcId") {
					return fmt.Errorf("InvalidParameterValue: route table %s and network gateway %s belong to "+
						"different networks", table.ID, gateway.ID)
				}
			}
			return nil
		},
	},
	{
		Name:  "one route a destination",
		Types: []string{routeType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: RouteAlreadyExists",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"destinationCidrBlock", "destinationIpv6CidrBlock",
				"destinationPrefixListId"} {
				destination := r.Inputs.Text(property)
				for _, other := range r.Others(routeType) {
					if destination != "" && other.Text("routeTableId") == r.Inputs.Text("routeTableId") &&
						other.Text(property) == destination {
						return fmt.Errorf("RouteAlreadyExists: The route identified by %s already exists.", destination)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "a table associated with a known subnet",
		Types: []string{routeAssociationType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidSubnetID.NotFound",
		Check: references("subnetId", subnetType, "InvalidSubnetID.NotFound: The subnet ID '%s' does not exist"),
	},
	{
		Name:  "a table and a subnet of one VPC",
		Types: []string{routeAssociationType},
		When:  provider.OnWrite,
		Why:   "EC2 AssociateRouteTable: InvalidParameterValue",
		Check: func(r *provider.Request) error {
			table, subnet := r.Find(routeTableType, r.Inputs.Text("routeTableId")),
				r.Find(subnetType, r.Inputs.Text("subnetId"))
			if table != nil && subnet != nil && table.Text("vpcId") != subnet.Text("vpcId") {
				return fmt.Errorf("InvalidParameterValue: Route table %s and subnet %s belong to different networks",
					table.ID, subnet.ID)
			}
			return nil
		},
	},
	{
		Name:  "one route table a subnet",
		Types: []string{routeAssociationType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: Resource.AlreadyAssociated",
		Check: func(r *provider.Request) error {
			subnet := r.Inputs.Text("subnetId")
			for _, other := range r.Others(routeAssociationType) {
				if subnet != "" && other.Text("subnetId") == subnet {
					return fmt.Errorf("Resource.AlreadyAssociated: the specified association for route table %s "+
						"conflicts with an existing association", r.Inputs.Text("routeTableId"))
				}
			}
			return nil
		},
	},
	{
		Name:  "a route table in use stays",
		Types: []string{routeTableType},
		When:  provider.OnDelete,
		Why:   "EC2 error codes: DependencyViolation",
		Check: func(r *provider.Request) error {
			for _, association := range r.Where(routeAssociationType, "routeTableId", r.Old.ID) {
				return fmt.Errorf("DependencyViolation: The routeTable '%s' has dependencies and cannot be "+
					"deleted: %s", r.Old.ID, association.ID)
			}
			return nil
		},
	},
}

// exactlyOne makes the rule that one of the properties is given, and no other.
func exactlyOne(properties ...string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		var given []string
		for _, property := range properties {
			if r.Inputs.Has(property) {
				given = append(given, property)
			}
		}
		if len(given) == 1 {
			return nil
		}
		return fmt.Errorf("one of %v must be specified, got %v", properties, given)
	}
}
