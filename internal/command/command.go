// Package command is what the subcommands of infra share: how one ends, and how it says what is
// wrong.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes of every subcommand. One that has more says so in its help.
const (
	OK     = 0
	Failed = 1
	Usage  = 2
)

// ending is an error that ends a command with a code.
type ending struct {
	code   int
	called bool // the command was called wrongly, so its help is worth a look
	err    error
}

func (e *ending) Error() string { return e.err.Error() }
func (e *ending) Unwrap() error { return e.err }

// Exit is an error that ends a command with a code other than Failed. Exit of nil is nil.
func Exit(code int, err error) error {
	if err == nil {
		return nil
	}
	return &ending{code: code, err: err}
}

// Wrong says that a command was called wrongly. It ends with Usage, and the message points to the
// help.
func Wrong(format string, args ...any) error {
	return &ending{code: Usage, called: true, err: fmt.Errorf(format, args...)}
}

// Group makes a command that only holds others: called without one of them, it was called wrongly.
func Group(group *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	var names []string
	for _, one := range commands {
		names = append(names, one.Name())
	}
	group.AddCommand(commands...)
	group.Args = cobra.ArbitraryArgs
	group.RunE = func(_ *cobra.Command, args []string) error {
		found := "no command"
		if len(args) > 0 {
			found = fmt.Sprintf("%q", args[0])
		}
		return Wrong("read the arguments: found %s, want one of %s", found, strings.Join(names, ", "))
	}
	return group
}

// FlagsOnly is for a command that takes no arguments beside its flags.
func FlagsOnly(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return Wrong("read the arguments: found %q, want flags only", args[0])
	}
	return nil
}

// NeedsStack refuses a call without the name of a stack.
func NeedsStack(stack string) error {
	if stack == "" {
		return Wrong("read the flag --stack: it is missing, want the name of a stack, such as prod")
	}
	return nil
}

// exitCodes is where a command keeps the section of its help on exit codes.
const exitCodes = "exit codes"

// WithExitCodes adds the section on exit codes to the help of a command and of those in it.
func WithExitCodes(c *cobra.Command, text string) *cobra.Command {
	c.Annotations = map[string]string{exitCodes: strings.Trim(text, "\n")}
	return c
}

// codesOf is the section of a command, or of the nearest one above that has one.
func codesOf(c *cobra.Command) string {
	for ; c != nil; c = c.Parent() {
		if text := c.Annotations[exitCodes]; text != "" {
			return "\n\n" + text
		}
	}
	return ""
}

// Run runs a command with its arguments and returns its exit code. What goes wrong is said on
// problems.
func Run(ctx context.Context, root *cobra.Command, args []string, in io.Reader, out, problems io.Writer) int {
	cobra.AddTemplateFunc("exitCodes", codesOf)
	root.SetUsageTemplate(strings.TrimRight(root.UsageTemplate(), "\n") + "{{exitCodes .}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(append([]string{}, args...)) // nil would be the arguments of the process
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(problems)
	started := false
	watch(root, &started)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return OK
	}
	var end *ending
	if !errors.As(err, &end) {
		// Before a command starts, cobra has found fault with its flags or arguments.
		end = &ending{code: Failed, called: !started, err: err}
		if !started {
			end.code = Usage
		}
	}
	hint := ""
	if end.called {
		hint = fmt.Sprintf(" (%s --help lists the flags)", called.CommandPath())
	}
	_, _ = fmt.Fprintf(problems, "%s: %v%s\n", called.CommandPath(), err, hint)
	return end.code
}

// watch notes when a command starts.
func watch(c *cobra.Command, started *bool) {
	for _, one := range c.Commands() {
		watch(one, started)
	}
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*started = true
			return run(c, args)
		}
	}
}
