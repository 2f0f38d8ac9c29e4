package adopt

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

const everywhere = "0.0.0.0/0"

// The tiers of subnets, as the program names them.
const (
	publicTier   = "public"
	privateTier  = "private"
	databaseTier = "database"
)

// Endpoints are the AWS services that the network can have endpoints of.
var Endpoints = []string{
	"s3", "ecr.api", "ecr.dkr", "ecs", "kms", "logs", "monitoring", "secretsmanager", "sqs", "ssm", "ssmmessages",
	"sts", "xray",
}

// routing is what the objects of the network say of each other.
type routing struct {
	tables       []Instance
	routes       []Instance // standalone ones
	associations []Instance
}

func (m *matcher) network() {
	vpc, ok := m.only("VPC", m.of("aws_vpc"))
	if !ok {
		m.refuse("aws_vpc", "there is none in the states; give the state of the network too")
		return
	}
	m.importAs(vpc, catalog.VPC, "network-vpc", vpc.ID(), nil)
	m.requireSetting("network", []string{"cidr"}, vpc.Text("cidr_block"),
		"another block replaces the VPC, and all in it")
	m.refuseReplacement(vpc, "instance_tenancy", vpc.Text("instance_tenancy"), "default",
		"the program makes a VPC of default tenancy alone")
	m.defaultGroup(vpc)
	if gateway, ok := m.only("internet gateway", m.of("aws_internet_gateway")); ok {
		m.importAs(gateway, catalog.InternetGateway, "network-internet", gateway.ID(), nil)
	}
	r := routing{m.of("aws_route_table"), m.of("aws_route"), m.of("aws_route_table_association")}
	subnets := m.subnets(r)
	m.gateways(subnets)
	m.layout(subnets)
	m.tables(r, subnets)
	m.endpoints()
	for _, one := range m.of("aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule",
		"aws_vpc_security_group_egress_rule") {
		m.leaveToTerraform(one, "its name and description replace it: groups for each service stand beside it")
	}
	for _, one := range m.of("aws_flow_log") {
		m.leaveToTerraform(one, "every property replaces it: another one stands beside it")
	}
}

// defaultGroup is the VPC's default group, which the program empties: nothing may be in it.
func (m *matcher) defaultGroup(vpc Instance) {
	id := vpc.Text("default_security_group_id")
	for _, one := range m.undecided {
		for _, attribute := range []string{
			"security_groups", "vpc_security_group_ids", "security_group_ids",
			"network_configuration.0.security_groups",
		} {
			if id != "" && slices.Contains(one.Texts(attribute), id) {
				m.refuse(one.Address+"."+attribute,
					"found %s, the VPC's default security group, which the program empties; "+
						"give the object a group of its own", id)
			}
		}
	}
	for _, one := range m.of("aws_default_security_group") {
		m.importAs(one, catalog.DefaultSecurityGroup, "network-default", one.ID(), nil)
	}
}

// subnet is a subnet with its tier.
type subnet struct {
	Instance
	zone, tier string
}

// subnets finds each subnet's tier by where its traffic goes: to the internet gateway, to a NAT
// gateway, or nowhere beside another subnet of its zone.
func (m *matcher) subnets(r routing) []subnet {
	var all []subnet
	for _, one := range m.of("aws_subnet") {
		s := subnet{one, one.Text("availability_zone"), privateTier}
		table, associated := r.of(one.ID())
		switch target := r.target(table); {
		case strings.HasPrefix(target, "igw-"), !associated && one.Bool("map_public_ip_on_launch"):
			s.tier = publicTier
		case associated && target == "" && r.hasNAT():
			s.tier = databaseTier
		}
		all = append(all, s)
	}
	seen := map[string]string{}
	for _, s := range all {
		place := s.tier + " subnet of " + s.zone
		if other := seen[place]; other != "" {
			m.refuse(s.Address,
				"it is a second %s beside %s, and the stack has one; move what is in it, and leave it out", place,
				other)
		}
		seen[place] = s.Address
	}
	return all
}

func (r routing) hasNAT() bool {
	return slices.ContainsFunc(r.tables, func(table Instance) bool {
		return strings.HasPrefix(r.target(table),
			"nat-")
	})
}

