package compliance

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

var (
	vpcs    = []string{catalog.VPC}
	subnets = []string{catalog.Subnet}
	// admitting are the types in which ingress rules stand: one in each resource, or a list.
	admitting = []string{
		catalog.IngressRule, "aws:ec2/securityGroupRule:SecurityGroupRule", catalog.SecurityGroup,
		catalog.DefaultSecurityGroup,
	}
)

var networkControls = []Control{
	{
		ID:       "EC2.2",
		CIS:      "5.4",
		Title:    "Default security groups admit nothing and let nothing out",
		Severity: High,
		Types:    vpcs,
		About:    "VPC",
		check: func(s *stack, r *resource) string {
			groups := s.refer(r, catalog.DefaultSecurityGroup, "vpcId")
			if len(groups) == 0 {
				return "its default security group is as AWS makes it, with rules"
			}
			if len(groups[0].at("ingress").list())+len(groups[0].at("egress").list()) > 0 {
				return "its default security group has rules"
			}
			return ""
		},
	},
	{
		ID:       "EC2.6",
		CIS:      "3.7",
		Title:    "VPCs have flow logs",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    wantsReferrer(catalog.FlowLog, "vpcId", "flow log"),
	},
	{
		ID:       "EC2.10",
		Title:    "VPCs have an endpoint for EC2",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    endpoint("ec2"),
	},
	{
		ID:       "EC2.15",
		Title:    "Subnets give no public addresses by themselves",
		Severity: Medium,
		Types:    subnets,
		About:    "subnet",
		check:    wantsFalse("mapPublicIpOnLaunch"),
	},
	{
		ID:       "EC2.16",
		Title:    "Network ACLs are in use",
		Severity: Low,
		Types:    []string{"aws:ec2/networkAcl:NetworkAcl"},
		About:    "network ACL",
		check: func(s *stack, r *resource) string {
			if len(r.at("subnetIds").list())+
				len(s.refer(r, "aws:ec2/networkAclAssociation:NetworkAclAssociation", "networkAclId")) > 0 {
				return ""
			}
			return "it has no subnet"
		},
	},
	{
		ID:       "EC2.18",
		Title:    "Security groups admit the world on ports 80 and 443 only",
		Severity: High,
		Types:    admitting,
		About:    "ingress rule",
		applies:  admits,
		check: func(_ *stack, r *resource) string {
			return open(r, func(from, to float64) bool { return from != to || from != 80 && from != 443 })
		},
	},
	{
		ID:       "EC2.19",
		Title:    "Security groups do not admit the world on ports of high risk",
		Severity: Critical,
		Types:    admitting,
		About:    "ingress rule",
		applies:  admits,
		check: func(_ *stack, r *resource) string {
			return open(r, func(from, to float64) bool {
				return slices.ContainsFunc(risky, func(port float64) bool { return from <= port && port <= to })
			})
		},
	},
	{
		ID:       "EC2.21",
		CIS:      "5.1",
		Title:    "Network ACLs do not admit the world on ports 22 and 3389",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    closedACLs,
	},
	{
		ID:       "EC2.53",
		CIS:      "5.2, 5.3",
		NotFSBP:  true,
		Title:    "Security groups do not admit the world to ports of remote administration",
		Severity: High,
		Types:    admitting,
		About:    "ingress rule",
		applies:  admits,
		check: func(_ *stack, r *resource) string {
			return open(r, administers)
		},
	},
	{
		ID:       "EC2.55",
		Title:    "VPCs have an endpoint for the ECR API",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    endpoint("ecr.api"),
	},
	{
		ID:       "EC2.56",
		Title:    "VPCs have an endpoint for the Docker registry",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    endpoint("ecr.dkr"),
	},
	{
		ID:       "EC2.57",
		Title:    "VPCs have an endpoint for Systems Manager",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    endpoint("ssm"),
	},
	{
		ID:       "EC2.58",
		Title:    "VPCs have an endpoint for Incident Manager contacts",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    endpoint("ssm-contacts"),
	},
	{
		ID:       "EC2.60",
		Title:    "VPCs have an endpoint for Incident Manager",
		Severity: Medium,
		Types:    vpcs,
		About:    "VPC",
		check:    endpoint("ssm-incidents"),
	},
	{
		ID:       "REL10-BP01",
		NotFSBP:  true,
		Title:    "No subnet depends on a NAT gateway of another zone",
		Severity: Medium,
		Types:    subnets,
		About:    "subnet",
		check:    nearNAT,
	},
}

