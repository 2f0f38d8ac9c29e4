package promote

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// pulumiStandIn deploys by copying the stack file to $DEPLOYED, unless it is told to fail for an
// image.
const pulumiStandIn = `
case "$1 $2" in
"preview --stack") eval "${BEFORE_PREVIEW:-}"; cat "$PREVIEW" ;;
"up --stack")
	eval "${BEFORE_UP:-}"
	if [ -n "${FAIL_UP:-}" ] && grep -q "$FAIL_UP" Pulumi.prod.yaml; then echo "up failed" >&2; exit 1; fi
	case "$*" in *compute:Service*) cp Pulumi.prod.yaml "$DEPLOYED" ;; *--target*) ;; *) cp Pulumi.prod.yaml "$DEPLOYED" ;; esac ;;
"refresh --stack") ;;
"stack output") cat "$OUTPUTS" ;;
*) exit 9 ;;
esac`

const awsStandIn = `
case "$2" in
run-task) echo "$RUN_TASK" ;;
describe-tasks) echo "{\"tasks\":[{\"taskArn\":\"arn:task\",\"stoppedReason\":\"Essential container in task exited\",\"containers\":[{\"name\":\"migration\"$MIGRATION_EXIT}]}]}" ;;
describe-services)
	if [ -e "$LOWERED" ]; then sed 's/"desiredCount":1/"desiredCount":0/g' "$SERVICES"; else cat "$SERVICES"; fi ;;
describe-scalable-targets) cat "$TARGETS" ;;
describe-scheduled-actions) echo "$ACTIONS" ;;
register-scalable-target) [ -n "${STAYS:-}" ] || rm -f "$LOWERED" ;;
wait) ;;
list-images)
	first=
	printf '{"imageIds":['
	for file in "$TAGS/$4"/*; do
		[ -f "$file" ] || continue
		while read -r tag; do
			printf '%s{"imageDigest":"%s","imageTag":"%s"}' "$first" "${file##*/}" "$tag"
			first=,
		done <"$file"
	done
	echo ']}' ;;
batch-delete-image)
	gone=("${@:6}")
	printf '%s\n' "${gone[@]#imageTag=}" >"$TAGS/gone"
	grep -lxFf "$TAGS/gone" "$TAGS/$4"/* | while read -r file; do
		grep -vxFf "$TAGS/gone" "$file" >"$TAGS/left"
		if [ -s "$TAGS/left" ]; then mv "$TAGS/left" "$file"; else rm "$file"; fi
	done
	echo "{\"imageIds\":[],\"failures\":[${UNTAG_FAILURES:-}]}" ;;
describe-task-definition)
	case $4 in
	arn:migration:*) echo "$DEFINITION" ;;
	*)
		printf '{"taskDefinition":{"containerDefinitions":['
		cat "$DEFINITIONS/$4" 2>/dev/null
		echo ']}}' ;;
	esac ;;
get-log-events) echo "$EVENTS" ;;
batch-get-image)
	if [ "${LACKS:-}" = "${6#imageDigest=}" ]; then
		echo '{"images":[],"failures":[{"failureCode":"ImageNotFound","failureReason":"Requested image not found"}]}'
	else
		echo "$IMAGE"
	fi ;;
get-download-url-for-layer) echo "{\"downloadUrl\":\"$CONFIG_URL\"}" ;;
list-objects-v2)
	if [ "$4" = state ]; then cat "$S3/locks" 2>/dev/null || echo None; exit 0; fi
	first='{"Contents":['
	for file in "$S3/$4/$6"*; do
		case $file in *" tag") continue ;; esac
		[ -f "$file" ] || continue
		printf '%s{"Key":"%s","LastModified":"%s"}' "$first" "$6${file##*/}" "$(date -u -r "$file" +%Y-%m-%dT%H:%M:%S+00:00)"
		first=,
	done
	[ "$first" != , ] || echo ']}' ;;
cp) cat "$S3/${3#s3://}" ;;
head-object)
	if [ ! -f "$S3/$4/$6" ]; then echo "An error occurred (404) when calling the HeadObject operation: Not Found" >&2; exit 254; fi
	echo '{"ContentType":"text/javascript","CacheControl":"public, max-age=31536000, immutable"}' ;;
delete-object-tagging)
	if [ ! -f "$S3/$4/$6" ]; then echo "An error occurred (NoSuchKey)" >&2; exit 254; fi
	rm -f "$S3/$4/$6 tag" ;;
copy-object)
	mkdir -p "$(dirname "$S3/$4/$6")"
	if [ "$8" != "$4/$6" ]; then cp "$S3/$8" "$S3/$4/$6"; else touch "$S3/$8"; fi
	[ -z "${12}" ] || echo "${12}" >"$S3/$4/$6 tag" ;;
delete-object) rm -f "$S3/$4/$6" "$S3/$4/$6 tag" ;;
put-image)
	case $6 in "${FAIL_TAG:-none}"*) echo ImageTagAlreadyExistsException >&2; exit 254 ;; esac
	mkdir -p "$TAGS/$4"
	[ -e "$TAGS/$4/$8" ] || echo 4be1f2c >"$TAGS/$4/$8" # the tag of its push
	echo "$6" >>"$TAGS/$4/$8" ;;
*) exit 9 ;;
esac`

