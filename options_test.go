package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// docs/cost.md says what each choice of the committed stacks costs. `make cost-options` finds the
// choices by previews; here each that has a price is made again under mocks, so that the table
// follows the program, the stack files, the usage and the prices.
func TestWhatEachChoiceCosts(t *testing.T) {
	prices := priceTable(t, "cost/prices.yaml", cost.ReadPrices)
	for _, stack := range []string{"prod", "staging"} {
		t.Run(stack, func(t *testing.T) {
			usage := priceTable(t, "cost/usage."+stack+".yaml", cost.ReadUsage)
			found := priceTable(t, "testdata/"+stack+".options.json", cost.ReadOptions)
			base, err := run(t, stacktest.Read(t, stack).Released(t))
			require.NoError(t, err)
			before, kept := statesOf(t, base), cost.Options{Without: found.Without}
			for _, option := range found.Options {
				again := cost.Option{
					Setting: option.Setting,
					Change:  option.Change,
					About:   option.About,
					Edit:    option.Edit,
				}
				if option.Refused != "" || option.Unpriced != "" {
					continue // the table lists what can be chosen
				}
				changed, err := run(t, edited(t, stacktest.Read(t, stack).Released(t), option))
				require.NoError(t, err, "%s (%s)", option.Setting, option.Change)
				require.NoError(t, again.Compute(before, statesOf(t, changed), usage, prices))
				assert.False(t, again.Free(), "%s (%s) changes nothing that is billed", option.Setting, option.Change)
				kept.Options = append(kept.Options, again)
			}
			raw, err := json.MarshalIndent(kept, "", " ")
			require.NoError(t, err)
			golden(t, stack+".options.json", string(raw)+"\n")
			priced, err := kept.Price(prices)
			require.NoError(t, err)
			stacktest.Document(t, "docs/cost.md", "options of "+stack, cost.OptionsMarkdown(&kept, priced), *update)
		})
	}
}

func priceTable[T any](t *testing.T, path string, read func(io.Reader) (T, error)) T {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	value, err := read(bytes.NewReader(raw))
	require.NoError(t, err, path)
	return value
}

// edited is a stack file with the option's change.
func edited(t *testing.T, f stacktest.File, option cost.Option) stacktest.File {
	t.Helper()
	section := option.Edit.Section
	config := map[string]any{}
	if text, ok := f[section]; ok {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		config[section] = value
	}
	require.NoError(t, option.Edit.Apply(config), "%s: make cost-options", option.Setting)
	raw, err := json.Marshal(config[section])
	require.NoError(t, err)
	f[section] = string(raw)
	return f
}
