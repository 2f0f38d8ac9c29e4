package cost

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

const (
	prefix   = "urn:pulumi:prod::bookmark-manager::"
	tokyo    = prefix + "pulumi:providers:aws::aws"
	virginia = prefix + "pulumi:providers:aws::aws-us-east-1"
	osaka    = prefix + "pulumi:providers:aws::aws-recovery"
)

// in is the inputs of a resource.
type in = map[string]any

// made is a resource of AWS in ap-northeast-1, or of another provider.
func made(typ, name string, inputs in, needs ...plan.State) plan.State {
	one := plan.State{
		URN:      prefix + typ + "::" + name,
		Type:     typ,
		Custom:   true,
		Inputs:   inputs,
		Provider: tokyo + "::id",
	}
	for _, other := range needs {
		one.Dependencies = append(one.Dependencies, other.URN)
	}
	return one
}

// by moves a resource to another provider.
func by(provider string, one plan.State) plan.State {
	one.Provider = provider + "::" + plan.Unknown
	return one
}

// providers stand in every plan.
func providers() []plan.State {
	var all []plan.State
	for urn, region := range map[string]string{
		tokyo:    "ap-northeast-1",
		virginia: "us-east-1",
		osaka:    "ap-northeast-3",
	} {
		all = append(all, plan.State{
			URN:    urn,
			Type:   "pulumi:providers:aws",
			Custom: true,
			Inputs: in{"region": region},
		})
	}
	return all
}

// table is a table with the given prices, each "id" or "id@region", all of them verified but those
// that are named so.
func table(t *testing.T, prices map[string]float64) *Prices {
	t.Helper()
	p := &Prices{byRegion: map[string]map[string]Price{}, free: map[string]float64{}}
	for key, usd := range prices {
		id, region, ok := strings.Cut(key, "@")
		if !ok {
			region = Everywhere
		}
		if id, free := strings.CutPrefix(id, "free:"); free {
			p.free[id] = usd
			continue
		}
		if p.byRegion[region] == nil {
			p.byRegion[region] = map[string]Price{}
		}
		p.byRegion[region][id] = Price{ID: id, Region: region, USD: usd, Unit: "unit", Verified: true}
	}
	return p
}

// amounts are an estimate's lines, "system: resource: dimension".
func amounts(r *Result) map[string]float64 {
	all := map[string]float64{}
	for _, system := range r.Systems {
		for _, line := range system.Lines {
			all[fmt.Sprintf("%s: %s: %s", system.Name, line.Resource, line.Dimension)] += line.MonthlyUSD
		}
	}
	return all
}
