package scripts_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gate is the environment whose reviewers approve what goes to production.
const gate = "production-approval"

// changing are the environments whose jobs change production: all that is called production, but
// for those that only look.
var changing = regexp.MustCompile(`production(-bootstrap)?('|$)`)

// A job that waits for approval in the group of a stack would hold every other change of the stack
// up, a hotfix too. So reviewers sit on an environment of its own, before the job.
func TestNothingGoesToProductionWithoutTheGate(t *testing.T) {
	t.Parallel()
	found := 0
	for _, name := range []string{"deploy", "promote"} {
		w := readWorkflow(t, name)
		for job, one := range w.Jobs {
			if one.Environment == gate {
				assert.Nil(t, one.Concurrency, "%s of %s.yml waits for people, and must hold nobody up", job, name)
				for _, step := range one.Steps {
					assert.Empty(t, step.Uses, "%s of %s.yml has nothing to do but to wait", job, name)
				}
			}
			if !changing.MatchString(strings.TrimSuffix(one.Environment, " }}")) {
				continue
			}
			found++
			var gates []string
			for _, before := range one.Needs {
				if w.Jobs[before].Environment == gate {
					gates = append(gates, before)
				}
			}
			require.Len(t, gates, 1, "%s of %s.yml needs a job of environment %s", job, name, gate)
			// Without a condition a job runs only when all that it needs have succeeded.
			if one.If != "" {
				assert.Contains(t, one.If, "needs."+gates[0]+".result == 'success'", "%s of %s.yml", job, name)
				assert.NotContains(t, one.If, "||", "%s of %s.yml has one way in", job, name)
			}
		}
	}
	assert.Equal(t, 2, found, "the jobs that change production")
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
	for _, name := range []string{"deploy", "promote"} {
		for job, one := range readWorkflow(t, name).Jobs {
			if one.Concurrency == nil {
				continue
			}
			groups[one.Concurrency.Group]++
			assert.Equal(t, "max", one.Concurrency.Queue, "%s of %s.yml", job, name)
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
