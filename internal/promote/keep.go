package promote

import (
	"context"
	"encoding/json"
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
// alone: tags never move. It returns what the command has found before, unless it fails itself.
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
		if err := p.tagImage(ctx, one, known.RepositoryURLs[one.Service]); err != nil {
			return fmt.Errorf("keep the image of service %q, %s (%s): %w\n"+
				"%s runs it, and ECR may expire it; run: scripts/deploy %[5]s", one.Service, one.Digest, one.Version, err, p.stack)
		}
	}
	return nil
}

func (p *promotion) tagImage(ctx context.Context, one stackfile.Image, url string) error {
	_, repository, found := strings.Cut(url, "/")
	if !found {
		return fmt.Errorf("read the outputs of %s: repositoryUrls has %q for it, want the address of a repository", p.stack, url)
	}
	image := []string{"--repository-name", repository, "--image-ids", "imageDigest=" + one.Digest, "--output", "json"}
	var tagged struct {
		ImageDetails []struct {
			ImageTags []string `json:"imageTags"`
		} `json:"imageDetails"`
	}
	if err := p.Read(ctx, &tagged, "aws", append([]string{"ecr", "describe-images"}, image...)...); err != nil {
		return err
	}
	if len(tagged.ImageDetails) != 1 {
		return fmt.Errorf("look for it in repository %s: found %d images, want one", repository, len(tagged.ImageDetails))
	}
	if slices.ContainsFunc(tagged.ImageDetails[0].ImageTags, func(tag string) bool { return strings.HasPrefix(tag, names.ReleaseTagPrefix) }) {
		return nil
	}
	var read struct {
		Images []struct {
			Manifest  string `json:"imageManifest"`
			MediaType string `json:"imageManifestMediaType"`
		} `json:"images"`
		Failures json.RawMessage `json:"failures"`
	}
	if err := p.Read(ctx, &read, "aws", append([]string{"ecr", "batch-get-image"}, image...)...); err != nil {
		return err
	}
	if len(read.Images) != 1 {
		return fmt.Errorf("read its manifest in repository %s: found %d, want one (%s)", repository, len(read.Images), read.Failures)
	}
	p.Say("Keeping %s:%s", repository, names.ReleaseTagPrefix+one.Version)
	// ECR compares the manifest with the digest, so that no other image can get the tag.
	_, err := p.Output(ctx, "aws", "ecr", "put-image", "--repository-name", repository, "--image-tag", names.ReleaseTagPrefix+one.Version,
		"--image-digest", one.Digest, "--image-manifest", read.Images[0].Manifest, "--image-manifest-media-type", read.Images[0].MediaType,
		"--output", "json")
	return err
}
