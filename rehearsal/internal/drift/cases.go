package drift

// Answer is what Pulumi makes of a change by hand.
type Answer string

// The answers.
const (
	// Repaired is seen by a refresh, and the next `up` takes it back.
	Repaired Answer = "repaired"
	// Owned is what autoscaling or a schedule may change: the program ignores it, and `up` leaves
	// it as it is.
	Owned Answer = "left alone"
	// Unseen is what no refresh can see. Something else must tell of it.
	Unseen Answer = "not seen"
)

// Case is one change by hand.
type Case struct {
	Name   string
	Answer Answer
	// Why is said of what is left alone or not seen.
	Why string
	// Change makes the change in the model's cloud.
	Change func(*Hand)
}

// The types that the cases change.
const (
	ingressRule     = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressRule      = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	securityGroup   = "aws:ec2/securityGroup:SecurityGroup"
	vpc             = "aws:ec2/vpc:Vpc"
	parameter       = "aws:ssm/parameter:Parameter"
	bucketPolicy    = "aws:s3/bucketPolicy:BucketPolicy"
	publicAccess    = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	cluster         = "aws:rds/cluster:Cluster"
	clusterInstance = "aws:rds/clusterInstance:ClusterInstance"
	logGroup        = "aws:cloudwatch/logGroup:LogGroup"
	webACL          = "aws:wafv2/webAcl:WebAcl"
	alarm           = "aws:cloudwatch/metricAlarm:MetricAlarm"
	monitor         = "datadog:index/monitor:Monitor"
	record          = "aws:route53/record:Record"
	scalingTarget   = "aws:appautoscaling/target:Target"
	loadBalancer    = "aws:lb/loadBalancer:LoadBalancer"
	listener        = "aws:lb/listener:Listener"
	service         = "aws:ecs/service:Service"
	rolePolicy      = "aws:iam/rolePolicy:RolePolicy"
	route           = "aws:ec2/route:Route"
	distribution    = "aws:cloudfront/distribution:Distribution"
	repository      = "aws:ecr/repository:Repository"
	atlasCluster    = "mongodbatlas:index/advancedCluster:AdvancedCluster"
	atlasUser       = "mongodbatlas:index/databaseUser:DatabaseUser"
	sentryProject   = "sentry:index/sentryProject:SentryProject"
)

