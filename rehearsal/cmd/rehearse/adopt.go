package main

import (
	"context"
	"strconv"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/adoption"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
)

// adopt takes a production of Terraform's over, and prints what each stage did.
func adopt(ctx context.Context, f flags, out *console.Console) error {
	kills := 3
	if f.subset {
		kills = 1
	}
	result, err := adoption.Rehearse(ctx, f.Options, out, kills)
	if result == nil || len(result.Stages) == 0 {
		return err
	}
	out.Heading("Adoption of a Terraform production by %s: %d objects, %d resources of the program are among them, "+
		"%d stay beside, %d are nobody's", f.Stack, result.Objects, result.Becomes, result.Beside, result.Nobody)
	rows := [][]string{{"stage", "imported", "new", "updated", "replaced", "deleted", "requests", "failed", "seconds",
		"kills"}}
	for _, one := range result.Stages {
		row := []string{string(one.Name)}
		for _, n := range []int{
			one.Imported, one.Created, one.Updated, one.Replaced, one.Deleted, one.Sent, one.Failed, one.Seconds,
			one.Kills,
		} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	out.Table("   ", rows)
	return err
}
