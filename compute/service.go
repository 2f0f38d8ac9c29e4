package compute

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ServiceType is part of every child's URN; changing it replaces the service.
const ServiceType = "bookmark-manager:compute:Service"

// ServiceArgs are a service's configuration and wiring.
type ServiceArgs struct {
	Config ServiceConfig
	identity.Stack
	// Cluster runs the service. Required.
	Cluster *Cluster
	// LoadBalancer is the one that CloudFront sends requests to. It and VpcID are required for a
	// service with paths.
	LoadBalancer *LoadBalancer
	VpcID        pulumi.StringInput
	// Beside is the other load balancer that leads to the service during a move. Default none.
	Beside *LoadBalancer
	// RepositoryURL and RepositoryArn are of the service's repository. Required.
	RepositoryURL, RepositoryArn pulumi.StringInput
	// SubnetIDs are the private subnets. Required.
	SubnetIDs pulumi.StringArrayInput
	// SecurityGroupID is the service's own group. Required.
	SecurityGroupID pulumi.StringInput
	// LogKeyArn encrypts the log group. Required.
	LogKeyArn pulumi.StringInput
	// Secrets are the stack's parameters by the name of the variable. Those that Config and its
	// sidecars list are required; the rest are not used.
	Secrets map[string]Secret
	// SecretsKeyArn is the key of the parameters. Required when Config lists secrets or has
	// datadog.
	SecretsKeyArn pulumi.StringInput
	// Variables are plain environment variables whose values other components know. Optional.
	Variables map[string]pulumi.StringInput
	// AssetsBucketArn is required when Config has assets; AssetsKeyArn when the bucket has a key of
	// its own.
	AssetsBucketArn, AssetsKeyArn pulumi.StringInput
	// Agent and Datadog are required when Config has datadog.
	Agent *AgentConfig
	// Cached is where the account's own registry keeps the agent's image. Default nil: it is pulled
	// from where it is.
	Cached  *CachedImage
	Datadog *Datadog
	// Schedule is required when Config has scaling.quiet.
	Schedule *ScheduleConfig
	// Queue is required when Config has a queue. SendsTo are the queues of the services that Config
	// sends to, by name.
	Queue   *Queue
	SendsTo map[string]*Queue
	// Callees are the services that Config calls, by name. Callers are the names of those that call
	// this one.
	Callees map[string]*Service
	Callers []string
	// StartAfter must exist before the first task starts, such as the database's instances.
	// Optional; no components: a dependency on one covers only those of its children that the SDK
	// happens to have seen by then.
	StartAfter []pulumi.Resource
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// connected says whether the service is part of Service Connect.
func (a *ServiceArgs) connected() bool { return len(a.Config.Calls) > 0 || len(a.Callers) > 0 }

// secrets are the parameters that the configuration lists.
func (a *ServiceArgs) secrets() map[string]Secret {
	all := map[string]Secret{}
	for _, name := range a.Config.Parameters() {
		all[name] = a.Secrets[name]
	}
	return all
}

// validate reports what is wrong with the configuration, then what is missing in the wiring.
func (a *ServiceArgs) validate(name string) error {
	if err := checkName(name, a.Config); err != nil {
		return err
	}
	if err := a.Config.Validate().Err(); err != nil {
		return err
	}
	wanted := []error{a.Check()}
	want := func(ok bool, format string, args ...any) {
		if !ok {
			wanted = append(wanted, fmt.Errorf(format, args...))
		}
	}
	c := a.Config
	want(a.Cluster != nil, "Cluster is required")
	want(a.RepositoryURL != nil && a.RepositoryArn != nil, "RepositoryURL and RepositoryArn are required")
	want(a.SubnetIDs != nil && a.SecurityGroupID != nil, "SubnetIDs and SecurityGroupID are required")
	want(a.LogKeyArn != nil, "LogKeyArn is required")
	want(len(c.Paths) == 0 || (a.LoadBalancer != nil && a.VpcID != nil),
		"LoadBalancer and VpcID are required for a service with paths")
	want(c.Assets == AssetsNone || a.AssetsBucketArn != nil, "AssetsBucketArn is required for assets %q", c.Assets)
	want(!c.Datadog || (a.Agent != nil && a.Datadog != nil && a.Datadog.Site != "" && a.Datadog.APIKey.complete()),
		"Agent and Datadog, with a site and an API key, are required for datadog")
	want(c.Scaling.Quiet == nil || a.Schedule != nil, "Schedule is required for scaling.quiet")
	want((len(c.Parameters()) == 0 && !c.Datadog) || a.SecretsKeyArn != nil, "SecretsKeyArn is required for secrets")
	for _, secret := range c.Parameters() {
		want(a.Secrets[secret].complete(), "Secrets has no ARN and version of %q, which the service reads", secret)
	}
	for _, callee := range c.Calls {
		want(a.Callees[callee] != nil, "Callees has no %q, which the service calls", callee)
	}
	want(c.Queue == nil || a.Queue != nil, "Queue is required for queue")
	want(len(c.Tasks) == 0 || a.Cluster == nil || a.Cluster.ScheduleGroup != nil,
		"Cluster has no group of schedules, which tasks require")
	for _, receiver := range c.Sends {
		want(a.SendsTo[receiver] != nil, "SendsTo has no queue of %q, which the service sends to", receiver)
	}
	for _, earlier := range a.StartAfter {
		_, custom := earlier.(pulumi.CustomResource)
		want(custom, "StartAfter has a %T, want resources of a provider", earlier)
	}
	var p settings.Problems
	for variable := range a.Variables {
		_, twice := c.Environment[variable]
		want(variableName.MatchString(variable) && !twice,
			"Variables has %q, which is no name or in the configuration as well", variable)
	}
	if !c.Datadog || a.Agent != nil {
		p = append(p, c.budget(a.Agent, a.connected()).validate(c)...)
	}
	if a.Schedule != nil {
		p.Under("schedule", a.Schedule.Validate())
	}
	if a.Agent != nil {
		p.Under("agent", settings.Check(*a.Agent))
	}
	return errors.Join(append(wanted, p.Err())...)
}

func (s Secret) complete() bool { return s.ARN != nil && s.Version != nil }

// Service is one service: its roles, log group, target group and listener rules and, once there is
// an image, its task definition, ECS service and scaling.
type Service struct {
	pulumi.ResourceState

	// Name is the ECS service's fixed name, bookmark-manager-<environment>-<service>. Known before
	// the service exists.
	Name string
	// Deployed says whether there is an ECS service.
	Deployed bool
	// Port is what the tasks listen on; other services reach it as http://<service>:<port>.
	Port int
	// LogGroupName is where the containers write.
	LogGroupName pulumi.StringOutput
	// TargetGroupArnSuffix names the service in the load balancer's metrics; unset for a service
	// without paths.
	TargetGroupArnSuffix pulumi.StringOutput
	// ExecutionRoleArn and TaskRoleArn are what a deploy hands to ECS.
	ExecutionRoleArn pulumi.StringOutput
	TaskRoleArn      pulumi.StringOutput
	// TaskDefinitionArn is the revision that runs; unset without an image.
	TaskDefinitionArn pulumi.StringOutput
	// CanaryName is the fixed name of the canary's ECS service, and CanaryTaskDefinitionArn the
	// revision that it runs; empty and unset without one.
	CanaryName              string
	CanaryTaskDefinitionArn pulumi.StringOutput
	// Rules are the listener rules that send requests here.
	Rules []pulumi.Resource

	running *ecs.Service
}

// Running is the ECS service, once it is steady; nil without an image.
func (s *Service) Running() pulumi.Resource {
	if s.running == nil {
		return nil
	}
	return s.running
}

// NewService registers nothing when args are invalid. Its name is the service's name in the
// configuration.
func NewService(ctx *pulumi.Context, name string, args *ServiceArgs, opts ...pulumi.ResourceOption) (*Service, error) {
	if args == nil {
		return nil, fmt.Errorf("service %q: args are required", name)
	}
	if err := args.validate(name); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	s := &Service{Name: args.Environment.Name(name), Deployed: args.Config.Image != "", Port: args.Config.Port}
	base, err := component.Register(ctx, "service", ServiceType, name, s, opts...)
	if err != nil {
		return nil, err
	}
	b := &serviceBuilder{Component: base, args: args, service: s}
	steps := []func() error{b.logGroup, b.identity, b.frontend, b.canary}
	if s.Deployed {
		steps = append(steps, b.rollout, b.scaling, b.scheduledTasks)
	} else if err := ctx.Log.Warn(fmt.Sprintf(
		"service %q has no image yet: everything but its ECS service is made; push an image, put its digest into "+
			"services.%s.image, deploy again", name, name,
	), &pulumi.LogArgs{Resource: s}); err != nil {
		return nil, fmt.Errorf("report on service %q: %w", name, err)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	s.Rules = b.rules
	outputs := pulumi.Map{
		"name":             pulumi.String(s.Name),
		"logGroupName":     s.LogGroupName,
		"executionRoleArn": s.ExecutionRoleArn,
		"taskRoleArn":      s.TaskRoleArn,
		// A plan hides the conditions of listener rules with the origin's secret.
		"paths": pulumi.ToStringArray(settings.Strings(args.Config.Paths)),
	}
	if len(args.Config.Hosts) > 0 {
		outputs["hosts"] = pulumi.ToStringArray(settings.Strings(args.Config.Hosts))
	}
	return s, b.Outputs(outputs)
}

// serviceBuilder carries what the steps of one service share.
type serviceBuilder struct {
	component.Component
	args    *ServiceArgs
	service *Service

	logs  *cloudwatch.LogGroup
	roles *roles
	// fronts are the load balancers that lead here, the one that CloudFront sends requests to
	// first; groups are the target groups of that one, by the variant's suffix. None without paths.
	fronts []*front
	groups map[string]*lb.TargetGroup
	// definition is that of the service's own version; nil without an image.
	definition *ecs.TaskDefinition
	rules      []pulumi.Resource
}

// logGroup is made here because the log driver would make one that is neither encrypted nor ever
// emptied.
func (b *serviceBuilder) logGroup() (err error) {
	b.logs, err = cloudwatch.NewLogGroup(b.Ctx, b.Name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(logGroupName(b.args.Environment, b.Name)),
		RetentionInDays: pulumi.Int(b.args.Config.LogRetentionDays),
		KmsKeyId:        b.args.LogKeyArn.ToStringOutput(),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "log group", err)
	}
	b.service.LogGroupName = b.logs.Name
	return nil
}

func (b *serviceBuilder) identity() (err error) {
	c := b.args.Config
	var sends pulumi.StringArray
	for _, receiver := range c.Sends {
		sends = append(sends, b.args.SendsTo[receiver].Arn)
	}
	secrets := b.args.secrets()
	if c.Datadog {
		secrets[apiKeyVariable] = b.args.Datadog.APIKey
	}
	b.roles, err = newRoles(b.Ctx, b.Name, trustTasks(b.args.Region, b.args.AccountID),
		startup{
			region:        b.args.Region,
			repositoryArn: b.args.RepositoryArn,
			logGroupArn:   b.logs.Arn,
			repositories:  c.Sidecars.repositories(),
			cached:        b.cached(),
			secrets:       secrets,
			secretsKeyArn: b.args.SecretsKeyArn,
			managed:       c.SecretsManager,
		}.document(),
		runtime{
			region:          b.args.Region,
			account:         b.args.AccountID,
			exec:            c.Exec,
			execLogGroupArn: b.args.Cluster.ExecLogGroupArn,
			assets:          c.Assets,
			assetsArn:       b.args.AssetsBucketArn,
			assetsKeyArn:    b.args.AssetsKeyArn,
			queues:          queueStatements(b.args.Queue, sends, b.args.Cluster.tasks(b.args.Stack)),
			permissions:     c.Permissions,
		}.document(), b.Parent())
	if err != nil {
		return err
	}
	b.service.ExecutionRoleArn, b.service.TaskRoleArn = b.roles.execution.Arn, b.roles.task.Arn
	return nil
}
