// Package report writes an HTML page about a rehearsed stack: one file that asks for nothing else, for reading, printing and archiving.
package report

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/bookmark-manager/infrastructure/internal/inventory"
	"github.com/bookmark-manager/infrastructure/internal/picture"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Page is what the template shows.
type Page struct {
	Stack    string
	Extent   string // how many resources there are, and where
	Summary  string // what the plan changes, such as "nothing changes"
	Findings []plan.Finding

	Picture    template.URL
	PictureAlt string

	Components []Component
	Reach      Matrix
	Alarms     []Alarm
	Cost       *Cost
	Controls   *Controls
}

// Cost is an estimate, in US dollars a month.
type Cost struct {
	Systems            []System
	Total, AWS, Budget string // Budget is empty for a stack without one
	Unverified         string // the part of the total whose prices no stored source confirms
	OverBudget         bool
}

// System is a part of the estimate.
type System struct {
	Name, Monthly string
	Lines         []CostLine
}

// CostLine is one dimension of one resource.
type CostLine struct{ Resource, Dimension, Quantity, Price, Monthly string }

// Controls are what the security controls say of the stack.
type Controls struct {
	Counts  []Count
	Results []Control
}

// Count is how many results have a verdict.
type Count struct {
	Verdict string
	Number  int
}

// Control is one control with what it says of each resource.
type Control struct {
	ID, Title, Severity string
	Worst               string // the verdict that it stands for as a whole
	Results             []Result
}

// Result is what a control says of one resource. Resource is empty when the stack has none that it is about.
type Result struct{ Resource, Verdict, Reason string }

// Of gathers the page of a stack from its plan. Cost and controls may be nil: the page then says that they were not asked for.
func Of(stack string, preview *plan.Preview, cost *Cost, controls *Controls) (*Page, error) {
	resources := preview.Resources()
	drawn, err := picture.Of(stack, resources)
	if err != nil {
		return nil, err
	}
	inv := inventory.New(resources)
	reach, err := reachOf(inv)
	if err != nil {
		return nil, fmt.Errorf("report on stack %q: %w", stack, err)
	}
	components, err := componentsOf(inv)
	if err != nil {
		return nil, fmt.Errorf("report on stack %q: %w", stack, err)
	}
	return &Page{
		Stack: stack, Extent: drawn.Subtitle, Summary: plan.Summary(preview), Findings: plan.Judge(preview),
		// The picture is the stack's own SVG, so its address can be trusted.
		Picture:    template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(drawn.SVG())), //nolint:gosec // see above
		PictureAlt: drawn.Description(),
		Components: components, Reach: reach, Alarms: alarmsOf(inv), Cost: cost, Controls: controls,
	}, nil
}

//go:embed report.html.tmpl
var page string

var layout = template.Must(template.New("report").Parse(page))

// Write writes the page as HTML. Everything that comes from the plan is escaped.
func (p *Page) Write(to io.Writer) error {
	if err := layout.Execute(to, p); err != nil {
		return fmt.Errorf("write the report on stack %q: %w", p.Stack, err)
	}
	return nil
}
