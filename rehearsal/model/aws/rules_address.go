package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// addressRules are about the address ranges of VPCs and subnets, and about what stands in a subnet.
var addressRules = []provider.Rule{
	{
		Name:  "VPC size",
		Types: []string{vpcType},
		When:  provider.OnCheck,
		Why:   "VPC user guide: the block size is between /16 and /28",
		Check: func(r *provider.Request) error {
			return blockSize(r.Inputs, "InvalidVpc.Range")
		},
	},
	{
		Name:  "private DNS names need DNS resolution",
		Types: []string{vpcType},
		When:  provider.OnCheck,
		Why:   "EC2 ModifyVpcAttribute: you can only enable DNS hostnames if you have enabled DNS support",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown("enableDnsSupport", "enableDnsHostnames") || r.Inputs.Is("enableDnsSupport", true) ||
				!r.Inputs.Is("enableDnsHostnames", false) {
				return nil
			}
			return fmt.Errorf("InvalidParameterCombination: DNS hostnames can be enabled only while DNS support is " +
				"enabled: set enableDnsSupport")
		},
	},
	{
		Name:  "subnet size",
		Types: []string{subnetType},
		When:  provider.OnCheck,
		Why:   "VPC user guide: the block size is between /16 and /28",
		Check: func(r *provider.Request) error {
			return blockSize(r.Inputs, "InvalidSubnet.Range")
		},
	},
	{
		Name: "a known VPC",
		Types: []string{subnetType, routeTableType, securityGroupType, internetGatewayType, networkACLType,
			endpointType},
		When:  provider.OnWrite,
		Why:   "EC2 error codes: InvalidVpcID.NotFound",
		Check: references("vpcId", vpcType, "InvalidVpcID.NotFound: The vpc ID '%s' does not exist"),
	},
	{
		Name:  "subnet within its VPC",
		Types: []string{subnetType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: InvalidSubnet.Range",
		Check: func(r *provider.Request) error {
			vpc := r.Find(vpcType, r.Inputs.Text("vpcId"))
			inner, ok := block(r.Inputs.Text("cidrBlock"))
			if vpc == nil || !ok {
				return nil
			}
			if outer, ok := block(vpc.Text("cidrBlock")); ok && outer.Bits() <= inner.Bits() &&
				outer.Contains(inner.Addr()) {
				return nil
			}
			return fmt.Errorf("InvalidSubnet.Range: The CIDR '%s' is invalid: it is not within the VPC's %s", inner,
				vpc.Text("cidrBlock"))
		},
	},
	{
		Name:  "no two subnets overlap",
		Types: []string{subnetType},
		When:  provider.OnCreate,
		Why:   "EC2 error codes: InvalidSubnet.Conflict",
		Check: func(r *provider.Request) error {
			own, ok := block(r.Inputs.Text("cidrBlock"))
			if !ok {
				return nil
			}
			for _, other := range r.Others(subnetType) {
				taken, _ := block(other.Text("cidrBlock"))
				if other.Text("vpcId") == r.Inputs.Text("vpcId") && own.Overlaps(taken) {
					return fmt.Errorf("InvalidSubnet.Conflict: The CIDR '%s' conflicts with another subnet: %s has %s",
						own, other.ID, taken)
				}
			}
			return nil
		},
	},
	{
		Name:  "subnet in a zone of the region",
		Types: []string{subnetType},
		When:  provider.OnCreate,
		Why:   "EC2 CreateSubnet: InvalidParameterValue",
		Check: func(r *provider.Request) error {
			if _, err := zonesOf(r.Region); err != nil {
				return err
			}
			names := zoneNames(r.Region)
			if name := r.Inputs.Text("availabilityZone"); name != "" && !slices.Contains(names, name) {
				return fmt.Errorf("InvalidParameterValue: Value (%s) for parameter availabilityZone is invalid. "+
					"Subnets can currently only be created in the following availability zones: %s", name,
					strings.Join(names, ", "))
			}
			return nil
		},
	},
	{
		Name:  "a VPC in use stays",
		Types: []string{vpcType},
		When:  provider.OnDelete,
		Why:   "EC2 error codes: DependencyViolation",
		Check: func(r *provider.Request) error {
			for _, typ := range []string{subnetType, internetGatewayType, endpointType, networkInterfaceType,
				securityGroupType, routeTableType, networkACLType} {
				for _, o := range r.Where(typ, "vpcId", r.Old.ID) {
					if !o.Part || typ == networkInterfaceType {
						return fmt.Errorf("DependencyViolation: The vpc '%s' has dependencies and cannot be "+
							"deleted: %s", r.Old.ID, o.ID)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "a subnet in use stays",
		Types: []string{subnetType},
		When:  provider.OnDelete,
		Why:   "EC2 error codes: DependencyViolation",
		Check: func(r *provider.Request) error {
			for _, eni := range r.Where(networkInterfaceType, "subnetId", r.Old.ID) {
				return fmt.Errorf("DependencyViolation: The subnet '%s' has dependencies and cannot be deleted: "+
					"%s (%s)", r.Old.ID, eni.ID, eni.Text("description"))
			}
			return nil
		},
	},
}

// block reads an IPv4 range; what is unknown, absent or no range is not ok.
func block(text string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err == nil && prefix.Addr().Is4()
}

func blockSize(inputs provider.Values, code string) error {
	text := inputs.Text("cidrBlock")
	if text == "" {
		return nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a valid IPv4 CIDR: want an address and a size, as 10.0.0.0/16", text)
	case prefix.Masked() != prefix:
		return fmt.Errorf("%q is not a valid IPv4 CIDR; did you mean %q?", text, prefix.Masked())
	case !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 28:
		return fmt.Errorf("%s: The CIDR '%s' is invalid: the size must be between /16 and /28", code, text)
	}
	return nil
}

// references makes the rule that a property names an object that exists. message has one %s, for
// the id.
func references(property, typ, message string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		if id := r.Inputs.Text(property); id != "" && r.Missing(r.Find(typ, id)) {
			return fmt.Errorf(message, id)
		}
		return nil
	}
}

// listReferences is references for a list of ids.
func listReferences(property, typ, message string) func(*provider.Request) error {
	return func(r *provider.Request) error {
		for _, id := range r.Inputs.Texts(property) {
			if r.Missing(r.Find(typ, id)) {
				return fmt.Errorf(message, id)
			}
		}
		return nil
	}
}
