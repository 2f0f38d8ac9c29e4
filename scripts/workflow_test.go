package scripts_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const commit = "4be1f2c3d4e5f60718293a4b5c6d7e8f90a1b2c3"

// releaseStandIns keep what was pushed as files, and give each repository's image a digest of its
// own.
var releaseStandIns = map[string]string{
	"npm": `case "$1" in
install) mkdir -p "$RUNNER_TEMP/sentry/node_modules/.bin"; ln -sf "$(dirname "$0")/sentry-cli-of-npm" "$RUNNER_TEMP/sentry/node_modules/.bin/sentry-cli" ;;
test) [ ! -e "$CLOUD/broken" ] ;;
esac`,
	"sentry-cli-of-npm": `[ "$SENTRY_AUTH_TOKEN/$SENTRY_ORG" = sentry-secret/bookmark-manager ]`,
	"aws": `case "$2" in
describe-images) tag=${6#imageTag=}
	if [ ! -e "$CLOUD/${4}:$tag" ]; then echo "An error occurred (${NOT_FOUND:-ImageNotFoundException})" >&2; exit 254; fi
	printf 'sha256:%064d\n' "${#4}" ;;
get-login-password) echo secret ;;
put-object)
	[ "$9 ${10}" = "--if-none-match *" ]
	if [ -e "$CLOUD/$4/$6" ]; then echo "An error occurred (${TAKEN:-PreconditionFailed})" >&2; exit 254; fi
	mkdir -p "$(dirname "$CLOUD/$4/$6")" && cp "$8" "$CLOUD/$4/$6" && echo "${12} ${14}" >>"$CLOUD/types" ;;
esac`,
	"docker": `case "$1" in
create) echo made ;;
cp) cp -R "$CLOUD/image/." "$3" ;;
login) [ "$(cat)" = secret ] ;;
push) name=${2#*/}; touch "$CLOUD/$name" ;;
save) touch "$3" ;;
load) [ -e "$3" ] ;;
esac`,
	"gh": `[ "$GH_TOKEN" = promote-secret ]`,
}

func newRelease(t *testing.T) *stage {
	s := newStage(t, releaseStandIns)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(root, filepath.Join(s.work, ".infrastructure")))
	s.values = map[string]string{
		"inputs.test":                "npm ci && npm test",
		"github.sha":                 commit,
		"inputs.infrastructure":      "bookmark-manager/infrastructure",
		"secrets.promote-token":      "promote-secret",
		"secrets.sentry-token":       "sentry-secret",
		"vars.SENTRY_ORG":            "bookmark-manager",
		"vars.SENTRY_PROJECT":        "web",
		"inputs.platform":            "linux/amd64",
		"secrets.server-actions-key": "c2VjcmV0",
	}
	for _, file := range []string{"chunks/main-0a1b2c.js", "css/app (1).css", "media/logo.woff2"} {
		path := filepath.Join(s.cloud, "image", file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(file), 0o644))
	}
	for environment, stack := range map[string]struct{ registry, site, dsn string }{
		"staging": {"444455556666.dkr.ecr.ap-northeast-1.amazonaws.com", "https://www.staging.example.com",
			"https://s@sentry.io/1"},
		"production": {"111122223333.dkr.ecr.ap-northeast-1.amazonaws.com", "https://www.example.com",
			"https://p@sentry.io/2"},
	} {
		for _, service := range []string{"api", "web"} {
			s.values["vars."+strings.ToUpper(service)+"_REPOSITORY_URL@"+environment] = stack.registry +
				"/bookmark-manager-" + environment + "-" + service
		}
		s.values["vars.ASSETS_BUCKET@"+environment] = environment + "-assets"
		s.values["vars.SITE_URL@"+environment], s.values["vars.WEB_SENTRY_DSN@"+environment] = stack.site, stack.dsn
	}
	return s
}

// Each digest tells whose it is by its last digits, the length of the repository's name.
const (
	staging    = "sha256:0000000000000000000000000000000000000000000000000000000000000028"
	production = "sha256:0000000000000000000000000000000000000000000000000000000000000031"
)

