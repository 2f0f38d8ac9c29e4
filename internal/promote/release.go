package promote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

func (p *promotion) file() string { return "Pulumi." + p.stack + ".yaml" }

// release puts the images on the stack, or leaves everything as it was.
func (p *promotion) release(ctx context.Context) error {
	known, err := p.outputs(ctx)
	if err != nil {
		return err
	}
	before, after, err := p.put(ctx, known)
	if err != nil {
		return err
	}
	if err = p.wake(ctx, known); err == nil {
		err = p.applyRelease(ctx, after)
	}
	if err == nil {
		err = p.check(ctx)
	}
	if err == nil {
		p.Say("%s is on %s", p.version, p.stack)
		return p.finish(ctx, after, nil)
	}
	var asleep *asleepError
	if errors.As(err, &asleep) {
		// Its images have their running- tags, and get their release- tags when its tasks have run.
		return fmt.Errorf("%s is on %s, and not tried: %w", p.version, p.stack, err)
	}
	if before == after {
		return fmt.Errorf("deploy %s to %s: %w\nthe stack file had this release before, so there is nothing to go "+
			"back to", p.version, p.stack, err)
	}
	// An interrupted release is taken back too.
	return p.rollBack(context.WithoutCancel(ctx), before, err)
}

// pushAttempts are enough for others who push at the same time.
const pushAttempts = 3

// put writes the release into the repository before the stack has it, so that no deploy in between
// brings the old images back. What is judged is what is pushed. It returns the stack file before
// and after.
func (p *promotion) put(ctx context.Context, known *outputs) (before, after string, err error) {
	err = p.edit(ctx, subject(p.version, p.stack), func(text string) (string, error) {
		images, err := stackfile.Images(text)
		if err != nil {
			return "", err
		}
		if err := p.refuseOlder(ctx, p.running(images)); err != nil {
			return "", err
		}
		before = text
		after, err = stackfile.SetRelease(text, p.images, p.version)
		return after, err
	}, func(ctx context.Context) error { return p.judge(ctx, known, before, after) })
	return before, after, err
}

// edit changes the stack file at the tip of the branch, and commits and pushes that. When somebody
// else pushes first it starts again with what they have pushed. judge looks at the changed file
// before it is committed.
func (p *promotion) edit(
	ctx context.Context, message string, change func(string) (string, error), judge func(context.Context) error,
) error {
	for range pushAttempts {
		if err := p.advance(ctx); err != nil {
			return err
		}
		before, err := os.ReadFile(p.file())
		if err != nil {
			return fmt.Errorf("read the stack file: %w", err)
		}
		after, err := change(string(before))
		if err != nil {
			return err
		}
		if err := os.WriteFile(p.file(), []byte(after), 0o644); err != nil {
			return fmt.Errorf("write the stack file: %w", err)
		}
		if err := judge(ctx); err != nil {
			return errors.Join(err, os.WriteFile(p.file(), before, 0o644))
		}
		if after == string(before) {
			return nil
		}
		p.Say("Committing %s", p.file())
		if err := p.Run(ctx, "git", "commit", "--quiet", "--message", message, "--", p.file()); err != nil {
			return err
		}
		if err := p.Run(ctx, "git", "push", "--quiet", "origin", "HEAD:"+p.branch); err == nil {
			return nil
		}
		// The checkout was clean, so nothing but the commit goes.
		if err := p.Run(ctx, "git", "reset", "--quiet", "--hard", "HEAD~1"); err != nil {
			return err
		}
	}
	return fmt.Errorf("push %q: others were faster %d times, or %s is protected and nobody here may push to it",
		message, pushAttempts, p.branch)
}

// running are the versions that the stack file has for the services of the release.
func (p *promotion) running(images []stackfile.Image) map[string]bool {
	versions := map[string]bool{}
	for _, one := range images {
		if _, released := p.images[one.Service]; released && !one.Canary {
			versions[one.Version] = true
		}
	}
	return versions
}

// judge looks at everything that can be wrong with a release before it is committed.
func (p *promotion) judge(ctx context.Context, known *outputs, before, after string) error {
	if err := p.unlocked(ctx); err != nil {
		return err
	}
	if err := p.inspect(ctx, known, after); err != nil {
		return err
	}
	if err := p.guard(ctx); err != nil {
		return err
	}
	inUse, err := webVersions(before)
	if err != nil {
		return err
	}
	if err := p.unmarkInUse(ctx, known, inUse, after); err != nil {
		return err
	}
	return p.tagRunning(ctx, known, before, after)
}

// guard refuses a release that would do more than release.
func (p *promotion) guard(ctx context.Context) error {
	p.Say("Previewing %s", p.stack)
	args := append([]string{
		"preview", "--stack", p.stack, "--json", "--show-sames", "--show-replacement-steps",
	}, p.releaseTargets()...)
	raw, err := p.Output(ctx, "pulumi", args...)
	if err != nil && len(raw) == 0 {
		return err
	}
	preview, readErr := plan.Read(bytes.NewReader(raw))
	if readErr != nil {
		return errors.Join(readErr, err)
	}
	findings := append(plan.Judge(preview), plan.Beyond(preview)...)
	_, _ = fmt.Fprint(p.Out, plan.Text(p.stack, preview, findings))
	if len(findings) > 0 {
		return fmt.Errorf("release %s to %s: %s has more in what a release deploys than the release, as listed "+
			"above, and nobody has approved that: "+
			"let the workflow Deploy bring it out first. A service's first release goes the same way: put image and "+
			"version into %s by a pull request",
			p.version, p.stack, p.branch, p.file())
	}
	return nil
}

