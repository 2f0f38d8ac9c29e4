package promote

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// keep ends a command that leaves the images of a stack file on the stack. It gives them the tag by
// which ECR keeps them. Until then an image is one of many that were pushed, and goes when enough
// others were pushed after it. So that a hundred builds that nobody promoted cannot push out what
// runs, the tag comes here and not with the push. An image that has such a tag already is left
// alone: tags never move. The static files of releases that are not in use any more are marked as such.
// It returns what the command has found before, unless it fails itself.
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
		repository, err := p.repository(known, one.Service)
		if err == nil {
			err = p.tagImage(ctx, one, repository)
		}
		if err != nil {
			return fmt.Errorf("keep the image of service %q, %s (%s): %w\n"+
				"%s runs it, and ECR may expire it; run: scripts/deploy %[5]s", one.Service, one.Digest, one.Version, err, p.stack)
		}
	}
	return p.settle(ctx, known, stackFile)
}

func (p *promotion) tagImage(ctx context.Context, one stackfile.Image, repository string) error {
	var tagged struct {
		ImageDetails []struct {
			ImageTags []string `json:"imageTags"`
		} `json:"imageDetails"`
	}
	if err := p.Read(ctx, &tagged, "aws", "ecr", "describe-images", "--repository-name", repository,
		"--image-ids", "imageDigest="+one.Digest, "--output", "json"); err != nil {
		return err
	}
	if len(tagged.ImageDetails) != 1 {
		return fmt.Errorf("look for it in repository %s: found %d images, want one", repository, len(tagged.ImageDetails))
	}
	if slices.ContainsFunc(tagged.ImageDetails[0].ImageTags, func(tag string) bool { return strings.HasPrefix(tag, names.ReleaseTagPrefix) }) {
		return nil
	}
	image, err := p.image(ctx, repository, one.Digest)
	if err != nil {
		return err
	}
	p.Say("Keeping %s:%s", repository, names.ReleaseTagPrefix+one.Version)
	// ECR compares the manifest with the digest, so that no other image can get the tag.
	_, err = p.Output(ctx, "aws", "ecr", "put-image", "--repository-name", repository, "--image-tag", names.ReleaseTagPrefix+one.Version,
		"--image-digest", one.Digest, "--image-manifest", image.Manifest, "--image-manifest-media-type", image.MediaType,
		"--output", "json")
	return err
}
