package terraform

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/atlas"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/datadog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sentry"
)

// Outside says what the original design has outside of AWS.
type Outside struct {
	Project      string // Atlas's
	AtlasRegion  string // as Atlas calls it
	Organization string // Sentry's, and
	Team         string // the slug of its team
	Name         string // of the Atlas cluster, and of the API's project at Sentry
	DatadogAPI   string // the address of the site's API: what Datadog holds is there alone
}

// one is an object outside of AWS: what it is in the cloud, and what Terraform's state has of it.
// The value "id" of the state is the cloud's.
type one struct {
	provider func(*cloud.Cloud, string) (*provider.Provider, error)
	config   map[string]any
	object
	typ, address string
	attributes   map[string]any
	named        bool // Terraform's id is not the cloud's, and is among the attributes
}

// ApplyOutside makes what the original design has at MongoDB Atlas, Datadog and Sentry, and returns
// the state of it. No emulator has these, so that the state is written here, as the providers'
// documentation has its attributes.
func ApplyOutside(ctx context.Context, c *cloud.Cloud, account string, o Outside) (*Production, error) {
	atSentry := map[string]any{"token": "rehearsal"}
	all := []one{
		{
			provider: atlas.New,
			config:   map[string]any{"publicKey": "rehearsal", "privateKey": "rehearsal"},
			object: object{"mongodbatlas:index/advancedCluster:AdvancedCluster", map[string]any{
				"projectId": o.Project, "name": o.Name, "clusterType": "REPLICASET", "backupEnabled": true,
				"mongoDbMajorVersion": "8.0",
				"replicationSpecs": []any{map[string]any{"regionConfigs": []any{map[string]any{
					"providerName": "AWS", "regionName": o.AtlasRegion, "priority": 7,
					"electableSpecs": map[string]any{"instanceSize": "M10", "nodeCount": 3, "diskSizeGb": 10},
				}}}},
			}},
			address: "mongodbatlas_cluster.main",
			typ:     "mongodbatlas_cluster",
			named:   true,
			attributes: map[string]any{
				"id": "Y2x1c3Rlcg==", "project_id": o.Project, "name": o.Name, "cloud_backup": true,
			},
		},
		{
			provider: datadog.New,
			config:   map[string]any{"apiKey": "rehearsal", "appKey": "rehearsal", "apiUrl": o.DatadogAPI},
			object: object{"datadog:index/monitor:Monitor", map[string]any{
				"name":    "API error rate",
				"type":    "metric alert",
				"query":   errorQuery,
				"message": "Errors of the API @ops@example.com",
			}},
			address:    "datadog_monitor.api_error_rate",
			typ:        "datadog_monitor",
			attributes: map[string]any{"type": "metric alert", "query": errorQuery},
		},
		{
			provider: sentry.New, config: atSentry,
			object: object{"sentry:index/sentryTeam:SentryTeam", map[string]any{
				"organization": o.Organization, "name": o.Team, "slug": o.Team,
			}},
		},
		{
			provider: sentry.New,
			config:   atSentry,
			object: object{"sentry:index/sentryProject:SentryProject", map[string]any{
				"organization": o.Organization,
				"name":         o.Name + "-api",
				"slug":         o.Name + "-api",
				"teams":        []any{o.Team},
			}},
			address:    "sentry_project.api",
			typ:        "sentry_project",
			attributes: map[string]any{"organization": o.Organization, "slug": o.Name + "-api"},
		},
	}
	a := &applier{cloud: c, account: account, production: &Production{Objects: map[string][]cloud.Key{}}}
	var resources []any
	for _, one := range all {
		p, err := one.provider(c, account)
		if err != nil {
			return nil, err
		}
		if _, err := p.Configure(ctx,
			plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(one.config)}); err != nil {
			return nil, err
		}
		outputs, err := a.make(ctx, p, instance{address: one.address}, one.object, 0)
		if err != nil {
			return nil, fmt.Errorf("make %s: %w", one.object.typ, err)
		}
		if one.address == "" {
			delete(a.production.Objects, "") // the team is in no state of this production
			continue
		}
		if !one.named {
			one.attributes["id"] = outputs["id"].StringValue()
		}
		resources = append(resources, map[string]any{
			"mode": "managed", "type": one.typ, "name": one.address[len(one.typ)+1:],
			"instances": []any{map[string]any{"attributes": one.attributes}},
		})
	}
	var err error
	a.production.State, err = json.Marshal(map[string]any{
		"version": 4, "serial": 1, "lineage": "0d1f2c3b-0000-4000-a000-000000000000", "resources": resources,
	})
	return a.production, err
}

const errorQuery = "sum(last_5m):sum:trace.express.request.errors{service:bookmark-api} > 10"
