package promote

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/command"
)

const (
	inStack = "urn:pulumi:prod::bookmark-manager::bookmark-manager:"
	targets = " --target " + inStack + "compute:Migration$** --target " + inStack + "data:AuroraCluster$** " +
		"--target " + inStack + "data:Parameters$aws:ssm/parameter:Parameter::parameters-MASTER_DATABASE_URL " +
		"--target " + inStack + "data:Parameters$aws:ssm/parameter:Parameter::parameters-MIGRATION_*"
)

const (
	migrationTask = " --target " + inStack + "compute:Migration$aws:ecs/taskDefinition:TaskDefinition::*"
	releasing     = migrationTask + " --target " + inStack +
		"compute:Service$aws:ecs/taskDefinition:TaskDefinition::*" +
		" --target " + inStack + "compute:Service$aws:ecs/service:Service::*" +
		" --target " + inStack + "compute:Service$aws:scheduler/schedule:Schedule::*"
)

var (
	previewed = append(slices.Clone(inspected), "pulumi preview --json --show-sames --show-replacement-steps"+releasing)
	// looked is what finds that a stack is awake.
	looked   = []string{"aws ecs describe-services --services production-api production-web"}
	migrated = []string{
		"pulumi up" + migrationTask, "pulumi stack output --json",
		`aws ecs run-task --launch-type FARGATE --task-definition arn:migration:3 ` +
			`--network-configuration {"awsvpcConfiguration":{"subnets":["subnet-1"]}} --started-by release`,
		"aws ecs wait tasks-stopped --tasks arn:task", "aws ecs describe-tasks --tasks arn:task",
	}
	checked = []string{
		"pulumi stack output --json", "aws ecs wait services-stable --services production-api production-web",
		"aws ecs describe-services --services production-api production-web",
	}
	deployed = append([]string{"pulumi up" + releasing}, checked...)
)

var (
	known = []string{"pulumi stack output --json"}
	// inspected is what finds that the images of a release are there, and are built for what they
	// run on.
	inspected = all(known, reading("api", digestA), reading("web", digestA))
)

// lastWords are the calls that read what a migration has written.
var lastWords = []string{
	"aws ecs describe-task-definition --task-definition arn:migration:3",
	"aws logs get-log-events --log-group-name /ecs/production-migration --log-stream-name ecs/migration/arn:task " +
		"--limit 15",
}

// reading is the call that reads an image's manifest.
func reading(service, digest string) []string {
	return []string{"aws ecr batch-get-image --repository-name production-" + service + " --image-ids imageDigest=" +
		digest}
}

// previewing is previewed for another image of the api.
func previewing(api string) []string {
	return all(known, reading("api", api), reading("web", digestA), previewed[len(previewed)-1:])
}

func all(parts ...[]string) []string {
	var calls []string
	for _, part := range parts {
		calls = append(calls, part...)
	}
	return calls
}

func TestReleaseGoesThroughInOrder(t *testing.T) {
	w := newWorld(t)
	code, out, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, all(previewed, taggedRunning(digestA), looked, migrated, deployed, finished(digestA)), w.called())
	assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history())
	assert.Contains(t, w.committed(), `image: "`+digestA+`"`)
	assert.Contains(t, out, "== 4be1f2c is on prod")
}

func TestAFailedHealthCheckRollsBack(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "/api/health: found status 500, want 200")
	assert.Contains(t, problems, "the commit and the stack are back at the release before, and the site answers")
	assert.Equal(t,
		all(previewing(digestB), taggedRunning(digestB), looked, migrated, deployed, checked[2:], deployed,
			untagging(digestB)),
		w.called(),
		"it looks whether the stack sleeps, and deploys once more")
	assert.Equal(t, []string{`Revert "Release 4be1f2c to prod"`, "Release 4be1f2c to prod", "Start"}, w.history())
	assert.Equal(t, strings.TrimSpace(stackFile), w.committed())
	raw, err := os.ReadFile(os.Getenv("DEPLOYED"))
	require.NoError(t, err)
	assert.Equal(t, stackFile, string(raw), "the stack runs the release before")
}

