package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/report"
)

type reportOptions struct{ stack, out, usage, prices, exceptions string }

func reportCommand() *cobra.Command {
	o := &reportOptions{}
	c := &cobra.Command{
		Use:   "report --stack NAME --out FILE PLAN",
		Short: "Write an HTML page about a stack: picture, findings, reach, alarms, cost, controls, every resource",
		Long: `report writes an HTML page about a stack from what "pulumi preview --json
--show-sames --show-replacement-steps" prints. The page is one file that asks for nothing else.`,
		Args: plans(1, 1),
		RunE: func(_ *cobra.Command, files []string) error {
			if o.usage == "" {
				o.usage = usageFile(o.stack)
			}
			return command.Exit(command.Failed, o.write(files[0])) // a file that cannot be read included
		},
	}
	c.Flags().StringVar(&o.stack, "stack", "", "the stack's `name`, for the title; required")
	c.Flags().StringVar(&o.out, "out", "", "write the page to this `file`; required")
	c.Flags().StringVar(&o.usage, "usage", "", "the expected usage, a `file` (default cost/usage.STACK.yaml)")
	c.Flags().StringVar(&o.prices, "prices", "cost/prices.yaml", "the `file` of list prices")
	c.Flags().StringVar(&o.exceptions, "exceptions", "compliance.yaml",
		"the `file` with the exceptions from security controls")
	needs(c, "stack", "out")
	return command.WithExitCodes(c, `
Exit codes:
  0  the page is written
  1  it cannot be
  2  the command was called wrongly
`)
}

func (o *reportOptions) write(path string) error {
	preview, err := readFile(path, plan.Read)
	if err != nil {
		return err
	}
	verdicts, err := o.judge(preview)
	if err != nil {
		return err
	}
	page, err := report.Of(o.stack, preview, verdicts)
	if err != nil {
		return err
	}
	file, err := os.Create(o.out)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return errors.Join(page.Write(file), file.Close())
}

// judge estimates the cost of the plan and holds it against the security controls.
func (o *reportOptions) judge(preview *plan.Preview) (report.Verdicts, error) {
	resources := preview.Resources()
	expected, err := readFile(o.usage, cost.ReadUsage)
	if err != nil {
		return report.Verdicts{}, err
	}
	prices, err := readFile(o.prices, cost.ReadPrices)
	if err != nil {
		return report.Verdicts{}, err
	}
	exceptions, err := readFile(o.exceptions, exceptionsOf(o.stack))
	if err != nil {
		return report.Verdicts{}, err
	}
	estimate, err := cost.Estimate(resources, expected, prices)
	if err != nil {
		return report.Verdicts{}, fmt.Errorf("estimate the cost of %s: %w", o.stack, err)
	}
	controls, stale := compliance.Evaluate(resources, exceptions)
	return report.Verdicts{Cost: estimate, Controls: controls, Stale: stale}, nil
}
