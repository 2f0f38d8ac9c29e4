package inventory

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Peer is an end of a flow: a security group of the stack, or an address range or prefix list.
type Peer struct {
	Group string // the security group's URN, empty for what is not one
	Name  string // such as "task-web", "0.0.0.0/0" or "cloudfront (prefix list pl-58a04531)"
}

// Flow is what rules let through from one peer to another. Between two groups of the stack both
// must allow it.
type Flow struct {
	From, To Peer
	Ports    string // such as "443", "1024-65535" or "all", with the protocol behind it where that is not TCP
	Out, In  bool   // the rules that allow it: of the group it leaves, of the group it enters
}

// Open says whether the flow passes: a peer that is no group of the stack has no rules here.
func (f Flow) Open() bool {
	return (f.Out || f.From.Group == "") && (f.In || f.To.Group == "")
}

// Flows are what the security group rules allow, ordered by the names of the peers. It refuses a
// rule whose ends it cannot resolve.
func (inv *Inventory) Flows() ([]Flow, error) {
	var flows []Flow
	for _, rule := range slices.Concat(inv.OfType(catalog.IngressRule), inv.OfType(catalog.EgressRule)) {
		own, err := inv.ownGroup(rule)
		if err != nil {
			return nil, err
		}
		other, err := inv.peer(rule)
		if err != nil {
			return nil, err
		}
		flow := Flow{
			From:  other,
			To:    own,
			Ports: ports(rule),
			In:    true,
		}
		if rule.Type == catalog.EgressRule {
			flow = Flow{
				From:  own,
				To:    other,
				Ports: ports(rule),
				Out:   true,
			}
		}
		i := slices.IndexFunc(flows, func(f Flow) bool {
			return f.From == flow.From && f.To == flow.To && f.Ports == flow.Ports
		})
		if i < 0 {
			flows = append(flows, flow)
			continue
		}
		flows[i].In, flows[i].Out = flows[i].In || flow.In, flows[i].Out || flow.Out
	}
	slices.SortFunc(flows, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.From.Name, b.From.Name), cmp.Compare(a.To.Name, b.To.Name),
			cmp.Compare(a.Ports, b.Ports))
	})
	return flows, nil
}

func (inv *Inventory) ownGroup(rule plan.State) (Peer, error) {
	groups := inv.Feeding(rule, "securityGroupId")
	if len(groups) != 1 {
		return Peer{}, fmt.Errorf("read security group rule %q: its securityGroupId comes from %d resources, want one",
			rule.Name(), len(groups))
	}
	return Peer{groups[0].URN, inv.Name(groups[0])}, nil
}

// The program names a rule after its group, direction, port and peer. A prefix list's own name is
// in no plan.
var peerOfRule = regexp.MustCompile(`-(?:in|out)-\d+-(.+)$`)

func (inv *Inventory) peer(rule plan.State) (Peer, error) {
	if groups := inv.Feeding(rule, "referencedSecurityGroupId"); len(groups) == 1 {
		return Peer{groups[0].URN, inv.Name(groups[0])}, nil
	}
	for _, property := range []string{"cidrIpv4", "cidrIpv6"} {
		if cidr := rule.Input(property); cidr.Text() != "" {
			return Peer{Name: cidr.Text()}, nil
		}
	}
	if id := rule.Input("prefixListId"); id.Present() || id.Unknown() {
		name := "prefix list " + id.String()
		if match := peerOfRule.FindStringSubmatch(rule.Name()); match != nil {
			name = match[1] + " (" + name + ")"
		}
		return Peer{Name: name}, nil
	}
	return Peer{}, fmt.Errorf("read security group rule %q: it names no group of the stack, address range or "+
		"prefix list", rule.Name())
}

func ports(rule plan.State) string {
	protocol := rule.Input("ipProtocol").Text()
	if protocol == "-1" {
		return "all"
	}
	text := rule.Input("fromPort").String()
	if to := rule.Input("toPort").String(); to != text {
		text += "-" + to
	}
	if protocol != "tcp" {
		text += "/" + protocol
	}
	return text
}
