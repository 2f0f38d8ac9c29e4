package main

import (
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/network"
)

// grounds are what every task needs: keys, network, buckets and parameters.
type grounds struct {
	keys       *data.Keys
	network    *network.Network
	buckets    *data.Buckets
	parameters *data.Parameters
}

// platform is what all services share.
type platform struct {
	registry  *compute.Registry
	queues    *compute.Queues // nil when no service has one
	cluster   *compute.Cluster
	balancers balancers
}

// balancers are the stack's load balancers.
type balancers struct {
	reached *compute.LoadBalancer // the one that CloudFront sends requests to
	beside  *compute.LoadBalancer // the one of the other scheme during a move; nil otherwise
}

// internal is the load balancer that needs a VPC origin; nil when there is none.
func (b balancers) internal() *compute.LoadBalancer {
	for _, one := range []*compute.LoadBalancer{b.reached, b.beside} {
		if one != nil && one.Scheme == compute.Internal {
			return one
		}
	}
	return nil
}

// agentImage is the Datadog agent's; empty without one.
func agentImage(c compute.Config) string {
	if c.Agent == nil {
		return ""
	}
	return c.Agent.Image
}

func makeRegistry(st *stack, keys *data.Keys) (*compute.Registry, error) {
	return compute.NewRegistry(st.ctx, "registry", &compute.RegistryArgs{
		Stack:       st.config.Identity,
		Config:      st.config.Compute.Registry,
		Services:    st.config.Repositories(),
		KeyArn:      keys.DataArn,
		CachedImage: agentImage(st.config.Compute),
	}, st.providers.all())
}

// makeQueues is nil when no service has a queue.
func makeQueues(st *stack) (*compute.Queues, error) {
	if !st.config.Services.Queued() {
		return nil, nil
	}
	return compute.NewQueues(st.ctx, "queues", &compute.QueuesArgs{
		Stack: st.config.Identity, Services: st.config.Services,
	}, st.providers.all())
}

func makeCluster(st *stack, keys *data.Keys) (*compute.Cluster, error) {
	return compute.NewCluster(st.ctx, "cluster", &compute.ClusterArgs{
		Stack:     st.config.Identity,
		Config:    st.config.Compute.Cluster,
		LogKeyArn: keys.LogsArn,
		Scheduled: len(st.config.Services.Scheduled()) > 0 || st.config.Compute.Dump != nil,
	}, st.providers.all())
}

// balancerNames are the load balancers' names, by scheme. No name may begin with "internal-", which
// is AWS's own.
var balancerNames = map[compute.Scheme]string{
	compute.InternetFacing: "load-balancer",
	compute.Internal:       "load-balancer-internal",
}

// makeLoadBalancers makes the load balancer that CloudFront sends requests to and, during a move,
// the one beside it.
func makeLoadBalancers(
	st *stack, net *network.Network, buckets *data.Buckets, certificates *edge.Certificates,
	originSecret *edge.OriginSecret,
) (balancers, error) {
	var all balancers
	for i, scheme := range st.config.Compute.LoadBalancer.Schemes() {
		subnets := net.PublicSubnetIDs
		if scheme == compute.Internal {
			subnets = net.PrivateSubnetIDs
		}
		made, err := compute.NewLoadBalancer(st.ctx, balancerNames[scheme], &compute.LoadBalancerArgs{
			Stack:               st.config.Identity,
			Config:              st.config.Compute.LoadBalancer,
			Scheme:              scheme,
			Beside:              i > 0,
			SubnetIDs:           subnets,
			PublicRoutes:        net.PublicRoutes,
			SecurityGroupIDs:    net.LoadBalancerSecurityGroupIDs,
			CertificateArn:      certificates.LoadBalancerArn,
			OriginHeaderName:    edge.OriginHeaderName,
			OriginHeaderValues:  originSecret.Accepted,
			LogBucket:           buckets.LogsName,
			AccessLogPrefix:     data.LoadBalancerLogs,
			ConnectionLogPrefix: data.LoadBalancerConnectionLogs,
		}, st.providers.all())
		if err != nil {
			return all, err
		}
		if i == 0 {
			all.reached = made
		} else {
			all.beside = made
		}
	}
	return all, nil
}

