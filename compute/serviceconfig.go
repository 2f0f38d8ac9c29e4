package compute

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ServiceConfig is what a stack may choose of one service: an entry of section "services".
type ServiceConfig struct {
	// Image is the digest of the image in the service's repository; a promotion writes it. Without
	// it there is no ECS service yet.
	Image Digest `json:"image" settings:"optional"`
	// Version is what the image was built from, such as a commit. Required with Image; Sentry and
	// Datadog call it the release.
	Version Version `json:"version" settings:"optional"`
	// Architecture is the processor that the image was built for.
	Architecture string `json:"architecture" enum:"X86_64,ARM64"`
	// CPU is the task's size in CPU units; 1,024 are a vCPU.
	CPU CPUUnits `json:"cpu"`
	// Memory is the task's size, one that Fargate has for CPU.
	Memory int `json:"memory" range:"512..122880" unit:"MiB" hint:"one that Fargate has with the cpu"`
	// Port is what the container listens on. Without it: a worker that listens on nothing.
	Port int `json:"port" settings:"optional" range:"1024..65535" want:"1024 to 65535 (a lower one would need root), or 0"`
	// Paths are the patterns, such as "/api/*", of the requests that the load balancer sends here,
	// three to a rule. Without any the load balancer does not know the service. A pattern also
	// catches what another service would like to answer under it, such as route handlers of a web
	// framework.
	Paths []PathPattern `json:"paths" settings:"optional"`
	// Hosts are names beside the site's own, below the hosted zone, such as admin.example.com: the
	// service answers under these and no others, and the names of the zone, the certificates and
	// the distribution follow. Without any it answers under all names. Files that the distribution
	// keeps (edge.distribution.static and images) are the same under every name. Only with Paths.
	Hosts []Host `json:"hosts" settings:"optional,unique" items:"..2" want:"two names at most: a listener rule has five values, of which two are the origin secret's and one is a path"`
	// Priority orders the services' rules, lower first. Required with Paths. Every three paths take
	// one more (two with one host, one with two), and a canary another one. Two services swap
	// theirs in two deploys, by way of a number that is free: the load balancer refuses a number
	// that is in use.
	Priority int `json:"priority" settings:"optional" range:"1..50000"`
	// StickySeconds binds a client to a task by cookie for so long. Without it nothing is bound,
	// which a stateless service wants.
	StickySeconds int `json:"stickySeconds" settings:"optional" range:"1..604800" unit:"seconds"`
	// Balancing is how the load balancer shares requests out among the tasks:
	// least_outstanding_requests where some take much longer than others. Without it round_robin.
	Balancing string `json:"balancing" settings:"optional" enum:"round_robin,least_outstanding_requests"`
	// SlowStartSeconds is how long the share of a new task takes to become a whole one. Without it
	// it is whole at once. Not with least_outstanding_requests.
	SlowStartSeconds int `json:"slowStartSeconds" settings:"optional" range:"30..900" unit:"seconds"`
	// DeregistrationSeconds is how long the load balancer lets open requests end when a task goes;
	// StopSeconds at most.
	DeregistrationSeconds int `json:"deregistrationSeconds" settings:"optional" range:"0..120" unit:"seconds"`
	// StopSeconds is how long a container may take after SIGTERM.
	StopSeconds int `json:"stopSeconds" range:"1..120" unit:"seconds"`
	// Health is how the load balancer and ECS see that a task works.
	Health HealthConfig `json:"health"`
	// Calls are the services that this one reaches inside the VPC as http://NAME:PORT; <NAME>_URL
	// is set to it.
	Calls []string `json:"calls" settings:"optional,unique"`
	// Queue is the queue whose messages this service handles. Without it: none.
	Queue *QueueConfig `json:"queue"`
	// Sends are the services to whose queues this one sends; <NAME>_QUEUE_URL is set to each.
	Sends []string `json:"sends" settings:"optional,unique"`
	// Tasks are commands of the service's image that a schedule starts, by name.
	Tasks ScheduledTasks `json:"tasks" settings:"optional"`
	// Egress are what the service reaches beside HTTPS, its databases and the services that it
	// calls.
	Egress []EgressConfig `json:"egress" settings:"optional"`
	// Environment are plain variables. Nothing secret: whoever may describe a task definition reads
	// them.
	Environment map[string]string `json:"environment" settings:"optional" keys:"^[A-Za-z_][A-Za-z0-9_]*$" keywant:"a name of letters, digits and underscores"`
	// Secrets are the names of the variables that are filled from parameters. The service can read
	// no other parameter.
	Secrets []string `json:"secrets" settings:"optional,unique" pattern:"^[A-Za-z_][A-Za-z0-9_]*$" want:"a name of letters, digits and underscores"`
	// SecretsManager are variables that are filled by the secrets manager of AWS, by name.
	SecretsManager ManagedSecrets `json:"secretsManager" settings:"optional" keys:"^[A-Za-z_][A-Za-z0-9_]*$" keywant:"a name of letters, digits and underscores"`
	// User is the numeric user and group that the container runs as, neither root.
	User UserAndGroup `json:"user"`
	// Writable are the directories that the container may write to; its root file system is
	// read-only.
	Writable []string `json:"writable" settings:"optional,unique" pattern:"^(/[A-Za-z0-9._-]+)+$" want:"an absolute directory, such as /tmp"`
	// EphemeralStorageGiB is the size of the task's disk, which holds its images and what it
	// writes. Without it Fargate's 20.
	EphemeralStorageGiB int `json:"ephemeralStorageGib" settings:"optional" range:"21..200" unit:"GiB"`
	// Assets is what the service may do in the assets bucket. Without it: nothing.
	Assets AssetsAccess `json:"assets" settings:"optional"`
	// Permissions are what the service may do in AWS beside what its other settings let it. The
	// stack's boundary limits them.
	Permissions []Permission `json:"permissions" settings:"optional"`
	// Exec allows a shell into a running container through Session Manager, with its transcript in
	// the cluster's log.
	Exec bool `json:"exec"`
	// Datadog runs the Datadog agent beside the container.
	Datadog bool `json:"datadog"`
	// Sidecars are other containers of the service's tasks, by name.
	Sidecars Sidecars `json:"sidecars" settings:"optional"`
	// SpotPercent is the share of tasks on Fargate Spot. A change here replaces the tasks
	// one after the other, as a new version does.
	SpotPercent int `json:"spotPercent" settings:"optional" range:"0..100" unit:"percent"`
	// OnDemandBase is how many tasks run on demand before SpotPercent counts for the others: those
	// that AWS may not take back at two minutes' notice. Only with SpotPercent.
	OnDemandBase int `json:"onDemandBase" settings:"optional" range:"1..100"`
	// LogRetentionDays is how long logs are kept.
	LogRetentionDays retention.Days `json:"logRetentionDays"`
	// Deployment is how a new version replaces the old one.
	Deployment DeploymentConfig `json:"deployment"`
	// Scaling is how many tasks there are and what their number follows.
	Scaling ScalingConfig `json:"scaling"`
	// Canary sends a share of the requests to another version.
	Canary *CanaryConfig `json:"canary"`
	// Migration makes a one-off task of this service's image that makes the application's role and
	// migrates the database. In one service at most.
	Migration *MigrationConfig `json:"migration"`
}

