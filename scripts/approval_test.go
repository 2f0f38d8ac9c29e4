package scripts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// A job that waits for approval in the group of a stack would hold every other change of the stack
// up, a hotfix too. So reviewers sit on an environment of its own, before the job.
func TestNothingGoesToProductionWithoutTheGate(t *testing.T) {
	t.Parallel()
	all := readWorkflows(t)
	found, problems := all.ungated()
	assert.Empty(t, problems)
	assert.Equal(t, []string{"deploy.yml production", "promote.yml production"}, found,
		"the jobs that change production")
	for name, w := range all {
		for job, one := range w.Jobs {
			if one.Environment != gate {
				continue
			}
			assert.Nil(t, one.Concurrency, "%s of %s waits for people, and must hold nobody up", job, name)
			for _, step := range one.Steps {
				assert.Empty(t, step.Uses, "%s of %s has nothing to do but to wait", job, name)
			}
		}
	}
}

// Whatever way a job comes into an environment of production.
func TestAJobWithoutTheGateIsFound(t *testing.T) {
	t.Parallel()
	for sentence, one := range map[string]struct{ jobs, want string }{
		"by its name": {`  fix: {environment: production}`, "no job of environment production-approval"},
		"by its name, with an address": {`  fix: {environment: {name: production, url: "https://example.com"}}`,
			"no job of environment production-approval"},
		"in another environment of production": {`  fix: {environment: production-eu}`, "production-eu"},
		"by its matrix": {`  fix:
    strategy: {matrix: {include: [{environment: staging}, {environment: production}]}}
    environment: ${{ matrix.environment }}`, "no job of environment production-approval"},
		"by its matrix, as a list": {`  fix:
    strategy: {matrix: {environment: [staging, production]}}
    environment: ${{ matrix.environment }}`, "no job of environment production-approval"},
		"by an input": {`  fix: {environment: "${{ inputs.where }}"}`,
			"no job of environment production-approval"},
		"by an input's default": {`  fix: {environment: "${{ inputs.other || 'production' }}"}`, "production"},
		"by a choice between two": {
			`  fix: {environment: "${{ inputs.where == 'x' && 'staging' || 'production-bootstrap' }}"}`,
			"production-bootstrap",
		},
		"by another workflow": {`  fix: {uses: ./.github/workflows/called.yml, with: {where: production}}`,
			"fix / work of called.yml runs in production and needs no job"},
		"by another workflow of somebody else": {`  fix: {uses: somebody/else/.github/workflows/x.yml@v1}`,
			"which is not read"},
		"by something that is not known": {`  fix: {environment: "${{ vars.WHERE }}"}`, "is not known from the file"},
		"though the gate has failed": {`  approve: {environment: production-approval}
  fix: {environment: production, needs: approve, if: always()}`, "without needs.approve.result == 'success'"},
		"by another way in": {`  approve: {environment: production-approval}
  fix: {environment: production, needs: [approve], if: "needs.approve.result == 'success' || github.actor == 'me'"}`,
			"||"},
		"behind the gate": {`  approve: {environment: production-approval}
  fix: {environment: production, needs: [approve], if: "!cancelled() && needs.approve.result == 'success'"}`, ""},
		"where it only looks": {`  look: {environment: production-plan}`, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			var added, called workflow
			require.NoError(t, yaml.Unmarshal([]byte(`on: {workflow_dispatch: {inputs: {
  where: {type: choice, options: [staging, production]}, other: {type: choice, options: [staging]}}}}
jobs:
`+one.jobs), &added))
			require.NoError(t, yaml.Unmarshal([]byte(`on: {workflow_call: {inputs: {where: {type: string}}}}
jobs: {work: {environment: "${{ inputs.where }}"}}`), &called))
			_, problems := workflows{"new.yml": added, "called.yml": called}.ungated()
			if one.want == "" {
				assert.Empty(t, problems)
				return
			}
			require.NotEmpty(t, problems)
			assert.Contains(t, strings.Join(problems, "\n"), one.want)
		})
	}
}

// release.yml is called by the application's repository, and its jobs run in the environments of
// that one. Its production has the push role, which adds images and static files that nothing runs
// before a promotion.
func TestTheReleaseRunsInTheApplicationsRepository(t *testing.T) {
	t.Parallel()
	all := readWorkflows(t)
	for name := range elsewhere {
		assert.Equal(t, []string{"workflow_call"}, all[name].On.names, "%s is started by nothing here", name)
	}
	for name, w := range all {
		for job, one := range w.Jobs {
			_, called := elsewhere[strings.TrimPrefix(one.Uses, here)]
			assert.False(t, called, "%s of %s calls it here", job, name)
		}
	}
}

// An environment without reviewers lets every job pass, and so must stop here.
func TestAGateWithoutReviewersStopsTheRun(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.standIn("gh", `case "$*" in
"api repos/o/r/environments/production-approval --jq "*) [ "$REVIEWERS" != none ] || exit 1; echo "$REVIEWERS" ;;
*) exit 9 ;;
esac`)
	for _, name := range []string{"deploy", "promote"} {
		step := readWorkflow(t, name).Jobs["approve"].Steps[0].Run
		for reviewers, passes := range map[string]bool{"0": false, "none": false, "2": true} {
			out, err := combined(s.command(step, map[string]string{"GITHUB_REPOSITORY": "o/r", "REVIEWERS": reviewers}))
			assert.Equal(t, passes, err == nil, "%s with %s reviewers: %s", name, reviewers, out)
			if reviewers == "0" {
				assert.Contains(t, out, "has no reviewers, so nobody has approved this")
			}
		}
	}
}

// GitHub keeps one waiting job of a group and drops the others, unless the group has a queue.
func TestNoJobThatWaitsForAStackIsDropped(t *testing.T) {
	t.Parallel()
	groups := map[string]int{}
	for name, w := range readWorkflows(t) {
		for job, one := range w.Jobs {
			if one.Concurrency == nil {
				continue
			}
			groups[one.Concurrency.Group]++
			assert.Equal(t, "max", one.Concurrency.Queue, "%s of %s", job, name)
		}
	}
	assert.Equal(t, map[string]int{"stack-staging": 2, "stack-prod": 2}, groups)
}

func TestAnEmptyPlanAsksNobody(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	for preview, changes := range map[string]string{"no-change": "false", "updated": "true"} {
		s.preview(preview)
		assert.Equal(t, changes, s.plan()["changes"])
	}
	approve := readWorkflow(t, "deploy").Jobs["approve"]
	assert.Contains(t, approve.If, "needs.plan.outputs.changes == 'true'")
}

// What cannot be read is no empty plan, and nothing to deploy either.
func TestAPlanThatCannotReadTheTagsFails(t *testing.T) {
	t.Parallel()
	s := newPromotion(t)
	s.repository()
	_, err := s.promote("production", commit, digest("a"))
	require.NoError(t, err)
	s.preview("no-change")
	s.standIn("aws", "echo Throttling >&2; exit 254")
	_, err = s.planned()
	require.ErrorContains(t, err, "Throttling")
}
