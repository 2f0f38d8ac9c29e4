package network

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is what a stack may choose of its network, the VPC with its subnets and ways out: section
// "network".
type Config struct {
	// CIDR is the VPC's IPv4 block, with no host bits. A change replaces the network.
	CIDR string `json:"cidr" pattern:"^([0-9]{1,3}\\.){3}[0-9]{1,3}/(16|17|18|19)$" want:"an IPv4 block of /16 to /19 with no host bits, such as 10.0.0.0/16"`
	// Zones are the availability zones in use.
	Zones []Zone `json:"zones" items:"2.." want:"two zones or more: the load balancer and the database need them"`
	// Nat is how tasks reach the internet: one NAT gateway for each zone survives the loss of a
	// zone; with none, tasks reach the endpoints alone.
	Nat NatMode `json:"nat"`
	// Endpoints are the AWS services that tasks reach inside the VPC. s3 is a gateway endpoint and
	// costs nothing, every other is an interface endpoint in each zone and costs by the hour.
	Endpoints []Endpoint `json:"endpoints" settings:"unique"`
	// FlowLogs are the logs of the VPC's traffic.
	FlowLogs FlowLogs `json:"flowLogs"`
	// Ingress says who reaches the load balancer.
	Ingress Ingress `json:"ingress"`
	// Transition lets the tasks of the former production run beside the stack's own, while an
	// adoption replaces the former by the latter.
	Transition *Transition `json:"transition"`
}

// Transition is what the security groups admit until an adoption is closed.
type Transition struct {
	// TaskSecurityGroup is the security group of the former production's tasks, in the same VPC.
	// The load balancer reaches it, and it reaches the database and the endpoints.
	TaskSecurityGroup string `json:"taskSecurityGroup" pattern:"^sg-[0-9a-f]{8,17}$" want:"a security group of the VPC, such as sg-0123456789abcdef0"`
}

// Ingress says who reaches the load balancer's ports 80 and 443.
type Ingress struct {
	// Source is cloudFront, which admits CloudFront's addresses alone, or internet, which admits
	// everybody. The secret header is asked for either way.
	Source Source `json:"source"`
	// PrefixListID is the region's list of CloudFront's addresses that face origins, such as
	// pl-58a04531 in ap-northeast-1. Without it the list is looked up.
	PrefixListID string `json:"prefixListId" settings:"optional" pattern:"^pl-[0-9a-f]{8,17}$" want:"a prefix list such as pl-58a04531, and only with network.ingress.source cloudFront"`
}

// Source is who reaches the load balancer.
type Source string

// CloudFront's addresses are every customer's: the load balancer asks for the secret header all the
// same.
const (
	FromCloudFront Source = "cloudFront"
	FromInternet   Source = "internet"
)

// Rule implements settings.Ruled.
func (Source) Rule() settings.Rule { return settings.Set(FromCloudFront, FromInternet) }

// Zone is one availability zone.
type Zone struct {
	// Name is the zone's name, such as "ap-northeast-1a". Without it the account's available zones
	// are looked up and the one at Index, in the order of their names, is taken.
	Name string `json:"name" settings:"optional,unique"`
	// ID is AWS's own name of the zone, such as "apne1-az4". The letter of a name is the account's:
	// it may stand for another zone in another account. With an id the zone of the name is looked
	// up, and a deploy into another one is refused.
	ID string `json:"id" settings:"optional,unique" pattern:"^[a-z]+[0-9]-az[0-9]+$" want:"the id of an availability zone, such as apne1-az4"`
	// Index fixes the zone's subnets: public 10.0.N.0/24, private 10.0.1N.0/24, database
	// 10.0.2N.0/24. It must never change.
	Index int `json:"index" settings:"unique" range:"1..9" hint:"different for each zone"`
	// Public is a block to use instead of the one that Index gives, /27 or larger.
	Public string `json:"public" settings:"optional"`
	// Private is a block to use instead of the one that Index gives, /27 or larger.
	Private string `json:"private" settings:"optional"`
	// Database is a block to use instead of the one that Index gives, /28 or larger.
	Database string `json:"database" settings:"optional"`
}

