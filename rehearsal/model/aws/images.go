package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Push puts an image into a repository of the cloud, as docker push does, and returns its digest.
// It does so on the first day; PushOn on another one.
func Push(c *cloud.Cloud, account, region, repository, tag string) (string, error) {
	return PushOn(c, account, region, repository, tag, 0)
}

// PushOn is Push on a day, counted from the first one.
func PushOn(c *cloud.Cloud, account, region, repository, tag string, day int) (string, error) {
	digest := provider.StableID("sha256:", 64, account, region, repository, tag)
	err := c.Update(func(tx *cloud.Tx) error {
		owner := cloud.Key{
			Type:    repositoryType,
			Account: account,
			Region:  region,
			ID:      repository,
		}
		found, err := tx.Get(owner)
		if err != nil {
			return err
		}
		if found == nil {
			return fmt.Errorf("RepositoryNotFoundException: The repository with name '%s' does not exist in the "+
				"registry with id '%s'", repository, account)
		}
		images, err := tx.OwnedBy(owner)
		if err != nil {
			return err
		}
		taken := slices.ContainsFunc(images, func(image *cloud.Object) bool {
			return image.Type == imageType && hasTag(image, tag)
		})
		if taken && found.Text("imageTagMutability") == "IMMUTABLE" {
			return fmt.Errorf("ImageTagAlreadyExistsException: The image tag '%s' already exists in the '%s' "+
				"repository and cannot be overwritten because the repository is immutable.", tag, repository)
		}
		if taken {
			return nil // the same bytes again
		}
		number, err := tx.NextNumber()
		if err != nil {
			return err
		}
		return tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    imageType,
				Account: account,
				Region:  region,
				ID:      repository + "@" + digest,
			},
			Name:    repository + ":" + tag,
			Owner:   &owner,
			Part:    true,
			Creator: account,
			Outputs: imageOutputs(repository, digest, float64(number), day, tag),
		})
	})
	if err != nil {
		return "", fmt.Errorf("push %s:%s: %w", repository, tag, err)
	}
	return digest, nil
}

// Tag gives an image another tag, as PutImage with its manifest does.
func Tag(c *cloud.Cloud, account, region, repository, digest, tag string) error {
	return c.Update(func(tx *cloud.Tx) error { return tagImage(tx, account, region, repository, digest, tag) })
}

func tagImage(tx *cloud.Tx, account, region, repository, digest, tag string) error {
	images, err := imagesOf(tx, account, region, repository)
	if err != nil {
		return err
	}
	for _, image := range images {
		if hasTag(image, tag) {
			return fmt.Errorf("ImageTagAlreadyExistsException: The image tag '%s' already exists in the '%s' "+
				"repository", tag, repository)
		}
	}
	i := slices.IndexFunc(images, func(image *cloud.Object) bool { return image.Text("digest") == digest })
	if i < 0 {
		return fmt.Errorf("ImageNotFoundException: The image with imageId {imageDigest:'%s'} does not exist "+
			"within the repository with name '%s'", digest, repository)
	}
	images[i].Outputs = imageOutputs(repository, digest, pushed(images[i]), dayOf(images[i]),
		append(imageTags(images[i]), tag)...)
	return tx.Replace(images[i])
}

// Untag takes a tag off an image, as BatchDeleteImage with a tag does. An image is deleted with its
// last tag.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
func Untag(c *cloud.Cloud, account, region, repository, tag string) error {
	return c.Update(func(tx *cloud.Tx) error { return untagImage(tx, account, region, repository, tag) })
}

func untagImage(tx *cloud.Tx, account, region, repository, tag string) error {
	images, err := imagesOf(tx, account, region, repository)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(images, func(image *cloud.Object) bool { return hasTag(image, tag) })
	if i < 0 {
		return fmt.Errorf("ImageNotFound: Requested image not found: %s:%s", repository, tag)
	}
	image := images[i]
	left := slices.DeleteFunc(imageTags(image), func(one string) bool { return one == tag })
	if len(left) == 0 {
		return tx.Delete(image.Key)
	}
	image.Outputs = imageOutputs(repository, image.Text("digest"), pushed(image), dayOf(image), left...)
	return tx.Replace(image)
}

// lifecyclePolicy is what ECR reads of a repository's policy.
type lifecyclePolicy struct{ Rules []lifecycleRule }

