package observability

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumiverse/pulumi-sentry/sdk/go/sentry"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// SentryType is part of every child's URN; changing it replaces the projects and their DSNs.
const SentryType = "bookmark-manager:observability:Sentry"

// SentryConfig is error tracking: section "sentry".
type SentryConfig struct {
	// Enabled makes the projects. Without it everything else in the section is ignored but checked
	// all the same.
	Enabled bool `json:"enabled"`
	// Organization is the organization's slug.
	Organization SentrySlug `json:"organization"`
	// BaseURL is the API of a self-hosted Sentry, with a slash at its end. Without it: Sentry's
	// own, https://sentry.io/api/.
	BaseURL string `json:"baseUrl" settings:"optional" pattern:"^https://[^ ]+/$" want:"an https URL with a slash at its end"`
	// Team owns the projects.
	Team SentryTeam `json:"team"`
	// Platforms are the projects' platforms by service, such as node-nestjs. A project without one
	// works the same; with one, the provider looks the platform up on Sentry's web site in every
	// preview, and refuses what it does not find there.
	Platforms map[string]string `json:"platforms" settings:"optional" length:"1.." want:"a platform's id, or no entry"`
	// TracesSampleRate is the part of requests that is traced for Sentry's performance view.
	// Without it: none.
	TracesSampleRate float64 `json:"tracesSampleRate" settings:"optional" range:"0..1"`
	// RateLimit bounds the events that a project takes. Without it the organization's quota alone
	// does.
	RateLimit *SentryRateLimit `json:"rateLimit"`
	// IssueAlerts are alerts beside the one on new issues that Sentry makes with every project.
	// They need a self-hosted Sentry from before September 2026: the provider uses an API that
	// Sentry has removed since.
	// https://github.com/getsentry/sentry/issues/115160
	IssueAlerts []SentryIssueAlert `json:"issueAlerts" settings:"optional"`
}

// SentrySlug is the name of an organization or team in addresses.
type SentrySlug string