func TestWhatRollsBack(t *testing.T) {
	for sentence, one := range map[string]struct {
		prepare func(*testing.T, *world)
		want    string
		calls   []string
	}{
		"a deploy that fails": {
			func(t *testing.T, _ *world) { t.Setenv("FAIL_UP", "sha256:aaaa") }, "up --stack prod --yes",
			all(previewed, taggedRunning(digestA), looked, migrated[:1], deployed, untagging(digestA)),
		},
		"a migration that fails": {
			func(t *testing.T, _ *world) {
				t.Setenv("MIGRATION_EXIT", `,"exitCode":1`)
			}, "task arn:task ended with exit code 1",
			all(previewed, taggedRunning(digestA), looked, migrated, lastWords, deployed, untagging(digestA)),
		},
		"a migration that never starts": {
			func(t *testing.T, _ *world) { t.Setenv("MIGRATION_EXIT", "") }, "task arn:task ended with no exit code",
			all(previewed, taggedRunning(digestA), looked, migrated, lastWords, deployed, untagging(digestA)),
		},
		"a migration that finds no room": {
			func(t *testing.T, _ *world) {
				t.Setenv("RUN_TASK", `{"tasks":[],"failures":[{"reason":"AGENT"}]}`)
			}, "start the migration task: found 0 tasks",
			all(previewed, taggedRunning(digestA), looked, migrated[:3], deployed, untagging(digestA)),
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			one.prepare(t, w)
			code, _, problems := w.release(digestA)
			assert.Contains(t, []int{command.Failed, exitMigration}, code)
			assert.Contains(t, problems, one.want)
			assert.Equal(t, one.calls, w.called())
			assert.Equal(t, `Revert "Release 4be1f2c to prod"`, w.history()[0])
			assert.Equal(t, strings.TrimSpace(stackFile), w.committed())
		})
	}
}

// ECS puts the old tasks back by itself when the new ones keep failing. The services are steady
// then, and the release is not there.
func TestAServiceThatEcsRolledBackIsNotReleased(t *testing.T) {
	for sentence, one := range map[string]struct{ definition, state string }{
		"it runs the old tasks":    {"arn:api:6", "COMPLETED"},
		"its roll-out did not end": {"arn:api:7", "FAILED"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			w.services(one.definition, one.state)
			code, _, problems := w.promote("check")
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, "look at service production-api: it runs "+one.definition+" ("+one.state+")")
			assert.Equal(t, checked, w.called())
		})
	}
}

func TestCheckPassesASiteThatAnswers(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.promote("check")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, checked, w.called())
	assert.Equal(t, []string{"Start"}, w.history())
}

func TestCheckNeedsADeployedStack(t *testing.T) {
	for want, text := range map[string]string{
		"siteUrl or clusterName is missing": `{"nameServers":["ns-1.awsdns-01.org"]}`,
		"the stack has none yet":            `{"siteUrl":"http://localhost","clusterName":"production"}`,
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t)
			w.write("OUTPUTS", text)
			code, _, problems := w.promote("check")
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
		})
	}
}

func TestTheGuardStopsAReleaseBeforeItIsCommitted(t *testing.T) {
	for preview, want := range map[string]string{
		"replaced": "nobody has approved that: let the workflow Deploy bring it out first",
		"updated":  "main has more in what a release deploys than the release",
		"failed":   "cannot be deleted\nbecause it is protected",
	} {
		t.Run(preview, func(t *testing.T) {
			w := newWorld(t)
			t.Setenv("PREVIEW", filepath.Join(filepath.Dir(os.Getenv("PREVIEW")), preview+".json"))
			code, _, problems := w.release(digestA)
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
			assert.Equal(t, previewed, w.called())
			assert.Equal(t, []string{"Start"}, w.history())
			assert.Empty(t, w.git("", "status", "--short"), "the stack file is as it was")
		})
	}
}

func TestTheSameReleaseAgainDeploysWithoutACommit(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	code, _, problems = w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Len(t, w.history(), 2)
	t.Setenv("FAIL_UP", "sha256:aaaa")
	code, _, problems = w.release(digestA)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "there is nothing to go back to")
	assert.Len(t, w.history(), 2)
}

