// Package compute makes what runs the application: the ECS cluster, the image repositories, the
// load balancer, one Service for each entry of the configuration's services, and the one-off task
// that migrates the database.
//
// A service without an image gets everything but its ECS service: that is how a new stack starts,
// before anything could be pushed. It refuses what ECS or the load balancer would refuse only
// during the deploy (sizes that Fargate does not have, two rules with one priority), and what they
// would take although it cannot work (a path that another service's rule catches first, services
// that call each other in a circle). Repositories are protected unless the stack is disposable or
// being torn down.
package compute

import (
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is what all services share: section "compute".
type Config struct {
	// Cluster is the ECS cluster, where the services run.
	Cluster ClusterConfig `json:"cluster"`
	// Registry says which images are kept, per repository.
	Registry RegistryConfig `json:"registry"`
	// LoadBalancer stands in front of the services.
	LoadBalancer LoadBalancerConfig `json:"loadBalancer"`
	// Agent is the Datadog agent's container beside a service; its share is taken from the task's
	// size. Required when a service has datadog.
	Agent *AgentConfig `json:"agent"`
	// Schedule says when services are held at their quiet bounds. Required when a service has
	// scaling.quiet.
	Schedule *ScheduleConfig `json:"schedule"`
	// Dump dumps the database into the bucket of backups. Without it: no dumps.
	Dump *DumpConfig `json:"dump"`
}

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems { return append(settings.Check(c), c.validateCache()...) }

// Insights is how much CloudWatch Container Insights measures.
type Insights string

// Both enabled levels are billed as custom metrics; enhanced adds metrics of each task and
// container.
const (
	InsightsDisabled Insights = "disabled"
	InsightsEnabled  Insights = "enabled"
	InsightsEnhanced Insights = "enhanced"
)

// Rule implements settings.Ruled.
func (Insights) Rule() settings.Rule {
	return settings.Set(InsightsDisabled, InsightsEnabled, InsightsEnhanced)
}

// ClusterConfig is what a stack may choose of its cluster.
type ClusterConfig struct {
	// Insights is the level of Container Insights. Both enabled levels are billed as custom
	// metrics; enhanced adds each task and container.
	Insights Insights `json:"insights"`
	// ExecLogRetentionDays is how long the transcripts of ECS Exec sessions are kept.
	ExecLogRetentionDays retention.Days `json:"execLogRetentionDays"`
}

// RegistryConfig says which images are kept. Counts are per repository.
type RegistryConfig struct {
	// KeepImages is how many images are kept that neither run nor were released.
	KeepImages int `json:"keepImages" range:"10..1000"`
	// KeepReleases is how many images with a tag that begins with "release-" are kept, those that
	// were pushed last, beside what runs.
	KeepReleases int `json:"keepReleases" range:"5..1000"`
	// UntaggedDays is how long an image without a tag is kept.
	UntaggedDays int `json:"untaggedDays" range:"1..365" unit:"days"`
	// CachePublic takes the agent's image from the account's own registry, which fetches it from
	// public.ecr.aws once (a pull-through cache), so that no start of a task depends on the public
	// registry.
	CachePublic bool `json:"cachePublic" settings:"optional"`
}

// TLSPolicy is a security policy of the load balancer.
type TLSPolicy string

// Rule has the policies that take nothing older than TLS 1.2 with forward secrecy.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
func (TLSPolicy) Rule() settings.Rule {
	return settings.Set[TLSPolicy](
		"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
		"ELBSecurityPolicy-TLS13-1-3-2021-06")
}

// Scheme says from where a load balancer is reached, in the words of Elastic Load Balancing.
type Scheme string

// CloudFront reaches a load balancer without public addresses by a VPC origin, and nobody else
// reaches it from outside of the VPC.
const (
	InternetFacing Scheme = "internet-facing" // with public addresses, in the public subnets
	Internal       Scheme = "internal"        // with none, in the private subnets
)

// Rule implements settings.Ruled.
func (Scheme) Rule() settings.Rule { return settings.Set(InternetFacing, Internal) }

// LoadBalancerConfig is what a stack may choose of its load balancer.
type LoadBalancerConfig struct {
	// Scheme is that of the load balancer which CloudFront sends requests to: internet-facing, or
	// internal, which CloudFront reaches by a VPC origin. VPC origins carry no WebSockets and no
	// gRPC. Without it: internet-facing. On a stack that is up it changes while Moving is true.
	Scheme Scheme `json:"scheme" settings:"optional"`
	// Moving keeps a load balancer of the other scheme beside. Both lead to the same tasks, so that
	// another Scheme moves CloudFront from one to the other without losing a request. It costs a
	// second load balancer for as long as it is true.
	Moving bool `json:"moving" settings:"optional"`
	// TLSPolicy is the HTTPS listener's security policy.
	TLSPolicy TLSPolicy `json:"tlsPolicy"`
	// IdleTimeoutSeconds is how long a silent connection lives. CloudFront's keep-alive to the
	// origin must not be longer; the services' own is derived from it.
	IdleTimeoutSeconds int `json:"idleTimeoutSeconds" range:"30..4000" unit:"seconds"`
	// RuleQuota is AWS's quota of rules per load balancer, when it has been raised in the account.
	RuleQuota int `json:"ruleQuota" range:"100..10000" default:"100"`
	// TargetQuota is AWS's quota of targets per load balancer, when it has been raised in the
	// account.
	TargetQuota int `json:"targetQuota" range:"1000..100000" default:"1000"`
}

// Schemes are those of the stack's load balancers: of the one that CloudFront sends requests to
// and, during a move, of the one beside it.
func (c LoadBalancerConfig) Schemes() []Scheme {
	reached, beside := InternetFacing, Internal
	if c.Scheme == Internal {
		reached, beside = beside, reached
	}
	if !c.Moving {
		return []Scheme{reached}
	}
	return []Scheme{reached, beside}
}

// Has says whether one of the stack's load balancers has a scheme.
func (c LoadBalancerConfig) Has(scheme Scheme) bool { return slices.Contains(c.Schemes(), scheme) }

// AgentConfig is the Datadog agent's container.
type AgentConfig struct {
	// Image is the agent's image with a version or a digest: "latest" would change under a running
	// release.
	Image string `json:"image" pattern:"^[a-z0-9.:/_-]+(:[0-9][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$" want:"an image with a version or a digest, such as public.ecr.aws/datadog/agent:7.73.0"`
	// CPU is the agent's share in CPU units; 1,024 are a vCPU.
	CPU int `json:"cpu" range:"32..1024" unit:"CPU units"`
	// Memory is the agent's limit. An agent that outgrows it is stopped alone.
	Memory int `json:"memory" range:"128..4096" unit:"MiB"`
}
