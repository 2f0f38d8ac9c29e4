package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// lifecycles previews a stack that is up under every changed setting.
func lifecycles(ctx context.Context, f flags, out *console.Console) (err error) {
	if f.Guard == "" {
		return &run.UsageError{Err: errors.New("rehearse the lifecycle: there is no guard to judge the plans: give the built one with --guard (make lifecycle does)")}
	}
	r, err := run.Deployed(ctx, f.Options, out)
	if r == nil {
		return err
	}
	defer func() { err = r.Finish(ctx, err) }()
	if err != nil {
		return err
	}
	start := time.Now()
	outcomes, previews, err := lifecycle.Previews(ctx, r, filepath.Join(f.Project, "config.schema.json"), f.only)
	if err != nil {
		return err
	}
	return report(out, r, outcomes, previews, time.Since(start))
}

func report(out *console.Console, r *run.Rehearsal, outcomes []lifecycle.Outcome, previews int, took time.Duration) error {
	out.Heading("Lifecycle of %s: %d changed settings in %d previews, %s", r.Stack, len(outcomes), previews, console.Duration(took))
	counts := map[lifecycle.Verdict]int{}
	var wrong []error
	for _, one := range outcomes {
		counts[one.Verdict]++
		switch one.Verdict {
		case lifecycle.Planned:
		case lifecycle.Wrong:
			wrong = append(wrong, fmt.Errorf("%s: %s", one, one.Detail))
		default:
			first, _, _ := strings.Cut(one.Detail, "\n")
			out.Line("   %-14s %s", one.Verdict, one)
			out.Line("   %-14s %s", "", first)
		}
	}
	for _, verdict := range []lifecycle.Verdict{lifecycle.Planned, lifecycle.Refused, lifecycle.Guarded, lifecycle.Protected, lifecycle.Wrong} {
		out.Line("%4d %s", counts[verdict], verdict)
	}
	return errors.Join(wrong...)
}
