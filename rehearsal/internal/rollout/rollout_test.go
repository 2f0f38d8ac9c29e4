package rollout

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

func made(typ, id string, outputs object) *cloud.Object {
	return &cloud.Object{
		Key:     cloud.Key{Type: typ, ID: id},
		ARN:     id,
		URN:     typ + " " + id,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(outputs)),
	}
}

func rule(to string) *cloud.Object {
	return made(traffic.RuleType, "rule", object{
		"priority": 200, "actions": []any{object{"targetGroupArn": to}},
		"conditions": []any{
			object{"pathPattern": object{"values": []any{"/api/*"}}},
			object{"httpHeader": object{"httpHeaderName": "X-Origin-Verify", "values": []any{"secret"}}},
		},
	})
}

func event(op string, o *cloud.Object, done bool) engine.Event {
	return engine.Event{Op: op, URN: o.URN, Done: done}
}

func TestTheStreamAsksForEachRule(t *testing.T) {
	s := newStream([]*cloud.Object{rule("tg"), made(traffic.GroupType, "tg", nil)})
	require.Equal(t,
		[]traffic.Request{{Path: "/api/some/page", Headers: map[string]string{"X-Origin-Verify": "secret"}}},
		s.Requests)
}

func TestWritesToOneScalableTargetMustNotOverlap(t *testing.T) {
	cpu := made("aws:appautoscaling/policy:Policy", "cpu", object{"resourceId": "service/main/web"})
	raise := made("aws:appautoscaling/scheduledAction:ScheduledAction", "raise",
		object{"resourceId": "service/main/web"})
	apart := made("aws:appautoscaling/policy:Policy", "apart", object{"resourceId": "service/main/api"})
	objects := []*cloud.Object{cpu, raise, apart}
	assert.NoError(t, inTurn([]engine.Event{
		event("create", cpu, false), event("create", apart, false), event("create", cpu, true),
		event("create", raise, false),
		event("create", raise, true), event("create", apart, true),
	}, objects))
	assert.EqualError(t, inTurn([]engine.Event{event("create", cpu, false), event("update", raise, false)}, objects),
		"ConcurrentUpdateException: "+raise.URN+" is written while "+cpu.URN+" is")
}