// EgressConfig is a destination of a service's requests.
type EgressConfig struct {
	// To is the address or the block, such as 203.0.113.10 or 10.8.0.0/16. A host name has no
	// address that would stay.
	To string `json:"to" pattern:"^([0-9]{1,3}\\.){3}[0-9]{1,3}(/[0-9]{1,2})?$" want:"an IPv4 address or a block without host bits, such as 203.0.113.10 or 10.8.0.0/16"`
	// Port is where it listens, by TCP.
	Port int `json:"port" range:"1..65535"`
}

// Block is the destination as a block.
func (c EgressConfig) Block() (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(c.To); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	block, err := netip.ParsePrefix(c.To)
	if err == nil && block != block.Masked() {
		err = fmt.Errorf("%s has host bits", block)
	}
	return block, err
}

// Permission is a statement of a service's task role.
type Permission struct {
	// Actions are IAM's, such as "s3:GetObject" or "sqs:Send*".
	Actions []string `json:"actions" items:"1.." settings:"unique" pattern:"^[a-z0-9-]+:[A-Za-z0-9]+\\*?$" want:"an action of IAM with its service, such as s3:GetObject or sqs:Send*"`
	// Resources are the ARNs that the actions are about, or "*" for actions that know none.
	Resources []string `json:"resources" items:"1.." settings:"unique" pattern:"^(\\*|arn:aws:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[!-~]+)$" want:"an ARN, such as arn:aws:s3:::a-bucket/*, or \"*\""`
}

// Digest is the digest of an image.
type Digest string

// Rule implements settings.Ruled.
func (Digest) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^sha256:[0-9a-f]{64}$`),
		Want:    `a digest, "sha256:" and 64 hexadecimal digits (a tag may point elsewhere later)`,
	}
}

// Version is what an image was built from.
type Version string

// Rule implements settings.Ruled.
func (Version) Rule() settings.Rule {
	return settings.Rule{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`),
		Want: "what the image was built from, such as its commit: 1 to 64 letters, digits, dots, hyphens and " +
			"underscores",
	}
}