// Others push while a release is under way.
func TestOthersCommitsSurviveARollBack(t *testing.T) {
	w := newWorld(t)
	other := filepath.Join(t.TempDir(), "other")
	w.git("", "clone", "--quiet", w.origin, other)
	require.NoError(t, os.WriteFile(filepath.Join(other, "README.md"), []byte("x"), 0o644))
	w.git(other, "add", ".")
	w.git(other, "commit", "--quiet", "--message", "Other")
	w.git(other, "push", "--quiet", "origin", "HEAD:main")
	code, _, _ := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.Equal(t, []string{`Revert "Release 4be1f2c to prod"`, "Release 4be1f2c to prod", "Other", "Start"},
		w.history())
}

func TestUsage(t *testing.T) {
	good := []string{"release", "--stack", "prod", "--version", "4be1f2c", "--image", "web=" + digestA}
	for want, args := range map[string][]string{
		"found no command, want one of release, deploy, check, approved, tagged, static": {},
		`read the flag --planned: found "main", want a commit`: {"approved", "--stack", "prod",
			"--planned", "main"},
		`found "undo", want one of release, deploy, check, approved, tagged, static`: {"undo"},
		`read the flag --stack: found ""`:                                            {"check"},
		`read the flag --stack: found "../prod"`:                                     {"check", "--stack", "../prod"},
		`read the flag --version: found ""`: {"release", "--stack", "prod", "--image",
			"web=" + digestA},
		`read the flag --image: found none`:                     {"release", "--stack", "prod", "--version", "1"},
		`found "web:latest", want a service`:                    {"release", "--image", "web:latest"},
		`found service "web" twice`:                             append(good, "--image", "web="+digestA),
		`found "api/health", want a path that begins with`:      append(good, "--path", "api/health"),
		`read the flags --streak and --attempts: found 3 and 2`: append(good, "--attempts", "2"),
		`found "more", want flags only`:                         append(good, "more"),
	} {
		var out, problems bytes.Buffer
		assert.Equal(t, command.Usage, command.Run(context.Background(), Command(), args, nil, &out, &problems), want)
		assert.Contains(t, problems.String(), want)
	}
	for _, args := range [][]string{{"--help"}, {"release", "--help"}} {
		var out, problems bytes.Buffer
		assert.Equal(t, command.OK, command.Run(context.Background(), Command(), args, nil, &out, &problems))
		assert.Contains(t, out.String(), "Exit codes:")
		assert.Empty(t, problems.String())
	}
}

// The components' URNs are written out here and made by the program: were they to differ, a release
// would not migrate.
func TestTheProgramHasWhatAMigrationTargets(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/prod.resources.golden")
	require.NoError(t, err)
	patterns := (&promotion{stack: "prod"}).migrationTargets()
	assert.Equal(t, strings.TrimSpace(targets), strings.Join(patterns, " "))
	for i := 1; i < len(patterns); i += 2 {
		component, child, _ := strings.Cut(strings.TrimPrefix(patterns[i], "urn:pulumi:prod::bookmark-manager::"), "$")
		assert.Regexp(t, "(?m)^"+component+` \w+  in bookmark-manager-test$`, string(raw),
			"a component of the stack itself")
		if child != "**" {
			named := strings.ReplaceAll(regexp.QuoteMeta(strings.Replace(child, "::", " ", 1)), `\*`, `\S+`)
			assert.Regexp(t, "(?m)^"+named+"  in parameters", string(raw))
		}
	}
	for _, resource := range []string{
		"aws:ecs/taskDefinition:TaskDefinition migration  in migration",
		"aws:rds/cluster:Cluster aurora-cluster  in aurora",
		"random:index/randomPassword:RandomPassword aurora-application-password  in aurora",
	} {
		assert.Contains(t, string(raw), resource)
	}
}

