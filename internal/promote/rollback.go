package promote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// rollBack reverts the release's commit and deploys the release before it. The database keeps what
// was migrated: a migration must suit the version before it as well.
func (p *promotion) rollBack(ctx context.Context, before string, cause error) error {
	p.Say("The release did not work: %v", cause)
	p.Say("Rolling %s back", p.stack)
	failed := fmt.Errorf("deploy %s to %s: %w", p.version, p.stack, cause)
	judged, err := p.Output(ctx, "git", "rev-parse", "HEAD")
	if err == nil {
		err = p.revertRelease(ctx, before)
	}
	if err != nil {
		return unsettled(failed,
			fmt.Errorf("roll back the commit: %w\nrevert it by hand, push, and run: scripts/deploy %s", err, p.stack))
	}
	var locked *lockedError
	if errors.As(cause, &locked) {
		return fmt.Errorf("%w\nthe commit is taken back", failed)
	}
	if err := p.deployPrevious(ctx, string(bytes.TrimSpace(judged)), before); err != nil {
		return unsettled(failed, fmt.Errorf("roll back the stack: %w\nthe commit is reverted; look at the stack and "+
			"run: scripts/deploy %s", err, p.stack))
	}
	err = p.check(ctx)
	var asleep *asleepError
	site := ", and the site answers"
	switch {
	case errors.As(err, &asleep):
		site = fmt.Sprintf("; whether the site answers is not known: %s is asleep", p.stack)
	case err != nil:
		return unsettled(failed, fmt.Errorf("check %s after going back: %w", p.stack, err))
	}
	failed = fmt.Errorf("%w\nthe commit and the stack are back at the release before%s", failed, site)
	if err := p.untagFailed(ctx, before); err != nil {
		return unsettled(failed, err)
	}
	return failed
}

// untagFailed removes the running- tag of the release that failed.
func (p *promotion) untagFailed(ctx context.Context, before string) error {
	known, err := p.outputs(ctx)
	if err != nil {
		return err
	}
	return p.untagStopped(ctx, p.listed(known), before)
}

// unsettled is what went wrong and what went wrong after it. Its exit code is that of any failure:
// those of single causes say that everything is as it was.
func unsettled(failed, after error) error {
	return command.Exit(command.Failed, errors.Join(failed, after))
}

// revertRelease commits and pushes the stack file without the release. It writes the lines of the
// release alone, so that what others have pushed in between stays: git revert would see a conflict
// in a line next to them.
func (p *promotion) revertRelease(ctx context.Context, before string) error {
	services := slices.Sorted(maps.Keys(p.images))
	return p.edit(ctx, fmt.Sprintf("Revert %q", subject(p.version, p.stack)), func(text string) (string, error) {
		return stackfile.RestoreRelease(text, before, services)
	}, func(context.Context) error { return nil })
}

// deployPrevious deploys the release before from the commit that was judged: what others have
// pushed in between was approved by nobody. The checkout is at the tip afterwards.
func (p *promotion) deployPrevious(ctx context.Context, judged, before string) error {
	if err := p.Run(ctx, "git", "checkout", "--quiet", "--detach", judged); err != nil {
		return err
	}
	if err := os.WriteFile(p.file(), []byte(before), 0o644); err != nil {
		return fmt.Errorf("write the stack file: %w", err)
	}
	deployed := p.up(ctx, p.releaseTargets()...)
	if err := p.Run(ctx, "git", "checkout", "--quiet", "--", p.file()); err != nil {
		return errors.Join(deployed, err)
	}
	return errors.Join(deployed, p.Run(ctx, "git", "checkout", "--quiet", "-"))
}
