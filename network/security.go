package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Workload is something that runs in the private subnets, a service or a one-off task, and gets a
// security group of its own.
type Workload struct {
	// Name is unique in the stack. Required.
	Name string
	// Port is what it listens on; 0 for a task that listens on nothing.
	Port int
	// LoadBalanced admits the load balancer to Port.
	LoadBalanced bool
	// Calls are the workloads whose ports it reaches inside the VPC.
	Calls []string
	// Database lets it reach Aurora.
	Database bool
	// Atlas lets it reach MongoDB Atlas.
	Atlas bool
	// Egress are the blocks that it reaches beside.
	Egress []Egress
}

// Egress is a block and a port in it.
type Egress struct {
	To   netip.Prefix
	Port int
}

// The ports that the stack's rules speak of.
const (
	httpPort       = 80
	httpsPort      = 443
	databasePort   = 5432
	atlasFirstPort = 27015 // mongos, mongod and BI connector of a cluster's public addresses
	atlasLastPort  = 27017
	linkFirstPort  = 1024 // Atlas gives every node behind a private endpoint a port of its own
	linkLastPort   = 65535
)

// The stack's groups beside those of the workloads. Ports 443 and 80 of the load balancer are in
// two groups: CloudFront's prefix list counts as 55 of the 60 rules that a group may have.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
const (
	groupHTTPS     = "alb-https"
	groupHTTP      = "alb-http"
	groupEndpoints = "endpoints"
	groupDatabase  = "database"
	groupAtlas     = "atlas"

	cloudFrontWeight = 55
	rulesPerGroup    = 60
)

func workloadGroup(name string) string { return "task-" + name }

// direction is the side of a group that a rule is on.
type direction string

const (
	ingress direction = "in"
	egress  direction = "out"
)

// word is the direction as AWS says it. Names have the short form.
func (d direction) word() string {
	if d == ingress {
		return "inbound"
	}
	return "outbound"
}

// The peers of a rule that are no group of the stack.
const (
	peerInternet   = "internet"
	peerCloudFront = "cloudfront"
	peerS3         = "s3"
)

// groupTransition is the security group of the former production's tasks, during an adoption.
const groupTransition = "transition"

// rule lets a group and a peer talk.
type rule struct {
	group     string
	direction direction
	from, to  int
	peer      string // another group's key, one of the peers above, or a block
}

// name is unique among the stack's rules and says what the rule is for.
func (r rule) name() string {
	return fmt.Sprintf("%s-%s-%d-%s", r.group, r.direction, r.from, strings.ReplaceAll(r.peer, "/", "-"))
}

// isBlock says whether the peer is a block of addresses.
func (r rule) isBlock() bool { return strings.Contains(r.peer, "/") }

func (r rule) weight() int {
	if r.peer == peerCloudFront {
		return cloudFrontWeight
	}
	return 1
}

// topology is what decides the stack's groups and rules.
type topology struct {
	workloads      []Workload
	fromCloudFront bool // otherwise the load balancer takes requests from the whole internet
	nat            bool
	s3Endpoint     bool
	endpoints      bool // interface endpoints
	atlasLink      bool // Atlas by PrivateLink; otherwise by its public addresses
	transition     bool // tasks of another group go on beside the workloads
}

// topology of the network with these workloads.
func (c Config) topology(workloads []Workload, atlasPrivateLink bool) topology {
	return topology{
		workloads:      workloads,
		fromCloudFront: c.Ingress.Source == FromCloudFront,
		nat:            c.Nat != NatNone,
		s3Endpoint:     slices.Contains(c.Endpoints, S3Endpoint),
		endpoints:      len(c.interfaceEndpoints()) > 0,
		atlasLink:      atlasPrivateLink,
		transition:     c.Transition != nil,
	}
}

// CheckSecurityGroups reports what AWS would refuse of the security groups that the workloads need,
// in terms of section "services".
func (c Config) CheckSecurityGroups(workloads []Workload, atlasPrivateLink bool) settings.Problems {
	return c.topology(workloads, atlasPrivateLink).validate()
}

// groups lists the keys of the stack's security groups, sorted.
func (t topology) groups() []string {
	groups := []string{groupHTTPS, groupHTTP, groupDatabase}
	if t.endpoints {
		groups = append(groups, groupEndpoints)
	}
	if t.atlasLink {
		groups = append(groups, groupAtlas)
	}
	for _, w := range t.workloads {
		groups = append(groups, workloadGroup(w.Name))
	}
	slices.Sort(groups)
	return groups
}

