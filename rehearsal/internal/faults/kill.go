package faults

import (
	"context"
	"fmt"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// killUps kills a deploy from nothing at moments that are spread evenly over its operations, and
// goes on after each.
func (d *drill) killUps(ctx context.Context) error {
	kills := upKills
	if d.subset {
		kills = subsetUpKills
	}
	survived, err := d.kill(ctx, "up", savedEmpty, kills, d.creates, func(k *killing) error {
		return d.ComeUpWith(ctx, func(name, _ string) error { return k.insist(ctx, name, "up") })
	}, d.up)
	d.report.UpKills = survived
	return err
}

// killDestroys does the same with a destroy.
func (d *drill) killDestroys(ctx context.Context) error {
	d.Remains = d.outlives
	kills := destroyKills
	if d.subset {
		kills = subsetDestroyKills
	}
	survived, err := d.kill(ctx, "destroy", savedLiftable, kills, d.deletes, func(k *killing) error {
		return k.insist(ctx, "destroy", "destroy")
	}, d.gone)
	d.report.DestroyKills = survived
	return err
}

// killing is an operation that is killed again and again.
type killing struct {
	*drill
	name     string
	plan     *faults.Plan
	wanted   int // kills
	survived int
	progress *console.Progress
}

// kill goes from a saved workspace to the end of the work, with so many kills on the way, and
// checks what came of it. It returns how many were survived.
func (d *drill) kill(ctx context.Context, name, from string, kills, operations int,
	work func(*killing) error, end func(context.Context) error,
) (int, error) {
	start := time.Now()
	kills = min(kills, operations-1)
	d.Console.Heading("The CLI is killed %d times on the way through %s, which has %d operations", kills, name,
		operations)
	if err := d.Work.Restore(from); err != nil {
		return 0, err
	}
	k := &killing{
		drill:  d,
		name:   "killed " + name,
		wanted: kills,
		plan:   &faults.Plan{KillAt: max(1, operations/(kills+1))},
	}
	if err := d.Follow(k.plan); err != nil {
		return 0, err
	}
	k.progress = d.Console.Progress("   " + k.name)
	err := work(k)
	k.progress.Done()
	if err != nil {
		return k.survived, fmt.Errorf("%s of %s: %w", k.name, d.Stack, err)
	}
	if k.survived != kills {
		return k.survived, fmt.Errorf("%s of %s: it was killed %d times, want %d", k.name, d.Stack, k.survived, kills)
	}
	if err := end(ctx); err != nil {
		return k.survived, fmt.Errorf("%s of %s: %w", k.name, d.Stack, err)
	}
	took := console.Duration(time.Since(start))
	d.Console.Line("   %s: %d kills, one each %d operations, state and cloud are equal: %s", k.name, kills,
		k.plan.KillAt, took)
	return k.survived, nil
}

// insist runs an operation until it ends well. After each kill the state must be sound again before
// it goes on.
func (k *killing) insist(ctx context.Context, name, operation string) error {
	for run := 1; run <= k.wanted+1; run++ {
		_, err := k.Operate(ctx, fmt.Sprintf("%s, %s, %d", k.name, name, run), operation)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !harness.Killed(err) {
			return err
		}
		k.survived++
		k.progress.Note(fmt.Sprintf("%d of %d kills", k.survived, k.wanted))
		if _, err := k.Repair(ctx, true); err != nil {
			return err
		}
		if err := k.next(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s does not come to its end after %d kills: the logs are in %s", name, k.survived, k.Work.Logs())
}

// next plans the next kill, or that there is none any more.
func (k *killing) next() error {
	if k.survived == k.wanted {
		return k.Follow(&faults.Plan{})
	}
	return k.Follow(k.plan)
}