// A pattern that meets nothing deploys nothing, and says so to nobody. The rehearsal deploys with
// the same ones.
func TestTheProgramHasWhatAReleaseTargets(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/prod.resources.golden")
	require.NoError(t, err)
	rehearsed, err := os.ReadFile("../../rehearsal/internal/run/release.go")
	require.NoError(t, err)
	parents := map[string]string{} // the name of each component, by its type
	for _, found := range regexp.MustCompile(`(?m)^(bookmark-manager:\S+) (\S+)  in`).FindAllStringSubmatch(string(
		raw,
	), -1) {
		parents[found[1]] += found[2] + "|"
	}
	for _, pattern := range (&promotion{stack: "prod"}).releaseTargets() {
		if pattern == "--target" {
			continue
		}
		pattern = strings.TrimPrefix(pattern, inStack)
		assert.Contains(t, string(rehearsed), `"`+pattern+`"`)
		component, child, _ := strings.Cut(pattern, "$")
		if strings.HasPrefix(child, catalog.Schedule) {
			assert.NotContains(t, string(raw), catalog.Schedule,
				"production has one now: look for it as for the others")
			continue
		}
		names := strings.TrimSuffix(parents["bookmark-manager:"+component], "|")
		require.NotEmpty(t, names, component)
		assert.Regexp(t, `(?m)^`+strings.TrimSuffix(child, "::*")+` \S+  in (`+names+`)`, string(raw), pattern)
	}
}

func TestDeploy(t *testing.T) {
	released := strings.Replace(stackFile, "    api:\n",
		"    api:\n      image: "+digestA+"\n      version: 4be1f2c\n", 1)
	for sentence, one := range map[string]struct {
		file, outputs string
		calls         []string
		says          string
	}{
		"a stack with a release": {released, "",
			all(known, running, taggingRunning("web", "sha256:old"), taggingRunning("api", digestA),
				looked, []string{"pulumi up" + targets}, migrated[1:],
				[]string{"pulumi up", "pulumi stack output --json"},
				checked,
				known, tagging("web", "sha256:old", "release-old"), tagging("api", digestA, "release-4be1f2c")),
			"Asking"},
		"a stack that nothing was released to": {
			stackFile, `{"siteUrl":"https://www.example.com","clusterName":"production"}`,
			[]string{"pulumi stack output --json", "pulumi up", "pulumi stack output --json"},
			"No service is deployed yet",
		},
		"a stack whose zone is not delegated": {
			stackFile, `{"nameServers":["ns-1.awsdns-01.org"]}`,
			[]string{"pulumi stack output --json", "pulumi up", "pulumi stack output --json"}, "Only the zone is there",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			if one.outputs != "" {
				w.write("OUTPUTS", one.outputs)
			}
			require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(one.file), 0o644))
			code, out, problems := w.promote("deploy")
			require.Equal(t, command.OK, code, problems)
			assert.Equal(t, one.calls, w.called())
			assert.Contains(t, out, one.says)
			assert.Equal(t, []string{"Start"}, w.history())
		})
	}
	w := newWorld(t)
	w.write("OUTPUTS",
		`{"siteUrl":"https://www.example.com","clusterName":"production","atlasCluster":"bookmark-mgr-production"}`)
	code, _, problems := w.promote("deploy")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, []string{
		"pulumi stack output --json",
		"pulumi refresh --yes --skip-preview --non-interactive --target " +
			"**mongodbatlas:index/advancedCluster:AdvancedCluster::*",
		"pulumi up", "pulumi stack output --json",
	}, w.called(), "what Atlas has chosen is known before a change of the cluster sends it")

	w = newWorld(t)
	t.Setenv("FAIL_UP", "Next.js")
	code, _, problems = w.promote("deploy")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "run pulumi up")
}

// The help and the runbook know the same codes.
func TestEachExitCodeIsInTheRunbook(t *testing.T) {
	runbook, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(runbook), "\n| code | what | what to do |\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	code := regexp.MustCompile(`(?m)^\|? *(\d+)(?: \||  )`)
	codes := func(text string) (found []string) {
		for _, one := range code.FindAllStringSubmatch(text, -1) {
			found = append(found, one[1])
		}
		return found
	}
	inHelp := slices.DeleteFunc(codes(exitCodes), func(one string) bool { return one == "0" || one == "2" })
	assert.Equal(t, inHelp, codes(table))
	assert.Len(t, inHelp, exitMigrating-1)
}