// of is the table of a subnet.
func (r routing) of(subnet string) (Instance, bool) {
	for _, association := range r.associations {
		if association.Text("subnet_id") != subnet {
			continue
		}
		for _, table := range r.tables {
			if table.ID() == association.Text("route_table_id") {
				return table, true
			}
		}
	}
	return Instance{}, false
}

// target is where a table's default route leads; empty without one.
func (r routing) target(table Instance) string {
	routes := table.Blocks("route")
	for _, route := range r.routes {
		if route.Text("route_table_id") == table.ID() {
			routes = append(routes, Instance{Values: map[string]any{
				"cidr_block": route.Text("destination_cidr_block"), "gateway_id": route.Text("gateway_id"),
				"nat_gateway_id": route.Text("nat_gateway_id"),
			}})
		}
	}
	for _, route := range routes {
		if route.Text("cidr_block") == everywhere {
			return route.Text("gateway_id") + route.Text("nat_gateway_id")
		}
	}
	return ""
}

// gateways says how the tasks reach the internet, and puts the zone of a single NAT gateway first.
func (m *matcher) gateways(subnets []subnet) {
	zoneOf := func(gateway Instance) string {
		for _, s := range subnets {
			if s.ID() == gateway.Text("subnet_id") {
				return s.zone
			}
		}
		return ""
	}
	var zones []string
	for _, s := range subnets {
		if !slices.Contains(zones, s.zone) {
			zones = append(zones, s.zone)
		}
	}
	slices.Sort(zones)
	gateways := m.of("aws_nat_gateway")
	mode := "none"
	switch {
	case len(gateways) == 1:
		mode = "single"
		zones = append([]string{zoneOf(gateways[0])}, slices.DeleteFunc(zones,
			func(z string) bool { return z == zoneOf(gateways[0]) })...)
	case len(gateways) == len(zones) && len(zones) > 0:
		mode = "perZone"
	case len(gateways) > 0:
		m.refuse(gateways[0].Address,
			"found %d NAT gateways for %d zones, want none, one, or one for each; add or drop some with Terraform "+
				"first",
			len(gateways), len(zones))
	}
	m.requireSetting("network", []string{"nat"}, mode,
		"a NAT gateway's subnet and address replace it; Atlas and others know its address")
	m.zones = nil
	for i, name := range zones {
		m.zones = append(m.zones, Zone{Name: name, ID: zoneID(m.stack.Zones, name), Index: i + 1})
	}
	if m.fits(zones, mode) {
		for i := range m.zones {
			m.zones[i].Index = zoneIndex(m.stack.Zones, m.zones[i].Name)
		}
		slices.SortFunc(m.zones, func(a, b Zone) int { return a.Index - b.Index })
	}
	for _, gateway := range gateways {
		zone := zoneOf(gateway)
		if zone == "" {
			m.refuse(gateway.Address+".subnet_id",
				"found %q, which is none of the subnets in the states; give the state of the network too",
				gateway.Text("subnet_id"))
			continue
		}
		m.refuseReplacement(gateway, "connectivity_type", gateway.Text("connectivity_type"), "public",
			"tasks reach the internet through it")
		m.importAs(gateway, catalog.NATGateway, "network-nat-"+zone, gateway.ID(), nil)
		for _, address := range m.of("aws_eip") {
			if address.Text("allocation_id") == gateway.Text("allocation_id") {
				m.refuseReplacement(address, "domain", address.Text("domain"), "vpc", "a NAT gateway takes no other")
				m.importAs(address, catalog.EIP, "network-nat-"+zone+"-address", address.ID(), nil)
			}
		}
	}
}

// fits says whether the stack file's own indexes can stay: it has the zones, and the first one has
// the single NAT gateway.
func (m *matcher) fits(zones []string, mode string) bool {
	first := ""
	for _, zone := range m.stack.Zones {
		if !slices.Contains(zones, zone.Name) {
			return false
		}
		if first == "" || zone.Index < zoneIndex(m.stack.Zones, first) {
			first = zone.Name
		}
	}
	return len(m.stack.Zones) == len(zones) && (mode != "single" || first == zones[0])
}

