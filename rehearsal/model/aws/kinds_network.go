package aws

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// networkKinds are what the VPC service computes, but for security groups.
var networkKinds = map[string]*provider.Kind{
	vpcType: {
		ID:  "vpc-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:vpc/{id}",
		Defaults: map[string]any{
			"enableDnsSupport": true, "enableDnsHostnames": false, "enableNetworkAddressUsageMetrics": false,
			"assignGeneratedIpv6CidrBlock": false, "instanceTenancy": "default",
		},
		Compute: computeVPC,
		Owned:   vpcParts,
		Absent:  []string{"ipv6AssociationId"},
	},
	subnetType: {
		ID:  "subnet-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:subnet/{id}",
		Defaults: map[string]any{
			"mapPublicIpOnLaunch":                     false,
			"assignIpv6AddressOnCreation":             false,
			"enableDns64":                             false,
			"ipv6Native":                              false,
			"enableResourceNameDnsARecordOnLaunch":    false,
			"enableResourceNameDnsAaaaRecordOnLaunch": false,
			"privateDnsHostnameTypeOnLaunch":          "ip-name",
		},
		Compute: computeSubnet,
		Absent:  []string{"ipv6CidrBlockAssociationId"},
	},
	internetGatewayType: {
		ID:  "igw-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:internet-gateway/{id}",
	},
	"aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": {ID: "eigw-{hex17}"},
	eipType: {
		ID:       "eipalloc-{hex17}",
		ARN:      "arn:aws:ec2:{region}:{account}:elastic-ip/{id}",
		Defaults: map[string]any{"domain": "vpc", "publicIpv4Pool": "amazon"},
		Compute:  computeEIP,
		// What an association sets shows at the next refresh at the earliest.
		Absent: []string{"associationId", "carrierIp", "customerOwnedIp", "privateDns", "privateIp", "ptrRecord"},
	},
	natGatewayType: {
		ID:       "nat-{hex17}",
		Defaults: map[string]any{"connectivityType": "public", "availabilityMode": "zonal"},
		Compute:  computeNATGateway,
		Owned:    natGatewayParts,
		// Regional gateways only; a zonal one has none of them.
		Absent: []string{"associationId", "publicIp", "autoProvisionZones", "autoScalingIps",
			"regionalNatGatewayAddresses", "regionalNatGatewayAutoMode", "routeTableId"},
	},
	routeTableType: {
		ID:  "rtb-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:route-table/{id}",
	},
	"aws:ec2/defaultRouteTable:DefaultRouteTable": {
		Adopt: adopt(routeTableType, "defaultRouteTableId",
			"InvalidRouteTableID.NotFound: The routeTable ID '%s' does not exist"),
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("vpcId", func() any { return nil })
		},
	},
	"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {
		Adopt: adopt(networkACLType, "defaultNetworkAclId",
			"InvalidNetworkAclID.NotFound: The networkAcl ID '%s' does not exist"),
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("vpcId", func() any { return nil })
		},
	},
	networkACLType: {
		ID:  "acl-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:network-acl/{id}",
	},
	"aws:ec2/networkAclRule:NetworkAclRule": {
		ID:     "nacl-{hex10}",
		Within: &provider.Containment{Type: networkACLType, Property: "networkAclId"},
	},
	routeType: {
		ID:     "r-{routeTableId}{hex10}",
		Within: &provider.Containment{Type: routeTableType, Property: "routeTableId"},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Set("origin", "CreateRoute")
			o.Set("state", "active")
		},
		Absent: []string{"instanceId", "instanceOwnerId"},
		Import: importedBy("routeTableId", "_", "destinationCidrBlock"),
	},
	routeAssociationType: {ID: "rtbassoc-{hex17}", Import: importedBy("subnetId", "/", "routeTableId")},
	endpointType: {
		ID:  "vpce-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}",
		Defaults: map[string]any{
			"vpcEndpointType": "Gateway", "privateDnsEnabled": false, "ipAddressType": "ipv4",
		},
		Compute: computeEndpoint,
		Owned:   endpointParts,
		Absent:  []string{"prefixListId", "cidrBlocks", "dnsEntries", "networkInterfaceIds"},
	},
	flowLogType: {
		ID:  "fl-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:vpc-flow-log/{id}",
		Defaults: map[string]any{
			"logDestinationType":     "cloud-watch-logs",
			"maxAggregationInterval": 600.0,
			"logFormat": "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} " +
				"${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}",
		},
	},
	managedPrefixListType: {
		ID:      "pl-{hex17}",
		ARN:     "arn:aws:ec2:{region}:{account}:prefix-list/{id}",
		Compute: func(_ *provider.Request, o *provider.Outputs) { o.Set("version", 1.0) },
	},
	"aws:ec2/vpcDhcpOptions:VpcDhcpOptions": {
		ID:  "dopt-{hex17}",
		ARN: "arn:aws:ec2:{region}:{account}:dhcp-options/{id}",
	},
	"aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": {ID: "{dhcpOptionsId}-{vpcId}"},
	"aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy":                 {ID: "{vpcEndpointId}"},
}

func adopt(typ, property, missing string) *provider.Adoption {
	return &provider.Adoption{Type: typ, Find: func(r *provider.Request) (*cloud.Object, error) {
		o := r.Find(typ, r.Inputs.Text(property))
		if o == nil {
			return nil, fmt.Errorf(missing, r.Inputs.Text(property))
		}
		return o, nil
	}}
}

