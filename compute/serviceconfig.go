package compute

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ServiceConfig is what a stack may choose of one service: an entry of section "services".
type ServiceConfig struct {
	// Image is the digest of the image in the service's repository, "sha256:" and 64 hexadecimal digits. Empty: no ECS service yet.
	Image string `json:"image"`
	// Version is what the image was built from, such as a commit. Required with Image; Sentry and Datadog call it the release.
	Version string `json:"version"`
	// Architecture is X86_64 or ARM64, as the image was built. Required.
	Architecture string `json:"architecture"`
	// CPU is the task's size in CPU units (1,024 are a vCPU). Required; Fargate has 256 to 16,384.
	CPU int `json:"cpu"`
	// Memory is the task's size in MiB, a size that Fargate has for CPU. Required.
	Memory int `json:"memory"`
	// Port is what the container listens on; 0 for a worker that listens on nothing.
	Port int `json:"port"`
	// Paths are the patterns, such as "/api/*", of the requests that the load balancer sends here. Empty: the load balancer does not know the
	// service. A pattern also catches what another service would like to answer under it, such as route handlers of a web framework.
	Paths []string `json:"paths"`
	// Priority orders the services' rules, lower first, 1 to 50,000. Required with Paths. Every three paths take one more.
	Priority int `json:"priority"`
	// StickySeconds binds a client to a task by cookie, 1 to 604,800 seconds. 0: no binding, which a stateless service wants.
	StickySeconds int `json:"stickySeconds"`
	// DeregistrationSeconds is how long the load balancer lets open requests end, 0 to StopSeconds.
	DeregistrationSeconds int `json:"deregistrationSeconds"`
	// StopSeconds is how long a container may take after SIGTERM, 1 to 120 seconds. Required.
	StopSeconds int `json:"stopSeconds"`
	// Health is how the load balancer and ECS see that a task works. Required.
	Health HealthConfig `json:"health"`
	// Calls are the services that this one reaches inside the VPC as http://NAME:PORT; <NAME>_URL is set to it. Optional.
	Calls []string `json:"calls"`
	// Environment are plain variables. Optional. Nothing secret: whoever may describe a task definition reads them.
	Environment map[string]string `json:"environment"`
	// Secrets are the names of the variables that are filled from parameters. Optional. The service can read no other parameter.
	Secrets []string `json:"secrets"`
	// User is the numeric user and group that the container runs as. Required; root is refused.
	User string `json:"user"`
	// Writable are the directories that the container may write to; its root file system is read-only. Optional.
	Writable []string `json:"writable"`
	// Assets is what the service may do in the assets bucket. Empty: nothing.
	Assets AssetsAccess `json:"assets"`
	// Exec allows a shell into a running container through Session Manager, with its transcript in the cluster's log.
	Exec bool `json:"exec"`
	// Datadog runs the Datadog agent beside the container.
	Datadog bool `json:"datadog"`
	// SpotPercent is the share of tasks on Fargate Spot, 0 to 100. A change here replaces the tasks
	// one after the other, as a new version does.
	SpotPercent int `json:"spotPercent"`
	// LogRetentionDays is how long logs are kept. Required.
	LogRetentionDays int `json:"logRetentionDays"`
	// Deployment is how a new version replaces the old one. Required.
	Deployment DeploymentConfig `json:"deployment"`
	// Scaling bounds the number of tasks. Required.
	Scaling ScalingConfig `json:"scaling"`
	// Canary sends a share of the requests to another version. Optional.
	Canary *CanaryConfig `json:"canary"`
	// Migration makes a one-off task of this service's image that migrates the database. Optional, in one service at most.
	Migration *MigrationConfig `json:"migration"`
}

