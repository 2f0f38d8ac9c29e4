package promote

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// object puts something into the bucket of the world.
func (w *world) object(key, content string) string {
	path := filepath.Join(os.Getenv("S3"), key)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

// began is when the first version of a test was uploaded.
var began = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// upload is what the workflow of a release does: files that are there already are left alone. days
// is how long after the first one it was.
func (w *world) upload(version string, days int, names ...string) {
	var keys []string
	for _, name := range names {
		key := "_next/static/chunks/" + name
		keys = append(keys, key)
		if _, err := os.Stat(filepath.Join(os.Getenv("S3"), "assets", key)); err != nil {
			w.object("assets/"+key, name)
		}
	}
	list := w.object("assets/_next/static/releases/"+version, strings.Join(keys, "\n")+"\n")
	at := began.AddDate(0, 0, days)
	require.NoError(w.t, os.Chtimes(list, at, at))
}

// bucket gives the stack an assets bucket, and CloudFront the static files of it.
func (w *world) bucket() {
	raw, err := os.ReadFile(os.Getenv("OUTPUTS"))
	require.NoError(w.t, err)
	w.write("OUTPUTS", strings.Replace(string(raw), "{", `{"assetsBucket":"assets",`, 1))
}

func (w *world) fromAssets() {
	w.bucket()
	edge := "config:\n  bookmark-manager:edge:\n    distribution:\n      static:\n        /_next/static/*: assets\n"
	w.colleague().pushes("Pulumi.prod.yaml", strings.Replace(stackFile, "config:\n", edge, 1), "Static files")
	w.git("", "pull", "--quiet", "origin", "main")
}

// superseded are the files that carry the tag by which they go.
func (w *world) superseded() []string {
	tags, err := filepath.Glob(filepath.Join(os.Getenv("S3"), "assets/_next/static/*/* tag"))
	require.NoError(w.t, err)
	names := []string{}
	for _, one := range tags {
		raw, err := os.ReadFile(one)
		require.NoError(w.t, err)
		require.Equal(w.t, "superseded=true\n", string(raw))
		names = append(names, strings.TrimSuffix(filepath.Base(one), " tag"))
	}
	return names
}

// releases promotes a version of the web alone.
func (w *world) releases(version string, more ...string) (int, string, string) {
	return w.promote(append([]string{"release", "--version", version, "--image", "web=" + digestA}, more...)...)
}

func TestAReleaseMarksTheFilesOfTheOneBefore(t *testing.T) {
	w := newWorld(t)
	w.fromAssets()
	w.upload("old", 0, "shared.js", "old.js")
	w.upload("4be1f2c", 1, "shared.js", "new.js")
	code, _, problems := w.releases("4be1f2c")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, []string{"old.js", "old"}, w.superseded(), "the list of its files goes with them")
	calls := strings.Join(w.called(), "\n")
	assert.Contains(t, calls, "aws s3api copy-object --bucket assets --key _next/static/chunks/old.js --copy-source "+
		"assets/_next/static/chunks/old.js "+
		"--tagging-directive REPLACE --tagging superseded=true --metadata-directive REPLACE --content-type "+
		"text/javascript "+
		"--cache-control public, max-age=31536000, immutable")
	assert.Less(t, strings.Index(calls, "delete-object-tagging"), strings.Index(calls, "pulumi up"),
		"the new files are safe before they are used")
	assert.Greater(t, strings.Index(calls, "copy-object"), strings.Index(calls, "put-image"),
		"old files are marked when the release has succeeded")
}

// What was pushed and is not approved yet keeps its files, and what never was goes with the next
// release.
func TestOnlyWhatNoReleaseNeedsIsMarked(t *testing.T) {
	w := newWorld(t)
	w.fromAssets()
	w.upload("old", 0, "old.js", "later.js")
	w.upload("dropped", 1, "dropped.js", "new.js")
	w.upload("4be1f2c", 2, "new.js")
	w.upload("5cf2a3d", 3, "later.js", "newest.js")
	code, _, problems := w.releases("4be1f2c")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, []string{"dropped.js", "old.js", "dropped", "old"}, w.superseded())
	code, _, problems = w.releases("5cf2a3d")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, []string{"dropped.js", "new.js", "old.js", "4be1f2c", "dropped", "old"}, w.superseded())
}

