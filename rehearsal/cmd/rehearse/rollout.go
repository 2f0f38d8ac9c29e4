package main

import (
	"context"
	"slices"
	"strconv"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/rollout"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// rollOut deploys each change that may be made to a running service under a stream of requests, and
// prints how many of them failed.
func rollOut(ctx context.Context, f flags, out *console.Console) (err error) {
	r, err := run.Deployed(ctx, f.Options, out)
	if r == nil {
		return err
	}
	defer func() { err = r.Finish(ctx, err) }()
	if err != nil {
		return err
	}
	changes := rollout.Changes()
	if f.subset {
		changes = slices.DeleteFunc(changes, func(c rollout.Change) bool { return !c.Subset })
	}
	results, err := rollout.Rehearse(ctx, r, changes)
	if len(results) > 0 {
		out.Heading("Rollout in %s: each change of a running service, under traffic", f.Stack)
		rows := [][]string{{"change", "requests", "failed", "seconds"}}
		for _, one := range results {
			rows = append(rows,
				[]string{one.Name, strconv.Itoa(one.Sent), strconv.Itoa(one.Failed), strconv.Itoa(one.Seconds)})
		}
		out.Table("   ", rows)
	}
	return err
}