func computeVPC(r *provider.Request, o *provider.Outputs) {
	id := o.Text("id")
	o.Set("defaultSecurityGroupId", provider.StableID("sg-", 17, id, "default"))
	o.Set("defaultRouteTableId", provider.StableID("rtb-", 17, id, "main"))
	o.Set("mainRouteTableId", provider.StableID("rtb-", 17, id, "main"))
	o.Set("defaultNetworkAclId", provider.StableID("acl-", 17, id, "default"))
	o.Set("dhcpOptionsId", provider.StableID("dopt-", 17, r.Account, r.Region))
	if o.Is("assignGeneratedIpv6CidrBlock", false) {
		o.Default("ipv6CidrBlock", func() any {
			return fmt.Sprintf("2406:da14:%s:%s00::/56", provider.Random("0123456789abcdef", 3),
				provider.Random("0123456789abcdef", 2))
		})
		o.Set("ipv6AssociationId", provider.StableID("vpc-cidr-assoc-", 17, id, "ipv6"))
	}
}

// vpcParts are what every new VPC comes with.
func vpcParts(r *provider.Request, o *provider.Outputs) []provider.Part {
	arn := func(kind, id string) string {
		return fmt.Sprintf("arn:aws:ec2:%s:%s:%s/%s", r.Region, r.Account, kind, id)
	}
	part := func(typ, kind, property, name, description string) provider.Part {
		id := o.Text(property)
		return provider.Part{
			Type: typ,
			ID:   id,
			Name: name,
			ARN:  arn(kind, id),
			Outputs: map[string]any{
				"id": id, "arn": arn(kind, id), "vpcId": o.Text("id"), "ownerId": r.Account,
				"name": name, "description": description, "default": true,
			},
		}
	}
	return []provider.Part{
		part(securityGroupType, "security-group", "defaultSecurityGroupId", "default", "default VPC security group"),
		part(routeTableType, "route-table", "mainRouteTableId", "main", ""),
		part(networkACLType, "network-acl", "defaultNetworkAclId", "default", ""),
	}
}

func computeSubnet(r *provider.Request, o *provider.Outputs) {
	o.Default("availabilityZone", func() any {
		for _, z := range zones[r.Region] {
			if !o.Has("availabilityZoneId") || z.ID == o.Text("availabilityZoneId") {
				return z.Name
			}
		}
		return nil
	})
	o.Default("availabilityZoneId", func() any {
		for _, z := range zones[r.Region] {
			if z.Name == o.Text("availabilityZone") {
				return z.ID
			}
		}
		return nil
	})
}

// publicAddresses are for documentation: nothing on the internet answers there.
var publicAddresses = netip.MustParsePrefix("203.0.113.0/24")

func computeEIP(r *provider.Request, o *provider.Outputs) {
	o.Set("allocationId", o.Text("id"))
	o.Default("networkBorderGroup", func() any { return r.Region })
	o.Once("publicIp", func() any {
		taken := map[string]bool{}
		for _, other := range r.Everywhere(eipType) {
			taken[other.Text("publicIp")] = true
		}
		free := publicAddresses.Addr().Next()
		for taken[free.String()] {
			free = free.Next()
		}
		return free.String()
	})
	domain := r.Region + ".compute.amazonaws.com"
	if r.Region == "us-east-1" {
		domain = "compute-1.amazonaws.com"
	}
	o.Set("publicDns", "ec2-"+strings.ReplaceAll(o.Text("publicIp"), ".", "-")+"."+domain)
}

func computeNATGateway(r *provider.Request, o *provider.Outputs) {
	o.Set("networkInterfaceId", provider.StableID("eni-", 17, o.Text("id")))
	subnet := r.Find(subnetType, o.Text("subnetId"))
	if subnet == nil {
		return
	}
	o.Default("vpcId", func() any { return subnet.Text("vpcId") })
	o.Default("privateIp", func() any { return hostAddress(r, subnet) })
	if address := r.Find(eipType, o.Text("allocationId")); address != nil {
		o.Set("associationId", provider.StableID("eipassoc-", 17, o.Text("id")))
		o.Set("publicIp", address.Text("publicIp"))
	}
}

func natGatewayParts(_ *provider.Request, o *provider.Outputs) []provider.Part {
	id := o.Text("networkInterfaceId")
	return []provider.Part{{
		Type: networkInterfaceType,
		ID:   id,
		Name: id,
		Outputs: map[string]any{
			"id":          id,
			"vpcId":       o.Text("vpcId"),
			"subnetId":    o.Text("subnetId"),
			"groupIds":    []any{},
			"privateIp":   o.Text("privateIp"),
			"publicIp":    o.Text("publicIp"),
			"description": "Interface for NAT Gateway " + o.Text("id"),
		},
	}}
}

// hostAddress returns an address of a subnet that no interface has. AWS keeps the first four to
// itself.
func hostAddress(r *provider.Request, subnet *cloud.Object) string {
	prefix, err := netip.ParsePrefix(subnet.Text("cidrBlock"))
	if err != nil {
		return ""
	}
	taken := map[string]bool{}
	for _, other := range r.Where(networkInterfaceType, "subnetId", subnet.ID) {
		taken[other.Text("privateIp")] = true
	}
	address := prefix.Addr()
	for range 4 {
		address = address.Next()
	}
	for taken[address.String()] {
		address = address.Next()
	}
	return address.String()
}