func TestReleaseWorkflow(t *testing.T) {
	t.Parallel()
	s := newRelease(t)
	w := readWorkflow(t, "release")
	for _, job := range []string{"test", "api", "images", "promote"} {
		out, err := s.job(w, job)
		require.NoError(t, err, "%s: %s", job, out)
	}
	var want []string
	add := func(calls ...string) { want = append(want, calls...) }
	label := " --label org.opencontainers.image.revision=" + commit
	add("npm ci", "npm test")
	add("docker build --platform linux/amd64 --file apps/api/Dockerfile --tag api:"+commit+label+" .",
		"docker save --output TEMP/api.tar api:"+commit)
	for _, one := range []struct{ environment, registry, site, dsn string }{
		{"staging", "444455556666.dkr.ecr.ap-northeast-1.amazonaws.com", "https://www.staging.example.com",
			"https://s@sentry.io/1"},
		{"production", "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com", "https://www.example.com",
			"https://p@sentry.io/2"},
	} {
		arguments := " --secret id=NEXT_SERVER_ACTIONS_ENCRYPTION_KEY,env=NEXT_SERVER_ACTIONS_ENCRYPTION_KEY " +
			"--build-arg NEXT_PUBLIC_SITE_URL=" + one.site + " --build-arg NEXT_PUBLIC_SENTRY_DSN=" + one.dsn +
			" --build-arg NEXT_PUBLIC_SENTRY_RELEASE=" + commit
		for _, service := range []string{"api", "web"} {
			name := "bookmark-manager-" + one.environment + "-" + service
			url := one.registry + "/" + name
			look := "aws ecr describe-images --repository-name " + name + " --image-ids imageTag=" + commit +
				" --query imageDetails[0].imageDigest --output text"
			add(look)
			if service == "api" {
				add("docker login --username AWS --password-stdin "+one.registry, "docker load --input TEMP/api.tar",
					"docker tag api:"+commit+" "+url+":"+commit)
			} else {
				add("docker login --username AWS --password-stdin "+one.registry,
					"docker build --platform linux/amd64 --file apps/web/Dockerfile --tag "+url+":"+commit+label+
						arguments+" .")
			}
			add("docker push "+url+":"+commit, look)
		}
		web := one.registry + "/bookmark-manager-" + one.environment + "-web:" + commit
		add("docker login --username AWS --password-stdin "+one.registry,
			"docker pull --quiet --platform linux/amd64 "+web,
			"docker create --platform linux/amd64 "+web, "docker cp made:/app/.next/static/. MAPS/files",
			"docker rm made", "FILES")
		add("npm install --no-save --no-audit --no-fund --prefix TEMP/sentry @sentry/cli@2.58.2",
			"docker build --platform linux/amd64 --file apps/web/Dockerfile --target sourcemaps --output "+
				"type=local,dest=MAPS"+arguments+" .",
			"sentry-cli-of-npm releases new "+commit, "sentry-cli-of-npm sourcemaps upload --release "+commit+" MAPS",
			"sentry-cli-of-npm releases finalize "+commit)
	}
	add("gh workflow run promote.yml --repo bookmark-manager/infrastructure --field version=" + commit +
		" --field staging-images=api=" + staging + " web=" + staging + " --field prod-images=api=" + production +
		" web=" + production)
	var got []string
	for _, call := range s.called() {
		call = regexp.MustCompile(`(TEMP|/\S*)/tmp\.\w+`).ReplaceAllString(call, "MAPS")
		if strings.HasPrefix(call, "aws s3api put-object ") { // several at a time
			if got[len(got)-1] == "FILES" {
				continue
			}
			call = "FILES"
		}
		if call != "aws ecr get-login-password" { // at the same time as docker login, which reads it
			got = append(got, call)
		}
	}
	assert.Equal(t, want, got)
}