// applyRelease migrates and deploys what a release changes, and nothing else: other changes that
// main has are for those who approve them.
func (p *promotion) applyRelease(ctx context.Context, stackFile string) error {
	migrating, err := stackfile.Migrates(stackFile)
	if err != nil {
		return err
	}
	if migrating {
		if err := p.migrate(ctx, p.targets("compute:Migration$"+taskDefinitions)); err != nil {
			return err
		}
	}
	p.Say("Deploying %s", p.stack)
	return p.up(ctx, p.releaseTargets()...)
}

// apply migrates at each deploy: a migration that has been done changes nothing, and one that an
// interrupted deploy left out is made up for.
func (p *promotion) apply(ctx context.Context, stackFile string) error {
	migrating, err := stackfile.Migrates(stackFile)
	if err != nil {
		return err
	}
	if migrating {
		if err := p.migrate(ctx, p.migrationTargets()); err != nil {
			return err
		}
	}
	p.Say("Deploying %s", p.stack)
	return p.up(ctx)
}

// deployCommand deploys the stack file as it is. A stack whose zone is not delegated, or that no
// image was released to, has nothing to check yet.
func (p *promotion) deployCommand(ctx context.Context) error {
	stackFile, err := os.ReadFile(p.file())
	if err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	if err := p.prepare(ctx, string(stackFile)); err != nil {
		return err
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
	var unsteady *unsteadyError
	var asleep *asleepError
	if errors.As(checked, &unsteady) || errors.As(checked, &asleep) {
		// ECS may have rolled back: then what runs is not what the stack file names. Where nothing
		// runs, nothing was tried. The running- tags stay, and no release- tag is set.
		return checked
	}
	// What a promotion that was interrupted has left on the stack without its tags gets them here,
	// whether the site answers or not.
	return p.finish(ctx, string(stackFile), checked)
}

// unsteadyError is what check returns when the services do not run what was deployed.
type unsteadyError struct{ error }

func (e *unsteadyError) Unwrap() error { return e.error }

// prepare is what a deploy needs before anything changes. A stack that was never deployed needs
// nothing.
func (p *promotion) prepare(ctx context.Context, stackFile string) error {
	known, err := p.outputs(ctx)
	if err != nil {
		return err
	}
	versions, err := webVersions(stackFile)
	if err != nil {
		return err
	}
	// The first is in use already, but for a deploy by hand of a release. A canary may be new.
	if err := p.unmarkInUse(ctx, known, versions[:min(1, len(versions))], stackFile); err != nil {
		return err
	}
	if err := p.tagRunning(ctx, known, "", stackFile); err != nil {
		return err
	}
	if known.AtlasCluster != "" {
		if err := p.learnSizes(ctx); err != nil {
			return err
		}
	}
	return p.wake(ctx, known)
}

// atlasClusters matches the URN of the stack's cluster.
const atlasClusters = "**mongodbatlas:index/advancedCluster:AdvancedCluster::*"

// learnSizes has the state know the disk and the tier that Atlas has chosen since. They are ignored
// in the program, and any change of the cluster sends them as the state has them.
func (p *promotion) learnSizes(ctx context.Context) error {
	p.Say("Reading the sizes of the Atlas cluster")
	return p.pulumi(ctx, "refresh", "--target", atlasClusters)
}

// lockedText is how pulumi says that somebody else changes the stack.
const lockedText = "the stack is currently locked by"

func (p *promotion) up(ctx context.Context, more ...string) error {
	return p.pulumi(ctx, "up", more...)
}

// pulumi changes the stack, or its state.
func (p *promotion) pulumi(ctx context.Context, operation string, more ...string) error {
	said := &search{out: p.Out, text: lockedText}
	run := p.Tools
	run.Out = said
	err := run.Run(ctx, "pulumi",
		append([]string{operation, "--stack", p.stack, "--yes", "--skip-preview", "--non-interactive"}, more...)...)
	if err != nil && said.found {
		return command.Exit(exitLocked, &lockedError{p.stack})
	}
	return err
}

// checkCommand looks, and changes nothing.
func (p *promotion) checkCommand(ctx context.Context) error {
	p.letSleep = true
	return p.check(ctx)
}

// check waits until the stack runs what was deployed, and its site answers. What fell asleep
// meanwhile, as at the hour at which the schedule lowers it, is woken once more by a command that
// wakes.
func (p *promotion) check(ctx context.Context) error {
	known, err := p.deployed(ctx)
	if err != nil {
		return err
	}
	err = p.checkOnce(ctx, known)
	var asleep *asleepError
	if p.letSleep || !errors.As(err, &asleep) {
		return err
	}
	if err := p.raise(ctx, known, asleep.services); err != nil {
		return err
	}
	return p.checkOnce(ctx, known)
}

func (p *promotion) checkOnce(ctx context.Context, known *outputs) error {
	p.Say("Waiting until the services of %s are steady", p.stack)
	asleep, err := p.steady(ctx, known)
	if err != nil {
		return &unsteadyError{err}
	}
	if len(asleep) > 0 {
		return &asleepError{p.stack, asleep}
	}
	p.Say("Asking %s", known.SiteURL)
	unanswered := p.health.wait(ctx, known.SiteURL)
	if unanswered == nil {
		return nil
	}
	asleep, err = p.asleep(context.WithoutCancel(ctx), known)
	switch {
	case err != nil:
		return errors.Join(unanswered, err)
	case len(asleep) > 0:
		return &asleepError{p.stack, asleep}
	default:
		return unanswered
	}
}
