package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// setting is one input of one resource: the resource as "<type> <name>", the property path below
// it, and the value that production must have.
type setting struct {
	resource, path string
	want           any
}

// production is what the original design asks of the production stack, system by system. The
// packages' own tests say how each component behaves; this table holds the committed stack file to
// the design.
var production = map[string][]setting{
	"zone": {{"aws:route53/zone:Zone zone-zone", "name", "example.com"}},
	"records": {
		{"aws:route53/record:Record records-www-a", "name", "www.example.com"},
		{"aws:route53/record:Record records-www-a", "type", "A"},
		{"aws:route53/record:Record records-www-aaaa", "type", "AAAA"},
		{"aws:route53/record:Record records-apex-a", "name", "example.com"},
	},
	"health check": {
		{"aws:route53/healthCheck:HealthCheck records-site", "type", "HTTPS"},
		{"aws:route53/healthCheck:HealthCheck records-site", "fqdn", "www.example.com"},
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-site-health", "metricName", "HealthCheckStatus"},
	},
	"failover of the origin": {
		{"aws:route53/record:Record records-origin-primary", "name", "origin.example.com"},
		{"aws:route53/record:Record records-origin-primary", "failoverRoutingPolicies[0].type", "PRIMARY"},
		{"aws:route53/record:Record records-origin-primary", "aliases[0].evaluateTargetHealth", true},
	},
	"maintenance page": {
		{"aws:s3/bucketObjectv2:BucketObjectv2 maintenance-page", "key", "maintenance/index.html"},
		{distribution, "customErrorResponses[4].errorCode", 502.0},
		{distribution, "customErrorResponses[4].responsePagePath", "/maintenance/index.html"},
		{distribution, "customErrorResponses[4].responseCode", 502.0},
		{distribution, "customErrorResponses[5].errorCode", 503.0}, // no target is registered: the commonest outage
		{distribution, "customErrorResponses[5].responseCode", 503.0},
		{distribution, "customErrorResponses[5].responsePagePath", "/maintenance/index.html"},
		{distribution, "customErrorResponses[5].errorCachingMinTtl", 5.0},
		{distribution, "customErrorResponses[6].errorCode", 504.0},
		{distribution, "customErrorResponses[6].responsePagePath", "/maintenance/index.html"},
	},
	"CloudFront": {
		{distribution, "origins[0].domainName", "origin.example.com"},
		{distribution, "origins[0].customOriginConfig.originProtocolPolicy", "https-only"},
		{distribution, "origins[1].originAccessControlId", "distribution-assets-id"},
		{distribution, "aliases", []any{"www.example.com", "example.com"}},
		{distribution, "viewerCertificate.minimumProtocolVersion", "TLSv1.2_2021"},
		{distribution, "httpVersion", "http2and3"},
		{distribution, "defaultCacheBehavior.cachePolicyId", managedCachingDisabled},
		{distribution, "orderedCacheBehaviors[1].pathPattern", "/_next/static/*"},
		{distribution, "orderedCacheBehaviors[1].targetOriginId", "assets"},
		{distribution, "orderedCacheBehaviors[1].cachePolicyId", "distribution-immutable-id"},
		{distribution, "orderedCacheBehaviors[2].pathPattern", "/assets/*"},
		{distribution, "orderedCacheBehaviors[2].targetOriginId", "assets"},
		{distribution, "orderedCacheBehaviors[3].pathPattern", "/api/*"},
		{distribution, "orderedCacheBehaviors[3].cachePolicyId", managedCachingDisabled},
		{distribution, "orderedCacheBehaviors[4].pathPattern", "/_next/image"},
		{distribution, "orderedCacheBehaviors[4].cachePolicyId", "distribution-images-id"},
		{distribution, "webAclId", "arn:aws:test:ap-northeast-1:111122223333:web-acl-acl"},
	},
	"WAF": {
		{webACL, "scope", "CLOUDFRONT"},
		{"aws:wafv2/ipSet:IpSet web-acl-allow-ipv4", "ipAddressVersion", "IPV4"},
		{"aws:wafv2/ipSet:IpSet web-acl-allow-ipv6", "ipAddressVersion", "IPV6"},
		{"aws:wafv2/ipSet:IpSet web-acl-deny-ipv4", "ipAddressVersion", "IPV4"},
		{"aws:wafv2/ipSet:IpSet web-acl-deny-ipv6", "ipAddressVersion", "IPV6"},
	},
	"VPC": {
		{"aws:ec2/vpc:Vpc network-vpc", "cidrBlock", "10.0.0.0/16"},
		{"aws:ec2/vpc:Vpc network-vpc", "enableDnsSupport", true},
		{"aws:ec2/vpc:Vpc network-vpc", "enableDnsHostnames", true},
		{"aws:ec2/subnet:Subnet network-public-ap-northeast-1a", "cidrBlock", "10.0.1.0/24"},
		{"aws:ec2/subnet:Subnet network-public-ap-northeast-1c", "cidrBlock", "10.0.2.0/24"},
		{"aws:ec2/subnet:Subnet network-private-ap-northeast-1a", "cidrBlock", "10.0.11.0/24"},
		{"aws:ec2/subnet:Subnet network-private-ap-northeast-1c", "cidrBlock", "10.0.12.0/24"},
		{"aws:ec2/internetGateway:InternetGateway network-internet", "vpcId", "network-vpc-id"},
		{"aws:ec2/route:Route network-public-default", "gatewayId", "network-internet-id"},
		{"aws:ec2/route:Route network-private-ap-northeast-1a-default", "natGatewayId",
			"network-nat-ap-northeast-1a-id"},
		{"aws:ec2/route:Route network-private-ap-northeast-1c-default", "natGatewayId",
			"network-nat-ap-northeast-1c-id"},
	},
	"VPC endpoints": {
		{"aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-s3", "vpcEndpointType", "Gateway"},
		{"aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-ecr.api", "vpcEndpointType", "Interface"},
		{"aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-ecr.dkr", "vpcEndpointType", "Interface"},
		{"aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-logs", "vpcEndpointType", "Interface"},
		{"aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-ssm", "vpcEndpointType", "Interface"},
		{"aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-ssmmessages", "vpcEndpointType", "Interface"},
	},
	"flow logs": {
		{"aws:ec2/flowLog:FlowLog network-flow-logs", "logDestinationType", "cloud-watch-logs"},
		{"aws:ec2/flowLog:FlowLog network-flow-logs", "trafficType", "ALL"},
	},
	"load balancer": {
		{loadBalancer, "internal", false},
		{loadBalancer, "enableHttp2", true},
		{loadBalancer, "enableDeletionProtection", true},
		{loadBalancer, "accessLogs.bucket", "buckets-logs-id"},
		{loadBalancer, "accessLogs.enabled", true},
		{"aws:lb/listener:Listener load-balancer-http", "port", 80.0},
		{"aws:lb/listener:Listener load-balancer-http", "defaultActions[0].redirect.statusCode", "HTTP_301"},
		{"aws:lb/listener:Listener load-balancer-http", "defaultActions[0].redirect.port", "443"},
		{"aws:lb/listener:Listener load-balancer-https", "port", 443.0},
		{"aws:lb/listener:Listener load-balancer-https", "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"},
		{"aws:lb/listener:Listener load-balancer-https", "certificateArn",
			"arn:aws:test:ap-northeast-1:111122223333:certificates-load-balancer"},
		{"aws:lb/listenerRule:ListenerRule web-rule", "conditions[0].pathPattern.values", []any{"/*"}},
		{"aws:lb/listenerRule:ListenerRule api-rule", "conditions[0].pathPattern.values", []any{"/api/*"}},
	},
	"cluster": {
		{"aws:ecs/cluster:Cluster cluster", "name", "bookmark-manager-production-cluster"},
		{"aws:ecs/cluster:Cluster cluster", "settings[0].name", "containerInsights"},
		{"aws:ecs/cluster:Cluster cluster", "settings[0].value", "enabled"},
	},
	"Aurora": {
		{"aws:rds/cluster:Cluster aurora-cluster", "engine", "aurora-postgresql"},
		{"aws:rds/cluster:Cluster aurora-cluster", "engineVersion", "17.7"},
		{"aws:rds/cluster:Cluster aurora-cluster", "serverlessv2ScalingConfiguration.minCapacity", 0.5},
		{"aws:rds/cluster:Cluster aurora-cluster", "serverlessv2ScalingConfiguration.maxCapacity", 16.0},
		{"aws:rds/cluster:Cluster aurora-cluster", "backupRetentionPeriod", 7.0},
		{"aws:rds/cluster:Cluster aurora-cluster", "preferredBackupWindow", "18:00-19:00"},
		{"aws:rds/cluster:Cluster aurora-cluster", "storageEncrypted", true},
		{"aws:rds/cluster:Cluster aurora-cluster", "kmsKeyId", "arn:aws:test:ap-northeast-1:111122223333:keys-data"},
		{"aws:rds/cluster:Cluster aurora-cluster", "deletionProtection", true},
		{"aws:rds/cluster:Cluster aurora-cluster", "skipFinalSnapshot", false},
		{"aws:rds/cluster:Cluster aurora-cluster", "finalSnapshotIdentifier",
			"bookmark-manager-production-aurora-final-0a1b2c3d"},
		{"aws:rds/cluster:Cluster aurora-cluster", "allowMajorVersionUpgrade", false},
		{"aws:rds/clusterParameterGroup:ClusterParameterGroup aurora-parameters", "parameters[2].name",
			"rds.force_ssl"},
		{"aws:rds/clusterParameterGroup:ClusterParameterGroup aurora-parameters", "parameters[2].value", "1"},
		{"aws:rds/clusterInstance:ClusterInstance aurora-instance-1", "availabilityZone", "ap-northeast-1a"},
		{"aws:rds/clusterInstance:ClusterInstance aurora-instance-2", "availabilityZone", "ap-northeast-1c"},
		{"aws:rds/clusterInstance:ClusterInstance aurora-instance-1", "instanceClass", "db.serverless"},
		{"aws:rds/clusterInstance:ClusterInstance aurora-instance-1", "autoMinorVersionUpgrade", true},
		{"aws:rds/clusterInstance:ClusterInstance aurora-instance-2", "autoMinorVersionUpgrade", true},
	},
	"MongoDB Atlas": {
		{atlasCluster, "mongoDbMajorVersion", "8.0"},
		{atlasCluster, "clusterType", "REPLICASET"},
		{atlasCluster, "replicationSpecs[0].regionConfigs[0].providerName", "AWS"},
		{atlasCluster, "replicationSpecs[0].regionConfigs[0].regionName", "AP_NORTHEAST_1"},
		{atlasCluster, "replicationSpecs[0].regionConfigs[0].electableSpecs.instanceSize", "M10"},
		{atlasCluster, "replicationSpecs[0].regionConfigs[0].electableSpecs.nodeCount", 3.0},
		{atlasCluster, "replicationSpecs[0].regionConfigs[0].autoScaling.diskGbEnabled", true},
		{atlasCluster, "backupEnabled", true},
		{"mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule atlas-backups",
			"policyItemDaily.frequencyInterval", 1.0},
		{"mongodbatlas:index/databaseUser:DatabaseUser atlas-user-1", "roles[0].roleName", "readWrite"},
		{"mongodbatlas:index/databaseUser:DatabaseUser atlas-user-1", "roles[0].databaseName", "bookmarks"},
		{"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint atlas-link", "providerName", "AWS"},
		{"mongodbatlas:index/alertConfiguration:AlertConfiguration atlas-alert-cpu", "enabled", true},
		{"mongodbatlas:index/alertConfiguration:AlertConfiguration atlas-alert-host-down", "enabled", true},
	},
	"Parameter Store": {
		{"aws:ssm/parameter:Parameter parameters-DATABASE_URL", "name", "/bookmark-manager/production/DATABASE_URL"},
		{"aws:ssm/parameter:Parameter parameters-DATABASE_URL", "type", "SecureString"},
		{"aws:ssm/parameter:Parameter parameters-MONGODB_URI", "name", "/bookmark-manager/production/MONGODB_URI"},
		{"aws:ssm/parameter:Parameter parameters-MONGODB_URI", "type", "SecureString"},
		{"aws:ssm/parameter:Parameter parameters-JWT_SECRET", "name", "/bookmark-manager/production/JWT_SECRET"},
		{"aws:ssm/parameter:Parameter parameters-JWT_SECRET", "type", "SecureString"},
		{"aws:ssm/parameter:Parameter parameters-DD_API_KEY", "name", "/bookmark-manager/production/DD_API_KEY"},
		{"aws:ssm/parameter:Parameter parameters-DD_API_KEY", "type", "SecureString"},
		{"aws:ssm/parameter:Parameter parameters-web-SENTRY_DSN", "name",
			"/bookmark-manager/production/web/SENTRY_DSN"},
		{"aws:ssm/parameter:Parameter parameters-web-SENTRY_DSN", "type", "SecureString"},
		{"aws:ssm/parameter:Parameter parameters-api-SENTRY_DSN", "name",
			"/bookmark-manager/production/api/SENTRY_DSN"},
		{"aws:ssm/parameter:Parameter parameters-api-SENTRY_DSN", "type", "SecureString"},
	},
	"buckets": {
		{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock buckets-assets", "restrictPublicBuckets", true},
		{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock buckets-logs", "restrictPublicBuckets", true},
		{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock buckets-backups", "restrictPublicBuckets", true},
		{"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 buckets-assets",
			encryption, "AES256"},
		{"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 buckets-logs",
			encryption, "AES256"},
		{"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 buckets-backups",
			encryption, "aws:kms"},
		{"aws:s3/bucketVersioningV2:BucketVersioningV2 buckets-backups", "versioningConfiguration.status", "Enabled"},
		{"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2 buckets-logs",
			"rules[1].expiration.days", 90.0},
	},
	"logs": {
		{"aws:cloudwatch/logGroup:LogGroup web", "retentionInDays", 30.0},
		{"aws:cloudwatch/logGroup:LogGroup api", "retentionInDays", 30.0},
		{"aws:cloudwatch/logGroup:LogGroup network-flow-logs", "retentionInDays", 30.0},
		{"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration web-acl-logs", "resourceArn",
			"arn:aws:test:ap-northeast-1:111122223333:web-acl-acl"},
		{"aws:cloudwatch/logDelivery:LogDelivery distribution-access-logs", "fieldDelimiter", "\t"},
		{"aws:glue/catalogTable:CatalogTable observability-logs-load_balancer", "name", "load_balancer"},
		{"aws:athena/namedQuery:NamedQuery observability-alb-errors", "workgroup", "bookmark-manager-production-logs"},
	},
	"alarms": {
		{"aws:cloudwatch/dashboard:Dashboard observability-dashboard", "dashboardName", "bookmark-manager-production"},
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-api-cpu-high", "threshold", 80.0},
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-web-cpu-high", "threshold", 80.0},
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-api-memory-high", "threshold", 80.0},
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-web-memory-high", "threshold", 80.0},
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-alb-5xx-rate-high", "threshold", 5.0},
		// 80 % of what 16 ACU allow
		{"aws:cloudwatch/metricAlarm:MetricAlarm observability-aurora-connections-high", "threshold", 1600.0},
		{"aws:cloudwatch/compositeAlarm:CompositeAlarm observability-application-trouble", "alarmActions",
			[]any{"arn:aws:test:ap-northeast-1:111122223333:notifications-region"}},
		{"aws:sns/topicSubscription:TopicSubscription notifications-region-email-ops@example.com", "protocol", "email"},
	},
	"Datadog": {
		{"datadog:aws/integrationAccount:IntegrationAccount datadog-account", "awsAccountId", "111122223333"},
		{"datadog:index/monitor:Monitor datadog-api-error-rate", "monitorThresholds.critical", "0.05"},
		{"datadog:index/monitor:Monitor datadog-api-error-rate", "monitorThresholds.warning", "0.03"},
	},
	"Sentry": {
		{"sentry:index/sentryProject:SentryProject sentry-web", "slug", "bookmark-manager-production-web"},
		{"sentry:index/sentryProject:SentryProject sentry-api", "slug", "bookmark-manager-production-api"},
	},
	"disaster recovery": {
		{"pulumi:providers:aws aws-recovery", "region", "ap-northeast-3"},
		{"aws:backup/plan:Plan backups-plan", "rules[0].copyActions[0].destinationVaultArn",
			"arn:aws:test:ap-northeast-1:111122223333:backups-copy"},
		{"aws:backup/selection:Selection backups-databases", "resources",
			[]any{"arn:aws:test:ap-northeast-1:111122223333:aurora-cluster"}},
	},
}

const (
	distribution           = "aws:cloudfront/distribution:Distribution distribution-distribution"
	webACL                 = "aws:wafv2/webAcl:WebAcl web-acl-acl"
	loadBalancer           = "aws:lb/loadBalancer:LoadBalancer load-balancer"
	atlasCluster           = "mongodbatlas:index/advancedCluster:AdvancedCluster atlas-cluster"
	encryption             = "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"
	managedCachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
)

// perService are the settings that both services have; NAME and PORT stand for their own.
var perService = []setting{
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "targetType", "ip"},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "healthCheck.path", "/api/health"},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "healthCheck.healthyThreshold", 2.0},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "healthCheck.unhealthyThreshold", 3.0},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "healthCheck.timeout", 5.0},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "healthCheck.interval", 30.0},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "healthCheck.matcher", "200"},
	{"aws:lb/targetGroup:TargetGroup NAME-tg", "stickiness.enabled", false},
	{"aws:ecs/taskDefinition:TaskDefinition NAME", "cpu", "512"},
	{"aws:ecs/taskDefinition:TaskDefinition NAME", "memory", "1024"},
	{"aws:ecs/service:Service NAME", "name", "bookmark-manager-production-NAME"},
	{"aws:ecs/service:Service NAME", "desiredCount", 2.0},
	{"aws:ecs/service:Service NAME", "capacityProviderStrategies[0].capacityProvider", "FARGATE"},
	{"aws:ecs/service:Service NAME", "platformVersion", "LATEST"},
	{"aws:ecs/service:Service NAME", "enableExecuteCommand", true},
	{"aws:ecs/service:Service NAME", "deploymentCircuitBreaker.enable", true},
	{"aws:ecs/service:Service NAME", "deploymentCircuitBreaker.rollback", true},
	{"aws:ecs/service:Service NAME", "networkConfiguration.assignPublicIp", false},
	{"aws:ecs/service:Service NAME", "serviceConnectConfiguration.enabled", true},
	{"aws:appautoscaling/target:Target NAME", "minCapacity", 2.0},
	{"aws:appautoscaling/target:Target NAME", "maxCapacity", 10.0},
	{"aws:appautoscaling/policy:Policy NAME-cpu", "targetTrackingScalingPolicyConfiguration.targetValue", 70.0},
	{"aws:appautoscaling/scheduledAction:ScheduledAction NAME-lower", "timezone", "Asia/Tokyo"},
	{"aws:appautoscaling/scheduledAction:ScheduledAction NAME-lower", "scalableTargetAction.minCapacity", 2.0},
	{"aws:ecr/repository:Repository registry-NAME", "name", "bookmark-manager-production-NAME"},
}

