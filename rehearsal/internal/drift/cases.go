package drift

import (
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
)

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

// Cases are the classes of changes that people and services make. Each has a resource of its own,
// so that all can be made at once and told apart by URN.
var Cases = []Case{
	{
		Name:   "a rule of a security group is removed",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(catalog.IngressRule, "network-database-in-5432-task-api") },
	},
	{Name: "a rule of a security group is widened", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.EgressRule, "network-task-web-out-443-internet", "fromPort", 0)
	}},
	{Name: "a parameter is edited", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.Parameter, "parameters-api-SENTRY_DSN", "value", "https://somebody@sentry.io/1")
		h.Count(catalog.Parameter, "parameters-api-SENTRY_DSN", "version")
	}},
	{
		Name:   "the policy of a bucket is removed",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(catalog.BucketPolicy, "buckets-backups") },
	},
	{Name: "a bucket is opened to the public", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.BucketPublicAccessBlock, "buckets-assets", "blockPublicPolicy", false)
	}},
	{
		Name:   "an Aurora instance is deleted",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(catalog.RDSClusterInstance, "aurora-instance-2") },
	},
	{Name: "the load balancer drops no invalid headers", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.LoadBalancer, "load-balancer", "dropInvalidHeaderFields", false)
	}},
	{Name: "the retention of a log group is changed", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.LogGroup, "network-flow-logs", "retentionInDays", 1)
	}},
	{
		Name:   "a tag is removed",
		Answer: Repaired,
		Change: func(h *Hand) { h.Untag(catalog.VPC, "network-vpc", "Environment") },
	},
	{Name: "a rule of the web ACL is set to count", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.WebACL, "web-acl-acl", "rules[1].action", map[string]any{"count": map[string]any{}})
	}},
	{Name: "the threshold of an alarm is changed", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.MetricAlarm, "observability-api-cpu-high", "threshold", 99)
	}},
	{Name: "an alarm is switched off", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.MetricAlarm, "observability-api-memory-high", "actionsEnabled", false)
	}},
	{Name: "a Datadog monitor is edited", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.DatadogMonitor, "datadog-api-error-rate", "message", "muted by hand")
	}},
	{
		Name:   "a DNS record is deleted",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(catalog.Record, "records-www-aaaa") },
	},
	{Name: "the default action of the listener lets everybody in", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.Listener, "load-balancer-https", "defaultActions[0].fixedResponse.statusCode", "200")
	}},
	{Name: "the policy of a role is widened", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.RolePolicy, "api-task", "policy",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
	}},
	{
		Name:   "a route is deleted",
		Answer: Repaired,
		Change: func(h *Hand) { h.Delete(catalog.Route, "network-private-ap-northeast-1a-default") },
	},
	{Name: "the web ACL is taken off the distribution", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.Distribution, "distribution-distribution", "webAclId", "")
	}},
	{Name: "tags of images are made mutable", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.Repository, "registry-api", "imageTagMutability", "MUTABLE")
	}},
	{Name: "a Sentry project is renamed", Answer: Repaired, Change: func(h *Hand) {
		h.Set(catalog.SentryProject, "sentry-api", "name", "renamed by hand")
	}},

	{
		Name:   "a service is scaled",
		Answer: Owned,
		Why:    "autoscaling chooses the number of tasks",
		Change: func(h *Hand) { h.Set(catalog.ECSService, "web", "desiredCount", 7) },
	},
	{
		Name:   "a schedule writes the bounds of a scaling target",
		Answer: Owned,
		Why:    "scheduled actions write the bounds",
		Change: func(h *Hand) {
			h.Set(catalog.ScalingTarget, "web", "minCapacity", 0)
			h.Set(catalog.ScalingTarget, "web", "maxCapacity", 1)
		},
	},
	{
		Name:   "Atlas grows the disk",
		Answer: Owned,
		Why:    "Atlas scales the disk, and refuses to take it back",
		Change: func(h *Hand) {
			h.Set(catalog.AtlasCluster, "atlas-cluster",
				"replicationSpecs[0].regionConfigs[0].electableSpecs.diskSizeGb", 40)
		},
	},

	{
		Name:   "a rule is added to a security group",
		Answer: Unseen,
		Why:    "rules are resources of their own, and no resource of the state is this one",
		Change: func(h *Hand) {
			h.Add(catalog.IngressRule, "sgr-0123456789abcdef0", catalog.SecurityGroup, "network-database",
				"securityGroupId",
				map[string]any{
					"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": "203.0.113.7/32",
				})
		},
	},
	{
		Name:   "the password of the database's owner is changed",
		Answer: Unseen,
		Why:    "RDS never tells a password",
		Change: func(h *Hand) { h.Set(catalog.RDSCluster, "aurora-cluster", "masterPassword", "changed-by-hand") },
	},
	{
		Name:   "the password of the Atlas user is changed",
		Answer: Unseen,
		Why:    "Atlas never tells a password",
		Change: func(h *Hand) { h.Set(harness.AtlasUser, "atlas-user-1", "password", "changed-by-hand") },
	},
}
