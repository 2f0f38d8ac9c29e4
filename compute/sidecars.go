package compute

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// SidecarConfig is another container in a service's tasks. It shares the task's addresses, so that
// the application finds it at 127.0.0.1, and its role. Its root file system is read-only and it has
// no capabilities. It starts before the application and ends after it.
type SidecarConfig struct {
	// Image is by digest, for the task's architecture, in the account's own registry or one that
	// wants no credentials.
	Image string `json:"image" pattern:"^[a-z0-9.-]+\\.[a-z]+/[a-z0-9]+([._/-]+[a-z0-9]+)*@sha256:[0-9a-f]{64}$" want:"an image by digest with its registry, such as public.ecr.aws/nginx/nginx@sha256: and 64 hexadecimal digits"`
	// CPU is its share in CPU units; 1,024 are a vCPU. It is taken from the task's size.
	CPU int `json:"cpu" range:"32..8192" unit:"CPU units"`
	// Memory is its limit, taken from the task's size.
	Memory int `json:"memory" range:"32..61440" unit:"MiB"`
	// Command is what it runs in the place of the image's own command.
	Command []string `json:"command" settings:"optional"`
	// User is the numeric user and group that it runs as, neither root.
	User UserAndGroup `json:"user"`
	// Environment are plain variables. Nothing secret: whoever may describe a task definition reads
	// them.
	Environment map[string]string `json:"environment" settings:"optional" keys:"^[A-Za-z_][A-Za-z0-9_]*$" keywant:"a name of letters, digits and underscores"`
	// Secrets are the names of the variables that are filled from parameters.
	Secrets []string `json:"secrets" settings:"optional,unique" pattern:"^[A-Za-z_][A-Za-z0-9_]*$" want:"a name of letters, digits and underscores"`
	// Writable are the directories that it may write to. It shares none with the application.
	Writable []string `json:"writable" settings:"optional,unique" pattern:"^(/[A-Za-z0-9._-]+)+$" want:"an absolute directory, such as /tmp"`
	// Health is how ECS sees that it works; the application starts when it does. Without it: when
	// the container has started.
	Health *SidecarHealth `json:"health"`
	// StopSeconds is how long it may take after SIGTERM, which it gets when the application has
	// ended. Without it Fargate's 30.
	StopSeconds int `json:"stopSeconds" settings:"optional" range:"1..120" unit:"seconds"`
	// Essential ends the task with it. Without it ECS starts the container again, and the
	// application goes on meanwhile.
	Essential bool `json:"essential" settings:"optional"`
}

// SidecarHealth is a sidecar's health check.
type SidecarHealth struct {
	// Command is what ECS runs in the container.
	Command []string `json:"command" items:"2.." want:"\"CMD\" or \"CMD-SHELL\" and a command"`
	// IntervalSeconds is the time between two checks.
	IntervalSeconds int `json:"intervalSeconds" range:"5..300" unit:"seconds"`
	// TimeoutSeconds is how long a check may take.
	TimeoutSeconds int `json:"timeoutSeconds" range:"2..60" unit:"seconds"`
	// Retries is how many bad checks in a row it takes.
	Retries int `json:"retries" range:"1..10"`
	// StartSeconds is how long a new container may fail its check.
	StartSeconds int `json:"startSeconds" settings:"optional" range:"0..300" unit:"seconds"`
}

// Sidecars are a service's by the names of the containers.
type Sidecars map[string]SidecarConfig

// Rule implements settings.Ruled.
func (Sidecars) Rule() settings.Rule {
	rule := Services{}.Rule()
	rule.Items, rule.Want = settings.Rule{}.Items, "containers by name"
	return rule
}

// Names lists the containers, sorted.
func (s Sidecars) Names() []string { return slices.Sorted(maps.Keys(s)) }