// HealthConfig is a service's health check.
type HealthConfig struct {
	// Path is what is asked for. Required with a port.
	Path string `json:"path" settings:"optional" pattern:"^/[!-~]*$" want:"a path, such as /api/health"`
	// Matcher are the status codes of a healthy task. Required with paths.
	Matcher string `json:"matcher" settings:"optional" pattern:"^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$" want:"status codes from 200 to 499, such as \"200\" or \"200-299\""`
	// IntervalSeconds is the time between two checks.
	IntervalSeconds int `json:"intervalSeconds" range:"5..300" unit:"seconds"`
	// TimeoutSeconds is how long an answer may take; less than IntervalSeconds. The most is ECS's
	// limit, the load balancer's is higher.
	TimeoutSeconds int `json:"timeoutSeconds" range:"2..60" unit:"seconds"`
	// HealthyThreshold is how many good answers in a row it takes.
	HealthyThreshold int `json:"healthyThreshold" range:"2..10"`
	// UnhealthyThreshold is how many bad answers in a row it takes.
	UnhealthyThreshold int `json:"unhealthyThreshold" range:"2..10"`
	// StartSeconds is how long a new container may fail its own check.
	StartSeconds int `json:"startSeconds" settings:"optional" range:"0..300" unit:"seconds"`
	// Command is what ECS runs in the container. Without it, with a port, Node fetches Path.
	Command []string `json:"command" settings:"optional" items:"2.." want:"\"CMD\" or \"CMD-SHELL\" and a command; with a port it may be left out"`
}

// UnhealthySeconds is how long it takes at the most to find a task unhealthy that has stopped
// answering right after a check.
func (h HealthConfig) UnhealthySeconds() int {
	return h.UnhealthyThreshold*h.IntervalSeconds + h.TimeoutSeconds
}

// AssetsAccess is what a service may do in the assets bucket.
type AssetsAccess string

// ReadWrite includes deleting.
const (
	AssetsNone      AssetsAccess = ""
	AssetsRead      AssetsAccess = "read"
	AssetsReadWrite AssetsAccess = "readWrite"
)

// Rule implements settings.Ruled.
func (AssetsAccess) Rule() settings.Rule {
	return settings.Set(AssetsNone, AssetsRead, AssetsReadWrite)
}

// soundsSecret are the names of variables whose values somebody would not want to be read.
var soundsSecret = regexp.MustCompile(`(?i)(password|secret|token|credentials?|private_?key|api_?` +
	`key|_dsn|database_url|mongodb_uri)$`)

// Validate reports what is wrong with the service taken alone. Services.Validate adds what concerns
// the others.
func (c ServiceConfig) Validate() settings.Problems {
	p := settings.Check(c)
	if c.Image == "" {
		p.Under("", settings.Refuse(c, "without an image", "version"))
	} else {
		p.Under("", settings.Need(c, "with an image", "version"))
	}
	if size, ok := fargateSizeOf(int(c.CPU)); ok {
		p.Want(size.takes(c.Memory), "memory", c.Memory, "%s", size.allowed())
	}
	p.WantBeside("stopSeconds", c.DeregistrationSeconds <= c.StopSeconds, "deregistrationSeconds",
		c.DeregistrationSeconds,
		"no more than stopSeconds (%d)", c.StopSeconds)
	p.Under("health", c.Health.validate(c.Port != 0))
	p.WantBeside("datadog", !c.Datadog || !slices.Contains(agentPorts, c.Port), "port", c.Port,
		"another one than the agent listens on, which shares the task's addresses: %v", agentPorts)
	for i, one := range c.Egress {
		at := fmt.Sprintf("egress[%d]", i)
		block, err := one.Block()
		p.Want(err == nil, at+".to", one.To, "%s", settings.WantOf(one, "to"))
		// An address and a block of one address are the same rule of a security group.
		p.Want(!slices.ContainsFunc(c.Egress[:i], func(other EgressConfig) bool {
			same, otherErr := other.Block()
			return err == nil && otherErr == nil && same == block && other.Port == one.Port
		}), at, one, "each destination once")
	}
	p.WantBeside("spotPercent", c.OnDemandBase == 0 || c.SpotPercent > 0, "onDemandBase", c.OnDemandBase,
		"nothing without spotPercent: every task is on demand")
	p.WantBeside("scaling.max", c.OnDemandBase == 0 || c.OnDemandBase <= c.Scaling.Max, "onDemandBase", c.OnDemandBase,
		"no more than scaling.max (%d)", c.Scaling.Max)
	p = append(p, c.validateVariables()...)
	for i, path := range c.Writable {
		same := func(other string) bool { return volumeName(other) == volumeName(path) }
		at := fmt.Sprintf("writable[%d]", i)
		p.Want(!strings.Contains(path, ".."), at, path, "%s", settings.WantOf(c, "writable"))
		p.Want(!slices.ContainsFunc(c.Writable[:i], same), at, path,
			"a directory whose name, with hyphens for slashes and dots, no other has")
		p.Want(!slices.ContainsFunc(mountedAnyway(), same), at, path,
			"another one: ECS Exec or the Datadog agent has it")
	}
	if len(c.Paths) > 0 {
		p = append(p, c.validateFrontend()...)
	} else {
		const because = "for a service without paths"
		p.Under("", settings.Refuse(c, because, "hosts", "priority", "stickySeconds", "balancing",
			"slowStartSeconds"))
		p.Under("deployment", settings.Refuse(c.Deployment, because, "errorsPerMinute", "graceSeconds"))
		p.Under("scaling", settings.Refuse(c.Scaling, because, "requestsPerTarget"))
	}
	p = append(p, c.Tasks.validate()...)
	p.Under("scaling", c.Scaling.validate())
	p = append(p, c.validateRoom()...)
	p = append(p, c.validateQueue()...)
	p = append(p, c.Canary.validate(c)...)
	return p
}