// layout gives every zone the blocks of its subnets, and imports the subnets.
func (m *matcher) layout(subnets []subnet) {
	for i := range m.zones {
		zone := &m.zones[i]
		for _, s := range subnets {
			if s.zone != zone.Name {
				continue
			}
			switch s.tier {
			case publicTier:
				zone.Public = s.Text("cidr_block")
			case privateTier:
				zone.Private = s.Text("cidr_block")
			case databaseTier:
				zone.Database = s.Text("cidr_block")
			}
		}
		for _, tier := range []string{publicTier, privateTier, databaseTier} {
			m.expect("of zone "+zone.Name, catalog.Subnet, "network-"+tier+"-"+zone.Name)
		}
	}
	for _, s := range subnets {
		m.importAs(s.Instance, catalog.Subnet, "network-"+s.tier+"-"+s.zone, s.ID(), nil)
	}
	m.requireSetting("network", []string{"zones"}, m.zones,
		"a subnet's zone and block replace it; a zone's index must never change")
}

// tables imports a route table as the public one, and one for each zone's private tier. A table
// that several zones share becomes the first one's: the others get tables of their own, to which
// their subnets move in place.
func (m *matcher) tables(r routing, subnets []subnet) {
	imported := map[string]bool{}
	importTable := func(table Instance, name string) {
		if imported[table.ID()] || m.result.Config.Resources[catalog.RouteTable+" "+name].ID != "" {
			return
		}
		imported[table.ID()] = true
		m.importAs(table, catalog.RouteTable, name, table.ID(), nil)
		if r.target(table) == "" {
			return
		}
		route := table
		for _, one := range r.routes {
			if one.Text("route_table_id") == table.ID() && one.Text("destination_cidr_block") == everywhere {
				route = one
			}
		}
		m.importFrozen(route, catalog.Route, name+"-default", table.ID()+"_"+everywhere, nil, "")
	}
	m.expect("", catalog.RouteTable, "network-public", "network-database")
	for _, zone := range m.zones {
		m.expect("of zone "+zone.Name, catalog.RouteTable, "network-private-"+zone.Name)
		for _, s := range subnets {
			table, associated := r.of(s.ID())
			if s.zone != zone.Name || !associated {
				continue
			}
			name := "network-" + s.tier
			if s.tier == privateTier {
				name += "-" + s.zone
			}
			importTable(table, name)
		}
	}
	for _, association := range r.associations {
		for _, s := range subnets {
			if s.ID() == association.Text("subnet_id") {
				m.importAs(association, catalog.RouteTableAssociation, "network-"+s.tier+"-"+s.zone,
					s.ID()+"/"+association.Text("route_table_id"), nil)
			}
		}
	}
	for _, table := range m.of("aws_route_table") {
		if !imported[table.ID()] {
			m.leaveToTerraform(table, "its subnets move to tables that have theirs")
		}
	}
}

// endpoints lists exactly those that are there: private DNS of another one would catch the running
// tasks, whose group no endpoint admits.
func (m *matcher) endpoints() {
	services := []string{}
	for _, one := range m.of("aws_vpc_endpoint") {
		service := strings.TrimPrefix(one.Text("service_name"), "com.amazonaws."+m.stack.Region+".")
		if !slices.Contains(Endpoints, service) {
			continue
		}
		want, ignored := "Interface", map[string]string(nil)
		if service == "s3" {
			want = "Gateway"
		} else if !one.Bool("private_dns_enabled") {
			ignored = map[string]string{"privateDnsEnabled": "another value replaces the endpoint"}
		}
		m.refuseReplacement(one, "vpc_endpoint_type", one.Text("vpc_endpoint_type"), want,
			"replace it with Terraform first")
		m.importAs(one, catalog.VPCEndpoint, "network-endpoint-"+service, one.ID(), ignored)
		services = append(services, service)
	}
	slices.Sort(services)
	m.requireSetting("network", []string{"endpoints"}, services,
		"private DNS of an endpoint that is new would catch the running tasks; add others once the adoption is closed")
}
