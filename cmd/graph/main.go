// Command graph draws a stack from its plan: an SVG of its own layout, and the same picture as a DOT file for Graphviz.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/internal/picture"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `graph draws a stack from what "pulumi preview --json --show-sames --show-replacement-steps" prints.

Usage: graph --stack NAME --svg FILE [--dot FILE] PLAN

Flags:
`

const exitCodes = `
Exit codes: 0 the picture is drawn, 1 it cannot be, 2 the command was called wrongly.
`

type options struct{ stack, svg, dot, plan string }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, problems io.Writer) int {
	o, err := parse(args, out)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		complain(problems, fmt.Errorf("%w (graph --help lists the flags)", err))
		return exitUsage
	}
	if err := draw(o); err != nil {
		complain(problems, err)
		return exitFailed
	}
	return exitOK
}

func draw(o *options) error {
	preview, err := plan.ReadFile(o.plan, os.Stdin)
	if err != nil {
		return err
	}
	p, err := picture.Of(o.stack, preview.Resources())
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.svg, p.SVG(), 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	if o.dot == "" {
		return nil
	}
	if err := os.WriteFile(o.dot, p.DOT(), 0o644); err != nil {
		return fmt.Errorf("write the picture for Graphviz: %w", err)
	}
	return nil
}

func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("graph", flag.ContinueOnError)
	flags.StringVar(&o.stack, "stack", "", "the stack's `name`, for the title")
	flags.StringVar(&o.svg, "svg", "", "write the picture to this `file`")
	flags.StringVar(&o.dot, "dot", "", "write it for Graphviz to this `file`")
	if err := help.Parse(flags, args, out, usage, exitCodes); err != nil {
		return nil, err
	}
	if flags.NArg() != 1 {
		return nil, fmt.Errorf("read the arguments: found %d files, want the plan", flags.NArg())
	}
	if o.stack == "" || o.svg == "" {
		return nil, errors.New("read the flags: --stack and --svg are required")
	}
	o.plan = flags.Arg(0)
	return o, nil
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "graph:", err) }
