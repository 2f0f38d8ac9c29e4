package promote

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// ECR keeps an image by its tags, and by those alone: it knows nothing of tasks. An image that a
// stack file names has two of them, beside that of its push.
//
//   - running-DIGEST, from before its first task starts until no task of it is wanted any more. It
//     holds what runs, whatever its age: a canary, and a build that a stack has gone back to and
//     that was never promoted.
//   - release-VERSION, from when it was promoted. The last of them are kept to go back to. So that
//     a hundred builds that nobody promoted cannot push out what runs, the tag comes here and not
//     with the push. It stays, and never moves.

// hold gives the images of a stack file the tag of what runs, before any of their tasks starts. A
// service whose repository is yet to be made has no image there.
func (p *promotion) hold(ctx context.Context, known *outputs, stackFile string) error {
	all, err := stackfile.Images(stackFile)
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

// letGo takes the tag of what runs off the images that a stack file does not name.
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

func (p *promotion) letGoOf(ctx context.Context, known *outputs, service string, running []stackfile.Image) error {
	repository, err := p.repository(known, service)
	if err != nil {
		return err
	}
	tagged, err := p.tagsIn(ctx, repository)
	if err != nil {
		return err
	}
	for _, digest := range sortedKeys(tagged) {
		tag := names.RunningTag(digest)
		runs := slices.ContainsFunc(running, func(one stackfile.Image) bool {
			return one.Service == service && one.Digest == digest
		})
		// With its last tag an image is deleted, so that one stays.
		// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
		if runs || len(tagged[digest]) == 1 || !slices.Contains(tagged[digest], tag) {
			continue
		}
		p.Say("Letting go of %s@%s", repository, digest)
		var deleted struct {
			Failures []struct {
				Code   string `json:"failureCode"`
				Reason string `json:"failureReason"`
			} `json:"failures"`
		}
		if err := p.Read(ctx, &deleted, "aws", "ecr", "batch-delete-image", "--repository-name", repository,
			"--image-ids", "imageTag="+tag, "--output", "json"); err != nil {
			return err
		}
		if len(deleted.Failures) > 0 {
			return fmt.Errorf("take the tag %s off: found %v, want no failure", tag, deleted.Failures)
		}
	}
	return nil
}

// keep ends a command that leaves the images of a stack file on the stack. It gives them their
// tags, and takes that of what runs off the others. The static files of releases that are not in
// use any more are marked as such. It returns what the command has found before, unless it fails
// itself.
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
		tags := []string{names.RunningTag(one.Digest)}
		if !one.Canary { // which is tried, and not released
			tags = append(tags, names.ReleaseTagPrefix+one.Version)
		}
		if err := p.tagImage(ctx, known, one, tags...); err != nil {
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

// tagImage gives an image the tags that it lacks. A release that was made twice has one tag.
func (p *promotion) tagImage(ctx context.Context, known *outputs, one stackfile.Image, tags ...string) error {
	repository, err := p.repository(known, one.Service)
	if err != nil {
		return err
	}
	tagged, err := p.tagsIn(ctx, repository)
	if err != nil {
		return err
	}
	released := slices.ContainsFunc(tagged[one.Digest], func(tag string) bool {
		return strings.HasPrefix(tag, names.ReleaseTagPrefix)
	})
	missing := slices.DeleteFunc(tags, func(tag string) bool {
		return slices.Contains(tagged[one.Digest], tag) || released && strings.HasPrefix(tag, names.ReleaseTagPrefix)
	})
	if len(missing) == 0 {
		return nil
	}
	image, err := p.image(ctx, repository, one.Digest)
	if err != nil {
		return err
	}
	for _, tag := range missing {
		p.Say("Keeping %s:%s", repository, tag)
		// ECR compares the manifest with the digest, so that no other image can get the tag.
		if _, err := p.Output(ctx, "aws", "ecr", "put-image", "--repository-name", repository, "--image-tag", tag,
			"--image-digest", one.Digest, "--image-manifest", image.Manifest, "--image-manifest-media-type",
			image.MediaType,
			"--output", "json"); err != nil {
			return err
		}
	}
	return nil
}

// tagsIn are the tags of a repository's images, by digest.
func (p *promotion) tagsIn(ctx context.Context, repository string) (map[string][]string, error) {
	var listed struct {
		ImageIDs []struct {
			Digest string `json:"imageDigest"`
			Tag    string `json:"imageTag"`
		} `json:"imageIds"`
	}
	if err := p.Read(ctx, &listed, "aws", "ecr", "list-images", "--repository-name", repository, "--filter",
		"tagStatus=TAGGED",
		"--output", "json"); err != nil {
		return nil, err
	}
	tagged := map[string][]string{}
	for _, one := range listed.ImageIDs {
		tagged[one.Digest] = append(tagged[one.Digest], one.Tag)
	}
	return tagged, nil
}
