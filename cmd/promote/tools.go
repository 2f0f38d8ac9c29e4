package main

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

// stopDelay is how long an interrupted command, such as a deploy, may take to write down where it is.
const stopDelay = time.Minute

// tools runs the commands that do the work.
type tools struct{ out io.Writer }

// say tells what comes next.
func (t tools) say(format string, args ...any) { _, _ = fmt.Fprintf(t.out, "== "+format+"\n", args...) }

// run runs a command and passes on what it prints.
func (t tools) run(ctx context.Context, name string, args ...string) error {
	return t.finish(t.command(ctx, t.out, name, args...))
}

// output runs a command and returns what it prints on standard output.
func (t tools) output(ctx context.Context, name string, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := t.finish(t.command(ctx, &out, name, args...))
	return out.Bytes(), err
}

// read runs a command that prints JSON.
func (t tools) read(ctx context.Context, into any, name string, args ...string) error {
	raw, err := t.output(ctx, name, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read what %s %s printed: %w", name, strings.Join(args[:2], " "), err)
	}
	return nil
}

func (t tools) command(ctx context.Context, out io.Writer, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // the commands are fixed; only their arguments vary, and no shell reads them
	command.Stdout, command.Stderr = out, t.out
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopDelay
	return command
}

func (t tools) finish(command *exec.Cmd) error {
	if err := command.Run(); err != nil {
		return fmt.Errorf("run %s: %w", strings.Join(command.Args, " "), err)
	}
	return nil
}
