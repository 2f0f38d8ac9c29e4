package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// atOnce is how many operations the engine starts at a time: whole levels of the graph, so that a
// plugin's crash takes all of a level with it.
const atOnce = "200"

// mostRuns is how often an operation is repeated at most. A stack is some twenty resources deep.
const mostRuns = 60

// cycle is one way from a saved workspace to the end, with a plan of faults.
type cycle struct {
	*drill
	name     string
	plan     *faults.Plan
	runs     int // of pulumi up and pulumi destroy
	progress *console.Progress
}

// runCycle goes from a saved workspace to the end of the work, and checks that everything planned
// has happened.
func (d *drill) runCycle(
	ctx context.Context, name, from string, plan *faults.Plan, work func(*cycle) error, end func(context.Context) error,
) error {
	start := time.Now()
	if err := d.Work.Restore(from); err != nil {
		return err
	}
	if err := d.Follow(plan); err != nil {
		return err
	}
	c := &cycle{
		drill:    d,
		name:     name,
		plan:     plan,
		progress: d.Console.Progress("   " + name),
	}
	err := work(c)
	c.progress.Done()
	if err != nil {
		return err
	}
	met, err := plan.Met()
	if err != nil {
		return err
	}
	if len(met) != len(plan.Faults) {
		return fmt.Errorf("%d of %d planned faults were met, the first that was not is %v", len(met), len(plan.Faults),
			firstMissing(plan.Faults, met))
	}
	if err := end(ctx); err != nil {
		return err
	}
	d.report.add(met, c.runs)
	d.Console.Line("   %s: %d faults in %d runs, state and cloud are equal: %s", name, len(met), c.runs,
		console.Duration(time.Since(start)))
	return nil
}

func firstMissing(planned, met []faults.Fault) faults.Fault {
	seen := map[faults.Fault]bool{}
	for _, fault := range met {
		seen[fault] = true
	}
	for _, fault := range planned {
		if !seen[fault] {
			return fault
		}
	}
	return faults.Fault{}
}

// insist repeats an operation, with the repairs that docs/operations.md names in between, until it
// ends well. It gives up on a failure that no fault explains.
func (c *cycle) insist(ctx context.Context, name, operation string) error {
	for attempt := 1; attempt <= mostRuns; attempt++ {
		before, err := c.plan.Met()
		if err != nil {
			return err
		}
		result, runErr := c.Operate(ctx, fmt.Sprintf("%s, %s, %d", c.name, name, attempt), operation,
			"--continue-on-error", "--parallel", atOnce)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.runs++
		met, err := c.plan.Met()
		if err != nil {
			return err
		}
		c.progress.Note(fmt.Sprintf("%d of %d faults after %d runs", len(met), len(c.plan.Faults), c.runs))
		repaired, err := c.Repair(ctx, harness.Killed(runErr))
		if err != nil {
			return err
		}
		switch {
		case runErr == nil && !repaired:
			return nil
		case runErr != nil && len(met) == len(before) && !repaired && !harness.Killed(runErr):
			return fmt.Errorf("%w, and no fault explains it: the log is %s", runErr, result.Log)
		}
	}
	return fmt.Errorf("%s does not come to its end in %d runs: the logs are in %s", name, mostRuns, c.Work.Logs())
}
