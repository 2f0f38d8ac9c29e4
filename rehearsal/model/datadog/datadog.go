// Package datadog models the Datadog provider and Datadog itself: what the program uses of them.
//
// The facts about types are in schema.json, taken from the SDK. An organization is one for all
// stacks at a site, whose address takes the place of a region. What Datadog refuses is in rules.go;
// each rule has a pair in its test, a request that it refuses and one that it lets pass.
package datadog

import (
	_ "embed"
	"sync"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Version is the plugin that belongs to the SDK in the program's go.mod.
const Version = "4.68.0"

const (
	monitorType   = "datadog:index/monitor:Monitor"
	objectiveType = "datadog:index/serviceLevelObjective:ServiceLevelObjective"
	checkType     = "datadog:index/syntheticsTest:SyntheticsTest"
	dashboardType = "datadog:index/dashboardJson:DashboardJson"
	keyType       = "datadog:index/apiKey:ApiKey"
	accountType   = "datadog:aws/integrationAccount:IntegrationAccount"
)

//go:embed schema.json
var facts []byte

//go:embed values.json
var values []byte

var parse = sync.OnceValues(func() (*schema.Schema, error) { return schema.Parse(facts, values) })

// New starts a provider on a cloud. account is the AWS account of the caller, which Datadog does
// not ask for.
func New(c *cloud.Cloud, account string) (*provider.Provider, error) {
	return provider.New(Definition(), c, account)
}

// Definition puts the tables together.
func Definition() provider.Definition {
	return provider.Definition{
		Name:    "datadog",
		Version: Version,
		Schema:  parse,
		Kinds:   kinds,
		Unlisted: func(*schema.Resource) *provider.Kind {
			return &provider.Kind{ID: "{uuid}", Scope: provider.Sited}
		},
		Rules:       Rules(),
		Config:      configProperties(),
		CheckConfig: checkConfig,
		Settings: func(inputs provider.Values) provider.Settings {
			return provider.Settings{Region: inputs.Text("apiUrl")}
		},
	}
}

func configProperties() schema.Properties {
	text := &schema.Type{Kind: schema.String}
	properties := schema.Properties{
		"defaultTags": {Type: &schema.Type{Kind: schema.Object, Object: &schema.ObjectType{
			Name:       "ProviderDefaultTags",
			Properties: schema.Properties{"tags": {Type: &schema.Type{Kind: schema.Map, Element: text}}},
		}}},
	}
	for _, name := range []string{
		"apiKey", "apiUrl", "appKey", "awsAccessKeyId", "awsSecretAccessKey", "awsSessionToken", "cloudProviderRegion",
		"cloudProviderType",
		"httpClientRetryEnabled", "orgUuid", "validate",
	} {
		properties[name] = &schema.Property{Type: text, Secret: name == "apiKey" || name == "appKey"}
	}
	for _, name := range []string{"httpClientRetryBackoffBase", "httpClientRetryBackoffMultiplier",
		"httpClientRetryMaxRetries", "httpClientRetryTimeout"} {
		properties[name] = &schema.Property{Type: &schema.Type{Kind: schema.Integer}}
	}
	return properties
}

// checkConfig refuses a provider without its keys, unless it is told not to look.
func checkConfig(inputs provider.Values, _ string) []schema.Problem {
	if inputs.Text("validate") == "false" || inputs.Has("apiKey") && inputs.Has("appKey") {
		return nil
	}
	return []schema.Problem{{
		Property: "apiKey",
		Reason:   "api_key and app_key or orgUUID must be set unless validate = false",
	}}
}

// kinds are what Datadog computes.
var kinds = map[string]*provider.Kind{
	monitorType:   {ID: "{uuid}", Scope: provider.Sited, Naming: provider.Naming{Property: "name", Fixed: true}},
	objectiveType: {ID: "{hex32}", Scope: provider.Sited, Naming: provider.Naming{Property: "name", Fixed: true}},
	checkType: {
		ID:     "{alnum3}-{alnum3}-{alnum3}",
		Scope:  provider.Sited,
		Naming: provider.Naming{Property: "name", Fixed: true},
		Compute: func(r *provider.Request, o *provider.Outputs) {
			o.Once("monitorId", func() any { return float64(r.NextNumber()) })
		},
	},
	dashboardType: {
		ID:    "{alnum3}-{alnum3}-{alnum3}",
		Scope: provider.Sited,
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Default("url", func() any { return "/dashboard/" + o.Text("id") })
		},
		Absent: []string{"dashboardListsRemoveds"},
	},
	keyType: {
		ID:     "{uuid}",
		Scope:  provider.Sited,
		Naming: provider.Naming{Property: "name", Fixed: true},
		Compute: func(_ *provider.Request, o *provider.Outputs) {
			o.Once("key", func() any { return provider.Random("0123456789abcdef", 32) })
		},
	},
	accountType: {
		ID: "{uuid}", Scope: provider.Sited,
		// The external id is drawn when the account is added, and stays.
		Compute: func(r *provider.Request, o *provider.Outputs) {
			role := o.Object("authConfig").Object("awsAuthConfigRole")
			if role == nil {
				return
			}
			id := provider.Random("0123456789abcdef", 32)
			if r.Old != nil {
				if before := provider.Values(r.Old.Outputs).Object("authConfig").Object("awsAuthConfigRole").Text(
					"externalId",
				); before != "" {
					id = before
				}
			}
			computed := resource.PropertyMap(role).Copy()
			computed["externalId"] = resource.NewProperty(id)
			o.Values["authConfig"] = resource.NewProperty(resource.PropertyMap{
				"awsAuthConfigRole": resource.NewProperty(computed),
			})
		},
	},
}
