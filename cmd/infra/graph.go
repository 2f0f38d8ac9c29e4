package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/picture"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func graphCommand() *cobra.Command {
	var stack, svg, dot string
	c := &cobra.Command{
		Use:   "graph --stack NAME --svg FILE [--dot FILE] PLAN",
		Short: "Draw a stack from its plan",
		Long:  `graph draws a stack from what "pulumi preview --json --show-sames --show-replacement-steps" prints.`,
		Args:  plans(1, 1),
		RunE: func(c *cobra.Command, files []string) error {
			preview, err := plan.ReadFile(files[0], c.InOrStdin())
			if err != nil {
				return err
			}
			drawn, err := picture.Of(stack, preview.Resources())
			if err != nil {
				return err
			}
			if err := os.WriteFile(svg, drawn.SVG(), 0o644); err != nil {
				return fmt.Errorf("write the picture: %w", err)
			}
			if dot == "" {
				return nil
			}
			if err := os.WriteFile(dot, drawn.DOT(), 0o644); err != nil {
				return fmt.Errorf("write the picture for Graphviz: %w", err)
			}
			return nil
		},
	}
	c.Flags().StringVar(&stack, "stack", "", "the stack's `name`, for the title; required")
	c.Flags().StringVar(&svg, "svg", "", "write the picture to this `file`; required")
	c.Flags().StringVar(&dot, "dot", "", "write it for Graphviz to this `file`")
	needs(c, "stack", "svg")
	return command.WithExitCodes(c, `
Exit codes:
  0  the picture is drawn
  1  it cannot be
  2  the command was called wrongly
`)
}
