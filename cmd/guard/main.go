// Command guard reads a preview of the stack, writes it down for people, and fails when it would replace or delete what holds data or has a
// fixed name, or change a URN without an alias.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// The exit codes.
const (
	exitOK      = 0
	exitFlagged = 1
	exitUsage   = 2
)

const usage = `guard judges what "pulumi preview --json --show-sames --show-replacement-steps" prints.

Usage: guard [flags] [file]    (standard input without a file, or with -)

Flags:
`

const exitCodes = `
Exit codes:
  0  nothing is lost (or --allow was given), and the plan is the expected one
  1  something is replaced, deleted or moved that must not be unseen, or the plan is not the expected one
  2  the command was called wrongly, or the preview failed or cannot be read
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

type options struct {
	title, format, expect, fingerprintTo, file string
	allow                                      bool
}

func run(args []string, in io.Reader, out, problems io.Writer) int {
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		complain(problems, fmt.Errorf("%w (guard --help lists the flags)", err))
		return exitUsage
	}
	preview, err := plan.ReadFile(o.file, in)
	if err != nil {
		complain(problems, err)
		return exitUsage
	}
	findings := plan.Judge(preview)
	write := map[string]func(string, *plan.Preview, []plan.Finding) string{"text": plan.Text, "markdown": plan.Markdown}[o.format]
	if _, err := io.WriteString(out, write(o.title, preview, findings)); err != nil {
		complain(problems, fmt.Errorf("write the report: %w", err))
		return exitUsage
	}
	fingerprint, err := plan.Fingerprint(preview)
	if err != nil {
		complain(problems, err)
		return exitUsage
	}
	if o.fingerprintTo != "" {
		if err := os.WriteFile(o.fingerprintTo, []byte(fingerprint+"\n"), 0o600); err != nil {
			complain(problems, fmt.Errorf("write the fingerprint: %w", err))
			return exitUsage
		}
	}
	return verdict(o, findings, fingerprint, problems)
}

func verdict(o *options, findings []plan.Finding, fingerprint string, problems io.Writer) int {
	if o.expect != "" && o.expect != fingerprint {
		complain(problems, fmt.Errorf("the plan is not the one that was approved: its fingerprint is %s, want %s; look at it and approve it again",
			fingerprint, o.expect))
		return exitFlagged
	}
	if len(findings) > 0 && !o.allow {
		complain(problems, fmt.Errorf("%d of the changes would lose something, as the report says; --allow lets them pass", len(findings)))
		return exitFlagged
	}
	return exitOK
}

func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("guard", flag.ContinueOnError)
	flags.StringVar(&o.title, "title", "Preview", "the `title` of the report")
	flags.StringVar(&o.format, "format", "text", "text or markdown")
	flags.BoolVar(&o.allow, "allow", false, "report what would be lost, and exit with 0 all the same")
	flags.StringVar(&o.expect, "expect", "", "the `fingerprint` of the plan that was approved; another plan fails, even with --allow")
	flags.StringVar(&o.fingerprintTo, "fingerprint-to", "", "write the plan's fingerprint to this `file`")
	if err := help.Parse(flags, args, out, usage, exitCodes); err != nil {
		return nil, err
	}
	if flags.NArg() > 1 {
		return nil, fmt.Errorf("read the arguments: found %d files, want one or none", flags.NArg())
	}
	if o.format != "text" && o.format != "markdown" {
		return nil, fmt.Errorf("read the flag --format: found %q, want text or markdown", o.format)
	}
	o.file = flags.Arg(0)
	return o, nil
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "guard:", err) }
