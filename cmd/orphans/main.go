// Command orphans lists what is in the AWS account with a stack's tags and is not in its state: what a deploy left that failed or was killed
// after AWS had made something and before Pulumi knew of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/bookmark-manager/infrastructure/cmd/internal/help"
	"github.com/bookmark-manager/infrastructure/cmd/internal/tools"
)

// The exit codes.
const (
	exitOK    = 0
	exitFound = 1
	exitUsage = 2
)

const usage = `orphans lists what is in the AWS account with a stack's tags and is not in its state, with what to do about each, and the
creations that the state holds as pending. It changes nothing.

Usage: orphans --stack NAME

It asks the Resource Groups Tagging API in the regions of the stack's AWS providers, and in us-east-1 for what is global. What has no tags
is not found, nor what is at MongoDB Atlas, Datadog and Sentry: there, and for names that are fixed, the next pulumi up says that it exists.
It calls pulumi and aws, which must be on PATH and logged in.

Flags:
`

const exitCodes = `
Exit codes:
  0  there is nothing, and no creation is pending
  1  something is there, or a creation is pending
  2  the command was called wrongly, or the state or the account cannot be read
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, problems io.Writer) int {
	stack, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		complain(problems, fmt.Errorf("%w (orphans --help lists the flags)", err))
		return exitUsage
	}
	found, err := search(ctx, tools.Tools{Out: out}, stack)
	if err != nil {
		complain(problems, err)
		return exitUsage
	}
	if err := found.write(out); err != nil {
		complain(problems, fmt.Errorf("write what was found: %w", err))
		return exitUsage
	}
	if len(found.orphans)+len(found.pending) > 0 {
		return exitFound
	}
	return exitOK
}

func complain(to io.Writer, err error) { _, _ = fmt.Fprintln(to, "orphans:", err) }

func parse(args []string, out io.Writer) (stack string, err error) {
	flags := flag.NewFlagSet("orphans", flag.ContinueOnError)
	flags.StringVar(&stack, "stack", "", "the `name` of the stack")
	if err := help.Parse(flags, args, out, usage, exitCodes); err != nil {
		return "", err
	}
	if flags.NArg() > 0 {
		return "", fmt.Errorf("read the arguments: found %q, want flags alone", flags.Arg(0))
	}
	if stack == "" {
		return "", errors.New("read the flag --stack: it is missing, want the name of a stack, such as prod")
	}
	return stack, nil
}
