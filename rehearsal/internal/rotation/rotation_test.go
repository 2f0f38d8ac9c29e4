package rotation

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

func object(typ, name string, outputs map[string]any) *cloud.Object {
	return &cloud.Object{
		Key:     cloud.Key{Type: typ, ID: name},
		URN:     "urn::" + name,
		ARN:     "arn:" + name,
		Name:    name,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(outputs)),
	}
}

// stack is a small cloud: a service whose tasks read a JWT key and a connection string, a listener
// rule and a distribution.
type stack struct {
	definition          string
	key, previous, next string
	uri                 string
	users               map[string]string
	accepted            []any
	sent                string
}

func (s stack) objects() []*cloud.Object {
	secrets := ""
	for _, name := range []string{"JWT_SECRET", "JWT_SECRET_PREVIOUS", "JWT_SECRET_NEXT", "MONGODB_URI"} {
		secrets += fmt.Sprintf(`{"name": %q, "valueFrom": "arn:%s"},`, name, name)
	}
	all := []*cloud.Object{
		object(catalog.ECSService, "api", map[string]any{"taskDefinition": "arn:" + s.definition}),
		object(catalog.TaskDefinition, s.definition, map[string]any{
			"containerDefinitions": `[{"name": "api", "environment": [{"name": "REVISION", "value": "` + s.definition +
				`"}], "secrets": [` + secrets[:len(secrets)-1] + `]}]`,
		}),
		object(catalog.Parameter, "JWT_SECRET", map[string]any{"value": s.key}),
		object(catalog.Parameter, "JWT_SECRET_PREVIOUS", map[string]any{"value": s.previous}),
		object(catalog.Parameter, "JWT_SECRET_NEXT", map[string]any{"value": s.next}),
		object(catalog.Parameter, "MONGODB_URI", map[string]any{"value": s.uri}),
		object(catalog.ListenerRule, "rule", map[string]any{"conditions": []any{map[string]any{
			"httpHeader": map[string]any{"httpHeaderName": names.OriginHeader, "values": s.accepted},
		}}}),
		object(catalog.Distribution, "cdn", map[string]any{"origins": []any{map[string]any{
			"customHeaders": []any{map[string]any{"name": names.OriginHeader, "value": s.sent}},
		}}}),
	}
	for name, password := range s.users {
		all = append(all, object(harness.AtlasUser, name, map[string]any{"username": name, "password": password}))
	}
	return all
}

var before = stack{
	definition: "api:1",
	key:        "k1",
	previous:   "k0",
	next:       "k2",
	uri:        "mongodb+srv://app-1:p1@host/db",
	users:      map[string]string{"app-1": "p1"},
	accepted:   []any{"h1"},
	sent:       "h1",
}

// steps are events that begin and end one after the other.
func steps(names ...string) []engine.Event {
	var all []engine.Event
	for _, name := range names {
		op := "update"
		switch name {
		case "app-2":
			op = "create"
		case "gone app-1":
			op, name = "delete", "app-1"
		}
		for _, done := range []bool{false, true} {
			all = append(all, engine.Event{Op: op, URN: "urn::" + name, Done: done})
		}
	}
	return all
}

// hold replays an operation against an invariant.
func hold(t *testing.T, after stack, timeline []engine.Event, holds invariant) error {
	t.Helper()
	now := newMoment(before.objects())
	moments := 0
	err := now.replay(after.objects(), timeline, func(m *moment) error {
		moments++
		return holds(m)
	})
	if err == nil {
		assert.Greater(t, moments, len(timeline)/2)
	}
	return err
}

func TestTheLoadBalancerAcceptsAHeaderBeforeItIsSent(t *testing.T) {
	after := before
	after.accepted, after.sent = []any{"h2", "h1"}, "h2"
	require.NoError(t, hold(t, after, steps("rule", "cdn"), accepted))
	require.ErrorContains(t, hold(t, after, steps("cdn", "rule"), accepted),
		"urn::rule refuses a request that CloudFront sends")
	after.accepted = []any{"h2"}
	require.ErrorContains(t, hold(t, after, steps("rule", "cdn"), accepted), "refuses", "edges go on with the old one")
	assert.ErrorContains(t, accepted(newMoment(nil)), "no distribution sends")
}

