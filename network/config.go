package network

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is what a stack may choose of its network: section "network".
type Config struct {
	// CIDR is the VPC's IPv4 block, /16 to /19, with no host bits. Required.
	CIDR string `json:"cidr"`
	// Zones are the availability zones in use, two or more. Required.
	Zones []Zone `json:"zones"`
	// Nat is how tasks reach the internet. Required.
	Nat NatMode `json:"nat"`
	// Endpoints are the AWS services that tasks reach inside the VPC. Required; "s3" is a gateway endpoint and costs
	// nothing, every other is an interface endpoint in each zone and costs by the hour.
	Endpoints []string `json:"endpoints" settings:"required"`
	// FlowLogs are the logs of the VPC's traffic. Required.
	FlowLogs FlowLogs `json:"flowLogs"`
	// Ingress says who reaches the load balancer. Required.
	Ingress Ingress `json:"ingress"`
}

// Ingress says who reaches the load balancer's ports 80 and 443.
type Ingress struct {
	// Source is cloudFront or internet. Required.
	Source Source `json:"source"`
	// PrefixListID is the region's list of CloudFront's addresses that face origins, such as pl-58a04531 in ap-northeast-1. Without it the list
	// is looked up.
	PrefixListID string `json:"prefixListId"`
}

// Source is who reaches the load balancer.
type Source string

// CloudFront's addresses are every customer's: the load balancer asks for the secret header all the same.
const (
	FromCloudFront Source = "cloudFront"
	FromInternet   Source = "internet"
)

var prefixListID = regexp.MustCompile(`^pl-[0-9a-f]{8,17}$`)

// Zone is one availability zone.
type Zone struct {
	// Name is the zone's name, such as "ap-northeast-1a". Without it the account's available zones are looked up and
	// the one at Index, in the order of their names, is taken.
	Name string `json:"name"`
	// Index, 1 to 9, fixes the zone's subnets. It must never change. Required.
	Index int `json:"index"`
	// Public, Private and Database are blocks to use instead of those that Index gives. Optional.
	Public   string `json:"public"`
	Private  string `json:"private"`
	Database string `json:"database"`
}

// FlowLogs says which traffic is logged and for how long.
type FlowLogs struct {
	// RetentionDays is one of the periods CloudWatch Logs knows. Required.
	RetentionDays int `json:"retentionDays"`
	// Traffic is ALL, ACCEPT or REJECT. Required.
	Traffic string `json:"traffic"`
}

// NatMode is how many NAT gateways there are.
type NatMode string

// One NAT gateway is cheaper; one for each zone keeps a zone's fault in that zone; with none, tasks reach nothing but the endpoints.
const (
	NatNone    NatMode = "none"
	NatSingle  NatMode = "single"
	NatPerZone NatMode = "perZone"
)

// S3Endpoint is the one gateway endpoint.
const S3Endpoint = "s3"

// interfaceEndpoints are the services that a task of this program may want to reach without a NAT gateway.
var interfaceEndpoints = []string{
	"ecr.api", "ecr.dkr", "ecs", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "sts", "xray",
}

// TaskEndpoints are those without which a task on Fargate cannot start or be looked into when there is no NAT gateway: it pulls its
// image (layers come from S3), reads its parameters and their key, writes its logs and takes its Exec sessions.
var TaskEndpoints = []string{S3Endpoint, "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"}

