package cost

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

func TestAnOptionIsWhatItChangesAboutTheBill(t *testing.T) {
	endpoint := made(catalog.VPCEndpoint, "logs", in{"vpcEndpointType": "Interface", "subnetIds": []any{"a", "b"}})
	alarm := made(catalog.MetricAlarm, "logs-slow", in{"period": 60.0})
	nat := made(catalog.NATGateway, "nat", nil)
	usage := &Usage{values: map[string]float64{
		"nat.processedGB":           1,
		"nat.internetOutGB":         0,
		"endpoint.logs.processedGB": 11,
	}}
	prices := table(t, map[string]float64{
		"nat.hour":                       1,
		"nat.processedGB":                0.062,
		"transfer.internetGB":            1,
		"endpoint.interface.hour":        0.014,
		"endpoint.interface.processedGB": 0.01,
		"cloudwatch.alarmMetric":         0.1,
	})
	o := Option{Setting: "network.endpoints", Change: "without logs"}
	require.NoError(t, o.Compute(append(providers(), endpoint, alarm, nat), append(providers(), nat), usage, prices))
	assert.Equal(t, []string{"logs-slow"}, o.Lost)
	assert.Equal(t, []Quantity{
		{"cloudwatch.alarmMetric", Everywhere, -1},
		{"endpoint.interface.hour", Everywhere, -1460},
		{"endpoint.interface.processedGB", Everywhere, -11},
		{"nat.processedGB", Everywhere, 11},
	}, o.Quantities, "its traffic passes the NAT gateway")

	all := &Options{Options: []Option{o}}
	priced, err := all.Price(prices)
	require.NoError(t, err)
	assert.InDelta(t, -0.1-20.44-0.11+0.682, priced[0].ChangeUSD, 1e-6)
	assert.True(t, priced[0].Verified)
	assert.Contains(t, OptionsMarkdown(all, priced), "| `network.endpoints` | without logs | -19.97 |  | logs-slow |")
}

// Every price that an option has must move it, and nothing else.
func TestAnOptionsPriceChangesWhenItsPriceLineDoes(t *testing.T) {
	all := &Options{Options: []Option{
		{
			Setting:    "a",
			Change:     "on",
			Quantities: []Quantity{{"nat.hour", Everywhere, 730}, {"nat.processedGB", Everywhere, -10}},
		},
		{Setting: "b", Change: "on", Quantities: []Quantity{{"kms.key", Everywhere, 1}}},
	}}
	base := map[string]float64{"nat.hour": 1, "nat.processedGB": 1, "kms.key": 1}
	before, err := all.Price(table(t, base))
	require.NoError(t, err)
	for price, want := range map[string]map[string]float64{
		"nat.hour":        {"a": 730},
		"nat.processedGB": {"a": -10},
		"kms.key":         {"b": 1},
	} {
		dearer := map[string]float64{"nat.hour": 1, "nat.processedGB": 1, "kms.key": 1}
		dearer[price]++
		after, err := all.Price(table(t, dearer))
		require.NoError(t, err)
		was, is := amountsOf(before), amountsOf(after)
		for setting := range was {
			assert.InDelta(t, want[setting], is[setting]-was[setting], 1e-9, "%s, %s", price, setting)
		}
	}
	_, err = all.Price(table(t, map[string]float64{"nat.hour": 1, "nat.processedGB": 1}))
	assert.ErrorContains(t, err, `price the option b (on): the price "kms.key" is not in the table for everywhere`)
}

func amountsOf(all []PricedOption) map[string]float64 {
	amounts := map[string]float64{}
	for _, one := range all {
		amounts[one.Setting] = one.ChangeUSD
	}
	return amounts
}

func TestAnOptionThatCannotBePricedSaysWhy(t *testing.T) {
	prices := table(t, map[string]float64{"endpoint.interface.hour": 1, "endpoint.interface.processedGB": 1})
	o := Option{Setting: "network.endpoints", Change: "with kms too"}
	kms := made(catalog.VPCEndpoint, "kms", in{"vpcEndpointType": "Interface", "subnetIds": []any{"a"}})
	require.NoError(t, o.Compute(providers(), append(providers(), kms), &Usage{}, prices))
	assert.Contains(t, o.Unpriced, `the usage entry "endpoint.kms.processedGB" is missing`)
	assert.Empty(t, o.Quantities)
	assert.ErrorContains(t, o.Compute(append(providers(), kms), nil, &Usage{}, prices), "endpoint.kms.processedGB",
		"the stack itself must be priced")

	text := OptionsMarkdown(&Options{Without: 3}, []PricedOption{
		{Option: o},
		{Option: Option{Setting: "aurora.pauseAfterSeconds", Change: "none -> 300", Refused: "aurora.minAcu is 0.5"}},
	})
	assert.Contains(t, text, "Cannot be priced alone:\n\n- `network.endpoints` (with kms too): ")
	assert.Contains(t, text,
		"Cannot be planned alone:\n\n- `aurora.pauseAfterSeconds` (none -> 300): aurora.minAcu is 0.5\n")
	assert.Contains(t, text, "and 3 nothing")
}

func TestOptionsThatSayNothingAreRefused(t *testing.T) {
	for want, text := range map[string]string{
		"`make cost-options` writes them":      `{"options": [{"price": 1}]}`,
		"options[0] needs a setting":           `{"options": [{"change": "on", "refused": "no"}]}`,
		"options[0] (network.nat) has no quan": `{"options": [{"setting": "network.nat", "change": "on"}]}`,
	} {
		_, err := ReadOptions(strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
	o := &Options{
		Options: []Option{{Setting: "a", Change: "on", Quantities: []Quantity{{"p", "r", 0.25}}, Lost: []string{"x"}}},
		Without: 2,
	}
	raw, err := json.Marshal(o)
	require.NoError(t, err)
	again, err := ReadOptions(strings.NewReader(string(raw)))
	require.NoError(t, err)
	assert.Equal(t, o, again)
}
