package run

import (
	"context"
	"errors"
	"os"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/workspace"
)

// deployed is the name under which a stack that has come up is saved.
const deployed = "deployed"

// Deployed is a rehearsal of a stack that is up, and saved as it is: see Back. With Options.Kept it
// is the stack that an earlier run kept. As with Start, one that comes with an error must be closed
// too.
func Deployed(ctx context.Context, o Options, c *console.Console) (*Rehearsal, error) {
	return DeployedWith(ctx, o, c, func(*Rehearsal) error { return nil })
}

// DeployedWith is Deployed with a change of the stack's configuration before it comes up. A stack
// that was kept is as it was kept.
func DeployedWith(
	ctx context.Context, o Options, c *console.Console, change func(*Rehearsal) error,
) (*Rehearsal, error) {
	if o.Kept {
		return resume(ctx, o, c)
	}
	r, err := Start(ctx, o, c)
	if err != nil {
		return r, err
	}
	if err := change(r); err != nil {
		return r, err
	}
	if err := r.ComeUp(ctx); err != nil {
		return r, err
	}
	return r, errors.Join(r.Work.Keep(), r.Work.Save(deployed))
}

func resume(ctx context.Context, o Options, c *console.Console) (*Rehearsal, error) {
	c.Heading("Going on with the kept stack %s", o.Stack)
	cli, _, err := build(ctx, o, c)
	if err != nil {
		return nil, err
	}
	work, err := workspace.Resume(o.State, o.Stack)
	if err != nil {
		return nil, err
	}
	r := &Rehearsal{
		Options: o,
		Console: c,
		Work:    work,
		summary: &Summary{Stack: o.Stack, AWS: o.AWS, Workspace: work.Dir},
	}
	r.useEngine(cli)
	if r.Work.Saved(deployed) {
		return r, r.Back()
	}
	return r, r.Work.Save(deployed)
}

// Back brings the stack and its clouds back to where Deployed left them.
func (r *Rehearsal) Back() error { return r.Work.Restore(deployed) }

// Finish is Back, so that the stack can be gone on with, and gives the workspace free. With an
// error before it everything stays as it is, to be looked at.
func (r *Rehearsal) Finish(ctx context.Context, err error) error {
	if err == nil {
		err = r.Back()
	}
	return errors.Join(err, r.Close(ctx))
}

// StackYAML is the stack's configuration as the next operation will read it.
func (r *Rehearsal) StackYAML() ([]byte, error) { return os.ReadFile(r.Work.StackFile()) }

// WriteStackYAML replaces the stack's configuration.
func (r *Rehearsal) WriteStackYAML(raw []byte) error {
	return os.WriteFile(r.Work.StackFile(), raw, 0o600)
}

// Region is where the stack lives.
func (r *Rehearsal) Region() (string, error) {
	s, err := r.settings()
	return s.region, err
}