// makeServices makes each service after those it calls.
func makeServices(st *stack, on grounds, db databases, shared platform) (map[string]*compute.Service, error) {
	c := st.config
	order, err := c.Services.Order()
	if err != nil {
		return nil, err
	}
	services := map[string]*compute.Service{}
	for _, name := range order {
		config := c.Services[name]
		args := &compute.ServiceArgs{
			Stack:           c.Identity,
			Config:          config,
			Cluster:         shared.cluster,
			LoadBalancer:    shared.balancers.reached,
			Beside:          shared.balancers.beside,
			VpcID:           on.network.VpcID,
			RepositoryURL:   shared.registry.URLs[name],
			RepositoryArn:   shared.registry.Arns[name],
			SubnetIDs:       on.network.PrivateSubnetIDs,
			SecurityGroupID: on.network.WorkloadSecurityGroupIDs[name],
			LogKeyArn:       on.keys.LogsArn,
			Secrets:         secretsOf(st, on.parameters, name),
			SecretsKeyArn:   on.keys.DataArn,
			Variables:       map[string]pulumi.StringInput{"ASSETS_BUCKET": on.buckets.AssetsName},
			AssetsBucketArn: on.buckets.AssetsArn,
			Agent:           c.Compute.Agent,
			Cached:          shared.registry.Cached,
			Schedule:        c.Compute.Schedule,
			Callees:         map[string]*compute.Service{},
			Callers:         c.Services.Callers(name),
			StartAfter: slices.Concat(on.network.Ready, on.network.WorkloadRules[name], db.aurora.Ready,
				db.atlas.Ready),
		}
		if config.Datadog {
			args.Datadog = &compute.Datadog{
				APIKey: secret(on.parameters, data.DatadogAPIKey),
				Site:   string(c.Datadog.Site),
			}
		}
		if c.Sentry.Enabled {
			rate := strconv.FormatFloat(c.Sentry.TracesSampleRate, 'g', -1, 64)
			args.Variables["SENTRY_TRACES_SAMPLE_RATE"] = pulumi.String(rate)
		}
		for _, callee := range config.Calls {
			args.Callees[callee] = services[callee]
		}
		if shared.queues != nil {
			args.Queue, args.SendsTo = shared.queues.Of[name], shared.queues.Of
		}
		if services[name], err = compute.NewService(st.ctx, name, args, st.providers.all()); err != nil {
			return nil, err
		}
	}
	return services, nil
}

// makeMigration makes the one task that logs in as the database's owner; nil when no service
// migrates the database.
func makeMigration(st *stack, on grounds, registry *compute.Registry) (*compute.Migration, error) {
	c := st.config
	owner, ok := c.Services.Migration()
	if !ok {
		return nil, nil
	}
	// DATABASE_URL of the services and of the dump changes only after this task has created the
	// role that it names.
	secrets := map[string]compute.Secret{
		data.DatabaseURL:       secret(on.parameters, data.MigrationDatabaseURL),
		data.MasterDatabaseURL: secret(on.parameters, data.MasterDatabaseURL),
	}
	if c.Compute.Dump != nil {
		secrets[data.DumpDatabaseURL] = secret(on.parameters, data.MigrationDumpURL)
	}
	return compute.NewMigration(st.ctx, compute.MigrationName, &compute.MigrationArgs{
		Stack:           c.Identity,
		Service:         c.Services[owner],
		RepositoryURL:   registry.URLs[owner],
		RepositoryArn:   registry.Arns[owner],
		SubnetIDs:       on.network.PrivateSubnetIDs,
		SecurityGroupID: on.network.WorkloadSecurityGroupIDs[compute.MigrationName],
		LogKeyArn:       on.keys.LogsArn,
		Secrets:         secrets,
		SecretsKeyArn:   on.keys.DataArn,
	}, st.providers.all())
}

// makeDump makes the task that dumps the database into the bucket of backups; nil without
// compute.dump.
func makeDump(st *stack, on grounds, db databases, shared platform) (*compute.Dump, error) {
	c := st.config
	if c.Compute.Dump == nil {
		return nil, nil
	}
	return compute.NewDump(st.ctx, compute.DumpName, &compute.DumpArgs{
		Stack:           c.Identity,
		Config:          *c.Compute.Dump,
		Cluster:         shared.cluster,
		RepositoryURL:   shared.registry.URLs[compute.DumpName],
		RepositoryArn:   shared.registry.Arns[compute.DumpName],
		SubnetIDs:       on.network.PrivateSubnetIDs,
		SecurityGroupID: on.network.WorkloadSecurityGroupIDs[compute.DumpName],
		LogKeyArn:       on.keys.LogsArn,
		Database:        secret(on.parameters, data.DumpDatabaseURL),
		DataKeyArn:      on.keys.DataArn,
		BucketName:      on.buckets.BackupsName,
		BucketArn:       on.buckets.BackupsArn,
		Folder:          data.Dumps,
		StartAfter: slices.Concat(on.network.Ready, on.network.WorkloadRules[compute.DumpName],
			db.aurora.Ready),
	}, st.providers.all())
}
