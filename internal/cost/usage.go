package cost

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Usage is what a stack is expected to use in a month of what its plan does not say: requests,
// gigabytes, average tasks.
type Usage struct {
	values map[string]float64
	grows  map[string]bool // entries that grow with traffic, in proportion
}

type usageItem struct {
	Value *float64 `yaml:"value"`
	// Because is the assumption that the value rests on.
	Because string `yaml:"because"`
	// Grows says that the value grows with the site's traffic, in proportion.
	Grows bool `yaml:"grows"`
}

// ReadUsage reads a usage file: a map from a name, with its unit at the end, to a value and the
// assumption that it rests on. It reports every entry that is incomplete.
func ReadUsage(r io.Reader) (*Usage, error) {
	var file map[string]usageItem
	if err := decode(r, &file); err != nil {
		return nil, fmt.Errorf("read the usage: %w", err)
	}
	var errs []error
	u := &Usage{values: map[string]float64{}, grows: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(file)) {
		item := file[name]
		if item.Value == nil || !amount(*item.Value) {
			errs = append(errs, fmt.Errorf("read the usage: %s.value must be a number, 0 or more", name))
			continue
		}
		if strings.TrimSpace(item.Because) == "" {
			errs = append(errs, fmt.Errorf("read the usage: %s.because is empty: say what the value rests on", name))
		}
		if *item.Value > greatestUsage {
			errs = append(errs, fmt.Errorf("read the usage: %s.value is %g, want 0 to %g: another unit was meant",
				name, *item.Value, greatestUsage))
		}
		if strings.HasSuffix(name, "Percent") && *item.Value > 100 {
			errs = append(errs, fmt.Errorf("read the usage: %s.value is %g, want 0 to 100", name, *item.Value))
		}
		if item.Grows && strings.HasSuffix(name, ".year") {
			errs = append(errs, fmt.Errorf("read the usage: %s.grows: a year does not grow with traffic", name))
		}
		u.values[name] = *item.Value
		if item.Grows {
			u.grows[name] = true
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return u, nil
}

// with is the usage with some entries changed.
func (u *Usage) with(change map[string]float64) *Usage {
	values := maps.Clone(u.values)
	maps.Copy(values, change)
	return &Usage{values: values, grows: u.grows}
}
