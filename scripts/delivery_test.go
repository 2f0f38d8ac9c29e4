package scripts_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// script runs one of the copied scripts.
func (s *stage) script(call string, env map[string]string) (code int, output string) {
	s.t.Helper()
	s.forget()
	out, err := combined(s.command(call, env))
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), out
	}
	require.NoError(s.t, err, out)
	return 0, out
}

func (s *stage) preview(name string) {
	raw, err := os.ReadFile("../internal/plan/testdata/" + name + ".json")
	require.NoError(s.t, err)
	s.write("preview.json", string(raw))
}

func TestPlan(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	for sentence, one := range map[string]struct {
		preview, flags string
		code           int
		says           []string
	}{
		"nothing is lost": {"updated", "", 0, []string{"## prod: 1 to update"}},
		"something is lost": {"replaced", "", 1,
			[]string{"## prod: 3 to replace", ":stop_sign:", "--allow lets them pass"}},
		"something may be lost": {"replaced", "--allow", 0, []string{":stop_sign:"}},
		"it is not the approved plan": {"updated", "--expect abc", 1,
			[]string{"the plan is not the one that was approved"}},
		"the preview fails": {"failed", "--allow", 2, []string{"## prod: no preview", "because it is protected"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			s.preview(one.preview)
			require.NoError(t, os.RemoveAll(filepath.Join(s.work, "plan")))
			summary := filepath.Join(t.TempDir(), "summary")
			code, output := s.script("scripts/plan prod plan "+one.flags,
				map[string]string{"GITHUB_STEP_SUMMARY": summary})
			assert.Equal(t, one.code, code, output)
			for _, file := range []string{filepath.Join(s.work, "plan", "plan.md"), summary} {
				raw, err := os.ReadFile(file)
				require.NoError(t, err)
				for _, want := range one.says {
					assert.Contains(t, string(raw), want)
					assert.Contains(t, output, want)
				}
			}
			assert.Equal(t, []string{
				"pulumi preview --stack prod --json --show-sames --show-replacement-steps",
				"go build -o plan/infra ./cmd/infra",
				"infra promote static --stack prod",
			}, sorted(s.called()))
		})
	}
	code, _ := s.script("scripts/plan prod", nil)
	assert.Equal(t, 2, code)
	s.preview("refreshed")
	code, output := s.script("scripts/plan prod plan --refresh --allow", nil)
	assert.Zero(t, code, output)
	assert.Contains(t, s.called(), "pulumi preview --stack prod --json --show-sames --show-replacement-steps --refresh")
}

// CloudFront would look for files that nobody has uploaded. That is no loss, and no flag lets it
// pass.
func TestAPlanNeedsTheStaticFilesThatItTellsCloudFrontOf(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.write("prod.outputs", `{"assetsBucket":"assets"}`)
	require.NoError(t, os.WriteFile(filepath.Join(s.work, "Pulumi.prod.yaml"), []byte(`config:
  bookmark-manager:edge: {distribution: {static: {/_next/static/*: assets}}}
  bookmark-manager:services:
    web: {image: `+production+`, version: `+commit+`}
`), 0o644))
	code, output := s.script("scripts/plan prod plan --allow", nil)
	assert.Equal(t, 1, code, output)
	assert.Contains(t, output, "### Static files")
	assert.Contains(t, output, "bucket assets has no list of them")
	s.write("uploaded",
		`{"Contents":[{"Key":"_next/static/releases/`+commit+`","LastModified":"2026-01-05T09:00:00+00:00"}]}`)
	code, output = s.script("scripts/plan prod plan --allow", nil)
	assert.Zero(t, code, output)
}

