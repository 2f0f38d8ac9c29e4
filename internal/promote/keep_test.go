package promote

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// keeping are the calls that give an image its tag.
func keeping(service, digest, version string) []string {
	image := " --repository-name production-" + service + " --image-ids imageDigest=" + digest
	return []string{
		"aws ecr describe-images" + image, "aws ecr batch-get-image" + image,
		"aws ecr put-image --repository-name production-" + service + " --image-tag release-" + version + " --image-digest " + digest +
			` --image-manifest {"manifests":[{"platform":{"architecture":"amd64"}},{"platform":{"architecture":"unknown"}}]}` +
			" --image-manifest-media-type application/vnd.oci.image.index.v1+json",
	}
}

// keptWith is the end of a promotion. Where both services have the same image, it has its tag when
// the second one's turn comes.
func keptWith(api string) []string {
	second := keeping("api", api, "4be1f2c")
	if api == digestA {
		second = second[:1]
	}
	return all([]string{"pulumi stack output --json"}, keeping("web", digestA, "4be1f2c"), second)
}

func TestWhatWasReleasedTwiceIsTaggedOnce(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	require.NoError(t, os.Remove(os.Getenv("CALLS")))
	code, _, problems = w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.NotContains(t, strings.Join(w.called(), "\n"), "put-image")
}

// An image that was only pushed must not take the place of one that ran.
func TestAReleaseThatFailsIsNotTagged(t *testing.T) {
	w := newWorld(t)
	code, _, _ := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.False(t, slices.ContainsFunc(w.called(), func(call string) bool { return strings.HasPrefix(call, "aws ecr put-image ") }))
}

// A promotion that was killed before its end has left its images on the stack.
func TestADeployTagsWhatAPromotionHasLeft(t *testing.T) {
	w := newWorld(t)
	released := strings.Replace(stackFile, "    api:\n", "    api:\n      image: "+digestB+"\n      version: 4be1f2c\n      canary:\n"+
		"        image: "+digestA+"\n        version: 5cf2a3d\n", 1)
	require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(strings.ReplaceAll(released, `      image: "sha256:old" # what runs
      version: old
`, "")), 0o644))
	code, _, _ := w.promote("deploy")
	assert.Equal(t, command.Failed, code, "the site does not answer, and the stack runs it all the same")
	assert.Subset(t, w.called(), keeping("api", digestB, "4be1f2c"))
	assert.Contains(t, strings.Join(w.called(), "\n"), "--image-tag release-5cf2a3d --image-digest "+digestA)
}

func TestATagThatCannotBeSetIsAFailure(t *testing.T) {
	for sentence, asleep := range map[string]bool{"in the day": false, "at night": true} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			if asleep {
				w.lower()
			}
			t.Setenv("FAIL_TAG", "ImageTagAlreadyExistsException")
			code, _, problems := w.release(digestA)
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, `keep the image of service "web", `+digestA+" (4be1f2c)")
			assert.Contains(t, problems, "ImageTagAlreadyExistsException")
			assert.Contains(t, problems, "prod runs it, and ECR may expire it; run: scripts/deploy prod")
			assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history(), "it is not taken back")
		})
	}
}
