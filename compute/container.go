package compute

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// container is an ECS container definition in the form in which ECS returns it, with host port,
// essential and the lists that ECS never leaves out. Any other form would show a change in every
// preview.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
type container struct {
	Name                   string            `json:"name"`
	Image                  string            `json:"image"`
	CPU                    int               `json:"cpu"`
	Memory                 int               `json:"memory,omitempty"`
	Essential              bool              `json:"essential"`
	EntryPoint             []string          `json:"entryPoint,omitempty"`
	Command                []string          `json:"command,omitempty"`
	User                   string            `json:"user,omitempty"`
	PortMappings           []portMapping     `json:"portMappings"`
	Environment            []variable        `json:"environment"`
	Secrets                []parameter       `json:"secrets,omitempty"`
	MountPoints            []mountPoint      `json:"mountPoints"`
	VolumesFrom            []struct{}        `json:"volumesFrom"`
	SystemControls         []struct{}        `json:"systemControls"`
	DependsOn              []dependency      `json:"dependsOn,omitempty"`
	DockerLabels           map[string]string `json:"dockerLabels,omitempty"`
	HealthCheck            *healthCheck      `json:"healthCheck,omitempty"`
	LinuxParameters        *linuxParameters  `json:"linuxParameters,omitempty"`
	LogConfiguration       logConfiguration  `json:"logConfiguration"`
	ReadonlyRootFilesystem bool              `json:"readonlyRootFilesystem"`
	RestartPolicy          *restartPolicy    `json:"restartPolicy,omitempty"`
	StopTimeout            int               `json:"stopTimeout,omitempty"`
}

// restartPolicy has ECS restart a container that ended, once it has run for RestartAttemptPeriod
// seconds.
type restartPolicy struct {
	Enabled              bool `json:"enabled"`
	RestartAttemptPeriod int  `json:"restartAttemptPeriod"`
}

type portMapping struct {
	Name          string `json:"name"`
	ContainerPort int    `json:"containerPort"`
	HostPort      int    `json:"hostPort"`
	Protocol      string `json:"protocol"`
	AppProtocol   string `json:"appProtocol"`
}

type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type parameter struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

type mountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly"`
}

type dependency struct {
	ContainerName string `json:"containerName"`
	Condition     string `json:"condition"`
}

type healthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval"`
	Timeout     int      `json:"timeout"`
	Retries     int      `json:"retries"`
	StartPeriod int      `json:"startPeriod,omitempty"`
}

type linuxParameters struct {
	Capabilities       capabilities `json:"capabilities"`
	InitProcessEnabled bool         `json:"initProcessEnabled"`
}

type capabilities struct {
	Drop []string `json:"drop"`
}

type logConfiguration struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options"`
}

// unprivileged drops every capability. The init process passes signals on and reaps what Exec
// sessions leave behind.
func unprivileged() *linuxParameters {
	return &linuxParameters{Capabilities: capabilities{Drop: []string{"ALL"}}, InitProcessEnabled: true}
}

// definitions is the JSON of a task's containers.
func definitions(containers []container) (string, error) {
	out, err := json.Marshal(containers)
	return string(out), err
}

// secretValue is a parameter that fills a variable, and which version of it.
type secretValue struct {
	arn     string
	version int
}

// taskSpec is everything that decides a service's containers, as plain values.
type taskSpec struct {
	service     string
	environment names.Environment
	region      string
	config      ServiceConfig
	variant     variant
	share       share
	idleTimeout int            // of the load balancer and the Service Connect proxy, in seconds; 0 without either
	callees     map[string]int // ports by name
	site        string         // Datadog's

	repositoryURL string
	logGroup      string
	variables     map[string]string      // from other components
	secrets       map[string]secretValue // the application's
	others        map[string]secretValue // the sidecars', among others
	agent         *AgentConfig
	agentImage    string // from where it is pulled
	agentKey      secretValue
}

// containers lists the task's containers: the application, what prepares its volumes, the Datadog
// agent, and the sidecars.
func (s taskSpec) containers() []container {
	all := []container{s.application()}
	if len(s.config.Writable) > 0 || len(s.config.Sidecars.opened()) > 0 {
		all = append(all, s.preparer())
	}
	if s.config.Datadog {
		all = append(all, s.agentContainer())
	}
	for _, name := range s.config.Sidecars.Names() {
		all = append(all, s.sidecar(name))
	}
	return all
}

