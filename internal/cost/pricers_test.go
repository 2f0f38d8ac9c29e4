package cost

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func TestWhatResourcesCost(t *testing.T) {
	lines := made("aws:cloudwatch/logGroup:LogGroup", "lines", in{"retentionInDays": 7.0})
	sending := made("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "send-lines", nil)
	sending.PropertyDependencies = map[string][]string{"logGroup": {lines.URN}}
	some := made("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "send-some",
		in{"filterPattern": `-"GET /api/health"`})
	some.PropertyDependencies = sending.PropertyDependencies
	cluster := made("aws:rds/cluster:Cluster", "db",
		in{"serverlessv2ScalingConfiguration": in{"minCapacity": 0.5, "maxCapacity": 16.0}})
	home, copies := made(catalog.BackupVault, "home", nil), by(osaka, made(catalog.BackupVault, "copies", nil))
	dumpTask := made(catalog.TaskDefinition, "dump",
		in{"cpu": "256", "memory": "512", "runtimePlatform": in{"cpuArchitecture": "ARM64"}})
	m10 := made(catalog.AtlasCluster, "atlas",
		in{"pitEnabled": true, "replicationSpecs": []any{in{"regionConfigs": []any{in{
			"regionName":     "AP_NORTHEAST_1",
			"electableSpecs": in{"instanceSize": "M10", "nodeCount": 3.0, "diskSizeGb": 10.0},
		}}}}})
	subnets := []plan.State{made("aws:ec2/subnet:Subnet", "a", nil), made("aws:ec2/subnet:Subnet", "b", nil)}
	for sentence, one := range map[string]struct {
		resources []plan.State
		usage     map[string]float64
		prices    map[string]float64
		want      map[string]float64
	}{
		"NAT gateways share the traffic, and a free tier is taken once": {
			[]plan.State{made(catalog.NATGateway, "a", nil), made(catalog.NATGateway, "b", nil)},
			map[string]float64{"nat.processedGB": 100, "nat.internetOutGB": 300},
			map[string]float64{
				"nat.hour":                 1,
				"nat.processedGB":          2,
				"transfer.internetGB":      3,
				"free:transfer.internetGB": 200,
			},
			map[string]float64{
				"NAT gateways: a: hours":                    730,
				"NAT gateways: a: data processed":           100,
				"NAT gateways: a: data out to the internet": 0,
				"NAT gateways: b: hours":                    730,
				"NAT gateways: b: data processed":           100,
				"NAT gateways: b: data out to the internet": 300,
			},
		},
		"of lines that are partly not sent the rest is delivered, taken in and indexed": {
			[]plan.State{lines, some},
			map[string]float64{
				"logs.lines.ingestedGB": 6, "logs.storedPerIngestedGB": 0, "datadog.lines.linesMillion": 11,
				"datadog.lines.sentPercent": 50,
			},
			map[string]float64{
				"firehose.ingestedGB": 1, "logs.ingestedGB": 0, "logs.storedGB": 0, "datadog.logGB": 1,
				"datadog.indexedLogMillion": 1,
			},
			map[string]float64{
				"Data Firehose: send-some: ingested, in steps of 5 KB": 3,
				"Datadog: send-some: logs ingested":                    3,
				"Datadog: send-some: logs indexed for 15 days":         5.5,
				"CloudWatch Logs: lines: ingested":                     0,
				"CloudWatch Logs: lines: stored, compressed":           0,
			},
		},
		"an interface endpoint costs in each subnet, a gateway endpoint nothing": {
			append([]plan.State{
				made(catalog.VPCEndpoint, "known",
					in{"vpcEndpointType": "Interface", "subnetIds": []any{"subnet-1", plan.Unknown, "subnet-3"}}),
				made(catalog.VPCEndpoint, "later", in{"vpcEndpointType": "Interface", "subnetIds": plan.Unknown},
					subnets...),
				made(catalog.VPCEndpoint, "s3", in{"vpcEndpointType": "Gateway"}),
			}, subnets...),
			map[string]float64{
				"endpoint.known.processedGB": 1,
				"endpoint.later.processedGB": 2,
				"endpoint.s3.processedGB":    1000,
			},
			map[string]float64{
				"endpoint.interface.hour":        0.1,
				"endpoint.interface.processedGB": 1,
				"endpoint.gateway.processedGB":   0,
			},
			map[string]float64{
				"VPC endpoints: known: hours in each subnet": 219, "VPC endpoints: known: data processed": 1,
				"VPC endpoints: later: hours in each subnet": 146, "VPC endpoints: later: data processed": 2,
				"VPC endpoints: s3: data processed by a gateway endpoint": 0,
			},
		},
		"a load balancer has an address in each subnet": {
			[]plan.State{made("aws:lb/loadBalancer:LoadBalancer", "lb",
				in{"loadBalancerType": "application", "internal": false, "subnets": []any{"a", "b"}})},
			map[string]float64{"alb.lcu": 2},
			map[string]float64{"alb.hour": 1, "alb.lcuHour": 0.5, "vpc.publicIPv4Hour": 0.01},
			map[string]float64{
				"ALB: lb: hours":                        730,
				"ALB: lb: capacity units, hours":        730,
				"ALB: lb: public IPv4 addresses, hours": 14.6,
			},
		},
		"Aurora runs at the average of each instance, and backups are free up to its size": {
			[]plan.State{cluster, made(catalog.RDSClusterInstance, "db-1",
				in{"instanceClass": "db.serverless", "monitoringInterval": 60.0}, cluster)},
			map[string]float64{
				"aurora.averageAcu":   2,
				"aurora.storedGB":     10,
				"aurora.ioMillion":    5,
				"aurora.backupGB":     15,
				"aurora.monitoringGB": 1,
			},
			map[string]float64{
				"aurora.acuHour":                 0.1,
				"aurora.storedGB":                1,
				"aurora.ioMillion":               1,
				"aurora.backupGB":                1,
				"logs.ingestedGB@ap-northeast-1": 3,
			},
			map[string]float64{
				"Aurora: db: storage":      10,
				"Aurora: db: I/O requests": 5,
				"Aurora: db: automatic backups beyond the size of the database": 5,
				"Aurora: db-1: capacity, ACU hours":                             146,
				"CloudWatch Logs: db-1: enhanced monitoring, ingested":          3,
			},
		},
		"copies of Aurora's snapshots are full ones": {
			[]plan.State{home, copies, made(catalog.BackupPlan, "plan", in{"rules": []any{in{
				"schedule": "cron(0 5 * * ? *)", "copyActions": []any{in{"lifecycle": in{"deleteAfter": 30.0}}},
			}}}, home, copies)},
			map[string]float64{"schedule.year": 2025, "aurora.storedGB": 12, "vault.home.storedGB": 20},
			map[string]float64{
				"backup.auroraGB@ap-northeast-1":   1,
				"backup.auroraGB@ap-northeast-3":   2,
				"transfer.regionGB@ap-northeast-1": 1,
			},
			map[string]float64{
				"AWS Backup: home: storage of Aurora's recovery points":        20,
				"AWS Backup: plan: full copies on their way to ap-northeast-3": 365,
				"AWS Backup: plan: storage of full copies in ap-northeast-3":   2 * 30 * 12,
			},
		},
		"a key costs again for its rotations, and requests once for the account": {
			[]plan.State{made("aws:kms/key:Key", "a", in{"enableKeyRotation": true}),
				by(virginia, made("aws:kms/key:Key", "b", nil))},
			map[string]float64{"kms.rotations": 2, "kms.requestsThousand": 100},
			map[string]float64{"kms.key": 1, "kms.requestThousand": 1, "free:kms.requestThousand": 20},
			map[string]float64{
				"KMS: a: key, and its first two rotations": 3,
				"KMS: a: requests":                         80,
				"KMS: b: key, and its first two rotations": 1,
			},
		},
		"an alarm costs for each metric of its expression, and more when it is fast": {
			[]plan.State{
				made("aws:cloudwatch/metricAlarm:MetricAlarm", "plain", in{"period": 60.0}),
				made("aws:cloudwatch/metricAlarm:MetricAlarm", "rate", in{"metricQueries": []any{
					in{"expression": "a/b"}, in{"metric": in{"period": 300.0}}, in{"metric": in{"period": 300.0}},
				}}),
				made("aws:cloudwatch/metricAlarm:MetricAlarm", "fast", in{"period": 10.0}),
			},
			nil,
			map[string]float64{"cloudwatch.alarmMetric": 1, "cloudwatch.fastAlarmMetric": 3},
			map[string]float64{
				"CloudWatch: plain: alarm metrics":                   1,
				"CloudWatch: rate: alarm metrics":                    2,
				"CloudWatch: fast: alarm metrics of high resolution": 3,
			},
		},
		"a log group keeps what it takes in for its retention, at its region's price": {
			[]plan.State{by(virginia, made("aws:cloudwatch/logGroup:LogGroup", "waf", in{"retentionInDays": 73.0}))},
			map[string]float64{"logs.waf.ingestedGB": 10, "logs.storedPerIngestedGB": 0.5},
			map[string]float64{"logs.ingestedGB@us-east-1": 2, "logs.storedGB@us-east-1": 1},
			map[string]float64{"CloudWatch Logs: waf: ingested": 20, "CloudWatch Logs: waf: stored, compressed": 12},
		},
		"the first dashboards are free": {
			[]plan.State{made("aws:cloudwatch/dashboard:Dashboard", "a", nil),
				made("aws:cloudwatch/dashboard:Dashboard", "b", nil)},
			nil,
			map[string]float64{"cloudwatch.dashboard": 3, "free:cloudwatch.dashboard": 1},
			map[string]float64{"CloudWatch: a: dashboard": 0, "CloudWatch: b: dashboard": 3},
		},
		"the cheapest price class serves Japan from the United States": {
			[]plan.State{made("aws:cloudfront/distribution:Distribution", "cdn", in{"priceClass": "PriceClass_100"})},
			map[string]float64{
				"cloudfront.japan.outGB": 100, "cloudfront.japan.requestsMillion": 0, "cloudfront.elsewhere.outGB": 10,
				"cloudfront.elsewhere.requestsMillion": 0, "cloudfront.toOriginGB": 0,
			},
			map[string]float64{
				"cloudfront.outGB@cloudfront-us":          1,
				"cloudfront.outGB@cloudfront-japan":       2,
				"free:cloudfront.outGB":                   50,
				"cloudfront.requestMillion@cloudfront-us": 1,
				"cloudfront.toOriginGB@cloudfront-us":     1,
			},
			map[string]float64{
				"CloudFront: cdn: data out to viewers: japan":     50,
				"CloudFront: cdn: data out to viewers: elsewhere": 10,
				"CloudFront: cdn: HTTPS requests: japan":          0,
				"CloudFront: cdn: HTTPS requests: elsewhere":      0,
				"CloudFront: cdn: data to the origin":             0,
			},
		},
		"a web ACL costs for itself, its rules and the requests": {
			[]plan.State{made("aws:wafv2/webAcl:WebAcl", "acl", in{"rules": []any{in{}, in{}, in{}}})},
			map[string]float64{"waf.requestsMillion": 10},
			map[string]float64{"waf.acl": 5, "waf.rule": 1, "waf.requestMillion": 0.5},
			map[string]float64{"WAF: acl: web ACL": 5, "WAF: acl: rules and rule groups": 3, "WAF: acl: requests": 5},
		},
		"groups of a web ACL that cost extra": {
			[]plan.State{made("aws:wafv2/webAcl:WebAcl", "acl", in{"rules": []any{
				paidGroup("AWSManagedRulesATPRuleSet", in{}),
				paidGroup("AWSManagedRulesBotControlRuleSet", in{
					"awsManagedRulesBotControlRuleSet": in{"inspectionLevel": "TARGETED"},
				}),
			}})},
			map[string]float64{"waf.requestsMillion": 10, "waf.signInsThousand": 3},
			map[string]float64{
				"waf.acl": 0, "waf.rule": 0, "waf.requestMillion": 0,
				"waf.accountTakeover": 10, "waf.accountTakeover.signInThousand": 1,
				"waf.botControl": 10, "waf.botControl.targetedMillion": 10,
			},
			map[string]float64{
				"WAF: acl: web ACL": 0, "WAF: acl: rules and rule groups": 0, "WAF: acl: requests": 0,
				"WAF: acl: account takeover prevention": 10, "WAF: acl: sign-ins that it looks at": 3,
				"WAF: acl: Bot Control": 10, "WAF: acl: requests that Bot Control looks at": 100,
			},
		},
		"bots that say what they are cost less to find": {
			[]plan.State{made("aws:wafv2/webAcl:WebAcl", "acl", in{"rules": []any{
				paidGroup("AWSManagedRulesBotControlRuleSet", in{
					"awsManagedRulesBotControlRuleSet": in{"inspectionLevel": "COMMON"},
				}),
			}})},
			map[string]float64{"waf.requestsMillion": 10},
			map[string]float64{
				"waf.acl":                      0,
				"waf.rule":                     0,
				"waf.requestMillion":           0,
				"waf.botControl":               10,
				"waf.botControl.commonMillion": 1,
			},
			map[string]float64{
				"WAF: acl: web ACL": 0, "WAF: acl: rules and rule groups": 0, "WAF: acl: requests": 0,
				"WAF: acl: Bot Control": 10, "WAF: acl: requests that Bot Control looks at": 10,
			},
		},
		"each feature of a health check has a price": {
			[]plan.State{made("aws:route53/healthCheck:HealthCheck", "site",
				in{"type": "HTTPS_STR_MATCH", "requestInterval": 10.0, "measureLatency": true})},
			nil,
			map[string]float64{"route53.healthCheck": 1, "route53.healthCheckFeature": 1},
			map[string]float64{
				"Route 53: site: health check of an AWS endpoint":                       1,
				"Route 53: site: features: HTTPS, string match, fast interval, latency": 4,
			},
		},
		"Atlas costs by the node, its endpoint and auditing too": {
			[]plan.State{
				m10, made("mongodbatlas:index/auditing:Auditing", "audit", in{"enabled": true}),
				made("mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint", "link", nil),
				made("mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule", "backup",
					in{"copySettings": []any{in{}}}),
			},
			map[string]float64{"atlas.transferGB": 10, "atlas.snapshotGB": 7, "atlas.continuousGB": 3},
			map[string]float64{
				"atlas.M10.nodeHour@atlas-AP_NORTHEAST_1": 0.1,
				"atlas.transferGB@atlas-AP_NORTHEAST_1":   1,
				"atlas.auditing":                          0.5,
				"atlas.privateEndpointHour":               0.01,
				"atlas.snapshotGB":                        1,
				"atlas.continuousGB":                      1,
			},
			map[string]float64{
				"MongoDB Atlas: atlas: nodes of M10, hours":                     219,
				"MongoDB Atlas: atlas: data out, within the region":             10,
				"MongoDB Atlas: audit: auditing, a part of the clusters' price": 109.5,
				"MongoDB Atlas: link: private endpoint, hours for each node":    21.9,
				"MongoDB Atlas: backup: snapshots":                              7,
				"MongoDB Atlas: backup: snapshots copied to another region":     7,
				"MongoDB Atlas: backup: log of continuous backup":               3,
			},
		},
		"a test of the site runs from each place at its interval": {
			[]plan.State{made("datadog:index/syntheticsTest:SyntheticsTest", "home", in{
				"type": "api", "status": "live", "locations": []any{"a", "b"}, "optionsList": in{"tickEvery": 730.0},
			})},
			nil,
			map[string]float64{"datadog.apiTestThousand": 1000},
			map[string]float64{"Datadog: home: runs of API tests": 7200},
		},
		"Container Insights costs for each service and family": {
			[]plan.State{
				made("aws:ecs/cluster:Cluster", "cluster",
					in{"settings": []any{in{"name": "containerInsights", "value": "enabled"}}}),
				made(catalog.TaskDefinition, "t", in{"cpu": "1024", "memory": "2048"}),
			},
			map[string]float64{
				"insights.metricsPerCluster":    8,
				"insights.metricsPerService":    11,
				"insights.metricsPerTaskFamily": 6,
				"insights.ingestedGB":           2,
				"task.t.hours":                  10,
			},
			map[string]float64{
				"cloudwatch.metric":              1,
				"logs.ingestedGB@ap-northeast-1": 1,
				"fargate.x86.vcpuHour":           1,
				"fargate.x86.gbHour":             2,
			},
			map[string]float64{
				"CloudWatch: cluster: Container Insights, custom metrics": 14,
				"CloudWatch Logs: cluster: Container Insights, ingested":  2,
				"ECS Fargate: t: tasks, vCPU hours":                       10,
				"ECS Fargate: t: tasks, GB hours":                         40,
			},
		},
		"a task that a schedule starts is charged there, and its definition is not charged again": {
			[]plan.State{dumpTask, made(catalog.Schedule, "dump", nil, dumpTask)},
			map[string]float64{"schedule.dump.taskHours": 10},
			map[string]float64{"fargate.arm.vcpuHour": 1, "fargate.arm.gbHour": 2},
			map[string]float64{
				"ECS Fargate: dump: tasks, vCPU hours": 2.5,
				"ECS Fargate: dump: tasks, GB hours":   10,
			},
		},
		"what surrounds the tasks": {
			[]plan.State{
				made("aws:ec2/vpc:Vpc", "vpc", nil), made("aws:ec2/eip:Eip", "ip", nil),
				made("aws:appautoscaling/policy:Policy", "cpu", in{"policyType": "TargetTrackingScaling"}),
				made("aws:ecr/repository:Repository", "web", nil),
				made("aws:ssm/parameter:Parameter", "big", in{"tier": "Advanced"}),
				made("aws:ssm/parameter:Parameter", "small", nil),
				made("aws:s3/bucketV2:BucketV2", "assets", nil),
				made("aws:route53/zone:Zone", "zone", nil),
			},
			map[string]float64{
				"vpc.crossZoneGB": 10, "repository.web.storedGB": 3, "route53.queriesMillion": 2,
				"bucket.assets.storedGB": 5, "bucket.assets.writesThousand": 6, "bucket.assets.readsThousand": 7,
			},
			map[string]float64{
				"vpc.crossZoneGB":        1,
				"vpc.publicIPv4Hour":     0.01,
				"cloudwatch.alarmMetric": 1,
				"ecr.storedGB":           2,
				"ssm.advancedParameter":  0.5,
				"s3.storedGB":            1,
				"s3.writeThousand":       1,
				"s3.readThousand":        1,
				"route53.zone":           1,
				"route53.queryMillion":   3,
			},
			map[string]float64{
				"VPC: vpc: traffic between zones, both directions":          20,
				"VPC: ip: public IPv4 address, hours":                       7.3,
				"CloudWatch: cpu: alarm metrics that target tracking makes": 2,
				"ECR: web: images": 6,
				"Parameter Store: big: parameters of the advanced tier":   0.5,
				"Parameter Store: small: parameters of the advanced tier": 0,
				"S3: assets: storage":                                  5,
				"S3: assets: PUT, COPY, POST, LIST":                    6,
				"S3: assets: GET and others":                           7,
				"Route 53: zone: hosted zone":                          1,
				"Route 53: zone: queries that no alias record answers": 6,
			},
		},
		"what watches them": {
			[]plan.State{
				made("aws:cloudfront/function:Function", "redirect", nil),
				made("aws:cloudfront/monitoringSubscription:MonitoringSubscription", "more", nil),
				made("aws:cloudwatch/compositeAlarm:CompositeAlarm", "down", nil),
				made("aws:cloudwatch/logMetricFilter:LogMetricFilter", "errors", nil),
				made("aws:cloudwatch/queryDefinition:QueryDefinition", "a", nil),
				made("aws:cloudwatch/queryDefinition:QueryDefinition", "b", nil),
				made("aws:sns/topicSubscription:TopicSubscription", "mail", in{"protocol": "email"}),
				made("aws:sns/topicSubscription:TopicSubscription", "pager", in{"protocol": "https"}),
				made("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "stream", nil), lines, sending,
				made("aws:athena/workgroup:Workgroup", "athena", nil),
				made("aws:guardduty/detector:Detector", "guard", nil),
				made("datadog:aws/integrationAccount:IntegrationAccount", "dd", nil),
				made("sentry:index/sentryProject:SentryProject", "api", nil),
				made("sentry:index/sentryProject:SentryProject", "web", nil),
			},
			map[string]float64{
				"cloudfront.functionMillion":        2,
				"logs.scannedGB":                    3,
				"sns.emailsThousand":                4,
				"sns.httpsMillion":                  5,
				"logs.lines.ingestedGB":             6,
				"logs.storedPerIngestedGB":          0,
				"athena.scannedTB":                  7,
				"guardduty.eventsMillion":           8,
				"datadog.cloudwatchMetricsThousand": 9,
				"datadog.lines.linesMillion":        11,
				"sentry.teamPlans":                  1,
			},
			map[string]float64{
				"cloudfront.functionMillion":    1,
				"cloudwatch.metric":             0.5,
				"cloudwatch.compositeAlarm":     1,
				"logs.scannedGB":                1,
				"sns.emailThousand":             1,
				"sns.httpsMillion":              1,
				"firehose.ingestedGB":           1,
				"logs.ingestedGB":               0,
				"logs.storedGB":                 0,
				"athena.scannedTB":              1,
				"guardduty.eventMillion":        1,
				"cloudwatch.readMetricThousand": 1,
				"datadog.logGB":                 2,
				"datadog.indexedLogMillion":     1,
				"sentry.teamPlan":               29,
			},
			map[string]float64{
				"CloudFront: redirect: invocations":                          2,
				"CloudWatch: more: CloudFront's additional metrics":          4,
				"CloudWatch: down: composite alarm":                          1,
				"CloudWatch: errors: custom metric":                          0.5,
				"CloudWatch Logs: a: scanned by all queries":                 3,
				"SNS: mail: emails":                                          4,
				"SNS: pager: HTTPS deliveries":                               5,
				"Data Firehose: send-lines: ingested, in steps of 5 KB":      6,
				"Athena: athena: scanned":                                    7,
				"CloudWatch: guard: GuardDuty: events analysed":              8,
				"CloudWatch: dd: metrics that Datadog reads from CloudWatch": 9,
				"Datadog: send-lines: logs ingested":                         12,
				"Datadog: send-lines: logs indexed for 15 days":              11,
				"CloudWatch Logs: lines: ingested":                           0,
				"CloudWatch Logs: lines: stored, compressed":                 0,
				"Sentry: api: Team plan":                                     29,
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Estimate(append(providers(), one.resources...), &Usage{values: one.usage}, table(t, one.prices))
			require.NoError(t, err)
			lines := amounts(got)
			total := 0.0
			for name, usd := range one.want {
				assert.InDelta(t, usd, lines[name], 1e-6, name)
				total += usd
			}
			assert.Len(t, lines, len(one.want), lines)
			assert.InDelta(t, total, got.MonthlyUSD, 1e-6)
		})
	}
}

// paidGroup is a rule of a web ACL that holds a group of AWS.
func paidGroup(name string, config in) in {
	return in{"statement": in{"managedRuleGroupStatement": in{"name": name, "managedRuleGroupConfigs": []any{config}}}}
}
