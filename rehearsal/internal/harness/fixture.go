// Package harness is what the drills share. A drill has a stack deployed offline, does something to
// it, and judges what becomes of the stack and of its clouds. Here is what more than one of them
// needs for that: a stack to begin with, edits of its file, looks at its clouds and changes of them
// by hand, kills and what follows them, and an operation of the engine gone through again, event by
// event, with the requests and the tasks that go on meanwhile. What a drill does and what it holds
// the stack to is in its own package, and what it prints in its file of cmd/rehearse.
package harness

import (
	"context"
	"errors"
	"os"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// Fixture is what a drill begins with: a stack in a workspace of its own, and the model of its
// clouds.
type Fixture struct{ *run.Rehearsal }

// OnNew has a drill work on a stack that has its configuration and no resource yet. Whatever comes
// of it, the workspace stays as the drill leaves it, and is free for the next one.
func OnNew(ctx context.Context, o run.Options, c *console.Console, drill func(*Fixture) error) (err error) {
	r, err := run.Start(ctx, o, c)
	if r == nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	if err != nil {
		return err
	}
	return drill(&Fixture{r})
}

// OnDeployed has a drill work on a stack that is up, and saved as it is: see Back. With
// Options.Kept it is the stack that an earlier run kept. A drill that ends well leaves the stack as
// it was found; after an error everything stays as it is, to be looked at.
//
// configure changes the configuration before the stack comes up, nil for nothing. A stack that was
// kept is as it was kept.
func OnDeployed(
	ctx context.Context, o run.Options, c *console.Console, configure, drill func(*Fixture) error,
) (err error) {
	begin := run.Start
	if o.Kept {
		begin = run.Resume
	}
	r, err := begin(ctx, o, c)
	if r == nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	if err != nil {
		return err
	}
	f := &Fixture{r}
	if err := f.comeUp(ctx, configure); err != nil {
		return err
	}
	if err := drill(f); err != nil {
		return err
	}
	return f.Back()
}

// comeUp deploys a new stack, and saves it or a kept one.
func (f *Fixture) comeUp(ctx context.Context, configure func(*Fixture) error) error {
	if f.Kept {
		return f.Work.Save(run.Deployed)
	}
	if configure != nil {
		if err := configure(f); err != nil {
			return err
		}
	}
	if err := f.ComeUp(ctx); err != nil {
		return err
	}
	return errors.Join(f.Work.Keep(), f.Work.Save(run.Deployed))
}

// Back brings the stack and its clouds back to where OnDeployed found them.
func (f *Fixture) Back() error { return f.Work.Restore(run.Deployed) }

// StackYAML is the stack's configuration as the next operation will read it.
func (f *Fixture) StackYAML() ([]byte, error) { return os.ReadFile(f.Work.StackFile()) }

// WriteStackYAML replaces the stack's configuration.
func (f *Fixture) WriteStackYAML(raw []byte) error {
	return os.WriteFile(f.Work.StackFile(), raw, 0o600)
}