func (s taskSpec) application() container {
	c := container{
		Name:                   s.service,
		Image:                  s.image(),
		CPU:                    s.share.cpu,
		Memory:                 s.share.memory,
		Essential:              true,
		User:                   string(s.config.User),
		PortMappings:           []portMapping{},
		Environment:            s.environmentVariables(),
		Secrets:                s.secretVariables(),
		MountPoints:            s.mountPoints(),
		VolumesFrom:            []struct{}{},
		SystemControls:         []struct{}{},
		DockerLabels:           s.labels(),
		HealthCheck:            s.healthCheck(),
		LinuxParameters:        unprivileged(),
		LogConfiguration:       logsTo(s.logGroup, s.region, s.variant.streamPrefix()),
		ReadonlyRootFilesystem: true,
		StopTimeout:            s.config.StopSeconds,
	}
	if s.config.Port != 0 {
		c.PortMappings = []portMapping{{
			Name:          s.service,
			ContainerPort: s.config.Port,
			HostPort:      s.config.Port,
			Protocol:      "tcp",
			AppProtocol:   "http",
		}}
	}
	if len(s.config.Writable) > 0 {
		c.DependsOn = append(c.DependsOn, dependency{preparerName, "SUCCESS"})
	}
	if s.config.Datadog {
		// ECS stops containers in the opposite order: the agent outlives the application and sends
		// its last traces.
		c.DependsOn = append(c.DependsOn, dependency{agentName, "START"})
	}
	for _, name := range s.config.Sidecars.Names() {
		condition := "START"
		if s.config.Sidecars[name].Health != nil {
			condition = "HEALTHY"
		}
		c.DependsOn = append(c.DependsOn, dependency{name, condition})
	}
	return c
}

// secretVariables are filled from parameters, and from secrets of Secrets Manager.
func (s taskSpec) secretVariables() []parameter {
	all := parameters(s.secrets)
	for name, one := range s.config.SecretsManager {
		all = append(all, parameter{name, one.valueFrom()})
	}
	slices.SortFunc(all, func(a, b parameter) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (s taskSpec) image() string { return s.repositoryURL + "@" + s.variant.image }

// healthCheck asks the application from inside. Node is in every image of this application; curl
// and wget are not.
func (s taskSpec) healthCheck() *healthCheck {
	h := s.config.Health
	command := h.Command
	if len(command) == 0 {
		command = []string{"CMD", "node", "-e", fmt.Sprintf(
			"fetch('http://127.0.0.1:%d%s').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))",
			s.config.Port, quotedInScript.Replace(h.Path))}
	}
	return &healthCheck{
		Command:     command,
		Interval:    h.IntervalSeconds,
		Timeout:     h.TimeoutSeconds,
		Retries:     h.UnhealthyThreshold,
		StartPeriod: h.StartSeconds,
	}
}

// quotedInScript writes a path between the single quotes of the script.
var quotedInScript = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func (s taskSpec) environmentVariables() []variable {
	all := maps.Clone(s.config.Environment)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, s.variables)
	maps.Copy(all, s.ownVariables())
	return sortedVariables(all)
}

// ownVariables are those that the service sets itself.
func (s taskSpec) ownVariables() map[string]string {
	c := s.config
	all := map[string]string{}
	if c.Port != 0 {
		all["PORT"] = strconv.Itoa(c.Port)
		// Next.js listens on $HOSTNAME alone, which ECS sets to the task's name: a check of
		// 127.0.0.1 would fail.
		all["HOSTNAME"] = "0.0.0.0"
	}
	if c.Port != 0 {
		maps.Copy(all, keepAlive(s.idleTimeout))
	}
	for _, callee := range c.Calls {
		all[urlVariable(callee)] = fmt.Sprintf("http://%s:%d", callee, s.callees[callee])
	}
	if slices.Contains(c.Secrets, "SENTRY_DSN") {
		all["SENTRY_ENVIRONMENT"] = string(s.environment)
		all["SENTRY_RELEASE"] = s.variant.version
	}
	if c.Datadog {
		maps.Copy(all, map[string]string{
			"DD_ENV":             string(s.environment),
			"DD_SERVICE":         DatadogService(s.service),
			"DD_VERSION":         s.variant.version,
			"DD_LOGS_INJECTION":  "true",
			"DD_TRACE_AGENT_URL": "unix://" + traceSocket,
			"DD_DOGSTATSD_URL":   "unix://" + metricSocket,
		})
	}
	return all
}

// keepAlive makes the application keep a silent connection for longer than whoever sends requests
// on it, which is the load balancer, or the Service Connect proxy: both do so for idle seconds.
// Node closes one after five seconds, and a request that is sent at that moment is answered 502 or
// 503. In milliseconds, the headers' time-out above the connections'.
func keepAlive(idle int) map[string]string {
	return map[string]string{
		"KEEP_ALIVE_TIMEOUT": strconv.Itoa((idle + 5) * 1000),
		"HEADERS_TIMEOUT":    strconv.Itoa((idle + 6) * 1000),
	}
}

// ownVariables lists the names of the variables that a service sets itself, those of its queues
// included.
func (c ServiceConfig) ownVariables() []string {
	all := taskSpec{config: c}.ownVariables()
	if c.Queue != nil {
		all[queueVariable] = ""
	}
	for _, service := range c.Sends {
		all[sendVariable(service)] = ""
	}
	return slices.Sorted(maps.Keys(all))
}

// validateAddresses refuses a service whose address would go into a variable that another one's, or
// the service itself, has: the later one would take its place, and nothing would tell.
func (c ServiceConfig) validateAddresses() settings.Problems {
	var p settings.Problems
	alone := c
	alone.Calls, alone.Sends = nil, nil
	owners := map[string]string{}
	for _, name := range alone.ownVariables() {
		owners[name] = "the service itself"
	}
	take := func(variable, at, service string) {
		owner, taken := owners[variable]
		p.Want(!taken, at, service, "another service, or another name of it: its address would be in %s, which %s has",
			variable, owner)
		owners[variable] = at
	}
	for i, callee := range c.Calls {
		take(urlVariable(callee), fmt.Sprintf("calls[%d]", i), callee)
	}
	for i, receiver := range c.Sends {
		take(sendVariable(receiver), fmt.Sprintf("sends[%d]", i), receiver)
	}
	return p
}

// urlVariable is the variable with the address of a service that is called, such as API_URL.
func urlVariable(callee string) string { return variablePrefix(callee) + "_URL" }

// variablePrefix begins the names of variables that are about a service.
func variablePrefix(service string) string {
	return strings.ToUpper(strings.ReplaceAll(service, "-", "_"))
}

// labels let Datadog name what comes from the container, and hold the versions of its parameters:
// ECS reads a parameter only when a task starts, so a new version must make a new task definition.
func (s taskSpec) labels() map[string]string {
	labels := map[string]string{}
	if s.config.Datadog {
		labels["com.datadoghq.tags.env"] = string(s.environment)
		labels["com.datadoghq.tags.service"] = DatadogService(s.service)
		labels["com.datadoghq.tags.version"] = s.variant.version
	}
	if len(s.secrets) > 0 {
		labels[versionsLabel] = versions(s.secrets)
	}
	return labels
}

const versionsLabel = "bookmark-manager.parameter-versions"

func versions(secrets map[string]secretValue) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		all = append(all, fmt.Sprintf("%s=%d", name, secrets[name].version))
	}
	return strings.Join(all, ",")
}

