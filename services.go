package main

import (
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
)

func (s *system) makeRegistry() (err error) {
	c := s.config
	s.registry, err = compute.NewRegistry(s.ctx, "registry", &compute.RegistryArgs{
		Config: c.Compute.Registry, Environment: c.Environment, Services: c.Services.Names(), KeyArn: s.keys.DataArn,
		Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}

func (s *system) makeCluster() (err error) {
	c := s.config
	s.cluster, err = compute.NewCluster(s.ctx, "cluster", &compute.ClusterArgs{
		Config: c.Compute.Cluster, Environment: c.Environment, LogKeyArn: s.keys.LogsArn,
	}, s.providers.all())
	return err
}

func (s *system) makeLoadBalancer() (err error) {
	c := s.config
	s.loadBalancer, err = compute.NewLoadBalancer(s.ctx, "load-balancer", &compute.LoadBalancerArgs{
		Config:    c.Compute.LoadBalancer,
		SubnetIDs: s.network.PublicSubnetIDs, PublicRoutes: s.network.PublicRoutes,
		SecurityGroupIDs: s.network.LoadBalancerSecurityGroupIDs,
		CertificateArn:   s.certificates.LoadBalancerArn,
		OriginHeaderName: edge.OriginHeaderName, OriginHeaderValues: s.originSecret.Accepted,
		LogBucket: s.buckets.LogsName, AccessLogPrefix: data.LoadBalancerLogs, ConnectionLogPrefix: data.LoadBalancerConnectionLogs,
		Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}

// makeServices makes each service after those it calls.
func (s *system) makeServices() error {
	c := s.config
	order, err := c.Services.Order()
	if err != nil {
		return err
	}
	s.services = map[string]*compute.Service{}
	for _, name := range order {
		config := c.Services[name]
		args := &compute.ServiceArgs{
			Config: config, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
			Cluster: s.cluster, LoadBalancer: s.loadBalancer, VpcID: s.network.VpcID,
			RepositoryURL: s.registry.URLs[name], RepositoryArn: s.registry.Arns[name],
			SubnetIDs: s.network.PrivateSubnetIDs, SecurityGroupID: s.network.WorkloadSecurityGroupIDs[name],
			LogKeyArn: s.keys.LogsArn, Secrets: s.secretsOf(name, config.Secrets), SecretsKeyArn: s.keys.DataArn,
			Variables:       map[string]pulumi.StringInput{"ASSETS_BUCKET": s.buckets.AssetsName},
			AssetsBucketArn: s.buckets.AssetsArn,
			Agent:           c.Compute.Agent, Schedule: c.Compute.Schedule,
			Callees: map[string]*compute.Service{}, Callers: c.Services.Callers(name),
			StartAfter: slices.Concat(s.network.Ready, s.network.WorkloadRules[name], s.aurora.Ready, s.atlas.Ready),
		}
		if config.Datadog {
			args.Datadog = &compute.Datadog{APIKey: s.parameter(data.DatadogAPIKey), Site: string(c.Datadog.Site)}
		}
		if s.sentry != nil {
			args.Variables["SENTRY_TRACES_SAMPLE_RATE"] = pulumi.String(strconv.FormatFloat(c.Sentry.TracesSampleRate, 'g', -1, 64))
		}
		for _, callee := range config.Calls {
			args.Callees[callee] = s.services[callee]
		}
		if s.services[name], err = compute.NewService(s.ctx, name, args, s.providers.all()); err != nil {
			return err
		}
	}
	return nil
}

// makeMigration makes the one task that knows the database's master.
func (s *system) makeMigration() error {
	c := s.config
	owner, ok := c.Services.Migration()
	if !ok {
		return nil
	}
	secrets := map[string]compute.Secret{}
	for _, variable := range compute.MigrationSecrets() {
		name := variable
		if variable == data.DatabaseURL {
			// The services' own parameter changes when the task has made the role that it names.
			name = data.MigrationDatabaseURL
		}
		secrets[variable] = s.parameter(name)
	}
	var err error
	s.migration, err = compute.NewMigration(s.ctx, compute.MigrationName, &compute.MigrationArgs{
		Service: c.Services[owner], Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		RepositoryURL: s.registry.URLs[owner], RepositoryArn: s.registry.Arns[owner],
		SubnetIDs: s.network.PrivateSubnetIDs, SecurityGroupID: s.network.WorkloadSecurityGroupIDs[compute.MigrationName],
		LogKeyArn: s.keys.LogsArn, Secrets: secrets, SecretsKeyArn: s.keys.DataArn,
	}, s.providers.all())
	return err
}
