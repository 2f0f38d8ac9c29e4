package cost

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Reduction is a measure of the original design against cost, and what it saves on these numbers.
type Reduction struct {
	Name string `json:"name"`
	// OriginalUSD is what the original design expects of it.
	OriginalUSD float64 `json:"originalUsd"`
	// InForce says that the plan has it already.
	InForce bool `json:"inForce"`
	// WithUSD and WithoutUSD are the month's cost with the measure and without.
	WithUSD    float64 `json:"withUsd"`
	WithoutUSD float64 `json:"withoutUsd"`
	// SavesUSD is the difference. Less than nothing: the measure costs more than it saves.
	SavesUSD float64 `json:"savesUsd"`
	How      string  `json:"how"`
}

func (r Reduction) state() string {
	if r.InForce {
		return "in force"
	}
	return "not in force"
}

// sevenDays is the retention of logs that the original's third measure sets.
const sevenDays = 7

// Reductions computes what each measure of the original design saves, by estimating the plan with it and without.
func Reductions(resources []plan.State, usage *Usage, prices *Prices) ([]Reduction, error) {
	now, err := total(resources, usage, prices)
	if err != nil {
		return nil, err
	}
	measure := func(name string, original float64, inForce bool, changed []plan.State, otherUsage *Usage, how string) (Reduction, error) {
		other, err := total(changed, otherUsage, prices)
		if err != nil {
			return Reduction{}, fmt.Errorf("estimate what %q saves: %w", name, err)
		}
		one := Reduction{Name: name, OriginalUSD: original, InForce: inForce, WithUSD: now, WithoutUSD: other, How: how}
		if !inForce {
			one.WithUSD, one.WithoutUSD = other, now
		}
		one.SavesUSD = one.WithoutUSD - one.WithUSD
		return one, nil
	}

	lookup := newEstimator(resources, usage, prices)
	interfaces := func(r resource) bool {
		return r.Type == endpointType && r.textOr("vpcEndpointType", "Gateway") == "Interface" && ofAWS(r)
	}
	gateways := func(r resource) bool {
		return r.Type == endpointType && r.textOr("vpcEndpointType", "Gateway") == "Gateway"
	}
	scheduled := func(r resource) bool { return r.Type == scheduledType }
	withoutInterfaces, throughNAT := lookup.without(interfaces)
	withoutGateways, alsoThroughNAT := lookup.without(gateways)
	allDay, _ := lookup.without(scheduled)
	week, shortened := sevenDayLogs(resources)

	var all []Reduction
	var errs []error
	for _, one := range []struct {
		name     string
		original float64
		inForce  bool
		changed  []plan.State
		usage    *Usage
		how      string
	}{
		{
			"interface endpoints instead of NAT traffic", 30, len(withoutInterfaces) < len(resources), withoutInterfaces, throughNAT,
			"they are charged by the hour in each zone, and the NAT gateways stay for everything outside AWS",
		},
		{
			"S3 gateway endpoint instead of NAT traffic", 0, len(withoutGateways) < len(resources), withoutGateways, alsoThroughNAT,
			"it is free, and image layers and assets pass through it",
		},
		{
			"fewer tasks at night, on weekends and on holidays", 10, len(allDay) < len(resources), allDay, usage,
			"the schedule holds the services at their quiet bounds; without it the average of the busy hours would hold all day",
		},
		{
			"logs kept for 7 days", 3, !shortened, week, usage,
			"storing a line costs next to nothing, taking it in costs most, and that stays",
		},
	} {
		reduction, err := measure(one.name, one.original, one.inForce, one.changed, one.usage, one.how)
		errs = append(errs, err)
		all = append(all, reduction)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// total is the cost of resources, whatever of the usage they use.
func total(resources []plan.State, usage *Usage, prices *Prices) (float64, error) {
	e := newEstimator(resources, usage, prices)
	e.run()
	if len(e.problems) > 0 {
		return 0, errors.Join(e.problems...)
	}
	return e.result().MonthlyUSD, nil
}

// without leaves resources out. The traffic of an endpoint that goes passes the NAT gateways instead.
func (e *estimator) without(gone func(resource) bool) ([]plan.State, *Usage) {
	processed := e.want("nat.processedGB")
	rest := slices.DeleteFunc(slices.Clone(e.resources), func(one plan.State) bool {
		if !gone(resource{one, e}) {
			return false
		}
		if one.Type == endpointType {
			processed += e.want("endpoint." + one.Name() + ".processedGB")
		}
		return true
	})
	return rest, e.usage.with(map[string]float64{"nat.processedGB": processed})
}

// sevenDayLogs shortens the retention of every log group that keeps its lines for longer, and says whether there was one.
func sevenDayLogs(resources []plan.State) ([]plan.State, bool) {
	changed, some := slices.Clone(resources), false
	for i, one := range changed {
		if days, _ := number(one.Inputs["retentionInDays"]); one.Type == "aws:cloudwatch/logGroup:LogGroup" && days > sevenDays {
			changed[i].Inputs = maps.Clone(one.Inputs)
			changed[i].Inputs["retentionInDays"] = float64(sevenDays)
			some = true
		}
	}
	return changed, some
}
