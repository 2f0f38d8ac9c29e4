package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/edge"
	"github.com/bookmark-manager/infrastructure/internal/stackconfig"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

func makeNotifications(st *stack, keys *data.Keys) (*observability.Notifications, error) {
	c := st.config
	args := &observability.NotificationsArgs{
		Stack:   c.Identity,
		Config:  c.Notifications,
		KeyArn:  keys.NotificationsArn,
		UsEast1: st.providers.usEast1,
	}
	if c.Notifications.PagerDuty {
		args.PagerDutyURL = c.Secrets.PagerDutyURL
	}
	return observability.NewNotifications(st.ctx, "notifications", args, st.providers.all())
}

// makeSentry is nil when Sentry is off.
func makeSentry(st *stack) (*observability.Sentry, error) {
	if !st.config.Sentry.Enabled {
		return nil, nil
	}
	return observability.NewSentry(st.ctx, "sentry", &observability.SentryArgs{
		Stack: st.config.Identity, Config: st.config.Sentry, Services: st.config.Services.Names(),
	}, st.providers.all())
}

// makeDatadogKey is nil when Datadog is off.
func makeDatadogKey(st *stack) (*observability.DatadogKey, error) {
	if !st.config.Datadog.Enabled {
		return nil, nil
	}
	return observability.NewDatadogKey(st.ctx, "datadog-key", &observability.DatadogKeyArgs{
		Stack: st.config.Identity, Site: st.config.Datadog.Site,
	}, st.providers.all())
}

// makeDatadog is nil when Datadog is off.
func makeDatadog(
	st *stack, key *observability.DatadogKey, on grounds, db databases, services map[string]*compute.Service,
) (*observability.Datadog, error) {
	c := st.config
	if !c.Datadog.Enabled {
		return nil, nil
	}
	args := &observability.DatadogArgs{
		Stack:        c.Identity,
		Config:       c.Datadog,
		Services:     map[string]observability.DatadogTarget{},
		SiteURL:      c.SiteURL(),
		RunbookBase:  string(c.Observability.RunbookBase),
		ExtraMetrics: c.Edge.Distribution.ExtraMetrics,
		APIKey:       key.Key,
		LogGroups:    map[string]pulumi.StringInput{},
		LogBucketArn: on.buckets.LogsArn,
	}
	for source, group := range map[observability.DatadogLogSource]pulumi.StringInput{
		observability.LogsOfVPC: on.network.FlowLogGroupName, observability.LogsOfDatabase: db.aurora.LogGroupName,
	} {
		if c.Datadog.Sends(source) {
			args.LogGroups[string(source)] = group
		}
	}
	args.Hours = hours(st)
	for name, service := range services {
		_, sleeps := c.Services[name].Scaling.LeastAwake()
		args.Services[name] = observability.DatadogTarget{
			Tag: compute.DatadogService(name), Running: service.Deployed, Sleeps: sleeps,
		}
		if c.Datadog.Sends(observability.LogsOfServices) {
			args.LogGroups[name] = service.LogGroupName
		}
	}
	return observability.NewDatadog(st.ctx, "datadog", args, st.providers.all())
}

// watched is what CloudWatch watches.
type watched struct {
	notifications *observability.Notifications
	network       *network.Network
	buckets       *data.Buckets
	certificates  *edge.Certificates
	aurora        *data.AuroraCluster
	backups       *data.Backups
	dump          *compute.Dump // nil without one
	cluster       *compute.Cluster
	loadBalancer  *compute.LoadBalancer
	services      map[string]*compute.Service
	queues        *compute.Queues // nil when no service has one
	zone          *edge.Zone
	front         *front
	datadog       *observability.Datadog // nil when Datadog is off
}

