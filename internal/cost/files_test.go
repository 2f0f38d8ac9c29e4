package cost

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goodPrices = `
sources:
  list: {url: "https://aws.amazon.com/waf/pricing/", date: "2026-11-25"}
prices:
  waf.acl:
    unit: web ACL
    free: 2
    where:
      everywhere: {usd: 5, source: list, verified: true}
  nat.hour:
    unit: hour
    where:
      ap-northeast-1: {usd: 0.062, source: list, verified: false}
`

func TestReadPrices(t *testing.T) {
	p, err := ReadPrices(strings.NewReader(goodPrices))
	require.NoError(t, err)
	acl, err := p.find("waf.acl", "us-east-1")
	require.NoError(t, err)
	assert.Equal(t, Price{"waf.acl", Everywhere, 5, "web ACL",
		Source{URL: "https://aws.amazon.com/waf/pricing/", Date: "2026-11-25"}, true}, acl)
	assert.InDelta(t, 2, p.free["waf.acl"], 0)
	_, err = p.find("nat.hour", "us-east-1")
	assert.ErrorContains(t, err, "add it under prices.nat.hour.where", "a price of one region is none of another")
}

func TestRefusesPricesThatAreIncomplete(t *testing.T) {
	for want, change := range map[string][2]string{
		"field dollars not found":                              {"usd: 5", "dollars: 5"},
		"prices.waf.acl.where.everywhere needs usd, 0 or more": {"usd: 5, ", ""},
		"needs usd, 0 or more, and verified":                   {", verified: true", ""},
		"prices.waf.acl.where.everywhere needs usd":            {"usd: 5", "usd: -5"},
		"prices.nat.hour.where.ap-northeast-1 needs usd":       {"0.062", ".inf"},
		`prices.waf.acl.where.everywhere.source is "lists"`: {"source: list, verified: true",
			"source: lists, verified: true"},
		`sources.list.date is "yesterday", want YYYY-MM-DD`:     {`"2026-11-25"`, "yesterday"},
		`sources.list.url is "waf", want the address of a page`: {`"https://aws.amazon.com/waf/pricing/"`, "waf"},
		"prices.waf.acl needs a unit":                           {"unit: web ACL", "unit: ''"},
		"prices.waf.acl.free is -2, want 0 or more":             {"free: 2", "free: -2"},
		"prices.nat.hour has a price for everywhere and for a region": {"      ap-n",
			"      everywhere: {usd: 1, source: list, verified: true}\n      ap-n"},
		"sources.other is the source of no price; delete it": {"prices:",
			"  other: {url: \"https://example.com/\", date: \"2026-01-01\"}\nprices:"},
		"found a second document, want one": {"prices:\n  waf", "---\nprices:\n  waf"},
	} {
		t.Run(want, func(t *testing.T) {
			text := strings.Replace(goodPrices, change[0], change[1], 1)
			require.NotEqual(t, goodPrices, text)
			_, err := ReadPrices(strings.NewReader(text))
			assert.ErrorContains(t, err, want)
		})
	}
}

func TestReadUsage(t *testing.T) {
	u, err := ReadUsage(strings.NewReader(`nat.processedGB: {value: 60, because: "Datadog and Sentry"}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]float64{"nat.processedGB": 60}, u.values)
	for want, text := range map[string]string{
		"nat.processedGB.value must be a number":  `nat.processedGB: {because: "guess"}`,
		"nat.processedGB.value must be a number,": `nat.processedGB: {value: -1, because: "guess"}`,
		"nat.processedGB.because is empty":        `nat.processedGB: {value: 1}`,
		"field reason not found":                  `nat.processedGB: {value: 1, reason: "guess"}`,
		"already defined":                         "a: {value: 1, because: b}\na: {value: 2, because: b}",
	} {
		_, err := ReadUsage(strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
}

func TestTheCommittedFilesAreComplete(t *testing.T) {
	for name, read := range map[string]func(*os.File) error{
		"prices":        func(f *os.File) error { _, err := ReadPrices(f); return err },
		"usage.prod":    func(f *os.File) error { _, err := ReadUsage(f); return err },
		"usage.staging": func(f *os.File) error { _, err := ReadUsage(f); return err },
	} {
		file, err := os.Open("../../cost/" + name + ".yaml")
		require.NoError(t, err)
		t.Cleanup(func() { _ = file.Close() })
		assert.NoError(t, read(file), name)
	}
}

// Whoever reads a price must know who confirmed it: a source was read, or it was not, and AWS's
// price list is asked by usage type.
func TestEveryPriceOfTheTableHasASourceOrIsMarked(t *testing.T) {
	raw, err := os.ReadFile("../../cost/prices.yaml")
	require.NoError(t, err)
	prices, err := ReadPrices(strings.NewReader(string(raw)))
	require.NoError(t, err)
	var file priceFile
	require.NoError(t, decode(strings.NewReader(string(raw)), &file))
	read := map[Source]bool{}
	for region, byID := range prices.byRegion {
		for id, price := range byID {
			at := id + " in " + region
			assert.NotEmpty(t, price.Source.URL, at)
			assert.NotEmpty(t, price.Source.Date, at)
			if verified, known := read[price.Source]; known {
				assert.Equal(t, verified, price.Verified,
					"%s: its source was read for one price and not for another: keep them apart", at)
			}
			read[price.Source] = price.Verified
			if !price.Verified {
				assert.Empty(t, price.Source.QuotedBy, "%s: documents quote it, and nobody compared", at)
			}
			if strings.HasPrefix(price.Source.URL, "https://pricing.us-east-1.amazonaws.com/") {
				assert.NotEmpty(t, price.Source.QuotedBy, at)
				assert.NotEmpty(t, file.Prices[id].Note, "%s: name the usage type that the price list has it under", at)
			}
		}
	}
}
