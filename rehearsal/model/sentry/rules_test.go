package sentry

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	pt "github.com/bookmark-manager/infrastructure/rehearsal/model/providertest"
)

type in = pt.In

// selfHosted is an installation that still has the API of issue alerts.
var selfHosted = in{"token": "t", "baseUrl": "https://sentry.example.com/api/"}

func team(slug string) in { return in{"organization": "acme", "name": slug, "slug": slug} }

func project(more in) in {
	return pt.With(in{"organization": "acme", "name": "api", "slug": "api", "teams": []any{"backend"}}, more)
}

func key(more in) in {
	return pt.With(in{"organization": "acme", "project": "api", "name": "application"}, more)
}

func alert(more in) in {
	return pt.With(in{
		"organization": "acme",
		"project":      "api",
		"name":         "new",
		"actionMatch":  "any",
		"filterMatch":  "all",
		"frequency":    30,
		"conditions":   []any{in{"id": "sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}},
		"actions":      []any{in{"id": "sentry.mail.actions.NotifyEmailAction", "targetType": "IssueOwners"}},
	}, more)
}

func try(w *pt.World, typ string, inputs in) error { return pt.Failed(w.Try(typ, "thing", inputs)) }

// withTeam and withProject make what a request needs to be there.
func withTeam(w *pt.World) *pt.World {
	w.Make(teamType, "team", team("backend"))
	return w
}

func withProject(w *pt.World) *pt.World {
	withTeam(w).Make(projectType, "project", project(nil))
	return w
}

var pairs = map[string]pt.Pair{
	"form of a slug": {
		Want: "400 Bad Request: Enter a valid slug consisting of lowercase letters, numbers, underscores or " +
			"hyphens. It cannot be entirely numeric, nor longer than 50: 123",
		Refuses: func(w *pt.World) error { return try(w, teamType, team("123")) },
		Passes:  func(w *pt.World) error { return try(w, teamType, team("team-123")) },
	},
	"length of a name": {
		Want: "400 Bad Request: Ensure this field has no more than 50 characters, got 51",
		Refuses: func(w *pt.World) error {
			return try(withTeam(w), projectType, project(in{"name": strings.Repeat("a", 51)}))
		},
		Passes: func(w *pt.World) error {
			return try(withTeam(w), projectType, project(in{"name": strings.Repeat("a", 50)}))
		},
	},
	"one team a slug": {
		Want:    "409 Conflict: A team with this slug already exists: backend",
		Refuses: func(w *pt.World) error { return try(withTeam(w), teamType, team("backend")) },
		Passes:  func(w *pt.World) error { return try(withTeam(w), teamType, team("frontend")) },
	},
	"one project a slug": {
		Want:    "409 Conflict: A project with this slug already exists: api",
		Refuses: func(w *pt.World) error { return try(withProject(w), projectType, project(nil)) },
		Passes: func(w *pt.World) error {
			return try(withProject(w), projectType, project(in{"slug": "web", "name": "web"}))
		},
	},
	"a project has a team": {
		Want:    "one of team or teams must be configured",
		Refuses: func(w *pt.World) error { return try(w, projectType, project(in{"teams": nil})) },
		Passes: func(w *pt.World) error {
			return w.Preview(projectType, "project", project(in{"teams": []any{pt.Unknown}}))
		},
	},
	"a project's teams exist": {
		Want:    "404 Not Found: The requested resource does not exist: team backend",
		Refuses: func(w *pt.World) error { return try(w, projectType, project(nil)) },
		Passes:  func(w *pt.World) error { return try(withTeam(w), projectType, project(nil)) },
	},
	"a platform that Sentry documents": {
		Want: "could not find platform nestjs: the model knows [android apple-ios dotnet go java javascript " +
			"javascript-nextjs javascript-react node node-express node-nestjs " +
			"other php python ruby]",
		Refuses: func(w *pt.World) error { return try(withTeam(w), projectType, project(in{"platform": "nestjs"})) },
		Passes: func(w *pt.World) error {
			return try(withTeam(w), projectType, project(in{"platform": "node-nestjs"}))
		},
	},
	"a part of a known project": {
		Want:    "404 Not Found: The requested resource does not exist: project api",
		Refuses: func(w *pt.World) error { return try(w, keyType, key(nil)) },
		Passes:  func(w *pt.World) error { return try(withProject(w), keyType, key(nil)) },
	},
	"nothing moves to another organization or project": {
		Want: "404 Not Found: The requested resource does not exist: project moved from api to web",
		Refuses: func(w *pt.World) error {
			made := withProject(w).Make(keyType, "key", key(nil))
			w.Make(projectType, "web", project(in{"slug": "web", "name": "web"}))
			return pt.Failed(w.Change(made, key(in{"project": "web"})))
		},
		Passes: func(w *pt.World) error {
			made := withProject(w).Make(keyType, "key", key(nil))
			return pt.Failed(w.Change(made, key(in{"name": "another"})))
		},
	},
	"issue alerts of the old API": {
		Want: "410 Gone: This API no longer exists.",
		Refuses: func(w *pt.World) error {
			return try(withProject(w.Configured(in{"token": "t"})), alertType, alert(nil))
		},
		Passes: func(w *pt.World) error { return try(withProject(w), alertType, alert(nil)) },
	},
}

func TestRules(t *testing.T) { pt.Rules(t, Definition, selfHosted, pairs) }

func TestOtherThingsThatSentryRefuses(t *testing.T) {
	w := withProject(pt.New(t, Definition(), selfHosted))
	for want, err := range map[string]error{
		"conflicts with teams": try(w, projectType,
			project(in{"team": "backend", "slug": "web"})),
		`filterMatch: expected one of ["all" "any" "none"]`: try(w, alertType, alert(in{"filterMatch": "some"})),
		`actionMatch: expected one of ["all" "any"]`:        try(w, alertType, alert(in{"actionMatch": "none"})),
		"frequency: expected 5 to 43200, got number 1":      try(w, alertType, alert(in{"frequency": 1})),
		"organisation: unknown property": try(w, teamType,
			pt.With(team("more"), in{"organisation": "acme"})),
		"organization: missing required":         try(w, teamType, in{"slug": "more"}),
		"unrecognized resource type (sentry:ind": try(w, "sentry:index/sentryPlugin:SentryPlugin", in{}),
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestWhatSentryComputes(t *testing.T) {
	w := withProject(pt.New(t, Definition(), selfHosted))
	made := w.Make(keyType, "key", key(nil))
	assert.Regexp(t, `^https://[0-9a-f]{32}@o450000\.ingest\.sentry\.io/45\d+$`, made.Text("dsnPublic"))
	for _, property := range []resource.PropertyKey{"secret", "dsnSecret"} {
		assert.True(t, made.Outputs[property].IsSecret(), property)
	}
	assert.False(t, made.Outputs["dsnPublic"].IsSecret(), "the provider does not mark it")
	changed, err := w.Change(made, key(in{"rateLimitCount": 10, "rateLimitWindow": 60}))
	require.NoError(t, err)
	assert.Equal(t, made.Text("dsnPublic"), changed.Text("dsnPublic"), "what runs holds it")
}

func TestAKeyGoesWithItsProject(t *testing.T) {
	w := withTeam(pt.New(t, Definition(), selfHosted))
	made := w.Make(projectType, "project", project(nil))
	held := w.Make(keyType, "key", key(nil))
	require.True(t, w.Exists(held))
	require.NoError(t, w.Remove(made))
	assert.False(t, w.Exists(held))
}

func TestConfiguration(t *testing.T) {
	p, err := New(nil, "")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		inputs in
		want   []string
	}{
		"a token":        {in{"token": "t"}, nil},
		"a secret token": {in{"token": resource.MakeSecret(resource.NewProperty("t"))}, nil},
		"no token":       {in{}, []string{"401 Unauthorized: Authentication credentials were not provided."}},
		"an address": {in{"token": "t", "baseUrl": "https://sentry.example.com/api"},
			[]string{`BaseURL must have a trailing slash, but "https://sentry.example.com/api" does not`}},
		"a misspelt name": {in{"token": "t", "baseURL": "x"},
			[]string{`baseURL: unknown property, did you mean "baseUrl"?`}},
	} {
		res, err := p.CheckConfig(context.Background(),
			plugin.CheckConfigRequest{News: resource.NewPropertyMapFromMap(c.inputs)})
		require.NoError(t, err)
		var got []string
		for _, failure := range res.Failures {
			got = append(got, failure.Reason)
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestThePageOfVerdicts(t *testing.T) { pt.Page(t, Definition(), pairs, nil) }
