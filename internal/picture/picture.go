// Package picture draws a stack from the resources that its plan has: what it is made of as boxes,
// each with the facts that matter, and who reaches or uses whom as arrows. The same plan always
// gives the same picture.
package picture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Picture is what is drawn.
type Picture struct {
	Title    string
	Subtitle string
	// Frames hold the boxes: the VPC and its tiers, the ECS cluster. They may hold resources of
	// their own.
	Frames map[place]Box
	Boxes  []Box
	Arrows []Arrow
}

// Box is a part of the stack.
type Box struct {
	ID    string // such as "service web"
	Title string
	Facts []string
	Count int // resources it stands for

	place place
}

// Arrow goes from who asks to who answers, or from who uses something to what is used.
type Arrow struct {
	From, To string // IDs of boxes, or of the ends below
	Label    string // ports, or what is used
	Uses     bool   // a dependency of the plan, not a flow of traffic
}

// The ends of arrows that stand for no resource.
const (
	users    = "users"
	internet = "internet"
	tasks    = "tasks" // every task of the cluster
)

// Of builds the picture of a stack from what plan.Preview.Resources returns. It refuses a stack
// without resources.
func Of(stack string, resources []plan.State) (*Picture, error) {
	inv := inventory.New(resources)
	all := inv.Resources()
	if len(all) == 0 {
		return nil, fmt.Errorf("draw stack %q: its plan has no resources", stack)
	}
	d := &drawing{inv: inv, held: map[string][]plan.State{}, spots: map[string]spot{}}
	for _, one := range all {
		at := d.find(one)
		d.spots[at.id] = at
		d.held[at.id] = append(d.held[at.id], one)
	}
	p := &Picture{
		Title:    "bookmark-manager: " + stack,
		Subtitle: subtitle(inv, len(all)),
		Frames:   map[place]Box{},
	}
	for id, at := range d.spots {
		box := Box{
			ID:    id,
			Title: at.title,
			Facts: d.facts(at),
			Count: len(d.held[id]),
			place: at.place,
		}
		if at.frame {
			p.Frames[at.place] = box
			continue
		}
		p.Boxes = append(p.Boxes, box)
	}
	arrows, err := d.arrows()
	if err != nil {
		return nil, fmt.Errorf("draw stack %q: %w", stack, err)
	}
	p.Arrows = arrows
	d.orderServices(arrows)
	slices.SortFunc(p.Boxes, func(a, b Box) int { return compareSpots(d.spots[a.ID], d.spots[b.ID]) })
	return p, nil
}

func subtitle(inv *inventory.Inventory, held int) string {
	parts := []string{resources(held)}
	if components := count(len(inv.Components()), "component"); len(components) > 0 {
		parts[0] += " in " + components[0]
	}
	var regions []string
	for _, provider := range inv.Providers() {
		if region, ok := provider.Inputs["region"].(string); ok {
			regions = append(regions, region)
		}
	}
	if len(regions) > 0 {
		slices.Sort(regions)
		parts = append(parts, "AWS "+strings.Join(slices.Compact(regions), ", "))
	}
	return strings.Join(parts, " · ")
}

// drawing gathers what the picture is made of.
type drawing struct {
	inv   *inventory.Inventory
	spots map[string]spot         // by ID
	held  map[string][]plan.State // the resources of a box, by its ID
}
