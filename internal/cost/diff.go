package cost

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Delta is how a month's cost changes from one set of resources to another, with the same usage and
// prices.
type Delta struct {
	BeforeUSD float64       `json:"beforeUsd"`
	AfterUSD  float64       `json:"afterUsd"`
	ChangeUSD float64       `json:"changeUsd"`
	Systems   []SystemDelta `json:"systems"` // those that change, in the order of the architecture
	// Unknown is what of the resources before has no price or no usage any more. It counts as
	// nothing.
	Unknown []string `json:"unknown"`
	// Unused are entries of usage that neither side asks for.
	Unused []string `json:"unused"`
	// After is the estimate of the resources after.
	After *Result `json:"after"`
}

// SystemDelta is one system's part of the change.
type SystemDelta struct {
	Name      string      `json:"name"`
	BeforeUSD float64     `json:"beforeUsd"`
	AfterUSD  float64     `json:"afterUsd"`
	ChangeUSD float64     `json:"changeUsd"`
	Lines     []LineDelta `json:"lines"`
}

// LineDelta is a dimension of a resource whose amount changes.
type LineDelta struct {
	Resource  string  `json:"resource"`
	Dimension string  `json:"dimension"`
	ChangeUSD float64 `json:"changeUsd"`
}

// cent is the least change that is shown.
const cent = 0.005

// Compare estimates both sides. What cannot be priced after is an error, as for Estimate. What
// cannot be priced before is listed and counts as nothing: a change that takes a resource away may
// take its usage away too. A usage that nobody asks for is listed: a stack that is not complete yet
// has some.
func Compare(before, after []plan.State, usage *Usage, prices *Prices) (*Delta, error) {
	old, now := newEstimator(before, usage, prices), newEstimator(after, usage, prices)
	old.run()
	now.run()
	if len(now.problems) > 0 {
		return nil, errors.Join(now.problems...)
	}
	was, is := old.result(), now.result()
	d := &Delta{
		BeforeUSD: was.MonthlyUSD,
		AfterUSD:  is.MonthlyUSD,
		ChangeUSD: is.MonthlyUSD - was.MonthlyUSD,
		After:     is,
	}
	for _, problem := range old.problems {
		d.Unknown = append(d.Unknown, problem.Error())
	}
	for _, name := range now.unused() {
		if !old.used[name] {
			d.Unused = append(d.Unused, name)
		}
	}
	for _, name := range order {
		one := SystemDelta{
			Name:      name,
			BeforeUSD: was.System(name),
			AfterUSD:  is.System(name),
			Lines:     changedLines(old.lines[name], now.lines[name]),
		}
		one.ChangeUSD = one.AfterUSD - one.BeforeUSD
		if math.Abs(one.ChangeUSD) >= cent || len(one.Lines) > 0 {
			d.Systems = append(d.Systems, one)
		}
	}
	return d, nil
}

// changedLines are sorted by the size of the change.
func changedLines(before, after []Line) []LineDelta {
	change := map[[2]string]float64{}
	for _, line := range before {
		change[[2]string{line.Resource, line.Dimension}] -= line.MonthlyUSD
	}
	for _, line := range after {
		change[[2]string{line.Resource, line.Dimension}] += line.MonthlyUSD
	}
	var all []LineDelta
	for key, usd := range change {
		if math.Abs(usd) >= cent {
			all = append(all, LineDelta{key[0], key[1], usd})
		}
	}
	slices.SortFunc(all, func(a, b LineDelta) int {
		if math.Abs(a.ChangeUSD) != math.Abs(b.ChangeUSD) {
			return cmp.Compare(math.Abs(b.ChangeUSD), math.Abs(a.ChangeUSD))
		}
		return strings.Compare(a.Resource+a.Dimension, b.Resource+b.Dimension)
	})
	return all
}

// Text is the change for a terminal.
func (d *Delta) Text(title string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s USD a month, %.2f after\n", title, signed(d.ChangeUSD), d.AfterUSD)
	for _, system := range d.Systems {
		fmt.Fprintf(&out, "  %-17s %10s  (%.2f to %.2f)\n", system.Name, signed(system.ChangeUSD), system.BeforeUSD,
			system.AfterUSD)
		for _, line := range system.Lines {
			fmt.Fprintf(&out, "    %10s  %s: %s\n", signed(line.ChangeUSD), line.Resource, line.Dimension)
		}
	}
	for _, note := range d.notes() {
		out.WriteString(note + "\n")
	}
	return out.String()
}

// Markdown is the change as a section of a comment.
func (d *Delta) Markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "### Cost: %s USD a month, %.2f after\n\n", signed(d.ChangeUSD), d.AfterUSD)
	if len(d.Systems) > 0 {
		out.WriteString("| system | before | after | change |\n| --- | ---: | ---: | ---: |\n")
		for _, system := range d.Systems {
			fmt.Fprintf(&out, "| %s | %.2f | %.2f | %s |\n", system.Name, system.BeforeUSD, system.AfterUSD,
				signed(system.ChangeUSD))
		}
		out.WriteString("\n")
	}
	for _, note := range d.notes() {
		out.WriteString("- " + note + "\n")
	}
	return out.String()
}

func (d *Delta) notes() []string {
	notes := []string{
		fmt.Sprintf("%.0f %% of the amount after rest on prices that no source confirmed.",
			d.After.unverifiedPercent()),
		d.After.budgetSentence(),
	}
	for _, problem := range d.Unknown {
		notes = append(notes, "Not counted before: "+strings.TrimPrefix(problem, "estimate the cost: ")+".")
	}
	if len(d.Unused) > 0 {
		notes = append(notes,
			fmt.Sprintf("%d entries of the usage file are used by nothing in this plan.", len(d.Unused)))
	}
	return notes
}

// signed is an amount that says which way it goes. What rounds to nothing has no sign.
func signed(usd float64) string {
	if math.Abs(usd) < cent {
		return "0.00"
	}
	return fmt.Sprintf("%+.2f", usd)
}
