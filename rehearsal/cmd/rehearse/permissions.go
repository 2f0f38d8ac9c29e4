package main

import (
	"context"
	"fmt"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/permissions"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
)

// onlyRuns is what --only takes for permissions.
const onlyRuns = "runs"

// reportPermissions rehearses a stack, and says what its roles used of what they were granted. With
// --only runs it takes actions away instead.
func reportPermissions(ctx context.Context, f flags, out *console.Console) error {
	switch f.only {
	case "":
	case onlyRuns:
		return permissionRuns(ctx, f, out)
	default:
		return &run.UsageError{
			Err: fmt.Errorf("read the flag --only: found %q, want %s, or nothing for the report", f.only, onlyRuns),
		}
	}
	if err := run.Rehearse(ctx, f.Options, out); err != nil {
		return err
	}
	record, err := permissions.Load(workspace.RequestsPath(f.State, f.Stack))
	if err != nil {
		return err
	}
	return record.Print(out, f.Project)
}

// permissionRuns makes the stack again and again with one action taken away.
func permissionRuns(ctx context.Context, f flags, out *console.Console) error {
	return harness.OnNew(ctx, f.Options, out, func(fixture *harness.Fixture) error {
		refused, err := permissions.Runs(ctx, fixture, f.subset)
		if len(refused) > 0 {
			out.Heading("Permissions of %s: %d whole runs, each refused as it must be", f.Stack, len(refused))
			var rows [][]string
			for _, one := range refused {
				rows = append(rows, []string{one.Name, one.Action})
			}
			out.Table("   ", rows)
		}
		return err
	})
}
