package main

import (
	"context"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/drift"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// rehearseDrift changes the clouds of a stack by hand and has Pulumi repair it.
func rehearseDrift(ctx context.Context, o run.Options, out *console.Console) (err error) {
	r, err := run.Deployed(ctx, o, out)
	if r == nil {
		return err
	}
	defer func() { err = r.Finish(ctx, err) }()
	if err != nil {
		return err
	}
	results, err := drift.Rehearse(ctx, r, drift.Cases)
	printDrift(r, results)
	return err
}

func printDrift(r *run.Rehearsal, results []drift.Result) {
	if len(results) == 0 {
		return
	}
	r.Console.Heading("Drift of %s: %d changes by hand", r.Stack, len(results))
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
	r.Console.Table("   ", rows)
	r.Console.Line("%d repaired, %d left alone, %d not seen by a refresh", counts[drift.Repaired], counts[drift.Owned],
		counts[drift.Unseen])
}