// Rule implements settings.Ruled.
func (SentrySlug) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[a-z0-9_-]*[a-z_-][a-z0-9_-]*$`), Length: settings.AtMost(50),
		Want: "a slug: up to 50 lower-case letters, digits, hyphens and underscores, not all digits",
	}
}

// SentryTeam is the team that owns the projects.
type SentryTeam struct {
	// Mode says whether the stack makes the team.
	Mode Mode `json:"mode" enum:"create,adopt"`
	// Slug is the team's slug.
	Slug SentrySlug `json:"slug"`
}

// SentryRateLimit is a number of events in a time.
type SentryRateLimit struct {
	// Count is the number of events.
	Count int `json:"count" range:"1.."`
	// WindowSeconds is the length of the window.
	WindowSeconds int `json:"windowSeconds" range:"60..86400" unit:"seconds"`
}

// SentryTrigger is what starts an issue alert.
type SentryTrigger string

// The triggers. Frequency is a number of events in an hour.
const (
	NewIssue   SentryTrigger = "newIssue"
	Regression SentryTrigger = "regression"
	Frequency  SentryTrigger = "frequency"
)

// Rule implements settings.Ruled.
func (SentryTrigger) Rule() settings.Rule { return settings.Set(NewIssue, Regression, Frequency) }

// SentryIssueAlert is one alert, in each of the projects.
type SentryIssueAlert struct {
	// Name is unique in the list.
	Name string `json:"name" settings:"unique" length:"1..64"`
	// Trigger is what starts it. Frequency is a number of events in an hour.
	Trigger SentryTrigger `json:"trigger"`
	// Events is the number of events in an hour. Required with frequency, refused otherwise.
	Events int `json:"events" settings:"optional" range:"1.." want:"1 or more with trigger frequency, nothing with another"`
	// QuietMinutes is the least time between two messages on one issue.
	QuietMinutes int `json:"quietMinutes" range:"5..43200" unit:"minutes" default:"30"`
}

// API is the address of Sentry's API.
func (c SentryConfig) API() string { return cmp.Or(c.BaseURL, "https://sentry.io/api/") }

// Place is that address without what all have: "sentry.io/api".
func (c SentryConfig) Place() string {
	return strings.TrimSuffix(strings.TrimPrefix(c.API(), "https://"), "/")
}

// Validate reports every problem of the section.
func (c SentryConfig) Validate() settings.Problems { return settings.Check(c) }

// Validate reports every problem of the alert.
func (a SentryIssueAlert) Validate() settings.Problems {
	p := settings.Check(a)
	p.WantBeside("trigger", (a.Trigger == Frequency) == (a.Events > 0), "events", a.Events, "%s",
		settings.WantOf(a, "events"))
	return p
}

// conditions are the alert's conditions in Sentry's terms. Their names are left out: the provider's
// version computes them.
func (a SentryIssueAlert) conditions() (pulumi.StringMapArray, error) {
	const prefix = "sentry.rules.conditions."
	switch a.Trigger {
	case NewIssue:
		return pulumi.StringMapArray{pulumi.StringMap{
			"id": pulumi.String(prefix + "first_seen_event.FirstSeenEventCondition"),
		}}, nil
	case Regression:
		return pulumi.StringMapArray{pulumi.StringMap{
			"id": pulumi.String(prefix + "regression_event.RegressionEventCondition"),
		}}, nil
	case Frequency:
		return pulumi.StringMapArray{pulumi.StringMap{
			"id":             pulumi.String(prefix + "event_frequency.EventFrequencyCondition"),
			"comparisonType": pulumi.String("count"),
			"interval":       pulumi.String("1h"),
			"value":          pulumi.String(strconv.Itoa(a.Events)),
		}}, nil
	default:
		return nil, fmt.Errorf("trigger %q is unknown", a.Trigger)
	}
}

// SentryArgs adds the wiring.
type SentryArgs struct {
	Config SentryConfig
	identity.Stack
	// Services get a project each. Required, without repeats.
	Services []string
}

func (a *SentryArgs) check() error {
	if err := a.Check(); err != nil {
		return err
	}
	switch {
	case !a.Config.Enabled:
		return errors.New("sentry.enabled is false")
	case len(a.Services) == 0 || len(slices.Compact(slices.Sorted(slices.Values(a.Services)))) != len(a.Services):
		return errors.New("Services are required, each once")
	}
	problems := a.Config.Validate()
	for _, service := range slices.Sorted(maps.Keys(a.Config.Platforms)) {
		problems.Want(slices.Contains(a.Services, service), settings.Key("platforms", service),
			a.Config.Platforms[service], "%s", settings.OneOf(a.Services...))
	}
	for _, service := range a.Services {
		name := a.Environment.Name(service)
		problems.Want(len(name) <= 50, settings.Key("", service), name,
			"a service's name so short that Sentry's 50 characters hold its project's")
	}
	return problems.Err()
}

// Sentry is a project per service, with a key for what runs in production and in the browser.
type Sentry struct {
	pulumi.ResourceState

	// DSNs are by service. A DSN lets its holder send events and nothing else; the web service's is
	// in every browser.
	DSNs map[string]pulumi.StringOutput
	// ReportAddresses take what browsers report on content security policies, by service. Each is
	// as public as its DSN.
	ReportAddresses map[string]pulumi.StringOutput
	// Projects are the projects' slugs by service, for releases and source maps.
	Projects map[string]pulumi.StringOutput
}

// moved replaces what a change of its organization or project would otherwise only rename in the
// request: the provider would update the old object under the new path, where there is none.
var moved = pulumi.ReplaceOnChanges([]string{"organization", "project"})

// here is for what stands in Sentry.
func (a *SentryArgs) here() pulumi.ResourceOption { return standsAt(a.Config.API()) }

// NewSentry registers nothing when args are invalid.
func NewSentry(ctx *pulumi.Context, name string, args *SentryArgs, opts ...pulumi.ResourceOption) (*Sentry, error) {
	if args == nil {
		return nil, fmt.Errorf("sentry %q: args are required", name)
	}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("sentry %q: %w", name, err)
	}
	filled := *args
	filled.Config = settings.WithDefaults(args.Config)
	args = &filled
	s := &Sentry{
		DSNs:            map[string]pulumi.StringOutput{},
		ReportAddresses: map[string]pulumi.StringOutput{},
		Projects:        map[string]pulumi.StringOutput{},
	}
	base, err := component.Register(ctx, "sentry", SentryType, name, s, opts...)
	if err != nil {
		return nil, err
	}
	team, err := args.team(ctx, s, name)
	if err != nil {
		return nil, base.Wrap("create", "team", err)
	}
	outputs := pulumi.Map{}
	for _, service := range slices.Sorted(slices.Values(args.Services)) {
		if err := args.project(ctx, s, name, service, team); err != nil {
			return nil, base.Wrap("create", "project "+service, err)
		}
		outputs[service+"Project"] = s.Projects[service]
	}
	return s, base.Outputs(outputs)
}

// team is the slug of the team.
func (a *SentryArgs) team(ctx *pulumi.Context, s *Sentry, name string) (pulumi.StringInput, error) {
	if a.Config.Team.Mode == Adopt {
		return pulumi.String(a.Config.Team.Slug), nil
	}
	team, err := sentry.NewSentryTeam(ctx, name+"-team", &sentry.SentryTeamArgs{
		Organization: pulumi.String(a.Config.Organization),
		Name:         pulumi.String(a.Config.Team.Slug),
		Slug:         pulumi.String(a.Config.Team.Slug),
	}, pulumi.Parent(s), moved, a.here())
	if err != nil {
		return nil, err
	}
	return team.Slug, nil
}

func (a *SentryArgs) project(ctx *pulumi.Context, s *Sentry, name, service string, team pulumi.StringInput) error {
	organization, slug := pulumi.String(a.Config.Organization), pulumi.String(a.Environment.Name(service))
	inputs := &sentry.SentryProjectArgs{
		Organization: organization,
		Name:         slug,
		Slug:         slug,
		Teams:        pulumi.StringArray{team},
	}
	if platform := a.Config.Platforms[service]; platform != "" {
		inputs.Platform = pulumi.String(platform)
	}
	project, err := sentry.NewSentryProject(ctx, name+"-"+service, inputs,
		pulumi.Parent(s), moved, a.here(), pulumi.Protect(a.Protect()))
	if err != nil {
		return err
	}
	key := &sentry.SentryKeyArgs{Organization: organization, Project: project.Slug, Name: pulumi.String("application")}
	if limit := a.Config.RateLimit; limit != nil {
		key.RateLimitCount, key.RateLimitWindow = pulumi.Int(limit.Count), pulumi.Int(limit.WindowSeconds)
	}
	made, err := sentry.NewSentryKey(ctx, name+"-"+service, key, pulumi.Parent(s), moved, a.here())
	if err != nil {
		return fmt.Errorf("create key: %w", err)
	}
	for _, alert := range a.Config.IssueAlerts {
		conditions, err := alert.conditions()
		if err != nil {
			return fmt.Errorf("create alert %q: %w", alert.Name, err)
		}
		if _, err := sentry.NewSentryIssueAlert(ctx, name+"-"+service+"-"+alert.Name, &sentry.SentryIssueAlertArgs{
			Organization: organization,
			Project:      project.Slug,
			Name:         pulumi.String(alert.Name),
			ActionMatch:  pulumi.String("any"),
			FilterMatch:  pulumi.String("all"),
			Frequency:    pulumi.Int(alert.QuietMinutes),
			Environment:  pulumi.String(string(a.Environment)),
			Conditions:   conditions,
			Actions: pulumi.StringMapArray{pulumi.StringMap{
				"id":               pulumi.String("sentry.mail.actions.NotifyEmailAction"),
				"targetType":       pulumi.String("IssueOwners"),
				"targetIdentifier": pulumi.String(""),
			}},
		}, pulumi.Parent(s), moved, a.here()); err != nil {
			return fmt.Errorf("create alert %q: %w", alert.Name, err)
		}
	}
	s.DSNs[service], s.ReportAddresses[service], s.Projects[service] = made.DsnPublic, made.DsnCsp, project.Slug
	return nil
}
