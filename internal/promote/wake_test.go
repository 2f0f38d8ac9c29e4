package promote

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// waking are the calls that raise the two services to what the mornings of their schedule say.
func waking() []string {
	calls := []string{bounds}
	for _, service := range []string{"api", "web"} {
		calls = append(calls,
			"aws application-autoscaling describe-scheduled-actions --service-namespace ecs --resource-id "+
				"service/production/production-"+service,
			"aws application-autoscaling register-scalable-target --service-namespace ecs --scalable-dimension "+
				"ecs:service:DesiredCount "+
				"--resource-id service/production/production-"+service+" --min-capacity 1 --max-capacity 2")
	}
	return append(calls, "aws ecs describe-services --services production-api production-web")
}

// A release at night is rolled out and tried as by day.
func TestAStackThatIsAsleepIsWokenForARelease(t *testing.T) {
	w := newWorld(t)
	w.lower()
	code, out, problems := w.release(digestA)
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, all(previewed, taggedRunning(digestA), looked, waking(), migrated, deployed, finished(digestA)),
		w.called(),
		"it is awake before anything changes")
	assert.Contains(t, out,
		"== Waking production-api, production-web of prod, until the schedule's next evening lowers them")
	assert.Contains(t, out, "== Asking "+w.site.URL)
}

func TestAReleaseThatDoesNotWorkIsTakenBackAtNightToo(t *testing.T) {
	w := newWorld(t)
	w.lower()
	code, _, problems := w.release(digestB)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "/api/health: found status 500, want 200")
	assert.Contains(t, problems, "the commit and the stack are back at the release before, and the site answers")
}

func TestADeployWakesAndACheckDoesNot(t *testing.T) {
	w := newWorld(t)
	w.lower()
	code, _, problems := w.promote("check")
	assert.Equal(t, exitAsleep, code)
	assert.Contains(t, problems, "prod is asleep")
	code, _, problems = w.promote("deploy")
	assert.Equal(t, command.OK, code, problems)
	assert.Contains(t, strings.Join(w.called(), "\n"), strings.Join(waking(), "\n"))
}

// Only what sleeps is raised. What is interrupted before the end is raised and stays so until the
// evening; the next run finds it awake.
func TestWhatAnInterruptedWakingLeaves(t *testing.T) {
	w := newWorld(t)
	w.lower()
	t.Setenv("FAIL_UP", "sha256:")
	code, _, _ := w.promote("deploy")
	require.Equal(t, command.Failed, code)
	t.Setenv("FAIL_UP", "")
	before := len(w.called())
	code, _, problems := w.promote("deploy")
	require.Equal(t, command.OK, code, problems)
	assert.False(t, slices.ContainsFunc(w.called()[before:], func(call string) bool {
		return strings.Contains(call, "register-scalable-target")
	}))
}

func TestAStackThatDoesNotWake(t *testing.T) {
	for want, prepare := range map[string]func(*testing.T){
		"found 1 scheduled actions, and none that raises it": func(t *testing.T) {
			t.Setenv("ACTIONS", `{"ScheduledActions":[{"ScalableTargetAction":{"MinCapacity":0,"MaxCapacity":0}}]}`)
		},
		"ECS wants no task of some of them yet": func(t *testing.T) { t.Setenv("STAYS", "yes") },
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t)
			w.lower()
			prepare(t)
			code, _, problems := w.promote("deploy")
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
			assert.NotContains(t, strings.Join(w.called(), "\n"), "pulumi up", "nothing is deployed")
		})
	}
}

// ECS forgets a service that was deleted by hand or half-way. The deploy that makes it again must
// not stop at that.
func TestAServiceThatIsNotThereIsNotAsleep(t *testing.T) {
	w := newWorld(t)
	file := os.Getenv("SERVICES")
	require.NoError(t, os.Rename(file, file+".made"))
	w.write("SERVICES", `{"services":[]}`)
	t.Setenv("BEFORE_UP", `[ ! -e "$SERVICES.made" ] || mv "$SERVICES.made" "$SERVICES"`)
	code, _, problems := w.promote("deploy")
	assert.Equal(t, command.OK, code, problems)
}
