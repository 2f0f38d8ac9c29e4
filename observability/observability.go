// Package observability makes what shows people how the stack does: topics and their subscribers,
// CloudWatch alarms, dashboard, metric filters and saved queries, Athena tables over the logs in
// S3, Datadog's monitors, objectives, tests and log delivery, Sentry's projects, the budget and the
// account's guards.
//
// Alarms, monitors and objectives are tables of plain Go data. Each alarm says what is wrong, what
// to do first and which section of the runbook to read. Sentry projects and the trail's bucket are
// protected unless the stack is disposable or being torn down. The package refuses notifications
// without a subscriber, thresholds that can never be reached and an empty mode.
//
// What CloudFront, its web ACL and certificate, and Route53's health checks report exists in
// us-east-1 alone; components that watch it take that provider as an explicit argument.
package observability

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Type is part of every child's URN; changing it replaces the alarms.
const Type = "bookmark-manager:observability:Observability"

// Service is a service that runs. One without an image has nothing to watch and is left out.
type Service struct {
	// Name of the ECS service. Required.
	Name pulumi.StringInput
	// TargetGroupArnSuffix as CloudWatch has it. Nil for a service that the load balancer does not
	// reach.
	TargetGroupArnSuffix pulumi.StringInput
	// LogGroupName holds the containers' lines. Nil for a canary, which writes into its service's
	// group.
	LogGroupName pulumi.StringInput
	// MinTasks is what always runs, of a service that sleeps while it is awake; 0 where nothing
	// needs to.
	MinTasks int
	// Sleeps says that the schedule leaves it no task outside of the stack's Hours.
	Sleeps bool
	// UnhealthySeconds is how long it takes the load balancer to find a target unhealthy that does
	// not answer. Required with a target group.
	UnhealthySeconds int
}

// Queue is a service's queue of messages.
type Queue struct {
	// Name and DeadName of the queue and of its dead-letter queue. Required.
	Name, DeadName pulumi.StringInput
	// OldestSeconds is how long the oldest message may wait. Required.
	OldestSeconds float64
}

// Database is the Aurora cluster.
type Database struct {
	// ClusterIdentifier of the cluster. Required.
	ClusterIdentifier pulumi.StringInput
	// MinACU and MaxACU are its capacity range. Required.
	MinACU, MaxACU float64
	// Reader says that there is a second instance.
	Reader bool
}

// Edge is what stands before the load balancer.
type Edge struct {
	DistributionID pulumi.StringInput // required, as are the others
	// WebACLMetricName is the name that its visibility configuration gives its metrics.
	WebACLMetricName pulumi.StringInput
	HealthCheckID    pulumi.StringInput
	// CertificateArn is the distribution's, in us-east-1.
	CertificateArn pulumi.StringInput
	// WebACLLogGroupName is in us-east-1.
	WebACLLogGroupName pulumi.StringInput
	// SignedZoneID is the hosted zone, if it is signed. Nil without DNSSEC.
	SignedZoneID pulumi.StringInput
	// Closed says that the site is closed by hand: CloudFront answers with 503 by intention.
	Closed bool
	// ExtraMetrics says that CloudFront sends its additional metrics, which the dashboard then
	// shows.
	ExtraMetrics bool
}

// Backups is what AWS Backup, and the dump's task, should do from day to day.
type Backups struct {
	// VaultName is the vault of the recovery points. Nil without one.
	VaultName pulumi.StringInput
	// CopyVaultName is the vault of their copies, in another region. Nil without one.
	CopyVaultName pulumi.StringInput
	// DumpLogGroupName is where the task writes that dumps the database. Nil without one.
	DumpLogGroupName pulumi.StringInput
}

// Logs is where the logs in S3 are.
type Logs struct {
	BucketName pulumi.StringInput // required, as are the others
	// LoadBalancerPrefix is the folder of the load balancer's access logs.
	LoadBalancerPrefix string
	// DistributionPrefix is the folder of CloudFront's access logs, with a folder for each
	// distribution below it.
	DistributionPrefix string
	// DistributionFields are the columns of CloudFront's access logs, in order, as CloudFront names
	// them.
	DistributionFields []string
}

