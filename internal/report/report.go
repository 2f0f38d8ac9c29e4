// Package report writes an HTML page about a rehearsed stack: one file that asks for nothing else,
// for reading, printing and archiving.
package report

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/cost"
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
	Cost       Cost
	Controls   Controls
}

// Verdicts are what was found out about the stack beside its plan.
type Verdicts struct {
	Cost     *cost.Result
	Controls compliance.Report
	Stale    error // exceptions from the controls that match nothing
}

// Of gathers the page of a stack from its plan and the verdicts on it.
func Of(stack string, preview *plan.Preview, verdicts Verdicts) (*Page, error) {
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
		Stack:      stack,
		Extent:     drawn.Subtitle,
		Summary:    plan.Summary(preview),
		Findings:   plan.Judge(preview),
		Picture:    pictureURL(drawn.SVG()),
		PictureAlt: drawn.Description(),
		Components: components,
		Reach:      reach,
		Alarms:     alarmsOf(inv),
		Cost:       costOf(verdicts.Cost),
		Controls:   controlsOf(verdicts.Controls, verdicts.Stale),
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

// pictureURL holds the picture itself. It is the stack's own SVG, so that its address can be
// trusted.
func pictureURL(svg []byte) template.URL {
	address := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg)
	return template.URL(address) //nolint:gosec // see above
}
