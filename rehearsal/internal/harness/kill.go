package harness

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// Follow makes a plan of faults the one that the next operations meet. A CLI that it kills writes
// the state after each operation, as always in real life.
func (f *Fixture) Follow(plan *faults.Plan) error {
	dir := filepath.Join(f.Work.Dir, "faults")
	if err := plan.Write(dir); err != nil {
		return err
	}
	env := map[string]string{faults.DirEnv: dir}
	if plan.KillAt > 0 {
		env[workspace.WholeStateEnv] = "false"
	}
	f.Engine.Env = f.Work.Env(env)
	return nil
}

// Operate runs up or destroy without a heading: an operation that may fail, again and again.
func (f *Fixture) Operate(ctx context.Context, name, operation string, args ...string) (*engine.Result, error) {
	result, err := f.Engine.Operation(ctx, name, append([]string{operation, "--yes", "--skip-preview"}, args...)...)
	if err != nil {
		return result, fmt.Errorf("%s of %s: %w: the log is %s", name, f.Stack, err, result.Log)
	}
	return result, nil
}

// Killed says whether an operation ended because the CLI was killed.
func Killed(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// UpKilled runs `pulumi up`, kills the CLI and all that it started when so many operations of its
// providers are done, and takes the steps of docs/operations.md. What is then left is another
// `pulumi up`. The result is what the engine did until it was killed. It is an error when it came
// to its end.
func (f *Fixture) UpKilled(ctx context.Context, name string, operations int) (*engine.Result, error) {
	env := f.Engine.Env
	defer func() { f.Engine.Env = env }()
	if err := f.Follow(&faults.Plan{KillAt: operations}); err != nil {
		return nil, err
	}
	result, err := f.Operate(ctx, name, "up")
	switch {
	case err == nil:
		return result, fmt.Errorf("%s of %s came to its end, and was to be killed after %d operations", name, f.Stack,
			operations)
	case ctx.Err() != nil || !Killed(err):
		return result, err
	}
	if err := f.Follow(&faults.Plan{}); err != nil {
		return result, err
	}
	_, err = (&Recovery{Fixture: f}).Repair(ctx, true)
	return result, err
}
