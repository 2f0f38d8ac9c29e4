package promote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func (p *promotion) file() string { return "Pulumi." + p.stack + ".yaml" }

// release puts the images on the stack, or leaves everything as it was.
func (p *promotion) release(ctx context.Context) error {
	before, err := os.ReadFile(p.file())
	if err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	after, err := setRelease(string(before), p.images, p.version)
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.file(), []byte(after), 0o644); err != nil {
		return fmt.Errorf("write the stack file: %w", err)
	}
	if err := p.guard(ctx); err != nil {
		return errors.Join(err, os.WriteFile(p.file(), before, 0o644))
	}
	changed := after != string(before)
	if changed {
		if err := p.commit(ctx); err != nil {
			return err
		}
	}
	err = p.deploy(ctx, after)
	if err == nil {
		p.Say("%s is on %s", p.version, p.stack)
		return p.keep(ctx, after, nil)
	}
	var asleep *asleepError
	if errors.As(err, &asleep) {
		return p.keep(ctx, after, fmt.Errorf("%s is on %s, and not tried: %w", p.version, p.stack, err))
	}
	if !changed {
		return fmt.Errorf("deploy %s to %s: %w\nthe stack file had this release before, so there is nothing to go back to", p.version, p.stack, err)
	}
	// An interrupted release is taken back too.
	return p.rollBack(context.WithoutCancel(ctx), err)
}

// guard refuses a release that would do more than release.
func (p *promotion) guard(ctx context.Context) error {
	p.Say("Previewing %s", p.stack)
	raw, err := p.Output(ctx, "pulumi", "preview", "--stack", p.stack, "--json", "--show-sames", "--show-replacement-steps")
	if err != nil && len(raw) == 0 {
		return err
	}
	preview, readErr := plan.Read(bytes.NewReader(raw))
	if readErr != nil {
		return errors.Join(readErr, err)
	}
	findings := plan.Judge(preview)
	_, _ = fmt.Fprint(p.Out, plan.Text(p.stack, preview, findings))
	if len(findings) > 0 {
		return fmt.Errorf("release %s to %s: the preview would lose something, as listed above; deploy that change on its own first", p.version, p.stack)
	}
	return nil
}

// commit writes the release into the repository before the stack has it, so that no deploy in between brings the old images back.
func (p *promotion) commit(ctx context.Context) error {
	p.Say("Committing %s", p.file())
	if err := p.Run(ctx, "git", "commit", "--quiet", "--message", fmt.Sprintf("Release %s to %s", p.version, p.stack), "--", p.file()); err != nil {
		return err
	}
	return p.push(ctx)
}

// pushAttempts are enough for others who push at the same time.
const pushAttempts = 3

func (p *promotion) push(ctx context.Context) error {
	var err error
	for range pushAttempts {
		if err = p.Run(ctx, "git", "pull", "--quiet", "--rebase", "origin", p.branch); err != nil {
			return err
		}
		if err = p.Run(ctx, "git", "push", "--quiet", "origin", "HEAD:"+p.branch); err == nil {
			return nil
		}
	}
	return err
}

// deploy migrates the database, deploys and checks.
func (p *promotion) deploy(ctx context.Context, stackFile string) error {
	if err := p.apply(ctx, stackFile); err != nil {
		return err
	}
	return p.check(ctx)
}

// apply migrates at each deploy: a migration that has been done changes nothing, and one that an interrupted deploy left out is made up for.
func (p *promotion) apply(ctx context.Context, stackFile string) error {
	migrating, err := migrates(stackFile)
	if err != nil {
		return err
	}
	if migrating {
		if err := p.migrate(ctx); err != nil {
			return err
		}
	}
	p.Say("Deploying %s", p.stack)
	return p.up(ctx)
}

// deployCommand deploys the stack file as it is. A stack whose zone is not delegated, or that no image was released to, has nothing to check yet.
func (p *promotion) deployCommand(ctx context.Context) error {
	stackFile, err := os.ReadFile(p.file())
	if err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	if err := p.apply(ctx, string(stackFile)); err != nil {
		return err
	}
	known, err := p.outputs(ctx)
	switch {
	case err != nil:
		return err
	case known.SiteURL == "":
		p.Say("Only the zone is there: point the registrar at its name servers, and set edge.zone.delegated")
		return nil
	case len(known.ServiceNames) == 0:
		p.Say("No service is deployed yet: release an image next")
		return nil
	}
	checked := p.check(ctx)
	// What a promotion that was interrupted has left on the stack without its tag gets it here, whether the site answers or not.
	return p.keep(ctx, string(stackFile), checked)
}

func (p *promotion) up(ctx context.Context, more ...string) error {
	return p.Run(ctx, "pulumi", append([]string{"up", "--stack", p.stack, "--yes", "--skip-preview", "--non-interactive"}, more...)...)
}

// check is also a command of its own, for deploys that are no release.
func (p *promotion) check(ctx context.Context) error {
	known, err := p.deployed(ctx)
	if err != nil {
		return err
	}
	p.Say("Waiting until the services of %s are steady", p.stack)
	asleep, err := p.steady(ctx, known)
	if err != nil {
		return err
	}
	if len(asleep) > 0 {
		return &asleepError{p.stack, asleep}
	}
	p.Say("Asking %s", known.SiteURL)
	unanswered := p.health.wait(ctx, known.SiteURL)
	if unanswered == nil {
		return nil
	}
	asleep, err = p.fellAsleep(context.WithoutCancel(ctx), known)
	switch {
	case err != nil:
		return errors.Join(unanswered, err)
	case len(asleep) > 0:
		return &asleepError{p.stack, asleep}
	default:
		return unanswered
	}
}

// rollBack brings the commit and the stack back. The database keeps what was migrated: migrations must suit the version before them.
func (p *promotion) rollBack(ctx context.Context, cause error) error {
	p.Say("The release did not work: %v", cause)
	p.Say("Rolling %s back", p.stack)
	failed := fmt.Errorf("deploy %s to %s: %w", p.version, p.stack, cause)
	if err := p.revert(ctx); err != nil {
		return errors.Join(failed, fmt.Errorf("roll back the commit: %w\nrevert it by hand and run: pulumi up --stack %s", err, p.stack))
	}
	if err := p.up(ctx); err != nil {
		return errors.Join(failed, fmt.Errorf("roll back the stack: %w\nthe commit is reverted; look at the stack and run: pulumi up --stack %s", err, p.stack))
	}
	err := p.check(ctx)
	var asleep *asleepError
	if errors.As(err, &asleep) {
		return fmt.Errorf("%w\nthe commit and the stack are back at the release before; "+
			"whether the site answers is not known: %s is asleep", failed, p.stack)
	}
	if err != nil {
		return errors.Join(failed, fmt.Errorf("check %s after going back: %w", p.stack, err))
	}
	return fmt.Errorf("%w\nthe commit and the stack are back at the release before, and the site answers", failed)
}

// revert takes the release's own commit back. Others may have pushed in between, so it is looked up by its message.
func (p *promotion) revert(ctx context.Context) error {
	message := fmt.Sprintf("^Release %s to %s$", p.version, p.stack)
	commit, err := p.Output(ctx, "git", "log", "--max-count", "1", "--format=%H", "--grep", message)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(commit)) == 0 {
		return fmt.Errorf("find the commit %q: it is not in the history", message)
	}
	if err := p.Run(ctx, "git", "revert", "--no-edit", string(bytes.TrimSpace(commit))); err != nil {
		return err
	}
	return p.push(ctx)
}
