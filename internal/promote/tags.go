package promote

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// tagsOf are the tags that an image of a stack file has in the end. A canary is tried, and not
// released.
func tagsOf(one stackfile.Image) []string {
	tags := []string{names.RunningTag(one.Digest)}
	if !one.Canary {
		tags = append(tags, names.ReleaseTagPrefix+one.Version)
	}
	return tags
}

// tagImage gives an image those of the tags that it lacks.
func (p *promotion) tagImage(ctx context.Context, known *outputs, one stackfile.Image, tags ...string) error {
	repository, tagged, err := p.tagged(ctx, known, one.Service)
	if err != nil {
		return err
	}
	// A tag that comes at the end is looked for at the start, when nothing has changed yet.
	for _, tag := range lacking(tagged[one.Digest], tagsOf(one)) {
		if err := taken(repository, tagged, tag); err != nil {
			return err
		}
	}
	missing := lacking(tagged[one.Digest], tags)
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

// lacking are those of the tags that an image does not have. A release that was made twice has one
// tag.
func lacking(has, tags []string) []string {
	isRelease := func(tag string) bool { return strings.HasPrefix(tag, names.ReleaseTagPrefix) }
	released := slices.ContainsFunc(has, isRelease)
	var missing []string
	for _, tag := range tags {
		if !slices.Contains(has, tag) && !(released && isRelease(tag)) {
			missing = append(missing, tag)
		}
	}
	return missing
}

// taken is an error when another image has the tag. Tags of these repositories never move, and IAM
// has no condition on the tag that PutImage sets, so that whoever pushes can take one first.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
func taken(repository string, tagged map[string][]string, tag string) error {
	for _, digest := range sortedKeys(tagged) {
		if !slices.Contains(tagged[digest], tag) {
			continue
		}
		last := ""
		if len(tagged[digest]) == 1 {
			last = ", which deletes that image, since it has no other tag"
		}
		return command.Exit(exitTaken, fmt.Errorf("give the tag %s in repository %s: another image has it, %s, and "+
			"tags do not move; deploys and promotions alone set such tags, so find out who has (CloudTrail: "+
			"PutImage), "+
			"take it off%s, and begin anew:\naws ecr batch-delete-image --repository-name %[2]s --image-ids "+
			"imageTag=%[1]s",
			tag, repository, digest, last))
	}
	return nil
}

// tagged is a service's repository, and the tags of its images by digest.
func (p *promotion) tagged(
	ctx context.Context, known *outputs, service string,
) (repository string, tags map[string][]string, err error) {
	if repository, err = p.repository(known, service); err != nil {
		return "", nil, err
	}
	var listed struct {
		ImageIDs []struct {
			Digest string `json:"imageDigest"`
			Tag    string `json:"imageTag"`
		} `json:"imageIds"`
	}
	if err := p.Read(ctx, &listed, "aws", "ecr", "list-images", "--repository-name", repository, "--filter",
		"tagStatus=TAGGED",
		"--output", "json"); err != nil {
		return "", nil, err
	}
	tags = map[string][]string{}
	for _, one := range listed.ImageIDs {
		tags[one.Digest] = append(tags[one.Digest], one.Tag)
	}
	return repository, tags, nil
}

// tagsPerCall is how many tags ECR takes off in one call.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
const tagsPerCall = 100

// takeOff takes tags off the images of a repository. ECR deletes an image with its last tag.
func (p *promotion) takeOff(ctx context.Context, repository string, tags []string) error {
	for some := range slices.Chunk(tags, tagsPerCall) {
		args := []string{"ecr", "batch-delete-image", "--repository-name", repository, "--image-ids"}
		for _, tag := range some {
			args = append(args, "imageTag="+tag)
		}
		args = append(args, "--output", "json")
		var deleted struct {
			Failures []struct {
				ID struct {
					Tag string `json:"imageTag"`
				} `json:"imageId"`
				Code   string `json:"failureCode"`
				Reason string `json:"failureReason"`
			} `json:"failures"`
		}
		if err := p.Read(ctx, &deleted, "aws", args...); err != nil {
			return err
		}
		if len(deleted.Failures) > 0 {
			return fmt.Errorf("take tags off the images of repository %s: found %v, want no failure", repository,
				deleted.Failures)
		}
	}
	return nil
}
