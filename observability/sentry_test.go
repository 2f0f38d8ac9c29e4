package observability

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	sentryTeamType    = "sentry:index/sentryTeam:SentryTeam"
	sentryProjectType = "sentry:index/sentryProject:SentryProject"
	sentryKeyType     = "sentry:index/sentryKey:SentryKey"
	sentryAlertType   = "sentry:index/sentryIssueAlert:SentryIssueAlert"
)

func buildSentry(change func(*SentryArgs)) (*recorder.Recorder, *Sentry, error) {
	args := &SentryArgs{
		Config: SentryConfig{
			Enabled:          true,
			Organization:     "bookmark-manager",
			Team:             SentryTeam{Mode: Create, Slug: "bookmark-manager-production"},
			TracesSampleRate: 0.1,
		},
		Stack: recorder.Production, Services: []string{"web", "api"},
	}
	if change != nil {
		change(args)
	}
	var made *Sentry
	r, err := inComponent(func(
		ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
		made, err = NewSentry(ctx, "sentry", args, opts...)
		return err
	}, "aws", "sentry")
	return r, made, err
}

func TestSentryHasAProjectAndAKeyPerService(t *testing.T) {
	r, made, err := buildSentry(nil)
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{
		SentryType:        {"sentry"},
		sentryTeamType:    {"team"},
		sentryProjectType: {"api", "web"},
		sentryKeyType:     {"api", "web"},
	}, listed(t, r, SentryType, "sentry-"))
	project := get(t, r, sentryProjectType, "sentry-api")
	assert.Equal(t, "bookmark-manager", project.Input("organization"))
	assert.Equal(t, "bookmark-manager-production-api", project.Input("name"))
	assert.Equal(t, "bookmark-manager-production-api", project.Input("slug"))
	assert.Equal(t, []any{"bookmark-manager-production"}, project.Input("teams"))
	assert.Nil(t, project.Input("platform"), "the provider looks a platform up on the web")
	assert.True(t, project.Protect)
	key := get(t, r, sentryKeyType, "sentry-api")
	assert.Equal(t, "bookmark-manager-production-api", key.Input("project"))
	assert.Nil(t, key.Input("rateLimitCount"))
	assert.ElementsMatch(t, []string{"api", "web"}, keysOf(made.DSNs))
	assert.ElementsMatch(t, []string{"api", "web"}, keysOf(made.Projects))
}

func keysOf[V any](all map[string]V) []string {
	var keys []string
	for key := range all {
		keys = append(keys, key)
	}
	return keys
}

func TestSentryByConfiguration(t *testing.T) {
	r, _, err := buildSentry(func(a *SentryArgs) {
		a.Config.Team.Mode = Adopt
		a.Config.Platforms = map[string]string{"api": "node-nestjs"}
		a.Config.RateLimit = &SentryRateLimit{Count: 1000, WindowSeconds: 3600}
		a.Config.IssueAlerts = []SentryIssueAlert{
			{Name: "new", Trigger: NewIssue},
			{Name: "again", Trigger: Regression},
			{Name: "many", Trigger: Frequency, Events: 100, QuietMinutes: 60},
		}
		a.Teardown = true
	})
	require.NoError(t, err)
	assert.Empty(t, r.OfType(sentryTeamType), "an adopted team is not made")
	project := get(t, r, sentryProjectType, "sentry-api")
	assert.Equal(t, []any{"bookmark-manager-production"}, project.Input("teams"))
	assert.Equal(t, "node-nestjs", project.Input("platform"))
	assert.False(t, project.Protect)
	key := get(t, r, sentryKeyType, "sentry-web")
	assert.Equal(t, 1000.0, key.Input("rateLimitCount"))
	assert.Equal(t, 3600.0, key.Input("rateLimitWindow"))
	assert.Len(t, r.OfType(sentryAlertType), 6)
	for name, want := range map[string]map[string]any{
		"new":   {"id": "sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"},
		"again": {"id": "sentry.rules.conditions.regression_event.RegressionEventCondition"},
		"many": {
			"id":             "sentry.rules.conditions.event_frequency.EventFrequencyCondition",
			"comparisonType": "count",
			"interval":       "1h",
			"value":          "100",
		},
	} {
		alert := get(t, r, sentryAlertType, "sentry-web-"+name)
		assert.Equal(t, []any{want}, alert.Input("conditions"), name)
		assert.Equal(t, "bookmark-manager-production-web", alert.Input("project"))
		assert.Equal(t, "production", alert.Input("environment"))
		assert.Equal(t, []any{map[string]any{
			"id": "sentry.mail.actions.NotifyEmailAction", "targetType": "IssueOwners", "targetIdentifier": "",
		}}, alert.Input("actions"))
	}
	assert.Equal(t, 30.0, get(t, r, sentryAlertType, "sentry-web-new").Input("frequency"))
	assert.Equal(t, 60.0, get(t, r, sentryAlertType, "sentry-web-many").Input("frequency"))
}