// Cases are the classes of changes that people and services make. Each has a resource of its own,
// so that all can be made at once and told apart by URN.
var Cases = []Case{
	{
		Name:   "a rule of a security group is removed",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(ingressRule, "network-database-in-5432-task-api") },
	},
	{Name: "a rule of a security group is widened", Answer: Repaired, Change: func(h *Hand) {
		h.Set(egressRule, "network-task-web-out-443-internet", "fromPort", 0)
	}},
	{Name: "a parameter is edited", Answer: Repaired, Change: func(h *Hand) {
		h.Set(parameter, "parameters-api-SENTRY_DSN", "value", "https://somebody@sentry.io/1")
		h.Count(parameter, "parameters-api-SENTRY_DSN", "version")
	}},
	{
		Name:   "the policy of a bucket is removed",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(bucketPolicy, "buckets-backups") },
	},
	{Name: "a bucket is opened to the public", Answer: Repaired, Change: func(h *Hand) {
		h.Set(publicAccess, "buckets-assets", "blockPublicPolicy", false)
	}},
	{
		Name:   "an Aurora instance is deleted",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(clusterInstance, "aurora-instance-2") },
	},
	{Name: "the load balancer drops no invalid headers", Answer: Repaired, Change: func(h *Hand) {
		h.Set(loadBalancer, "load-balancer", "dropInvalidHeaderFields", false)
	}},
	{Name: "the retention of a log group is changed", Answer: Repaired, Change: func(h *Hand) {
		h.Set(logGroup, "network-flow-logs", "retentionInDays", 1)
	}},
	{Name: "a tag is removed", Answer: Repaired, Change: func(h *Hand) { h.Untag(vpc, "network-vpc", "Environment") }},
	{Name: "a rule of the web ACL is set to count", Answer: Repaired, Change: func(h *Hand) {
		h.Set(webACL, "web-acl-acl", "rules[1].action", map[string]any{"count": map[string]any{}})
	}},
	{Name: "the threshold of an alarm is changed", Answer: Repaired, Change: func(h *Hand) {
		h.Set(alarm, "observability-api-cpu-high", "threshold", 99)
	}},
	{Name: "an alarm is switched off", Answer: Repaired, Change: func(h *Hand) {
		h.Set(alarm, "observability-api-memory-high", "actionsEnabled", false)
	}},
	{Name: "a Datadog monitor is edited", Answer: Repaired, Change: func(h *Hand) {
		h.Set(monitor, "datadog-api-error-rate", "message", "muted by hand")
	}},
	{Name: "a DNS record is deleted", Answer: Repaired, Change: func(h *Hand) { h.Delete(record, "records-www-aaaa") }},
	{Name: "the default action of the listener lets everybody in", Answer: Repaired, Change: func(h *Hand) {
		h.Set(listener, "load-balancer-https", "defaultActions[0].fixedResponse.statusCode", "200")
	}},
	{Name: "the policy of a role is widened", Answer: Repaired, Change: func(h *Hand) {
		h.Set(rolePolicy, "api-task", "policy",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
	}},
	{
		Name:   "a route is deleted",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(route, "network-private-ap-northeast-1a-default") },
	},
	{Name: "the web ACL is taken off the distribution", Answer: Repaired, Change: func(h *Hand) {
		h.Set(distribution, "distribution-distribution", "webAclId", "")
	}},
	{Name: "tags of images are made mutable", Answer: Repaired, Change: func(h *Hand) {
		h.Set(repository, "registry-api", "imageTagMutability", "MUTABLE")
	}},
	{Name: "a Sentry project is renamed", Answer: Repaired, Change: func(h *Hand) {
		h.Set(sentryProject, "sentry-api", "name", "renamed by hand")
	}},

	{
		Name:   "a service is scaled",
		Answer: Owned,
		Why:    "autoscaling chooses the number of tasks",
		Change: func(h *Hand) { h.Set(service, "web", "desiredCount", 7) },
	},
	{
		Name:   "a schedule writes the bounds of a scaling target",
		Answer: Owned,
		Why:    "scheduled actions write the bounds",
		Change: func(h *Hand) {
			h.Set(scalingTarget, "web", "minCapacity", 0)
			h.Set(scalingTarget, "web", "maxCapacity", 1)
		},
	},
	{
		Name:   "Atlas grows the disk",
		Answer: Owned,
		Why:    "Atlas scales the disk, and refuses to take it back",
		Change: func(h *Hand) {
			h.Set(atlasCluster, "atlas-cluster", "replicationSpecs[0].regionConfigs[0].electableSpecs.diskSizeGb", 40)
		},
	},

	{
		Name:   "a rule is added to a security group",
		Answer: Unseen,
		Why:    "rules are resources of their own, and no resource of the state is this one",
		Change: func(h *Hand) {
			h.Add(ingressRule, "sgr-0123456789abcdef0", securityGroup, "network-database", "securityGroupId",
				map[string]any{
					"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": "203.0.113.7/32",
				})
		},
	},
	{
		Name:   "the password of the database's owner is changed",
		Answer: Unseen,
		Why:    "RDS never tells a password",
		Change: func(h *Hand) { h.Set(cluster, "aurora-cluster", "masterPassword", "changed-by-hand") },
	},
	{
		Name:   "the password of the Atlas user is changed",
		Answer: Unseen,
		Why:    "Atlas never tells a password",
		Change: func(h *Hand) { h.Set(atlasUser, "atlas-user-1", "password", "changed-by-hand") },
	},
}
