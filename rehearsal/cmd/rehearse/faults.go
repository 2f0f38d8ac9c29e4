package main

import (
	"context"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/faults"
)

// makeFail makes a stack's deploy fail and checks that it recovers.
func makeFail(ctx context.Context, f flags, out *console.Console) error {
	return faults.Run(ctx, faults.Options{Options: f.Options, Subset: f.subset, Only: f.only}, out)
}
