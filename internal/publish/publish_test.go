package publish

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

const publishOutputs = `{"deployRoleArn":"arn:deploy","previewRoleArn":"arn:preview","pushRoleArn":"arn:push",
"siteUrl":"https://www.example.com","assetsBucket":"assets","repositoryUrls":{"web":"registry/web",
 "api":"registry/api"},"sentryDsns":{"web":"https://p@sentry.io/2"},"sentryProjects":{"web":"site"}}`

const pulumiStandIn = `case "$*" in
"stack output --json --stack prod") cat "$OUTPUTS" ;;
"config get bookmark-manager:environment --stack prod") echo production ;;
"config get bookmark-manager:aws --stack prod") echo '{"accountId":"111122223333","region":"ap-northeast-1"}' ;;
"config get bookmark-manager:backups --stack prod") echo "$BACKUPS" ;;
"config get bookmark-manager:sentry --stack prod") echo '{"organization":"acme"}' ;;
"config get bookmark-manager:delivery --stack prod") echo '{"repository":"bookmark-manager@1/infrastructure@2","deployEnvironment":"production",
"applicationRepository":"bookmark-manager/bookmark-manager","previewEnvironment":"production-preview","planEnvironment":"production-plan","releaseEnvironment":"production"}' ;;
*) exit 9 ;;
esac`

const ghStandIn = `case "$*" in
*"$FAIL_ON"*) echo "HTTP 403" >&2; exit 1 ;;
*/deployment-branch-policies) echo '{"branch_policies":['"$BRANCHES"']}' ;;
*/rules/branches/main) echo "[$RULES]" ;;
*/branches/main) echo '{"protection":{"enabled":'"$PROTECTED"'}}' ;;
"secret list "*) echo "[$SECRETS]" ;;
"api repos/"*) echo '{"protection_rules":[{"type":"branch_policy"},{"type":"required_reviewers","reviewers":['"$REVIEWERS"']}],"deployment_branch_policy":'"$POLICY"'}' ;;
"api --silent repos/"*) [ -n "$THERE" ] || { echo "gh: Not Found (HTTP 404)" >&2; exit 1; } ;;
esac`

const awsStandIn = `case "$*" in
"s3api get-bucket-replication --bucket bookmark-manager-state-111122223333-ap-northeast-1 --region ap-northeast-1 --output json")
	[ -n "$REPLICA" ] || { echo "An error occurred (${REPLICA_ERROR:-ReplicationConfigurationNotFoundError})" >&2; exit 254; }
	echo '{"ReplicationConfiguration":{"Rules":[{"Status":"'"$REPLICATION"'","Destination":{"Bucket":"arn:aws:s3:::'"$REPLICA"'"}}]}}' ;;
*) exit 9 ;;
esac`

func publish(t *testing.T, env map[string]string, args ...string) (code int, calls []string, out, problems string) {
	t.Helper()
	folder := t.TempDir()
	for name, body := range map[string]string{"pulumi": pulumiStandIn, "gh": ghStandIn, "aws": awsStandIn} {
		script := "#!/usr/bin/env bash\necho \"" + name + " $*\" >>\"$CALLS\"\n" + body + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755))
	}
	log, outputs := filepath.Join(folder, "calls"), filepath.Join(folder, "outputs")
	text := publishOutputs
	if given, ok := env["outputs"]; ok {
		text = given
	}
	require.NoError(t, os.WriteFile(outputs, []byte(text), 0o644))
	for name, value := range map[string]string{
		"PATH":          folder + string(os.PathListSeparator) + os.Getenv("PATH"),
		"CALLS":         log,
		"OUTPUTS":       outputs,
		"THERE":         env["there"],
		"REVIEWERS":     cmp.Or(env["reviewers"], "{}"),
		"FAIL_ON":       cmp.Or(env["fail"], "no such call"),
		"BRANCHES":      cmp.Or(env["branches"], `{"name":"main"}`),
		"RULES":         env["rules"],
		"PROTECTED":     cmp.Or(env["protected"], "false"),
		"BACKUPS":       cmp.Or(env["backups"], "{}"),
		"REPLICA":       env["replica"],
		"REPLICATION":   cmp.Or(env["replication"], "Enabled"),
		"REPLICA_ERROR": env["replicaError"],
		"SECRETS":       env["secrets"],
		"POLICY":        cmp.Or(env["policy"], `{"protected_branches":false,"custom_branch_policies":true}`),
	} {
		t.Setenv(name, value)
	}
	require.NoError(t, os.MkdirAll(filepath.Join(folder, ".github", "workflows"), 0o755))
	workflow := "jobs:\n  approve:\n    environment: " + cmp.Or(env["gate"], "production-approval") + "\n"
	require.NoError(t,
		os.WriteFile(filepath.Join(folder, ".github", "workflows", "deploy.yml"), []byte(workflow), 0o644))
	t.Chdir(folder)
	var stdout, stderr bytes.Buffer
	code = command.Run(context.Background(), Command(), args, nil, &stdout, &stderr)
	if raw, err := os.ReadFile(log); err == nil {
		for _, call := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
			if strings.HasPrefix(call, "gh ") {
				calls = append(calls, call)
			}
		}
	}
	return code, calls, stdout.String(), stderr.String()
}

