package main

import (
	"context"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/adoption"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
)

// adopt takes a production of Terraform's over, and prints what each stage did.
func adopt(ctx context.Context, f flags, out *console.Console) error {
	kills := 3
	if f.subset {
		kills = 0
	}
	result, err := adoption.Rehearse(ctx, f.Options, out, kills)
	if result == nil || len(result.Stages) == 0 {
		return err
	}
	out.Heading("Adoption of a Terraform production by %s", f.Stack)
	rows := [][]string{{"stage", "imported", "new", "updated", "revisions", "replaced", "deleted", "requests",
		"failed", "log-ins", "seconds", "kills"}}
	for _, one := range result.Stages {
		rows = append(rows, console.Row(string(one.Name), one.Imported, one.Created, one.Updated, one.Revisions,
			one.Replaced, one.Deleted, one.Sent, one.Failed, one.LogIns, one.Seconds, one.Kills))
	}
	out.Table("   ", rows)
	out.Line("   %d objects of Terraform's: %d adopted, as %d resources; %d left to Terraform, and destroyed by "+
		"it; %d nobody's", result.Objects, result.Adopted, result.Becomes, result.Beside, result.Nobody)
	out.Line("   The same as before: %d objects, none made again, with %d of their values (passwords, keys, names, "+
		"addresses); %d DNS records; %d images", result.Kept.Objects, result.Kept.Properties, result.Kept.Records,
		result.Kept.Images)
	out.Line("   Ways back gone: %d; what stage take made and the way back from it deleted again: %d", result.Ways,
		result.Undone)
	return err
}