func TestPlanWithCost(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	for sentence, one := range map[string]struct {
		preview, flags string
		code           int
		says           []string
		not            string
	}{
		"a change that costs nothing to speak of": {"updated", "--cost", 0,
			[]string{"## prod: 1 to update", "### Cost: -0.02 USD a month", "| CloudWatch Logs |"}, "not known"},
		"something is lost, and what it cost": {"deleted", "--cost", 1,
			[]string{":stop_sign:", "### Cost: -4.18 USD a month", "| S3 | 4.18 | 0.00 | -4.18 |"}, "not known"},
		"the guard lets it pass": {"deleted", "--cost --allow", 0, []string{"### Cost: -4.18 USD a month"},
			"not known"},
		"the preview fails":        {"failed", "--cost", 2, []string{"## prod: no preview"}, "Cost"},
		"nobody asks for the cost": {"updated", "", 0, []string{"## prod: 1 to update"}, "Cost"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s.preview(one.preview)
			code, output := s.script("scripts/plan prod plan "+one.flags, nil)
			assert.Equal(t, one.code, code, output)
			for _, want := range one.says {
				assert.Contains(t, output, want)
			}
			assert.NotContains(t, output, one.not)
		})
	}
	raw, err := os.ReadFile("../internal/plan/testdata/no-change.json")
	require.NoError(t, err)
	s.write("preview.json",
		strings.ReplaceAll(string(raw), "aws:s3/bucketV2:BucketV2", "aws:s3/directoryBucket:DirectoryBucket"))
	code, output := s.script("scripts/plan prod plan --cost --allow", nil)
	assert.Equal(t, 1, code, "a plan that cannot be priced fails the check")
	assert.Contains(t, output, "### Cost: not known")
	assert.Contains(t, output, "buckets-assets: the type aws:s3/directoryBucket:DirectoryBucket has no price")
}

// sorted puts the call of pulumi first: the command may be built before or after.
func sorted(calls []string) []string {
	if len(calls) >= 2 && strings.HasPrefix(calls[0], "go") {
		calls[0], calls[1] = calls[1], calls[0]
	}
	return calls
}

func TestDeploy(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	up := "pulumi up --stack prod --yes --skip-preview --non-interactive"
	code, output := s.script("scripts/deploy prod", nil)
	require.Zero(t, code, output)
	assert.Subset(t, s.called(),
		[]string{up, "infra promote deploy --stack prod", "aws ecs wait services-stable --cluster prod --services s"})

	s.push("echo '# sha256:bad' >>Pulumi.prod.yaml", "Bad")
	code, output = s.script("scripts/deploy prod", nil)
	assert.Equal(t, 7, code)
	assert.Contains(t, output, "run: git pull --ff-only, and start again")
	assert.NotContains(t, s.called(), up, "an older commit than the tip of main is not deployed")
	s.shell("git pull --quiet --ff-only origin main")
	code, output = s.script("scripts/deploy prod", nil)
	assert.Equal(t, 1, code, "a site that does not answer is no deploy")
	assert.Contains(t, output, "found status 502, want 200")

	for sentence, one := range map[string]struct{ preview, flags string }{
		"a plan that loses something":       {"replaced", ""},
		"another plan than was approved":    {"updated", "--expect abc"},
		"a preview that fails, even if all": {"failed", "--allow"},
	} {
		s.preview(one.preview)
		code, _ := s.script("scripts/deploy prod "+one.flags, nil)
		assert.NotZero(t, code, sentence)
		assert.NotContains(t, s.called(), up, sentence)
	}
}

// plan runs the plan job's step as GitHub does, with a file for its outputs, and hands them to the
// jobs after it.
func (s *stage) plan() map[string]string {
	s.t.Helper()
	outputs, err := s.planned()
	require.NoError(s.t, err)
	return outputs
}

// planned is plan where it may fail.
func (s *stage) planned() (map[string]string, error) {
	s.t.Helper()
	s.checkout("main")
	file := filepath.Join(s.temporary, "output")
	require.NoError(s.t, os.RemoveAll(file))
	job := readWorkflow(s.t, "deploy").Jobs["plan"]
	assert.Equal(s.t, "main", job.Steps[0].With["ref"])
	step := job.Steps[2].Run
	require.Contains(s.t, step, "scripts/plan prod")
	if out, err := combined(s.command(step, map[string]string{"GITHUB_OUTPUT": file})); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	raw, err := os.ReadFile(file)
	require.NoError(s.t, err)
	outputs := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		name, value, _ := strings.Cut(line, "=")
		outputs[name] = value
		s.values["needs.plan.outputs."+name] = value
	}
	require.Len(s.t, outputs["fingerprint"], 64)
	require.Len(s.t, outputs["commit"], 40)
	return outputs, nil
}

func TestPreviewWorkflow(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	w := readWorkflow(t, "preview")
	label := "contains(github.event.pull_request.labels.*.name, 'allow-loss') && '--allow' || ''"
	s.preview("deleted")
	s.values[label] = ""
	_, err := s.job(w, "preview")
	require.Error(t, err)
	s.values[label] = "--allow"
	out, err := s.job(w, "preview")
	require.NoError(t, err, out)
	for _, step := range w.Jobs["check"].Steps {
		assert.Empty(t, step.Env, "the check needs no secret, so that it runs for forks")
	}
	assert.Empty(t, w.Jobs["check"].Env)
}

