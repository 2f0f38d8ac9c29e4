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
	User string `json:"user" pattern:"^[1-9][0-9]{0,9}:[1-9][0-9]{0,9}$" want:"a user and a group in numbers, neither root, such as \"1000:1000\""`
	// Environment are plain variables. Nothing secret: whoever may describe a task definition reads
	// them.
	Environment map[string]string `json:"environment" settings:"optional" keys:"^[A-Za-z_][A-Za-z0-9_]*$" keywant:"a name of letters, digits and underscores"`
	// Essential ends the task with it. Without it ECS starts the container again, and the
	// application goes on meanwhile.
	Essential bool `json:"essential" settings:"optional"`
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
	for _, name := range c.Sidecars.Names() {
		at := settings.Key("sidecars", name)
		p.Want(!slices.Contains(taken, name) && !strings.HasPrefix(name, proxyPrefix), at, name,
			"another name: other containers of the task are called %v and %s…", taken, proxyPrefix)
		for _, variable := range slices.Sorted(maps.Keys(c.Sidecars[name].Environment)) {
			p.Want(!soundsSecret.MatchString(variable), settings.Key(at+".environment", variable), "a value",
				"nothing secret: a sidecar's variables are plain")
		}
	}
	return p
}

// proxyPrefix begins the name of the container that Service Connect puts into a task.
const proxyPrefix = "ecs-service-connect-"

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
		User:                   c.User,
		PortMappings:           []portMapping{},
		Environment:            sortedVariables(c.Environment),
		MountPoints:            []mountPoint{},
		VolumesFrom:            []struct{}{},
		SystemControls:         []struct{}{},
		LinuxParameters:        unprivileged(),
		LogConfiguration:       logsTo(s.logGroup, s.region, s.variant.streamPrefix()),
		ReadonlyRootFilesystem: true,
	}
	if !c.Essential {
		made.RestartPolicy = &restartPolicy{Enabled: true, RestartAttemptPeriod: leastRestartPeriod}
	}
	return made
}