// leastOutstanding sends each request to the task that answers the fewest at that time.
const leastOutstanding = "least_outstanding_requests"

// validateFrontend checks what a service behind the load balancer needs.
func (c ServiceConfig) validateFrontend() settings.Problems {
	var p settings.Problems
	const because = "with paths"
	p.Want(c.Port != 0, "port", c.Port, "a port for the load balancer to reach")
	p.Under("", settings.Need(c, because, "priority"))
	p.Want(c.Priority <= maxPriority-len(c.Paths), "priority", c.Priority, "1 to %d", maxPriority-len(c.Paths))
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
	p.WantBeside("balancing", c.SlowStartSeconds == 0 || c.Balancing != leastOutstanding, "slowStartSeconds",
		c.SlowStartSeconds,
		"nothing with balancing %s: the load balancer takes one or the other", leastOutstanding)
	p.Under("health", settings.Need(c.Health, because, "matcher"))
	p.Under("deployment", settings.Need(c.Deployment, because, "errorsPerMinute"))
	p.Under("scaling", settings.Need(c.Scaling, because, "requestsPerTarget"))
	p.WantBeside("health.startSeconds", c.Deployment.GraceSeconds >= c.Health.StartSeconds, "deployment.graceSeconds",
		c.Deployment.GraceSeconds,
		"health.startSeconds (%d) or more: the load balancer does not know of those, and ECS would stop a task that "+
			"still starts", c.Health.StartSeconds)
	return p
}

func (c ServiceConfig) validateVariables() settings.Problems {
	p := c.validateAddresses()
	given := c.ownVariables()
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		at := settings.Key("environment", name)
		p.Want(!soundsSecret.MatchString(name), at, "a value", "a parameter: list the name under secrets")
		p.Want(!slices.Contains(given, name), at, c.Environment[name], "no value: the service sets it itself")
	}
	return append(p, c.validateSecrets(given)...)
}

func (c HealthConfig) validate(port bool) settings.Problems {
	var p settings.Problems
	if port {
		p.Under("", settings.Need(c, "with a port", "path"))
	} else {
		p.Under("", settings.Need(c, "without a port", "command"))
	}
	p.WantBeside("intervalSeconds", c.TimeoutSeconds < c.IntervalSeconds, "timeoutSeconds", c.TimeoutSeconds,
		"less than intervalSeconds (%d)", c.IntervalSeconds)
	p.Want(rising(c.Matcher), "matcher", c.Matcher, "%s, the lower end of a range first",
		settings.WantOf(c, "matcher"))
	if len(c.Command) > 0 {
		p.Want(slices.Contains([]string{"CMD", "CMD-SHELL"}, c.Command[0]), "command[0]", c.Command[0], "%s",
			settings.WantOf(c, "command"))
	}
	return p
}

// statusRange is a range of status codes in a matcher.
var statusRange = regexp.MustCompile(`([0-9]{3})-([0-9]{3})`)

// rising says whether each range of a matcher begins with its lower end. The codes have three
// digits, so that they compare as text.
func rising(matcher string) bool {
	return !slices.ContainsFunc(statusRange.FindAllStringSubmatch(matcher, -1), func(ends []string) bool {
		return ends[1] >= ends[2]
	})
}
