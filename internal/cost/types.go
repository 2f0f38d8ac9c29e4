package cost

import "github.com/bookmark-manager/infrastructure/internal/catalog"

// pricers are what a resource of each type costs that the catalogue has as priced.
var pricers map[string]func(*estimator, resource)

// An initializer expression would be a cycle: the pricers look each other's types up.
func init() {
	pricers = map[string]func(*estimator, resource){
		catalog.AtlasAuditing:          atlasAuditing,
		catalog.AtlasBackupSchedule:    atlasBackups,
		catalog.AtlasCluster:           atlasCluster,
		catalog.AtlasPrivateLink:       atlasEndpoint,
		catalog.BackupPlan:             backupPlan,
		catalog.RestorePlan:            restorePlan,
		catalog.BackupVault:            vault,
		catalog.Bucket:                 bucket,
		catalog.CompositeAlarm:         compositeAlarm,
		catalog.Dashboard:              dashboard,
		catalog.DatadogAccount:         datadogAccount,
		catalog.SubscriptionFilter:     logSubscription,
		catalog.Detector:               threatDetector,
		catalog.Distribution:           distribution,
		catalog.ECSCluster:             cluster,
		catalog.ECSService:             service,
		catalog.EIP:                    address,
		catalog.EdgeFunction:           edgeFunction,
		catalog.HealthCheck:            healthCheck,
		catalog.Key:                    key,
		catalog.LoadBalancer:           balancer,
		catalog.LogGroup:               logGroup,
		catalog.MetricAlarm:            alarm,
		catalog.MetricFilter:           metricFilter,
		catalog.MonitoringSubscription: additionalMetrics,
		catalog.NATGateway:             natGateway,
		catalog.Parameter:              parameter,
		catalog.QueryDefinition:        savedQuery,
		catalog.Queue:                  queue,
		catalog.RDSCluster:             database,
		catalog.RDSClusterInstance:     databaseInstance,
		catalog.Repository:             repository,
		catalog.ScalingPolicy:          trackingPolicy,
		catalog.Schedule:               scheduledTask,
		catalog.SentryProject:          sentryPlan,
		catalog.SyntheticsTest:         syntheticTest,
		catalog.TaskDefinition:         task,
		catalog.TopicSubscription:      subscription,
		catalog.VPC:                    vpcTraffic,
		catalog.VPCEndpoint:            endpoint,
		catalog.WebACL:                 webACL,
		catalog.Workgroup:              workgroup,
		catalog.Zone:                   zone,
	}
}
