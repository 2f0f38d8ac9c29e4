package cost

// pricers hold what each type of resource that costs something costs.
var pricers map[string]func(*estimator, resource)

// An initializer expression would be a cycle: the pricers look each other's types up.
func init() {
	pricers = map[string]func(*estimator, resource){
		"aws:appautoscaling/policy:Policy":         trackingPolicy,
		"aws:athena/workgroup:Workgroup":           workgroup,
		backupPlanType:                             backupPlan,
		vaultType:                                  vault,
		"aws:budgets/budget:Budget":                budget,
		"aws:cloudfront/distribution:Distribution": distribution,
		"aws:cloudfront/function:Function":         edgeFunction,
		"aws:cloudfront/monitoringSubscription:MonitoringSubscription": additionalMetrics,
		"aws:cloudwatch/compositeAlarm:CompositeAlarm":                 compositeAlarm,
		"aws:cloudwatch/dashboard:Dashboard":                           dashboard,
		"aws:cloudwatch/logGroup:LogGroup":                             logGroup,
		"aws:cloudwatch/logMetricFilter:LogMetricFilter":               metricFilter,
		"aws:cloudwatch/metricAlarm:MetricAlarm":                       alarm,
		"aws:cloudwatch/queryDefinition:QueryDefinition":               savedQuery,
		"aws:ec2/eip:Eip":                 address,
		natType:                           natGateway,
		"aws:ec2/vpc:Vpc":                 vpcTraffic,
		endpointType:                      endpoint,
		"aws:ecr/repository:Repository":   repository,
		"aws:ecs/cluster:Cluster":         cluster,
		serviceType:                       service,
		taskType:                          task,
		"aws:guardduty/detector:Detector": threatDetector,
		"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": deliveryStream,
		"aws:kms/key:Key":                                            key,
		"aws:lb/loadBalancer:LoadBalancer":                           balancer,
		"aws:rds/cluster:Cluster":                                    database,
		instanceType:                                                 databaseInstance,
		"aws:route53/healthCheck:HealthCheck":                        healthCheck,
		"aws:route53/zone:Zone":                                      zone,
		"aws:s3/bucketV2:BucketV2":                                   bucket,
		"aws:sns/topicSubscription:TopicSubscription":                subscription,
		"aws:ssm/parameter:Parameter":                                parameter,
		"aws:wafv2/webAcl:WebAcl":                                    webACL,
		atlasClusterType:                                             atlasCluster,
		"mongodbatlas:index/auditing:Auditing":                       atlasAuditing,
		"mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule": atlasBackups,
		"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint": atlasEndpoint,
		"datadog:aws/integrationAccount:IntegrationAccount":          datadogAccount,
		"datadog:index/syntheticsTest:SyntheticsTest":                syntheticTest,
		"sentry:index/sentryProject:SentryProject":                   sentryPlan,
	}
}

// budget costs nothing. Its amount is what the estimate is held to.
func budget(e *estimator, r resource) {
	e.free[r.Type]++
	e.budget += r.number("limitAmount")
}