func TestSentryRefuses(t *testing.T) {
	for want, change := range map[string]func(*SentryArgs){
		"Environment, Region and AccountID are required": func(a *SentryArgs) { a.Environment = "" },
		"sentry.enabled is false":                        func(a *SentryArgs) { a.Config.Enabled = false },
		"Services are required, each once": func(a *SentryArgs) {
			a.Services = []string{"web", "web"}
		},
		"organization: found nothing":         func(a *SentryArgs) { a.Config.Organization = "" },
		`team.slug: found "12345"`:            func(a *SentryArgs) { a.Config.Team.Slug = "12345" },
		`team.mode: found "off", want one of`: func(a *SentryArgs) { a.Config.Team.Mode = Off },
		"baseUrl: found": func(a *SentryArgs) {
			a.Config.BaseURL = "https://sentry.example.com/api"
		},
		"tracesSampleRate: found 1.5": func(a *SentryArgs) { a.Config.TracesSampleRate = 1.5 },
		`platforms.ai: found "node"`: func(a *SentryArgs) {
			a.Config.Platforms = map[string]string{"ai": "node"}
		},
		`platforms.api: found nothing, want a platform's id`: func(a *SentryArgs) {
			a.Config.Platforms = map[string]string{"api": ""}
		},
		"rateLimit.count: found 0": func(a *SentryArgs) {
			a.Config.RateLimit = &SentryRateLimit{WindowSeconds: 60}
		},
		"rateLimit.windowSeconds: found 30": func(a *SentryArgs) {
			a.Config.RateLimit = &SentryRateLimit{Count: 1, WindowSeconds: 30}
		},
		"issueAlerts[0].name: found nothing": func(a *SentryArgs) {
			a.Config.IssueAlerts = []SentryIssueAlert{{Trigger: NewIssue}}
		},
		`issueAlerts[0].trigger: found "now"`: func(a *SentryArgs) {
			a.Config.IssueAlerts = []SentryIssueAlert{{Name: "a", Trigger: "now"}}
		},
		"issueAlerts[0].events: found 0": func(a *SentryArgs) {
			a.Config.IssueAlerts = []SentryIssueAlert{{Name: "a", Trigger: Frequency}}
		},
		"issueAlerts[0].events: found 5": func(a *SentryArgs) {
			a.Config.IssueAlerts = []SentryIssueAlert{{Name: "a", Trigger: NewIssue, Events: 5}}
		},
		"issueAlerts[0].quietMinutes: found 1": func(a *SentryArgs) {
			a.Config.IssueAlerts = []SentryIssueAlert{{Name: "a", Trigger: NewIssue, QuietMinutes: 1}}
		},
		`issueAlerts[1].name: found "a"`: func(a *SentryArgs) {
			a.Config.IssueAlerts = []SentryIssueAlert{{Name: "a", Trigger: NewIssue}, {Name: "a", Trigger: Regression}}
		},
		"Sentry's 50 characters": func(a *SentryArgs) { a.Services = []string{strings.Repeat("a", 24)} },
	} {
		t.Run(want, func(t *testing.T) {
			r, _, err := buildSentry(change)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.All())
		})
	}
}