type lifecycleRule struct {
	RulePriority int
	Selection    struct {
		TagStatus     string
		TagPrefixList []string
		CountType     string
		CountNumber   int
	}
}

// Expire applies a repository's lifecycle policy on a day, as ECR does within that day, and returns
// the digests of the images that it deletes. A rule counts the images that it selects from the one
// that was pushed last; an image that it selects is out of reach of the rules behind it, whether it
// is kept or deleted. A rule by age takes what was pushed more days ago than it counts.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
func Expire(c *cloud.Cloud, account, region, repository string, day int) (expired []string, err error) {
	err = c.Update(func(tx *cloud.Tx) error {
		images, err := imagesOf(tx, account, region, repository)
		if err != nil {
			return err
		}
		policies, err := tx.OfType(imageLifecycleType)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(policies, func(o *cloud.Object) bool {
			return o.Account == account && o.Region == region &&
				provider.Values(o.Inputs).Text("repository") == repository
		})
		if i < 0 {
			return fmt.Errorf("LifecyclePolicyNotFoundException: Lifecycle policy does not exist for the repository "+
				"with name '%s'", repository)
		}
		var policy lifecyclePolicy
		if err := json.Unmarshal([]byte(provider.Values(policies[i].Inputs).Text("policy")), &policy); err != nil {
			return fmt.Errorf("read the lifecycle policy of %s: %w", repository, err)
		}
		for _, image := range policy.expired(images, day) {
			expired = append(expired, image.Text("digest"))
			if err := tx.Delete(image.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return expired, err
}

func (p lifecyclePolicy) expired(images []*cloud.Object, day int) []*cloud.Object {
	rest := slices.SortedFunc(slices.Values(images), func(a, b *cloud.Object) int {
		return cmp.Compare(pushed(b), pushed(a))
	})
	rules := slices.SortedFunc(slices.Values(p.Rules), func(a, b lifecycleRule) int {
		return cmp.Compare(a.RulePriority, b.RulePriority)
	})
	var gone []*cloud.Object
	for _, rule := range rules {
		var left []*cloud.Object
		count := 0
		for _, image := range rest {
			if !rule.selects(imageTags(image)) {
				left = append(left, image)
				continue
			}
			count++
			number := map[string]int{
				"imageCountMoreThan": count,
				"sinceImagePushed":   day - dayOf(image),
			}[rule.Selection.CountType]
			if number > rule.Selection.CountNumber {
				gone = append(gone, image)
			}
		}
		rest = left
	}
	return gone
}

// selects says whether a rule looks at an image with these tags. Of several prefixes it must have
// each.
func (r lifecycleRule) selects(tags []string) bool {
	switch r.Selection.TagStatus {
	case "any":
		return true
	case "untagged":
		return len(tags) == 0
	}
	for _, prefix := range r.Selection.TagPrefixList {
		if !slices.ContainsFunc(tags, func(tag string) bool { return strings.HasPrefix(tag, prefix) }) {
			return false
		}
	}
	return len(r.Selection.TagPrefixList) > 0
}

func imagesOf(tx *cloud.Tx, account, region, repository string) ([]*cloud.Object, error) {
	owned, err := tx.OwnedBy(cloud.Key{
		Type:    repositoryType,
		Account: account,
		Region:  region,
		ID:      repository,
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(owned, func(o *cloud.Object) bool { return o.Type != imageType }), nil
}

func imageTags(image *cloud.Object) []string { return provider.Values(image.Outputs).Texts("tags") }

func hasTag(image *cloud.Object, tag string) bool { return slices.Contains(imageTags(image), tag) }

func pushed(image *cloud.Object) float64 {
	number, _ := provider.Values(image.Outputs).Number("pushed")
	return number
}

// dayOf is the day on which an image was pushed.
func dayOf(image *cloud.Object) int {
	day, _ := provider.Values(image.Outputs).Number("day")
	return int(day)
}

// imageOutputs are those of imageType.
func imageOutputs(repository, digest string, pushed float64, day int, tags ...string) cloud.Properties {
	all := make([]any, len(tags))
	for i, tag := range tags {
		all[i] = tag
	}
	return cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{
		"repository": repository, "digest": digest, "tags": all, "pushed": pushed, "day": day,
	}))
}
