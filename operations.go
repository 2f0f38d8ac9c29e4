package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/observability"
)

func (s *system) makeNotifications() (err error) {
	c := s.config
	args := &observability.NotificationsArgs{
		Config: c.Notifications, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID, Disposable: c.Disposable,
		KeyArn: s.keys.NotificationsArn, Global: s.providers.usEast1, GuardFindings: c.Guards.Findings(),
	}
	if c.Notifications.PagerDuty {
		args.PagerDutyURL = c.Secrets.PagerDutyURL
	}
	s.notifications, err = observability.NewNotifications(s.ctx, "notifications", args, s.providers.all())
	return err
}

func (s *system) makeSentry() (err error) {
	c := s.config
	if !c.Sentry.Enabled {
		return nil
	}
	s.sentry, err = observability.NewSentry(s.ctx, "sentry", &observability.SentryArgs{
		Config: c.Sentry, Environment: c.Environment, Services: c.Services.Names(), Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}

func (s *system) makeDatadogKey() (err error) {
	if !s.config.Datadog.Enabled {
		return nil
	}
	s.datadogKey, err = observability.NewDatadogKey(s.ctx, "datadog-key", &observability.DatadogKeyArgs{
		Environment: s.config.Environment,
	}, s.providers.all())
	return err
}

func (s *system) makeDatadog() (err error) {
	c := s.config
	if !c.Datadog.Enabled {
		return nil
	}
	args := &observability.DatadogArgs{
		Config: c.Datadog, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		Services: map[string]observability.DatadogTarget{},
		SiteURL:  c.siteURL(), RunbookBase: string(c.Observability.RunbookBase),
		APIKey:       s.datadogKey.Key,
		LogGroups:    map[string]pulumi.StringInput{"vpc": s.network.FlowLogGroupName, "database": s.aurora.LogGroupName},
		LogBucketArn: s.buckets.LogsArn,
	}
	for name, service := range s.services {
		args.Services[name] = observability.DatadogTarget{Tag: compute.DatadogService(name), Running: service.Deployed}
		args.LogGroups[name] = service.LogGroupName
	}
	s.datadog, err = observability.NewDatadog(s.ctx, "datadog", args, s.providers.all())
	return err
}

func (s *system) makeObservability() (err error) {
	c := s.config
	args := &observability.Args{
		Config: c.Observability, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		Disposable: c.Disposable, Teardown: c.Teardown,
		Global: s.providers.usEast1, TopicArn: s.notifications.TopicArn, GlobalTopicArn: s.notifications.GlobalTopicArn,
		ClusterName: s.cluster.Name, Services: s.watchedServices(),
		LoadBalancerArnSuffix: s.loadBalancer.ArnSuffix, CertificateArn: s.certificates.LoadBalancerArn,
		Database: observability.Database{
			ClusterIdentifier: s.aurora.ClusterIdentifier, MinACU: c.Aurora.MinACU, MaxACU: c.Aurora.MaxACU, Reader: len(c.Aurora.Instances) > 1,
		},
		Edge: observability.Edge{
			DistributionID: s.distribution.ID, WebACLMetricName: pulumi.String(s.firewall.MetricName), HealthCheckID: s.records.HealthCheckID,
			CertificateArn: s.certificates.CloudFrontArn, WebACLLogGroupName: s.firewall.LogGroupName,
		},
		NatGatewayIDs: s.network.NatGatewayIDs, FlowLogGroupName: s.network.FlowLogGroupName,
		Logs: observability.Logs{
			BucketName: s.buckets.LogsName, LoadBalancerPrefix: data.LoadBalancerLogs,
			DistributionPrefix: edge.AccessLogPrefix, DistributionFields: edge.AccessLogFields,
		},
		BackupVaultName: s.backups.VaultName,
	}
	if s.datadog != nil && c.Datadog.Logs {
		args.LogStreamName = s.datadog.LogStreamName
	}
	s.observability, err = observability.NewObservability(s.ctx, "observability", args, s.providers.all())
	return err
}

// watchedServices are the services that run, and the canaries beside them. A canary writes into its service's log group.
func (s *system) watchedServices() map[string]observability.Service {
	watched := map[string]observability.Service{}
	for name, service := range s.services {
		if !service.Deployed {
			continue
		}
		one := observability.Service{
			Name: pulumi.String(service.Name), LogGroupName: service.LogGroupName, MinTasks: s.config.Services[name].Scaling.Min,
		}
		if len(s.config.Services[name].Paths) > 0 {
			one.TargetGroupArnSuffix = service.TargetGroupArnSuffix
		}
		watched[name] = one
	}
	return watched
}

func (s *system) makeBudget() error {
	c := s.config
	_, err := observability.NewBudget(s.ctx, "budget", &observability.BudgetArgs{
		Config: c.Budget, Environment: c.Environment, GlobalTopicArn: s.notifications.GlobalTopicArn,
	}, s.providers.all())
	return err
}

func (s *system) makeGuards() error {
	c := s.config
	_, err := observability.NewGuards(s.ctx, "guards", &observability.GuardsArgs{
		Config: c.Guards, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		Disposable: c.Disposable, Teardown: c.Teardown, Global: s.providers.usEast1,
		TopicArn: s.notifications.TopicArn, GlobalTopicArn: s.notifications.GlobalTopicArn,
	}, s.providers.all())
	return err
}