func TestComment(t *testing.T) {
	t.Parallel()
	for sentence, one := range map[string]struct{ found, want string }{
		"a first comment": {"", "gh api --silent --method POST repos/o/r/issues/7/comments --field body=@"},
		"the one before":  {"41\n42", "gh api --silent --method PATCH repos/o/r/issues/comments/41 --field body=@"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newStage(t, map[string]string{
				"gh": `case "$*" in *--paginate*) printf '%s\n' "$FOUND" ;; *) cat "${!##body=@}" >"$CLOUD/body" ` +
					`;; esac`,
			})
			s.standIn("gh",
				`case "$*" in *--paginate*) printf '%s\n' "$FOUND" ;; *) for last; do :; done; cat "${last#body=@}" `+
					`>"$CLOUD/body" ;; esac`)
			require.NoError(t, os.WriteFile(filepath.Join(s.work, "a.md"), []byte("## prod\n"), 0o644))
			require.NoError(t, os.WriteFile(filepath.Join(s.work, "b.md"), []byte("## staging\n"), 0o644))
			code, output := s.script(`"$SCRIPTS/comment" 7 a.md b.md`,
				map[string]string{"FOUND": one.found, "GITHUB_REPOSITORY": "o/r"})
			require.Zero(t, code, output)
			calls := s.called()
			require.Len(t, calls, 2)
			assert.True(t, strings.HasPrefix(calls[1], one.want), calls[1])
			raw, err := os.ReadFile(filepath.Join(s.cloud, "body"))
			require.NoError(t, err)
			assert.Equal(t, "<!-- pulumi preview -->\n## prod\n## staging\n", string(raw))
		})
	}
}

// securityGroups are what the stand-ins of pulumi and aws tell: a group with a rule of the stack,
// and in the second one a rule that it does not know.
const (
	groupState = `{"deployment":{"resources":[
		{"type":"aws:ec2/securityGroup:SecurityGroup","id":"sg-1"},
		 {"type":"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup","id":"sg-0"},
		{"type":"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule","id":"sgr-1"},
		{"type":"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule","id":"sgr-2"},
		{"type":"bookmark-manager:network:Network"}]}}`
	knownRules = `{"SecurityGroupRules":[
		{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":5432,"ToPort":5432,
		 "CidrIpv4":"10.0.0.0/16"},
		{"SecurityGroupRuleId":"sgr-2","GroupId":"sg-1","IsEgress":true,"IpProtocol":"tcp","FromPort":443,"ToPort":443,
		 "CidrIpv4":"0.0.0.0/0"}]}`
	strayRules = `{"SecurityGroupRules":[
		{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":5432,"ToPort":5432,
		 "CidrIpv4":"10.0.0.0/16"},
		{"SecurityGroupRuleId":"sgr-8","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":5432,"ToPort":5433,
		 "CidrIpv4":"203.0.113.7/32","Description":"by hand"},
		{"SecurityGroupRuleId":"sgr-9","GroupId":"sg-0","IsEgress":true,"IpProtocol":"-1","FromPort":-1,"ToPort":-1,
		 "ReferencedGroupInfo":{"GroupId":"sg-1"}}]}`
	strayLines = "sg-1 sgr-8 in tcp 5432-5433 203.0.113.7/32 by hand\nsg-0 sgr-9 out -1 -1 sg-1\n"
)

// tellRules lets the stand-ins tell about security groups, beside what they do otherwise.
func (s *stage) tellRules(rules string) {
	s.write("state.json", groupState)
	s.write("rules.json", rules)
	s.standIn("pulumi", `case "$*" in "stack export --stack prod") cat "$CLOUD/state.json"; exit ;; esac`+"\n"+
		promoteStandIns["pulumi"])
	s.standIn("aws", `[ -z "${FAIL_AWS:-}" ] || exit 255
cat "$CLOUD/rules.json"`)
}