// CloudFront looks for the files in the bucket, under their own path, and browsers want their
// types.
func TestAReleaseUploadsItsStaticFiles(t *testing.T) {
	t.Parallel()
	s := newRelease(t)
	call := `"$SCRIPTS/release" static --service web --version ` + commit + " --repository registry/web --bucket assets"
	code, output := s.script(call, nil)
	require.Zero(t, code, output)
	assert.Contains(t, output, "Putting 3 files into assets")
	folder := filepath.Join(s.cloud, "assets", "_next", "static")
	for _, file := range []string{"chunks/main-0a1b2c.js", "css/app (1).css", "media/logo.woff2"} {
		assert.FileExists(t, filepath.Join(folder, file))
	}
	list, err := os.ReadFile(filepath.Join(folder, "releases", commit))
	require.NoError(t, err)
	assert.Equal(t,
		"_next/static/chunks/main-0a1b2c.js\n_next/static/css/app (1).css\n_next/static/media/logo.woff2\n",
		string(list))
	types, err := os.ReadFile(filepath.Join(s.cloud, "types"))
	require.NoError(t, err)
	for _, one := range []string{"text/javascript", "text/css", "font/woff2", "text/plain"} {
		assert.Contains(t, string(types), one+" public, max-age=31536000, immutable\n")
	}
	calls := s.called()
	assert.Contains(t, calls[len(calls)-1], "--key _next/static/releases/"+commit,
		"the list comes last, so that it names what is there")

	code, output = s.script(call, nil)
	assert.Zero(t, code, "what is there already is left alone: "+output)
	code, output = s.script(call, map[string]string{"TAKEN": "AccessDenied"})
	assert.Equal(t, 1, code&1, output)
	assert.Contains(t, output, "into bucket assets: An error occurred (AccessDenied)")
	require.NoError(t, os.RemoveAll(filepath.Join(s.cloud, "image")))
	require.NoError(t, os.Mkdir(filepath.Join(s.cloud, "image"), 0o755))
	code, output = s.script(call+" --path /app/out", nil)
	assert.Equal(t, 1, code)
	assert.Contains(t, output, "/app/out of registry/web:"+commit+" has no files")
}

func TestAReleaseThatFailsItsTestsPushesNothing(t *testing.T) {
	t.Parallel()
	s := newRelease(t)
	require.NoError(t, os.WriteFile(filepath.Join(s.cloud, "broken"), nil, 0o644))
	_, err := s.job(readWorkflow(t, "release"), "test")
	require.Error(t, err)
	assert.Equal(t, []string{"npm ci", "npm test"}, s.called())
}

func TestAReleaseAgainLeavesItsImagesAlone(t *testing.T) {
	t.Parallel()
	s := newRelease(t)
	w := readWorkflow(t, "release")
	for _, job := range []string{"api", "images", "images"} {
		s.forget()
		out, err := s.job(w, job)
		require.NoError(t, err, out)
	}
	assert.NotContains(t, strings.Join(s.called(), "\n"), "docker push")
}

// standing for two stacks: each deploys by copying its stack file into the cloud.
var promoteStandIns = map[string]string{
	"pulumi": `stack=$(sed 's/.*--stack \([a-z]*\).*/\1/' <<<"$*")
case "$1" in
preview) case "$*" in *--target*) cat "$CLOUD/release.json" ;; *) cat "$CLOUD/preview.json" ;; esac ;;
up) case "$*" in *compute:Service*) cp "Pulumi.$stack.yaml" "$CLOUD/$stack.yaml" ;; *--target*) ;; *) cp "Pulumi.$stack.yaml" "$CLOUD/$stack.yaml" ;; esac ;;
stack) cat "$CLOUD/$stack.outputs" ;;
esac`,
	"aws": `case "$2" in
list-objects-v2) case "$6" in _next/static/releases/) cat "$CLOUD/uploaded" 2>/dev/null ;; esac || true ;;
describe-scheduled-actions) echo '{"ScheduledActions":[{"ScalableTargetAction":{"MinCapacity":1,"MaxCapacity":2}}]}' ;;
register-scalable-target) rm "$CLOUD/$(cut -d / -f 2 <<<"$8").asleep" ;;
run-task) echo '{"tasks":[{"taskArn":"arn:task"}],"failures":[]}' ;;
describe-tasks) echo '{"tasks":[{"taskArn":"arn:task","containers":[{"name":"migration","exitCode":0}]}]}' ;;
describe-services)
	count=1
	[ ! -e "$CLOUD/$6.asleep" ] || count=0
	deployment='{"status":"PRIMARY","rolloutState":"COMPLETED","taskDefinition":"arn:s:1"}'
	echo '{"services":[{"serviceName":"s","desiredCount":'$count',"deployments":['$deployment']}]}' ;;
list-images)
	printf '{"imageIds":['
	for file in "$CLOUD/tags/$4 "*; do
		[ ! -f "$file" ] || printf '%s{"imageDigest":"%s","imageTag":"%s"}' "${comma:-}" "$(cat "$file")" "${file##* }"
		[ ! -f "$file" ] || comma=,
	done
	echo ']}' ;;
batch-delete-image)
	for tag in "${@:6}"; do case $tag in imageTag=*) rm "$CLOUD/tags/$4 ${tag#imageTag=}" ;; esac; done
	echo '{"failures":[]}' ;;
describe-task-definition) echo '{"taskDefinition":{"containerDefinitions":[]}}' ;;
batch-get-image) echo '{"images":[{"imageManifest":"{\"manifests\":[{\"platform\":{\"architecture\":\"amd64\"}}]}","imageManifestMediaType":"oci"}]}' ;;
put-image)
	mkdir -p "$CLOUD/tags"
	echo "$8" >"$CLOUD/tags/$4 pushed-${8#sha256:}"
	echo "$8" >"$CLOUD/tags/$4 $6" ;;
describe-scalable-targets) echo '{"ScalableTargets":[{"ResourceId":"'"$8"'","MinCapacity":0,"MaxCapacity":0}]}' ;;
esac`,
	// The command was built before.
	"go": `case "$1 $2 $4" in
"build -o ./cmd/infra") cp "$CLOUD/infra" "$3" ;;
*) exit 9 ;;
esac`,
}

