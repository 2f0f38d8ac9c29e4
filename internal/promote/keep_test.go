package promote

import (
	"fmt"
	"os"
	"path/filepath"
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

// taggingRunning are the calls that set the running- tag of an image.
func taggingRunning(service, digest string) []string {
	return tagging(service, digest, names.RunningTag(digest))
}

// running is what finds which images run.
var running = []string{
	"aws ecs describe-services --services production-api production-web",
	"aws ecs describe-task-definition --task-definition arn:api:7",
	"aws ecs describe-task-definition --task-definition arn:api:6",
	"aws ecs describe-task-definition --task-definition arn:web:9",
}

// taggedRunning is what comes before the first task of a release.
func taggedRunning(api string) []string {
	return all(running, taggingRunning("web", digestA), taggingRunning("api", api))
}

// finished is the end of a promotion.
func finished(api string) []string {
	return all(known, tagging("web", digestA, "release-4be1f2c"), tagging("api", api, "release-4be1f2c"))
}

// untagging is the end of one that was taken back.
func untagging(api string) []string {
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

// What ran has its running- tag from before the next release starts until that works, and its
// canary as long as it is one.
func TestWhatRunsIsTagged(t *testing.T) {
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

// Whoever may push may set any tag, on any number of images.
func TestNobodyElsesTagOfWhatRunsStays(t *testing.T) {
	w := newWorld(t)
	w.tag("web", digestB, "5cf2a3d", names.RunningTag(digestB))
	w.tag("web", "sha256:1", "6cf2a3d", "running-1", "running-2")
	w.tag("web", "sha256:2", "running-3")
	w.tag("web", digestA, "4be1f2c", "running-4")
	for i := range 110 {
		w.tag("api", fmt.Sprintf("sha256:%03d", i), "release-no", fmt.Sprintf("running-%03d", i))
	}
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, "5cf2a3d", w.tags("web", digestB))
	assert.Equal(t, "6cf2a3d", w.tags("web", "sha256:1"))
	assert.Empty(t, w.tags("web", "sha256:2"),
		"ECR deletes an image with its last tag, and nobody has released this one")
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA)+" release-4be1f2c", w.tags("web", digestA))
	for i := range 110 {
		assert.Equal(t, "release-no", w.tags("api", fmt.Sprintf("sha256:%03d", i)))
	}
	deleted := 0
	for _, call := range w.called() {
		if strings.HasPrefix(call, "aws ecr batch-delete-image --repository-name production-api") {
			deleted++
			assert.LessOrEqual(t, strings.Count(call, "imageTag="), 100, "ECR takes no more in one call")
		}
	}
	assert.Equal(t, 2, deleted)
}

// Tags of the repositories do not move. Somebody who pushes can take one before a promotion sets
// it.
func TestATagThatAnotherImageHasStopsBeforeAnythingChanges(t *testing.T) {
	for tag, flag := range map[string][]string{
		names.RunningTag(digestA): {"another image has it, sha256:1, and tags do not move",
			"remove it, and start again"},
		"release-4be1f2c":         {"remove it, and start again"},
		names.RunningTag(digestB): {"remove it, which deletes that image, since it has no other tag, and start again"},
	} {
		t.Run(tag, func(t *testing.T) {
			w := newWorld(t)
			tags := []string{"5cf2a3d", tag}
			if tag == names.RunningTag(digestB) {
				tags = tags[1:]
			}
			w.tag("api", "sha256:1", tags...)
			digest := digestA
			if tag == names.RunningTag(digestB) {
				digest = digestB
			}
			code, _, problems := w.release(digest)
			assert.Equal(t, exitTaken, code)
			for _, want := range append(flag, "give the tag "+tag+" in repository production-api",
				"aws ecr batch-delete-image --repository-name production-api --image-ids imageTag="+tag) {
				assert.Contains(t, problems, want)
			}
			assert.NotContains(t, strings.Join(w.called(), "\n"), "pulumi up")
			assert.Equal(t, []string{"Start"}, w.history(), "nothing is half done")
			assert.Empty(t, w.git("", "status", "--short"))
		})
	}
}

// What runs may have been deployed by a program that set no tags. A release that does not work goes
// back to it.
func TestWhatRanBeforeIsTaggedToo(t *testing.T) {
	w := newWorld(t)
	w.tag("web", "sha256:old", "old")
	w.tag("api", "sha256:gone", "gone")
	w.runs("arn:web:9", "web", "sha256:old")
	w.runs("arn:api:6", "api", "sha256:gone") // by hand: no stack file names it
	t.Setenv("BEFORE_UP", `cat "$TAGS"/production-*/* >>"$TAGS.seen"`)
	code, _, problems := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "the commit and the stack are back at the release before")
	seen, err := os.ReadFile(os.Getenv("TAGS") + ".seen")
	require.NoError(t, err)
	for _, tag := range []string{"running-old", "running-gone", names.RunningTag(digestA), names.RunningTag(digestB)} {
		assert.Contains(t, string(seen), tag)
	}
	assert.Equal(t, "old running-old release-old", w.tags("web", "sha256:old"))
	assert.Equal(t, "gone", w.tags("api", "sha256:gone"))
}