func TestStrays(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	for sentence, one := range map[string]struct {
		rules, env string
		code       int
		says       string
	}{
		"the stack knows every rule": {knownRules, "", 0, ""},
		"two rules were added":       {strayRules, "", 1, strayLines},
		"AWS does not answer":        {knownRules, "yes", 2, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			s.tellRules(one.rules)
			code, output := s.script(`"$CLOUD/infra" strays --stack prod`, map[string]string{"FAIL_AWS": one.env})
			assert.Equal(t, one.code, code, output)
			assert.Contains(t, output, one.says)
			if one.code == 0 {
				assert.Empty(t, output)
			}
			assert.Equal(t,
				"aws ec2 describe-security-group-rules --filters Name=group-id,Values=sg-0,sg-1 --output json",
				s.called()[1])
		})
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.standIn("gh",
		`case "$2" in list) printf '%s\n' "${ISSUE:-}" ;; *) while [ "$1" != --body-file ]; do shift; [ $# -gt 0 ] `+
			`|| exit 0; done; cp "$2" "$CLOUD/body" ;; esac`)
	list := `gh issue list --state open --limit 100 --json number,title --jq .[] | select(.title == "Drift of ` +
		`prod") | .number`
	for sentence, one := range map[string]struct {
		preview, issue, rules string
		want                  []string
	}{
		"no drift, no issue": {"refreshed", "", knownRules, []string{list}},
		"no drift any more": {"refreshed", "12", knownRules,
			[]string{list, "gh issue close 12 --comment The stack is what its state says again."}},
		"drift": {"deleted", "", knownRules,
			[]string{list, "gh issue create --title Drift of prod --body-file PLAN"}},
		"drift that is known": {"updated", "12", knownRules,
			[]string{list, "gh issue edit 12 --body-file PLAN"}},
		"a rule added by hand": {"refreshed", "", strayRules,
			[]string{list, "gh issue create --title Drift of prod --body-file PLAN"}},
		"a rule that is still there": {"refreshed", "12", strayRules,
			[]string{list, "gh issue edit 12 --body-file PLAN"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			s.preview(one.preview)
			s.tellRules(one.rules)
			code, output := s.script("scripts/drift prod", map[string]string{"ISSUE": one.issue})
			require.Zero(t, code, output)
			var got []string
			for _, call := range s.called() {
				if strings.HasPrefix(call, "gh") {
					before, _, found := strings.Cut(call, "--body-file ")
					if found {
						call = before + "--body-file PLAN"
					}
					got = append(got, call)
				}
			}
			assert.Equal(t, one.want, got)
			if one.rules == strayRules {
				raw, err := os.ReadFile(filepath.Join(s.cloud, "body"))
				require.NoError(t, err)
				assert.Contains(t, string(raw), "```\n"+strayLines+"```")
			}
		})
	}
	s.preview("failed")
	code, _ := s.script("scripts/drift prod", nil)
	assert.Equal(t, 2, code)
	s.preview("refreshed")
	code, _ = s.script("scripts/drift prod", map[string]string{"FAIL_AWS": "yes"})
	assert.Equal(t, 2, code, "a rule that nobody could look for is no rule that is not there")
}

func TestEveryScriptHasHelpAndRefusesAWrongCall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"comment", "deploy", "drift", "plan", "release", "snapshot"} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			help := exec.Command("./"+name, "--help")
			help.Stdout = &out
			require.NoError(t, finish(help))
			assert.NotEmpty(t, out.String())
			require.Error(t, finish(exec.Command("./"+name, "--no-such-flag")))
		})
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	for want, call := range map[string]string{
		`found "", want build, push`: "",
		"static needs --bucket": "static --service web --version " + commit +
			" --repository registry/web",
		"push needs --service":                   "push --version " + commit,
		"push needs --repository":                "push --service web --version " + commit,
		"build needs --save":                     "build --service web --version " + commit,
		`the version is "latest", want a commit`: "build --service web --version latest",
		"--service has no value":                 "build --service",
		"found --what, which is no flag":         "build --what x",
		"promote needs --to":                     "promote --version " + commit,
	} {
		s := newStage(t, releaseStandIns)
		code, output := s.script(`"$SCRIPTS/release" `+call, nil)
		assert.Equal(t, 2, code, output)
		assert.Contains(t, output, want)
		assert.Empty(t, s.called())
	}
}

// Only an answer that says that the image is missing leads to a push.
func TestReleaseStopsWhenItCannotLook(t *testing.T) {
	t.Parallel()
	s := newStage(t, releaseStandIns)
	code, output := s.script(`"$SCRIPTS/release" push --service web --version `+commit+
		" --repository registry/web --images images",
		map[string]string{"NOT_FOUND": "AccessDeniedException"})
	assert.Equal(t, 1, code)
	assert.Contains(t, output, "AccessDeniedException")
	assert.NotContains(t, strings.Join(s.called(), "\n"), "docker")
}
