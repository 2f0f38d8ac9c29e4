// Command infrastructure is the Pulumi program that deploys bookmark-manager: one stack for each environment, driven by the stack's
// configuration alone.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

func main() { pulumi.Run(deploy) }

// deploy reads like the architecture diagram. Nothing is registered unless the whole configuration is right.
func deploy(ctx *pulumi.Context) error {
	config, err := load(ctx)
	if err != nil {
		return err
	}
	providers, err := newProviders(ctx, config)
	if err != nil {
		return err
	}
	s := &system{ctx: ctx, config: config, providers: providers}

	steps := []func() error{s.makeBoundary, s.makeZone}
	if config.Edge.Delegated() {
		steps = append(steps,
			s.makeKeys, s.makeNotifications,
			s.makeNetwork, s.makeBuckets,
			s.makeCertificates,
			s.makeSentry, s.makeDatadogKey,
			s.makeAurora, s.makeAtlas, s.makeParameters, s.makeBackups,
			s.makeRegistry, s.makeCluster, s.makeLoadBalancer, s.makeServices, s.makeMigration,
			s.makeDistribution, s.makeRecords,
			s.makeDatadog, s.makeObservability, s.makeBudget, s.makeGuards,
			s.makeDelivery,
		)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	export(ctx, s.outputs())
	return nil
}

// system is what the steps have made so far. Without a delegated zone only the boundary and the zone are there: no certificate could be
// issued, and all that follows would wait for it.
type system struct {
	ctx       *pulumi.Context
	config    *stackConfig
	providers *providers

	boundary *delivery.Boundary
	zone     *edge.Zone

	keys          *data.Keys
	notifications *observability.Notifications
	network       *network.Network
	buckets       *data.Buckets

	certificates *edge.Certificates
	originSecret *edge.OriginSecret

	sentry     *observability.Sentry     // nil when it is off
	datadogKey *observability.DatadogKey // nil when it is off

	aurora     *data.AuroraCluster
	atlas      *data.AtlasCluster
	parameters *data.Parameters
	backups    *data.Backups

	registry     *compute.Registry
	cluster      *compute.Cluster
	loadBalancer *compute.LoadBalancer
	services     map[string]*compute.Service
	migration    *compute.Migration

	firewall     *edge.WebACL
	distribution *edge.EdgeDistribution
	records      *edge.Records

	datadog       *observability.Datadog // nil when it is off
	observability *observability.Observability

	delivery *delivery.Delivery // its ARNs are unset when it is off
}
