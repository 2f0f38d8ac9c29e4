package cost

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Everywhere is the region of a price that is the same in all regions, and of the services outside
// AWS.
const Everywhere = "everywhere"

// Prices is a table of list prices in US dollars.
type Prices struct {
	byRegion map[string]map[string]Price // by region, then by id
	free     map[string]float64          // by id: one account's free tier, over all regions
}

// Price is what one unit costs.
type Price struct {
	ID     string
	Region string
	USD    float64
	Unit   string
	Source Source
	// Verified says that the source was read and says this price. The others are list prices that
	// no page at hand confirmed, with the page that would.
	Verified bool
}

// Source is where a price was found, or where it can be looked up.
type Source struct {
	URL  string `yaml:"url"`
	Date string `yaml:"date"` // when the page was published, or else read: "YYYY-MM-DD"
	// QuotedBy are the public documents that quote the price from the page, which was not at hand
	// itself. Empty: the page was.
	QuotedBy string `yaml:"quotedBy"`
}

// priceFile is the table as users write it.
type priceFile struct {
	Sources map[string]Source    `yaml:"sources"`
	Prices  map[string]priceItem `yaml:"prices"`
}

type priceItem struct {
	Unit string `yaml:"unit"`
	// Free is what one account gets for nothing each month, in Unit.
	Free  float64                `yaml:"free"`
	Note  string                 `yaml:"note"`
	Where map[string]regionPrice `yaml:"where"`
}

type regionPrice struct {
	USD      *float64 `yaml:"usd"`
	Source   string   `yaml:"source"`
	Verified *bool    `yaml:"verified"`
}

// ReadPrices reads a table. It reports every entry that is incomplete, and every key that does not
// exist.
func ReadPrices(r io.Reader) (*Prices, error) {
	var file priceFile
	if err := decode(r, &file); err != nil {
		return nil, fmt.Errorf("read the prices: %w", err)
	}
	var errs []error
	wrong := func(format string, a ...any) { errs = append(errs, fmt.Errorf("read the prices: "+format, a...)) }
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(file.Sources)) {
		source := file.Sources[name]
		if at, err := url.Parse(source.URL); err != nil || at.Scheme != "https" && at.Scheme != "http" ||
			at.Host == "" {
			wrong("sources.%s.url is %q, want the address of a page", name, source.URL)
		}
		if _, err := time.Parse(time.DateOnly, source.Date); err != nil {
			wrong("sources.%s.date is %q, want YYYY-MM-DD", name, source.Date)
		}
	}
	p := &Prices{byRegion: map[string]map[string]Price{}, free: map[string]float64{}}
	for _, id := range slices.Sorted(maps.Keys(file.Prices)) {
		item := file.Prices[id]
		if item.Unit == "" || len(item.Where) == 0 {
			wrong("prices.%s needs a unit, and a price for a region or for %s", id, Everywhere)
		}
		if !amount(item.Free) {
			wrong("prices.%s.free is %g, want 0 or more", id, item.Free)
		}
		if _, both := item.Where[Everywhere]; both && len(item.Where) > 1 {
			wrong("prices.%s has a price for %s and for a region; which holds is unclear, so keep one kind", id,
				Everywhere)
		}
		p.free[id] = item.Free
		for _, region := range slices.Sorted(maps.Keys(item.Where)) {
			one := item.Where[region]
			at := "prices." + id + ".where." + region
			source, known := file.Sources[one.Source]
			used[one.Source] = true
			if !known {
				wrong("%s.source is %q, want one of sources: %s", at, one.Source,
					strings.Join(slices.Sorted(maps.Keys(file.Sources)), ", "))
			}
			if one.USD == nil || !amount(*one.USD) || one.Verified == nil {
				wrong("%s needs usd, 0 or more, and verified, true or false", at)
				continue
			}
			if p.byRegion[region] == nil {
				p.byRegion[region] = map[string]Price{}
			}
			p.byRegion[region][id] = Price{id, region, *one.USD, item.Unit, source, *one.Verified}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(file.Sources)) {
		if !used[name] {
			wrong("sources.%s is the source of no price; delete it", name)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// find is the price in a region, or the one that holds everywhere.
func (p *Prices) find(id, region string) (Price, error) {
	for _, where := range []string{region, Everywhere} {
		if price, ok := p.byRegion[where][id]; ok {
			return price, nil
		}
	}
	return Price{}, fmt.Errorf("the price %q is not in the table for %s: add it under prices.%s.where", id, region, id)
}

// amount says whether a number can be an amount: 0 or more, and finite.
func amount(n float64) bool { return n >= 0 && !math.IsInf(n, 1) }

// decode reads one YAML document and refuses keys that its type does not have.
func decode(r io.Reader, to any) error {
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	if err := d.Decode(to); err != nil {
		return err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("found a second document, want one")
	}
	return nil
}