func sortedVariables(values map[string]string) []variable {
	all := []variable{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, variable{name, values[name]})
	}
	return all
}

func parameters(secrets map[string]secretValue) []parameter {
	var all []parameter
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		all = append(all, parameter{name, secrets[name].arn})
	}
	return all
}

// logsTo sends a container's output to a log group. When the buffer is full, lines are dropped; the
// alternative blocks the application.
func logsTo(group, region, prefix string) logConfiguration {
	return logConfiguration{LogDriver: "awslogs", Options: map[string]string{
		"awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": prefix,
		"mode": "non-blocking", "max-buffer-size": "4m",
	}}
}

// execDirectories are where the Session Manager agent writes in a container whose root file system
// is read-only.
// https://github.com/aws/containers-roadmap/issues/1359
var execDirectories = []string{"/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm"}

// mountedAnyway are the directories that a task mounts by itself, with Exec and with the agent. ECS
// refuses a path that is mounted twice.
func mountedAnyway() []string { return append(slices.Clone(execDirectories), socketDirectory) }

func (s taskSpec) mountPoints() []mountPoint {
	all := mounts(s.config.Writable)
	if s.config.Exec {
		all = append(all, mounts(execDirectories)...)
	}
	if s.config.Datadog {
		all = append(all, mountPoint{SourceVolume: socketVolume, ContainerPath: socketDirectory})
	}
	return all
}

func mounts(directories []string) []mountPoint {
	all := []mountPoint{}
	for _, path := range directories {
		all = append(all, mountPoint{SourceVolume: volumeName(path), ContainerPath: path})
	}
	return all
}

// volumes lists the names of the task's volumes, each once.
func (s taskSpec) volumes() []string {
	var all []string
	for _, mount := range append(s.mountPoints(), s.config.Sidecars.opened()...) {
		all = append(all, mount.SourceVolume)
	}
	return all
}

var notInVolumeName = regexp.MustCompile(`[^A-Za-z0-9]+`)

func volumeName(path string) string {
	return strings.Trim(notInVolumeName.ReplaceAllString(path, "-"), "-")
}

// share is what of a task's size is left for the application.
type share struct {
	cpu, memory int
}

// What the application needs at least, and what the Service Connect proxy takes: its documented
// least memory, and a share of CPU that lets it work when the application is busy.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
const (
	leastCPU, leastMemory = 128, 256
	proxyCPU, proxyMemory = 64, 64
)

func (c ServiceConfig) budget(agent *AgentConfig, connected bool) share {
	left := share{int(c.CPU), c.Memory}
	if c.Datadog {
		left.cpu -= agent.CPU
		left.memory -= agent.Memory
	}
	for _, one := range c.Sidecars {
		left.cpu -= one.CPU
		left.memory -= one.Memory
	}
	if connected {
		left.cpu -= proxyCPU
		left.memory -= proxyMemory
	}
	return left
}

func (left share) validate(c ServiceConfig) settings.Problems {
	var p settings.Problems
	p.Want(left.cpu >= leastCPU, "cpu", c.CPU,
		"a size that leaves the application %d units; the agent (compute.agent.cpu), the sidecars and the Service "+
			"Connect proxy leave it %d", leastCPU, left.cpu)
	p.Want(left.memory >= leastMemory, "memory", c.Memory,
		"a size that leaves the application %d MiB; the agent (compute.agent.memory), the sidecars and the Service "+
			"Connect proxy leave it %d", leastMemory, left.memory)
	return p
}