// risky are the ports of EC2.19.
var risky = []float64{
	20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088,
	8888, 9200, 9300,
}

func administers(from, to float64) bool { return from <= 22 && 22 <= to || from <= 3389 && 3389 <= to }

// rules are the ingress rules in a resource.
func rules(r *resource) []value {
	switch r.state.Type {
	case catalog.IngressRule:
		return []value{r.value}
	case "aws:ec2/securityGroupRule:SecurityGroupRule":
		if r.at("type").text() == "egress" {
			return nil
		}
		return []value{r.value}
	default:
		return r.at("ingress").list()
	}
}

// admits leaves out groups whose rules stand elsewhere.
func admits(r *resource) bool { return len(rules(r)) > 0 }

// open says which rule admits the world on ports that are wrong.
func open(r *resource, wrong func(from, to float64) bool) string {
	for _, rule := range rules(r) {
		from, to := rule.at("fromPort").number(), rule.at("toPort").number()
		// a rule of its own has one, a rule in a list the other
		protocol := rule.at("ipProtocol").text() + rule.at("protocol").text()
		switch protocol {
		case "-1", "all":
			from, to = 0, 65535
		case "icmp", "icmpv6":
			continue // it has types, not ports
		}
		for _, source := range []string{"cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks"} {
			for _, cidr := range rule.at(source).texts() {
				if worldwide(cidr) && wrong(from, to) {
					return fmt.Sprintf("it admits %s on %s ports %v to %v", cidr, protocol, from, to)
				}
			}
		}
	}
	return ""
}

// worldwide says whether a CIDR is the internet, or so much of it that two or a few such make it
// whole.
func worldwide(cidr string) bool {
	prefix, err := netip.ParsePrefix(cidr)
	return err == nil && (prefix.Bits() < 8 || prefix.Addr().Is6() && prefix.Bits() < 16)
}

func endpoint(service string) check {
	return func(s *stack, r *resource) string {
		for _, one := range s.refer(r, catalog.VPCEndpoint, "vpcId") {
			if strings.HasPrefix(one.at("serviceName").text(), "com.amazonaws.") &&
				strings.HasSuffix(one.at("serviceName").text(), "."+service) {
				return ""
			}
		}
		return "it has no endpoint for " + service
	}
}

// closedACLs looks at the network ACLs of a VPC. The default one admits everything unless the stack
// takes it over.
func closedACLs(s *stack, r *resource) string {
	defaults := s.whose(r, "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "defaultNetworkAclId",
		r.at("defaultNetworkAclId").text())
	if len(defaults) == 0 {
		return "its default network ACL is as AWS makes it, which admits everything"
	}
	for _, acl := range append(defaults, s.refer(r, "aws:ec2/networkAcl:NetworkAcl", "vpcId")...) {
		for _, rule := range acl.at("ingress").list() {
			from, to := rule.at("fromPort").number(), rule.at("toPort").number()
			if protocol := rule.at("protocol").text(); protocol == "-1" || protocol == "all" {
				from, to = 0, 65535
			}
			if rule.at("action").text() == "allow" && administers(from, to) &&
				(worldwide(rule.at("cidrBlock").text()) || worldwide(rule.at("ipv6CidrBlock").text())) {
				return fmt.Sprintf("its network ACL %s admits the world on ports %v to %v", acl.state.Name(), from, to)
			}
		}
	}
	return ""
}

// routesOf are the routes of a subnet's route table.
func routesOf(s *stack, r *resource, subnetID string) []*resource {
	var routes []*resource
	for _, association := range s.whose(r, catalog.RouteTableAssociation, "subnetId", subnetID) {
		routes = append(routes, s.whose(r, catalog.Route, "routeTableId", association.at("routeTableId").text())...)
	}
	return routes
}

// nearNAT wants a NAT gateway in the zone of the subnet that it serves, so that the loss of a zone
// cuts off no other.
func nearNAT(s *stack, r *resource) string {
	for _, route := range routesOf(s, r, r.state.ID) {
		gateway := route.at("natGatewayId").text()
		if gateway == "" {
			continue
		}
		for _, nat := range s.of(r, catalog.NATGateway) {
			if nat.state.ID != gateway {
				continue
			}
			for _, home := range s.of(r, catalog.Subnet) {
				if home.state.ID == nat.at("subnetId").text() &&
					home.at("availabilityZone").text() != r.at("availabilityZone").text() {
					return "its NAT gateway is in " + home.at("availabilityZone").text() + ", it is in " +
						r.at("availabilityZone").text()
				}
			}
		}
	}
	return ""
}
