package cost

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// The entries of a usage file that nothing is charged for: what a month's cost is shared among.
const (
	unitPrefix    = "unit."
	unitRequests  = unitPrefix + "requestsThousand"
	unitUsers     = unitPrefix + "activeUsers"
	greatestUsage = 1e9 // of an entry, in its unit: above it the unit is wrong
)

// factors are how many times the usage file's traffic is looked at.
var factors = []float64{1, 10, 100}

// Growth is a month's cost at a multiple of the usage file's traffic.
type Growth struct {
	// Factor multiplies each entry of usage that grows with traffic, and the units.
	Factor     float64 `json:"factor"`
	MonthlyUSD float64 `json:"monthlyUsd"`
	// RequestsUSD is the cost of a thousand requests, UserUSD of an active user in a month.
	RequestsUSD float64 `json:"requestsUsd"`
	UserUSD     float64 `json:"userUsd"`
	// Beyond are the bounds of the plan that would be exceeded. They are priced as if they were
	// raised.
	Beyond []string `json:"beyond,omitempty"`
	// Systems are in the order of the architecture.
	Systems []System `json:"systems"`
}

// Growths estimates a plan at each factor. Everything that does not grow with traffic stays as it
// is: the database's size is given by its own entries, alarms and endpoints by the plan.
func Growths(resources []plan.State, usage *Usage, prices *Prices) ([]Growth, error) {
	for _, unit := range []string{unitRequests, unitUsers} {
		if usage.values[unit] <= 0 {
			return nil, fmt.Errorf("estimate the cost of a unit: the usage entry %q is missing or 0: "+
				"say how many there are in a month", unit)
		}
	}
	var all []Growth
	for _, factor := range factors {
		e := newEstimator(resources, usage.times(factor), prices)
		e.unbounded = factor != 1
		e.run()
		if len(e.problems) > 0 {
			return nil, errors.Join(e.problems...)
		}
		result := e.result()
		all = append(all, Growth{
			Factor:      factor,
			MonthlyUSD:  result.MonthlyUSD,
			Systems:     result.Systems,
			Beyond:      e.beyond,
			RequestsUSD: result.MonthlyUSD / (usage.values[unitRequests] * factor),
			UserUSD:     result.MonthlyUSD / (usage.values[unitUsers] * factor),
		})
	}
	return all, nil
}

// times is the usage at a multiple of the traffic.
func (u *Usage) times(factor float64) *Usage {
	change := map[string]float64{}
	for name := range u.grows {
		change[name] = u.values[name] * factor
	}
	return u.with(change)
}

// outOfBounds says what the plan's bounds do not allow: a problem, or a bound that is taken as
// raised.
func (e *estimator) outOfBounds(format string, a ...any) {
	if !e.unbounded {
		e.problem(format, a...)
		return
	}
	if said := fmt.Sprintf(format, a...); !slices.Contains(e.beyond, said) {
		e.beyond = append(e.beyond, said)
	}
}

// GrowthMarkdown is a table of the growth, what grows most, and the bounds that would have to be
// raised.
func GrowthMarkdown(all []Growth) string {
	var out strings.Builder
	out.WriteString("| traffic | USD a month | a thousand requests | an active user | what costs most of it |\n")
	out.WriteString("| ---: | ---: | ---: | ---: | --- |\n")
	for _, one := range all {
		fmt.Fprintf(&out, "| %g× | %.0f | %.4f | %.4f | %s |\n",
			one.Factor, one.MonthlyUSD, one.RequestsUSD, one.UserUSD, one.dearest())
	}
	for _, one := range all {
		if len(one.Beyond) == 0 {
			continue
		}
		fmt.Fprintf(&out, "\nAt %g× these bounds of the plan are exceeded, and priced as if they were raised:\n\n",
			one.Factor)
		for _, said := range one.Beyond {
			out.WriteString("- " + said + "\n")
		}
	}
	return out.String()
}

// dearest names the three systems that cost most.
func (g Growth) dearest() string {
	systems := slices.Clone(g.Systems)
	slices.SortStableFunc(systems, func(a, b System) int {
		switch {
		case a.MonthlyUSD > b.MonthlyUSD:
			return -1
		case a.MonthlyUSD < b.MonthlyUSD:
			return 1
		}
		return 0
	})
	var names []string
	for _, one := range systems[:min(3, len(systems))] {
		names = append(names, fmt.Sprintf("%s %.0f", one.Name, one.MonthlyUSD))
	}
	return strings.Join(names, ", ")
}
