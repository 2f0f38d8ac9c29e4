// Command report writes an HTML page about a stack from its plan: picture, findings, who may reach whom, alarms, cost, security controls, and
// every resource with its settings.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/report"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `report writes an HTML page about a stack from what "pulumi preview --json --show-sames --show-replacement-steps" prints.
The page is one file that asks for nothing else.

Usage: report --stack NAME --out FILE [flags] PLAN

Flags:
`

const exitCodes = `
Exit codes: 0 the page is written, 1 it cannot be, 2 the command was called wrongly.
`

type options struct{ stack, out, plan, usage, prices, exceptions string }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, problems io.Writer) int {
	o, err := parse(args, out)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		complain(problems, fmt.Errorf("%w (report --help lists the flags)", err))
		return exitUsage
	}
	if err := write(o); err != nil {
		complain(problems, err)
		return exitFailed
	}
	return exitOK
}

func write(o *options) error {
	preview, err := read(o.plan, plan.Read)
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
func (o *options) judge(preview *plan.Preview) (report.Verdicts, error) {
	resources := preview.Resources()
	expected, err := read(o.usage, cost.ReadUsage)
	if err != nil {
		return report.Verdicts{}, err
	}
	prices, err := read(o.prices, cost.ReadPrices)
	if err != nil {
		return report.Verdicts{}, err
	}
	exceptions, err := read(o.exceptions, func(r io.Reader) ([]compliance.Exception, error) { return compliance.ReadExceptions(r, o.stack) })
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

// read opens a file and reads it with what its package offers.
func read[T any](path string, from func(io.Reader) (T, error)) (T, error) {
	var none T
	file, err := os.Open(path)
	if err != nil {
		return none, fmt.Errorf("read a file of the report: %w", err)
	}
	defer func() { _ = file.Close() }()
	got, err := from(file)
	if err != nil {
		return none, fmt.Errorf("read %s: %w", path, err)
	}
	return got, nil
}

func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.StringVar(&o.stack, "stack", "", "the stack's `name`, for the title")
	flags.StringVar(&o.out, "out", "", "write the page to this `file`")
	flags.StringVar(&o.usage, "usage", "", "the expected usage, a `file` (default cost/usage.STACK.yaml)")
	flags.StringVar(&o.prices, "prices", "cost/prices.yaml", "the `file` of list prices")
	flags.StringVar(&o.exceptions, "exceptions", "compliance.yaml", "the `file` with the exceptions from security controls")
	if err := help.Parse(flags, args, out, usage, exitCodes); err != nil {
		return nil, err
	}
	if flags.NArg() != 1 {
		return nil, fmt.Errorf("read the arguments: found %d files, want the plan", flags.NArg())
	}
	if o.stack == "" || o.out == "" {
		return nil, errors.New("read the flags: --stack and --out are required")
	}
	if o.usage == "" {
		o.usage = "cost/usage." + o.stack + ".yaml"
	}
	o.plan = flags.Arg(0)
	return o, nil
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "report:", err) }
