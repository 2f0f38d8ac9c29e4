package aws

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// programsPolicy is the lifecycle policy of the program's repositories. A test of the program holds
// it to this file.
func programsPolicy(t *testing.T) string {
	t.Helper()
	rules, err := os.ReadFile("../../../compute/testdata/lifecycle.json")
	require.NoError(t, err)
	return string(rules)
}

// pushes pushes many images that nobody promotes.
func (w *world) pushes(from, to int, tag func(i int) string) (digests []string) {
	w.t.Helper()
	for i := from; i < to; i++ {
		digest, err := Push(w.cloud, account, tokyo, "web", tag(i))
		require.NoError(w.t, err)
		digests = append(digests, digest)
	}
	return digests
}

func version(i int) string { return fmt.Sprintf("v%d", i) }

// What production runs got its tag when it was promoted, and 200 builds after it do not push it
// out.
func TestAReleasedImageOutlivesBuildsThatNobodyPromotes(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	require.NoError(t, w.expiry("web", programsPolicy(t)))
	running := w.pushes(0, 1, version)[0]
	require.NoError(t, Tag(w.cloud, account, tokyo, "web", running, "release-v0"))
	w.pushes(1, 201, version)
	expired, err := Expire(w.cloud, account, tokyo, "web", 0)
	require.NoError(t, err)
	assert.Len(t, expired, 150, "50 of the builds stay")
	assert.NotContains(t, expired, running)
	require.NoError(t, w.serviceOf(ourECR+"web@"+running), "its task starts")
	require.ErrorContains(t, Tag(w.cloud, account, tokyo, "web", running, "v200"), "ImageTagAlreadyExistsException")
	require.ErrorContains(t, Tag(w.cloud, account, tokyo, "web", expired[0], "release-v1"), "ImageNotFoundException")
}

// A tag that comes with the push is no protection: twenty builds take the place of what runs.
func TestAnImageThatIsTaggedWhenItIsPushedIsExpired(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	require.NoError(t, w.expiry("web", programsPolicy(t)))
	all := w.pushes(0, 21, func(i int) string { return "release-" + version(i) })
	expired, err := Expire(w.cloud, account, tokyo, "web", 0)
	require.NoError(t, err)
	assert.Equal(t, all[:1], expired)
	require.ErrorContains(t, w.serviceOf(ourECR+"web@"+all[0]), "CannotPullContainerError")
}

func TestARepositoryWithoutAPolicyExpiresNothing(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	_, err := Expire(w.cloud, account, tokyo, "web", 0)
	require.ErrorContains(t, err, "LifecyclePolicyNotFoundException")
}

// A rule by age takes what was pushed too long ago, but for what a rule before it has selected:
// what runs may be as old as it likes.
func TestImagesGoByTheirAge(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	require.NoError(t, w.expiry("web", `{"rules": [
		{"rulePriority": 1, "selection": {"tagStatus": "tagged", "tagPrefixList": ["release-"],
		 "countType": "imageCountMoreThan", "countNumber": 20}},
		{"rulePriority": 2, "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days",
		 "countNumber": 7}}]}`))
	running := w.pushes(0, 1, version)[0]
	require.NoError(t, Tag(w.cloud, account, tokyo, "web", running, "release-v0"))
	_, err := PushOn(w.cloud, account, tokyo, "web", "v1", 93)
	require.NoError(t, err)
	old, err := PushOn(w.cloud, account, tokyo, "web", "v2", 92)
	require.NoError(t, err)
	expired, err := Expire(w.cloud, account, tokyo, "web", 99)
	require.NoError(t, err)
	assert.Empty(t, expired, "seven days are not more than seven")
	expired, err = Expire(w.cloud, account, tokyo, "web", 100)
	require.NoError(t, err)
	assert.Equal(t, []string{old}, expired)
	require.NoError(t, w.serviceOf(ourECR+"web@"+running), "its task starts")
}

// A stack that has gone back runs an image that was pushed before those of later releases. Builds
// that nobody promotes do not push it out.
func TestAReleaseThatWasGoneBackToOutlivesBuilds(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	require.NoError(t, w.expiry("web", programsPolicy(t)))
	all := w.pushes(0, 20, version)
	for i, digest := range all {
		require.NoError(t, Tag(w.cloud, account, tokyo, "web", digest, "release-"+version(i)))
	}
	running := all[0] // the oldest that is still there
	w.pushes(20, 220, version)
	expired, err := Expire(w.cloud, account, tokyo, "web", 365)
	require.NoError(t, err)
	assert.NotContains(t, expired, running)
	require.NoError(t, w.serviceOf(ourECR+"web@"+running), "its task starts")
}