var (
	templates    string // a folder that goes with the tests
	testdata     string // where the package has its own
	makeTemplate sync.Once
)

func TestMain(m *testing.M) {
	code := 1
	defer func() { os.Exit(code) }()
	var err error
	if testdata, err = filepath.Abs("testdata"); err != nil {
		fmt.Fprintln(os.Stderr, "look for the folder of golden files:", err)
		return
	}
	if templates, err = os.MkdirTemp("", "promote"); err != nil {
		fmt.Fprintln(os.Stderr, "make a folder for the repository:", err)
		return
	}
	defer func() { _ = os.RemoveAll(templates) }()
	code = m.Run()
}

// world is a repository with an origin, stand-ins for pulumi and aws on PATH, and a site that shows
// what is deployed.
type world struct {
	t                      *testing.T
	calls, origin, lowered string
	site                   *httptest.Server
}

var (
	digestA = "sha256:" + strings.Repeat("a", 64)
	digestB = "sha256:" + strings.Repeat("b", 64)
)

const stackFile = `# what production chooses
config:
  bookmark-manager:environment: production

  bookmark-manager:services:
    web: # Next.js
      architecture: X86_64
      image: "sha256:old" # what runs
      version: old
      port: 3000

    api:
      architecture: X86_64
      port: 3001   # NestJS
      migration: {cpu: 256, memory: 512}
`

const breaks = "sha256:bbbb" // the site answers with 500 while an image that begins so is deployed

