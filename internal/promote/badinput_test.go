package promote

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// single is an image whose manifest is no index, so that its configuration says what it is built
// for.
const single = `{"images":[{"imageManifest":"{\"config\":{\"digest\":\"sha256:c0ff\"}}","imageManifestMediaType":` +
	`"oci"}],"failures":[]}`

// What is wrong with a release is found before anything is committed or deployed, and each has a
// message and an exit code of its own.
func TestBadInput(t *testing.T) {
	configuration := func(answer string, status int) func(*testing.T, *world) {
		return func(t *testing.T, _ *world) {
			store := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
				out.WriteHeader(status)
				_, _ = out.Write([]byte(answer))
			}))
			t.Cleanup(store.Close)
			t.Setenv("IMAGE", single)
			t.Setenv("CONFIG_URL", store.URL+"/?signature=secret")
		}
	}
	for sentence, one := range map[string]struct {
		prepare func(*testing.T, *world)
		code    int
		says    string
	}{
		"a digest that the repository lacks": {
			func(t *testing.T, _ *world) { t.Setenv("LACKS", digestA) }, exitMissing,
			"look for " + digestA + " in repository production-api: it is not there",
		},
		"an index for another architecture": {
			func(t *testing.T, _ *world) {
				t.Setenv("IMAGE", strings.ReplaceAll(os.Getenv("IMAGE"), "amd64", "arm64"))
			}, exitArchitecture,
			`look at the image of service "api": ` + digestA +
				" is built for arm64, and the service runs on X86_64: build it with --platform linux/amd64",
		},
		"an image for another architecture": {
			configuration(`{"architecture":"arm64"}`, http.StatusOK), exitArchitecture,
			"is built for arm64, and the service runs on X86_64",
		},
		"an image that cannot be looked at": {
			configuration("", http.StatusForbidden), command.Failed,
			"read its configuration sha256:c0ff: found status 403, want 200",
		},
		"a stack that somebody else changes": {
			func(t *testing.T, w *world) {
				t.Setenv("PULUMI_BACKEND_URL", "s3://state?region=ap-northeast-1")
				w.object("locks", ".pulumi/locks/organization/bookmark-manager/prod/1.json")
			}, exitLocked, "somebody else does at the moment, and holds its lock",
		},
		"static files that nobody has uploaded": {
			func(_ *testing.T, w *world) { w.fromAssets() }, exitMissing,
			"look for the static files of 4be1f2c: bucket assets has no list of them",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			one.prepare(t, w)
			before := w.committed()
			code, _, problems := w.release(digestA)
			assert.Equal(t, one.code, code, problems)
			assert.Contains(t, problems, one.says)
			assert.NotContains(t, problems, "signature", "an address that lets anybody read the image")
			assert.NotContains(t, strings.Join(w.called(), "\n"), "pulumi up")
			assert.Equal(t, before, w.committed(), "nothing is half done")
			assert.Empty(t, w.git("", "status", "--short"))
		})
	}
}

func TestAnImageWithoutAnIndex(t *testing.T) {
	w := newWorld(t)
	store := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_, _ = out.Write([]byte(`{"architecture":"amd64"}`))
	}))
	t.Cleanup(store.Close)
	t.Setenv("IMAGE", single)
	t.Setenv("CONFIG_URL", store.URL)
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, w.called(),
		"aws ecr get-download-url-for-layer --repository-name production-web --layer-digest sha256:c0ff")
}

// Somebody may begin to change the stack after a release has looked for that. Nothing was deployed
// then, so the commit alone is taken back: a deploy would meet the lock again.
func TestAStackThatIsLockedMeanwhile(t *testing.T) {
	w := newWorld(t)
	t.Setenv("BEFORE_UP", `echo "error: the stack is currently locked by 1 lock(s)"; exit 255`)
	code, out, problems := w.release(digestA)
	assert.Equal(t, exitLocked, code)
	assert.Contains(t, problems, "pulumi cancel --stack prod")
	assert.Contains(t, problems, "the commit is taken back")
	assert.Contains(t, out, "currently locked by 1 lock(s)", "what pulumi says is passed on")
	assert.Equal(t, []string{`Revert "Release 4be1f2c to prod"`, "Release 4be1f2c to prod", "Start"}, w.history())
	assert.Equal(t, strings.TrimSpace(stackFile), w.committed())
	assert.Equal(t, 1, strings.Count(strings.Join(w.called(), "\n"), "pulumi up"))
}

