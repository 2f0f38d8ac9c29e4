// Command infrastructure is the Pulumi program that deploys bookmark-manager: one stack for each
// environment, driven by the stack's configuration alone.
package main

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/stackconfig"
)

func main() { pulumi.Run(deploy) }

// stack is what every step is given.
type stack struct {
	ctx       *pulumi.Context
	config    *stackconfig.Config // whole and right; nothing changes it
	providers *providers
}

// deploy makes the zone, and the site once the zone is delegated: without that no certificate could
// be issued, and all else would wait for it. Nothing is registered unless the whole configuration
// is right.
func deploy(ctx *pulumi.Context) error {
	config, err := stackconfig.Load(ctx)
	if err != nil {
		return err
	}
	providers, err := newProviders(ctx, config)
	if err != nil {
		return err
	}
	st := &stack{ctx, config, providers}

	boundary, err := makeBoundary(st)
	if err != nil {
		return err
	}
	adoption, err := adoptObjects(st)
	if err != nil {
		return err
	}
	zone, err := makeZone(st)
	if err != nil {
		return err
	}
	outputs := zoneOutputs(st, zone)
	if config.Edge.Delegated() {
		more, err := makeSite(st, boundary, zone)
		if err != nil {
			return err
		}
		outputs = append(outputs, more...)
	}
	export(ctx, outputs)
	return adoption.unused()
}

// makeSite reads like the architecture diagram: each step says what it is made of. It returns what
// the stack exports of the site.
func makeSite(st *stack, boundary *delivery.Boundary, zone *edge.Zone) ([]output, error) {
	keys, err := makeKeys(st)
	if err != nil {
		return nil, err
	}
	notifications, err := makeNotifications(st, keys)
	if err != nil {
		return nil, err
	}
	zones, err := nameZones(st)
	if err != nil {
		return nil, err
	}
	net, err := makeNetwork(st, keys, zones)
	if err != nil {
		return nil, err
	}
	buckets, err := makeBuckets(st, keys)
	if err != nil {
		return nil, err
	}
	certificates, err := makeCertificates(st, zone)
	if err != nil {
		return nil, err
	}
	originSecret, err := makeOriginSecret(st)
	if err != nil {
		return nil, err
	}
	sentry, err := makeSentry(st)
	if err != nil {
		return nil, err
	}
	datadogKey, err := makeDatadogKey(st)
	if err != nil {
		return nil, err
	}

	db, err := makeDatabases(st, keys, notifications, net, zones)
	if err != nil {
		return nil, err
	}
	parameters, err := makeParameters(st, keys, db, sentry, datadogKey)
	if err != nil {
		return nil, err
	}
	backups, err := makeBackups(st, keys, notifications, net, db)
	if err != nil {
		return nil, err
	}

	registry, err := makeRegistry(st, keys)
	if err != nil {
		return nil, err
	}
	queues, err := makeQueues(st)
	if err != nil {
		return nil, err
	}
	cluster, err := makeCluster(st, keys)
	if err != nil {
		return nil, err
	}
	loadBalancers, err := makeLoadBalancers(st, net, buckets, certificates, originSecret)
	if err != nil {
		return nil, err
	}
	on := grounds{keys, net, buckets, parameters}
	shared := platform{registry, queues, cluster, loadBalancers}
	services, err := makeServices(st, on, db, shared)
	if err != nil {
		return nil, err
	}
	migration, err := makeMigration(st, on, registry)
	if err != nil {
		return nil, err
	}

	dump, err := makeDump(st, on, db, shared)
	if err != nil {
		return nil, err
	}

	front, err := makeFront(st, zone, public{buckets, certificates, originSecret, loadBalancers, services, sentry})
	if err != nil {
		return nil, err
	}

	datadog, err := makeDatadog(st, datadogKey, on, db, services)
	if err != nil {
		return nil, err
	}
	observability, err := makeObservability(st, watched{
		notifications, net, buckets, certificates, db.aurora, backups, dump, cluster, loadBalancers.reached, services,
		queues,
		zone, front, datadog,
	})
	if err != nil {
		return nil, err
	}
	if err := makeBudget(st, notifications); err != nil {
		return nil, err
	}
	if err := makeGuards(st, notifications); err != nil {
		return nil, err
	}
	pipelines, err := makeDelivery(st, boundary, keys, buckets, registry)
	if err != nil {
		return nil, err
	}
	return slices.Concat(
		siteOutputs(st, front, loadBalancers.reached), networkOutputs(net), bucketOutputs(buckets), databaseOutputs(db),
		serviceOutputs(cluster, registry, services), migrationOutputs(migration), dumpOutputs(dump),
		observabilityOutputs(notifications, observability), sentryOutputs(sentry), deliveryOutputs(st, pipelines),
	), nil
}