// ObservabilityArgs adds the wiring.
type ObservabilityArgs struct {
	Config Config
	identity.Stack
	// UsEast1 is the AWS provider of us-east-1. Required.
	UsEast1 pulumi.ProviderResource
	// TopicArn and UsEast1TopicArn are the topics for alarms, in the region and in us-east-1.
	// Required.
	TopicArn, UsEast1TopicArn pulumi.StringInput

	// ClusterName is the ECS cluster. Required.
	ClusterName pulumi.StringInput
	// Services are those that run, by name. None before the first image.
	Services map[string]Service
	// Queues are those of services, by the service's name. Default none.
	Queues map[string]Queue
	// Hours are when the site is awake. Nil for one that always is; required when a service sleeps.
	Hours *Hours
	// Prober is the service that answers the site's health check, by name; one that does not run
	// counts as none. Optional.
	Prober string
	// LoadBalancerArnSuffix as CloudWatch has it. Required.
	LoadBalancerArnSuffix pulumi.StringInput
	// CertificateArn is the load balancer's, in the region. Required.
	CertificateArn pulumi.StringInput
	// Database is required.
	Database Database
	// Edge is required.
	Edge Edge
	// NatGatewayIDs are by zone; empty without NAT.
	NatGatewayIDs map[string]pulumi.StringOutput
	// FlowLogGroupName holds the VPC's flow logs. Required.
	FlowLogGroupName pulumi.StringInput
	// Logs is required.
	Logs Logs
	// Backups is what should be there from day to day. The zero value: nothing.
	Backups Backups
	// LogStreamName is the delivery stream to Datadog. Nil without one.
	LogStreamName pulumi.StringInput
	// Scheduled is what schedules start. The zero value: nothing.
	Scheduled Scheduled
}

func (a *ObservabilityArgs) check() error {
	if err := a.Check(); err != nil {
		return err
	}
	if a.UsEast1 == nil {
		return errors.New("UsEast1 is required")
	}
	required := map[string]pulumi.StringInput{
		"TopicArn":                   a.TopicArn,
		"UsEast1TopicArn":            a.UsEast1TopicArn,
		"ClusterName":                a.ClusterName,
		"LoadBalancerArnSuffix":      a.LoadBalancerArnSuffix,
		"CertificateArn":             a.CertificateArn,
		"Database.ClusterIdentifier": a.Database.ClusterIdentifier,
		"Edge.DistributionID":        a.Edge.DistributionID,
		"Edge.WebACLMetricName":      a.Edge.WebACLMetricName,
		"Edge.HealthCheckID":         a.Edge.HealthCheckID,
		"Edge.CertificateArn":        a.Edge.CertificateArn,
		"Edge.WebACLLogGroupName":    a.Edge.WebACLLogGroupName,
		"FlowLogGroupName":           a.FlowLogGroupName,
		"Logs.BucketName":            a.Logs.BucketName,
	}
	for name, service := range a.Services {
		required["Services."+name+".Name"] = service.Name
	}
	for name, queue := range a.Queues {
		required["Queues."+name+".Name"], required["Queues."+name+".DeadName"] = queue.Name, queue.DeadName
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		if required[name] == nil {
			return fmt.Errorf("%s is required", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Services)) {
		if a.Services[name].Sleeps && a.Hours == nil {
			return fmt.Errorf("Services.%s sleeps: Hours are required", name)
		}
		if a.Services[name].TargetGroupArnSuffix != nil && a.Services[name].UnhealthySeconds <= 0 {
			return fmt.Errorf("Services.%s has a target group: UnhealthySeconds are required", name)
		}
	}
	if a.Logs.LoadBalancerPrefix == "" || a.Logs.DistributionPrefix == "" || len(a.Logs.DistributionFields) == 0 {
		return errors.New("Logs.LoadBalancerPrefix, DistributionPrefix and DistributionFields are required")
	}
	if a.Database.MinACU < 0 || a.Database.MaxACU < 1 || a.Database.MaxACU < a.Database.MinACU {
		return fmt.Errorf("the database has %g to %g ACU, want a range with a maximum of 1 or more", a.Database.MinACU,
			a.Database.MaxACU)
	}
	return errors.Join(a.Config.Validate().Err(), a.Hours.check())
}

// targets are the resources behind the alarms' dimensions.
func (a *ObservabilityArgs) targets() targets {
	all := targets{
		cluster:                              a.ClusterName,
		loadBalancer:                         a.LoadBalancerArnSuffix,
		database:                             a.Database.ClusterIdentifier,
		webACL:                               a.Edge.WebACLMetricName,
		distribution:                         a.Edge.DistributionID,
		healthCheck:                          a.Edge.HealthCheckID,
		certificate(loadBalancerCertificate): a.CertificateArn,
		certificate(cloudFrontCertificate):   a.Edge.CertificateArn,
	}
	for name, service := range a.Services {
		all[serviceTarget(name)] = service.Name
		if service.TargetGroupArnSuffix != nil {
			all[targetGroup(name)] = service.TargetGroupArnSuffix
		}
		if service.LogGroupName != nil {
			all[logGroup(name)] = service.LogGroupName
		}
	}
	for name, one := range a.Queues {
		all[queue(name)], all[deadLetters(name)] = one.Name, one.DeadName
	}
	for zone, id := range a.NatGatewayIDs {
		all[natGateway(zone)] = id
	}
	if a.Edge.SignedZoneID != nil {
		all[signedZone] = a.Edge.SignedZoneID
	}
	if a.Backups.VaultName != nil {
		all[backupVault] = a.Backups.VaultName
	}
	if a.Backups.CopyVaultName != nil {
		all[copyVault] = a.Backups.CopyVaultName
	}
	if a.LogStreamName != nil {
		all[logStream] = a.LogStreamName
	}
	if a.Scheduled.GroupName != nil {
		all[scheduleGroup] = a.Scheduled.GroupName
	}
	return all
}

func (a *ObservabilityArgs) watched() watched {
	w := watched{
		services:     map[string]watchedService{},
		queues:       map[string]float64{},
		natZones:     slices.Sorted(maps.Keys(a.NatGatewayIDs)),
		minACU:       a.Database.MinACU,
		maxACU:       a.Database.MaxACU,
		reader:       a.Database.Reader,
		signed:       a.Edge.SignedZoneID != nil,
		backups:      a.Backups.VaultName != nil,
		copies:       a.Backups.CopyVaultName != nil,
		dumps:        a.Backups.DumpLogGroupName != nil,
		logStream:    a.LogStreamName != nil,
		scheduled:    a.Scheduled.GroupName != nil,
		logMetrics:   a.metricNamespace(),
		hours:        a.Hours,
		extraMetrics: a.Edge.ExtraMetrics,
		closed:       a.Edge.Closed,
	}
	if a.Services[a.Prober].TargetGroupArnSuffix != nil {
		w.prober = a.Prober
	}
	for name, one := range a.Queues {
		w.queues[name] = one.OldestSeconds
	}
	for name, service := range a.Services {
		w.services[name] = watchedService{
			minTasks: service.MinTasks,
			sleeps:   service.Sleeps,
			targets:  service.TargetGroupArnSuffix != nil,
			logs:     service.LogGroupName != nil,
			noticed:  service.UnhealthySeconds,
		}
	}
	return w
}

// metricNamespace holds the metrics that filters make of log lines.
func (a *ObservabilityArgs) metricNamespace() string {
	return names.Project + "/" + string(a.Environment)
}

// Observability is what watches the stack in CloudWatch, and what its logs in S3 are queried with.
type Observability struct {
	pulumi.ResourceState

	// DashboardName is the dashboard in the region.
	DashboardName pulumi.StringOutput
	// WorkgroupName is the Athena workgroup with the saved queries.
	WorkgroupName pulumi.StringOutput
	// AlarmNames are the alarms, by the end of their names.
	AlarmNames map[string]pulumi.StringOutput
}

// NewObservability registers nothing when args are invalid.
func NewObservability(
	ctx *pulumi.Context, name string, args *ObservabilityArgs, opts ...pulumi.ResourceOption,
) (*Observability, error) {
	if args == nil {
		return nil, fmt.Errorf("observability %q: args are required", name)
	}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("observability %q: %w", name, err)
	}
	filled := *args
	filled.Config = settings.WithDefaults(args.Config)
	o := &Observability{AlarmNames: map[string]pulumi.StringOutput{}}
	base, err := component.Register(ctx, "observability", Type, name, o, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Component: base, args: &filled, component: o}
	for _, build := range []func() error{b.metricFilters, b.alarms, b.compositeAlarms, b.events, b.dashboard,
		b.savedQueries, b.athena} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	return o, b.Outputs(pulumi.Map{"dashboardName": o.DashboardName, "workgroupName": o.WorkgroupName})
}

