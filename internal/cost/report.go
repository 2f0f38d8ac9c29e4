package cost

import (
	"fmt"
	"strings"
)

// Text is the estimate for a terminal. With detail it lists every line under its system.
func Text(title string, r *Result, detail bool) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %.2f USD a month, %.2f of it AWS's\n\n", title, r.MonthlyUSD, r.AWSMonthlyUSD)
	for _, system := range r.Systems {
		fmt.Fprintf(&out, "  %-17s %9.2f%s\n", system.Name, system.MonthlyUSD, unverified(system.UnverifiedUSD))
		if !detail {
			continue
		}
		for _, line := range system.Lines {
			fmt.Fprintf(&out, "    %9.2f  %s: %s: %s\n", line.MonthlyUSD, line.Resource, line.Dimension, line.sum())
		}
	}
	fmt.Fprintf(&out, "  %-17s %9.2f%s\n\n", "Total", r.MonthlyUSD, unverified(r.UnverifiedUSD))
	if detail {
		out.WriteString("Free:\n")
		for _, free := range r.Free {
			fmt.Fprintf(&out, "  %3d %s: %s\n", free.Count, free.Type, free.Reason)
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "%.2f USD of it (%.0f %%) rest on prices that no source confirmed, marked *.\n", r.UnverifiedUSD,
		r.unverifiedPercent())
	out.WriteString(r.budgetSentence() + "\n")
	return out.String()
}

// unverified marks an amount with its part that rests on prices which no source confirmed.
func unverified(usd float64) string {
	if usd < cent {
		return ""
	}
	return fmt.Sprintf("  *%.2f", usd)
}

// sum shows how a line comes about.
func (l Line) sum() string {
	quantity := figure(l.Quantity)
	if l.Free > 0 {
		quantity = fmt.Sprintf("(%s - %s free)", quantity, figure(l.Free))
	}
	mark := ""
	if !l.Verified {
		mark = " *"
	}
	return fmt.Sprintf("%s %s × %s%s", quantity, l.Unit, figure(l.PriceUSD), mark)
}

// figure is a number with the digits that matter and no more.
func figure(n float64) string {
	text := fmt.Sprintf("%.5f", n)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func (r *Result) unverifiedPercent() float64 {
	if r.MonthlyUSD == 0 {
		return 0
	}
	return 100 * r.UnverifiedUSD / r.MonthlyUSD
}

func (r *Result) budgetSentence() string {
	switch {
	case r.BudgetUSD == 0:
		return "The plan has no budget."
	case r.OverBudget():
		return fmt.Sprintf("OVER BUDGET: AWS's part is %.2f USD over the budget of %.2f, which sees AWS's bill alone.",
			r.AWSMonthlyUSD-r.BudgetUSD, r.BudgetUSD)
	default:
		return fmt.Sprintf("AWS's part is within the budget of %.2f USD, which sees AWS's bill alone.", r.BudgetUSD)
	}
}