// A release that is gone back to has its files again, and what follows it is not marked with them.
func TestGoingBackRevivesFiles(t *testing.T) {
	w := newWorld(t)
	w.fromAssets()
	w.upload("old", 0, "shared.js", "old.js")
	w.upload("4be1f2c", 1, "shared.js", "new.js")
	code, _, problems := w.releases("4be1f2c")
	require.Equal(t, command.OK, code, problems)
	require.Equal(t, []string{"old.js", "old"}, w.superseded())
	code, _, problems = w.releases("old", "--back")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, []string{"new.js", "4be1f2c"}, w.superseded())
}

// A file of a version that waits for approval may have gone meanwhile. The release must not begin.
func TestFilesThatHaveGoneStopARelease(t *testing.T) {
	w := newWorld(t)
	w.fromAssets()
	w.upload("4be1f2c", 0, "gone.js")
	require.NoError(t, os.Remove(filepath.Join(os.Getenv("S3"), "assets/_next/static/chunks/gone.js")))
	code, _, problems := w.releases("4be1f2c")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "NoSuchKey")
	assert.Contains(t, problems, "upload them again with the application's workflow")
	assert.Equal(t, []string{"Static files", "Start"}, w.history())
}

func TestAReleaseThatIsTakenBackMarksNothing(t *testing.T) {
	w := newWorld(t)
	w.fromAssets()
	w.upload("old", 0, "old.js")
	w.upload("4be1f2c", 1, "new.js")
	code, _, _ := w.release(digestB)
	require.Equal(t, command.Failed, code)
	assert.Empty(t, w.superseded())
}

// An interrupted marking is made up for by the next deploy.
func TestADeployMarksWhatAReleaseHasLeft(t *testing.T) {
	w := newWorld(t)
	w.bucket()
	w.upload("older", 0, "older.js")
	w.upload("old", 1, "old.js")
	code, _, problems := w.promote("deploy")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, []string{"older.js", "older"}, w.superseded())
	before := len(w.called())
	code, _, problems = w.promote("deploy")
	require.Equal(t, command.OK, code, problems)
	assert.False(t, slices.ContainsFunc(w.called()[before:], func(call string) bool {
		return strings.Contains(call, "copy-object")
	}))
}

// Until a workflow uploads files, nobody knows which are needed.
func TestWithoutAListNothingIsMarked(t *testing.T) {
	w := newWorld(t)
	w.bucket()
	w.upload("older", 0, "older.js")
	code, _, problems := w.releases("4be1f2c")
	require.Equal(t, command.OK, code, problems)
	assert.Empty(t, w.superseded())
}

func TestAListThatNamesOtherFilesIsRefused(t *testing.T) {
	w := newWorld(t)
	w.bucket()
	w.upload("4be1f2c", 0)
	w.object("assets/_next/static/releases/4be1f2c", "maintenance/index.html\n")
	code, _, problems := w.releases("4be1f2c")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, `found "maintenance/index.html", want keys that begin with _next/static/`)
}

// The behaviour comes after the upload: on a stack that is up, pages would come without their
// scripts.
func TestAPlanWithoutUploadedFilesIsRefused(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.promote("static")
	require.Equal(t, command.OK, code, problems)
	assert.Empty(t, w.called(), "the load balancer has them")
	w.fromAssets()
	code, _, problems = w.promote("static")
	assert.Equal(t, exitMissing, code)
	assert.Contains(t, problems,
		"look for the static files of old: bucket assets has no list of them, and CloudFront takes /_next/static/* "+
			"from there")
	w.upload("old", 0, "old.js")
	code, _, problems = w.promote("static")
	assert.Equal(t, command.OK, code, problems)
	w.write("OUTPUTS", "{}")
	code, _, problems = w.promote("static")
	assert.Equal(t, command.OK, code, "a stack that was never deployed: "+problems)
}