// HealthConfig is a service's health check.
type HealthConfig struct {
	// Path is what is asked for, such as /api/health. Required with a port.
	Path string `json:"path"`
	// Matcher are the status codes of a healthy task, such as "200". Required with paths.
	Matcher string `json:"matcher"`
	// IntervalSeconds is 5 to 300. Required.
	IntervalSeconds int `json:"intervalSeconds"`
	// TimeoutSeconds is 2 to 60 (ECS's limit; the load balancer's is higher) and less than IntervalSeconds. Required.
	TimeoutSeconds int `json:"timeoutSeconds"`
	// HealthyThreshold and UnhealthyThreshold are how many answers in a row it takes, 2 to 10. Required.
	HealthyThreshold   int `json:"healthyThreshold"`
	UnhealthyThreshold int `json:"unhealthyThreshold"`
	// StartSeconds is how long a new container may fail its own check, 0 to 300.
	StartSeconds int `json:"startSeconds"`
	// Command is what ECS runs in the container, "CMD" or "CMD-SHELL" first. Optional: with a port, Node fetches Path.
	Command []string `json:"command"`
}

// DeploymentConfig is how ECS rolls out a new version.
type DeploymentConfig struct {
	// MinHealthyPercent of the tasks stay up meanwhile, 50 to 100. Required; 100 keeps all.
	MinHealthyPercent int `json:"minHealthyPercent"`
	// MaxPercent of the tasks may run meanwhile, 101 to 200. Required; zones can be rebalanced only above 100.
	MaxPercent int `json:"maxPercent"`
	// GraceSeconds is how long ECS ignores the load balancer's view of a new task, 0 to 1,800.
	GraceSeconds int `json:"graceSeconds"`
	// ErrorsPerMinute of status 5xx roll a deployment back when they last for three minutes, 1 or more. Required with paths.
	ErrorsPerMinute int `json:"errorsPerMinute"`
}

// Bounds are a least and a greatest number of tasks.
type Bounds struct {
	Min int `json:"min" settings:"required"`
	Max int `json:"max" settings:"required"`
}

// ScalingConfig bounds the number of tasks and says what it follows.
type ScalingConfig struct {
	// Min is the least number of tasks, 0 or more.
	Min int `json:"min" settings:"required"`
	// Max is the greatest, Min to 5,000, 1 or more. Required.
	Max int `json:"max"`
	// CPUPercent and MemoryPercent are the averages that the number of tasks follows, 10 to 90. Required.
	CPUPercent    int `json:"cpuPercent"`
	MemoryPercent int `json:"memoryPercent"`
	// RequestsPerTarget is how many requests a task should get in a minute, 1 or more. Required with paths.
	RequestsPerTarget int `json:"requestsPerTarget"`
	// Quiet are the bounds of nights, weekends and holidays. Optional: without them the service keeps Min and Max.
	Quiet *Bounds `json:"quiet"`
}

// bounds are those of a working day.
func (c ScalingConfig) bounds() Bounds { return Bounds{c.Min, c.Max} }

// AssetsAccess is what a service may do in the assets bucket.
type AssetsAccess string

// ReadWrite includes deleting.
const (
	AssetsNone      AssetsAccess = ""
	AssetsRead      AssetsAccess = "read"
	AssetsReadWrite AssetsAccess = "readWrite"
)

var (
	digest          = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	versionText     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	variableName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	soundsSecret    = regexp.MustCompile(`(?i)(password|secret|token|credentials?|private_?key|api_?key|_dsn|database_url|mongodb_uri)$`)
	numericUser     = regexp.MustCompile(`^[1-9][0-9]{0,9}:[1-9][0-9]{0,9}$`)
	directory       = regexp.MustCompile(`^(/[A-Za-z0-9._-]+)+$`)
	statusCodes     = regexp.MustCompile(`^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$`)
	healthCheckPath = regexp.MustCompile(`^/[!-~]*$`)
	architectures   = []string{"X86_64", "ARM64"}
)

