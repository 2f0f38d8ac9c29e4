// Command compliance judges a stack by the controls of AWS Foundational Security Best Practices and the CIS AWS Foundations Benchmark. It reads the
// plan of the deployed stack, so it needs no account, and fails for each resource that fails without a written exception.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/internal/compliance"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `compliance judges a stack by AWS Foundational Security Best Practices (FSBP) and the CIS AWS Foundations Benchmark.

Usage: compliance [flags] [plan]    (standard input without a file, or with -)

The plan is what "rehearse plan --deployed" writes (make compliance runs both), or what
"pulumi preview --json --show-sames --show-replacement-steps" prints for a stack that is deployed.

Flags:
`

const exitCodes = `
Exit codes:
  0  every resource passes, or has an exception
  1  a resource fails or cannot be judged, or an exception matches nothing
  2  the command was called wrongly, or the plan or the exceptions cannot be read
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

type options struct{ stack, exceptions, format, file string }

// formats are how a report can be written.
var formats = map[string]func(compliance.Report, string) string{
	"text":     compliance.Report.Text,
	"markdown": compliance.Report.Markdown,
	"json":     compliance.Report.JSON,
}

func run(args []string, in io.Reader, out, problems io.Writer) int {
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		complain(problems, fmt.Errorf("%w (compliance --help lists the flags)", err))
		return exitUsage
	}
	resources, exceptions, err := o.read(in)
	if err != nil {
		complain(problems, err)
		return exitUsage
	}
	report, stale := compliance.Evaluate(resources, exceptions)
	if _, err := io.WriteString(out, formats[o.format](report, o.stack)); err != nil {
		complain(problems, fmt.Errorf("write the report: %w", err))
		return exitUsage
	}
	return verdict(report, stale, problems)
}

func verdict(report compliance.Report, stale error, problems io.Writer) int {
	code := exitOK
	if n := report.Count(compliance.Unknown); n > 0 {
		complain(problems, fmt.Errorf("%d results hang on values that are not known before a deploy: judge the plan of rehearse plan --deployed", n))
		code = exitFailed
	}
	if n := report.Failures(); n > 0 {
		complain(problems, fmt.Errorf("%d results are no pass and have no exception: change the program, or write down why it is right", n))
		code = exitFailed
	}
	if stale != nil {
		complain(problems, stale)
		code = exitFailed
	}
	return code
}

func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("compliance", flag.ContinueOnError)
	flags.StringVar(&o.stack, "stack", "prod", "the `name` of the stack: the title of the report, and whose exceptions are used")
	flags.StringVar(&o.exceptions, "exceptions", "compliance.yaml", "the `file` with the exceptions")
	flags.StringVar(&o.format, "format", "text", "text, markdown or json")
	if err := help.Parse(flags, args, out, usage, exitCodes); err != nil {
		return nil, err
	}
	if flags.NArg() > 1 {
		return nil, fmt.Errorf("read the arguments: found %d files, want one or none", flags.NArg())
	}
	if _, ok := formats[o.format]; !ok {
		return nil, fmt.Errorf("read the flag --format: found %q, want text, markdown or json", o.format)
	}
	o.file = flags.Arg(0)
	return o, nil
}

func (o *options) read(in io.Reader) ([]plan.State, []compliance.Exception, error) {
	file, err := os.Open(o.exceptions)
	if err != nil {
		return nil, nil, fmt.Errorf("read the exceptions: %w", err)
	}
	exceptions, err := compliance.ReadExceptions(file, o.stack)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.exceptions, err)
	}
	preview, err := plan.ReadFile(o.file, in)
	if err != nil {
		return nil, nil, err
	}
	return preview.Resources(), exceptions, nil
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "compliance:", err) }