func newWorld(t *testing.T) *world {
	t.Helper()
	folder := t.TempDir()
	w := &world{
		t:       t,
		calls:   filepath.Join(folder, "calls"),
		origin:  filepath.Join(folder, "origin"),
		lowered: filepath.Join(folder, "lowered"),
	}
	bin, work, tags := filepath.Join(folder, "bin"), filepath.Join(folder, "work"), filepath.Join(folder, "tags")
	definitions := filepath.Join(folder, "definitions")
	for _, one := range []string{bin, tags, definitions} {
		require.NoError(t, os.Mkdir(one, 0o755))
	}
	bash, err := exec.LookPath("bash")
	require.NoError(t, err)
	for name, body := range map[string]string{"pulumi": pulumiStandIn, "aws": awsStandIn} {
		script := "#!" + bash + "\necho \"" + name + " $*\" >>\"$CALLS\"\n" + body + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	deployed := filepath.Join(folder, "deployed")
	w.site = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if _, err := os.Stat(w.lowered); err == nil {
			out.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if raw, err := os.ReadFile(deployed); err == nil && bytes.Contains(raw, []byte(breaks)) &&
			in.URL.Path == "/api/health" {
			out.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(w.site.Close)
	preview, err := filepath.Abs("../../internal/plan/testdata/release.json")
	require.NoError(t, err)
	for name, value := range map[string]string{
		"PATH":        bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"CALLS":       w.calls,
		"DEPLOYED":    deployed,
		"PREVIEW":     preview,
		"OUTPUTS":     filepath.Join(folder, "outputs"),
		"SERVICES":    filepath.Join(folder, "services"),
		"TARGETS":     filepath.Join(folder, "targets"),
		"LOWERED":     w.lowered,
		"TAGS":        tags,
		"DEFINITIONS": definitions,
		"ACTIONS": `{"ScheduledActions":[
			{"ScheduledActionName":"lower","ScalableTargetAction":{"MinCapacity":0,"MaxCapacity":0}},
			{"ScheduledActionName":"raise","ScalableTargetAction":{"MinCapacity":1,"MaxCapacity":2}}]}`,
		"IMAGE": `{"images":[{"imageManifest":"{\"manifests\":[{\"platform\":{\"architecture\":\"amd64\"}},` +
			`{\"platform\":{\"architecture\":\"unknown\"}}]}","imageManifestMediaType":"application/` +
			`vnd.oci.image.index.v1+json"}],"failures":[]}`,
		"S3":                 filepath.Join(folder, "s3"),
		"PULUMI_BACKEND_URL": "",
		"DEFINITION": `{"taskDefinition":{"containerDefinitions":[{"name":"migration","logConfiguration":{"options":{
			"awslogs-group":"/ecs/production-migration","awslogs-stream-prefix":"ecs"}}}]}}`,
		"EVENTS":              `{"events":[]}`,
		"RUN_TASK":            `{"tasks":[{"taskArn":"arn:task"}],"failures":[]}`,
		"MIGRATION_EXIT":      `,"exitCode":0`,
		"GIT_AUTHOR_NAME":     "release",
		"GIT_AUTHOR_EMAIL":    "release@example.com",
		"GIT_COMMITTER_NAME":  "release",
		"GIT_COMMITTER_EMAIL": "release@example.com",
		"GIT_CONFIG_GLOBAL":   "/dev/null",
		"GIT_CONFIG_SYSTEM":   "/dev/null",
		"GIT_CONFIG_COUNT":    "1", // each fetch, merge and commit would look whether there is something to tidy up
		"GIT_CONFIG_KEY_0":    "maintenance.auto",
		"GIT_CONFIG_VALUE_0":  "false",
	} {
		t.Setenv(name, value)
	}
	w.write("OUTPUTS",
		`{"siteUrl":"`+w.site.URL+`","clusterName":"production","serviceNames":["production-api","production-web"],
		"taskDefinitionArns":{"api":"arn:api:7","web":"arn:web:9"},
		"repositoryUrls":{"api":"registry/production-api","web":"registry/production-web"},"migrationTaskDefinition":"arn:migration:3",
		"migrationNetwork":"{\"awsvpcConfiguration\":{\"subnets\":[\"subnet-1\"]}}"}`)
	w.services("arn:api:7", "COMPLETED")
	w.bounds(0, 0)
	require.NoError(t, os.CopyFS(folder, os.DirFS(w.template())))
	t.Chdir(work)
	return w
}

// template is a folder with the repository "work", which has the stack file, and its origin. Every
// world starts as a copy of one.
func (w *world) template() string {
	makeTemplate.Do(func() {
		origin, work := filepath.Join(templates, "origin"), filepath.Join(templates, "work")
		w.git("", "init", "--quiet", "--template=", "--bare", "--initial-branch", "main", origin)
		w.git("", "init", "--quiet", "--template=", "--initial-branch", "main", work)
		require.NoError(w.t, os.WriteFile(filepath.Join(work, "Pulumi.prod.yaml"), []byte(stackFile), 0o644))
		w.git(work, "add", ".")
		w.git(work, "commit", "--quiet", "--message", "Start")
		w.git(work, "remote", "add", "origin", "../origin")
		w.git(work, "push", "--quiet", "--set-upstream", "origin", "main")
	})
	return templates
}

func (w *world) write(variable, text string) {
	require.NoError(w.t, os.WriteFile(os.Getenv(variable), []byte(text), 0o644))
}

// services is what ECS says about the two services.
func (w *world) services(api, state string) {
	w.write("SERVICES", `{"services":[
		{"serviceName":"production-api","desiredCount":1,"deployments":[
			{"status":"PRIMARY","rolloutState":"`+state+`","taskDefinition":"`+api+`"},
			{"status":"ACTIVE","rolloutState":"FAILED","taskDefinition":"arn:api:6"}]},
		{"serviceName":"production-web","desiredCount":1,"deployments":[
			{"status":"PRIMARY","rolloutState":"COMPLETED","taskDefinition":"arn:web:9"}]}]}`)
}

// tag gives an image of a service tags, and none but these.
func (w *world) tag(service, digest string, tags ...string) {
	file := filepath.Join(os.Getenv("TAGS"), "production-"+service, digest)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(w.t, os.WriteFile(file, []byte(strings.Join(tags, "\n")+"\n"), 0o644))
}

// runs gives a task definition a container with an image of a service, beside one of another
// registry.
func (w *world) runs(definition, service, digest string) {
	require.NoError(w.t, os.WriteFile(filepath.Join(os.Getenv("DEFINITIONS"), definition), []byte(
		`{"image":"registry/production-`+service+`@`+digest+`"},{"image":"public.ecr.aws/datadog/agent:7"}`), 0o644))
}

// tags are those of an image of a service, with spaces between. An image that is not there has
// none.
func (w *world) tags(service, digest string) string {
	raw, err := os.ReadFile(filepath.Join(os.Getenv("TAGS"), "production-"+service, digest))
	if !os.IsNotExist(err) {
		require.NoError(w.t, err)
	}
	return strings.Join(strings.Fields(string(raw)), " ")
}

// bounds are what Application Auto Scaling says are the services' fewest tasks.
func (w *world) bounds(api, web int) {
	w.write("TARGETS", fmt.Sprintf(`{"ScalableTargets":[
		{"ResourceId":"service/production/production-api","MinCapacity":%d},
		{"ResourceId":"service/production/production-web","MinCapacity":%d}]}`, api, web))
}

// lower is the schedule's evening: the services have no task, and the site answers with 503.
func (w *world) lower() { require.NoError(w.t, os.WriteFile(w.lowered, nil, 0o644)) }

func (w *world) git(folder string, args ...string) string {
	w.t.Helper()
	command := exec.Command("git", args...)
	command.Dir = folder
	out, err := command.CombinedOutput()
	require.NoError(w.t, err, string(out))
	return strings.TrimSpace(string(out))
}

// history are the subjects of the origin's commits, the latest first.
func (w *world) history() []string {
	return strings.Split(w.git(w.origin, "log", "--format=%s", "main"), "\n")
}

// committed is the stack file at the origin.
func (w *world) committed() string { return w.git(w.origin, "show", "main:Pulumi.prod.yaml") }

// called are the calls of pulumi and aws, without what does not change.
func (w *world) called() []string {
	raw, err := os.ReadFile(w.calls)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(w.t, err)
	text := strings.NewReplacer(
		"up --stack prod --yes --skip-preview --non-interactive", "up", " --stack prod", "", " --output json", "",
		" --cluster production", "",
	).Replace(strings.TrimSpace(string(raw)))
	return strings.Split(text, "\n")
}

func (w *world) promote(args ...string) (code int, out, problems string) {
	var stdout, stderr bytes.Buffer
	code = command.Run(context.Background(), Command(),
		append(args, "--stack", "prod", "--attempts", "3", "--streak", "2", "--pause", "1ms"), nil, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func (w *world) release(api string, more ...string) (int, string, string) {
	return w.promote(append([]string{"release", "--version", "4be1f2c", "--image", "web=" + digestA, "--image",
		"api=" + api}, more...)...)
}