// What runs and was released by nobody stays as long as it runs, whatever is released beside it: a
// canary, and an old build that a stack has gone back to, which the tag of a release alone would
// not have kept.
func TestWhatRunsOutlivesReleases(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	require.NoError(t, w.expiry("web", programsPolicy(t)))
	tag := func(digest, tag string) {
		t.Helper()
		require.NoError(t, Tag(w.cloud, account, tokyo, "web", digest, tag))
	}
	expire := func() (gone []string) {
		t.Helper()
		gone, err := Expire(w.cloud, account, tokyo, "web", 365)
		require.NoError(t, err)
		return gone
	}
	released := func(from, to int) {
		t.Helper()
		for i, digest := range w.pushes(from, to, version) {
			tag(digest, "release-"+version(from+i))
		}
	}
	old := w.pushes(0, 4, version)
	canary, back, alone, both := old[0], old[1], old[2], old[3]
	tag(canary, "running-canary")
	tag(back, "running-back")
	tag(both, "running-both")
	tag(both, "release-both")
	released(4, 24)
	tag(back, "release-back") // the 21st of them, and the oldest
	assert.Empty(t, expire())
	released(24, 44)
	w.pushes(44, 244, version)
	gone := expire()
	assert.Contains(t, gone, alone)
	for _, running := range []string{canary, back, both} {
		assert.NotContains(t, gone, running)
	}
	require.NoError(t, w.serviceOf(ourECR+"web@"+back), "its task starts")

	require.NoError(t, Untag(w.cloud, account, tokyo, "web", "running-canary"))
	require.NoError(t, Untag(w.cloud, account, tokyo, "web", "running-back"))
	assert.ElementsMatch(t, []string{canary, back}, expire(), "what does not run any more is one of many")
	require.ErrorContains(t, Untag(w.cloud, account, tokyo, "web", "running-back"), "ImageNotFound")
}

func TestAnImageGoesWithItsLastTag(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	image := w.pushes(0, 1, version)[0]
	require.NoError(t, Untag(w.cloud, account, tokyo, "web", "v0"))
	require.ErrorContains(t, Tag(w.cloud, account, tokyo, "web", image, "v1"), "ImageNotFoundException")
}

// The tags are those that a promotion was seen to set; a test of it holds it to this file. One
// whose beginning no rule has keeps nothing.
func TestEachTagThatAPromotionSetsKeepsItsImage(t *testing.T) {
	written, err := os.ReadFile("../../../internal/promote/testdata/tags.golden")
	require.NoError(t, err)
	tags := strings.Fields(string(written))
	require.Len(t, tags, 5, "of two services and a canary")
	for _, tag := range append(tags, "kept-4be1f2c") {
		w := newWorld(t)
		w.make(repositoryType, "web", repository(nil))
		require.NoError(t, w.expiry("web", programsPolicy(t)))
		image := w.pushes(0, 1, version)[0]
		require.NoError(t, Tag(w.cloud, account, tokyo, "web", image, tag))
		w.pushes(1, 201, version)
		expired, err := Expire(w.cloud, account, tokyo, "web", 365)
		require.NoError(t, err)
		if tag == "kept-4be1f2c" {
			assert.Contains(t, expired, image, tag)
		} else {
			assert.NotContains(t, expired, image, tag)
		}
	}
}

// Whoever may push may set any tag. No number of images with the tag of what runs expires what
// does; releases to go back to are as many as the rule says, whoever has set their tags.
func TestNoNumberOfTagsExpiresWhatRuns(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	require.NoError(t, w.expiry("web", programsPolicy(t)))
	both := w.pushes(0, 2, version)
	running, before := both[0], both[1]
	require.NoError(t, Tag(w.cloud, account, tokyo, "web", running, "running-v0"))
	require.NoError(t, Tag(w.cloud, account, tokyo, "web", running, "release-v0"))
	require.NoError(t, Tag(w.cloud, account, tokyo, "web", before, "release-v1"))
	for _, prefix := range []string{"running-", "release-"} {
		w.pushes(2, 302, func(i int) string { return prefix + "no-" + version(i) })
	}
	expired, err := Expire(w.cloud, account, tokyo, "web", 365)
	require.NoError(t, err)
	assert.NotContains(t, expired, running)
	assert.Contains(t, expired, before)
	require.NoError(t, w.serviceOf(ourECR+"web@"+running), "its task starts")
}
