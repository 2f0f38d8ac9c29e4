package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

const costExitCodes = `
Exit codes:
  0  the cost is known, and AWS's part is within the budget of the plan (diff and compare report the budget only)
  1  something cannot be priced, a usage is missing or used by nothing, or the estimate is over the budget
  2  the command was called wrongly, or a file cannot be read
`

func costCommand() *cobra.Command {
	o := &costOptions{}
	group := &cobra.Command{
		Use:   "cost",
		Short: "Estimate what a stack costs in a month",
		Long: `cost estimates what a stack costs in a month, from what "pulumi preview --json
--show-sames --show-replacement-steps" prints. A plan is a file, or - for standard input.
Without one it is standard input.`,
	}
	flags := group.PersistentFlags()
	flags.StringVar(&o.stack, "stack", "", "the `stack`, such as prod; it names the usage file")
	flags.StringVar(&o.usage, "usage", "", "the usage `file` (the default is cost/usage.STACK.yaml)")
	flags.StringVar(&o.prices, "prices", "cost/prices.yaml", "the `file` of prices")
	flags.StringVar(&o.format, "format", "text", "text, json, or markdown (diff and compare)")

	estimate := o.command("estimate [PLAN]", "The cost, by system", 1, []string{"text", "json"},
		(*costOptions).estimate)
	estimate.Flags().BoolVar(&o.detail, "detail", false, "list every line of every resource, and what is free")
	formats := []string{"text", "json", "markdown"}
	return command.WithExitCodes(command.Group(group, estimate,
		o.command("diff PLAN [NEW]", "How it changes: in the course of one plan, or from one plan to another",
			2, formats, (*costOptions).diff),
		o.command("compare [PLAN]", "Beside the original design's estimate, with what its reductions save",
			1, formats, (*costOptions).compare),
		o.command("units [PLAN]",
			"What a thousand requests and an active user cost, at 1, 10 and 100 times the usage file's traffic",
			1, formats, (*costOptions).units),
		o.optionsCommand(),
	), costExitCodes)
}

type costOptions struct {
	stack, usage, prices, format string
	detail                       bool
}

// command is one that prices one plan or several.
func (o *costOptions) command(use, short string, most int, formats []string,
	price func(*costOptions, []*plan.Preview, *cost.Usage, *cost.Prices, io.Writer) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: plans(0, most)}
	c.RunE = func(c *cobra.Command, files []string) error {
		if !slices.Contains(formats, o.format) {
			return command.Wrong("read the flag --format: found %q, want %s", o.format, strings.Join(formats, ", "))
		}
		if err := command.NeedsStack(o.stack); err != nil {
			return err
		}
		if o.usage == "" {
			o.usage = usageFile(o.stack)
		}
		expected, err := readFile(o.usage, cost.ReadUsage)
		if err != nil {
			return err
		}
		prices, err := readFile(o.prices, cost.ReadPrices)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			files = []string{"-"}
		}
		var plans []*plan.Preview
		for _, file := range files {
			p, err := plan.ReadFile(file, c.InOrStdin())
			if err != nil {
				return command.Exit(command.Usage, err)
			}
			plans = append(plans, p)
		}
		return price(o, plans, expected, prices, c.OutOrStdout())
	}
	return c
}

func (o *costOptions) estimate(plans []*plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
	result, err := cost.Estimate(plans[0].Resources(), expected, prices)
	if err != nil {
		return err
	}
	if err := o.write(out, result, func() string { return cost.Text(o.stack, result, o.detail) }); err != nil {
		return err
	}
	if result.OverBudget() {
		return fmt.Errorf("%s is over its budget: AWS's part is %.2f USD a month, and "+
			"bookmark-manager:budget.monthlyUsd is %.2f", o.stack,
			result.AWSMonthlyUSD, result.BudgetUSD)
	}
	return nil
}

func (o *costOptions) diff(plans []*plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
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

func (o *costOptions) compare(plans []*plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
	result, err := cost.Estimate(plans[0].Resources(), expected, prices)
	if err != nil {
		return err
	}
	reductions, err := cost.Reductions(plans[0].Resources(), expected, prices)
	if err != nil {
		return err
	}
	rows, err := cost.CompareToOriginal(result, prices)
	if err != nil {
		return err
	}
	both := struct {
		Original   []cost.Comparison `json:"original"`
		Reductions []cost.Reduction  `json:"reductions"`
	}{rows, reductions}
	return o.write(out, both, func() string { return cost.ComparisonMarkdown(result, rows, reductions) })
}

func (o *costOptions) units(plans []*plan.Preview, expected *cost.Usage, prices *cost.Prices, out io.Writer) error {
	growths, err := cost.Growths(plans[0].Resources(), expected, prices)
	if err != nil {
		return err
	}
	return o.write(out, growths, func() string { return cost.GrowthMarkdown(growths) })
}

// optionsCommand prints what the previews of a stack's choices left, at the table's prices.
func (o *costOptions) optionsCommand() *cobra.Command {
	c := &cobra.Command{Use: "options [OPTIONS]", Short: "What each choice costs and what it is"}
	c.Args = func(_ *cobra.Command, files []string) error {
		if len(files) > 1 {
			return command.Wrong("read the arguments: found %d files of options, want 1 at most", len(files))
		}
		return nil
	}
	c.Long = `options prints a table of the stack's choices: what a month costs more or less with each changed
alone. The file of OPTIONS is what "make cost-options" writes after previewing them; without one it
is .rehearsal/STACK.options.json. Amounts follow the file of prices.`
	c.RunE = func(c *cobra.Command, files []string) error {
		if err := command.NeedsStack(o.stack); err != nil {
			return err
		}
		if o.format != "text" && o.format != "json" && o.format != "markdown" {
			return command.Wrong("read the flag --format: found %q, want text, json, markdown", o.format)
		}
		file := ".rehearsal/" + o.stack + ".options.json"
		if len(files) == 1 {
			file = files[0]
		}
		options, err := readFile(file, cost.ReadOptions)
		if err != nil {
			return err
		}
		prices, err := readFile(o.prices, cost.ReadPrices)
		if err != nil {
			return err
		}
		priced, err := options.Price(prices)
		if err != nil {
			return err
		}
		return o.write(c.OutOrStdout(), priced, func() string { return cost.OptionsMarkdown(options, priced) })
	}
	return c
}

// write prints a value as JSON, or as the text that is made for people.
func (o *costOptions) write(out io.Writer, value any, text func() string) error {
	if o.format != "json" {
		_, err := io.WriteString(out, text())
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
