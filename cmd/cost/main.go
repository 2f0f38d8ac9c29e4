// Command cost estimates what a stack costs in a month, from the JSON of its preview, a file of expected usage and a table of prices.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `cost estimates what a stack costs in a month, from what "pulumi preview --json --show-sames --show-replacement-steps" prints.

Usage:
  cost estimate --stack STACK [flags] [PLAN]      the cost, by system
  cost diff     --stack STACK [flags] PLAN [NEW]  how it changes: in the course of one plan, or from one plan to another
  cost compare  --stack STACK [flags] [PLAN]      beside the original design's estimate, with what its reductions save

A plan is a file, or - for standard input. Without one it is standard input.

Flags:
`

const exitCodes = `
Exit codes:
  0  the cost is known, and AWS's part is within the budget of the plan (diff and compare report the budget only)
  1  something cannot be priced, a usage is missing or used by nothing, or the estimate is over the budget
  2  the command was called wrongly, or a file cannot be read
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// errCalled is a mistake of the caller: a flag, or a file that cannot be read.
var errCalled = errors.New("called wrongly")

func run(args []string, in io.Reader, out, problems io.Writer) int {
	err := try(args, in, out)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errCalled):
		_, _ = fmt.Fprintf(problems, "cost: %s (cost --help lists the flags)\n", strings.TrimPrefix(err.Error(), errCalled.Error()+": "))
		return exitUsage
	case errors.Is(err, plan.ErrNoVerdict):
		_, _ = fmt.Fprintln(problems, "cost:", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintln(problems, "cost:", strings.ReplaceAll(err.Error(), "\n", "\ncost: "))
		return exitFailed
	}
}

type options struct {
	command, stack, usage, prices, format string
	detail                                bool
	files                                 []string
}

func try(args []string, in io.Reader, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	expected, err := read(o.usage, cost.ReadUsage)
	if err != nil {
		return err
	}
	prices, err := read(o.prices, cost.ReadPrices)
	if err != nil {
		return err
	}
	var plans []*plan.Preview
	for _, file := range o.files {
		p, err := preview(file, in)
		if err != nil {
			return err
		}
		plans = append(plans, p)
	}
	switch o.command {
	case "estimate":
		return o.estimate(plans[0], expected, prices, out)
	case "compare":
		return o.compare(plans[0], expected, prices, out)
	default:
		return o.diff(plans, expected, prices, out)
	}
}

func (o *options) estimate(p *plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
	result, err := cost.Estimate(p.Resources(), expected, prices)
	if err != nil {
		return err
	}
	if err := o.write(out, result, func() string { return cost.Text(o.stack, result, o.detail) }); err != nil {
		return err
	}
	if result.OverBudget() {
		return fmt.Errorf("%s is over its budget: AWS's part is %.2f USD a month, and bookmark-manager:budget.monthlyUsd is %.2f", o.stack,
			result.AWSMonthlyUSD, result.BudgetUSD)
	}
	return nil
}

func (o *options) diff(plans []*plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
	before, after := plans[0].Before(), plans[0].Resources()
	if len(plans) == 2 {
		before, after = plans[0].Resources(), plans[1].Resources()
	}
	delta, err := cost.Compare(before, after, expected, prices)
	if err != nil {
		return err
	}
	return o.write(out, delta, func() string {
		if o.format == "markdown" {
			return delta.Markdown()
		}
		return delta.Text(o.stack)
	})
}

func (o *options) compare(p *plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
	result, err := cost.Estimate(p.Resources(), expected, prices)
	if err != nil {
		return err
	}
	reductions, err := cost.Reductions(p.Resources(), expected, prices)
	if err != nil {
		return err
	}
	both := struct {
		Original   []cost.Comparison `json:"original"`
		Reductions []cost.Reduction  `json:"reductions"`
	}{cost.CompareToOriginal(result), reductions}
	return o.write(out, both, func() string { return cost.ComparisonMarkdown(result, reductions) })
}

// write prints a value as JSON, or as the text that is made for people.
func (o *options) write(out io.Writer, value any, text func() string) error {
	if o.format != "json" {
		_, err := io.WriteString(out, text())
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("cost", flag.ContinueOnError)
	flags.StringVar(&o.stack, "stack", "", "the `stack`, such as prod; it names the usage file")
	flags.StringVar(&o.usage, "usage", "", "the usage `file` (the default is cost/usage.STACK.yaml)")
	flags.StringVar(&o.prices, "prices", "cost/prices.yaml", "the `file` of prices")
	flags.StringVar(&o.format, "format", "text", "text, json, or markdown")
	flags.BoolVar(&o.detail, "detail", false, "list every line of every resource, and what is free (estimate)")
	if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
		help.Print(flags, out, usage, exitCodes)
		return nil, flag.ErrHelp
	}
	commands := []string{"estimate", "diff", "compare"}
	if len(args) == 0 || !slices.Contains(commands, args[0]) {
		return nil, fmt.Errorf("%w: read the arguments: found %q, want %s first", errCalled, args, strings.Join(commands, ", "))
	}
	o.command = args[0]
	if err := help.Parse(flags, args[1:], out, usage, exitCodes); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", errCalled, err)
	}
	formats := []string{"text", "json", "markdown"}
	if o.command == "estimate" {
		formats = formats[:2]
	}
	if !slices.Contains(formats, o.format) {
		return nil, fmt.Errorf("%w: read the flag --format of %s: found %q, want %s", errCalled, o.command, o.format, strings.Join(formats, ", "))
	}
	if o.stack == "" {
		return nil, fmt.Errorf("%w: the flag --stack is missing", errCalled)
	}
	if o.usage == "" {
		o.usage = "cost/usage." + o.stack + ".yaml"
	}
	most := 1
	if o.command == "diff" {
		most = 2
	}
	if o.files = flags.Args(); len(o.files) > most {
		return nil, fmt.Errorf("%w: read the arguments of %s: found %d plans, want %d at most", errCalled, o.command, len(o.files), most)
	}
	if len(o.files) == 0 {
		o.files = []string{"-"}
	}
	return o, nil
}

// read opens a file for a reader of this project's own. What it refuses is the file's fault, and not the caller's.
func read[T any](name string, reader func(io.Reader) (T, error)) (T, error) {
	var none T
	file, err := os.Open(name)
	if err != nil {
		return none, fmt.Errorf("%w: %w", errCalled, err)
	}
	defer func() { _ = file.Close() }()
	value, err := reader(file)
	if err != nil {
		return none, fmt.Errorf("%s: %w", name, err)
	}
	return value, nil
}

func preview(name string, in io.Reader) (*plan.Preview, error) {
	if name == "-" {
		return plan.Read(in)
	}
	return read(name, plan.Read)
}
