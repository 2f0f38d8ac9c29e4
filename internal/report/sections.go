package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/cost"
)

// Cost is an estimate, in US dollars a month.
type Cost struct {
	Systems            []System
	Total, AWS, Budget string // Budget is empty for a stack without one
	Unverified         string // the part of the total whose prices no stored source confirmed
	OverBudget         bool
}

// System is a part of the estimate.
type System struct {
	Name, Monthly string
	Lines         []CostLine
}

// CostLine is one dimension of one resource.
type CostLine struct{ Resource, Dimension, Quantity, Price, Monthly string }

func costOf(r *cost.Result) Cost {
	c := Cost{
		Total:      dollars(r.MonthlyUSD),
		AWS:        dollars(r.AWSMonthlyUSD),
		Unverified: dollars(r.UnverifiedUSD),
		OverBudget: r.OverBudget(),
	}
	if r.BudgetUSD > 0 {
		c.Budget = dollars(r.BudgetUSD)
	}
	for _, system := range r.Systems {
		s := System{Name: system.Name, Monthly: dollars(system.MonthlyUSD)}
		for _, line := range system.Lines {
			quantity := figure(line.Quantity) + " " + line.Unit
			if line.Free > 0 {
				quantity += ", " + figure(line.Free) + " of it free"
			}
			price := "$" + figure(line.PriceUSD)
			if !line.Verified {
				price += ", not confirmed"
			}
			s.Lines = append(s.Lines,
				CostLine{line.Resource, line.Dimension, quantity, price, dollars(line.MonthlyUSD)})
		}
		c.Systems = append(c.Systems, s)
	}
	return c
}

func dollars(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// figure has the digits that a price or a quantity needs and no more.
func figure(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 5, 64), "0"), ".")
}

// Controls are what the security controls say of the stack.
type Controls struct {
	Counts  []Count
	Results []Control
	Stale   string // what is wrong with the exceptions, empty for nothing
}

// Count is how many results have a verdict.
type Count struct {
	Verdict compliance.Verdict
	Number  int
}

// Control is one control with what it says of each resource.
type Control struct {
	ID, Title string
	Severity  compliance.Severity
	Worst     compliance.Verdict // what it says as a whole
	Results   []Result
}

// Result is what a control says of one resource. Resource is empty when the stack has none that it
// is about.
type Result struct {
	Resource string
	Verdict  compliance.Verdict
	Reason   string
}

// verdicts are in the order in which a reader wants to see them.
var verdicts = []compliance.Verdict{
	compliance.Fail, compliance.Unknown, compliance.Hidden, compliance.Excepted, compliance.Pass,
	compliance.NotApplicable,
}

// controlsOf groups the results by control, those to act on first.
func controlsOf(report compliance.Report, stale error) Controls {
	var c Controls
	if stale != nil {
		c.Stale = stale.Error()
	}
	for _, verdict := range verdicts {
		if n := report.Count(verdict); n > 0 {
			c.Counts = append(c.Counts, Count{verdict, n})
		}
	}
	for _, one := range report {
		i := slices.IndexFunc(c.Results, func(c Control) bool { return c.ID == one.Control })
		if i < 0 {
			i = len(c.Results)
			c.Results = append(c.Results, Control{
				ID:       one.Control,
				Title:    one.Title,
				Severity: one.Severity,
				Worst:    one.Verdict,
			})
		}
		control := &c.Results[i]
		control.Results = append(control.Results, Result{one.Resource(), one.Verdict, one.Reason})
		if rank(one.Verdict) < rank(control.Worst) {
			control.Worst = one.Verdict
		}
	}
	slices.SortStableFunc(c.Results, func(a, b Control) int { return rank(a.Worst) - rank(b.Worst) })
	return c
}

func rank(v compliance.Verdict) int { return slices.Index(verdicts, v) }
