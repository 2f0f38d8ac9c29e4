package sentry

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// platforms are some of those that Sentry's documentation has a page for; the provider asks for the
// page.
var platforms = []string{
	"android", "apple-ios", "dotnet", "go", "java", "javascript", "javascript-nextjs", "javascript-react", "node",
	"node-express", "node-nestjs", "other", "php", "python", "ruby",
}

var (
	slugForm = regexp.MustCompile(`^[a-z0-9_-]+$`)
	digits   = regexp.MustCompile(`^[0-9]+$`)
)

const gone = "404 Not Found: The requested resource does not exist"

// Rules are what Sentry and its provider refuse.
func Rules() []provider.Rule {
	return []provider.Rule{
		{
			Name:  "form of a slug",
			Types: []string{teamType, projectType},
			When:  provider.OnWrite,
			Why:   "Create a team, create a project: slug",
			Check: func(r *provider.Request) error {
				slug := r.Inputs.Text("slug")
				if slug != "" && (!slugForm.MatchString(slug) || digits.MatchString(slug) || len(slug) > 50) {
					return fmt.Errorf("400 Bad Request: Enter a valid slug consisting of lowercase letters, "+
						"numbers, underscores or hyphens. It cannot be entirely numeric, nor longer than 50: %s", slug)
				}
				return nil
			},
		},
		{
			Name:  "length of a name",
			Types: []string{projectType, teamType, alertType},
			When:  provider.OnWrite,
			Why:   "Create a project: 50 characters; an alert: 64, which the provider checks",
			Check: func(r *provider.Request) error {
				most := map[string]int{projectType: 50, teamType: 64, alertType: 64}[r.Type]
				if length := len(r.Inputs.Text("name")); length > most {
					return fmt.Errorf("400 Bad Request: Ensure this field has no more than %d characters, got %d",
						most, length)
				}
				return nil
			},
		},
		{
			Name:  "one team a slug",
			Types: []string{teamType},
			When:  provider.OnCreate,
			Why:   "Create a team: 409 Conflict",
			Check: func(r *provider.Request) error {
				if team := r.Find(teamType, r.Inputs.Text("slug")); team != nil && !r.Itself(team) {
					return fmt.Errorf("409 Conflict: A team with this slug already exists: %s", team.ID)
				}
				return nil
			},
		},
		{
			Name:  "one project a slug",
			Types: []string{projectType},
			When:  provider.OnCreate,
			Why:   "Create a project: 409 Conflict",
			Check: func(r *provider.Request) error {
				if project := r.Find(projectType, r.Inputs.Text("slug")); project != nil && !r.Itself(project) {
					return fmt.Errorf("409 Conflict: A project with this slug already exists: %s", project.ID)
				}
				return nil
			},
		},
		{
			Name:  "a project has a team",
			Types: []string{projectType},
			When:  provider.OnWrite,
			Why:   "the provider: team and teams exclude each other, and a creation without either fails",
			Check: func(r *provider.Request) error {
				if r.Inputs.Has("team") && r.Inputs.Has("teams") {
					return errors.New("\"team\": conflicts with teams")
				}
				if !r.Inputs.Has("team") && len(r.Inputs.Texts("teams")) == 0 && !r.Inputs.Unknown("teams") {
					return errors.New("one of team or teams must be configured")
				}
				return nil
			},
		},
		{
			Name:  "a project's teams exist",
			Types: []string{projectType},
			When:  provider.OnWrite,
			Why:   "Create a project: the path has the team's slug",
			Check: func(r *provider.Request) error {
				teams := r.Inputs.Texts("teams")
				if team := r.Inputs.Text("team"); team != "" {
					teams = append(teams, team)
				}
				for _, team := range teams {
					if r.Missing(r.Find(teamType, team)) {
						return fmt.Errorf("%s: team %s", gone, team)
					}
				}
				return nil
			},
		},
		{
			Name:  "a platform that Sentry documents",
			Types: []string{projectType},
			When:  provider.OnCheck,
			Why:   "the provider asks docs.sentry.io for the platform's page, which in a rehearsal is a list",
			Check: func(r *provider.Request) error {
				if platform := r.Inputs.Text("platform"); platform != "" && !slices.Contains(platforms, platform) {
					return fmt.Errorf("could not find platform %s: the model knows %v", platform, platforms)
				}
				return nil
			},
		},
		{
			Name:  "a part of a known project",
			Types: []string{keyType, alertType},
			When:  provider.OnWrite,
			Why:   "Create a client key, an alert: the path has the project's slug",
			Check: func(r *provider.Request) error {
				if project := r.Inputs.Text("project"); project != "" && r.Missing(r.Find(projectType, project)) {
					return fmt.Errorf("%s: project %s", gone, project)
				}
				return nil
			},
		},
		{
			Name:  "nothing moves to another organization or project",
			Types: []string{teamType, projectType, keyType, alertType},
			When:  provider.OnUpdate,
			Why:   "the provider replaces nothing: it asks for the old object under the new path",
			Check: func(r *provider.Request) error {
				for _, property := range []string{"organization", "project"} {
					if before := r.Old.Text(property); r.Inputs.Has(property) && !r.Inputs.Unknown(property) &&
						before != r.Inputs.Text(property) {
						return fmt.Errorf("%s: %s moved from %s to %s", gone, property, before, r.Inputs.Text(property))
					}
				}
				return nil
			},
		},
		{
			Name:  "issue alerts of the old API",
			Types: []string{alertType},
			When:  provider.OnWrite,
			Why:   "Sentry removed the API in September 2026; https://github.com/getsentry/sentry/issues/115160",
			Check: func(r *provider.Request) error {
				if r.Region == Hosted {
					return errors.New("410 Gone: This API no longer exists.")
				}
				return nil
			},
		},
	}
}