// Validate reports what is wrong with the service taken alone. Services.Validate adds what concerns the others.
func (c ServiceConfig) Validate() settings.Problems {
	var p settings.Problems
	validateImage(&p, c.Image, c.Version)
	p.Want(slices.Contains(architectures, c.Architecture), "architecture", settings.Given(c.Architecture), "%s", settings.OneOf(architectures...))
	if size, ok := fargateSizeOf(c.CPU); ok {
		p.Want(size.takes(c.Memory), "memory", c.Memory, "%s", size.allowed())
	} else {
		p.Add("cpu", c.CPU, "one of %v", cpuSizes())
	}
	p.Want(c.Port == 0 || (c.Port >= 1024 && c.Port <= 65535), "port", c.Port, "1024 to 65535 (a lower one would need root), or 0")
	p = append(p, c.validateFrontend()...)
	between(&p, "stopSeconds", c.StopSeconds, 1, 120)
	p.Want(c.DeregistrationSeconds >= 0, "deregistrationSeconds", c.DeregistrationSeconds, "0 or more")
	p.WantBeside("stopSeconds", c.DeregistrationSeconds <= c.StopSeconds, "deregistrationSeconds", c.DeregistrationSeconds,
		"no more than stopSeconds (%d)", c.StopSeconds)
	p.Under("health", c.Health.validate(c.Port != 0, len(c.Paths) > 0))
	p = append(p, c.validateVariables()...)
	p.Want(numericUser.MatchString(c.User), "user", settings.Given(c.User), `a user and a group in numbers, neither root, such as "1000:1000"`)
	for i, path := range c.Writable {
		at := fmt.Sprintf("writable[%d]", i)
		p.Want(directory.MatchString(path) && !strings.Contains(path, ".."), at, path, "an absolute directory, such as /tmp")
		same := func(other string) bool { return volumeName(other) == volumeName(path) }
		p.Want(!slices.ContainsFunc(c.Writable[:i], same), at, path, "a directory whose name, with hyphens for slashes and dots, no other has")
	}
	p.Want(slices.Contains([]AssetsAccess{AssetsNone, AssetsRead, AssetsReadWrite}, c.Assets), "assets", string(c.Assets), "%s",
		settings.OneOf(AssetsNone, AssetsRead, AssetsReadWrite))
	between(&p, "spotPercent", c.SpotPercent, 0, 100)
	retention.Check(&p, "logRetentionDays", c.LogRetentionDays)
	p.Under("deployment", c.Deployment.validate(len(c.Paths) > 0))
	p.Under("scaling", c.Scaling.validate(len(c.Paths) > 0))
	if c.Canary != nil {
		p.Under("canary", c.Canary.validate())
		p.Want(c.Image != "" && len(c.Paths) > 0, "canary", c.Canary, "nothing: a canary needs an image and paths to stand beside")
	}
	if c.Migration != nil {
		p.Under("migration", c.Migration.Validate())
	}
	return p
}

// validateImage checks that a digest and what it was built from come together.
func validateImage(p *settings.Problems, image, version string) {
	p.Want(image == "" || digest.MatchString(image), "image", image, `a digest, "sha256:" and 64 hexadecimal digits (a tag may point elsewhere later)`)
	if image == "" {
		p.Want(version == "", "version", version, "nothing without an image")
		return
	}
	p.Want(versionText.MatchString(version), "version", settings.Given(version),
		"what the image was built from, such as its commit: 1 to 64 letters, digits, dots, hyphens and underscores")
}

func (c ServiceConfig) validateFrontend() settings.Problems {
	var p settings.Problems
	for i, path := range c.Paths {
		p.Want(validPath(path), fmt.Sprintf("paths[%d]", i), path,
			"a path of %d characters at most with %d wildcards at most, such as /api/*", maxPathLength, wildcardsPerPath)
	}
	if len(c.Paths) == 0 {
		p.Want(c.Priority == 0, "priority", c.Priority, "0 for a service without paths")
		p.Want(c.StickySeconds == 0, "stickySeconds", c.StickySeconds, "0 for a service without paths")
		return p
	}
	p.Want(c.Port != 0, "port", c.Port, "a port for the load balancer to reach")
	between(&p, "priority", c.Priority, 1, maxPriority-len(c.Paths))
	between(&p, "stickySeconds", c.StickySeconds, 0, 604800)
	return p
}

func (c ServiceConfig) validateVariables() settings.Problems {
	var p settings.Problems
	given := c.ownVariables()
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		at := settings.Key("environment", name)
		p.Want(variableName.MatchString(name), at, name, "a name of letters, digits and underscores")
		p.Want(!soundsSecret.MatchString(name), at, "a value", "a parameter: list the name under secrets")
		p.Want(!slices.Contains(given, name), at, c.Environment[name], "no value: the service sets it itself")
	}
	for i, name := range c.Secrets {
		at := fmt.Sprintf("secrets[%d]", i)
		_, plain := c.Environment[name]
		p.Want(variableName.MatchString(name), at, name, "a name of letters, digits and underscores")
		p.Want(!plain, at, name, "a name that environment does not have")
		p.Want(!slices.Contains(given, name), at, name, "another name: the service sets it itself")
		p.Want(!slices.Contains(c.Secrets[:i], name), at, name, "each name once")
	}
	return p
}

