package promote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// tip refuses a checkout that is not the tip of the branch, or has changes of its own. What is
// deployed from an older commit brings old images back.
func (p *promotion) tip(ctx context.Context) error {
	if err := p.clean(ctx); err != nil {
		return err
	}
	here, there, err := p.fetch(ctx)
	if err != nil {
		return err
	}
	if here != there {
		return command.Exit(exitEdited, fmt.Errorf("look at the checkout: it is at %s, and %s of the origin at %s; "+
			"run: git pull --ff-only, and start again", here, p.branch, there))
	}
	return nil
}

// clean refuses files that were edited and not committed: a deploy of them would be nobody's
// commit.
func (p *promotion) clean(ctx context.Context) error {
	changed, err := p.Output(ctx, "git", "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(changed)) > 0 {
		return command.Exit(exitEdited, fmt.Errorf("look at the checkout: found changes that are not committed, "+
			"commit them or take them back:\n%s", bytes.TrimRight(changed, "\n")))
	}
	return nil
}

// fetch returns the commits of the checkout and of the branch at the origin.
func (p *promotion) fetch(ctx context.Context) (here, there string, err error) {
	if err := p.Run(ctx, "git", "fetch", "--quiet", "origin", p.branch); err != nil {
		return "", "", err
	}
	raw, err := p.Output(ctx, "git", "rev-parse", "HEAD", "FETCH_HEAD")
	if err != nil {
		return "", "", err
	}
	commits := strings.Fields(string(raw))
	if len(commits) != 2 {
		return "", "", fmt.Errorf("read the commits of the checkout: found %q, want two", raw)
	}
	return commits[0], commits[1], nil
}

// advance brings the checkout to the tip of the branch.
func (p *promotion) advance(ctx context.Context) error {
	if _, _, err := p.fetch(ctx); err != nil {
		return err
	}
	if err := p.Run(ctx, "git", "merge", "--quiet", "--ff-only", "FETCH_HEAD"); err != nil {
		return command.Exit(exitEdited,
			fmt.Errorf("%w\nthe checkout has changes or commits that %s of the origin lacks: "+
				"push them, or take them back", err, p.branch))
	}
	return p.tip(ctx)
}

// since refuses to go on from a planned commit when others than releases have come after it: their
// plan was approved by nobody.
func (p *promotion) since(ctx context.Context) error {
	if p.planned == "" {
		return nil
	}
	raw, err := p.Output(ctx, "git", "diff", "--name-only", "-z", p.planned, "HEAD")
	if err != nil {
		return err
	}
	var others []string
	for _, file := range strings.FieldsFunc(string(raw), func(r rune) bool { return r == 0 }) {
		released, err := p.onlyReleased(ctx, file)
		if err != nil {
			return err
		}
		if !released {
			others = append(others, file)
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("look at what came after the approved plan of commit %s: %s changed, and not by releases; "+
			"that needs a plan and an approval of its own: start the workflow Deploy again", p.planned,
			strings.Join(others, ", "))
	}
	return nil
}

// onlyReleased says whether a file is a stack file in which releases alone have changed something.
func (p *promotion) onlyReleased(ctx context.Context, file string) (bool, error) {
	if stack, _ := path.Match("Pulumi.*.yaml", file); !stack {
		return false, nil
	}
	var texts [2]string
	for i, commit := range []string{p.planned, "HEAD"} {
		raw, err := p.Output(ctx, "git", "show", commit+":"+file)
		if err != nil {
			return false, nil //nolint:nilerr // a stack file that one of the commits lacks is more than a release
		}
		if texts[i], err = stackfile.WithoutRelease(string(raw)); err != nil {
			return false, err
		}
	}
	return texts[0] == texts[1], nil
}

// approved is a command of its own, for the start of a deploy.
func (p *promotion) approved(ctx context.Context) error {
	return errors.Join(p.tip(ctx), p.since(ctx))
}
