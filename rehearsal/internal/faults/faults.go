// Package faults proves that a deploy survives what goes wrong: it takes a stack through its life
// while each operation on each resource fails once, and while the whole deploy is killed, and
// repairs it with the steps of docs/operations.md alone. In the end Pulumi's state must equal the
// model's cloud.
package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// Options are what a user chooses.
type Options struct {
	run.Options
	// Subset runs the first and the last cycle of each operation and a few kills: enough to see
	// that all of it works.
	Subset bool
	// Only is the part to run, one of Parts. Empty for all of them.
	Only string
}

// Parts are what a drill consists of, in its order.
var Parts = []string{"create", "update", killUp, "delete", killDestroy}

const killUp, killDestroy = "kill-up", "kill-destroy"

// How often the deploy and the destroy are killed.
const (
	upKills, destroyKills             = 20, 10
	subsetUpKills, subsetDestroyKills = 3, 1
)

// The names under which the workspace keeps what the cycles start from.
const (
	savedEmpty    = "empty"
	savedDeployed = "deployed"
	savedOlder    = "older"    // deployed with one default tag fewer
	savedLiftable = "liftable" // deployed, with the protections lifted
)

// drill is a stack that is made to fail.
type drill struct {
	harness.Recovery
	report *Report
	subset bool
	whole  map[string]apitype.ResourceV3 // what the providers manage in the stack when nothing fails, by URN
	// outlives are the URNs of what a destroy leaves in the cloud on purpose, when nothing fails
	outlives []string
	creates  int // operations of a deploy from nothing
	deletes  int // operations of a destroy
}

// Run drills a stack and prints what came of it.
func Run(ctx context.Context, o Options, c *console.Console) error {
	parts, err := choose(o.Only, faults.CanKill())
	if err != nil {
		return &run.UsageError{Err: err}
	}
	start := time.Now()
	return harness.OnNew(ctx, o.Options, c, func(f *harness.Fixture) error {
		d := &drill{Recovery: harness.Recovery{Fixture: f}, subset: o.Subset, report: newReport(o.Stack)}
		// Every cycle makes, changes or deletes the boundary and the roles of deploys with all
		// other resources, which the first role alone may do.
		defer d.AsFirst()()
		d.Engine.Out = io.Discard // what pulumi prints is in the logs: most of it are errors that are meant
		if !slices.Contains(parts, killUp) && o.Only == "" {
			d.report.NoKills = "not on this system: " + faults.CanKill().Error()
			c.Line("Kills are left out, %s", d.report.NoKills)
		}
		err := d.live(ctx, parts)
		d.report.Steps = d.Steps
		d.report.end(time.Since(start), err)
		return errors.Join(err, d.report.publish(c, o.JSON))
	})
}

// choose returns the parts that run: the one that was asked for, or all. A system on which nothing
// can be killed gives the reason; then the kills are left out, and refused when they are asked for.
func choose(only string, cannotKill error) ([]string, error) {
	if only != "" && !slices.Contains(Parts, only) {
		return nil, fmt.Errorf("read the flag --only: found %q, want one of %s", only, strings.Join(Parts, ", "))
	}
	kills := func(part string) bool { return part == killUp || part == killDestroy }
	if cannotKill != nil && kills(only) {
		return nil, fmt.Errorf("run the part %s alone: %w: run it on Linux", only, cannotKill)
	}
	if only != "" {
		return []string{only}, nil
	}
	parts := slices.Clone(Parts)
	if cannotKill != nil {
		parts = slices.DeleteFunc(parts, kills)
	}
	return parts, nil
}

