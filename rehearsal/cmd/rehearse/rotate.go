package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/rotation"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// rotate rotates the secrets of a stack.
func rotate(ctx context.Context, o run.Options, out *console.Console) error {
	return harness.OnDeployed(ctx, o, out, nil, func(f *harness.Fixture) error {
		results, err := rotation.Rehearse(ctx, f, rotation.Secrets)
		if len(results) > 0 {
			out.Heading("Rotation in %s: each secret twice, and nobody locked out", o.Stack)
			var rows [][]string
			for _, one := range results {
				rows = append(rows, []string{one.Name, one.Setting, strconv.Itoa(one.Steps) + " steps",
					fmt.Sprintf("%d moments checked", one.Moments)})
			}
			out.Table("   ", rows)
		}
		return err
	})
}