// Validate reports every problem of the section. Zone names are checked against the region.
func (c Config) Validate(region string) settings.Problems {
	var p settings.Problems
	vpc, err := netip.ParsePrefix(c.CIDR)
	vpcValid := err == nil && vpc.Addr().Is4() && vpc == vpc.Masked() && vpc.Bits() >= largestVPC && vpc.Bits() <= smallestVPC
	p.Want(vpcValid, "cidr", settings.Given(c.CIDR), "an IPv4 block of /%d to /%d with no host bits, such as 10.0.0.0/16", largestVPC, smallestVPC)
	p.Want(len(c.Zones) >= 2, "zones", len(c.Zones), "two zones or more: the load balancer and the database need them")
	for i, zone := range c.Zones {
		at := "zones[" + strconv.Itoa(i) + "]"
		p.Want(zone.Index >= minIndex && zone.Index <= maxIndex, at+".index", zone.Index, "%d to %d, different for each zone", minIndex, maxIndex)
		p.Want(zone.Name == "" || (strings.HasPrefix(zone.Name, region) && len(zone.Name) > len(region)), at+".name", zone.Name,
			"a zone of region %s", region)
		for j, earlier := range c.Zones[:i] {
			p.Want(earlier.Index != zone.Index, at+".index", zone.Index, "an index that no other zone has; network.zones[%d].index is the same", j)
			p.Want(zone.Name == "" || earlier.Name != zone.Name, at+".name", zone.Name, "a zone that is not in the list already")
		}
	}
	p = append(p, c.validateSubnets(vpc, vpcValid)...)
	p.Want(slices.Contains([]NatMode{NatNone, NatSingle, NatPerZone}, c.Nat), "nat", settings.Given(string(c.Nat)), "%s", settings.OneOf(NatNone, NatSingle, NatPerZone))
	for i, endpoint := range c.Endpoints {
		at := "endpoints[" + strconv.Itoa(i) + "]"
		known := append([]string{S3Endpoint}, interfaceEndpoints...)
		p.Want(slices.Contains(known, endpoint), at, endpoint, "%s", settings.OneOf(known...))
		earlier := slices.Index(c.Endpoints[:i], endpoint)
		p.Want(earlier < 0, at, endpoint, "each endpoint once; network.endpoints[%d] is the same", earlier)
	}
	if c.Nat == NatNone {
		for _, needed := range TaskEndpoints {
			p.Want(slices.Contains(c.Endpoints, needed), "endpoints", c.Endpoints,
				"%q too: without a NAT gateway a task cannot start without it", needed)
		}
	}
	retention.Check(&p, "flowLogs.retentionDays", c.FlowLogs.RetentionDays)
	p.Want(slices.Contains([]Source{FromCloudFront, FromInternet}, c.Ingress.Source), "ingress.source", settings.Given(string(c.Ingress.Source)),
		"%s", settings.OneOf(FromCloudFront, FromInternet))
	p.Want(c.Ingress.PrefixListID == "" || (c.Ingress.Source == FromCloudFront && prefixListID.MatchString(c.Ingress.PrefixListID)),
		"ingress.prefixListId", c.Ingress.PrefixListID, "a prefix list such as pl-58a04531, and only with network.ingress.source cloudFront")
	p.Want(slices.Contains([]string{"ALL", "ACCEPT", "REJECT"}, c.FlowLogs.Traffic), "flowLogs.traffic", settings.Given(c.FlowLogs.Traffic), "%s", settings.OneOf("ALL", "ACCEPT", "REJECT"))
	return p
}

// validateSubnets checks the blocks that zones name themselves, and that no two blocks overlap.
func (c Config) validateSubnets(vpc netip.Prefix, vpcValid bool) settings.Problems {
	var p settings.Problems
	type placed struct {
		path  string
		block netip.Prefix
	}
	var all, given []placed
	for i, zone := range c.Zones {
		at := "zones[" + strconv.Itoa(i) + "]"
		laidOut, err := Layout(vpc, zone.Index)
		for _, tier := range []struct {
			name, given string
			laidOut     netip.Prefix
			smallest    int
		}{
			{"public", zone.Public, laidOut.Public, smallestSubnet},
			{"private", zone.Private, laidOut.Private, smallestSubnet},
			{"database", zone.Database, laidOut.Database, smallestDatabaseSubnet},
		} {
			path := at + "." + tier.name
			if tier.given == "" {
				if err == nil && vpcValid {
					all = append(all, placed{path, tier.laidOut})
				}
				continue
			}
			block, parseErr := netip.ParsePrefix(tier.given)
			if parseErr != nil || !block.Addr().Is4() || block != block.Masked() {
				p.Add(path, tier.given, "an IPv4 block with no host bits, such as 10.0.1.0/24")
				continue
			}
			p.Want(block.Bits() >= largestVPC && block.Bits() <= tier.smallest, path, tier.given, "a block of /%d to /%d", largestVPC, tier.smallest)
			p.Want(!vpcValid || contains(vpc, block), path, tier.given, "a block in the VPC's %s", c.CIDR)
			given = append(given, placed{path, block})
		}
	}
	all = append(all, given...) // behind the others, so that an overlap is reported where somebody can edit
	for i, one := range all {
		for _, other := range all[:i] {
			p.Want(!one.block.Overlaps(other.block), one.path, one.block.String(), "a block that does not overlap %s of %s", other.block, other.path)
		}
	}
	return p
}

// subnets returns the blocks by the zone's name; an error where the section is not valid.
func (c Config) subnets() (map[string]Subnets, error) {
	vpc, err := netip.ParsePrefix(c.CIDR)
	if err != nil {
		return nil, err
	}
	all := map[string]Subnets{}
	for _, zone := range c.Zones {
		subnets, err := Layout(vpc, zone.Index)
		if err != nil {
			return nil, err
		}
		for _, tier := range []struct {
			given string
			block *netip.Prefix
		}{{zone.Public, &subnets.Public}, {zone.Private, &subnets.Private}, {zone.Database, &subnets.Database}} {
			if tier.given == "" {
				continue
			}
			if *tier.block, err = netip.ParsePrefix(tier.given); err != nil {
				return nil, err
			}
		}
		all[zone.Name] = subnets
	}
	return all, nil
}

// byIndex are the zones in the order of their indexes, which is the order of every list of subnets.
func (c Config) byIndex() []Zone {
	return slices.SortedFunc(slices.Values(c.Zones), func(a, b Zone) int { return a.Index - b.Index })
}

// natZones are the zones that get a NAT gateway.
func (c Config) natZones() []Zone {
	switch c.Nat {
	case NatPerZone:
		return c.byIndex()
	case NatSingle:
		return c.byIndex()[:1]
	default:
		return nil
	}
}