func TestEveryTaskAcceptsWhatEveryTaskSigns(t *testing.T) {
	after := before
	after.definition, after.key, after.previous, after.next = "api:2", "k2", "k1", "k3"
	inOrder := []string{"JWT_SECRET_PREVIOUS", "JWT_SECRET", "JWT_SECRET_NEXT"}
	require.NoError(t, hold(t, after, steps(append(inOrder, "api")...), verified))
	for name, order := range map[string][]string{
		"the key before the previous one": {"JWT_SECRET", "JWT_SECRET_PREVIOUS", "JWT_SECRET_NEXT"},
		"the next key before the key":     {"JWT_SECRET_PREVIOUS", "JWT_SECRET_NEXT", "JWT_SECRET"},
	} {
		assert.ErrorContains(t, hold(t, after, steps(append(order, "api")...), verified), "refuses the token", name)
	}
	jump := after
	jump.key, jump.previous, jump.next = "k3", "k2", "k4"
	assert.ErrorContains(t, hold(t, jump, steps(append(inOrder, "api")...), verified), "refuses the token",
		"raised by two")
	assert.ErrorContains(t, verified(newMoment(before.objects())), "no task has JWT_SECRET")
}

func TestATaskLogsInAsLongAsItRuns(t *testing.T) {
	after := before
	after.definition, after.uri, after.users = "api:2", "mongodb+srv://app-2:p2@host/db",
		map[string]string{"app-1": "p1", "app-2": "p2"}
	require.NoError(t, hold(t, after, steps("app-2", "MONGODB_URI", "api"), atlasAdmits))
	require.ErrorContains(t, hold(t, after, steps("MONGODB_URI", "app-2", "api"), atlasAdmits),
		"a task of api cannot log in with its MONGODB_URI", "it is told before the user is there")

	dropped := after
	dropped.users = map[string]string{"app-2": "p2"}
	require.NoError(t, hold(t, dropped, steps("app-2", "MONGODB_URI", "api", "gone app-1"), atlasAdmits))
	require.ErrorContains(t, hold(t, dropped, steps("app-2", "MONGODB_URI", "gone app-1", "api"), atlasAdmits),
		"cannot log in", "old tasks still run")

	replaced := before
	replaced.definition, replaced.uri, replaced.users = "api:2", "mongodb+srv://app-1:p2@host/db",
		map[string]string{"app-1": "p2"}
	require.ErrorContains(t, hold(t, replaced, steps("app-1", "MONGODB_URI", "api"), atlasAdmits),
		"has another password", "one user for both")

	roles := map[string]string{"app-1": "p1"}
	require.ErrorContains(t, hold(t, after, steps("app-2", "MONGODB_URI", "api"), func(m *moment) error {
		return m.logins("MONGODB_URI", roles)
	}), "user app-2 is not there")
	assert.ErrorContains(t, databaseAdmits(roles)(newMoment(before.objects())), "no task has DATABASE_URL")
}

func TestOldAndNewTasksRunSideBySide(t *testing.T) {
	after := before
	after.definition = "api:2"
	var revisions [][]string
	require.NoError(t, newMoment(before.objects()).replay(after.objects(), steps("api"), func(m *moment) error {
		var seen []string
		for _, task := range m.Tasks() {
			seen = append(seen, task.Values["REVISION"])
		}
		revisions = append(revisions, seen)
		return nil
	}))
	assert.Equal(t, [][]string{{"api:1"}, {"api:1", "api:2"}, {"api:2"}}, revisions)
}

func TestATaskWithoutItsParameterDoesNotStart(t *testing.T) {
	without := slices.DeleteFunc(before.objects(), func(o *cloud.Object) bool { return o.Name == "MONGODB_URI" })
	assert.ErrorContains(t, newMoment(without).scale(), "parameter arn:MONGODB_URI is not there")
}

func TestNoServiceKnowsTheOwner(t *testing.T) {
	m := newMoment(before.objects())
	api := m.OfType(catalog.ECSService)[0]
	m.Run(harness.Task{Service: api, Values: map[string]string{"DATABASE_URL": "x"}})
	require.NoError(t, ownerIsApart(m))
	m.Run(harness.Task{Service: api, Values: map[string]string{"MASTER_DATABASE_URL": "x"}})
	assert.ErrorContains(t, ownerIsApart(m), "a task of api has MASTER_DATABASE_URL")
}

// PostgreSQL 15.18 kept this after ALTER ROLE … PASSWORD 'pencil'.
func TestAdmits(t *testing.T) {
	const kept = "SCRAM-SHA-256$4096:gscleGS49CoyD2iwQh6yew==$cONR9RjT1Pvob6zyXkNhv8MyTAIqEGnJrKbVg8duOys=:gtSmHy/" +
		"RH89NkFlbA1eLHvYN0xLxCCDPTOWeC3IEZko="
	for _, one := range []struct {
		have, password string
		want           bool
	}{
		{kept, "pencil", true},
		{kept, "Pencil", false},
		{kept, kept, false},
		{"pencil", "pencil", true},
		{"pencil", "Pencil", false},
		{"", "", false},
	} {
		got, err := admits(one.have, one.password)
		require.NoError(t, err)
		assert.Equal(t, one.want, got, one.password)
	}
	_, err := admits("SCRAM-SHA-256$4096:?$a:b", "pencil")
	assert.ErrorContains(t, err, "read the salt of a verifier")
}
