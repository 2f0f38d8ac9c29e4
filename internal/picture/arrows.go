package picture

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// relations are the dependencies that are drawn, from kind to kind, with their labels. The rest of
// a plan's dependencies, such as everybody's on the keys and the network, would hide them.
var relations = map[[2]string]string{
	{dns, cdn}:             "alias",
	{cdn, waf}:             "",
	{cdn, buckets}:         "origin",
	{service, parameters}:  "secrets",
	{service, registry}:    "images",
	{service, queues}:      "messages",
	{service, watch}:       "logs",
	{watch, notifications}: "alarms",
	{backups, aurora}:      "backs up",
}

// arrows are the flows that the security groups let through, and the relations that the plan's
// dependencies show.
func (d *drawing) arrows() ([]Arrow, error) {
	flows, err := d.flows()
	if err != nil {
		return nil, err
	}
	arrows := slices.Concat(flows, d.entrances())
	add := func(one Arrow) {
		linked := func(a Arrow) bool { return a.From == one.From && a.To == one.To }
		if !slices.ContainsFunc(arrows, linked) {
			arrows = append(arrows, one)
		}
	}
	for _, one := range d.inv.Resources() {
		from := d.find(one)
		for _, used := range d.inv.Uses(one) {
			to := d.find(used)
			if from.kind == privateLink && to.kind == atlas {
				add(Arrow{From: from.id, To: to.id})
			}
			if label, drawn := relations[[2]string{from.kind, to.kind}]; drawn {
				add(Arrow{
					From:  from.id,
					To:    to.id,
					Label: label,
					Uses:  true,
				})
			}
			if from.kind == service && to.kind == parameters {
				for _, behind := range d.inv.Uses(used) {
					if at := d.find(behind); at.kind == datadog || at.kind == sentry || at.kind == atlas {
						add(Arrow{
							From:  from.id,
							To:    at.id,
							Label: last(used),
							Uses:  true,
						})
					}
				}
			}
		}
	}
	arrows = d.behindLinks(d.shared(arrows))
	slices.SortFunc(arrows, func(a, b Arrow) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return arrows, nil
}

// orderServices puts a service behind those that call it, so that calls point one way.
func (d *drawing) orderServices(arrows []Arrow) {
	for _, one := range arrows {
		if to := d.spots[one.To]; d.spots[one.From].kind == service && to.kind == service {
			to.order++
			d.spots[one.To] = to
		}
	}
}

// last is the last part of a parameter's path, the name by which a task knows it.
func last(parameter plan.State) string {
	name := parameter.Input("name").Text()
	return name[strings.LastIndex(name, "/")+1:]
}

// flows are what the rules of security groups let through between boxes. Ports of several rules
// share a label.
func (d *drawing) flows() ([]Arrow, error) {
	flows, err := d.inv.Flows()
	if err != nil {
		return nil, err
	}
	var arrows []Arrow
	for _, flow := range flows {
		from, fromKnown := d.end(flow.From)
		to, toKnown := d.end(flow.To)
		if !flow.Open() || !fromKnown || !toKnown {
			continue
		}
		i := slices.IndexFunc(arrows, func(a Arrow) bool { return a.From == from && a.To == to })
		switch {
		case i < 0:
			arrows = append(arrows, Arrow{From: from, To: to, Label: flow.Ports})
		case !slices.Contains(strings.Split(arrows[i].Label, ", "), flow.Ports):
			arrows[i].Label += ", " + flow.Ports
		}
	}
	return arrows, nil
}

// end is the box of a peer. The internet is reached through the NAT gateways where there are any;
// the balancer's prefix list is CloudFront's.
func (d *drawing) end(peer inventory.Peer) (string, bool) {
	if peer.Group != "" {
		return d.groupOwner(peer.Group)
	}
	switch {
	case strings.HasPrefix(peer.Name, "cloudfront"):
		return cdn, d.spots[cdn].id != ""
	case peer.Name == "0.0.0.0/0" || peer.Name == "::/0":
		return nat, d.spots[nat].id != ""
	default:
		return "", false
	}
}

// entrances are the ways from outside: users ask the zone and then the distribution, and what
// leaves the NAT gateways is on the internet.
func (d *drawing) entrances() []Arrow {
	var arrows []Arrow
	if d.spots[dns].id != "" {
		arrows = append(arrows, Arrow{From: users, To: dns, Label: "DNS"})
	}
	if d.spots[cdn].id != "" {
		arrows = append(arrows, Arrow{From: users, To: cdn, Label: "HTTPS"})
	}
	if d.spots[nat].id != "" {
		arrows = append(arrows, Arrow{From: nat, To: internet})
	}
	return arrows
}

// shared draws what tasks ask of anything but the databases once, from their cluster. Where not
// every service asks, the label says which do.
func (d *drawing) shared(arrows []Arrow) []Arrow {
	var services []string
	for _, at := range d.spots {
		if at.kind == service {
			services = append(services, at.title)
		}
	}
	var kept []Arrow
	callers := map[string][]string{} // by what is asked
	for _, one := range arrows {
		from, to := d.spots[one.From], d.spots[one.To]
		inside := to.kind == service || to.kind == privateLink || to.place == inDatabase
		if inside || (from.kind != service && from.kind != migration) {
			kept = append(kept, one)
			continue
		}
		callers[one.To] = append(callers[one.To], from.title)
		i := slices.IndexFunc(kept, func(a Arrow) bool { return a.From == tasks && a.To == one.To })
		if i < 0 {
			one.From = tasks
			kept = append(kept, one)
			continue
		}
		for label := range strings.SplitSeq(one.Label, ", ") {
			if !slices.Contains(strings.Split(kept[i].Label, ", "), label) {
				kept[i].Label += ", " + label
			}
		}
	}
	for i, one := range kept {
		askers := callers[one.To]
		everybody := !slices.ContainsFunc(services, func(name string) bool { return !slices.Contains(askers, name) })
		if one.From == tasks && !everybody {
			slices.Sort(askers)
			kept[i].Label += " (" + strings.Join(askers, ", ") + ")"
		}
	}
	return kept
}

// behindLinks drops an arrow to Atlas where PrivateLink stands between: the flow to the link says
// it.
func (d *drawing) behindLinks(arrows []Arrow) []Arrow {
	if d.spots[privateLink].id == "" {
		return arrows
	}
	return slices.DeleteFunc(arrows, func(a Arrow) bool { return a.To == atlas && a.From != privateLink })
}