// newPromotion has two stacks and a site for each that fails while it has a bad image.
func newPromotion(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, promoteStandIns)
	program, err := filepath.Abs(infra)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(program, filepath.Join(s.cloud, "built")))
	// Waiting is short.
	require.NoError(t, writeCommand(filepath.Join(s.cloud, "infra"), `#!/usr/bin/env bash
[ "$1" != promote ] || { echo "infra $*" >>"$CALLS"; set -- "$@" --attempts 3 --streak 2 --pause 1ms; }
exec "$CLOUD/built" "$@"
`))
	for name, fixture := range map[string]string{"preview": "updated", "release": "release"} {
		preview, err := os.ReadFile("../internal/plan/testdata/" + fixture + ".json")
		require.NoError(t, err)
		s.write(name+".json", string(preview))
	}
	for _, stack := range []string{"staging", "prod"} {
		site := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			if raw, err := os.ReadFile(filepath.Join(s.cloud, stack+".yaml")); err == nil &&
				strings.Contains(string(raw), "sha256:bad") {
				out.WriteHeader(http.StatusBadGateway)
			}
		}))
		t.Cleanup(site.Close)
		s.write(stack+".outputs", `{"siteUrl":"`+site.URL+`","clusterName":"`+stack+
			`","serviceNames":["s"],"taskDefinitionArns":{"s":"arn:s:1"},
			"repositoryUrls":{"api":"registry/`+stack+`-api","web":"registry/`+stack+
			`-web"},"migrationTaskDefinition":"arn:m:1","migrationNetwork":"{}"}`)
		require.NoError(t, os.WriteFile(filepath.Join(s.work, "Pulumi."+stack+".yaml"),
			[]byte("config:\n  bookmark-manager:services:\n    web:\n      architecture: X86_64\n      port: 3000\n"+
				"    api:\n      architecture: X86_64\n      port: 3001\n      migration: {cpu: 256}\n"), 0o644))
	}
	lists, err := filepath.Abs("../cost")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(lists, filepath.Join(s.work, "cost")))
	require.NoError(t, os.Mkdir(filepath.Join(s.work, "scripts"), 0o755))
	for _, name := range []string{"plan", "deploy", "drift"} {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, writeCommand(filepath.Join(s.work, "scripts", name), string(raw)))
	}
	s.values = map[string]string{
		"inputs.version":          commit,
		"vars.PULUMI_BACKEND_URL": "s3://state",
		"github.token":            "token",
		"inputs.staging-images":   "api=" + staging + " web=" + staging,
		"inputs.prod-images":      "api=" + production + " web=" + production,
	}
	return s
}

// repository commits the folder and gives it an origin.
func (s *stage) repository() {
	s.t.Helper()
	s.shell(`export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
git init --quiet --bare --initial-branch main ../origin && git init --quiet --initial-branch main . && git add . && git commit --quiet -m Start
git remote add origin ../origin && git push --quiet origin main`)
	s.event = s.shell("git rev-parse HEAD")
}

// push is what a colleague does, in a checkout of theirs. It returns the commit.
func (s *stage) push(script, message string) string {
	return s.shell(`rm -rf ../colleague && git clone --quiet ../origin ../colleague && cd ../colleague && ` + script +
		` && git add . &&
git -c user.name=a -c user.email=a@example.com commit --quiet -m '` + message +
		`' && git push --quiet origin main && git rev-parse HEAD`)
}