var servicePorts = map[string]float64{"web": 3000, "api": 3001}

func TestProductionIsWhatTheDesignAsksFor(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod").Released(t))
	require.NoError(t, err)
	for system, settings := range production {
		t.Run(system, func(t *testing.T) {
			for _, one := range settings {
				one.check(t, r)
			}
		})
	}
	for name, port := range servicePorts {
		t.Run(name, func(t *testing.T) {
			setting{"aws:lb/targetGroup:TargetGroup " + name + "-tg", "port", port}.check(t, r)
			for _, one := range perService {
				one.resource = strings.ReplaceAll(one.resource, "NAME", name)
				if text, ok := one.want.(string); ok {
					one.want = strings.ReplaceAll(text, "NAME", name)
				}
				one.check(t, r)
			}
		})
	}
}

func (s setting) check(t *testing.T, r *recorder.Recorder) {
	t.Helper()
	typ, name, _ := strings.Cut(s.resource, " ")
	got, ok := r.Get(typ, name)
	if assert.True(t, ok, "there is no %s", s.resource) {
		assert.Equal(t, s.want, got.Input(s.path), "%s: %s", s.resource, s.path)
	}
}

// rules are the web ACL's rules by name.
func rules(t *testing.T, r *recorder.Recorder) map[string]map[string]any {
	t.Helper()
	typ, name, _ := strings.Cut(webACL, " ")
	acl, ok := r.Get(typ, name)
	require.True(t, ok)
	byName := map[string]map[string]any{}
	for _, one := range acl.Input("rules").([]any) {
		rule := one.(map[string]any)
		byName[rule["name"].(string)] = rule
	}
	return byName
}

