// Package tools runs the commands that the project's own commands call, such as aws, git and
// pulumi.
package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// stopDelay is how long an interrupted command may take to come to its end. A deploy finishes what
// is under way and writes down where it is, and some of what AWS makes takes minutes.
const stopDelay = 15 * time.Minute

// Tools runs commands.
type Tools struct {
	// Out takes what commands that are not read print, and what is said. Required for Run.
	Out io.Writer
	// Env is added to the environment of every command, as NAME=value. Optional.
	Env []string
}

// Failure is a command that did not end with 0.
type Failure struct {
	Args   []string
	Stderr string // empty when it was passed on
	Err    error
}

func (f *Failure) Error() string {
	text := fmt.Sprintf("run %s: %v", strings.Join(f.Args, " "), f.Err)
	if f.Stderr != "" {
		text += ": " + f.Stderr
	}
	return text
}

func (f *Failure) Unwrap() error { return f.Err }

// Say prints what comes next.
func (t Tools) Say(format string, args ...any) {
	if t.Out != nil {
		_, _ = fmt.Fprintf(t.Out, "== "+format+"\n", args...)
	}
}

// Run runs a command and passes on what it prints.
func (t Tools) Run(ctx context.Context, name string, args ...string) error {
	command := t.command(ctx, name, args...)
	command.Stdout, command.Stderr = t.Out, t.Out
	if err := command.Run(); err != nil {
		return &Failure{Args: command.Args, Err: err}
	}
	return nil
}

// Feed runs a command with a text as its standard input, such as a secret that must not be among
// the arguments, which everybody on the machine can read. What it prints is passed on.
func (t Tools) Feed(ctx context.Context, in, name string, args ...string) error {
	command := t.command(ctx, name, args...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(in), t.Out, t.Out
	if err := command.Run(); err != nil {
		return &Failure{Args: command.Args, Err: err}
	}
	return nil
}

// Output runs a command and returns what it prints on standard output, also when it fails. What it
// prints on standard error is in the Failure.
func (t Tools) Output(ctx context.Context, name string, args ...string) ([]byte, error) {
	var out, errOut bytes.Buffer
	command := t.command(ctx, name, args...)
	command.Stdout, command.Stderr = &out, &errOut
	if err := command.Run(); err != nil {
		return out.Bytes(), &Failure{Args: command.Args, Stderr: strings.TrimSpace(errOut.String()), Err: err}
	}
	return out.Bytes(), nil
}

// Read runs a command that prints JSON.
func (t Tools) Read(ctx context.Context, into any, name string, args ...string) error {
	raw, err := t.Output(ctx, name, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read what %s %s printed: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func (t Tools) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	//nolint:gosec // callers name the command, and no shell reads the arguments
	command := exec.CommandContext(ctx, name, args...)
	if len(t.Env) > 0 {
		command.Env = append(os.Environ(), t.Env...)
	}
	// A deploy that is killed leaves its lock behind; one that is interrupted does not. On a
	// terminal Ctrl-C reaches every process of the group, and the signal from here would be a
	// second one, upon which pulumi gives up what is under way.
	alone(command)
	command.Cancel = func() error {
		t.Say("Interrupted: %s finishes what is under way, for %s at the most", name, stopDelay)
		return command.Process.Signal(os.Interrupt)
	}
	command.WaitDelay = stopDelay
	return command
}