func made(repository, name string, mainOnly bool, variables ...string) []string {
	path := "repos/" + repository + "/environments/" + name
	calls := []string{"gh api --silent " + path}
	if mainOnly {
		calls = append(calls,
			"gh api --silent --method PUT "+path+" --field deployment_branch_policy[protected_branches]=false "+
				"--field deployment_branch_policy[custom_branch_policies]=true",
			"gh api --silent --method POST "+path+"/deployment-branch-policies --field name=main")
	} else {
		calls = append(calls, "gh api --silent --method PUT "+path)
	}
	for _, pair := range variables {
		key, value, _ := strings.Cut(pair, "=")
		calls = append(calls, "gh variable set "+key+" --repo "+repository+" --env "+name+" --body "+value)
	}
	return calls
}

const infrastructure, application = "bookmark-manager/infrastructure", "bookmark-manager/bookmark-manager"

var (
	region = "AWS_REGION=ap-northeast-1"
	state  = "PULUMI_BACKEND_URL=s3://bookmark-manager-state-111122223333-ap-northeast-1?region=ap-northeast-1"
)

func everything() []string {
	var want []string
	for _, calls := range [][]string{
		made(infrastructure, "production-preview", false, "AWS_ROLE_ARN=arn:preview", region, state),
		made(infrastructure, "production-plan", true, "AWS_ROLE_ARN=arn:preview", region, state),
		made(infrastructure, "production", true, "AWS_ROLE_ARN=arn:deploy", region, state),
		made(infrastructure, "production-bootstrap", true,
			"AWS_ROLE_ARN=arn:aws:iam::111122223333:role/bookmark-manager-production-bootstrap", region, state),
		made(application, "production", true, "AWS_ROLE_ARN=arn:push", region, "SITE_URL=https://www.example.com",
			"ASSETS_BUCKET=assets", "API_REPOSITORY_URL=registry/api",
			"WEB_REPOSITORY_URL=registry/web", "WEB_SENTRY_DSN=https://p@sentry.io/2", "SENTRY_ORG=acme",
			"SENTRY_PROJECT=site"),
		made(infrastructure, "production-approval", true),
	} {
		want = append(want, calls...)
	}
	return want
}

func TestPublishSetsEverything(t *testing.T) {
	code, calls, _, problems := publish(t, nil, "--stack", "prod")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, append(everything(), looks()...), calls)
}

// looks are the calls that look for what people must set.
func looks() []string {
	path := "gh api repos/" + infrastructure + "/environments/"
	calls := []string{path + "production-preview", path + "production-approval"}
	for _, one := range []string{
		path + "production-plan", path + "production", path + "production-bootstrap",
		"gh api repos/" + application + "/environments/production", path + "production-approval",
	} {
		calls = append(calls, one, one+"/deployment-branch-policies")
	}
	return append(calls, "gh api repos/"+infrastructure+"/rules/branches/main",
		"gh api repos/"+infrastructure+"/branches/main")
}

func TestACheckChangesNothing(t *testing.T) {
	code, calls, _, problems := publish(t, nil, "--stack", "prod", "--check")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, looks(), calls)
}

// What people must set is named with who must do it, all of it at once.
func TestWhatPeopleMustSet(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"environment production of bookmark-manager/infrastructure: it admits every branch, want main alone": {
			"policy": "null",
		},
		"environment production-plan of bookmark-manager/infrastructure: it admits every protected branch": {
			"policy": `{"protected_branches":true,"custom_branch_policies":false}`,
		},
		"environment production of bookmark-manager/bookmark-manager: it admits main, release/*, want main alone": {
			"branches": `{"name":"main"},{"name":"release/*"}`,
		},
		"it has pull_request, required_status_checks, and environment production has no secret PUSH_TOKEN": {
			"rules": `{"type":"deletion"},{"type":"pull_request"},{"type":"required_status_checks"}`,
		},
		"it has branch protection, and environment production has no secret PUSH_TOKEN. Let an app or a person pass": {
			"protected": "true",
		},
	} {
		t.Run(want, func(t *testing.T) {
			env["reviewers"] = " "
			code, _, _, problems := publish(t, env, "--stack", "prod", "--check")
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
			assert.Contains(t, problems,
				"production-preview, production-approval of bookmark-manager/infrastructure has none")
		})
	}
	code, _, _, problems := publish(t, map[string]string{"protected": "true", "secrets": `{"name":"PUSH_TOKEN"}`},
		"--stack", "prod", "--check")
	assert.Equal(t, command.OK, code, problems)
}

