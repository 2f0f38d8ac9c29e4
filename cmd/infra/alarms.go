package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/drill"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func alarmsCommand() *cobra.Command {
	var stack, out string
	c := &cobra.Command{
		Use:   "alarms --stack NAME [--out FILE] PLAN",
		Short: "Test a stack's alarms: none goes on in a week without incidents, and each does in its own",
		Long: `alarms sends the alarms of a plan the metrics of a week in which all is well, and of incidents,
and says which go on, after how many minutes. It evaluates them as CloudWatch documents it, offline.
The plan is what "pulumi preview --json --show-sames --show-replacement-steps" prints of a deployed stack:
what is made for the first time has no names and ids yet.`,
		Args: plans(1, 1),
		RunE: func(c *cobra.Command, files []string) error {
			preview, err := plan.ReadFile(files[0], c.InOrStdin())
			if err != nil {
				return err
			}
			read, err := drill.Of(stack, preview.Resources())
			if err != nil {
				return err
			}
			report, err := read.Run()
			if err != nil {
				return err
			}
			page := report.Markdown()
			if out == "" {
				_, _ = fmt.Fprint(c.OutOrStdout(), page)
			} else if err := os.WriteFile(out, []byte(page), 0o644); err != nil {
				return fmt.Errorf("write the matrix: %w", err)
			}
			return command.Exit(command.Failed, report.Err())
		},
	}
	c.Flags().StringVar(&stack, "stack", "", "the stack's `name`, for the title; required")
	c.Flags().StringVar(&out, "out", "", "write the matrix to this `file` (default: to standard output)")
	needs(c, "stack")
	return command.WithExitCodes(c, `
Exit codes:
  0  all alarms are proven
  1  one is not, or the plan cannot be read
  2  the command was called wrongly
`)
}
