package run

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// judge has the guard judge what the next `up` would do, as a pull request's workflow does. A
// rehearsal loses nothing, so a finding is an error.
func (r *Rehearsal) judge(ctx context.Context, name, heading string) error {
	r.Console.Heading("%s", heading)
	start := time.Now()
	err := r.askGuard(ctx, name)
	r.summary.Steps = append(r.summary.Steps, Step{
		Name:    name,
		OK:      err == nil,
		Seconds: time.Since(start).Seconds(),
		Log:     r.planPath(name),
	})
	return err
}

func (r *Rehearsal) planPath(name string) string {
	return filepath.Join(r.Work.Logs(), name+".plan.json")
}

func (r *Rehearsal) askGuard(ctx context.Context, name string) error {
	raw, err := r.Preview(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.planPath(name), raw, 0o600); err != nil {
		return fmt.Errorf("write the plan of %s: %w", r.Stack, err)
	}
	preview, err := plan.Read(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%s of %s: %w: the plan is %s", name, r.Stack, err, r.planPath(name))
	}
	findings := plan.Judge(preview)
	r.Console.Line("%s", plan.Text(r.Stack, preview, findings))
	if len(findings) > 0 {
		return fmt.Errorf("%s of %s: %d of the changes would lose something, as the guard says above: the plan is %s",
			name, r.Stack, len(findings), r.planPath(name))
	}
	return nil
}
