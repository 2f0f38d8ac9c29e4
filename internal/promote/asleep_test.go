package promote

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

const bounds = "aws application-autoscaling describe-scalable-targets --service-namespace ecs --resource-ids " +
	"service/production/production-api service/production/production-web"

// At night the bounds of staging's services are 0, and its site answers with 503 whatever was
// released. Whoever wants to leave it so says that.
func TestAReleaseToAStackThatIsLeftAsleepStays(t *testing.T) {
	for sentence, prepare := range map[string]func(*world){
		"its roll-out has ended":    func(*world) {},
		"its roll-out goes on":      func(w *world) { w.services("arn:api:7", "IN_PROGRESS") },
		"the image breaks the site": func(*world) {},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t)
			prepare(w)
			w.lower()
			digest := digestA
			if strings.Contains(sentence, "breaks") {
				digest = digestB
			}
			code, _, problems := w.release(digest, "--let-sleep")
			assert.Equal(t, exitAsleep, code)
			assert.Equal(t,
				all(previewing(digest), taggedRunning(digest), migrated, deployed, []string{bounds}),
				w.called(), "the site is not asked")
			assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history(), "it is not taken back")
			for _, want := range []string{
				"4be1f2c is on prod, and not tried: prod is asleep",
				"its schedule holds production-api, production-web at no task",
				"checked: the deploy ended well", "not checked: whether the tasks start",
				"go run ./cmd/infra promote check --stack prod", "or deploy again without --let-sleep",
			} {
				assert.Contains(t, problems, want)
			}
		})
	}
}

// What has shown to be wrong is taken back in the night as well.
func TestAFailedReleaseIsTakenBackAlsoAsleep(t *testing.T) {
	w := newWorld(t)
	w.lower()
	t.Setenv("FAIL_UP", "sha256:aaaa")
	code, _, problems := w.release(digestA, "--let-sleep")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "the commit and the stack are back at the release before")
	assert.Contains(t, problems, "whether the site answers is not known: prod is asleep")
	assert.Equal(t, `Revert "Release 4be1f2c to prod"`, w.history()[0])
}

func TestATaskThatIsNotTheDeployedOneFailsAlsoAsleep(t *testing.T) {
	w := newWorld(t)
	w.lower()
	w.services("arn:api:6", "COMPLETED")
	code, _, problems := w.promote("check")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "look at service production-api: it runs arn:api:6")
}

// A service that somebody has stopped by hand does not sleep: nothing wakes it in the morning.
func TestStoppedByHandIsNotAsleep(t *testing.T) {
	w := newWorld(t)
	w.lower()
	w.bounds(1, 2)
	code, _, problems := w.promote("check")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "found status 503, want 200")
}

func TestOneOfTheServicesAsleepIsEnough(t *testing.T) {
	w := newWorld(t)
	w.lower()
	w.bounds(0, 2)
	code, _, problems := w.promote("deploy", "--let-sleep")
	assert.Equal(t, exitAsleep, code)
	assert.Contains(t, problems, "holds production-api at no task")
}

// dusk replaces the site by one that finds, when it is asked, that the schedule has just lowered
// it.
func (w *world) dusk() {
	once := false
	site := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		if !once {
			once = true
			w.lower()
		}
		if _, err := os.Stat(w.lowered); err == nil {
			out.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	w.t.Cleanup(site.Close)
	raw, err := os.ReadFile(os.Getenv("OUTPUTS"))
	require.NoError(w.t, err)
	w.write("OUTPUTS", strings.ReplaceAll(string(raw), w.site.URL, site.URL))
}

// The schedule may lower the services while the site is being asked.
func TestAStackThatFallsAsleepDuringTheCheck(t *testing.T) {
	for flag, want := range map[string]int{"--let-sleep": exitAsleep, "--let-sleep=false": command.OK} {
		t.Run(flag, func(t *testing.T) {
			w := newWorld(t)
			w.dusk()
			code, _, problems := w.release(digestA, flag)
			assert.Equal(t, want, code, problems)
			assert.Equal(t, []string{"Release 4be1f2c to prod", "Start"}, w.history())
			woken := slices.ContainsFunc(w.called(), func(call string) bool {
				return strings.Contains(call, "register-scalable-target")
			})
			assert.Equal(t, want == command.OK, woken)
		})
	}
}
