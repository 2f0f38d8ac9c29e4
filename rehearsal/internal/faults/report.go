package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// Report is what a drill found out. --json writes it.
type Report struct {
	Stack     string  `json:"stack"`
	OK        bool    `json:"ok"`
	Error     string  `json:"error,omitempty"`
	Seconds   float64 `json:"seconds"`
	Resources int     `json:"resources"` // that providers manage
	// Recovered counts the operations that failed and were done in the end, by kind and operation.
	Recovered map[faults.Kind]map[faults.Operation]int `json:"recovered"`
	// Runs are the runs of pulumi up and pulumi destroy that it took.
	Runs         int `json:"runs"`
	UpKills      int `json:"upKills"`      // of the CLI during an up, survived
	DestroyKills int `json:"destroyKills"` // during a destroy
	// NoKills says why the kills were left out; empty when they were not.
	NoKills string `json:"noKills,omitempty"`
	// Steps counts what was done by hand, as docs/operations.md says.
	Steps harness.Steps `json:"steps"`
	// WithoutUpdate are the types that cannot be changed in place, with the number of their
	// resources.
	WithoutUpdate map[string]int `json:"withoutUpdate"`
}

func newReport(stack string) *Report {
	return &Report{Stack: stack, Recovered: map[faults.Kind]map[faults.Operation]int{}, WithoutUpdate: map[string]int{}}
}

// add counts a cycle that came to its end.
func (r *Report) add(met []faults.Fault, runs int) {
	r.Runs += runs
	for _, fault := range met {
		if r.Recovered[fault.Kind] == nil {
			r.Recovered[fault.Kind] = map[faults.Operation]int{}
		}
		r.Recovered[fault.Kind][fault.Operation]++
	}
}

func (r *Report) countWithoutUpdate(whole map[string]apitype.ResourceV3, updatable []apitype.ResourceV3) {
	can := map[string]bool{}
	for _, one := range updatable {
		can[string(one.Type)] = true
	}
	for _, one := range whole {
		if !can[string(one.Type)] {
			r.WithoutUpdate[string(one.Type)]++
		}
	}
}

func (r *Report) end(took time.Duration, err error) {
	r.OK, r.Seconds = err == nil, took.Seconds()
	if err != nil {
		r.Error = err.Error()
	}
}

// publish prints the report, and writes it to a file when there is a path.
func (r *Report) publish(c *console.Console, path string) error {
	r.print(c)
	if path == "" {
		return nil
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(raw, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (r *Report) print(c *console.Console) {
	c.Heading("What %s survived", r.Stack)
	rows := [][]string{{"operations that failed once, and were done in the end", "create", "update", "delete"}}
	totals := map[faults.Operation]int{}
	for _, kind := range faults.Kinds(faults.Create, "") {
		var numbers []int
		for _, operation := range faults.Operations {
			numbers = append(numbers, r.Recovered[kind][operation])
			totals[operation] += r.Recovered[kind][operation]
		}
		rows = append(rows, console.Row(string(kind), numbers...))
	}
	all := 0
	var sums []int
	for _, operation := range faults.Operations {
		sums = append(sums, totals[operation])
		all += totals[operation]
	}
	c.Table("   ", append(rows, console.Row("together", sums...)))
	c.Line("Faults: %d on %d resources, in %d runs of pulumi up and pulumi destroy", all, r.Resources, r.Runs)
	if r.NoKills == "" {
		c.Line("Kills:  %d of up, %d of destroy", r.UpKills, r.DestroyKills)
	} else {
		c.Line("Kills:  none, %s", r.NoKills)
	}
	c.Line("By hand, as docs/operations.md says: %d pulumi cancel, %d pulumi refresh, %d objects deleted, %d imported",
		r.Steps.Cancelled, r.Steps.Refreshed, r.Steps.Deleted, r.Steps.Imported)
	without := 0
	for _, n := range r.WithoutUpdate {
		without += n
	}
	if without > 0 {
		c.Line("Cannot be changed in place, and met no failed update: %d resources of the types", without)
		for _, typ := range slices.Sorted(maps.Keys(r.WithoutUpdate)) {
			c.Line("   %s (%d)", typ, r.WithoutUpdate[typ])
		}
	}
	result := "all of it recovered"
	if !r.OK {
		result = "FAILED"
	}
	c.Line("Result: %s, in %s", result, console.Duration(time.Duration(r.Seconds*float64(time.Second))))
}