// A workflow's log is read by more people than the migration's own.
func TestAMigrationThatFailsSaysWhatTheDatabaseSays(t *testing.T) {
	w := newWorld(t)
	t.Setenv("MIGRATION_EXIT", `,"exitCode":1`)
	t.Setenv("EVENTS", `{"events":[
		{"message":"Datasource \"db\": PostgreSQL database at postgresql://dbadmin:hunter2@db.example.com:5432/app"},
		{"message":"ERROR: relation \"bookmarks\" already exists"},
		{"message":"STATEMENT: ALTER ROLE \"app\" PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy'"}]}`)
	code, _, problems := w.release(digestA)
	assert.Equal(t, exitMigration, code)
	for _, want := range []string{
		"task arn:task ended with exit code 1", "its last log lines, in log group /ecs/production-migration:",
		`ERROR: relation "bookmarks" already exists`, "postgresql://***@db.example.com:5432/app",
		`ALTER ROLE "app" PASSWORD ***`,
		"the commit and the stack are back at the release before, and the site answers",
	} {
		assert.Contains(t, problems, want)
	}
	for _, secret := range []string{"hunter2", "c2FsdA", "SCRAM"} {
		assert.NotContains(t, problems, secret)
	}
	assert.Equal(t, `Revert "Release 4be1f2c to prod"`, w.history()[0])
}

// compute/migrate.sh ends so when it has waited for another run for too long.
func TestAMigrationThatWaitsForAnotherOneHasACodeOfItsOwn(t *testing.T) {
	w := newWorld(t)
	t.Setenv("MIGRATION_EXIT", `,"exitCode":75`)
	code, _, problems := w.release(digestA)
	assert.Equal(t, exitMigrating, code)
	assert.Contains(t, problems, "task arn:task has waited for another migration, and nothing of this one was done")
	assert.Contains(t, problems, "the commit and the stack are back at the release before, and the site answers")
	assert.NotContains(t, strings.Join(w.called(), "\n"), "--image-tag release-")
	script, err := os.ReadFile(filepath.Join(testdata, "../../../compute/migrate.sh"))
	require.NoError(t, err)
	assert.Contains(t, string(script), "exit 75")
}

func TestAMigrationWhoseLogCannotBeReadFailsAllTheSame(t *testing.T) {
	for definition, want := range map[string]string{
		`{"taskDefinition":{"containerDefinitions":[{"name":"web"}]}}`: `container "migration" writes to none`,
		`none`: "what it wrote could not be read",
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t)
			t.Setenv("MIGRATION_EXIT", `,"exitCode":1`)
			t.Setenv("DEFINITION", definition)
			code, _, problems := w.release(digestA)
			assert.Equal(t, exitMigration, code)
			assert.Contains(t, problems, want)
		})
	}
}

func TestWithoutSecrets(t *testing.T) {
	for line, want := range map[string]string{
		"nothing secret": "nothing secret",
		"postgres://a:b@h/d and mongodb+srv://x:y@z": "postgres://***@h/d and mongodb+srv://***@z",
		"host=h password=abc user=u":                 "host=h password=*** user=u",
		`{"password":"abc"}`:                         `{"password":***}`,
		"PASSWORD 'abc'; SELECT 1":                   "PASSWORD ***; SELECT 1",
		`password authentication failed for "u"`:     `password authentication failed for "u"`,
		"https://example.com/path":                   "https://example.com/path",
	} {
		assert.Equal(t, want, withoutSecrets(line))
	}
}

// Two failures leave something to look at, so the code is not that of a release that left all as it
// was.
func TestAFailedRollBackHasNoCodeOfTheFirstFailure(t *testing.T) {
	w := newWorld(t)
	t.Setenv("MIGRATION_EXIT", `,"exitCode":1`)
	t.Setenv("FAIL_UP", "sha256:old")
	code, _, problems := w.release(digestA)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "roll back the stack")
}