// With copies of the backups in another region the state is wanted there as well.
func TestTheStateIsCopiedWhereTheBackupsAre(t *testing.T) {
	const copied, replica = `{"copy":{"region":"ap-northeast-3"}}`, "bookmark-manager-state-111122223333-ap-northeast-3"
	for want, env := range map[string]map[string]string{
		"":                             {"replica": replica},
		`make bootstrap ARGS="--stack`: {},
		"S3 copies none from bucket bookmark-manager-state-111122223333-ap-northeast-1 to bucket " + replica: {
			"replica": "elsewhere",
		},
		"look for the copy of the state in ap-northeast-3": {"replica": replica, "replication": "Disabled"},
		"AccessDenied": {"replicaError": "AccessDenied"},
	} {
		env["backups"] = copied
		code, _, _, problems := publish(t, env, "--stack", "prod", "--check")
		assert.Equal(t, want == "", code == command.OK, problems)
		assert.Contains(t, problems, want)
	}
}

func TestAnEnvironmentThatLetsEverybodyPassIsRefused(t *testing.T) {
	code, calls, _, problems := publish(t, map[string]string{"reviewers": " "}, "--stack", "prod")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "production-preview, production-approval of bookmark-manager/infrastructure has none")
	assert.Subset(t, calls, everything())
}

// No workflow waits before it changes staging.
func TestAStackWithoutAGateGetsNoEnvironmentForIt(t *testing.T) {
	code, calls, _, problems := publish(t, map[string]string{"gate": "other-approval"}, "--stack", "prod")
	require.Equal(t, command.OK, code, problems)
	assert.NotContains(t, strings.Join(calls, "\n"), "-approval")
}

func TestAnEnvironmentThatIsThereKeepsItsRules(t *testing.T) {
	code, calls, _, problems := publish(t, map[string]string{"there": "yes"}, "--stack", "prod")
	require.Equal(t, command.OK, code, problems)
	assert.NotContains(t, strings.Join(calls, "\n"), "--method")
	assert.Contains(t, calls,
		"gh variable set AWS_ROLE_ARN --repo bookmark-manager/infrastructure --env production --body arn:deploy")
}

func TestADryRunChangesNothing(t *testing.T) {
	code, calls, out, problems := publish(t, nil, "--stack", "prod", "--dry-run")
	require.Equal(t, command.OK, code, problems)
	var looked, would []string
	for _, call := range everything() {
		if strings.HasPrefix(call, "gh api --silent repos/") {
			looked = append(looked, call)
		} else {
			would = append(would, "would run: "+call)
		}
	}
	assert.Equal(t, looked, calls)
	assert.Contains(t, out, strings.Join(would, "\n")+"\n")
}

func TestWithoutSentry(t *testing.T) {
	text := publishOutputs[:strings.Index(publishOutputs, `,"sentryDsns"`)] + "}"
	code, calls, _, problems := publish(t, map[string]string{"outputs": text}, "--stack", "prod")
	require.Equal(t, command.OK, code, problems)
	assert.NotContains(t, strings.Join(calls, "\n"), "SENTRY")
}

func TestFailures(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"find AWS_ROLE_ARN of environment production-preview: the stack has no such output": {
			"outputs": `{"nameServers":["ns-1"]}`,
		},
		"find WEB_REPOSITORY_URL of environment production": {
			"outputs": strings.Replace(publishOutputs, `"web":"registry/web",`, "", 1),
		},
		"look for environment production-preview of bookmark-manager/infrastructure": {"fail": "api --silent repos"},
		"make environment production-plan of bookmark-manager/infrastructure": {
			"fail": "deployment-branch-policies",
		},
		"set AWS_REGION of environment production-preview": {"fail": "set AWS_REGION"},
		"read what pulumi stack output":                    {"outputs": "none"},
	} {
		t.Run(want, func(t *testing.T) {
			code, calls, _, problems := publish(t, env, "--stack", "prod")
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
			if _, early := env["outputs"]; early {
				assert.Empty(t, calls, "nothing is set before everything is known")
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		`read the flag --stack: found ""`: nil,
		`found "more", want flags only`:   {"--stack", "prod", "more"},
		"publish --help lists the flags":  {"--what"},
	} {
		code, calls, _, problems := publish(t, nil, args...)
		assert.Equal(t, command.Usage, code)
		assert.Contains(t, problems, want)
		assert.Empty(t, calls)
	}
	code, _, out, _ := publish(t, nil, "--help")
	assert.Equal(t, command.OK, code)
	assert.Contains(t, out, "-dry-run")
}
