package promote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// ran is an image that ECS runs.
type ran struct {
	service, digest string
	// tried is whether ECS has rolled it out with tasks: it works as far as ECS can tell.
	tried bool
}

// runningNow are the images of all deployments of the stack's ECS services. What a stack file names
// need not be among them: a promotion may have been killed before it deployed.
func (p *promotion) runningNow(ctx context.Context, known *outputs) ([]ran, error) {
	var all []ran
	images := map[string][]string{} // by task definition
	for some := range slices.Chunk(known.ServiceNames, perCall) {
		found, err := p.describe(ctx, known, some)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			for _, deployment := range one.Deployments {
				if _, read := images[deployment.TaskDefinition]; !read {
					if images[deployment.TaskDefinition], err = p.imagesOf(ctx, deployment.TaskDefinition); err != nil {
						return nil, err
					}
				}
				tried := deployment.Status == "PRIMARY" && deployment.RolloutState == "COMPLETED" &&
					one.DesiredCount > 0
				for _, image := range images[deployment.TaskDefinition] {
					if service, digest, ours := known.pushed(image); ours {
						all = append(all, ran{service, digest, tried})
					}
				}
			}
		}
	}
	return all, nil
}

// imagesOf are the images of a task definition's containers.
func (p *promotion) imagesOf(ctx context.Context, definition string) ([]string, error) {
	var found struct {
		TaskDefinition struct {
			Containers []struct {
				Image string `json:"image"`
			} `json:"containerDefinitions"`
		} `json:"taskDefinition"`
	}
	if err := p.Read(ctx, &found, "aws", "ecs", "describe-task-definition", "--task-definition", definition,
		"--output", "json"); err != nil {
		return nil, err
	}
	var images []string
	for _, one := range found.TaskDefinition.Containers {
		images = append(images, one.Image)
	}
	return images, nil
}

// pushed says which service's repository an image is from; false for one of another registry.
func (o *outputs) pushed(image string) (service, digest string, ours bool) {
	url, digest, _ := strings.Cut(image, "@")
	for _, service := range sortedKeys(o.RepositoryURLs) {
		if o.RepositoryURLs[service] == url && digest != "" {
			return service, digest, true
		}
	}
	return "", "", false
}

// tagDeployments sets the running- tag on what ECS runs now: a deploy that does not work is rolled
// back to it, and it may have been deployed by something that set no tags. An image that does not
// exist any more must not stop the deploy that replaces it.
func (p *promotion) tagDeployments(ctx context.Context, repositories *repositories, running []ran) error {
	for _, one := range running {
		image := stackfile.Image{Service: one.service, Digest: one.digest, Canary: true} // of no version that is known
		err := p.tagImage(ctx, repositories, image, names.RunningTag(one.digest))
		var missing *missingError
		switch {
		case errors.As(err, &missing):
			p.Say("%s runs %s of service %q, which its repository has no more: nothing can go back to it", p.stack,
				one.digest, one.service)
		case err != nil:
			return fmt.Errorf("tag what service %q runs, %s: %w", one.service, one.digest, err)
		}
	}
	return nil
}

// tagTried sets the release- tag on what a stack file names, if ECS has run it and the tag is
// missing: a promotion was killed, or left the stack asleep.
func (p *promotion) tagTried(
	ctx context.Context, repositories *repositories, stackFile string, running []ran,
) error {
	all, err := stackfile.Images(stackFile)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Canary || !slices.Contains(running, ran{one.Service, one.Digest, true}) {
			continue
		}
		if err := p.tagImage(ctx, repositories, one, tagsOf(one)...); err != nil {
			return fmt.Errorf("tag the image of service %q, %s (%s): %w", one.Service, one.Digest, one.Version, err)
		}
	}
	return nil
}
