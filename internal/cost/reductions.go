package cost

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
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

// sevenDays is the retention of logs that the original's last measure sets.
const sevenDays = 7

// measure is a reduction before it is estimated.
type measure struct {
	name     string
	original float64
	how      string
	// other is the plan without the measure, or with it when the plan itself is without; usage is
	// what holds then.
	other   []plan.State
	usage   *Usage
	applied bool // other is with the measure
	differs bool // from the plan: the measure can be taken out, or applied
}

// Reductions computes what each measure of the original design saves, by estimating the plan with
// it and without.
func Reductions(resources []plan.State, usage *Usage, prices *Prices) ([]Reduction, error) {
	now, err := total(resources, usage, prices)
	if err != nil {
		return nil, err
	}
	var all []Reduction
	for _, one := range measures(newEstimator(resources, usage, prices)) {
		other, err := total(one.other, one.usage, prices)
		if err != nil {
			return nil, fmt.Errorf("estimate what %q saves: %w", one.name, err)
		}
		reduction := Reduction{
			Name:        one.name,
			OriginalUSD: one.original,
			InForce:     one.differs != one.applied,
			WithUSD:     now,
			WithoutUSD:  other,
			How:         one.how,
		}
		switch {
		case one.applied:
			reduction.WithUSD, reduction.WithoutUSD = other, now
		case !one.differs:
			reduction.How = "this stack has nothing of the kind, or nothing in its place, so there is nothing to " +
				"compare"
		}
		reduction.SavesUSD = reduction.WithoutUSD - reduction.WithUSD
		all = append(all, reduction)
	}
	return all, nil
}

func measures(e *estimator) []measure {
	without := func(name string, original float64, gone func(resource) bool, how string) measure {
		rest, usage := e.without(gone)
		return measure{name, original, how, rest, usage, false, len(rest) < len(e.resources)}
	}
	// Without NAT gateways the traffic would have no other way.
	nat := len(e.of(catalog.NATGateway)) > 0
	endpointOf := func(kind string) func(resource) bool {
		return func(r resource) bool {
			return nat && r.Type == catalog.VPCEndpoint && r.textOr("vpcEndpointType", "Gateway") == kind
		}
	}
	week, shortened := sevenDayLogs(e.resources)
	return []measure{
		without("interface endpoints instead of NAT traffic", 30,
			func(r resource) bool { return endpointOf("Interface")(r) && ofAWS(r) },
			"they are charged by the hour in each zone, and the NAT gateways stay for everything outside AWS"),
		without("S3 gateway endpoint instead of NAT traffic", 0, endpointOf("Gateway"),
			"it is free, and image layers and assets pass through it"),
		without("fewer tasks at night, on weekends and on holidays", 10,
			func(r resource) bool { return r.Type == catalog.ScheduledAction },
			"the schedule holds the services at their quiet bounds; without it the average of the busy hours would "+
				"hold all day"),
		{"logs kept for 7 days", 3, "storing a line costs next to nothing, taking it in costs most, and that stays",
			week, e.usage, true, shortened},
	}
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

// without leaves resources out. The traffic of an endpoint that is left out passes the NAT gateways
// instead.
func (e *estimator) without(gone func(resource) bool) ([]plan.State, *Usage) {
	processed := e.usage.values["nat.processedGB"]
	rest := slices.DeleteFunc(slices.Clone(e.resources), func(one plan.State) bool {
		if !gone(resource{one, e}) {
			return false
		}
		if one.Type == catalog.VPCEndpoint {
			processed += e.usage.values["endpoint."+one.Name()+".processedGB"]
		}
		return true
	})
	return rest, e.usage.with(map[string]float64{"nat.processedGB": processed})
}

// sevenDayLogs shortens the retention of every log group that keeps its lines for longer, and says
// whether there was one.
func sevenDayLogs(resources []plan.State) ([]plan.State, bool) {
	changed, some := slices.Clone(resources), false
	for i, one := range changed {
		if days, _ := one.Input("retentionInDays").Number(); one.Type == catalog.LogGroup && days > sevenDays {
			changed[i].Inputs = maps.Clone(one.Inputs)
			changed[i].Inputs["retentionInDays"] = float64(sevenDays)
			some = true
		}
	}
	return changed, some
}