func makeObservability(st *stack, w watched) (*observability.Observability, error) {
	c := st.config
	args := &observability.ObservabilityArgs{
		Stack:                 c.Identity,
		Config:                c.Observability,
		UsEast1:               st.providers.usEast1,
		TopicArn:              w.notifications.TopicArn,
		UsEast1TopicArn:       w.notifications.UsEast1TopicArn,
		ClusterName:           w.cluster.Name,
		Services:              runningServices(st, w.services),
		Queues:                queuesOf(st, w.queues),
		Hours:                 hours(st),
		Prober:                prober(c),
		LoadBalancerArnSuffix: w.loadBalancer.ArnSuffix,
		CertificateArn:        w.certificates.LoadBalancerArn,
		Database: observability.Database{
			ClusterIdentifier: w.aurora.ClusterIdentifier,
			MinACU:            c.Aurora.MinACU,
			MaxACU:            c.Aurora.MaxACU,
			Reader:            len(c.Aurora.Instances) > 1,
		},
		Edge: observability.Edge{
			DistributionID:     w.front.distributionID,
			HealthCheckID:      w.front.healthCheckID,
			WebACLMetricName:   pulumi.String(w.front.webACLMetricName),
			CertificateArn:     w.certificates.CloudFrontArn,
			WebACLLogGroupName: w.front.webACLLogGroupName,
			ExtraMetrics:       c.Edge.Distribution.ExtraMetrics,
			Closed:             c.Edge.Distribution.Maintenance.Closed,
		},
		NatGatewayIDs:    w.network.NatGatewayIDs,
		FlowLogGroupName: w.network.FlowLogGroupName,
		Logs: observability.Logs{
			BucketName:         w.buckets.LogsName,
			LoadBalancerPrefix: data.LoadBalancerLogs,
			DistributionPrefix: edge.AccessLogPrefix,
			DistributionFields: edge.AccessLogFields,
		},
		Backups: observability.Backups{VaultName: w.backups.VaultName},
	}
	if w.dump != nil && w.dump.Deployed {
		args.Backups.DumpLogGroupName = w.dump.LogGroupName
	}
	if c.Backups.Copy != nil {
		args.Backups.CopyVaultName = w.backups.CopyVaultName
	}
	if c.Edge.HostedZone().DNSSEC {
		args.Edge.SignedZoneID = w.zone.ZoneID
	}
	args.Scheduled = scheduled(st, w)
	if w.datadog != nil && c.Datadog.Logs {
		args.LogStreamName = w.datadog.LogStreamName
	}
	return observability.NewObservability(st.ctx, "observability", args, st.providers.all())
}

// scheduled is what schedules start, of the services and of the dump that have an image.
func scheduled(st *stack, w watched) observability.Scheduled {
	all := observability.Scheduled{GroupName: w.cluster.ScheduleGroup}
	for _, name := range st.config.Services.Scheduled() {
		if w.services[name].Deployed {
			all.Workloads = append(all.Workloads, name)
		}
	}
	if w.dump != nil && w.dump.Deployed {
		all.Workloads = append(all.Workloads, compute.DumpName)
	}
	return all
}

// prober is the service whose targets the load balancer asks for the same path as Route 53 asks the
// site for, so that what one of them finds the other finds too. Empty when there is none: an outage
// of the targets is then not known to be one of the site.
func prober(c *stackconfig.Config) string {
	path := c.Edge.Records.HealthCheck.Path
	service := c.Services.Answering(path)
	if c.Services[service].Health.Path != path {
		return ""
	}
	return service
}

// runningServices are the services that have tasks, and the canaries beside them. A canary writes
// into its service's log group.
func runningServices(st *stack, services map[string]*compute.Service) map[string]observability.Service {
	running := map[string]observability.Service{}
	for name, service := range services {
		if !service.Deployed {
			continue
		}
		one := observability.Service{Name: pulumi.String(service.Name), LogGroupName: service.LogGroupName}
		one.MinTasks, one.Sleeps = st.config.Services[name].Scaling.LeastAwake()
		if len(st.config.Services[name].Paths) > 0 {
			one.TargetGroupArnSuffix = service.TargetGroupArnSuffix
			one.UnhealthySeconds = st.config.Services[name].Health.UnhealthySeconds()
		}
		running[name] = one
	}
	return running
}

// queuesOf are the queues of services, whether or not these run yet: messages wait either way.
func queuesOf(st *stack, made *compute.Queues) map[string]observability.Queue {
	all := map[string]observability.Queue{}
	if made == nil {
		return all
	}
	for name, queue := range made.Of {
		all[name] = observability.Queue{
			Name:          queue.Name,
			DeadName:      queue.DeadName,
			OldestSeconds: float64(st.config.Services[name].Queue.OldestSeconds),
		}
	}
	return all
}

// hours are when the site is awake; nil for one that always is.
func hours(st *stack) *observability.Hours {
	for _, service := range st.config.Services {
		if _, sleeps := service.Scaling.LeastAwake(); sleeps {
			schedule := st.config.Compute.Schedule
			return &observability.Hours{
				Timezone: schedule.Timezone,
				From:     schedule.Raise,
				To:       schedule.Lower,
				Holidays: schedule.Holidays,
			}
		}
	}
	return nil
}

func makeBudget(st *stack, notifications *observability.Notifications) error {
	_, err := observability.NewBudget(st.ctx, "budget", &observability.BudgetArgs{
		Stack: st.config.Identity, Config: st.config.Budget, UsEast1TopicArn: notifications.UsEast1TopicArn,
	}, st.providers.all())
	return err
}

func makeGuards(st *stack, notifications *observability.Notifications) error {
	_, err := observability.NewGuards(st.ctx, "guards", &observability.GuardsArgs{
		Stack:           st.config.Identity,
		Config:          st.config.Guards,
		UsEast1:         st.providers.usEast1,
		TopicArn:        notifications.TopicArn,
		UsEast1TopicArn: notifications.UsEast1TopicArn,
		RunbookBase:     string(st.config.Observability.RunbookBase),
	}, st.providers.all())
	return err
}
