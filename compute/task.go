package compute

import (
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// taskDefinition registers the variant's containers.
func (b *serviceBuilder) taskDefinition(v variant) (*ecs.TaskDefinition, error) {
	spec := taskSpec{
		service:     b.Name,
		environment: b.args.Environment,
		region:      b.args.Region,
		config:      b.args.Config,
		variant:     v,
		share:       b.args.Config.budget(b.args.Agent, b.args.connected()),
		callees:     map[string]int{},
		agent:       b.args.Agent,
	}
	if b.args.LoadBalancer != nil {
		spec.idleTimeout = b.args.LoadBalancer.idleTimeout
	}
	for name, callee := range b.args.Callees {
		spec.callees[name] = callee.Port
	}
	secrets := maps.Clone(b.args.secrets())
	if b.args.Config.Datadog {
		spec.site = b.args.Datadog.Site
		secrets[apiKeyVariable] = b.args.Datadog.APIKey
	}
	containers := pulumi.All(b.args.RepositoryURL, b.logs.Name, b.variables(), arnsOf(secrets), versionsOf(secrets),
		b.agentImage()).
		ApplyT(func(known []any) (string, error) {
			resolved := spec
			resolved.repositoryURL, resolved.logGroup = known[0].(string), known[1].(string)
			resolved.variables = known[2].(map[string]string)
			resolved.secrets = pair(known[3].(map[string]string), known[4].(map[string]int))
			resolved.agentImage = known[5].(string)
			resolved.agentKey = resolved.secrets[apiKeyVariable]
			resolved.others = resolved.secrets
			resolved.secrets = only(resolved.secrets, b.args.Config.Secrets)
			return definitions(resolved.containers())
		}).(pulumi.StringOutput)
	definition, err := ecs.NewTaskDefinition(b.Ctx, b.Name+v.suffix, fargateTask{
		family:       b.args.Environment.Name(b.Name + v.suffix),
		cpu:          int(b.args.Config.CPU),
		memory:       b.args.Config.Memory,
		architecture: b.args.Config.Architecture,
		storage:      b.args.Config.EphemeralStorageGiB,
		volumes:      spec.volumes(),
		roles:        b.roles,
		containers:   containers,
	}.args(), b.Parent())
	return definition, b.Wrap("register", "task definition"+v.suffix, err)
}

// cached is where the registry keeps the image of the service's agent; nil when the service has
// none, or it is not kept.
func (b *serviceBuilder) cached() *CachedImage {
	if !b.args.Config.Datadog {
		return nil
	}
	return b.args.Cached
}

// agentImage is what the agent is started from; empty without an agent.
func (b *serviceBuilder) agentImage() pulumi.StringInput {
	if b.args.Agent == nil {
		return pulumi.String("")
	}
	cached := b.cached()
	if cached == nil {
		return pulumi.String(b.args.Agent.Image)
	}
	_, _, version := imageParts(b.args.Agent.Image)
	return pulumi.Sprintf("%s%s", cached.URL, version)
}

// variables are the plain variables whose values other components know: those of the wiring, and
// the addresses of queues.
func (b *serviceBuilder) variables() pulumi.StringMap {
	all := pulumi.StringMap{}
	maps.Copy(all, b.args.Variables)
	if b.args.Config.Queue != nil {
		all[queueVariable] = b.args.Queue.URL
	}
	for _, receiver := range b.args.Config.Sends {
		all[sendVariable(receiver)] = b.args.SendsTo[receiver].URL
	}
	return all
}

func arnsOf(secrets map[string]Secret) pulumi.StringMap {
	all := pulumi.StringMap{}
	for name, secret := range secrets {
		all[name] = secret.ARN
	}
	return all
}

func versionsOf(secrets map[string]Secret) pulumi.IntMap {
	all := pulumi.IntMap{}
	for name, secret := range secrets {
		all[name] = secret.Version
	}
	return all
}

func pair(arns map[string]string, versions map[string]int) map[string]secretValue {
	all := map[string]secretValue{}
	for name, arn := range arns {
		all[name] = secretValue{arn, versions[name]}
	}
	return all
}

// fargateTask is what the task definitions of services and of the migration have in common.
type fargateTask struct {
	family       string
	cpu, memory  int
	architecture string
	storage      int // GiB; 0 for what Fargate gives
	volumes      []string
	roles        *roles
	containers   pulumi.StringInput
}

func (t fargateTask) args() *ecs.TaskDefinitionArgs {
	args := &ecs.TaskDefinitionArgs{
		Family:                  pulumi.String(t.family),
		RequiresCompatibilities: pulumi.StringArray{pulumi.String("FARGATE")},
		NetworkMode:             pulumi.String("awsvpc"),
		Cpu:                     pulumi.String(strconv.Itoa(t.cpu)),
		Memory:                  pulumi.String(strconv.Itoa(t.memory)),
		RuntimePlatform: ecs.TaskDefinitionRuntimePlatformArgs{
			OperatingSystemFamily: pulumi.String("LINUX"), CpuArchitecture: pulumi.String(t.architecture),
		},
		ExecutionRoleArn:     t.roles.execution.Arn,
		TaskRoleArn:          t.roles.task.Arn,
		ContainerDefinitions: t.containers,
		// A service cannot go back to a revision that was deregistered, neither by circuit breaker
		// nor by hand.
		SkipDestroy: pulumi.Bool(true),
	}
	if t.storage != 0 {
		args.EphemeralStorage = ecs.TaskDefinitionEphemeralStorageArgs{SizeInGib: pulumi.Int(t.storage)}
	}
	var volumes ecs.TaskDefinitionVolumeArray
	for _, name := range slices.Sorted(slices.Values(t.volumes)) {
		volumes = append(volumes, ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(name)})
	}
	if len(volumes) > 0 {
		args.Volumes = volumes
	}
	return args
}

// logGroupName is where a workload's containers write.
func logGroupName(environment names.Environment, workload string) string {
	return "/ecs/" + environment.Name(workload)
}