// A release takes the place of an image that has expired.
func TestAnImageThatRunsAndIsNotThereStopsNothing(t *testing.T) {
	w := newWorld(t)
	w.runs("arn:api:6", "api", "sha256:gone")
	t.Setenv("LACKS", "sha256:gone")
	code, out, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, `prod runs sha256:gone of service "api", which its repository has no more`)
}

// A promotion was killed after its images were on the stack. The next one leaves them as a release
// to go back to, if they have run.
func TestTheNextReleaseMakesTheOneBeforeARelease(t *testing.T) {
	for sentence, one := range map[string]struct {
		prepare func(*world)
		want    string
	}{
		"which runs":              {func(*world) {}, "old release-old"},
		"which ECS has not tried": {func(w *world) { w.runs("arn:web:9", "web", digestB) }, "old"},
		"which is asleep":         {func(w *world) { w.lower() }, "old"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			w.tag("web", "sha256:old", "old")
			w.runs("arn:web:9", "web", "sha256:old")
			one.prepare(w)
			code, _, problems := w.release(digestA)
			require.Equal(t, command.OK, code, problems)
			assert.Equal(t, one.want, w.tags("web", "sha256:old"))
		})
	}
}

// Nothing has shown that it works.
func TestWhatWasNotTriedRunsAndIsNoRelease(t *testing.T) {
	w := newWorld(t)
	w.lower()
	code, _, problems := w.release(digestA, "--let-sleep")
	assert.Equal(t, exitAsleep, code)
	assert.Contains(t, problems, "its images have their running- tags")
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA), w.tags("api", digestA))
	code, _, _ = w.promote("deploy", "--let-sleep")
	assert.Equal(t, exitAsleep, code)
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA), w.tags("api", digestA))
	code, _, problems = w.promote("deploy")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestA)+" release-4be1f2c", w.tags("api", digestA))
}

// The workflow Deploy asks it when a plan is empty.
func TestWhetherTheImagesOfAStackFileHaveTheirTags(t *testing.T) {
	w := newWorld(t)
	w.tag("web", "sha256:old", "old", "running-old")
	code, _, problems := w.promote("tagged")
	assert.Equal(t, exitUntagged, code)
	assert.Contains(t, problems, `look at the image of service "web", sha256:old (old): it lacks release-old`)
	assert.Contains(t, problems, "scripts/deploy prod")
	assert.Equal(t, all(known, listing("web")), w.called(), "it changes nothing")
	w.tag("web", "sha256:old", "old", "running-old", "release-older")
	code, _, problems = w.promote("tagged")
	require.Equal(t, command.OK, code, problems)
	w.tag("web", "sha256:old", "old", "release-old")
	code, _, problems = w.promote("tagged")
	assert.Equal(t, exitUntagged, code)
	assert.Contains(t, problems, "it lacks running-old")
	w.write("OUTPUTS", `{}`)
	code, _, problems = w.promote("tagged")
	require.Equal(t, command.OK, code, problems)
}

func TestATagThatStaysOnWhatRanIsAFailure(t *testing.T) {
	w := newWorld(t)
	w.tag("web", digestB, "5cf2a3d", names.RunningTag(digestB))
	t.Setenv("UNTAG_FAILURES", `{"failureCode":"ImageNotFound","failureReason":"Requested image not found"}`)
	code, _, problems := w.release(digestA)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, `remove the running- tag of the images that service "web" runs no more: `+
		"remove tags from the images of repository production-web: found [{{")
	assert.Contains(t, problems, "ImageNotFound")
	assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history(), "the release works and stays")
}

// A digest that the repository lacks stops a deploy as it stops a release.
func TestADeployOfAnImageThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	t.Setenv("LACKS", "sha256:old")
	code, _, problems := w.promote("deploy")
	assert.Equal(t, exitMissing, code)
	assert.Contains(t, problems,
		`tag the image of service "web", sha256:old (old): look for sha256:old in repository production-web: it is `+
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
	assert.Equal(t, "4be1f2c "+names.RunningTag(digestB), w.tags("api", digestB), "it runs, and is no release")
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
	w := newWorld(t)
	t.Setenv("FAIL_TAG", "release-")
	code, _, problems := w.release(digestA)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, `tag the image of service "web", `+digestA+" (4be1f2c)")
	assert.Contains(t, problems, "ImageTagAlreadyExistsException")
	assert.Contains(t, problems, "prod runs it, and ECR may expire it; run: scripts/deploy prod")
	assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history(), "it is not taken back")
}

// The model of the clouds tries whether the lifecycle rules of the repositories keep what has one
// of them.
func TestTheTagsThatAPromotionSets(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(strings.Replace(stackFile, "    web: # Next.js\n",
		"    web: # Next.js\n      canary: {image: sha256:"+strings.Repeat("c", 64)+
			", version: 5cf2a3d, weight: 10, tasks: 1}\n", 1)), 0o644))
	w.git("", "commit", "--quiet", "--all", "--message", "Canary")
	w.git("", "push", "--quiet", "origin", "main")
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	var set []string
	for _, call := range w.called() {
		if _, after, found := strings.Cut(call, " --image-tag "); found {
			tag, _, _ := strings.Cut(after, " ")
			set = append(set, tag)
		}
	}
	slices.Sort(set)
	written, err := os.ReadFile(filepath.Join(testdata, "tags.golden"))
	require.NoError(t, err)
	assert.Equal(t, strings.Fields(string(written)), set)
}
