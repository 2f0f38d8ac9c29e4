package harness

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/traffic"
)

func TestAnEffectIsWhatAnEventDoesToTheClouds(t *testing.T) {
	old, now := group("tg"), group("tg-new")
	now.URN = old.URN
	api := service("tg")
	failed := made(traffic.RuleType, "failed", nil)
	before, after := []*cloud.Object{old, api}, []*cloud.Object{now, api}
	for name, c := range map[string]struct {
		event engine.Event
		want  Effect
	}{
		"a creation begins": {event("create", now, false), Effect{Known: true, Writes: true}},
		"a creation ends":   {event("create", now, true), Effect{Known: true, Writes: true, Put: now}},
		"the new one of a replacement": {
			event("create-replacement", now, true), Effect{Known: true, Writes: true, Put: now},
		},
		"the old one of a replacement": {
			event("delete-replaced", now, true), Effect{Known: true, Writes: true, Gone: old},
		},
		"a deployment begins": {
			event("update", api, false), Effect{Known: true, Writes: true, Put: api, Deploys: true},
		},
		"a deployment ends":        {event("update", api, true), Effect{Known: true, Writes: true, Deployed: api}},
		"an import":                {event("import", api, true), Effect{Known: true}},
		"a refresh":                {event("refresh", now, true), Effect{Known: true}},
		"the sum of a replacement": {event("replace", now, true), Effect{Known: true}},
		"a creation that fails":    {event("create", failed, false), Effect{}},
	} {
		c.want.Event = c.event
		assert.Equal(t, []Effect{c.want}, Effects(before, after, []engine.Event{c.event}), name)
	}
}

func TestATaskReadsItsParametersWhenItStarts(t *testing.T) {
	definition := func(revision string) *cloud.Object {
		return made(catalog.TaskDefinition, "arn:task/api:"+revision, object{"containerDefinitions": `[
			{"name": "api", "environment": [{"name": "REVISION", "value": "` + revision + `"}],
			 "secrets": [{"name": "KEY", "valueFrom": "/key"}]}]`})
	}
	key := func(value string) *cloud.Object { return made(catalog.Parameter, "/key", object{"value": value}) }
	first, second := service("tg"), service("tg")
	second.Outputs["taskDefinition"] = made("", "", object{"is": "arn:task/api:2"}).Outputs["is"]
	m := NewMoment([]*cloud.Object{first, definition("1"), key("a")})
	run := func() {
		t.Helper()
		task, err := m.Start(m.OfType(catalog.ECSService)[0])
		require.NoError(t, err)
		m.Run(task)
	}
	running := func() (values []string) {
		for _, one := range m.Tasks() {
			assert.Equal(t, []string{"sg-task"}, one.Groups)
			values = append(values, one.Values["REVISION"]+one.Values["KEY"])
		}
		return values
	}
	run()
	after := []*cloud.Object{second, definition("2"), key("b")}
	m.Know(after)
	m.Apply(Effect{Put: key("b")})
	run()
	assert.Equal(t, []string{"1a", "1b"}, running(), "the first one goes on with what it has read")
	m.Apply(Effect{Put: second, Deploys: true})
	run()
	assert.Equal(t, []string{"1a", "1b", "2b"}, running(), "old and new side by side")
	m.Apply(Effect{Deployed: second})
	assert.Equal(t, []string{"2b"}, running())

	m.Apply(Effect{Gone: key("b")})
	_, err := m.Start(second)
	require.ErrorContains(t, err, "parameter /key is not there, or has no value")
	second.Outputs["taskDefinition"] = made("", "", object{"is": "arn:task/api:3"}).Outputs["is"]
	_, err = m.Start(second)
	require.ErrorContains(t, err, "there is no task definition arn:task/api:3")
	m.Apply(Effect{Gone: second})
	assert.Empty(t, m.Tasks(), "the tasks of a service end with it")
}
