package stackconfig

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// edits are changes of a stack file, by section and path below it; nil takes a key out.
type edits map[[2]string]any

// contradictions are values that are right each alone and wrong together, and the line that the
// report has of each.
var contradictions = map[string]struct {
	edits edits
	want  string
}{
	"an internal load balancer that the internet may reach": {
		edits{
			{"compute", "loadBalancer.scheme"}: "internal",
			{"network", "ingress"}:             map[string]any{"source": "internet"},
		},
		`network.ingress.source: found "internet", want cloudFront: nobody else may reach an internal load balancer`},
	"an internal load balancer in a zone without VPC origins": {
		edits{
			{"compute", "loadBalancer.scheme"}: "internal",
			{"aws", "region"}:                  "us-east-1",
			{"network", "ingress"}:             map[string]any{"source": "cloudFront"},
			{"network", "zones"}: []any{
				map[string]any{"name": "us-east-1a", "id": "use1-az1", "index": 1},
				map[string]any{"name": "us-east-1e", "id": "use1-az3", "index": 2},
			},
		},
		`network.zones[1].id: found "use1-az3", want a zone in which CloudFront reaches an internal load balancer`},
	"an internal load balancer of a standby": {
		edits{
			{"compute", "loadBalancer.scheme"}: "internal",
			{"edge", "standby"}: map[string]any{
				"distributionId": "E2ABCDEFGHIJKL", "environment": "staging", "zoneId": "Z0123456789ABCDEFGHIJ",
			},
		},
		`edge.standby: found "a standby", want nothing, or a load balancer that faces the internet: a standby takes ` +
			`over by the origin's name, which leads to public addresses alone`},
	"a move to an internal load balancer with a secondary": {
		edits{
			{"compute", "loadBalancer.moving"}: true,
			{"edge", "records.secondary"}: map[string]any{
				"dnsName": "standby-1.ap-northeast-3.elb.amazonaws.com", "zoneId": "Z5LXEXXYW11ES",
			},
		},
		`edge.records.secondary: found "a secondary", want nothing: CloudFront reaches an internal load balancer by ` +
			`its VPC origin, wherever the origin's name leads`},
	"an internal load balancer in a region without VPC origins": {
		edits{{"compute", "loadBalancer.scheme"}: "internal", {"aws", "region"}: "ap-southeast-6"},
		`compute.loadBalancer.scheme: found "internal", want a load balancer that faces the internet: CloudFront has ` +
			`no VPC origins in ap-southeast-6`},
	"alarms to a domain without mail": {
		edits{{"edge", "records.mail"}: "none"},
		`notifications.emails[0]: found "ops@example.com", want an address of another domain: edge.records.mail ` +
			`says that example.com has no mail`},
	"services that call each other in a circle": {
		edits{{"services", "api.calls"}: []any{"web"}},
		`services: call cycle api -> web -> api`},
	"a service that calls itself": {
		edits{{"services", "api.calls"}: []any{"api"}},
		`services.api.calls[0]: found "api", want another service, one of [api web]`},
	"a service that calls one without a port": {
		edits{
			{"services", "web.port"}:     0,
			{"services", "web.paths"}:    []any{},
			{"services", "web.priority"}: 0,
			{"services", "api.calls"}:    []any{"web"},
			{"services", "web.calls"}:    []any{},
		},
		`services.api.calls[0]: found "web", want a service that listens on a port`},
	"two services with one priority": {
		edits{{"services", "web.priority"}: 100},
		`services.web.priority: found 100, want a number that leaves 100 to no other service; "api" has it`},
	"a service behind another's paths": {
		edits{{"services", "api.priority"}: 300},
		`services.api.paths[0]: found "/api/*", want a path that "/*" of service "web" does not catch first`},
	"two migrations": {
		edits{{"services", "web.migration"}: map[string]any{
			"cpu":            256,
			"memory":         512,
			"sqlCommand":     "a",
			"migrateCommand": "b",
		}},
		`services.web.migration: found {"cpu":256,"memory":512,"sqlCommand":"a","migrateCommand":"b"}, want ` +
			`nothing: service "api" migrates the database`},
	"a canary beside no image": {
		edits{{"services", "api.canary"}: map[string]any{
			"image":   "sha256:b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2",
			"version": "5e1d2f3",
			"weight":  10,
			"tasks":   1,
		}},
		`services.api.canary: found {"image":"sha256:b2`},
	"a version without an image": {
		edits{{"services", "api.version"}: "4f0c1d2"},
		`services.api.version: found "4f0c1d2", want nothing without an image`},
	"memory that Fargate does not have with that CPU": {
		edits{{"services", "web.memory"}: 512},
		`services.web.memory: found 512, want 1024 to 4096 MiB in steps of 1024 with cpu 512`},
	"an agent that leaves the application nothing": {
		edits{{"compute", "agent.memory"}: 900},
		`services.web.memory: found 1024, want a size that leaves the application 256 MiB`},
	"an agent that is asked for and not described": {
		edits{{"compute", "agent"}: nil},
		`services.web.datadog: found true, want false, or the agent's image and size in compute.agent`},
	"an agent without Datadog": {
		edits{{"datadog", "enabled"}: false}, `services.api.datadog: found true, want false, or datadog.enabled true`},
	"quiet hours without a schedule": {
		edits{{"compute", "schedule"}: nil},
		`services.api.scaling.quiet: found {"min":2,"max":4}, want nothing, or the hours in compute.schedule`},
	"quiet hours busier than the day": {
		edits{{"services", "web.scaling.quiet.max"}: 11},
		`services.web.scaling.quiet.max: found 11, want no more than max (10)`},
	"a health check that overtakes itself": {
		edits{{"services", "web.health.timeoutSeconds"}: 30},
		`services.web.health.timeoutSeconds: found 30, want less than intervalSeconds (30)`},
	"a variable that is a secret and plain": {
		edits{
			{"services", "web.environment"}: map[string]any{"REGION_HINT": "tokyo"},
			{"services", "web.secrets"}:     []any{"REGION_HINT"},
		},
		`services.web.secrets[0]: found "REGION_HINT", want a name that environment does not have`},
	"the Sentry address without Sentry": {
		edits{{"sentry", "enabled"}: false},
		`services.web.secrets[0]: found "SENTRY_DSN", want a parameter that services may read`},
	"a platform of no service": {
		edits{{"sentry", "platforms"}: map[string]any{"worker": "node"}},
		`sentry.platforms.worker: found "worker", want a service, one of [api web]`},
	"a monitor of no service": {
		edits{{"datadog", "services.worker"}: map[string]any{
			"operation":      "a.b",
			"errorRate":      map[string]any{"warning": 0.03, "critical": 0.05},
			"latencySeconds": map[string]any{"warning": 1, "critical": 2},
			"availability":   99.9,
			"fastEnough":     99,
		}},
		`datadog.services.worker: found "worker", want a service, one of [api web]`},
	"an error pattern of no service": {
		edits{{"observability", "errorPatterns"}: map[string]any{"worker": "?ERROR"}},
		`observability.errorPatterns.worker: found "worker", want a service, one of [api web]`},
	"the delivery of no lines": {
		edits{{"datadog", "logs"}: false, {"observability", "thresholds.logDeliveryPercent"}: 95},
		`observability.thresholds.logDeliveryPercent: found 95, want nothing, or datadog.logs true`},
	"lines of no service that are not sent": {
		edits{{"datadog", "logExclusions"}: []any{map[string]any{"from": "worker", "phrase": "GET /"}}},
		`datadog.logExclusions[0].from: found "worker", want database, vpc or a service, one of [api web]`},
	"lines of a source that is not sent at all": {
		edits{{"datadog", "logExclusions"}: []any{map[string]any{"from": "vpc", "phrase": "REJECT"}}},
		`datadog.logExclusions[0].from: found "vpc", want a source that is sent: vpc is not among datadog.logSources`},
	"a response time that nobody waits for": {
		edits{{"observability", "thresholds.latencySeconds"}: 4000},
		`observability.thresholds.latencySeconds: found 4000, want less than ` +
			`compute.loadBalancer.idleTimeoutSeconds (`},
	"an alarm for backups between two of them": {
		edits{{"observability", "thresholds.backupHours"}: 24},
		`observability.thresholds.backupHours: found 24, want more than 24: so many hours pass between two times of ` +
			`backups.rules`},
	"the default for backups, between those of workdays": {
		edits{{"backups", "rules.0.schedule"}: "cron(0 5 ? * MON-FRI *)"},
		`observability.thresholds.backupHours: found 26, want more than 72: so many hours pass between two times of ` +
			`backups.rules`},
	"backups that no alarm can watch": {
		edits{{"backups", "rules.0.schedule"}: "cron(0 5 ? * SUN *)"},
		`backups.rules: up to 168 hours pass between two times, and an alarm of CloudWatch looks back seven days: ` +
			`let it run more often`},
	"a threshold of dumps that are not made": {
		edits{{"observability", "thresholds.dumpHours"}: 30},
		`observability.thresholds.dumpHours: found 30, want nothing: without compute.dump there are no dumps`},
	"an alarm for dumps between two of them": {
		edits{{"compute", "dump"}: with(dumps(35), "schedule", "cron(0 4 ? * MON *)")},
		`compute.dump.schedule: up to 168 hours pass between two times, and an alarm of CloudWatch looks back seven`},
	"a warning above its critical value": {
		edits{{"datadog", "services.api.errorRate.warning"}: 0.06},
		`datadog.services.api.errorRate.critical: found 0.05, want more than warning (0.06)`},
	"no way out to Atlas": {
		edits{{"network", "nat"}: "none", {"atlas", "access"}: "nat"},
		`atlas.access: found "nat", want privateLink: without a NAT gateway (network.nat)`},
	"no way out to Sentry": {
		edits{{"network", "nat"}: "none"},
		`sentry.enabled: found true, want false: without a NAT gateway (network.nat)`},
	"no way for a task to start": {
		edits{{"network", "nat"}: "none"},
		`network.endpoints: found ["s3","ecr.api","ecr.dkr","logs","ssm","ssmmessages"], want "kms" too: without a ` +
			`NAT gateway`},
	"CloudFront's addresses for the whole internet": {
		edits{{"network", "ingress.source"}: "internet"},
		`network.ingress.prefixListId: found "pl-58a04531", want a prefix list such as pl-58a04531, and only with ` +
			`network.ingress.source cloudFront`},
	"CloudFront's addresses of another region": {
		edits{{"network", "ingress.prefixListId"}: "pl-3b927c52"},
		`network.ingress.prefixListId: found "pl-3b927c52", want pl-58a04531, CloudFront's list in region ` +
			`ap-northeast-1, or nothing`},
	"a zone of another region by its id": {
		edits{{"network", "zones.0.id"}: "use1-az1"},
		`network.zones[0].id: found "use1-az1", want a zone of region ap-northeast-1, apne1-az1 or another number`},
	"a zone without Fargate": {
		edits{{"network", "zones.0.id"}: "apne1-az3"},
		`network.zones[0].id: found "apne1-az3", want a zone in which Fargate runs tasks: apne1-az1, apne1-az2, ` +
			`apne1-az4`},
	"a subnet in another's place": {
		edits{{"network", "zones.0.public"}: "10.0.11.0/24"},
		`network.zones[0].public: found "10.0.11.0/24", want a block that does not overlap 10.0.11.0/24 of ` +
			`zones[0].private`},
	"a subnet outside the VPC": {
		edits{{"network", "zones.1.database"}: "10.1.0.0/24"},
		`network.zones[1].database: found "10.1.0.0/24", want a block in the VPC's 10.0.0.0/16`},
	"zones of another region": {
		edits{{"aws", "region"}: "ap-northeast-2"},
		`network.zones[0].name: found "ap-northeast-1a", want a zone of region ap-northeast-2`},
	"an instance in no zone of the network": {
		edits{{"aurora", "instances.1.zoneIndex"}: 3},
		`aurora.instances[1].zoneIndex: found 3, want the index of a zone in network.zones: one of [1 2]`},
	"instances in one zone": {
		edits{{"aurora", "instances.1.zoneIndex"}: 1},
		`aurora.instances: found "2 instances in one zone", want two zones or more`},
	"less than nothing": {
		edits{{"aurora", "minAcu"}: 32}, `aurora.minAcu: found 32, want no more than maxAcu (16)`},
	"production that sleeps": {
		edits{{"aurora", "minAcu"}: 0, {"aurora", "pauseAfterSeconds"}: 300},
		`aurora.minAcu: found 0, want 0.5 or more in production`},
	"maintenance during the backup": {
		edits{{"aurora", "maintenanceWindow"}: "sun:18:30-sun:19:30"},
		`aurora.maintenanceWindow: found "sun:18:30-sun:19:30", want a time apart from backupWindow (18:00-19:00)`},
	"an active cluster that is retired": {
		edits{{"aurora", "clusters.main.retire"}: true},
		`aurora.clusters.main.retire: found true, want false: the application uses this cluster`},
	"a cluster restored from two backups": {
		edits{{"aurora", "clusters.new"}: map[string]any{"restore": map[string]any{
			"fromCluster":    "main",
			"fromResourceId": "cluster-ABC",
		}}},
		`aurora.clusters.new.restore: found ["fromCluster","fromResourceId"], want exactly one of snapshot, ` +
			`fromCluster and fromResourceId`},
	"a cluster restored from itself": {
		edits{{"aurora", "clusters.new"}: map[string]any{"restore": map[string]any{"fromCluster": "new"}}},
		`aurora.clusters.new.restore.fromCluster: found "new", want another cluster in aurora.clusters`},
	"a global database without a recovery region": {
		edits{
			{"aurora", "global"}: map[string]any{
				"subnetIds":        []any{"subnet-0a", "subnet-0b"},
				"securityGroupIds": []any{"sg-0a"},
			},
			{"backups", "copy"}: nil,
		},
		`aurora.global: found "a global database", want a recovery region in backups.copy.region too`},
	"copies beside what they are copies of": {
		edits{{"backups", "copy.region"}: "ap-northeast-1"}, `backups.copy.region: found "ap-northeast-1", want `},
	"recovery points that outlast their lock": {
		edits{{"backups", "rules.0.retentionDays"}: 366},
		`backups.rules[0].retentionDays: found 366, want lock.maxRetentionDays (365) or less`},
	"a domain outside its zone": {
		edits{{"edge", "domain"}: "example.org"},
		`edge.domain: found "example.org", want edge.zone.name (example.com) or a name below it`},
	"an adopted zone that is to be signed": {
		edits{{"edge", "zone.id"}: "Z0123456789", {"edge", "zone.dnssec"}: true, {"edge", "zone.queryLogs"}: nil},
		`edge.zone.dnssec: found true, want false for an adopted zone`},
	"a country where Route 53's checkers are": {
		edits{{"edge", "webAcl.blockedCountries"}: []any{"JP"}}, `edge.webAcl.blockedCountries[0]: found "JP", want `},
	"a looser limit for passwords": {
		edits{{"edge", "webAcl.signIn.limit"}: 2000},
		`edge.webAcl.signIn.limit: found 2000, want fewer requests in the same time than rate: 2000 in 300 seconds`},
	"reports to the project of no service": {
		edits{{"edge", "distribution.headers.reportUri"}: "sentry:mobile"},
		`edge.distribution.headers.reportUri: found "sentry:mobile", want sentry: and a service, one of [api web]`},
	"reports to a Sentry that is off": {
		edits{{"sentry", "enabled"}: false},
		`edge.distribution.headers.reportUri: found "sentry:web", want an address, or nothing: sentry.enabled ` +
			`is false`},
	"connections that CloudFront keeps longer than the load balancer": {
		edits{{"compute", "loadBalancer.idleTimeoutSeconds"}: 30},
		`edge.distribution.originKeepaliveSeconds: found 50, want compute.loadBalancer.idleTimeoutSeconds (30) ` +
			`or less`},
	"answers that CloudFront awaits longer than the load balancer": {
		edits{
			{"edge", "distribution.originReadTimeoutSeconds"}: 60,
			{"compute", "loadBalancer.idleTimeoutSeconds"}:    55,
		},
		`edge.distribution.originReadTimeoutSeconds: found 60, want compute.loadBalancer.idleTimeoutSeconds (55) ` +
			`or less`},
	"answers that are cut off when their task stops": {
		edits{{"services", "web.deregistrationSeconds"}: 29},
		`services.web.deregistrationSeconds: found 29, want edge.distribution.originReadTimeoutSeconds (30) or more`},
	"a permission of a service that the boundary cuts": {
		edits{{"services", "web.permissions"}: []any{map[string]any{
			"actions":   []any{"lambda:InvokeFunction"},
			"resources": []any{"*"},
		}}},
		`services.web.permissions[0].actions[0]: found "lambda:InvokeFunction", want an action of a service that ` +
			`the stack's boundary admits, one of [acm `},
	"a permission to delete what holds data": {
		edits{{"services", "web.permissions"}: []any{map[string]any{
			"actions":   []any{"s3:GetObject", "s3:DeleteBucket"},
			"resources": []any{"*"},
		}}},
		`services.web.permissions[0].actions[1]: found "s3:DeleteBucket", want no s3:DeleteBucket: the stack's ` +
			`boundary lets nothing delete what holds data`},
	"a permission with a star to delete what holds data": {
		edits{{"services", "web.permissions"}: []any{map[string]any{
			"actions":   []any{"rds:Delete*"},
			"resources": []any{"*"},
		}}},
		`services.web.permissions[0].actions[0]: found "rds:Delete*", want no rds:DeleteGlobalCluster: the stack's ` +
			`boundary lets nothing delete what holds data`},
	"dumps without a role": {
		edits{{"compute", "dump"}: dumps(35), {"services", "api.migration"}: nil},
		`compute.dump: found "dumps", want nothing, or a migration in one of the services [api web]: its task makes ` +
			`the role that dumps are made with`},
	"dumps that outlast their bucket": {
		edits{{"compute", "dump"}: dumps(366)},
		`compute.dump.retentionDays: found 366, want buckets.backups.expireDays (365) or less`},
	"dumps that are deleted before their lock ends": {
		edits{
			{"compute", "dump"}:               dumps(29),
			{"buckets", "backups.objectLock"}: map[string]any{"mode": "governance", "days": 30},
		},
		`compute.dump.retentionDays: found 29, want buckets.backups.objectLock.days (30) or more`},
	"a service with the name of the dump's task": {
		edits{{"services", "dump"}: map[string]any{"cpu": 256}},
		`services.dump: found "dump", want another name: "migration", "dump", "exec" and names that end in ` +
			`"-canary" are ` +
			`taken`},
	"a sidecar's image out of reach": {
		edits{{"network", "nat"}: "none", {"services", "web.sidecars"}: map[string]any{
			"proxy": map[string]any{
				"image": "public.ecr.aws/nginx/nginx@sha256:" + strings.Repeat("c3", 32), "cpu": 32, "memory": 64,
				"user": "101:101",
			},
		}},
		`services.web.sidecars.proxy.image: found "public.ecr.aws/nginx/nginx@sha256:c3c3c3`},
	"a host outside the zone": {
		edits{{"services", "web.hosts"}: []any{"admin.example.org"}, {"services", "api.paths"}: []any{"/*"},
			{"services", "web.priority"}: 50},
		`services.web.hosts[0]: found "admin.example.org", want a name below edge.zone.name (example.com), where its ` +
			`records are made`},
	"a host that is the site's own": {
		edits{{"services", "web.hosts"}: []any{"www.example.com"}},
		`services.web.hosts[0]: found "www.example.com", want another name than the site's own, [example.com ` +
			`www.example.com origin.example.com]`},
	"a host that two services have": {
		edits{
			{"services", "web.hosts"}: []any{"admin.example.com"},
			{"services", "api.hosts"}: []any{"admin.example.com"},
		},
		`services.web.hosts[0]: found "admin.example.com", want a name of its own: it leads to service "api"`},
	"a secret of another region": {
		edits{{"services", "web.secretsManager"}: map[string]any{
			"STRIPE": map[string]any{"arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:stripe-a1B2c3"},
		}},
		`services.web.secretsManager.STRIPE.arn: found ` +
			`"arn:aws:secretsmanager:us-east-1:111122223333:secret:stripe-a1B2c3", want one of the stack's region ` +
			`(aws.region), ap-northeast-1`},
	"a secret under a key of another account": {
		edits{{"services", "web.secretsManager"}: map[string]any{"STRIPE": map[string]any{
			"arn":    "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3",
			"keyArn": "arn:aws:kms:ap-northeast-1:444455556666:key/0a1b2c3d",
		}}},
		`services.web.secretsManager.STRIPE.keyArn: found "arn:aws:kms:ap-northeast-1:444455556666:key/0a1b2c3d", ` +
			`want one of the stack's account (aws.accountId), 111122223333`},
	"secrets out of reach": {
		edits{
			{"network", "nat"}:       "none",
			{"network", "endpoints"}: []any{"s3", "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"},
			{"services", "web.secretsManager"}: map[string]any{
				"STRIPE": map[string]any{
					"arn": "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3",
				},
			},
		},
		`network.endpoints: found ["s3","ecr.api","ecr.dkr","kms","logs","ssm","ssmmessages"], want ` +
			`"secretsmanager" too: without a NAT gateway (network.nat) no task reads its secrets of Secrets Manager`},
	"a destination out of reach": {
		edits{
			{"network", "nat"}:         "none",
			{"services", "web.egress"}: []any{map[string]any{"to": "203.0.113.10", "port": 587}},
		},
		`services.web.egress[0].to: found "203.0.113.10/32", want an address inside the VPC or a network next to it`},
	"a queue out of reach": {
		edits{
			{"network", "nat"}:       "none",
			{"network", "endpoints"}: []any{"s3", "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"},
			{"services", "web.queue"}: map[string]any{
				"visibilitySeconds": 120,
				"retentionDays":     4,
				"maxReceives":       5,
				"messagesPerTask":   100,
				"oldestSeconds":     600,
			},
		},
		`network.endpoints: found ["s3","ecr.api","ecr.dkr","kms","logs","ssm","ssmmessages"], want "sqs" too: ` +
			`without a NAT gateway (network.nat) no service reaches its queue`},
	"a restore from the region that is lost": {
		edits{{"aurora", "clusters.main.restore"}: map[string]any{
			"snapshot":      "arn:aws:rds:ap-northeast-3:111122223333:cluster-snapshot:awsbackup:job-1",
			"engineVersion": "17.7",
		}},
		`aurora.clusters.main.restore.snapshot: found ` +
			`"arn:aws:rds:ap-northeast-3:111122223333:cluster-snapshot:awsbackup:job-1", ` +
			`want a snapshot in ap-northeast-1, the stack's region`},
	"copies of Atlas in its own region": {
		edits{{"atlas", "backup.copyRegion"}: "AP_NORTHEAST_1"},
		`atlas.backup.copyRegion: found "AP_NORTHEAST_1", want another region than the cluster's own, or nothing`},
	"a standby of itself": {
		edits{{"edge", "standby"}: map[string]any{
			"distributionId": "E2ABCDEFGHIJKL", "environment": "production", "zoneId": "Z0123456789ABCDEFGHIJ",
		}},
		`edge.standby.environment: found "production", want the environment of the stack that has made the ` +
			`distribution`},
	"a service that sleeps beside a standby": {
		edits{
			{"edge", "records.secondary"}: map[string]any{
				"dnsName": "standby-1.ap-northeast-3.elb.amazonaws.com", "zoneId": "Z5LXEXXYW11ES",
			},
			{"services", "web.scaling.quiet"}: map[string]any{"min": 0, "max": 0},
		},
		`services.web.scaling.quiet: found {"min":0,"max":0}, want a task at least at night, or no secondary`},
	"a monitor to adopt that is not adopted": {
		edits{{"guards", "costAnomalyMonitorArn"}: "arn:aws:ce::111122223333:anomalymonitor/0a"},
		`guards.costAnomalyMonitorArn: found "arn:aws:ce::111122223333:anomalymonitor/0a", want nothing unless ` +
			`costAnomalies is adopt`},
	"an alert on a number of events that it is not given": {
		edits{{"sentry", "issueAlerts"}: []any{map[string]any{"name": "a", "trigger": "frequency"}}},
		`sentry.issueAlerts[0].events: found nothing, want 1 or more with trigger frequency, nothing with another`},
	"an alarm that nobody hears": {
		edits{{"notifications", "emails"}: []any{}},
		`notifications: found "no subscriber", want an address in emails, slack, or pagerDuty`},
	"a tier outside its own bounds": {
		edits{{"atlas", "computeScaling"}: map[string]any{"minInstanceSize": "M20", "maxInstanceSize": "M40"}},
		`atlas.computeScaling.minInstanceSize: found "M20", want instanceSize (M10) between minInstanceSize and ` +
			`maxInstanceSize`},
	"restores from before the snapshots": {
		edits{{"atlas", "backup.restoreWindowDays"}: 8},
		`atlas.backup.restoreWindowDays: found 8, want no more than hourlyRetentionDays (7)`},
}

