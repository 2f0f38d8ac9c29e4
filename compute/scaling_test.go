package compute

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScalingFollowsTheLoad(t *testing.T) {
	r := mustBuild(t, nil)
	where := func(want map[string]any) map[string]any {
		want["resourceId"] = "service/bookmark-manager-production-cluster/bookmark-manager-production-api"
		want["serviceNamespace"], want["scalableDimension"] = "ecs", "ecs:service:DesiredCount"
		return want
	}
	target := get(t, r, typeTarget, "api")
	assertInputs(t, target, where(map[string]any{"minCapacity": 2.0, "maxCapacity": 10.0}))
	assert.Equal(t, []string{"minCapacity", "maxCapacity"}, target.IgnoreChanges, "the schedule owns them")
	for part, want := range map[string]struct {
		specification map[string]any
		target        float64
	}{
		"cpu":    {map[string]any{"predefinedMetricType": "ECSServiceAverageCPUUtilization"}, 70},
		"memory": {map[string]any{"predefinedMetricType": "ECSServiceAverageMemoryUtilization"}, 75},
		"requests": {map[string]any{
			"predefinedMetricType": "ALBRequestCountPerTarget",
			"resourceLabel":        "app/alb/50dc6c495c0c9188/targetgroup/api-tg/73e2d6bc24d8a067",
		}, 1000},
	} {
		assertInputs(t, get(t, r, typePolicy, "api-"+part), where(map[string]any{
			"policyType": "TargetTrackingScaling",
			"targetTrackingScalingPolicyConfiguration": map[string]any{
				"predefinedMetricSpecification": want.specification,
				"targetValue":                   want.target,
				"scaleOutCooldown":              60.0,
				"scaleInCooldown":               300.0,
			},
		}))
	}
}

func TestScheduledActions(t *testing.T) {
	r := mustBuild(t, func(s *stack) { s.edit("api", func(c *ServiceConfig) { c.Scaling.Quiet = &Bounds{1, 2} }) })
	day, quiet := map[string]any{"minCapacity": 2.0, "maxCapacity": 10.0},
		map[string]any{"minCapacity": 1.0, "maxCapacity": 2.0}
	for name, want := range map[string]struct {
		cron   string
		bounds map[string]any
	}{
		"api-lower":         {"cron(0 22 * * ? *)", quiet},
		"api-raise":         {"cron(0 7 ? * MON-FRI 1970-2025,2027-2199)", day},
		"api-raise-2026":    {"cron(0 7 ? 1,2,3,4,5,6,7,8,9,10,12 MON-FRI 2026)", day},
		"api-raise-2026-11": {"cron(0 7 2,4,5,6,9,10,11,12,13,16,17,18,19,20,24,25,26,27,30 11 ? 2026)", day},
	} {
		assertInputs(t, get(t, r, typeAction, name), map[string]any{
			"schedule": want.cron, "timezone": "Asia/Tokyo", "scalableTargetAction": want.bounds,
			"resourceId": "service/bookmark-manager-production-cluster/bookmark-manager-production-api",
		})
	}
}

func TestWhatIsWrittenToOneScalableTargetIsWrittenInTurn(t *testing.T) {
	r := mustBuild(t, nil)
	written := map[string]bool{}
	for _, typ := range []string{typePolicy, typeAction} {
		for _, one := range r.OfType(typ) {
			if strings.HasPrefix(one.Name, "web-") {
				written[one.Key()] = true
			}
		}
	}
	waits := map[string]string{} // by what is waited for
	for key := range written {
		typ, name, _ := strings.Cut(key, " ")
		before := dependencies(t, r, typ, name)
		earlier := slices.DeleteFunc(slices.Clone(before), func(other string) bool { return !written[other] })
		if len(earlier) == 0 {
			earlier = []string{typeTarget + " web"}
		}
		require.Len(t, earlier, 1, key)
		require.Contains(t, before, earlier[0], key)
		require.Empty(t, waits[earlier[0]], "%s and %s would be written at once", key, waits[earlier[0]])
		waits[earlier[0]] = key
	}
	last, turns := typeTarget+" web", 0
	for waits[last] != "" {
		last, turns = waits[last], turns+1
	}
	assert.Equal(t, len(written), turns, "all of them, one after the other")
}

func TestAServiceWithoutQuietHoursKeepsItsBounds(t *testing.T) {
	r := mustBuild(t, func(s *stack) { s.edit("web", func(c *ServiceConfig) { c.Scaling.Quiet = nil }) })
	assert.Empty(t, get(t, r, typeTarget, "web").IgnoreChanges)
	for _, action := range r.OfType(typeAction) {
		assert.Contains(t, action.Name, "api-")
	}
}