func (s *stage) write(name, text string) {
	require.NoError(s.t, os.WriteFile(filepath.Join(s.cloud, name), []byte(text), 0o644))
}

func (s *stage) shell(script string) string {
	s.t.Helper()
	out, err := combined(s.command(script, nil))
	require.NoError(s.t, err, out)
	return strings.TrimSpace(out)
}

func (s *stage) history() []string {
	return strings.Split(s.shell("git --git-dir ../origin log --format=%s main"), "\n")
}

// targets are those of patterns of URNs.
func targets(stack string, patterns ...string) string {
	text := ""
	for _, one := range patterns {
		text += " --target urn:pulumi:" + stack + "::bookmark-manager::bookmark-manager:" + one
	}
	return text
}

const (
	migrationTask = "compute:Migration$aws:ecs/taskDefinition:TaskDefinition::*"
	definitions   = "compute:Service$aws:ecs/taskDefinition:TaskDefinition::*"
	ecsServices   = "compute:Service$aws:ecs/service:Service::*"
	schedules     = "compute:Service$aws:scheduler/schedule:Schedule::*"
)

// deploying are the calls of one promotion or roll-back, from the deploy on.
func deploying(stack string) []string {
	return []string{
		"pulumi up --stack " + stack + " --yes --skip-preview --non-interactive" +
			targets(stack, migrationTask, definitions, ecsServices, schedules),
		"pulumi stack output --json --stack " + stack,
		"aws ecs wait services-stable --cluster " + stack + " --services s",
		"aws ecs describe-services --output json --cluster " + stack + " --services s",
	}
}

func promoting(stack, digest string) []string {
	return append([]string{
		"infra promote release --stack " + stack + " --version " + commit + " --image api=" + digest + " web=" + digest,
		"pulumi stack output --json --stack " + stack,
		// No lock in the bucket of the state.
		"aws s3api list-objects-v2 --bucket state --prefix .pulumi/locks/organization/bookmark-manager/" + stack +
			"/ --query Contents[].Key --output text",
		"aws ecr batch-get-image --repository-name " + stack + "-api --image-ids imageDigest=" + digest +
			" --output json",
		"aws ecr batch-get-image --repository-name " + stack + "-web --image-ids imageDigest=" + digest +
			" --output json",
		"pulumi preview --stack " + stack + " --json --show-sames --show-replacement-steps" +
			targets(stack, migrationTask, definitions, ecsServices, schedules),
		"aws ecs describe-services --output json --cluster " + stack + " --services s",
		"aws ecs describe-task-definition --task-definition arn:s:1 --output json",
	}, slices.Concat(tagging(stack, digest, "running-"+strings.TrimPrefix(digest, "sha256:")), []string{
		"aws ecs describe-services --output json --cluster " + stack + " --services s",
		"pulumi up --stack " + stack + " --yes --skip-preview --non-interactive" + targets(stack, migrationTask),
		"pulumi stack output --json --stack " + stack,
		"aws ecs run-task --cluster " + stack +
			" --launch-type FARGATE --task-definition arn:m:1 --network-configuration {} --started-by release " +
			"--output json",
		"aws ecs wait tasks-stopped --cluster " + stack + " --tasks arn:task",
		"aws ecs describe-tasks --cluster " + stack + " --tasks arn:task --output json",
	}, deploying(stack))...)
}

// listing is the call that lists the tags of a service's images.
func listing(stack, service string) string {
	return "aws ecr list-images --repository-name " + stack + "-" + service + " --filter tagStatus=TAGGED --output json"
}

// tagging are the calls that give the image of both services a tag that it lacks.
func tagging(stack, digest, tag string) (calls []string) {
	for _, service := range []string{"web", "api"} {
		calls = append(calls, listing(stack, service),
			"aws ecr batch-get-image --repository-name "+stack+"-"+service+" --image-ids imageDigest="+digest+
				" --output json",
			"aws ecr put-image --repository-name "+stack+"-"+service+" --image-tag "+tag+" --image-digest "+digest+
				` --image-manifest {"manifests":[{"platform":{"architecture":"amd64"}}]} `+
				`--image-manifest-media-type oci --output json`)
	}
	return calls
}

