package promote

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// listing is the call that lists the tags of a service's images.
func listing(service string) []string {
	return []string{"aws ecr list-images --repository-name production-" + service + " --filter tagStatus=TAGGED"}
}

// tagging are the calls that give an image a tag that it lacks.
func tagging(service, digest, tag string) []string {
	return all(listing(service), reading(service, digest), []string{
		"aws ecr put-image --repository-name production-" + service + " --image-tag " + tag + " --image-digest " +
			digest +
			` --image-manifest {"manifests":[{"platform":{"architecture":"amd64"}},{"platform":{"architecture":` +
			`"unknown"}}]}` +
			" --image-manifest-media-type application/vnd.oci.image.index.v1+json",
	})
}

// holding are the calls that give an image the tag of what runs.
func holding(service, digest string) []string {
	return tagging(service, digest, names.RunningTag(digest))
}

// held is what comes before the first task of a release.
func held(api string) []string { return all(holding("web", digestA), holding("api", api)) }

// keptWith is the end of a promotion.
func keptWith(api string) []string {
	return all(known, tagging("web", digestA, "release-4be1f2c"), tagging("api", api, "release-4be1f2c"),
		listing("api"), listing("web"))
}

// lettingGo is the end of one that was taken back.
func lettingGo(api string) []string {
	calls := slices.Clone(known)
	for _, one := range [][]string{{"api", api}, {"web", digestA}} {
		calls = all(calls, listing(one[0]),
			[]string{"aws ecr batch-delete-image --repository-name production-" + one[0] + " --image-ids imageTag=" +
				names.RunningTag(one[1])})
	}
	return calls
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

// An image that failed must not take the place of one that ran.
func TestAReleaseThatFailsIsNotTagged(t *testing.T) {
	w := newWorld(t)
	code, _, _ := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.NotContains(t, strings.Join(w.called(), "\n"), "--image-tag release-")
	assert.Equal(t, "4be1f2c", w.tags("api", digestB), "the tag of its push alone is left")
}

// What ran is held from before the next release starts until that works, and its canary as long as
// it is one.
func TestWhatRunsIsHeld(t *testing.T) {
	w := newWorld(t)
	canary := func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(text), 0o644))
		code, _, problems := w.promote("deploy")
		require.Equal(t, command.OK, code, problems)
	}
	canary(strings.Replace(stackFile, "    web: # Next.js\n",
		"    web: # Next.js\n      canary: {image: "+digestA+", version: 5cf2a3d, weight: 10, tasks: 1}\n", 1))
	assert.Equal(t, "4be1f2c running-old release-old", w.tags("web", "sha256:old"))
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA), w.tags("web", digestA), "a canary is no release")
	canary(stackFile)
	assert.Equal(t, "4be1f2c", w.tags("web", digestA))

	t.Setenv("BEFORE_UP", `cat "$TAGS"/production-web/* >>"$TAGS.seen"`)
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	seen, err := os.ReadFile(os.Getenv("TAGS") + ".seen")
	require.NoError(t, err)
	for _, digest := range []string{"sha256:old", digestA} {
		assert.Contains(t, string(seen), names.RunningTag(digest), "both may run while the one takes the other's place")
	}
	assert.Equal(t, "4be1f2c release-old", w.tags("web", "sha256:old"))
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA)+" release-4be1f2c", w.tags("web", digestA))
}

// ECR deletes an image with its last tag.
func TestAnImageWithoutAnotherTagIsNotLetGoOf(t *testing.T) {
	w := newWorld(t)
	w.tag("web", digestB, names.RunningTag(digestB))
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, names.RunningTag(digestB), w.tags("web", digestB))
}

func TestATagThatStaysOnWhatRanIsAFailure(t *testing.T) {
	w := newWorld(t)
	w.tag("web", digestB, "5cf2a3d", names.RunningTag(digestB))
	t.Setenv("UNTAG_FAILURES", `{"failureCode":"ImageNotFound","failureReason":"Requested image not found"}`)
	code, _, problems := w.release(digestA)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, `let go of the images that service "web" runs no more: take the tag `+
		names.RunningTag(digestB)+" off: found [{ImageNotFound")
	assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history(), "the release works and stays")
}

// A digest that the repository lacks stops a deploy as it stops a release.
func TestADeployOfAnImageThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	t.Setenv("LACKS", "sha256:old")
	code, _, problems := w.promote("deploy")
	assert.Equal(t, exitMissing, code)
	assert.Contains(t, problems,
		`hold the image of service "web", sha256:old (old): look for sha256:old in repository production-web: it is `+
			`not there`)
	assert.NotContains(t, strings.Join(w.called(), "\n"), "pulumi up")
}

// ECS takes a deployment back that does not become healthy: the stack file names what does not run.
func TestADeployThatECSTakesBackIsNoRelease(t *testing.T) {
	w := newWorld(t)
	w.services("arn:api:6", "COMPLETED")
	released := strings.Replace(stackFile, "    api:\n",
		"    api:\n      image: "+digestB+"\n      version: 4be1f2c\n", 1)
	require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(strings.ReplaceAll(released,
		`      image: "sha256:old" # what runs
      version: old
`, "")), 0o644))
	code, _, problems := w.promote("deploy")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "ECS has rolled it back")
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestB), w.tags("api", digestB), "it is held, and no release")
	assert.NotContains(t, strings.Join(w.called(), "\n"), "batch-delete-image",
		"what runs may be what the stack file has left")
}

// A promotion that was killed before its end has left its images on the stack.
func TestADeployTagsWhatAPromotionHasLeft(t *testing.T) {
	w := newWorld(t)
	released := strings.Replace(stackFile, "    api:\n",
		"    api:\n      image: "+digestB+"\n      version: 4be1f2c\n      canary:\n"+
			"        image: "+digestA+"\n        version: 5cf2a3d\n", 1)
	require.NoError(t,
		os.WriteFile("Pulumi.prod.yaml", []byte(strings.ReplaceAll(released, `      image: "sha256:old" # what runs
      version: old
`, "")), 0o644))
	code, _, _ := w.promote("deploy")
	assert.Equal(t, command.Failed, code, "the site does not answer, and the stack runs it all the same")
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestB)+" release-4be1f2c", w.tags("api", digestB))
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA), w.tags("api", digestA))
}

func TestATagThatCannotBeSetIsAFailure(t *testing.T) {
	for sentence, asleep := range map[string]bool{"in the day": false, "at night": true} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			if asleep {
				w.lower()
			}
			t.Setenv("FAIL_TAG", "release-")
			code, _, problems := w.release(digestA)
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, `keep the image of service "web", `+digestA+" (4be1f2c)")
			assert.Contains(t, problems, "ImageTagAlreadyExistsException")
			assert.Contains(t, problems, "prod runs it, and ECR may expire it; run: scripts/deploy prod")
			assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history(), "it is not taken back")
		})
	}
}
