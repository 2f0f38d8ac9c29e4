package report

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/inventory"
)

// Matrix says who may reach whom: a row for each that asks, a column for each that answers.
type Matrix struct {
	Columns []string
	Rows    []Row
}

// Row is one that asks.
type Row struct {
	Name  string
	Cells []Cell
}

// Cell is what passes between two: ports, or nothing.
type Cell struct {
	Open string
	// Blocked are ports that only one of the two groups allows, with the side that does not.
	Blocked string
}

func reachOf(inv *inventory.Inventory) (Matrix, error) {
	flows, err := inv.Flows()
	if err != nil {
		return Matrix{}, err
	}
	var asking, answering []string
	for _, group := range inv.OfType(catalog.SecurityGroup) {
		asking, answering = append(asking, inv.Name(group)), append(answering, inv.Name(group))
	}
	for _, flow := range flows {
		asking, answering = append(asking, flow.From.Name), append(answering, flow.To.Name)
	}
	m := Matrix{Columns: unique(answering)}
	for _, from := range unique(asking) {
		row := Row{Name: from}
		for _, to := range m.Columns {
			row.Cells = append(row.Cells, cell(flows, from, to))
		}
		m.Rows = append(m.Rows, row)
	}
	return m, nil
}

func cell(flows []inventory.Flow, from, to string) Cell {
	var open, blocked []string
	for _, flow := range flows {
		switch {
		case flow.From.Name != from || flow.To.Name != to:
		case flow.Open():
			open = append(open, flow.Ports)
		case flow.Out:
			blocked = append(blocked, flow.Ports+" (no inbound rule)")
		default:
			blocked = append(blocked, flow.Ports+" (no outbound rule)")
		}
	}
	return Cell{strings.Join(open, ", "), strings.Join(blocked, ", ")}
}

func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
