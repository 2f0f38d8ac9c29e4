package promote

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// ECR's lifecycle rules select images by their tags alone: ECR does not know which images tasks
// run. An image that a stack file names has two of them, beside that of its push.
//
//   - running-DIGEST, from before its first task starts until no task of it is wanted any more. It
//     holds what runs, whatever its age: a canary, and a build that a stack has gone back to and
//     that was never promoted.
//   - release-VERSION, from when its tasks have run as a release. The last of them are kept to go
//     back to. So that a hundred builds that nobody promoted cannot push out what runs, the tag
//     comes here and not with the push. It stays, and never moves.

// hold gives the tag of what runs to the images of a stack file, before any of their tasks starts,
// and to those that run so far. Of the stack file before, if there is one, it makes those a release
// that have run and were not made one. A service whose repository is yet to be made has no image
// there.
func (p *promotion) hold(ctx context.Context, known *outputs, before, after string) error {
	running, err := p.runningNow(ctx, known)
	if err != nil {
		return err
	}
	if err := p.holdRunning(ctx, known, running); err != nil {
		return err
	}
	if before != "" {
		if err := p.releaseTried(ctx, known, before, running); err != nil {
			return err
		}
	}
	all, err := stackfile.Images(after)
	if err != nil {
		return err
	}
	for _, one := range all {
		if known.RepositoryURLs[one.Service] == "" {
			continue
		}
		if err := p.tagImage(ctx, known, one, names.RunningTag(one.Digest)); err != nil {
			return fmt.Errorf("hold the image of service %q, %s (%s): %w", one.Service, one.Digest, one.Version, err)
		}
	}
	return nil
}

// letGo removes the running- tag from the images that a stack file does not name.
func (p *promotion) letGo(ctx context.Context, known *outputs, stackFile string) error {
	all, err := stackfile.Images(stackFile)
	if err != nil {
		return err
	}
	for _, service := range sortedKeys(known.RepositoryURLs) {
		if err := p.letGoOf(ctx, known, service, all); err != nil {
			return fmt.Errorf("let go of the images that service %q runs no more: %w\nuntil a deploy has, ECR "+
				"keeps them", service, err)
		}
	}
	return nil
}

// letGoOf leaves a repository with the tags of what runs that are right. Whoever pushes can set
// others, on any number of images. One that has no tag beside such tags is deleted with them: the
// release's workflow pushes none like that, and no task of it is wanted.
func (p *promotion) letGoOf(ctx context.Context, known *outputs, service string, running []stackfile.Image) error {
	repository, tagged, err := p.tagged(ctx, known, service)
	if err != nil {
		return err
	}
	var gone []string
	for _, digest := range sortedKeys(tagged) {
		runs := slices.ContainsFunc(running, func(one stackfile.Image) bool {
			return one.Service == service && one.Digest == digest
		})
		for _, tag := range tagged[digest] {
			if strings.HasPrefix(tag, names.RunningTagPrefix) && !(runs && tag == names.RunningTag(digest)) {
				p.Say("Letting go of %s:%s", repository, tag)
				gone = append(gone, tag)
			}
		}
	}
	return p.takeOff(ctx, repository, gone)
}

// keep ends a command that leaves the images of a stack file on the stack, where their tasks run.
// It gives them their tags, and takes that of what runs off the others. The static files of
// releases that are not in use any more are marked as such. It returns what the command has found
// before, unless it fails itself.
func (p *promotion) keep(ctx context.Context, stackFile string, found error) error {
	err := p.tag(ctx, stackFile)
	switch {
	case err == nil:
		return found
	case found == nil:
		return err
	default:
		return fmt.Errorf("%w\n%v", err, found) //nolint:errorlint // the exit code is that of the failure
	}
}

func (p *promotion) tag(ctx context.Context, stackFile string) error {
	all, err := stackfile.Images(stackFile)
	if err != nil {
		return err
	}
	known, err := p.outputs(ctx)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := p.tagImage(ctx, known, one, tagsOf(one)...); err != nil {
			return fmt.Errorf("keep the image of service %q, %s (%s): %w\n"+
				"%s runs it, and ECR may expire it; run: scripts/deploy %[5]s", one.Service, one.Digest, one.Version,
				err, p.stack)
		}
	}
	if err := p.letGo(ctx, known, stackFile); err != nil {
		return err
	}
	return p.settle(ctx, known, stackFile)
}

// taggedCommand looks whether the images that a stack file names have their tags, and changes
// nothing. A promotion that was killed at its end leaves a stack to which a deploy has nothing to
// do, but for them.
func (p *promotion) taggedCommand(ctx context.Context) error {
	stackFile, err := os.ReadFile(p.file())
	if err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	all, err := stackfile.Images(string(stackFile))
	if err != nil {
		return err
	}
	known, err := p.outputs(ctx)
	if err != nil {
		return err
	}
	for _, one := range all {
		if known.RepositoryURLs[one.Service] == "" {
			continue // its deploy is still to come
		}
		_, tagged, err := p.tagged(ctx, known, one.Service)
		if err != nil {
			return err
		}
		if missing := lacking(tagged[one.Digest], tagsOf(one)); len(missing) > 0 {
			return command.Exit(exitUntagged,
				fmt.Errorf("look at the image of service %q, %s (%s): it lacks %s, so that "+
					"ECR may expire it; a promotion was killed, or left %s asleep; a deploy tries it and adds them: "+
					"scripts/deploy %[5]s", one.Service, one.Digest, one.Version, strings.Join(missing, " and "),
					p.stack))
		}
	}
	return nil
}
