package aws

import (
	"fmt"
	"path"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// containerRules are about the containers of a task definition. They are JSON to the provider,
// which looks at nothing in them: what ECS has no value for, it refuses in the up.
var containerRules = []provider.Rule{
	{
		Name:  "values of a container",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS ContainerDefinition: the enumerations of its parts",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				for _, set := range c.closedSets() {
					for _, value := range set.found {
						if value != "" && !slices.Contains(set.values, value) {
							return fmt.Errorf("InvalidParameterException: Container '%s': expected %s to be one of "+
								"%q, got %q.", c.Name, set.property, set.values, value)
						}
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "numbers of a container",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS HealthCheck, ContainerDefinition, ContainerRestartPolicy: the ranges of their numbers",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				for _, b := range c.ranges() {
					if b.found != nil && (*b.found < b.least || *b.found > b.most) {
						return fmt.Errorf("ClientException: Container '%s': expected %s to be from %g to %g, got %g.",
							c.Name, b.property, b.least, b.most, *b.found)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "what Fargate has for a container",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS: task definition differences for Fargate: log drivers, privileged, capabilities, stopTimeout",
		Check: func(r *provider.Request) error {
			if !onFargate(r.Inputs) {
				return nil
			}
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				driver := c.LogConfiguration.LogDriver
				switch {
				case driver != "" && !slices.Contains([]string{"awslogs", "splunk", "awsfirelens"}, driver):
					return fmt.Errorf("ClientException: Log driver '%s' is not supported on Fargate: container '%s' "+
						"can have awslogs, splunk or awsfirelens.", driver, c.Name)
				case c.Privileged:
					return fmt.Errorf("ClientException: Fargate does not support privileged containers: '%s'.", c.Name)
				case slices.ContainsFunc(c.LinuxParameters.Capabilities.Add, func(added string) bool {
					return added != "SYS_PTRACE"
				}):
					return fmt.Errorf("ClientException: Fargate can add the capability SYS_PTRACE alone: container "+
						"'%s' asks for %v.", c.Name, c.LinuxParameters.Capabilities.Add)
				case c.StopTimeout != nil && *c.StopTimeout > 120:
					return fmt.Errorf("ClientException: Container '%s': expected stopTimeout to be 120 at most on "+
						"Fargate, got %g.", c.Name, *c.StopTimeout)
				}
				return nil
			})
		},
	},
	{
		Name:  "a path is mounted once",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why: "ECS RegisterTaskDefinition: duplicate mount paths, " +
			"https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/153",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				seen := map[string]bool{}
				for _, mount := range c.MountPoints {
					at := path.Clean(mount.ContainerPath)
					switch {
					case mount.ContainerPath == "":
						return fmt.Errorf("ClientException: Container '%s': a mount point of volume '%s' has no "+
							"containerPath.", c.Name, mount.SourceVolume)
					case seen[at]:
						return fmt.Errorf("ClientException: Container '%s': duplicate mount path %s.", c.Name, at)
					}
					seen[at] = true
				}
				return nil
			})
		},
	},
	{
		Name:  "a variable is set once",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why: "ECS RegisterTaskDefinition: The secret name must be unique and not shared with any new or existing " +
			"environment variables set on the container",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				seen := map[string]bool{}
				for _, secret := range c.Secrets {
					if seen[secret.Name] {
						return fmt.Errorf("ClientException: Duplicate secret names found: %s. Each secret name must "+
							"be unique.", secret.Name)
					}
					seen[secret.Name] = true
				}
				for _, variable := range c.Environment {
					if seen[variable.Name] {
						return fmt.Errorf("ClientException: The secret name must be unique and not shared with any "+
							"new or existing environment variables set on the container, such as '%s'.", variable.Name)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "a port is mapped once",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why: "ECS RegisterTaskDefinition: the containers of a task share its interface with awsvpc; names of port " +
			"mappings are unique",
		Check: func(r *provider.Request) error {
			ports, names := map[string]bool{}, map[string]bool{}
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				for _, mapping := range c.PortMappings {
					protocol := mapping.Protocol
					if protocol == "" {
						protocol = "tcp"
					}
					port := fmt.Sprintf("%d/%s", mapping.ContainerPort, protocol)
					switch {
					case ports[port] && r.Inputs.Text("networkMode") == "awsvpc":
						return fmt.Errorf("ClientException: Container port %s is mapped more than once in the task, "+
							"again by '%s'.", port, c.Name)
					case mapping.Name != "" && names[mapping.Name]:
						return fmt.Errorf("ClientException: Port mapping names must be unique in the task: %s.",
							mapping.Name)
					}
					ports[port], names[mapping.Name] = true, true
				}
				return nil
			})
		},
	},
	{
		Name:  "a health check that can be run, and is there to be waited for",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why: "ECS HealthCheck: command begins with CMD, CMD-SHELL or is NONE; ContainerDependency: HEALTHY needs " +
			"a health check of the container",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, all []taskContainer) error {
				if check := c.HealthCheck; check != nil &&
					(len(check.Command) == 0 ||
						!slices.Contains([]string{"CMD", "CMD-SHELL", "NONE"}, check.Command[0])) {
					return fmt.Errorf("ClientException: Container '%s': the command of a health check begins with "+
						"CMD or CMD-SHELL, got %q.", c.Name, check.Command)
				}
				for _, dependency := range c.DependsOn {
					i := slices.IndexFunc(all, func(other taskContainer) bool {
						return other.Name == dependency.ContainerName
					})
					if i >= 0 && dependency.Condition == "HEALTHY" && all[i].HealthCheck == nil {
						return fmt.Errorf("ClientException: Container '%s' waits until '%s' is healthy, which has "+
							"no health check.", c.Name, dependency.ContainerName)
					}
				}
				return nil
			})
		},
	},
}

// closedSet is a property of a container with the values that it may have.
type closedSet struct {
	property string
	values   []string
	found    []string
}

func (c taskContainer) closedSets() []closedSet {
	protocol, app := []string{}, []string{}
	for _, mapping := range c.PortMappings {
		protocol, app = append(protocol, mapping.Protocol), append(app, mapping.AppProtocol)
	}
	condition := []string{}
	for _, dependency := range c.DependsOn {
		condition = append(condition, dependency.Condition)
	}
	return []closedSet{
		{"portMappings.protocol", []string{"tcp", "udp"}, protocol},
		{"portMappings.appProtocol", []string{"grpc", "http", "http2"}, app},
		{"dependsOn.condition", []string{"COMPLETE", "HEALTHY", "START", "SUCCESS"}, condition},
		{
			"logConfiguration.logDriver",
			[]string{"awsfirelens", "awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog"},
			[]string{c.LogConfiguration.LogDriver},
		},
	}
}

// numberRange is a number of a container with its bounds, both included.
type numberRange struct {
	property    string
	found       *float64
	least, most float64
}

func (c taskContainer) ranges() []numberRange {
	ranges := []numberRange{{"restartPolicy.restartAttemptPeriod", c.RestartPolicy.RestartAttemptPeriod, 60, 1800}}
	if check := c.HealthCheck; check != nil {
		ranges = append(ranges, numberRange{"healthCheck.interval", check.Interval, 5, 300},
			numberRange{"healthCheck.timeout", check.Timeout, 2, 60},
			numberRange{"healthCheck.retries", check.Retries, 1, 10},
			numberRange{"healthCheck.startPeriod", check.StartPeriod, 0, 300})
	}
	return ranges
}