// finishing are the calls that give what was promoted the tag by which ECR keeps it.
func finishing(stack, digest string) []string {
	return slices.Concat([]string{"pulumi stack output --json --stack " + stack},
		tagging(stack, digest, "release-"+commit))
}

// untagging are those that remove the running- tag of a release that was rolled back.
func untagging(stack, digest string) []string {
	calls := []string{"pulumi stack output --json --stack " + stack}
	for _, service := range []string{"api", "web"} {
		calls = append(calls, listing(stack, service),
			"aws ecr batch-delete-image --repository-name "+stack+"-"+service+
				" --image-ids imageTag=running-"+strings.TrimPrefix(digest, "sha256:")+" --output json")
	}
	return calls
}

func TestPromoteWorkflow(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	w := readWorkflow(t, "promote")
	for _, job := range []string{"staging", "production"} {
		out, err := s.job(w, job)
		require.NoError(t, err, out)
	}
	assert.Equal(t, slices.Concat(promoting("staging", staging), finishing("staging", staging),
		promoting("prod", production), finishing("prod", production)),
		withoutBuilds(s.called()))
	assert.Equal(t, []string{"Release " + commit + " to prod", "Release " + commit + " to staging", "Start"},
		s.history())
	assert.Equal(t, "github-actions[bot]", s.shell("git --git-dir ../origin log -1 --format=%an main"))
}

func TestPromoteWorkflowRollsBackWhenTheHealthCheckFails(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	w := readWorkflow(t, "promote")
	bad := "sha256:bad" + strings.Repeat("0", 61)
	s.values["inputs.prod-images"] = "api=" + bad + " web=" + bad
	out, err := s.job(w, "staging")
	require.NoError(t, err, out)
	s.forget()
	out, err = s.job(w, "production")
	require.Error(t, err)
	assert.Contains(t, out, "the commit and the stack are back at the release before, and the site answers")
	again := "aws ecs describe-services --output json --cluster prod --services s" // whether it has gone to sleep
	want := slices.Concat(promoting("prod", bad), []string{again}, deploying("prod"), untagging("prod", bad))
	assert.Equal(t, want, withoutBuilds(s.called()), "it deploys the release before")
	assert.Equal(t, []string{`Revert "Release ` + commit + ` to prod"`, "Release " + commit + " to prod",
		"Release " + commit + " to staging", "Start"}, s.history())
	assert.Empty(t, s.shell("git --git-dir ../origin diff main~2 main"),
		"what is committed is what staging's release left")
	assert.NotContains(t, s.shell("cat ../cloud/prod.yaml"), "bad")
	assert.Contains(t, s.shell("cat ../cloud/staging.yaml"), staging, "staging keeps the release")
}

// withoutBuilds leaves out the calls that build the project's own commands, into folders without a
// fixed name.
func withoutBuilds(calls []string) []string {
	return slices.DeleteFunc(calls, func(call string) bool { return strings.HasPrefix(call, "go build ") })
}

// Staging sleeps at night, and its site answers 503 then. What needs staging first would be stopped
// until the morning.
func TestAHotfixAtNightReachesProduction(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	s.write("staging.asleep", "") // 23:00 in Tokyo
	for _, job := range []string{"staging", "production"} {
		out, err := s.job(readWorkflow(t, "promote"), job)
		require.NoError(t, err, out)
	}
	assert.Equal(t, []string{"Release " + commit + " to prod", "Release " + commit + " to staging", "Start"},
		s.history())
	assert.Contains(t, s.runs("prod"), production)
	assert.Contains(t, s.called(), "aws application-autoscaling register-scalable-target --service-namespace ecs "+
		"--scalable-dimension ecs:service:DesiredCount --resource-id service/staging/s --min-capacity 1 "+
		"--max-capacity 2")
}

func TestAStackThatIsLeftAsleep(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	s.write("staging.asleep", "")
	code, out := s.script("scripts/deploy staging --let-sleep --allow", nil)
	assert.Equal(t, 3, code, out)
	assert.Contains(t, out, "staging is asleep")
	assert.FileExists(t, filepath.Join(s.cloud, "staging.asleep"))
	code, out = s.script("scripts/deploy staging", nil)
	assert.Zero(t, code, out)
	assert.NoFileExists(t, filepath.Join(s.cloud, "staging.asleep"), "a deploy wakes it")
}
