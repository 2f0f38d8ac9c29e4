package compute

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// publicRegistry is Amazon ECR Public, which a pull-through cache fetches from without credentials.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
const publicRegistry = "public.ecr.aws"

// CachedImage is a repository of the account's own registry that ECR fills from the public one.
type CachedImage struct {
	// URL of the repository, without a tag or digest, and its ARN.
	URL, Arn pulumi.StringOutput
}

// imageParts takes an image apart: its registry, its repository, and its tag or digest with what
// stands before it.
func imageParts(image string) (registry, repository, version string) {
	registry, rest, _ := strings.Cut(image, "/")
	at := strings.IndexAny(rest, ":@")
	if at < 0 {
		return registry, rest, ""
	}
	return registry, rest[:at], rest[at:]
}

// validateCache refuses a cache that would hold nothing, and an image that it cannot fetch.
func (c Config) validateCache() settings.Problems {
	var p settings.Problems
	if !c.Registry.CachePublic {
		return p
	}
	if c.Agent == nil {
		p.Want(false, "registry.cachePublic", true,
			"false, or the agent's image in compute.agent: it is what the cache holds")
		return p
	}
	registry, _, _ := imageParts(c.Agent.Image)
	p.WantBeside("registry.cachePublic", registry == publicRegistry, "agent.image", c.Agent.Image,
		"an image of %s with registry.cachePublic: that is where the cache fetches from", publicRegistry)
	return p
}

// checkCache refuses a prefix that ECR would not take, and an image that is not of the public
// registry.
func (a *RegistryArgs) checkCache() error {
	if registry, _, _ := imageParts(a.CachedImage); registry != publicRegistry {
		return fmt.Errorf("CachedImage is %q, want an image of %s", a.CachedImage, publicRegistry)
	}
	return names.Check(names.CachePrefix, cachePrefix(a.Environment))
}

// cachePrefix begins the names of the repositories that ECR fills: bookmark-manager/<environment>.
func cachePrefix(environment names.Environment) string {
	return strings.TrimPrefix(environment.Path(), "/")
}

// publicCache has ECR keep the agent's image in the account's own registry. ECR fetches it when a
// task first asks for it, and again only when it is gone. The repository is made here, and not by
// ECR, so that it has the key, the lifecycle and the tags of the stack's others. Nothing is lost
// with it.
func (r *Registry) publicCache(base component.Component, args *RegistryArgs) error {
	_, repository, _ := imageParts(args.CachedImage)
	prefix := cachePrefix(args.Environment)
	rule, err := ecr.NewPullThroughCacheRule(base.Ctx, base.Child("public"), &ecr.PullThroughCacheRuleArgs{
		EcrRepositoryPrefix: pulumi.String(prefix), UpstreamRegistryUrl: pulumi.String(publicRegistry),
	}, base.Parent())
	if err != nil {
		return base.Wrap("create", "pull-through cache", err)
	}
	made, err := ecr.NewRepository(base.Ctx, base.Child("public"), args.repository(prefix+"/"+repository, true),
		base.Parent(), pulumi.DependsOn([]pulumi.Resource{rule}))
	if err != nil {
		return base.Wrap("create", "repository of cached images", err)
	}
	expiry, err := json.Marshal(lifecycle{Rules: []lifecycleRule{{1, "old images", lifecycleSelection{
		TagStatus: "any", CountType: "imageCountMoreThan", CountNumber: args.Config.KeepImages,
	}, map[string]string{"type": "expire"}}}})
	if err != nil {
		return fmt.Errorf("write lifecycle of cached images: %w", err)
	}
	if _, err := ecr.NewLifecyclePolicy(base.Ctx, base.Child("public"), &ecr.LifecyclePolicyArgs{
		Repository: made.Name, Policy: pulumi.String(expiry),
	}, base.Parent(), pulumi.DeleteBeforeReplace(true)); err != nil {
		return base.Wrap("create", "lifecycle of cached images", err)
	}
	r.Cached = &CachedImage{made.RepositoryUrl, made.Arn}
	return nil
}