// FlowLogs says which traffic is logged and for how long.
type FlowLogs struct {
	// RetentionDays is how long CloudWatch Logs keeps them.
	RetentionDays retention.Days `json:"retentionDays"`
	// Traffic is which traffic is logged.
	Traffic string `json:"traffic" enum:"ALL,ACCEPT,REJECT"`
}

// NatMode is how many NAT gateways there are.
type NatMode string

// One NAT gateway is cheaper; one for each zone keeps a zone's fault in that zone; with none, tasks
// reach nothing but the endpoints.
const (
	NatNone    NatMode = "none"
	NatSingle  NatMode = "single"
	NatPerZone NatMode = "perZone"
)

// Rule implements settings.Ruled.
func (NatMode) Rule() settings.Rule { return settings.Set(NatNone, NatSingle, NatPerZone) }

// Endpoint is an AWS service that tasks may want to reach inside the VPC.
type Endpoint string

// S3Endpoint is the one gateway endpoint.
const S3Endpoint Endpoint = "s3"

// QueueEndpoint is that of SQS, for services with queues.
const QueueEndpoint Endpoint = "sqs"

// SecretsEndpoint is that of Secrets Manager, for services with secrets there.
const SecretsEndpoint Endpoint = "secretsmanager"

// Rule implements settings.Ruled.
func (Endpoint) Rule() settings.Rule {
	return settings.Set(S3Endpoint,
		"ecr.api", "ecr.dkr", "ecs", "kms", "logs", "monitoring", "secretsmanager", "sqs", "ssm", "ssmmessages", "sts",
		"xray")
}

// TaskEndpoints are those without which a task on Fargate cannot start or be looked into when there
// is no NAT gateway: it pulls its image (layers come from S3), reads its parameters and their key,
// writes its logs and takes its Exec sessions.
var TaskEndpoints = []Endpoint{S3Endpoint, "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"}

// Validate reports every problem of the section. Zone names are checked against the region.
func (c Config) Validate(region string) settings.Problems {
	p := settings.Check(c)
	vpc, err := netip.ParsePrefix(c.CIDR)
	vpcValid := err == nil && vpc.Addr().Is4() && vpc == vpc.Masked() && vpc.Bits() >= largestVPC &&
		vpc.Bits() <= smallestVPC
	p.Want(vpcValid, "cidr", settings.Given(c.CIDR), "%s", settings.WantOf(c, "cidr"))
	for i, zone := range c.Zones {
		at := "zones[" + strconv.Itoa(i) + "]"
		p.Want(zone.Name == "" || (strings.HasPrefix(zone.Name, region) && len(zone.Name) > len(region)), at+".name",
			zone.Name,
			"a zone of region %s", region)
		if zone.ID != "" && region != "" {
			p.Want(strings.HasPrefix(zone.ID, zonePrefix(region)), at+".id", zone.ID,
				"a zone of region %s, %s1 or another number", region, zonePrefix(region))
			p.Want(RunsTasks(region, zone.ID), at+".id", zone.ID, "a zone in which Fargate runs tasks: %s",
				strings.Join(fargateZones[region], ", "))
		}
	}
	p = append(p, c.Ingress.validate(region)...)
	p = append(p, c.validateSubnets(vpc, vpcValid)...)
	if c.Nat == NatNone {
		for _, needed := range TaskEndpoints {
			p.Want(slices.Contains(c.Endpoints, needed), "endpoints", c.Endpoints,
				"%q too: without a NAT gateway a task cannot start without it", needed)
		}
	}
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
			p.Want(block.Bits() >= largestVPC && block.Bits() <= tier.smallest, path, tier.given,
				"a block of /%d to /%d", largestVPC, tier.smallest)
			p.Want(!vpcValid || contains(vpc, block), path, tier.given, "a block in the VPC's %s", c.CIDR)
			given = append(given, placed{path, block})
		}
	}
	all = append(all, given...) // behind the others, so that an overlap is reported where somebody can edit
	for i, one := range all {
		for _, other := range all[:i] {
			p.Want(!one.block.Overlaps(other.block), one.path, one.block.String(),
				"a block that does not overlap %s of %s", other.block, other.path)
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

// named is the section with the names of its zones, which are by index.
func (c Config) named(names map[int]string) Config {
	c.Zones = slices.Clone(c.Zones)
	for i := range c.Zones {
		c.Zones[i].Name = names[c.Zones[i].Index]
	}
	return c
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
