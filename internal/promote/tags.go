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

// tagsOf are the tags that an image of a stack file has in the end. A canary is no release.
func tagsOf(one stackfile.Image) []string {
	tags := []string{names.RunningTag(one.Digest)}
	if !one.Canary {
		tags = append(tags, names.ReleaseTagPrefix+one.Version)
	}
	return tags
}

// tagImage sets those of the tags that an image lacks.
func (p *promotion) tagImage(
	ctx context.Context, repositories *repositories, one stackfile.Image, tags ...string,
) error {
	repository, err := repositories.of(ctx, one.Service)
	if err != nil {
		return err
	}
	// A tag that comes at the end is looked for at the start, when nothing has changed yet.
	for _, tag := range missingTags(repository.tags[one.Digest], tagsOf(one)) {
		if err := repository.refuseTaken(tag); err != nil {
			return err
		}
	}
	missing := missingTags(repository.tags[one.Digest], tags)
	if len(missing) == 0 {
		return nil
	}
	image, err := p.image(ctx, repository.name, one.Digest)
	if err != nil {
		return err
	}
	for _, tag := range missing {
		p.Say("Tagging %s:%s", repository.name, tag)
		// ECR compares the manifest with the digest, so that no other image can get the tag.
		if _, err := p.Output(ctx, "aws", "ecr", "put-image", "--repository-name", repository.name,
			"--image-tag", tag, "--image-digest", one.Digest, "--image-manifest", image.Manifest,
			"--image-manifest-media-type", image.MediaType, "--output", "json"); err != nil {
			return err
		}
		repository.tags[one.Digest] = append(repository.tags[one.Digest], tag)
	}
	return nil
}

// missingTags are those of the tags that an image does not have. A release that was made twice has
// one tag.
func missingTags(has, tags []string) []string {
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

// refuseTaken refuses a tag that another image has. Tags of these repositories never move, and IAM
// has no condition on the tag that PutImage sets, so that whoever may push can take one first.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
func (r *repository) refuseTaken(tag string) error {
	for _, digest := range sortedKeys(r.tags) {
		if !slices.Contains(r.tags[digest], tag) {
			continue
		}
		last := ""
		if len(r.tags[digest]) == 1 {
			last = ", which deletes that image, since it has no other tag"
		}
		return command.Exit(exitTaken, fmt.Errorf("give the tag %s in repository %s: another image has it, %s, and "+
			"tags do not move; deploys and promotions alone set such tags, so find out who has (CloudTrail: "+
			"PutImage), "+
			"remove it%s, and start again:\naws ecr batch-delete-image --repository-name %[2]s --image-ids "+
			"imageTag=%[1]s",
			tag, r.name, digest, last))
	}
	return nil
}

// repository is a service's repository, with the tags of its images by digest.
type repository struct {
	name string
	tags map[string][]string
}

// repositories are those of a stack's services. Each is listed when it is first needed, and then
// known with the tags that this command sets.
type repositories struct {
	p      *promotion
	known  *outputs
	listed map[string]*repository // by service
}

func (p *promotion) listed(known *outputs) *repositories {
	return &repositories{p: p, known: known, listed: map[string]*repository{}}
}

// of is the repository of a service.
func (r *repositories) of(ctx context.Context, service string) (*repository, error) {
	if one := r.listed[service]; one != nil {
		return one, nil
	}
	name, err := r.p.repository(r.known, service)
	if err != nil {
		return nil, err
	}
	var listed struct {
		ImageIDs []struct {
			Digest string `json:"imageDigest"`
			Tag    string `json:"imageTag"`
		} `json:"imageIds"`
	}
	if err := r.p.Read(ctx, &listed, "aws", "ecr", "list-images", "--repository-name", name, "--filter",
		"tagStatus=TAGGED", "--output", "json"); err != nil {
		return nil, err
	}
	one := &repository{name: name, tags: map[string][]string{}}
	for _, image := range listed.ImageIDs {
		one.tags[image.Digest] = append(one.tags[image.Digest], image.Tag)
	}
	r.listed[service] = one
	return one, nil
}

// tagsPerCall is how many tags ECR removes in one call.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
const tagsPerCall = 100

// untag removes tags from the images of a repository. ECR deletes an image with its last tag.
func (p *promotion) untag(ctx context.Context, repository string, tags []string) error {
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
			return fmt.Errorf("remove tags from the images of repository %s: found %v, want no failure", repository,
				deleted.Failures)
		}
	}
	return nil
}
