package cost

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// hoursPerMonth is what AWS's own calculator counts: 8,760 hours over twelve months.
const hoursPerMonth = 730

// Estimate computes what the resources of a plan cost in a month. It reports everything that keeps
// it from an answer at once: types and properties that it cannot price, prices and usage that are
// missing, and usage that nothing asks for.
func Estimate(resources []plan.State, usage *Usage, prices *Prices) (*Result, error) {
	e := newEstimator(resources, usage, prices)
	e.run()
	for _, name := range e.unused() {
		e.problem("the usage entry %q is used by nothing in the plan: delete it, or correct its name", name)
	}
	if len(e.problems) > 0 {
		return nil, errors.Join(e.problems...)
	}
	return e.result(), nil
}

// estimator gathers the lines of one estimate.
type estimator struct {
	resources []plan.State
	usage     *Usage
	prices    *Prices
	byURN     map[string]plan.State
	regions   map[string]string  // of AWS's providers, by URN
	left      map[string]float64 // of the free tiers, by the id of the price
	used      map[string]bool    // entries of usage
	lines     map[string][]Line  // by system
	free      map[string]int     // resources that cost nothing, by type
	budget    float64
	problems  []error
	unbounded bool     // bounds of the plan that usage exceeds are noted and no problems
	beyond    []string // those bounds
}

func newEstimator(resources []plan.State, usage *Usage, prices *Prices) *estimator {
	e := &estimator{
		resources: resources,
		usage:     usage,
		prices:    prices,
		byURN:     map[string]plan.State{},
		regions:   map[string]string{},
		left:      maps.Clone(prices.free),
		used:      map[string]bool{},
		lines:     map[string][]Line{},
		free:      map[string]int{},
	}
	for _, one := range resources {
		e.byURN[one.URN] = one
		if region, ok := one.Inputs["region"].(string); ok && one.Type == "pulumi:providers:aws" {
			e.regions[one.URN] = region
		}
	}
	return e
}

// unused are the entries of usage that nothing has asked for, sorted.
func (e *estimator) unused() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(e.usage.values)), func(name string) bool {
		return e.used[name] || name == unitRequests || name == unitUsers
	})
}

// run prices every resource.
func (e *estimator) run() {
	for _, one := range e.resources {
		if !one.Custom || strings.HasPrefix(one.Type, "pulumi:") {
			continue // components, providers and the stack itself are nothing in a cloud
		}
		row, known := catalog.Find(one.Type)
		switch {
		case !known:
			e.problem("%s: the type %s has no price: add its row to internal/catalog, as free with the reason or "+
				"with a pricer", one.Name(), one.Type)
		case row.Unpriced != "":
			e.problem("%s: the type %s has no price: %s", one.Name(), one.Type, row.Unpriced)
		case row.Free != "":
			e.free[one.Type]++
		default:
			pricers[one.Type](e, resource{one, e})
		}
		if one.Type == catalog.Budget { // what the estimate is compared with
			e.budget += resource{one, e}.number("limitAmount")
		}
	}
}

func (e *estimator) problem(format string, a ...any) {
	err := fmt.Errorf("estimate the cost: "+format, a...)
	for _, one := range e.problems {
		if one.Error() == err.Error() {
			return
		}
	}
	e.problems = append(e.problems, err)
}

// want is an entry of usage.
func (e *estimator) want(name string) float64 {
	value, ok := e.usage.values[name]
	if !ok {
		e.problem("the usage entry %q is missing: add it to the usage file, with a value and the assumption that it "+
			"rests on", name)
	}
	e.used[name] = true
	return value
}

// charge adds a line: a quantity of what a price is for, less what is left of the free tier.
func (e *estimator) charge(system string, r resource, dimension, price string, quantity float64) {
	e.chargeIn(r.region(), system, r, dimension, price, quantity)
}

// chargeIn is charge for a price of another place than the resource's region.
func (e *estimator) chargeIn(region, system string, r resource, dimension, id string, quantity float64) {
	price, err := e.prices.find(id, region)
	if err != nil {
		e.problem("%s (%s): %w", r.Name(), r.Type, err)
		return
	}
	free := min(quantity, e.left[id])
	e.left[id] -= free
	e.lines[system] = append(e.lines[system], Line{
		Resource:   r.Name(),
		Type:       r.Type,
		Dimension:  dimension,
		Quantity:   quantity,
		Free:       free,
		Unit:       price.Unit,
		Price:      id,
		Region:     price.Region,
		PriceUSD:   price.USD,
		MonthlyUSD: (quantity - free) * price.USD,
		Verified:   price.Verified,
	})
}

// of are the resources of a type, in the order of their URNs.
func (e *estimator) of(typ string) []resource {
	var all []resource
	for _, one := range e.resources {
		if one.Type == typ {
			all = append(all, resource{one, e})
		}
	}
	return all
}

// first says whether a resource is the first of its type, the one that carries what an account pays
// once.
func (e *estimator) first(r resource) bool { return e.of(r.Type)[0].URN == r.URN }

func (e *estimator) result() *Result {
	result := &Result{BudgetUSD: e.budget}
	for _, name := range order {
		lines := e.lines[name]
		if len(lines) == 0 {
			continue
		}
		system := System{Name: name, Lines: lines}
		for _, line := range lines {
			system.MonthlyUSD += line.MonthlyUSD
			if !line.Verified {
				system.UnverifiedUSD += line.MonthlyUSD
			}
		}
		result.UnverifiedUSD += system.UnverifiedUSD
		result.MonthlyUSD += system.MonthlyUSD
		if !slices.Contains(outside, name) {
			result.AWSMonthlyUSD += system.MonthlyUSD
		}
		result.Systems = append(result.Systems, system)
	}
	for _, typ := range slices.Sorted(maps.Keys(e.free)) {
		row, _ := catalog.Find(typ)
		result.Free = append(result.Free, FreeType{typ, e.free[typ], row.Free})
	}
	return result
}
