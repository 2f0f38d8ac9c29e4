package promote

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// colleague is another checkout of the repository.
type colleague struct {
	*world
	folder string
}

func (w *world) colleague() colleague {
	folder := filepath.Join(w.t.TempDir(), "other")
	w.git("", "clone", "--quiet", w.origin, folder)
	return colleague{w, folder}
}

// pushes changes a file and pushes it.
func (c colleague) pushes(file, text, message string) {
	c.git(c.folder, "pull", "--quiet", "--rebase", "origin", "main")
	require.NoError(c.t, os.WriteFile(filepath.Join(c.folder, file), []byte(text), 0o644))
	c.git(c.folder, "add", ".")
	c.git(c.folder, "commit", "--quiet", "--message", message)
	c.git(c.folder, "push", "--quiet", "origin", "HEAD:main")
}

// otherRelease is the stack file with another release of the web.
var otherRelease = strings.NewReplacer(`"sha256:old"`, `"`+digestA+`"`, "version: old", `version: "5cf2a3d"`).Replace(
	stackFile,
)

func TestWhatCameAfterAnApprovedPlan(t *testing.T) {
	for sentence, one := range map[string]struct {
		file, text, want string
	}{
		"nothing":   {"", "", ""},
		"a release": {"Pulumi.prod.yaml", otherRelease, ""},
		"another setting": {"Pulumi.prod.yaml", strings.Replace(otherRelease, "3001", "3002", 1),
			"Pulumi.prod.yaml changed, and not by releases"},
		"the program":              {"main.go", "package main", "main.go changed, and not by releases"},
		"a file in another folder": {"Pulumi.dev.yaml", stackFile, "Pulumi.dev.yaml changed, and not by releases"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			planned := w.git("", "rev-parse", "HEAD")
			if one.file != "" {
				w.colleague().pushes(one.file, one.text, "Later")
				w.git("", "pull", "--quiet", "origin", "main")
			}
			code, _, problems := w.promote("approved", "--planned", planned)
			if one.want == "" {
				assert.Equal(t, command.OK, code, problems)
				return
			}
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, one.want)
			assert.Contains(t, problems, "a plan and an approval of its own")
		})
	}
}

func TestACheckoutThatIsNotTheTipIsRefused(t *testing.T) {
	w := newWorld(t)
	w.colleague().pushes("Pulumi.prod.yaml", otherRelease, "Release 5cf2a3d to prod")
	code, _, problems := w.promote("approved")
	assert.Equal(t, exitEdited, code)
	assert.Contains(t, problems, "run: git pull --ff-only, and start again")
}

func TestAStackFileThatWasEditedByHandIsRefused(t *testing.T) {
	for _, name := range []string{"approved", "release"} {
		w := newWorld(t)
		require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(otherRelease), 0o644))
		args := []string{name}
		if name == "release" {
			args = append(args, "--version", "4be1f2c", "--image", "web="+digestA)
		}
		code, _, problems := w.promote(args...)
		assert.Equal(t, exitEdited, code)
		assert.Contains(t, problems, "changes that are not committed")
		assert.Contains(t, problems, "M Pulumi.prod.yaml")
		assert.Subset(t, known, w.called(), "nothing is half done")
	}
}

func TestCommitsThatAreNotPushedAreNotPushedByARelease(t *testing.T) {
	w := newWorld(t)
	w.colleague().pushes("README.md", "x", "Other")
	require.NoError(t, os.WriteFile("mine", nil, 0o644))
	w.git("", "add", ".")
	w.git("", "commit", "--quiet", "--message", "Mine")
	code, _, problems := w.release(digestA)
	assert.Equal(t, exitEdited, code)
	assert.Contains(t, problems, "the checkout has changes or commits that main of the origin lacks")
	assert.Equal(t, []string{"Other", "Start"}, w.history())
}

// Somebody pushes between the preview and the push: the release is judged again with it.
func TestAReleaseIsJudgedAgainWhenOthersWereFaster(t *testing.T) {
	w := newWorld(t)
	other := w.colleague()
	t.Setenv("ONCE", filepath.Join(t.TempDir(), "once"))
	t.Setenv("OTHER", other.folder)
	t.Setenv("BEFORE_PREVIEW",
		`if [ ! -e "$ONCE" ]; then touch "$ONCE"; (cd "$OTHER"; echo x >README.md; git add .; git commit -qm Other; `+
			`git push -q origin HEAD:main); fi`)
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t,
		all(previewed, taggedRunning(digestA), previewed[1:], running, listing("web"), listing("api"), looked, migrated,
			deployed, finished(digestA)), w.called())
	assert.Equal(t, []string{"Release 4be1f2c to prod", "Other", "Start"}, w.history())
}

// What others have pushed while a release failed goes out with nobody's roll-back.
func TestARollBackDeploysNothingOfOthers(t *testing.T) {
	w := newWorld(t)
	other := w.colleague()
	t.Setenv("OTHER", other.folder)
	t.Setenv("BEFORE_UP",
		`if grep -q sha256:bbbb Pulumi.prod.yaml; then (cd "$OTHER"; git pull -q origin main; sed -i.bak `+
			`s/3001/3002/ Pulumi.prod.yaml; git commit -qam "Port $RANDOM" || true; git push -q origin HEAD:main); fi`)
	code, _, problems := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "the commit and the stack are back at the release before")
	raw, err := os.ReadFile(os.Getenv("DEPLOYED"))
	require.NoError(t, err)
	assert.Equal(t, stackFile, string(raw), "the port of the others is not deployed")
	assert.Contains(t, w.committed(), "3002", "and it stays in the repository")
	assert.NotContains(t, w.committed(), "bbbb")
}

func TestAVersionThatTheStackHasLeftBehind(t *testing.T) {
	w := newWorld(t)
	other := w.colleague()
	for _, one := range []string{"Release 4be1f2c to staging", "Release 5cf2a3d to staging"} {
		other.pushes("staging", one, one)
	}
	other.pushes("Pulumi.prod.yaml", otherRelease, "Release 5cf2a3d to prod")
	code, _, problems := w.release(digestA)
	assert.Equal(t, exitBehind, code, "two promotions that were approved in reverse")
	assert.Contains(t, problems,
		"release 4be1f2c to prod: prod has 5cf2a3d, which came to staging after it; to go back to it on purpose, "+
			"add --back")
	assert.Equal(t, known, w.called())

	code, _, problems = w.promote("release", "--back", "--version", "4be1f2c", "--image", "web="+digestA)
	require.Equal(t, command.OK, code, problems)
	code, _, problems = w.promote("release", "--version", "5cf2a3d", "--image", "web="+digestA)
	assert.Equal(t, exitBehind, code)
	assert.Contains(t, problems, "it was there before, and another version has followed it")
}

// What was taken back because it failed may be tried again.
func TestAReleaseThatFailedMayBeTriedAgain(t *testing.T) {
	w := newWorld(t)
	code, _, _ := w.release(digestB)
	require.Equal(t, command.Failed, code)
	code, _, problems := w.release(digestA)
	assert.Equal(t, command.OK, code, problems)
}