// rules lists every rule of the stack's groups: who may reach whom, and nothing else. The
// database's group lets nothing out.
func (t topology) rules() []rule {
	source := peerInternet
	if t.fromCloudFront {
		source = peerCloudFront
	}
	rules := []rule{
		{groupHTTPS, ingress, httpsPort, httpsPort, source},
		{groupHTTP, ingress, httpPort, httpPort, source},
	}
	between := func(from, to string, first, last int) {
		rules = append(rules, rule{from, egress, first, last, to}, rule{to, ingress, first, last, from})
	}
	ports := map[string]int{}
	for _, w := range t.workloads {
		ports[w.Name] = w.Port
	}
	for _, w := range t.workloads {
		group := workloadGroup(w.Name)
		if w.LoadBalanced {
			between(groupHTTPS, group, w.Port, w.Port)
		}
		for _, callee := range w.Calls {
			between(group, workloadGroup(callee), ports[callee], ports[callee])
		}
		if w.Database {
			between(group, groupDatabase, databasePort, databasePort)
		}
		if t.endpoints {
			between(group, groupEndpoints, httpsPort, httpsPort)
		}
		if t.nat {
			rules = append(rules, rule{group, egress, httpsPort, httpsPort, peerInternet})
		} else if t.s3Endpoint {
			rules = append(rules, rule{group, egress, httpsPort, httpsPort, peerS3})
		}
		for _, one := range w.Egress {
			rules = append(rules, rule{group, egress, one.Port, one.Port, one.To.String()})
		}
		switch {
		case w.Atlas && t.atlasLink:
			between(group, groupAtlas, linkFirstPort, linkLastPort)
		case w.Atlas && t.nat:
			rules = append(rules, rule{group, egress, atlasFirstPort, atlasLastPort, peerInternet})
		}
	}
	if t.transition {
		rules = append(rules, t.transitionRules()...)
	}
	return rules
}

// transitionRules admit the load balancer to the former production's tasks, and those tasks to the
// database and the endpoints. What else they may reach is in the rules that their group already
// has.
func (t topology) transitionRules() []rule {
	rules := []rule{{groupDatabase, ingress, databasePort, databasePort, groupTransition}}
	if t.endpoints {
		rules = append(rules, rule{groupEndpoints, ingress, httpsPort, httpsPort, groupTransition})
	}
	for _, w := range t.workloads {
		if w.LoadBalanced {
			rules = append(rules, rule{groupHTTPS, egress, w.Port, w.Port, groupTransition},
				rule{groupTransition, ingress, w.Port, w.Port, groupHTTPS})
		}
	}
	return rules
}

// workloadsOf lists the workloads that a rule is about: none, one, or two that talk to each other.
func (t topology) workloadsOf(r rule) []string {
	var names []string
	for _, w := range t.workloads {
		if group := workloadGroup(w.Name); group == r.group || group == r.peer {
			names = append(names, w.Name)
		}
	}
	return names
}

// configures is the path, below "services", of what the rules of a group follow from: the
// workload's own entry, or the section as a whole.
func (t topology) configures(group string) string {
	for _, w := range t.workloads {
		if workloadGroup(w.Name) == group {
			return settings.Key("", w.Name)
		}
	}
	return ""
}

// remedy says what makes the rules of a group fewer.
func remedy(group string) string {
	switch group {
	case groupHTTPS:
		return "fewer services with paths"
	case groupDatabase:
		return "fewer services that read DATABASE_URL"
	case groupAtlas:
		return "fewer services that read MONGODB_URI"
	case groupEndpoints:
		return "fewer services, or network.endpoints with s3 alone"
	default:
		return "fewer services that it calls, or that call it"
	}
}

// validate refuses what AWS would refuse of the groups, in terms of the section "services".
func (t topology) validate() settings.Problems {
	var p settings.Problems
	known := map[string]Workload{}
	for _, w := range t.workloads {
		_, twice := known[w.Name]
		p.Want(w.Name != "" && !twice, settings.Key("", w.Name), settings.Given(w.Name), "a name of its own")
		known[w.Name] = w
	}
	for _, w := range t.workloads {
		for i, callee := range w.Calls {
			target, ok := known[callee]
			p.Want(ok && callee != w.Name && target.Port != 0,
				fmt.Sprintf("%s.calls[%d]", settings.Key("", w.Name), i), callee,
				"another service, one that listens on a port")
		}
		p.Want(!w.LoadBalanced || w.Port != 0, settings.Key("", w.Name)+".port", w.Port,
			"a port for the load balancer to reach")
		for i, one := range w.Egress {
			p.Want(one != Egress{netip.MustParsePrefix(anywhere), httpsPort},
				fmt.Sprintf("%s.egress[%d]", settings.Key("", w.Name), i), one,
				"nothing: HTTPS is reached anyway, and AWS takes a rule once")
			p.WantBeside("network.nat", t.nat || one.To.Addr().IsPrivate(),
				fmt.Sprintf("%s.egress[%d].to", settings.Key("", w.Name), i), one.To.String(),
				"an address inside the VPC or a network next to it: without a NAT gateway (network.nat) nothing "+
					"reaches others")
		}
		p.Want(!w.Atlas || t.atlasLink || t.nat, settings.Key("", w.Name), "MONGODB_URI without a NAT gateway",
			"network.nat single or perZone, or Atlas by PrivateLink")
	}
	count := map[[2]string]int{}
	for _, r := range t.rules() {
		count[[2]string{r.group, string(r.direction)}] += r.weight()
	}
	for _, group := range t.groups() {
		for _, side := range []direction{ingress, egress} {
			n := count[[2]string{group, string(side)}]
			p.Want(n <= rulesPerGroup, t.configures(group),
				fmt.Sprintf("%d %s rules of security group %s", n, side.word(), group),
				"%d at most: %s", rulesPerGroup, remedy(group))
		}
	}
	return p
}