// freeTypes are the types that cost nothing themselves, each with the reason.
var freeTypes = byType(map[string][]string{
	"part of a resource that is priced itself": {
		"aws:acm/certificateValidation:CertificateValidation",
		"aws:backup/selection:Selection",
		"aws:backup/vaultLockConfiguration:VaultLockConfiguration",
		"aws:backup/vaultNotifications:VaultNotifications",
		"aws:cloudfront/cachePolicy:CachePolicy",
		"aws:cloudfront/originAccessControl:OriginAccessControl",
		"aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
		"aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
		"aws:cloudwatch/logDeliverySource:LogDeliverySource",
		"aws:ecr/lifecyclePolicy:LifecyclePolicy",
		"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
		"aws:kms/alias:Alias",
		"aws:lb/listener:Listener",
		"aws:lb/listenerRule:ListenerRule",
		"aws:lb/targetGroup:TargetGroup",
		"aws:rds/clusterParameterGroup:ClusterParameterGroup",
		"aws:rds/subnetGroup:SubnetGroup",
		"aws:route53/record:Record",
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		"aws:s3/bucketOwnershipControls:BucketOwnershipControls",
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		"aws:wafv2/ipSet:IpSet",
		"mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService",
	},
	"included in the plan of the service": {
		"datadog:index/apiKey:ApiKey",
		"datadog:index/dashboardJson:DashboardJson",
		"datadog:index/monitor:Monitor",
		"datadog:index/serviceLevelObjective:ServiceLevelObjective",
		"mongodbatlas:index/alertConfiguration:AlertConfiguration",
		"mongodbatlas:index/databaseUser:DatabaseUser",
		"mongodbatlas:index/maintenanceWindow:MaintenanceWindow",
		"mongodbatlas:index/projectIpAccessList:ProjectIpAccessList",
		"sentry:index/sentryIssueAlert:SentryIssueAlert",
		"sentry:index/sentryKey:SentryKey",
		"sentry:index/sentryTeam:SentryTeam",
	},
	"IAM and policies cost nothing": {
		"aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
		"aws:iam/openIdConnectProvider:OpenIdConnectProvider",
		"aws:iam/policy:Policy",
		"aws:iam/role:Role",
		"aws:iam/rolePolicy:RolePolicy",
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		"aws:s3/bucketPolicy:BucketPolicy",
		"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		"aws:sns/topicPolicy:TopicPolicy",
	},
	"routing and security groups cost nothing": {
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
		"aws:ec2/internetGateway:InternetGateway",
		"aws:ec2/route:Route",
		"aws:ec2/routeTable:RouteTable",
		"aws:ec2/routeTableAssociation:RouteTableAssociation",
		"aws:ec2/securityGroup:SecurityGroup",
		"aws:ec2/subnet:Subnet",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
	},
	"its log group is priced": {
		"aws:ec2/flowLog:FlowLog",
		"aws:route53/queryLog:QueryLog",
		"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
	},
	"scaling is free; what runs is priced with the service": {
		"aws:appautoscaling/scheduledAction:ScheduledAction",
		"aws:appautoscaling/target:Target",
	},
	"events of AWS's own services are free": {
		"aws:cloudwatch/eventRule:EventRule",
		"aws:cloudwatch/eventTarget:EventTarget",
	},
	"cost anomaly detection is free": {
		"aws:costexplorer/anomalyMonitor:AnomalyMonitor",
		"aws:costexplorer/anomalySubscription:AnomalySubscription",
	},
	"the first million objects of the catalog are free": {
		"aws:glue/catalogDatabase:CatalogDatabase",
		"aws:glue/catalogTable:CatalogTable",
	},
	"DNSSEC is free; its key is priced with KMS": {
		"aws:route53/hostedZoneDnsSec:HostedZoneDnsSec",
		"aws:route53/keySigningKey:KeySigningKey",
	},
	"generated in the state, in no cloud": {
		"random:index/randomId:RandomId",
		"random:index/randomPassword:RandomPassword",
	},
	"public certificates for AWS's own services are free":                               {"aws:acm/certificate:Certificate"},
	"a query costs when it runs, with its workgroup":                                    {"aws:athena/namedQuery:NamedQuery"},
	"budgets without actions are free":                                                  {"aws:budgets/budget:Budget"},
	"free; the topics are priced with their subscriptions":                              {"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"},
	"an account's first copy of management events is free; its bucket is priced":        {"aws:cloudtrail/trail:Trail"},
	"CloudFront's access logs reach S3 for nothing; the bucket is priced":               {"aws:cloudwatch/logDelivery:LogDelivery"},
	"the delivery stream behind it is priced":                                           {"aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"},
	"a few kilobytes, within the bucket's storage":                                      {"aws:s3/bucketObjectv2:BucketObjectv2"},
	"S3 delivers its access logs for nothing; the bucket that takes them is priced":     {"aws:s3/bucketLoggingV2:BucketLoggingV2"},
	"older versions are within the bucket's storage":                                    {"aws:s3/bucketVersioningV2:BucketVersioningV2"},
	"Service Connect's use of Cloud Map is free":                                        {"aws:servicediscovery/httpNamespace:HttpNamespace"},
	"the first million messages are free; deliveries are priced with the subscriptions": {"aws:sns/topic:Topic"},
})

// byType turns a list of types for each reason into the reason of each type.
func byType(reasons map[string][]string) map[string]string {
	all := map[string]string{}
	for reason, types := range reasons {
		for _, typ := range types {
			all[typ] = reason
		}
	}
	return all
}
