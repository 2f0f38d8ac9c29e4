package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// Registries that a pull-through cache can be of, those that want credentials apart.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
var (
	openRegistries   = []string{"public.ecr.aws", "registry.k8s.io", "quay.io"}
	closedRegistries = []string{"registry-1.docker.io", "ghcr.io", "registry.gitlab.com"}
)

// cachedFrom is the pull-through cache that fills a repository; nil for one that images are pushed
// into.
func cachedFrom(r *provider.Request, repository string) *cloud.Object {
	for prefix := repository; strings.Contains(prefix, "/"); {
		prefix = prefix[:strings.LastIndex(prefix, "/")]
		if rule := r.Find(cacheRuleType, prefix); rule != nil {
			return rule
		}
	}
	return nil
}

// registryRules are about image repositories and Service Connect's namespaces.
var registryRules = []provider.Rule{
	{
		Name:  "one repository a name",
		Types: []string{repositoryType},
		When:  provider.OnCreate,
		Why:   "ECR error codes: RepositoryAlreadyExistsException",
		Check: func(r *provider.Request) error {
			if other := r.Find(repositoryType, r.Inputs.Text("name")); other != nil && !r.Itself(other) {
				return fmt.Errorf("RepositoryAlreadyExistsException: The repository with name '%s' already exists "+
					"in the registry with id '%s'", other.ID, r.Account)
			}
			return nil
		},
	},
	{
		Name:  "a repository with a known key",
		Types: []string{repositoryType},
		When:  provider.OnWrite,
		Why:   "ECR error codes: KmsException",
		Check: func(r *provider.Request) error {
			for _, encryption := range r.Inputs.Objects("encryptionConfigurations") {
				if key := encryption.Text("kmsKey"); key != "" && r.Missing(findKey(r, key)) {
					return fmt.Errorf("KmsException: The KMS key %s does not exist or cannot be used", key)
				}
			}
			return nil
		},
	},
	{
		Name:  "one cache a prefix",
		Types: []string{cacheRuleType},
		When:  provider.OnCreate,
		Why:   "ECR CreatePullThroughCacheRule: PullThroughCacheRuleAlreadyExistsException",
		Check: func(r *provider.Request) error {
			prefix := r.Inputs.Text("ecrRepositoryPrefix")
			if other := r.Find(cacheRuleType, prefix); other != nil && !r.Itself(other) {
				return fmt.Errorf("PullThroughCacheRuleAlreadyExistsException: A pull through cache rule for the "+
					"repository prefix '%s' already "+
					"exists in the registry with id '%s'", prefix, r.Account)
			}
			return nil
		},
	},
	{
		Name:  "a cache of a registry that wants no credentials",
		Types: []string{cacheRuleType},
		When:  provider.OnWrite,
		Why: "ECR CreatePullThroughCacheRule: UnsupportedUpstreamRegistryException; InvalidParameterException " +
			"without a credential",
		Check: func(r *provider.Request) error {
			upstream := r.Inputs.Text("upstreamRegistryUrl")
			switch {
			case slices.Contains(openRegistries, upstream) || r.Inputs.Text("credentialArn") != "" || upstream == "":
				return nil
			case slices.Contains(closedRegistries, upstream):
				return fmt.Errorf("InvalidParameterException: The registry %s wants a credentialArn", upstream)
			}
			return fmt.Errorf("UnsupportedUpstreamRegistryException: The upstream registry %s is not supported",
				upstream)
		},
	},
	{
		Name:  "a repository with images stays",
		Types: []string{repositoryType},
		When:  provider.OnDelete,
		Why:   "ECR error codes: RepositoryNotEmptyException",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Outputs).Is("forceDelete", false) ||
				len(r.Where(imageType, "repository", r.Old.ID)) == 0 {
				return nil
			}
			return fmt.Errorf("RepositoryNotEmptyException: The repository with name '%s' in registry with id '%s' "+
				"cannot be deleted because it still contains images", r.Old.ID, r.Account)
		},
	},
	{
		Name:  "a lifecycle of a known repository",
		Types: []string{imageLifecycleType},
		When:  provider.OnWrite,
		Why:   "ECR error codes: RepositoryNotFoundException",
		Check: references("repository", repositoryType,
			"RepositoryNotFoundException: The repository with name '%s' does not exist"),
	},
	{
		Name:  "lifecycle of images",
		Types: []string{imageLifecycleType},
		When:  provider.OnCheck,
		Why:   "ECR PutLifecyclePolicy: InvalidParameterException",
		Check: func(r *provider.Request) error {
			text := r.Inputs.Text("policy")
			if text == "" {
				return nil
			}
			var policy struct {
				Rules []struct {
					RulePriority int
					Selection    struct{ TagStatus string }
				}
			}
			if err := json.Unmarshal([]byte(text), &policy); err != nil {
				return fmt.Errorf("InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to "+
					"satisfy constraint: 'Lifecycle policy validation failure: %w'", err)
			}
			seen, highest, anyAt := map[int]bool{}, 0, 0
			for _, rule := range policy.Rules {
				if seen[rule.RulePriority] {
					return fmt.Errorf("InvalidParameterException: Lifecycle policy validation failure: duplicate "+
						"rulePriority %d", rule.RulePriority)
				}
				seen[rule.RulePriority], highest = true, max(highest, rule.RulePriority)
				if rule.Selection.TagStatus == "any" {
					anyAt = rule.RulePriority
				}
			}
			if anyAt != 0 && anyAt != highest {
				return fmt.Errorf("InvalidParameterException: Lifecycle policy validation failure: the rule for any "+
					"image must have the highest rulePriority, it has %d of %d", anyAt, highest)
			}
			return nil
		},
	},
	{
		Name:  "one namespace a name",
		Types: []string{namespaceType},
		When:  provider.OnCreate,
		Why:   "Cloud Map error codes: NamespaceAlreadyExists",
		Check: unique(namespaceType, "NamespaceAlreadyExists: A namespace with the name %s already exists"),
	},
}