// accountRegistry are the registries of accounts.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
var accountRegistry = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$`)

// Registry is the host that the image comes from.
func (c SidecarConfig) Registry() string {
	registry, _, _ := imageParts(c.Image)
	return registry
}

// repositories are the ARNs of those of accounts' registries that hold images of the sidecars,
// sorted, each once.
func (s Sidecars) repositories() []string {
	var all []string
	for _, one := range s {
		registry, repository, _ := imageParts(one.Image)
		if at := accountRegistry.FindStringSubmatch(registry); at != nil {
			all = append(all, fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", at[2], at[1], repository))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// validateSidecars refuses names that other containers of the task have, and variables that sound
// secret.
func (c ServiceConfig) validateSidecars(service string) settings.Problems {
	var p settings.Problems
	taken := []string{service, agentName, preparerName}
	volumes := map[string]bool{}
	for _, path := range c.Writable {
		volumes[volumeName(path)] = true
	}
	for _, name := range c.Sidecars.Names() {
		at := settings.Key("sidecars", name)
		p.Want(!slices.Contains(taken, name) && !strings.HasPrefix(name, proxyPrefix), at, name,
			"another name: other containers of the task are called %v and %s…", taken, proxyPrefix)
		p.Under(at, c.Sidecars[name].validate())
		for i, path := range c.Sidecars[name].Writable {
			volume := sidecarVolume(name, path)
			p.Want(!volumes[volume], fmt.Sprintf("%s.writable[%d]", at, i), path,
				"a directory whose volume, %q, no other of the task has", volume)
			volumes[volume] = true
		}
	}
	return p
}

// validate checks a sidecar taken alone.
func (c SidecarConfig) validate() settings.Problems {
	var p settings.Problems
	for _, variable := range slices.Sorted(maps.Keys(c.Environment)) {
		at := settings.Key("environment", variable)
		p.Want(!soundsSecret.MatchString(variable), at, "a value", "a parameter: list the name under secrets")
		p.Want(!slices.Contains(c.Secrets, variable), at, c.Environment[variable], "a name that secrets does not have")
	}
	for i, path := range c.Writable {
		p.Want(!strings.Contains(path, ".."), fmt.Sprintf("writable[%d]", i), path, "%s",
			settings.WantOf(c, "writable"))
	}
	if c.Health != nil && len(c.Health.Command) > 0 {
		p.Want(slices.Contains([]string{"CMD", "CMD-SHELL"}, c.Health.Command[0]), "health.command[0]",
			c.Health.Command[0], "%s", settings.WantOf(*c.Health, "command"))
	}
	return p
}

// sidecarVolume is the volume of a directory that a sidecar writes to.
func sidecarVolume(name, path string) string { return "sidecar-" + name + "-" + volumeName(path) }

// mounts are where a sidecar writes.
func (c SidecarConfig) mounts(name string) []mountPoint {
	all := []mountPoint{}
	for _, path := range c.Writable {
		all = append(all, mountPoint{SourceVolume: sidecarVolume(name, path), ContainerPath: path})
	}
	return all
}

// opened are the sidecars' directories as the container that opens them has them: two sidecars may
// have one of the same path.
func (s Sidecars) opened() []mountPoint {
	var all []mountPoint
	for _, name := range s.Names() {
		for _, one := range s[name].mounts(name) {
			all = append(all, mountPoint{SourceVolume: one.SourceVolume, ContainerPath: "/" + one.SourceVolume})
		}
	}
	return all
}

// Parameters are the names of all variables of the service's containers that are filled from
// parameters, sorted, each once.
func (c ServiceConfig) Parameters() []string {
	all := slices.Clone(c.Secrets)
	for _, one := range c.Sidecars {
		all = append(all, one.Secrets...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// proxyPrefix begins the name of the container that Service Connect puts into a task.
const proxyPrefix = "ecs-service-connect-"

// only are the values of some variables.
func only(all map[string]secretValue, names []string) map[string]secretValue {
	some := map[string]secretValue{}
	for _, name := range names {
		some[name] = all[name]
	}
	return some
}

// sidecar is the container of one of the configuration's.
func (s taskSpec) sidecar(name string) container {
	c := s.config.Sidecars[name]
	made := container{
		Name:                   name,
		Image:                  c.Image,
		CPU:                    c.CPU,
		Memory:                 c.Memory,
		Essential:              c.Essential,
		Command:                c.Command,
		User:                   string(c.User),
		PortMappings:           []portMapping{},
		Environment:            sortedVariables(c.Environment),
		MountPoints:            c.mounts(name),
		VolumesFrom:            []struct{}{},
		SystemControls:         []struct{}{},
		LinuxParameters:        unprivileged(),
		LogConfiguration:       logsTo(s.logGroup, s.region, s.variant.streamPrefix()),
		ReadonlyRootFilesystem: true,
		StopTimeout:            c.StopSeconds,
	}
	if len(c.Secrets) > 0 {
		read := only(s.others, c.Secrets)
		made.Secrets, made.DockerLabels = parameters(read), map[string]string{versionsLabel: versions(read)}
	}
	if len(c.Writable) > 0 {
		made.DependsOn = []dependency{{preparerName, "SUCCESS"}}
	}
	if h := c.Health; h != nil {
		made.HealthCheck = &healthCheck{
			Command:     h.Command,
			Interval:    h.IntervalSeconds,
			Timeout:     h.TimeoutSeconds,
			Retries:     h.Retries,
			StartPeriod: h.StartSeconds,
		}
	}
	if !c.Essential {
		made.RestartPolicy = &restartPolicy{Enabled: true, RestartAttemptPeriod: leastRestartPeriod}
	}
	return made
}