func TestProductionsWebACLIsWhatTheDesignAsksFor(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod").Released(t))
	require.NoError(t, err)
	all := rules(t, r)
	for name, group := range map[string]string{
		"common":        "AWSManagedRulesCommonRuleSet",
		"sql-injection": "AWSManagedRulesSQLiRuleSet",
	} {
		managed := all[name]["statement"].(map[string]any)["managedRuleGroupStatement"].(map[string]any)
		assert.Equal(t, group, managed["name"])
		assert.Equal(t, map[string]any{"none": map[string]any{}}, all[name]["overrideAction"], "the group %s blocks",
			name)
		var counted []string
		overrides, _ := managed["ruleActionOverrides"].([]any)
		for _, one := range overrides {
			counted = append(counted, one.(map[string]any)["name"].(string))
		}
		// The rules against cross-site scripting are not among them: they block.
		assert.Equal(t, map[string][]string{"common": {
			"EC2MetaDataSSRF_QUERYARGUMENTS", "GenericRFI_QUERYARGUMENTS",
		}}[name], counted, "what %s only counts", name)
		label := func(key string) any {
			return map[string]any{"labelMatchStatement": map[string]any{"scope": "LABEL", "key": key}}
		}
		assert.Equal(t, map[string]any{"notStatement": map[string]any{"statements": []any{map[string]any{
			"orStatement": map[string]any{
				"statements": []any{label("content-bookmarks"), label("content-changes"), label("content-imports")},
			},
		}}}}, managed["scopeDownStatement"], "what %s does not look at", name)
	}
	rate := all["rate"]["statement"].(map[string]any)["rateBasedStatement"].(map[string]any)
	assert.Equal(t, 2000.0, rate["limit"])
	assert.Equal(t, "IP", rate["aggregateKeyType"])
	assert.Equal(t, []any{"KP"},
		all["countries"]["statement"].(map[string]any)["geoMatchStatement"].(map[string]any)["countryCodes"])
	assert.Contains(t, all["allow-list"]["action"], "allow")
	assert.Contains(t, all["deny-list"]["action"], "block")
}
