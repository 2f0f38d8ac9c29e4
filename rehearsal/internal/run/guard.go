package run

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// judge has the guard judge what the next `up` would do, as a pull request's workflow does. A rehearsal loses nothing, so a finding is an error.
// Without a guard there is no judgement.
func (r *Rehearsal) judge(ctx context.Context, name, heading string) error {
	if r.Infra == "" {
		return nil
	}
	r.Console.Heading("%s", heading)
	start := time.Now()
	err := r.askGuard(ctx, name)
	r.summary.Steps = append(r.summary.Steps, Step{Name: name, OK: err == nil, Seconds: time.Since(start).Seconds(), Log: r.planPath(name)})
	return err
}

func (r *Rehearsal) planPath(name string) string {
	return filepath.Join(r.Work.Logs(), name+".plan.json")
}

func (r *Rehearsal) askGuard(ctx context.Context, name string) error {
	plan, err := r.Preview(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.planPath(name), plan, 0o600); err != nil {
		return fmt.Errorf("write the plan of %s: %w", r.Stack, err)
	}
	guard := exec.CommandContext(ctx, r.Infra, "guard", "--title", r.Stack, r.planPath(name)) //nolint:gosec // the command is what the user names
	guard.Stdout, guard.Stderr = r.Console.Writer(), r.Console.Writer()
	if err := guard.Run(); err != nil {
		return fmt.Errorf("%s of %s: %w: what the guard says is above, and the plan is %s", name, r.Stack, err, r.planPath(name))
	}
	return nil
}
