package compute

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// RegistryType is part of every child's URN; changing it replaces the repositories.
const RegistryType = "bookmark-manager:compute:Registry"

// RegistryArgs are the registry's configuration and wiring.
type RegistryArgs struct {
	Config RegistryConfig
	identity.Stack
	// Services are the services that get a repository. Required.
	Services []string
	// KeyArn encrypts the images. Required; changing it replaces the repositories.
	KeyArn pulumi.StringInput
	// CachedImage is the image of the public registry that is kept in this one. Required when
	// Config has cachePublic.
	CachedImage string
}

// Registry is an ECR repository for each service: tags never move, every push is scanned, old
// images expire.
type Registry struct {
	pulumi.ResourceState

	// Names, URLs and Arns are by service. Names are fixed:
	// bookmark-manager-<environment>-<service>.
	Names map[string]pulumi.StringOutput
	URLs  map[string]pulumi.StringOutput
	Arns  map[string]pulumi.StringOutput
	// Cached is where the agent's image is kept; nil without cachePublic.
	Cached *CachedImage
}

// NewRegistry registers nothing when args are invalid.
func NewRegistry(
	ctx *pulumi.Context, name string, args *RegistryArgs, opts ...pulumi.ResourceOption,
) (*Registry, error) {
	if args == nil || len(args.Services) == 0 || args.KeyArn == nil {
		return nil, fmt.Errorf("registry %q: Services and KeyArn are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("registry %q: %w", name, err)
	}
	invalid := []error{settings.Check(args.Config).Err()}
	services := slices.Sorted(slices.Values(args.Services))
	if args.Config.CachePublic {
		invalid = append(invalid, args.checkCache())
	}
	for _, service := range services {
		invalid = append(invalid, names.Check(names.Repository, args.Environment.Name(service)))
	}
	if err := errors.Join(invalid...); err != nil {
		return nil, fmt.Errorf("registry %q: %w", name, err)
	}
	expiry, err := json.Marshal(args.Config.expiry())
	if err != nil {
		return nil, fmt.Errorf("write lifecycle of registry %q: %w", name, err)
	}
	r := &Registry{
		Names: map[string]pulumi.StringOutput{},
		URLs:  map[string]pulumi.StringOutput{},
		Arns:  map[string]pulumi.StringOutput{},
	}
	base, err := component.Register(ctx, "registry", RegistryType, name, r, opts...)
	if err != nil {
		return nil, err
	}
	open := !args.Protect()
	outputs := pulumi.Map{}
	for _, service := range services {
		repository, err := ecr.NewRepository(ctx, base.Child(service),
			args.repository(args.Environment.Name(service), open),
			base.Parent(), pulumi.Protect(!open))
		if err != nil {
			return nil, fmt.Errorf("create repository %q of registry %q: %w", service, name, err)
		}
		// A repository has one policy. A new one that is made first would be deleted with the old
		// one.
		if _, err := ecr.NewLifecyclePolicy(ctx, base.Child(service), &ecr.LifecyclePolicyArgs{
			Repository: repository.Name,
			Policy:     pulumi.String(expiry),
		}, base.Parent(), pulumi.DeleteBeforeReplace(true)); err != nil {
			return nil, fmt.Errorf("create lifecycle of repository %q of registry %q: %w", service, name, err)
		}
		r.Names[service], r.URLs[service], r.Arns[service] = repository.Name, repository.RepositoryUrl, repository.Arn
		outputs[service] = repository.RepositoryUrl
	}
	if args.Config.CachePublic {
		if err := r.publicCache(base, args); err != nil {
			return nil, err
		}
		outputs["cached"] = r.Cached.URL
	}
	return r, base.Outputs(outputs)
}

// lifecycle is ECR's lifecycle policy document.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
type lifecycle struct {
	Rules []lifecycleRule `json:"rules"`
}

type lifecycleRule struct {
	RulePriority int                `json:"rulePriority"`
	Description  string             `json:"description"`
	Selection    lifecycleSelection `json:"selection"`
	Action       map[string]string  `json:"action"`
}

type lifecycleSelection struct {
	TagStatus     string   `json:"tagStatus"`
	TagPrefixList []string `json:"tagPrefixList,omitempty"`
	CountType     string   `json:"countType"`
	CountUnit     string   `json:"countUnit,omitempty"`
	CountNumber   int      `json:"countNumber"`
}

// keepRunning is how many images with a running- tag are kept: more than a repository may have,
// which are 10,000 unless AWS has raised that. Whoever may push may set any tag: IAM has no
// condition on the tag of ecr:PutImage. With a number that can be reached, that many pushes would
// expire what runs. https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
const keepRunning = 100_000

// expiry lists the rules, by the tags that package internal/promote sets (keep.go has the life of
// an image). ECR applies to an image the first rule that selects it, so that what runs is kept
// however old it is, and what was released does not expire because many images were pushed after
// it. A task that is restarted pulls its image again. ECR wants the rule for any image last.
func (c RegistryConfig) expiry() lifecycle {
	expire := map[string]string{"type": "expire"}
	return lifecycle{Rules: []lifecycleRule{
		{1, "what ran long ago", lifecycleSelection{
			TagStatus:     "tagged",
			TagPrefixList: []string{names.RunningTagPrefix},
			CountType:     "imageCountMoreThan",
			CountNumber:   keepRunning,
		}, expire},
		{2, "old releases", lifecycleSelection{
			TagStatus:     "tagged",
			TagPrefixList: []string{names.ReleaseTagPrefix},
			CountType:     "imageCountMoreThan",
			CountNumber:   c.KeepReleases,
		}, expire},
		{3, "images without a tag", lifecycleSelection{
			TagStatus:   "untagged",
			CountType:   "sinceImagePushed",
			CountUnit:   "days",
			CountNumber: c.UntaggedDays,
		}, expire},
		{4, "old images that were never released", lifecycleSelection{
			TagStatus: "any", CountType: "imageCountMoreThan", CountNumber: c.KeepImages,
		}, expire},
	}}
}

// repository is what each repository of the registry is: its images are encrypted with the
// registry's key, scanned when they are pushed, and no tag of theirs moves. An open one can be
// deleted with its images.
func (a *RegistryArgs) repository(name string, open bool) *ecr.RepositoryArgs {
	return &ecr.RepositoryArgs{
		Name:                       pulumi.String(name),
		ImageTagMutability:         pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
		EncryptionConfigurations: ecr.RepositoryEncryptionConfigurationArray{
			ecr.RepositoryEncryptionConfigurationArgs{
				EncryptionType: pulumi.String("KMS"),
				KmsKey:         a.KeyArn.ToStringOutput(),
			},
		},
		ForceDelete: pulumi.Bool(open),
	}
}
