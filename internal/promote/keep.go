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

// The life of an image and of a static file. What deletes them selects them by tags: ECR does not
// know which images tasks run, and S3 not which files pages use.
//
//	an image                  tag                       set, removed by
//	is pushed                 VERSION set               the application's workflow
//	is about to run           running-DIGEST set        tagRunning, before the first task starts
//	has run as a release      release-VERSION set       finish; tagTried for one that was killed
//	is replaced               running-DIGEST removed    untagStopped, of finish
//	fails, is rolled back     running-DIGEST removed    untagFailed
//	is old                    (the image is deleted)    ECR, by compute.RegistryConfig.expiry
//
// Its running- tag keeps an image whatever its age: a canary, and a build that a stack was rolled
// back to and that was never promoted. A release- tag stays and never moves; ECR keeps the last of
// them to go back to. It is not set by the push, since a hundred builds that nobody promoted would
// then expire what runs.
//
//	a static file of the web  tag                       set, removed by
//	is uploaded               none; its list is under   the application's workflow
//	                          releases/
//	is in releases that are   superseded set; the list  markSuperseded, of finish
//	not in use any more       is moved to superseded/
//	is in a release again     superseded removed; the   unmarkInUse, before the deploy
//	                          list is moved back
//	is superseded for long    (the file is deleted)     S3, by the lifecycle rule of the bucket

// tagRunning sets the running- tag on the images of a stack file, before any of their tasks starts,
// and on those that ECS runs now. Of the stack file before, if there is one, the images that have
// run get their release- tag if they lack it. A service whose repository does not exist yet has no
// image there.
func (p *promotion) tagRunning(ctx context.Context, known *outputs, before, after string) error {
	running, err := p.runningNow(ctx, known)
	if err != nil {
		return err
	}
	repositories := p.listed(known)
	if err := p.tagDeployments(ctx, repositories, running); err != nil {
		return err
	}
	if before != "" {
		if err := p.tagTried(ctx, repositories, before, running); err != nil {
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
		if err := p.tagImage(ctx, repositories, one, names.RunningTag(one.Digest)); err != nil {
			return fmt.Errorf("tag the image of service %q, %s (%s): %w", one.Service, one.Digest, one.Version, err)
		}
	}
	return nil
}

// untagStopped removes the running- tag from the images that a stack file does not name.
func (p *promotion) untagStopped(ctx context.Context, repositories *repositories, stackFile string) error {
	all, err := stackfile.Images(stackFile)
	if err != nil {
		return err
	}
	for _, service := range sortedKeys(repositories.known.RepositoryURLs) {
		if err := p.untagStoppedOf(ctx, repositories, service, all); err != nil {
			return fmt.Errorf("remove the running- tag of the images that service %q runs no more: %w\n"+
				"until a deploy has done so, ECR keeps them", service, err)
		}
	}
	return nil
}

// untagStoppedOf removes from a repository every running- tag but the right ones. Whoever may push
// can set others, on any number of images. ECR deletes an image that has no other tag: the
// application's workflow pushes none like that, and no task of it is wanted.
func (p *promotion) untagStoppedOf(
	ctx context.Context, repositories *repositories, service string, running []stackfile.Image,
) error {
	repository, err := repositories.of(ctx, service)
	if err != nil {
		return err
	}
	var stopped []string
	for _, digest := range sortedKeys(repository.tags) {
		runs := slices.ContainsFunc(running, func(one stackfile.Image) bool {
			return one.Service == service && one.Digest == digest
		})
		for _, tag := range repository.tags[digest] {
			if strings.HasPrefix(tag, names.RunningTagPrefix) && !(runs && tag == names.RunningTag(digest)) {
				p.Say("Removing the tag %s:%s", repository.name, tag)
				stopped = append(stopped, tag)
			}
		}
	}
	return p.untag(ctx, repository.name, stopped)
}

// finish ends a command that leaves the images of a stack file on the stack, where their tasks run:
// it sets their tags, removes the running- tag of the others, and marks the static files of
// releases that are not in use any more. found is what the command has to report, which finish
// returns unless it fails itself.
func (p *promotion) finish(ctx context.Context, stackFile string, found error) error {
	err := p.tagAndMark(ctx, stackFile)
	switch {
	case err == nil:
		return found
	case found == nil:
		return err
	default:
		return fmt.Errorf("%w\n%v", err, found) //nolint:errorlint // the exit code is that of the failure
	}
}

func (p *promotion) tagAndMark(ctx context.Context, stackFile string) error {
	all, err := stackfile.Images(stackFile)
	if err != nil {
		return err
	}
	known, err := p.outputs(ctx)
	if err != nil {
		return err
	}
	repositories := p.listed(known)
	for _, one := range all {
		if err := p.tagImage(ctx, repositories, one, tagsOf(one)...); err != nil {
			return fmt.Errorf("tag the image of service %q, %s (%s): %w\n"+
				"%s runs it, and ECR may expire it; run: scripts/deploy %[5]s", one.Service, one.Digest, one.Version,
				err, p.stack)
		}
	}
	if err := p.untagStopped(ctx, repositories, stackFile); err != nil {
		return err
	}
	return p.markSuperseded(ctx, known, stackFile)
}

// taggedCommand checks that the images that a stack file names have their tags, and changes
// nothing. After a promotion that was killed at its end a deploy has nothing to do but to set them.
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
	repositories := p.listed(known)
	for _, one := range all {
		if known.RepositoryURLs[one.Service] == "" {
			continue // its deploy is still to come
		}
		repository, err := repositories.of(ctx, one.Service)
		if err != nil {
			return err
		}
		if missing := missingTags(repository.tags[one.Digest], tagsOf(one)); len(missing) > 0 {
			return command.Exit(exitUntagged,
				fmt.Errorf("look at the image of service %q, %s (%s): it lacks %s, so that "+
					"ECR may expire it; a promotion was killed, or left %s asleep; a deploy tries it and adds them: "+
					"scripts/deploy %[5]s", one.Service, one.Digest, one.Version, strings.Join(missing, " and "),
					p.stack))
		}
	}
	return nil
}
