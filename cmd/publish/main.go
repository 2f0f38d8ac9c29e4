// Command publish hands what GitHub's workflows need on to GitHub, as variables of its environments.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/cmd/internal/tools"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `publish sets the variables of GitHub's environments from a stack's outputs and configuration: which role a job assumes, where the state
is, where images go, and what a web build needs to know. Nothing in them is secret. Run it after the first deploy, and when one of these
outputs changes.

Environments that are missing are made, for the main branch only, but for that of pull requests. Those that are there keep their rules.
Who must approve jobs is set on GitHub. It calls pulumi and gh, which must be on PATH and logged in.

Usage: publish --stack NAME [--dry-run]

Flags:
`

const exitCodes = `
Exit codes: 0 all is set, 1 something could not be read or set, 2 the command was called wrongly.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func run(ctx context.Context, args []string, out, problems io.Writer) int {
	p := &publication{Tools: tools.Tools{Out: out}}
	flags := flag.NewFlagSet("publish", flag.ContinueOnError)
	flags.StringVar(&p.stack, "stack", "", "the `name` of the stack")
	flags.BoolVar(&p.dryRun, "dry-run", false, "look at what is there, and print the commands that would change something")
	err := help.Parse(flags, args, out, usage, exitCodes)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	switch {
	case err == nil && flags.NArg() > 0:
		err = fmt.Errorf("read the arguments: found %q, want flags only", flags.Arg(0))
	case err == nil && !stackName.MatchString(p.stack):
		err = fmt.Errorf("read the flag --stack: found %q, want the name of a stack", p.stack)
	}
	if err != nil {
		complain(problems, fmt.Errorf("%w (publish --help lists the flags)", err))
		return exitUsage
	}
	if err := p.publish(ctx); err != nil {
		complain(problems, err)
		return exitFailed
	}
	return exitOK
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "publish:", err) }

// ids are what GitHub puts into the names in its tokens; its own commands want the names alone.
var ids = regexp.MustCompile(`@[0-9]+`)

func plainName(repository string) string { return ids.ReplaceAllString(repository, "") }

// lines is the text that a person reads at the end.
func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }
