package delivery

import (
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Mode says what the stack does about GitHub's identity provider, which an account has once.
type Mode string

// A stack that creates the provider also removes it. One that adopts it uses what `make bootstrap` or another stack has made. Off makes
// no roles either: nothing deploys from GitHub.
const (
	Create Mode = "create"
	Adopt  Mode = "adopt"
	Off    Mode = "off"
)

// Config is section "delivery": which of GitHub's workflows may do what in the account.
type Config struct {
	// Provider is create, adopt or off. Required.
	Provider Mode `json:"provider"`
	// Repository is this repository as GitHub's tokens name it: "owner/name", or "owner@1/name@2" for a repository whose tokens carry ids, as
	// those made since July 2026 do (`gh api repos/OWNER/NAME/actions/oidc/customization/sub` tells). Required unless off.
	Repository string `json:"repository"`
	// ApplicationRepository is the repository that builds the images, in the same form. Required unless off.
	ApplicationRepository string `json:"applicationRepository"`
	// DeployEnvironment is the GitHub environment whose jobs deploy this stack. Required unless off.
	DeployEnvironment string `json:"deployEnvironment"`
	// PreviewEnvironment is the GitHub environment whose jobs preview it. A preview decrypts the configuration and runs the code of a pull
	// request, so a maintainer should approve its jobs. Required unless off.
	PreviewEnvironment string `json:"previewEnvironment"`
	// PlanEnvironment is the GitHub environment whose jobs preview the main branch: the plan that a deploy is approved by, and the report of
	// drift. It should admit the main branch only, and needs no approval then. Required unless off.
	PlanEnvironment string `json:"planEnvironment"`
	// ReleaseEnvironment is the environment of the application's repository whose jobs push images. Required unless off.
	ReleaseEnvironment string `json:"releaseEnvironment"`
	// SessionHours is how long a deploy's credentials last, 1 to 12 hours. Required unless off; the first Aurora cluster takes most of an hour.
	SessionHours int `json:"sessionHours"`
}

var (
	repositoryName  = regexp.MustCompile(`^[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$`)
	environmentName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems {
	var p settings.Problems
	p.Want(slices.Contains([]Mode{Create, Adopt, Off}, c.Provider), "provider", settings.Given(string(c.Provider)), "%s", settings.OneOf(Create, Adopt, Off))
	if c.Provider == Off {
		return p
	}
	for path, repository := range map[string]string{"repository": c.Repository, "applicationRepository": c.ApplicationRepository} {
		p.Want(repositoryName.MatchString(repository), path, settings.Given(repository), "owner/name, or owner@1/name@2 with GitHub's ids")
	}
	for path, environment := range map[string]string{
		"deployEnvironment": c.DeployEnvironment, "previewEnvironment": c.PreviewEnvironment, "planEnvironment": c.PlanEnvironment,
		"releaseEnvironment": c.ReleaseEnvironment,
	} {
		// A colon would begin another part of the token's subject.
		p.Want(environmentName.MatchString(environment), path, settings.Given(environment), "a GitHub environment's name: letters, digits, dots, hyphens and underscores")
	}
	p.Want(c.PreviewEnvironment == "" || !slices.Contains([]string{c.DeployEnvironment, c.PlanEnvironment}, c.PreviewEnvironment), "previewEnvironment",
		c.PreviewEnvironment, "another environment than deployEnvironment and planEnvironment: the code of a pull request would run by their rules")
	p.Want(c.PlanEnvironment == "" || c.PlanEnvironment != c.DeployEnvironment, "planEnvironment", c.PlanEnvironment,
		"another environment than deployEnvironment, whose jobs wait for approval")
	p.Want(c.SessionHours >= 1 && c.SessionHours <= 12, "sessionHours", c.SessionHours, "1 to 12 (hours)")
	return p
}
