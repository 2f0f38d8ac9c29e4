package main

import (
	"context"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/rollout"
)

// rollOut deploys each change that may be made to a running service under a stream of requests, and
// prints how many of them failed.
func rollOut(ctx context.Context, f flags, out *console.Console) error {
	changes := rollout.Changes()
	if f.subset {
		changes = slices.DeleteFunc(changes, func(c rollout.Change) bool { return !c.Subset })
	}
	return harness.OnDeployed(ctx, f.Options, out, nil, func(fixture *harness.Fixture) error {
		results, err := rollout.Rehearse(ctx, fixture, changes)
		if len(results) > 0 {
			out.Heading("Rollout in %s: each change of a running service, under traffic", f.Stack)
			rows := [][]string{{"change", "requests", "failed", "seconds"}}
			for _, one := range results {
				rows = append(rows, console.Row(one.Name, one.Sent, one.Failed, one.Seconds))
			}
			out.Table("   ", rows)
		}
		return err
	})
}
