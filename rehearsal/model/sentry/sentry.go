// Package sentry models the Sentry provider, version 0.0.9, and Sentry itself: what the program
// uses of them.
//
// An installation (sentry.io, or a self-hosted one) takes the place of a region: its address is the
// provider's baseUrl. What the provider and Sentry refuse is in rules.go; each rule has a pair in
// its test, a request that it refuses and one that it lets pass.
package sentry

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// Version is the plugin that belongs to the SDK in the program's go.mod.
const Version = "0.0.9"

const (
	teamType    = "sentry:index/sentryTeam:SentryTeam"
	projectType = "sentry:index/sentryProject:SentryProject"
	keyType     = "sentry:index/sentryKey:SentryKey"
	alertType   = "sentry:index/sentryIssueAlert:SentryIssueAlert"
)

// Hosted is Sentry's own installation.
const Hosted = "https://sentry.io/api/"

//go:embed schema.json
var facts []byte

//go:embed values.json
var values []byte

var parse = sync.OnceValues(func() (*schema.Schema, error) { return schema.Parse(facts, values) })

// New starts a provider on a cloud. account is the AWS account of the caller, which Sentry does not
// ask for.
func New(c *cloud.Cloud, account string) (*provider.Provider, error) {
	return provider.New(Definition(), c, account)
}

// Definition puts the tables together.
func Definition() provider.Definition {
	text := &schema.Type{Kind: schema.String}
	return provider.Definition{
		Name:        "sentry",
		Version:     Version,
		Schema:      parse,
		Kinds:       kinds,
		Unlisted:    func(*schema.Resource) *provider.Kind { return &provider.Kind{ID: "{hex32}"} },
		Rules:       Rules(),
		Config:      schema.Properties{"token": {Type: text, Secret: true}, "baseUrl": {Type: text}},
		CheckConfig: checkConfig,
		Settings: func(inputs provider.Values) provider.Settings {
			if url := inputs.Text("baseUrl"); url != "" {
				return provider.Settings{Region: url}
			}
			return provider.Settings{Region: Hosted}
		},
	}
}

// checkConfig refuses a provider without a token at once. The real one finds out at its first
// request.
func checkConfig(inputs provider.Values, _ string) []schema.Problem {
	var problems []schema.Problem
	if !inputs.Has("token") || inputs.Text("token") == "" && !inputs.Unknown("token") {
		problems = append(problems, schema.Problem{
			Property: "token",
			Reason:   "401 Unauthorized: Authentication credentials were not provided.",
		})
	}
	if url := inputs.Text("baseUrl"); url != "" && (!strings.HasPrefix(url, "http") || !strings.HasSuffix(url, "/")) {
		problems = append(problems, schema.Problem{
			Property: "baseUrl",
			Reason:   "BaseURL must have a trailing slash, but \"" + url + "\" does not",
		})
	}
	return problems
}

// kinds are what Sentry computes.
var kinds = map[string]*provider.Kind{
	teamType: {
		ID:     "{slug}",
		Naming: provider.Naming{Property: "name", Max: 255},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Set("hasAccess", true)
			o.Set("isMember", false)
			o.Set("isPending", false)
			internal(r, o, "teamId")
		},
	},
	projectType: {
		ID:     "{slug}",
		Naming: provider.Naming{Property: "name", Max: 255},
		Defaults: map[string]any{
			"digestsMinDelay": 300.0,
			"digestsMaxDelay": 1800.0,
			"resolveAge":      0.0,
			"platform":        "other",
		},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Once("color", func() any { return "#" + provider.Random("0123456789abcdef", 6) })
			o.Set("features", []any{"alert-filters", "releases"})
			o.Set("isBookmarked", false)
			o.Set("isPublic", false)
			o.Set("status", "active")
			internal(r, o, "projectId")
		},
		Import: func(o *cloud.Object) string { return o.Text("organization") + "/" + o.ID },
	},
	keyType: {
		ID:       "{hex32}",
		Naming:   provider.Naming{Property: "name", Max: 255},
		Within:   &provider.Containment{Type: projectType, Property: "project"},
		Defaults: map[string]any{"rateLimitCount": 0.0, "rateLimitWindow": 0.0},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Once("secret", func() any { return provider.Random("0123456789abcdef", 32) })
			o.Once("projectId", func() any { return float64(4500000000000000 + r.NextNumber()) })
			id := o.Text("id")
			project := o.Text("projectId")
			const host = "o450000.ingest.sentry.io"
			o.Set("public", id)
			o.Set("isActive", true)
			o.Set("dsnPublic", "https://"+id+"@"+host+"/"+project)
			o.Set("dsnSecret", "https://"+id+":"+o.Text("secret")+"@"+host+"/"+project)
			o.Set("dsnCsp", "https://"+host+"/api/"+project+"/csp-report/?sentry_key="+id)
		},
	},
	alertType: {
		ID:     "{organization}/{project}/{hex7}",
		Naming: provider.Naming{Property: "name", Max: 64},
		Within: &provider.Containment{Type: projectType, Property: "project"},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Default("environment", func() any { return "" })
			o.Set("internalId", o.Text("id")[strings.LastIndex(o.Text("id"), "/")+1:])
			o.Set("projects", []any{o.Text("project")})
		},
	},
}

// internal sets the two names of an object's number.
func internal(_ *provider.Request, o *provider.Outputs, deprecated string) {
	o.Once("internalId", func() any { return provider.Random("123456789", 16) })
	o.Set(deprecated, o.Text("internalId"))
}