// builder carries what the steps share.
type builder struct {
	component.Component
	args      *ObservabilityArgs
	component *Observability

	table        []alarm
	metricAlarms map[string]*cloudwatch.MetricAlarm // by key
}

// options place a child in the region, or in us-east-1.
func (b *builder) options(global bool) []pulumi.ResourceOption {
	if global {
		return []pulumi.ResourceOption{b.Parent(), pulumi.Provider(b.args.UsEast1)}
	}
	return []pulumi.ResourceOption{b.Parent()}
}

// topic is the topic of alarms where they are.
func (b *builder) topic(global bool) pulumi.StringInput {
	if global {
		return b.args.UsEast1TopicArn
	}
	return b.args.TopicArn
}

func (b *builder) alarms() error {
	all := b.args.targets()
	b.metricAlarms = map[string]*cloudwatch.MetricAlarm{}
	var err error
	if b.table, err = alarms(b.args.watched(), b.args.Config.Thresholds); err != nil {
		return b.Wrap("plan", "alarms", err)
	}
	for _, one := range b.table {
		name := b.args.Environment.Name(one.key)
		if err := names.Check(names.Alarm, name); err != nil {
			return b.Wrap("name", "alarm "+one.key, err)
		}
		args, err := one.args(all, name, string(b.args.Config.RunbookBase), b.topic(one.global))
		if err != nil {
			return b.Wrap("describe", "alarm "+one.key, err)
		}
		made, err := cloudwatch.NewMetricAlarm(b.Ctx, b.Child(one.key), args, b.options(one.global)...)
		if err != nil {
			return b.Wrap("create", "alarm "+one.key, err)
		}
		b.metricAlarms[one.key], b.component.AlarmNames[one.key] = made, made.Name
	}
	return nil
}