func (c HealthConfig) validate(port, frontend bool) settings.Problems {
	var p settings.Problems
	p.Want(!port || healthCheckPath.MatchString(c.Path), "path", settings.Given(c.Path), "a path, such as /api/health")
	p.Want(!frontend || statusCodes.MatchString(c.Matcher), "matcher", settings.Given(c.Matcher), `status codes from 200 to 499, such as "200" or "200-299"`)
	between(&p, "intervalSeconds", c.IntervalSeconds, 5, 300)
	between(&p, "timeoutSeconds", c.TimeoutSeconds, 2, 60)
	p.WantBeside("intervalSeconds", c.TimeoutSeconds < c.IntervalSeconds, "timeoutSeconds", c.TimeoutSeconds, "less than intervalSeconds (%d)", c.IntervalSeconds)
	between(&p, "healthyThreshold", c.HealthyThreshold, 2, 10)
	between(&p, "unhealthyThreshold", c.UnhealthyThreshold, 2, 10)
	between(&p, "startSeconds", c.StartSeconds, 0, 300)
	const command = `"CMD" or "CMD-SHELL" and a command; with a port it may be left out`
	if len(c.Command) == 0 {
		p.Want(port, "command", nil, command)
	} else {
		p.Want(len(c.Command) >= 2, "command", c.Command, command)
		p.Want(slices.Contains([]string{"CMD", "CMD-SHELL"}, c.Command[0]), "command[0]", c.Command[0], command)
	}
	return p
}

func (c DeploymentConfig) validate(frontend bool) settings.Problems {
	var p settings.Problems
	between(&p, "minHealthyPercent", c.MinHealthyPercent, 50, 100)
	between(&p, "maxPercent", c.MaxPercent, 101, 200)
	between(&p, "graceSeconds", c.GraceSeconds, 0, 1800)
	if frontend {
		p.Want(c.ErrorsPerMinute >= 1, "errorsPerMinute", c.ErrorsPerMinute, "1 or more")
	} else {
		p.Want(c.ErrorsPerMinute == 0, "errorsPerMinute", c.ErrorsPerMinute, "0 for a service without paths")
		p.Want(c.GraceSeconds == 0, "graceSeconds", c.GraceSeconds, "0 for a service without paths")
	}
	return p
}

// maxTasks is the quota of tasks in one service.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const maxTasks = 5000

func (c ScalingConfig) validate(frontend bool) settings.Problems {
	var p settings.Problems
	between(&p, "max", c.Max, 1, maxTasks)
	p.Want(c.Min >= 0, "min", c.Min, "0 or more")
	p.WantBeside("max", c.Min <= c.Max, "min", c.Min, "no more than max (%d)", c.Max)
	between(&p, "cpuPercent", c.CPUPercent, 10, 90)
	between(&p, "memoryPercent", c.MemoryPercent, 10, 90)
	if frontend {
		p.Want(c.RequestsPerTarget >= 1, "requestsPerTarget", c.RequestsPerTarget, "1 or more")
	} else {
		p.Want(c.RequestsPerTarget == 0, "requestsPerTarget", c.RequestsPerTarget, "0 for a service without paths")
	}
	if c.Quiet != nil {
		p.Want(c.Quiet.Max >= 0, "quiet.max", c.Quiet.Max, "0 or more")
		p.WantBeside("max", c.Quiet.Max <= c.Max, "quiet.max", c.Quiet.Max, "no more than max (%d)", c.Max)
		p.Want(c.Quiet.Min >= 0, "quiet.min", c.Quiet.Min, "0 or more")
		p.WantBeside("quiet.max", c.Quiet.Min <= c.Quiet.Max, "quiet.min", c.Quiet.Min, "no more than quiet.max (%d)", c.Quiet.Max)
	}
	return p
}
