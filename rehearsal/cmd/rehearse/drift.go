package main

import (
	"context"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/drift"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// rehearseDrift changes the clouds of a stack by hand and has Pulumi repair it.
func rehearseDrift(ctx context.Context, o run.Options, out *console.Console) error {
	return harness.OnDeployed(ctx, o, out, nil, func(f *harness.Fixture) error {
		results, err := drift.Rehearse(ctx, f, drift.Cases)
		printDrift(f, results)
		return err
	})
}

func printDrift(f *harness.Fixture, results []drift.Result) {
	if len(results) == 0 {
		return
	}
	f.Console.Heading("Drift of %s: %d changes by hand", f.Stack, len(results))
	counts := map[drift.Answer]int{}
	rows := make([][]string, 0, len(results))
	for _, one := range results {
		counts[one.Answer]++
		what := strings.Join(one.Planned, ", ")
		if what == "" {
			what = one.Why
		}
		rows = append(rows, []string{one.Name, string(one.Answer), what})
	}
	f.Console.Table("   ", rows)
	f.Console.Line("%d repaired, %d left alone, %d not seen by a refresh", counts[drift.Repaired], counts[drift.Owned],
		counts[drift.Unseen])
}
