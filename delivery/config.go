package delivery

import (
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Mode says what the stack does about GitHub's identity provider, which an account has once.
type Mode string

// A stack that creates the provider also removes it. One that adopts it uses what `make bootstrap`
// or another stack has made. Off makes no roles either: nothing deploys from GitHub.
const (
	Create Mode = "create"
	Adopt  Mode = "adopt"
	Off    Mode = "off"
)

// Rule implements settings.Ruled.
func (Mode) Rule() settings.Rule { return settings.Set(Create, Adopt, Off) }

// Config is which of GitHub's workflows may do what in the account: section "delivery".
type Config struct {
	// Provider is GitHub's identity provider, which an account has once: create makes and removes
	// it, adopt uses the one that make bootstrap or another stack has made, off makes no roles
	// either.
	Provider Mode `json:"provider"`
	// Repository is this repository as GitHub's tokens name it: "owner/name", or "owner@1/name@2"
	// for a repository whose tokens carry ids, as those made since July 2026 do (`gh api
	// repos/OWNER/NAME/actions/oidc/customization/sub` tells). Required unless off.
	Repository Repository `json:"repository" settings:"optional"`
	// ApplicationRepository is the repository that builds the images, in the same form. Required
	// unless off.
	ApplicationRepository Repository `json:"applicationRepository" settings:"optional"`
	// DeployEnvironment is the GitHub environment whose jobs deploy this stack. Required unless
	// off.
	DeployEnvironment Environment `json:"deployEnvironment" settings:"optional"`
	// PreviewEnvironment is the GitHub environment whose jobs preview it. A preview decrypts the
	// configuration and runs the code of a pull request, so a maintainer should approve its jobs.
	// Required unless off.
	PreviewEnvironment Environment `json:"previewEnvironment" settings:"optional"`
	// PlanEnvironment is the GitHub environment whose jobs preview the main branch: the plan that a
	// deploy is approved by, and the report of drift. It should admit the main branch only, and
	// needs no approval then. Required unless off.
	PlanEnvironment Environment `json:"planEnvironment" settings:"optional"`
	// ReleaseEnvironment is the environment of the application's repository whose jobs push images.
	// Required unless off.
	ReleaseEnvironment Environment `json:"releaseEnvironment" settings:"optional"`
	// SessionHours is how long a deploy's credentials last; the first Aurora cluster takes most of
	// an hour. Required unless off.
	SessionHours int `json:"sessionHours" settings:"optional" range:"1..12" unit:"hours"`
}

// Repository is a repository as GitHub's tokens name it.
type Repository string

// Rule implements settings.Ruled.
func (Repository) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$`),
		Want:    "owner/name, or owner@1/name@2 with GitHub's ids",
	}
}

// Environment is the name of a GitHub environment.
type Environment string

// Rule implements settings.Ruled. A colon would begin another part of the token's subject.
func (Environment) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`),
		Want:    "a GitHub environment's name: letters, digits, dots, hyphens and underscores",
	}
}

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems {
	p := settings.Check(c)
	if c.Provider == Off {
		return p
	}
	p.Under("", settings.Need(c, "unless provider is off", "repository", "applicationRepository", "deployEnvironment",
		"previewEnvironment", "planEnvironment",
		"releaseEnvironment", "sessionHours"))
	p.Want(c.PreviewEnvironment == "" ||
		!slices.Contains([]Environment{c.DeployEnvironment, c.PlanEnvironment}, c.PreviewEnvironment),
		"previewEnvironment", c.PreviewEnvironment,
		"another environment than deployEnvironment and planEnvironment: the code of a pull request would run by "+
			"their rules")
	p.Want(c.PlanEnvironment == "" || c.PlanEnvironment != c.DeployEnvironment, "planEnvironment", c.PlanEnvironment,
		"another environment than deployEnvironment, whose jobs wait for approval")
	return p
}
