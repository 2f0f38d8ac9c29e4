package aws

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// fargateMemory returns the memory sizes in MiB that Fargate has for a CPU size, or nil.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
func fargateMemory(cpu int) []int {
	steps := func(first, last, step int) []int {
		var sizes []int
		for size := first; size <= last; size += step {
			sizes = append(sizes, size*1024)
		}
		return sizes
	}
	return map[int][]int{
		256: {512, 1024, 2048}, 512: steps(1, 4, 1), 1024: steps(2, 8, 1), 2048: steps(4, 16, 1), 4096: steps(8, 30, 1),
		8192: steps(16, 60, 4), 16384: steps(32, 120, 8),
	}[cpu]
}

// taskRules are about task definitions. What ECS would only find when it starts a task is refused
// with the service.
var taskRules = []provider.Rule{
	{
		Name:  "containers of a task",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why: "the provider: container_definitions is decoded as ECS's JSON; ECS RegisterTaskDefinition: " +
			"ClientException",
		Check: func(r *provider.Request) error {
			containers, err := containersOf(r.Inputs)
			switch {
			case err != nil:
				return fmt.Errorf("ECS Task Definition container_definitions is invalid: Error decoding JSON: %w", err)
			case r.Inputs.Unknown("containerDefinitions"):
				return nil
			case len(containers) == 0 || len(containers) > 10:
				return fmt.Errorf("ClientException: Container definitions should have 1 to 10 entries, got %d.",
					len(containers))
			case !slices.ContainsFunc(containers, taskContainer.essential):
				return fmt.Errorf("ClientException: All containers are non-essential: at least one must be essential.")
			}
			seen := map[string]bool{}
			for _, c := range containers {
				if c.Name == "" || c.Image == "" {
					return fmt.Errorf("ClientException: Container.name and Container.image should not be null " +
						"or empty.")
				}
				if seen[c.Name] {
					return fmt.Errorf("ClientException: Container names must be unique: %s", c.Name)
				}
				seen[c.Name] = true
			}
			return nil
		},
	},
	{
		Name:  "a size that Fargate has",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS RegisterTaskDefinition: No Fargate configuration exists for given values",
		Check: func(r *provider.Request) error {
			if !onFargate(r.Inputs) || r.Inputs.Unknown("cpu", "memory") {
				return nil
			}
			cpu, cpuErr := strconv.Atoi(r.Inputs.Text("cpu"))
			memory, memoryErr := strconv.Atoi(r.Inputs.Text("memory"))
			if cpuErr != nil || memoryErr != nil {
				return fmt.Errorf("ClientException: Fargate requires that 'cpu' and 'memory' be defined at the " +
					"task level.")
			}
			if !slices.Contains(fargateMemory(cpu), memory) {
				return fmt.Errorf("ClientException: No Fargate configuration exists for given values: %d CPU, %d "+
					"memory. See the Amazon ECS documentation for the valid values.", cpu, memory)
			}
			return nil
		},
	},
	{
		Name:  "containers fit into the task",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS RegisterTaskDefinition: Invalid 'memory' setting for task",
		Check: func(r *provider.Request) error {
			containers, err := containersOf(r.Inputs)
			memory, known := r.Inputs.Number("memory")
			if err != nil || !known {
				return nil // other rules' refusals
			}
			total := 0
			for _, c := range containers {
				total += c.Memory
			}
			if float64(total) > memory {
				return fmt.Errorf("ClientException: The total memory of the containers, %d MiB, is more than the "+
					"task's %g.", total, memory)
			}
			return nil
		},
	},
	{
		Name:  "Fargate gives each task an interface",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS RegisterTaskDefinition: Fargate only supports network mode 'awsvpc'",
		Check: func(r *provider.Request) error {
			if onFargate(r.Inputs) && r.Inputs.Text("networkMode") != "awsvpc" && !r.Inputs.Unknown("networkMode") {
				return fmt.Errorf("ClientException: Fargate only supports network mode ‘awsvpc’.")
			}
			return nil
		},
	},
	{
		Name:  "a container's port on its task's interface",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS RegisterTaskDefinition: with awsvpc the host ports and container ports in port mappings must match",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				for _, port := range c.PortMappings {
					if r.Inputs.Text("networkMode") == "awsvpc" && port.HostPort != 0 &&
						port.HostPort != port.ContainerPort {
						return fmt.Errorf("ClientException: When networkMode=awsvpc, the host ports and container "+
							"ports in port mappings must match: %d, %d", port.HostPort, port.ContainerPort)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "mount known volumes",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS RegisterTaskDefinition: Unknown volume",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				for _, mount := range c.MountPoints {
					isIt := func(volume provider.Values) bool { return volume.Text("name") == mount.SourceVolume }
					if !slices.ContainsFunc(r.Inputs.Objects("volumes"), isIt) {
						return fmt.Errorf("ClientException: Unknown volume '%s'.", mount.SourceVolume)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "wait for known containers",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why:   "ECS RegisterTaskDefinition: dependsOn",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, all []taskContainer) error {
				for _, dependency := range c.DependsOn {
					i := slices.IndexFunc(all, func(other taskContainer) bool {
						return other.Name == dependency.ContainerName
					})
					switch {
					case i < 0 || dependency.ContainerName == c.Name:
						return fmt.Errorf("ClientException: Container '%s' depends on '%s', which is no other "+
							"container of the task.", c.Name, dependency.ContainerName)
					case all[i].essential() &&
						(dependency.Condition == "SUCCESS" || dependency.Condition == "COMPLETE"):
						return fmt.Errorf("ClientException: Container '%s' waits for the end of '%s', which is "+
							"essential: the task would stop.", c.Name, dependency.ContainerName)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "secrets need an execution role",
		Types: []string{taskDefinitionType},
		When:  provider.OnCheck,
		Why: "ECS RegisterTaskDefinition: When you are specifying container secrets, you must also specify a " +
			"value for 'executionRoleArn'",
		Check: func(r *provider.Request) error {
			return eachContainer(r, func(c taskContainer, _ []taskContainer) error {
				if len(c.Secrets) > 0 && !r.Inputs.Has("executionRoleArn") {
					return fmt.Errorf("ClientException: When you are specifying container secrets, you must also " +
						"specify a value for 'executionRoleArn'.")
				}
				return nil
			})
		},
	},
	{
		Name:  "known roles of a task",
		Types: []string{taskDefinitionType},
		When:  provider.OnWrite,
		Why:   "ECS RegisterTaskDefinition: Role is not valid",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"executionRoleArn", "taskRoleArn"} {
				arn := r.Inputs.Text(property)
				if role := r.ByARN(arn); arn != "" && (r.Missing(role) || role != nil && role.Type != roleType) {
					return fmt.Errorf("ClientException: Role is not valid: %s", arn)
				}
			}
			return nil
		},
	},
}

func onFargate(definition provider.Values) bool {
	return slices.Contains(definition.Texts("requiresCompatibilities"), "FARGATE")
}

// eachContainer asks about every container; what cannot be decoded is another rule's.
func eachContainer(r *provider.Request, ask func(c taskContainer, all []taskContainer) error) error {
	containers, err := containersOf(r.Inputs)
	if err != nil {
		return nil //nolint:nilerr // another rule speaks of JSON that is none
	}
	for _, c := range containers {
		if err := ask(c, containers); err != nil {
			return err
		}
	}
	return nil
}
