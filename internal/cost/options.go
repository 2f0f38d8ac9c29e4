package cost

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// Options are the choices of a stack that change its cost, each previewed alone. They hold
// quantities and no amounts: a price of the table that changes changes them all.
type Options struct {
	Options []Option `json:"options"`
	// Without are the changed settings that change no quantity which is billed.
	Without int `json:"without"`
}

// Option is one setting with another value, and everything else as the stack has it.
type Option struct {
	// Setting is its path, such as "network.nat".
	Setting string `json:"setting"`
	// Change says what becomes of it, such as "perZone -> single".
	Change string `json:"change"`
	// About is what the schema of the configuration says of the setting.
	About string `json:"about,omitempty"`
	// Edit makes the change in the stack's configuration.
	Edit stackfile.Edit `json:"edit"`
	// Quantities are what is billed more, or less, in a month.
	Quantities []Quantity `json:"quantities,omitempty"`
	// Lost are the alarms that go, by their logical names.
	Lost []string `json:"lost,omitempty"`
	// Refused is why it cannot be planned alone: the program's words, which name the setting that
	// contradicts it.
	Refused string `json:"refused,omitempty"`
	// Unpriced is why it can be planned and not priced, such as an entry of usage that the stack
	// does not have.
	Unpriced string `json:"unpriced,omitempty"`
}

// Quantity is a difference in what is billed at one price.
type Quantity struct {
	Price  string `json:"price"`
	Region string `json:"region"`
	// Units are in the unit of the price, those of the free tier taken out. Less than 0: the option
	// saves them.
	Units float64 `json:"units"`
}

// least is the smallest difference of a quantity that is one: floats differ by less.
const least = 1e-9

// Compute fills in what the option changes about what is billed, from the stack's own plan to the
// one with the changed setting.
func (o *Option) Compute(before, after []plan.State, usage *Usage, prices *Prices) error {
	was := newEstimator(before, usage, prices)
	was.run()
	if len(was.problems) > 0 {
		return errors.Join(was.problems...)
	}
	is := newEstimator(after, usage.rerouted(before, after), prices)
	is.run()
	if len(is.problems) > 0 {
		o.Unpriced = strings.TrimPrefix(is.problems[0].Error(), "estimate the cost: ")
		return nil
	}
	units := map[[2]string]float64{}
	for sign, e := range map[float64]*estimator{-1: was, 1: is} {
		for _, lines := range e.lines {
			for _, line := range lines {
				units[[2]string{line.Price, line.Region}] += sign * (line.Quantity - line.Free)
			}
		}
	}
	byPrice := func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }
	for _, key := range slices.SortedFunc(maps.Keys(units), byPrice) {
		if math.Abs(units[key]) >= least {
			o.Quantities = append(o.Quantities, Quantity{key[0], key[1], math.Round(units[key]/least) * least})
		}
	}
	o.Lost = lostAlarms(before, after)
	return nil
}

// Free says whether the option changes nothing that is billed.
func (o *Option) Free() bool { return o.Refused == "" && o.Unpriced == "" && len(o.Quantities) == 0 }

// rerouted is the usage with the traffic of endpoints that are deleted passing the NAT gateways, as
// it does without them.
func (u *Usage) rerouted(before, after []plan.State) *Usage {
	has := func(all []plan.State, typ, name string) bool {
		return slices.ContainsFunc(all, func(one plan.State) bool {
			return one.Type == typ && (name == "" || one.Name() == name)
		})
	}
	if !has(after, catalog.NATGateway, "") {
		return u
	}
	processed := u.values["nat.processedGB"]
	for _, one := range before {
		if one.Type == catalog.VPCEndpoint && !has(after, one.Type, one.Name()) {
			processed += u.values["endpoint."+one.Name()+".processedGB"]
		}
	}
	return u.with(map[string]float64{"nat.processedGB": processed})
}

func lostAlarms(before, after []plan.State) []string {
	named := func(all []plan.State) map[string]bool {
		names := map[string]bool{}
		for _, one := range all {
			if one.Type == catalog.MetricAlarm || one.Type == catalog.CompositeAlarm {
				names[one.Name()] = true
			}
		}
		return names
	}
	kept := named(after)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(named(before))), func(name string) bool { return kept[name] })
}

// ReadOptions reads what the previews of a stack's choices left.
func ReadOptions(r io.Reader) (*Options, error) {
	var o Options
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&o); err != nil {
		return nil, fmt.Errorf("read the options: %w: `make cost-options` writes them", err)
	}
	var errs []error
	for i, one := range o.Options {
		if one.Setting == "" || one.Change == "" {
			errs = append(errs, fmt.Errorf("read the options: options[%d] needs a setting and its change", i))
		}
		if one.Free() {
			errs = append(errs, fmt.Errorf(
				"read the options: options[%d] (%s) has no quantity, and is neither refused nor unpriced", i,
				one.Setting))
		}
	}
	return &o, errors.Join(errs...)
}

// PricedOption is an option with its amount.
type PricedOption struct {
	Option
	// ChangeUSD is what it adds to a month's cost. Less than 0: it saves.
	ChangeUSD float64 `json:"changeUsd"`
	// Verified says that a source confirmed every price of it.
	Verified bool `json:"verified"`
}

// Price prices every option by the table, those that save most first, those without a price last.
func (o *Options) Price(prices *Prices) ([]PricedOption, error) {
	var all []PricedOption
	var errs []error
	for _, one := range o.Options {
		priced := PricedOption{Option: one, Verified: true}
		for _, quantity := range one.Quantities {
			price, err := prices.find(quantity.Price, quantity.Region)
			if err != nil {
				errs = append(errs, fmt.Errorf("price the option %s (%s): %w", one.Setting, one.Change, err))
				continue
			}
			priced.ChangeUSD += quantity.Units * price.USD
			priced.Verified = priced.Verified && price.Verified
		}
		all = append(all, priced)
	}
	slices.SortStableFunc(all, func(a, b PricedOption) int {
		if known := cmp.Compare(a.rank(), b.rank()); known != 0 {
			return known
		}
		if a.ChangeUSD != b.ChangeUSD {
			return cmp.Compare(a.ChangeUSD, b.ChangeUSD)
		}
		return strings.Compare(a.Setting+a.Change, b.Setting+b.Change)
	})
	return all, errors.Join(errs...)
}

func (o PricedOption) rank() int {
	switch {
	case o.Refused != "":
		return 2
	case o.Unpriced != "":
		return 1
	}
	return 0
}