// Production always has a reader.
func TestTheLagOfNoReaderIsReported(t *testing.T) {
	f := stacktest.Read(t, "staging")
	f.Set(t, "observability", "thresholds.replicaLagMilliseconds", 500)
	f.Set(t, "aurora", "instances", []any{map[string]any{"number": 1, "zoneIndex": 1, "promotionTier": 0}})
	_, err := read(t, f)
	require.ErrorContains(t, err, "\n  bookmark-manager:observability.thresholds.replicaLagMilliseconds: found 500, "+
		"want nothing: aurora.instances has no reader")
}

func TestContradictionsAreReported(t *testing.T) {
	for name, c := range contradictions {
		t.Run(name, func(t *testing.T) {
			f := stacktest.Read(t, "prod")
			for place, value := range c.edits {
				f.Set(t, place[0], place[1], value)
			}
			_, err := read(t, f)
			require.ErrorContains(t, err, "\n  bookmark-manager:"+c.want)
			assert.ErrorContains(t, err, "is not usable, and nothing was deployed")
		})
	}
	t.Logf("%d configurations refused", len(contradictions))
}

// with gives an entry of a map another value.
func with(values map[string]any, key string, value any) map[string]any {
	values[key] = value
	return values
}

// dumps are those of a stack that keeps them for so many days.
func dumps(retentionDays int) map[string]any {
	return map[string]any{
		"architecture":     "X86_64",
		"cpu":              256,
		"memory":           512,
		"schedule":         "cron(10 3 * * ? *)",
		"timezone":         "Asia/Tokyo",
		"retentionDays":    retentionDays,
		"passwordRotation": 1,
		"logRetentionDays": 30,
	}
}
