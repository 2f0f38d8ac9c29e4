package compute

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func canary(s *stack) {
	s.edit("web", func(c *ServiceConfig) {
		c.Canary = &CanaryConfig{
			Image:         Digest(canaryDigest),
			Version:       "c0ffee1",
			Weight:        10,
			Tasks:         1,
			StickySeconds: 600,
		}
	})
}

func TestACanaryGetsItsShareOfRequests(t *testing.T) {
	r := mustBuild(t, canary)
	want := everything()
	want[typeTargetGroup] = []string{"api-tg", "web-canary-tg", "web-tg"}
	want[typeRule] = []string{"api-rule", "web-canary-rule", "web-rule"}
	want[typeTaskDefinition] = []string{"api", "migration", "web", "web-canary"}
	want[typeECSService] = []string{"api", "web", "web-canary"}
	want[typeAlarm] = []string{
		"api-rollback-errors", "api-rollback-unhealthy", "web-canary-rollback-errors", "web-canary-rollback-unhealthy",
		"web-rollback-errors",
		"web-rollback-unhealthy",
	}
	assertChildren(t, r, want)
	assert.Equal(t, []any{map[string]any{"type": "forward", "forward": map[string]any{
		"stickiness": map[string]any{"enabled": true, "duration": 600.0},
		"targetGroups": []any{
			map[string]any{"arn": "arn:aws:test:ap-northeast-1:111122223333:web-tg", "weight": 90.0},
			map[string]any{"arn": "arn:aws:test:ap-northeast-1:111122223333:web-canary-tg", "weight": 10.0},
		},
	}}}, get(t, r, typeRule, "web-rule").Input("actions"))
	assertInputs(t, get(t, r, typeRule, "web-canary-rule"), map[string]any{
		"priority":   201.0,
		"conditions": get(t, r, typeRule, "web-rule").Input("conditions"),
		"actions": []any{map[string]any{
			"type":           "forward",
			"targetGroupArn": "arn:aws:test:ap-northeast-1:111122223333:web-canary-tg",
		}},
	})
	assert.Contains(t, dependencies(t, r, typeECSService, "web-canary"), typeRule+" web-canary-rule")
	assert.Contains(t, dependencies(t, r, typeRule, "web-rule"), typeECSService+" web-canary",
		"no share before its tasks are steady")
	assert.Contains(t, dependencies(t, r, typeECSService, "web"), typeRule+" web-rule")
	service := get(t, r, typeECSService, "web-canary")
	assertInputs(t, service, map[string]any{
		"name":                                 "bookmark-manager-production-web-canary",
		"desiredCount":                         1.0,
		"serviceConnectConfiguration.services": nil,
		"loadBalancers[0].targetGroupArn":      "arn:aws:test:ap-northeast-1:111122223333:web-canary-tg",
	})
	assert.Empty(t, service.IgnoreChanges, "nothing scales a canary")
	_, s, err := build(canary)
	require.NoError(t, err)
	assert.Equal(t, "bookmark-manager-production-web-canary", s.built["web"].CanaryName)
	assert.Empty(t, s.built["api"].CanaryName)
	definition := get(t, r, typeTaskDefinition, "web-canary")
	assert.Equal(t, "bookmark-manager-production-web-canary", definition.Input("family"))
	assert.Contains(t, definition.Input("containerDefinitions"), "bookmark-manager-production-web@"+canaryDigest)
	assert.Contains(t, definition.Input("containerDefinitions"), `{"name":"DD_VERSION","value":"c0ffee1"}`)
	assert.Equal(t, get(t, mustBuild(t, nil), typeTaskDefinition, "web").Inputs,
		get(t, r, typeTaskDefinition, "web").Inputs, "the first version stays")
}

func TestACanaryOfACalledServiceIsNoServer(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		canary(s)
		s.edit("api", func(c *ServiceConfig) {
			c.Canary = &CanaryConfig{Image: Digest(canaryDigest), Version: "c0ffee1", Tasks: 1}
		})
	})
	assert.Nil(t, get(t, r, typeECSService, "api-canary").Input("serviceConnectConfiguration.services"))
	assertInputs(t, get(t, r, typeRule, "api-rule"), map[string]any{
		"actions[0].forward.targetGroups[0].weight": 100.0,
		"actions[0].forward.targetGroups[1].weight": 0.0,
		"actions[0].forward.stickiness":             nil,
	})
}
