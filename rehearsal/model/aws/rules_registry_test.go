package aws

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func repository(more in) in { return merged(in{"name": "web"}, more) }

var registryPairs = map[string]pair{
	"one cache a prefix": {
		want: "PullThroughCacheRuleAlreadyExistsException: A pull through cache rule for the repository prefix " +
			"'public' already exists in the " +
			"registry with id '123456789012'",
		refuses: func(w *world) error {
			w.cache("public")
			return failed(w.try(cacheRuleType, "again",
				in{"ecrRepositoryPrefix": "public", "upstreamRegistryUrl": "quay.io"}))
		},
		passes: func(w *world) error {
			w.cache("public")
			return failed(w.try(cacheRuleType, "again",
				in{"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"}))
		},
	},
	"a cache of a registry that wants no credentials": {
		want: "InvalidParameterException: The registry ghcr.io wants a credentialArn",
		refuses: func(w *world) error {
			return failed(w.try(cacheRuleType, "github",
				in{"ecrRepositoryPrefix": "github", "upstreamRegistryUrl": "ghcr.io"}))
		},
		passes: func(w *world) error {
			return failed(w.try(cacheRuleType, "public",
				in{"ecrRepositoryPrefix": "public", "upstreamRegistryUrl": "public.ecr.aws"}))
		},
	},
	"one repository a name": {
		want: "RepositoryAlreadyExistsException: The repository with name 'web' already exists in the registry with " +
			"id '123456789012'",
		refuses: func(w *world) error {
			w.make(repositoryType, "a", repository(nil))
			return failed(w.try(repositoryType, "b", repository(nil)))
		},
		passes: func(w *world) error {
			w.make(repositoryType, "a", repository(nil))
			return failed(w.other("us-east-1", account, nil).try(repositoryType, "b", repository(nil)))
		},
	},
	"a repository with a known key": {
		want: "KmsException: The KMS key arn:aws:kms:ap-northeast-1:123456789012:key/none does not exist or cannot " +
			"be used",
		refuses: func(w *world) error {
			return failed(w.try(repositoryType, "web", repository(in{"encryptionConfigurations": []any{
				in{"encryptionType": "KMS", "kmsKey": "arn:aws:kms:ap-northeast-1:123456789012:key/none"},
			}})))
		},
		passes: func(w *world) error {
			return failed(w.try(repositoryType, "web", repository(in{"encryptionConfigurations": []any{
				in{"encryptionType": "KMS", "kmsKey": w.make(keyType, "data", nil).text("arn")},
			}})))
		},
	},
	"a repository with images stays": {
		want: "RepositoryNotEmptyException: The repository with name 'web' in registry with id '123456789012' " +
			"cannot be deleted because it still contains images",
		refuses: func(w *world) error {
			made := w.make(repositoryType, "web", repository(nil))
			w.push("web")
			return w.delete(made)
		},
		passes: func(w *world) error {
			made := w.make(repositoryType, "web", repository(in{"forceDelete": true}))
			w.push("web")
			return w.delete(made)
		},
	},
	"a lifecycle of a known repository": {
		want:    "RepositoryNotFoundException: The repository with name 'none' does not exist",
		refuses: func(w *world) error { return w.expiry("none", `{"rules":[]}`) },
		passes: func(w *world) error {
			return w.expiry(w.make(repositoryType, "web", repository(nil)).id, `{"rules":[]}`)
		},
	},
	"lifecycle of images": {
		want: "InvalidParameterException: Lifecycle policy validation failure: the rule for any image must have the " +
			"highest rulePriority, it has 1 of 2",
		refuses: func(w *world) error {
			return w.expiry(w.make(repositoryType, "web", repository(nil)).id,
				`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any"}},{"rulePriority":2,"selection":{`+
					`"tagStatus":"untagged"}}]}`)
		},
		passes: func(w *world) error {
			return w.expiry(w.make(repositoryType, "web", repository(nil)).id,
				`{"rules":[{"rulePriority":3,"selection":{"tagStatus":"any"}},{"rulePriority":2,"selection":{`+
					`"tagStatus":"untagged"}}]}`)
		},
	},
	"one namespace a name": {
		want: "NamespaceAlreadyExists: A namespace with the name main already exists",
		refuses: func(w *world) error {
			w.make(namespaceType, "a", in{"name": "main"})
			return failed(w.try(namespaceType, "b", in{"name": "main"}))
		},
		passes: func(w *world) error { return failed(w.try(namespaceType, "a", in{"name": "main"})) },
	},
}

func (w *world) expiry(repository, policy string) error {
	return failed(w.try(imageLifecycleType, "web", in{"repository": repository, "policy": policy}))
}

// AWS has one lifecycle policy of a repository: PutLifecyclePolicy takes the place of the one that
// is there, and either resource deletes it.
func TestWhatIsThereOnceIsPutInItsOwnPlace(t *testing.T) {
	w := newWorld(t)
	repo := w.make(repositoryType, "api", repository(nil))
	policy := func(count int) in {
		return in{"repository": repo.id, "policy": fmt.Sprintf(`{"rules":[{"rulePriority":%d}]}`, count)}
	}
	first := w.make(imageLifecycleType, "first", policy(1))
	second := w.make(imageLifecycleType, "second", policy(2))
	assert.Equal(t, second.inputs["policy"], w.read(first).Outputs["policy"])
	require.NoError(t, w.delete(first))
	assert.Equal(t, plugin.ReadResponse{}, w.read(second), "deleted with the old one")
}

func (w *world) cache(prefix string) {
	w.make(cacheRuleType, prefix, in{"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": "public.ecr.aws"})
}

// ECR fetches an image that it lacks for whoever may have it imported, into a repository that is
// there or that he may make.
func TestACachedImageIsPulledByWhoMayImportIt(t *testing.T) {
	const image = ourECR + "public/datadog/agent:7.73.0"
	for sentence, one := range map[string]struct {
		made    bool
		without string
		want    string
	}{
		"whole": {made: true},
		"no leave to import": {
			made:    true,
			without: "ecr:BatchImportUpstreamImage",
			want:    "not authorized to perform: ecr:BatchImportUpstreamImage",
		},
		"no repository": {want: ""},
		"none, no leave for one": {
			without: "ecr:CreateRepository",
			want:    "not authorized to perform: ecr:CreateRepository",
		},
		"one, no leave for one": {made: true, without: "ecr:CreateRepository"},
		"no leave to pull at all": {
			made:    true,
			without: "ecr:BatchGetImage",
			want:    "not authorized to perform: ecr:BatchGetImage",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			w.cache("public")
			if one.made {
				w.make(repositoryType, "agent", in{"name": "public/datadog/agent"})
			}
			err := w.start(started{image: image, without: one.without})
			if one.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, one.want)
			}
		})
	}
	assert.ErrorContains(t, newWorld(t).start(started{image: image}), "CannotPullContainerError")
}
