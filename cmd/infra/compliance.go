package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

const complianceExitCodes = `
Exit codes:
  0  every resource passes, or has an exception
  1  a resource fails or cannot be judged, or an exception matches nothing
  2  the command was called wrongly, or the plan or the exceptions cannot be read
`

// reportFormats are how a report can be written.
var reportFormats = map[string]func(compliance.Report, string) string{
	"text":     compliance.Report.Text,
	"markdown": compliance.Report.Markdown,
	"json":     compliance.Report.JSON,
}

func complianceCommand() *cobra.Command {
	var stack, exceptionsFile, format string
	c := &cobra.Command{
		Use:   "compliance [PLAN]",
		Short: "Judge a stack by AWS Foundational Security Best Practices and CIS",
		Long: `compliance judges a stack by AWS Foundational Security Best Practices (FSBP) and
the CIS AWS Foundations Benchmark.

The plan is what "rehearse plan --deployed" writes (make compliance runs both), or what "pulumi
preview --json --show-sames --show-replacement-steps" prints for a stack that is deployed.
Without a file, or with -, it is standard input.`,
		Args: plans(0, 1),
		RunE: func(c *cobra.Command, files []string) error {
			if reportFormats[format] == nil {
				return command.Wrong("read the flag --format: found %q, want text, markdown or json", format)
			}
			exceptions, err := readFile(exceptionsFile, exceptionsOf(stack))
			if err != nil {
				return command.Exit(command.Usage, err)
			}
			preview, err := plan.ReadFile(first(files), c.InOrStdin())
			if err != nil {
				return command.Exit(command.Usage, err)
			}
			report, stale := compliance.Evaluate(preview.Resources(), exceptions)
			if _, err := io.WriteString(c.OutOrStdout(), reportFormats[format](report, stack)); err != nil {
				return command.Exit(command.Usage, fmt.Errorf("write the report: %w", err))
			}
			return complianceVerdict(report, stale)
		},
	}
	c.Flags().StringVar(&stack, "stack", "prod",
		"the `name` of the stack: the title of the report, and whose exceptions are used")
	c.Flags().StringVar(&exceptionsFile, "exceptions", "compliance.yaml", "the `file` with the exceptions")
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	return command.WithExitCodes(c, complianceExitCodes)
}

// exceptionsOf reads those that are for a stack.
func exceptionsOf(stack string) func(io.Reader) ([]compliance.Exception, error) {
	return func(r io.Reader) ([]compliance.Exception, error) { return compliance.ReadExceptions(r, stack) }
}

func complianceVerdict(report compliance.Report, stale error) error {
	var problems []error
	if n := report.Count(compliance.Unknown); n > 0 {
		problems = append(problems, fmt.Errorf(
			"%d results hang on values that are not known before a deploy: judge the plan of rehearse plan --deployed",
			n))
	}
	if n := report.Failures(); n > 0 {
		problems = append(problems, fmt.Errorf(
			"%d results are no pass and have no exception: change the program, or write down why it is right", n))
	}
	return errors.Join(append(problems, stale)...)
}

// first is the file of a command that takes one or none.
func first(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return files[0]
}
