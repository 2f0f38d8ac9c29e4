// Package compute makes what runs the application: the ECS cluster, the image repositories, the load balancer, one Service for each
// entry of the configuration's services, and the one-off task that migrates the database.
//
// A service without an image gets everything but its ECS service: that is how a new stack starts, before anything could be pushed. It
// refuses what ECS or the load balancer would refuse only during the deploy (sizes that Fargate does not have, two rules with one
// priority), and what they would take although it cannot work (a path that another service's rule catches first, services that call each
// other in a circle). Repositories are protected unless the stack is disposable or being torn down.
package compute

import (
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Config is what a stack may choose for all services together: section "compute".
type Config struct {
	// Cluster is where the services run. Required.
	Cluster ClusterConfig `json:"cluster"`
	// Registry keeps the images. Required.
	Registry RegistryConfig `json:"registry"`
	// LoadBalancer stands in front of the services. Required.
	LoadBalancer LoadBalancerConfig `json:"loadBalancer"`
	// Agent is the Datadog agent's container. Required when a service has datadog.
	Agent *AgentConfig `json:"agent"`
	// Schedule says when services are held at their quiet bounds. Required when a service has scaling.quiet.
	Schedule *ScheduleConfig `json:"schedule"`
}

// Validate reports every problem of the section.
func (c Config) Validate() settings.Problems {
	var p settings.Problems
	p.Under("cluster", c.Cluster.Validate())
	p.Under("registry", c.Registry.Validate())
	p.Under("loadBalancer", c.LoadBalancer.Validate())
	if c.Agent != nil {
		p.Under("agent", c.Agent.Validate())
	}
	if c.Schedule != nil {
		p.Under("schedule", c.Schedule.Validate())
	}
	return p
}

// Insights is how much CloudWatch Container Insights measures.
type Insights string

// Both enabled levels are billed as custom metrics; enhanced adds metrics of each task and container.
const (
	InsightsDisabled Insights = "disabled"
	InsightsEnabled  Insights = "enabled"
	InsightsEnhanced Insights = "enhanced"
)

// ClusterConfig is what a stack may choose of its cluster.
type ClusterConfig struct {
	// Insights is the level of Container Insights. Required.
	Insights Insights `json:"insights"`
	// ExecLogRetentionDays is how long the transcripts of ECS Exec sessions are kept. Required.
	ExecLogRetentionDays int `json:"execLogRetentionDays"`
}

// Validate reports every problem of the cluster.
func (c ClusterConfig) Validate() settings.Problems {
	var p settings.Problems
	levels := []Insights{InsightsDisabled, InsightsEnabled, InsightsEnhanced}
	p.Want(slices.Contains(levels, c.Insights), "insights", settings.Given(string(c.Insights)), "%s", settings.OneOf(levels...))
	retention.Check(&p, "execLogRetentionDays", c.ExecLogRetentionDays)
	return p
}

// RegistryConfig says which images are kept. Counts are per repository.
type RegistryConfig struct {
	// KeepImages is how many images are kept that no release tag protects, 10 to 1,000. Required.
	KeepImages int `json:"keepImages"`
	// KeepReleases is how many images with a tag that begins with "release-" are kept, those that were pushed last, 5 to 1,000. Required.
	// What runs carries such a tag: a task that is restarted pulls its image again.
	KeepReleases int `json:"keepReleases"`
	// UntaggedDays is how long an image without a tag is kept, 1 to 365 days. Required.
	UntaggedDays int `json:"untaggedDays"`
}

// Validate reports every problem of the registry.
func (c RegistryConfig) Validate() settings.Problems {
	var p settings.Problems
	between(&p, "keepImages", c.KeepImages, 10, 1000)
	between(&p, "keepReleases", c.KeepReleases, 5, 1000)
	between(&p, "untaggedDays", c.UntaggedDays, 1, 365)
	return p
}

// tlsPolicies are the load balancer's policies that take nothing older than TLS 1.2 with forward secrecy.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
var tlsPolicies = []string{
	"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06",
}

// LoadBalancerConfig is what a stack may choose of its load balancer.
type LoadBalancerConfig struct {
	// TLSPolicy is the HTTPS listener's security policy. Required.
	TLSPolicy string `json:"tlsPolicy"`
	// IdleTimeoutSeconds is how long a silent connection lives, 30 to 4,000 seconds. Required. CloudFront's keep-alive to the origin must not
	// be longer; the services' own is derived from it.
	IdleTimeoutSeconds int `json:"idleTimeoutSeconds"`
}

// Validate reports every problem of the load balancer.
func (c LoadBalancerConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(slices.Contains(tlsPolicies, c.TLSPolicy), "tlsPolicy", settings.Given(c.TLSPolicy), "%s", settings.OneOf(tlsPolicies...))
	between(&p, "idleTimeoutSeconds", c.IdleTimeoutSeconds, 30, 4000)
	return p
}

// AgentConfig is the Datadog agent that runs beside a service's container. Its share is taken from the task's size.
type AgentConfig struct {
	// Image is the agent's image with a version or a digest. Required: "latest" would change under a running release.
	Image string `json:"image"`
	// CPU is the agent's share in CPU units (1,024 are a vCPU), 32 to 1,024. Required.
	CPU int `json:"cpu"`
	// Memory is the agent's limit in MiB, 128 to 4,096. Required. An agent that outgrows it is stopped alone.
	Memory int `json:"memory"`
}

var pinnedImage = regexp.MustCompile(`^[a-z0-9.:/_-]+(:[0-9][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})$`)

// Validate reports every problem of the agent.
func (c AgentConfig) Validate() settings.Problems {
	var p settings.Problems
	p.Want(pinnedImage.MatchString(c.Image), "image", settings.Given(c.Image), "an image with a version or a digest, such as public.ecr.aws/datadog/agent:7.73.0")
	between(&p, "cpu", c.CPU, 32, 1024)
	between(&p, "memory", c.Memory, 128, 4096)
	return p
}

func between(p *settings.Problems, path string, found, least, most int) {
	p.Want(found >= least && found <= most, path, found, "%d to %d", least, most)
}
