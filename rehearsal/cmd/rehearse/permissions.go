package main

import (
	"context"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/permissions"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
)

// reportPermissions rehearses a stack, and says what its roles used of what they were granted.
func reportPermissions(ctx context.Context, o run.Options, out *console.Console) error {
	if err := run.Rehearse(ctx, o, out); err != nil {
		return err
	}
	record, err := permissions.Load(workspace.RequestsPath(o.State, o.Stack))
	if err != nil {
		return err
	}
	return record.Print(out, o.Project)
}
