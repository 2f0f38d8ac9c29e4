package compute

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// Datadog is what the agents beside the services need of Datadog.
type Datadog struct {
	// APIKey is the parameter with the API key. Required.
	APIKey Secret
	// Site is the site of the Datadog account, such as ap1.datadoghq.com. Required.
	Site string
}

// Secret is a parameter that fills an environment variable.
type Secret struct {
	// ARN of the parameter. Required.
	ARN pulumi.StringInput
	// Version of the parameter; a new one makes new tasks. Required.
	Version pulumi.IntInput
}

// DatadogService is what a service is called in Datadog. The organisation may have other systems
// with an "api".
func DatadogService(service string) string { return names.Project + "-" + service }

const (
	agentName       = "datadog-agent"
	socketVolume    = "datadog-sockets"
	socketDirectory = "/var/run/datadog"
	traceSocket     = socketDirectory + "/apm.socket"
	metricSocket    = socketDirectory + "/dsd.socket"
	apiKeyVariable  = "DD_API_KEY" // #nosec G101 -- the variable's name
	preparerName    = "prepare-volumes"
)

// agentPorts are those that the agent listens on by TCP, on the addresses of the task: its own
// metrics and commands, and the trace agent's, whose port stays open beside the socket.
// https://docs.datadoghq.com/agent/configuration/network/
var agentPorts = []int{5000, 5001, 5002, 5012, 6062, 6162, 8126}

// agentContainer takes traces and metrics over sockets in a shared volume, so that it needs no
// port. It is not essential: when it runs out of memory the application goes on, and ECS starts the
// agent again. Its root file system stays writable, and it keeps its user and capabilities: the
// image's init writes its configuration at start, as root.
// https://docs.datadoghq.com/integrations/ecs_fargate/
func (s taskSpec) agentContainer() container {
	key := map[string]secretValue{apiKeyVariable: s.agentKey}
	variables := map[string]string{
		"DD_APM_ENABLED":         "true",
		"DD_APM_RECEIVER_SOCKET": traceSocket,
		"DD_DOGSTATSD_SOCKET":    metricSocket,
		"DD_ENV":                 string(s.environment),
		"DD_SITE":                s.site,
		"ECS_FARGATE":            "true",
	}
	if path := s.config.Health.Path; path != "" && path != "/" { // which visitors open as well
		variables["DD_APM_IGNORE_RESOURCES"] = s.healthResource()
	}
	return container{
		Name:           agentName,
		Image:          s.agentImage,
		CPU:            s.agent.CPU,
		Memory:         s.agent.Memory,
		PortMappings:   []portMapping{},
		Environment:    sortedVariables(variables),
		Secrets:        parameters(key),
		MountPoints:    []mountPoint{{SourceVolume: socketVolume, ContainerPath: socketDirectory}},
		VolumesFrom:    []struct{}{},
		SystemControls: []struct{}{},
		DockerLabels:   map[string]string{versionsLabel: versions(key)},
		HealthCheck: &healthCheck{
			Command:     []string{"CMD-SHELL", "/probe.sh"},
			Interval:    30,
			Timeout:     5,
			Retries:     3,
			StartPeriod: 60,
		},
		LogConfiguration: logsTo(s.logGroup, s.region, s.variant.streamPrefix()),
		RestartPolicy:    &restartPolicy{Enabled: true, RestartAttemptPeriod: leastRestartPeriod},
	}
}

// healthResource is what the agent leaves out of traces and of their metrics, as a pattern: a
// health check is no visitor, and an objective must not be met by those that succeed. Tracers name
// a request by its method and its route.
// https://docs.datadoghq.com/tracing/guide/ignoring_apm_resources/
func (s taskSpec) healthResource() string {
	path := strings.ReplaceAll(regexp.QuoteMeta(s.config.Health.Path), ",", `\x2c`) // a comma ends a pattern
	return "^(GET|HEAD) " + path + "$"
}

// leastRestartPeriod is how many seconds a container must have run before ECS starts it again, the
// fewest that there are.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
const leastRestartPeriod = 60

// preparer makes the volumes writable for the application's user, and exits. Fargate's volumes
// belong to root with mode 0755, unless the image declares them with another one. It runs the
// application's own image, which needs chmod, as every Debian and Alpine image has.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
func (s taskSpec) preparer() container {
	at := append(mounts(s.config.Writable), s.config.Sidecars.opened()...)
	command := []string{"1777"}
	for _, one := range at {
		command = append(command, one.ContainerPath)
	}
	return container{
		Name:           preparerName,
		Image:          s.image(),
		EntryPoint:     []string{"chmod"},
		Command:        command,
		User:           "0:0",
		PortMappings:   []portMapping{},
		Environment:    []variable{},
		MountPoints:    at,
		VolumesFrom:    []struct{}{},
		SystemControls: []struct{}{},
		LinuxParameters: &linuxParameters{
			Capabilities:       capabilities{Drop: allButOwnership},
			InitProcessEnabled: true,
		},
		LogConfiguration:       logsTo(s.logGroup, s.region, s.variant.streamPrefix()),
		ReadonlyRootFilesystem: true,
	}
}

// allButOwnership are the capabilities that a container has, except FOWNER: chmod needs it for a
// directory that the image gave to its user.
var allButOwnership = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP",
	"SETGID", "SETPCAP", "SETUID",
	"SYS_CHROOT",
}