// live makes the reference and runs the parts.
func (d *drill) live(ctx context.Context, parts []string) error {
	if err := d.makeReference(ctx); err != nil {
		return err
	}
	for i, part := range []func(context.Context) error{d.failCreates, d.failUpdates, d.killUps, d.failDeletes,
		d.killDestroys} {
		if !slices.Contains(parts, Parts[i]) {
			continue
		}
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// makeReference takes the stack through its life without a fault, for the cycles to start from and
// to be compared with.
func (d *drill) makeReference(ctx context.Context) error {
	d.Console.Heading("Without a fault, to compare with")
	p := d.Console.Progress("up and destroy")
	defer p.Done()
	if err := d.Work.Save(savedEmpty); err != nil {
		return err
	}
	plan := &faults.Plan{}
	if err := d.Follow(plan); err != nil {
		return err
	}
	plain := func(name, _ string) error { _, err := d.Operate(ctx, name, "up"); return err }
	if err := d.ComeUpWith(ctx, plain); err != nil {
		return err
	}
	var err error
	if d.creates, err = plan.Done(); err != nil {
		return err
	}
	if d.whole, err = d.managed(ctx); err != nil {
		return err
	}
	if err := d.settled(ctx); err != nil {
		return fmt.Errorf("compare state and cloud where nothing has failed: %w", err)
	}
	if err := d.Work.Save(savedDeployed); err != nil {
		return err
	}
	if err := d.liftProtections(ctx); err != nil {
		return err
	}
	if err := d.Work.Save(savedLiftable); err != nil {
		return err
	}
	if err := d.Follow(plan); err != nil {
		return err
	}
	if _, err := d.Operate(ctx, "destroy", "destroy"); err != nil {
		return err
	}
	if d.deletes, err = plan.Done(); err != nil {
		return err
	}
	d.outlives, err = d.inUse()
	d.report.Resources = len(d.whole)
	return err
}

func (d *drill) liftProtections(ctx context.Context) error {
	if err := d.Set(ctx, "teardown", d.Work.Files.Environment); err != nil {
		return err
	}
	_, err := d.Operate(ctx, "teardown", "up")
	return err
}

// cycles plans the faults of an operation on resources: in each cycle each resource fails once, and
// over the cycles with every kind. Crashes have cycles of their own, since they end whatever else
// is under way.
func cycles(operation faults.Operation, resources []apitype.ResourceV3) [][]faults.Fault {
	crashes, others := 2, len(faults.Kinds(operation, ""))-2
	planned := make([][]faults.Fault, others+crashes)
	for turn, r := range resources {
		var crash, other []faults.Kind
		for _, kind := range faults.Kinds(operation, providerOf(r)) {
			if kind.IsCrash() {
				crash = append(crash, kind)
			} else {
				other = append(other, kind)
			}
		}
		for i := range planned {
			kinds, at := other, i
			if i >= others {
				kinds, at = crash, i-others
			}
			if len(kinds) == 0 {
				continue
			}
			planned[i] = append(planned[i],
				faults.Fault{Operation: operation, URN: string(r.URN), Kind: kinds[(turn+at)%len(kinds)]})
		}
	}
	return slices.DeleteFunc(planned, func(cycle []faults.Fault) bool { return len(cycle) == 0 })
}

// failCreates makes the stack from nothing while each resource's first creation fails.
func (d *drill) failCreates(ctx context.Context) error {
	return d.fail(ctx, faults.Create, savedEmpty, d.sorted(func(apitype.ResourceV3) bool { return true }),
		func(c *cycle) error {
			return d.ComeUpWith(ctx, func(name, _ string) error { return c.insist(ctx, name, "up") })
		}, d.up)
}

// failUpdates changes every resource that can be changed in place, while each first change fails.
func (d *drill) failUpdates(ctx context.Context) error {
	updatable, err := d.updatable()
	if err != nil {
		return err
	}
	d.report.countWithoutUpdate(d.whole, updatable)
	if len(updatable) == 0 {
		return nil
	}
	if err := d.makeOlder(ctx, updatable); err != nil {
		return err
	}
	return d.fail(ctx, faults.Update, savedOlder, updatable, func(c *cycle) error {
		return c.insist(ctx, "update", "up")
	}, d.up)
}

// failDeletes destroys the stack while each resource's first deletion fails.
func (d *drill) failDeletes(ctx context.Context) error {
	d.Remains = d.outlives
	stays := func(r apitype.ResourceV3) bool { return !r.RetainOnDelete }
	return d.fail(ctx, faults.Delete, savedLiftable, d.sorted(stays), func(c *cycle) error {
		return c.insist(ctx, "destroy", "destroy")
	}, d.gone)
}

// fail runs the cycles of an operation from a saved workspace. work repeats what the cycle is about
// until it is done, and end checks what came of it.
func (d *drill) fail(ctx context.Context, operation faults.Operation, from string, resources []apitype.ResourceV3,
	work func(*cycle) error, end func(context.Context) error,
) error {
	all := cycles(operation, resources)
	if d.subset {
		all = [][]faults.Fault{all[0], all[len(all)-1]}
	}
	d.Console.Heading("Each %s of %d resources fails, in %d cycles", operation, len(resources), len(all))
	for i, planned := range all {
		name := fmt.Sprintf("%s %d", operation, i+1)
		if err := d.runCycle(ctx, name, from, &faults.Plan{Faults: planned}, work, end); err != nil {
			return fmt.Errorf("%s of %s: %w", name, d.Stack, err)
		}
	}
	return nil
}
