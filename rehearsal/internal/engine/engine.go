// Package engine runs the Pulumi CLI and reads what its engine did.
package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
)

// stopDelay is how long an interrupted CLI may take to finish the operations that are under way.
// The model answers at once, so this is generous.
const stopDelay = 30 * time.Second

// Engine is a CLI with all that it needs to run.
type Engine struct {
	CLI   string   // the path of the binary
	Dir   string   // the folder of Pulumi.yaml
	Env   []string // the whole environment
	Stack string
	// Caller returns what the environment says of who runs a command of the CLI, such as "up". It
	// comes on top of Env; nil for nothing.
	Caller func(command string) ([]string, error)
	Logs   string // the folder for logs and events
	Out    io.Writer
	Colour bool
}

// Change is one resource that an operation changes, or would change.
type Change struct {
	Op    string   `json:"op"` // as the engine calls it: create, update, replace, delete, ...
	Type  string   `json:"type"`
	URN   string   `json:"urn"`
	Diffs []string `json:"diffs,omitempty"` // the top-level properties that differ
}

// Result is what an operation did, as far as it came.
type Result struct {
	Took    time.Duration
	Log     string         // the file with what pulumi printed
	Counts  map[string]int // resources by operation, "same" included; empty if the engine did not come to its summary
	Changes []Change       // every step that is not "same"
	// Timeline are the beginnings and ends of those steps, in the order in which they happened.
	Timeline []Event
	// Problems are the errors that the engine reported, in its order.
	Problems []Problem
}

// Problem is an error of the engine, a provider or the program.
type Problem struct {
	URN     string // of the resource, or of the stack; empty for an error of the engine itself
	Message string
}

// Event is the beginning or the end of a step.
type Event struct {
	Op   string
	URN  string
	Done bool // false: it begins
}

// Changed is the number of resources that are not the same after the operation.
func (r *Result) Changed() int {
	changed := 0
	for op, n := range r.Counts {
		if op != string(apitype.OpSame) {
			changed += n
		}
	}
	return changed
}

// Operation runs an operation of the engine, such as `up`, and passes its output on. name names the
// files of its log and events. The result is there even when the operation fails.
func (e *Engine) Operation(ctx context.Context, name string, args ...string) (*Result, error) {
	events := filepath.Join(e.Logs, name+".events.jsonl")
	result := &Result{Log: filepath.Join(e.Logs, name+".log")}
	args = append(args, "--stack", e.Stack, "--event-log", events, "--suppress-progress")
	start := time.Now()
	runErr := e.run(ctx, result.Log, e.global(args)...)
	result.Took = time.Since(start)
	return result, errors.Join(runErr, result.read(events))
}

// Command runs a command of the CLI that has nothing to say unless it fails.
func (e *Engine) Command(ctx context.Context, args ...string) error {
	_, err := e.Output(ctx, args...)
	return err
}

// Output runs a command of the CLI and returns what it prints, also when it fails.
func (e *Engine) Output(ctx context.Context, args ...string) ([]byte, error) {
	var out, errOut bytes.Buffer
	cmd, err := e.command(ctx, append(args, "--stack", e.Stack, "--non-interactive", "--color", "never")...)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := ended(ctx, cmd.Run()); err != nil {
		return out.Bytes(), fmt.Errorf("run pulumi %s: %w\n%s", args[0], err, errOut.String())
	}
	return out.Bytes(), nil
}

func (e *Engine) global(args []string) []string {
	colour := "never"
	if e.Colour {
		colour = "always"
	}
	return append(args, "--non-interactive", "--color", colour)
}

func (e *Engine) run(ctx context.Context, logPath string, args ...string) (err error) {
	log, err := os.Create(logPath)
	if err != nil {
		return fmt.Errorf("make the log of pulumi %s: %w", args[0], err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	cmd, err := e.command(ctx, args...)
	if err != nil {
		return err
	}
	// One writer for both: os/exec then uses one pipe, which keeps the order of the lines.
	out := io.MultiWriter(e.Out, log)
	cmd.Stdout, cmd.Stderr = out, out
	if err := ended(ctx, cmd.Run()); err != nil {
		return fmt.Errorf("run pulumi %s: %w", args[0], err)
	}
	return nil
}

// command is the CLI in a process group of its own. On a terminal Ctrl-C would reach the CLI twice
// otherwise, from the terminal and from here, and the second interrupt makes it give up half-way.
func (e *Engine) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	env := e.Env
	if e.Caller != nil {
		caller, err := e.Caller(args[0])
		if err != nil {
			return nil, fmt.Errorf("run pulumi %s: %w", args[0], err)
		}
		env = append(slices.Clone(env), caller...)
	}
	cmd := exec.CommandContext(ctx, e.CLI, args...) //nolint:gosec // to run the CLI is what this package is for
	cmd.Dir = e.Dir
	cmd.Env = env
	cmdutil.RegisterProcessGroup(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopDelay
	return cmd, nil
}

func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// read adds what the engine wrote to its event log. There is none if the CLI fails before the
// engine starts.
func (r *Result) read(path string) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the events of the engine: %w", err)
	}
	events := json.NewDecoder(bytes.NewReader(raw))
	for {
		var event apitype.EngineEvent
		err := events.Decode(&event)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil // a CLI that is killed leaves half an event
		}
		if err != nil {
			return fmt.Errorf("read the events of the engine in %s: %w", path, err)
		}
		r.add(event)
	}
}

func (r *Result) add(event apitype.EngineEvent) {
	if summary := event.SummaryEvent; summary != nil {
		r.Counts = map[string]int{}
		for op, n := range summary.ResourceChanges {
			r.Counts[string(op)] = n
		}
	}
	if pre := event.ResourcePreEvent; pre != nil && pre.Metadata.Op != apitype.OpSame {
		m := pre.Metadata
		r.Changes = append(r.Changes, Change{
			Op:    string(m.Op),
			Type:  m.Type,
			URN:   m.URN,
			Diffs: m.Diffs,
		})
		r.Timeline = append(r.Timeline, Event{Op: string(m.Op), URN: m.URN})
	}
	if said := event.DiagnosticEvent; said != nil && said.Severity == "error" {
		r.Problems = append(r.Problems, Problem{URN: said.URN, Message: colors.Never.Colorize(said.Message)})
	}
	if done := event.ResOutputsEvent; done != nil && done.Metadata.Op != apitype.OpSame {
		r.Timeline = append(r.Timeline, Event{Op: string(done.Metadata.Op), URN: done.Metadata.URN, Done: true})
	}
}
