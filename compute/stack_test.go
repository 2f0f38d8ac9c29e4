package compute

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

var (
	webDigest    = "sha256:" + strings.Repeat("a", 64)
	apiDigest    = "sha256:" + strings.Repeat("b", 64)
	canaryDigest = "sha256:" + strings.Repeat("c", 64)
)

// stack is everything that this package makes in a stack.
type stack struct {
	Config   Config
	Services Services
	identity.Stack
	built     map[string]*Service
	migration *Migration
}

// prod is compute as the original design has it.
func prod() *stack {
	service := ServiceConfig{
		Architecture:          "X86_64",
		CPU:                   512,
		Memory:                1024,
		DeregistrationSeconds: 30,
		StopSeconds:           60,
		Health: HealthConfig{
			Path:               "/api/health",
			Matcher:            "200",
			IntervalSeconds:    30,
			TimeoutSeconds:     5,
			HealthyThreshold:   2,
			UnhealthyThreshold: 3,
			StartSeconds:       60,
		},
		Environment:      map[string]string{"NODE_ENV": "production"},
		User:             "1000:1000",
		Exec:             true,
		Datadog:          true,
		LogRetentionDays: 30,
		Deployment: DeploymentConfig{
			MinHealthyPercent: 100,
			MaxPercent:        200,
			GraceSeconds:      90,
			ErrorsPerMinute:   10,
		},
		Scaling: ScalingConfig{
			Min:               2,
			Max:               10,
			CPUPercent:        70,
			MemoryPercent:     75,
			RequestsPerTarget: 1000,
			Quiet:             &Bounds{2, 4},
		},
	}
	web, api := service, service
	web.Image, web.Version, web.Port, web.Paths, web.Priority = Digest(webDigest), "4f0c1d2", 3000,
		[]PathPattern{"/*"}, 200
	web.Calls, web.Secrets, web.Writable, web.Assets = []string{"api"}, []string{"SENTRY_DSN"},
		[]string{"/tmp", "/app/.next/cache"}, AssetsRead
	api.Image, api.Version, api.Port, api.Paths, api.Priority = Digest(apiDigest), "9e8d7c6", 3001,
		[]PathPattern{"/api/*"}, 100
	api.Secrets, api.Writable, api.Assets = []string{"SENTRY_DSN", "DATABASE_URL"}, []string{"/tmp"}, AssetsReadWrite
	api.Migration = &MigrationConfig{
		CPU:            256,
		Memory:         512,
		SQLCommand:     "npx prisma db execute --stdin",
		MigrateCommand: "npx prisma migrate deploy",
	}
	return &stack{
		Stack: recorder.Production,
		Config: Config{
			Cluster:      ClusterConfig{Insights: InsightsEnabled, ExecLogRetentionDays: 90},
			Registry:     RegistryConfig{KeepImages: 50, KeepReleases: 20, UntaggedDays: 7},
			LoadBalancer: LoadBalancerConfig{TLSPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06", IdleTimeoutSeconds: 60},
			Agent:        &AgentConfig{Image: "public.ecr.aws/datadog/agent:7.73.0", CPU: 64, Memory: 256},
			Schedule: &ScheduleConfig{
				Timezone: "Asia/Tokyo",
				Raise:    "07:00",
				Lower:    "22:00",
				Holidays: []string{"2026-11-03", "2026-11-23"},
			},
		},
		Services: Services{"web": web, "api": api},
	}
}

func arn(service, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, recorder.Region, recorder.Account, rest)
}

// deploy wires the components as the program does.
func (s *stack) deploy(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
	logKey := pulumi.String(arn("kms", "key/logs"))
	cluster, err := NewCluster(ctx, "cluster",
		&ClusterArgs{
			Config:    s.Config.Cluster,
			Stack:     recorder.Production,
			LogKeyArn: logKey,
			Scheduled: len(s.Services.Scheduled()) > 0,
		}, opts...)
	if err != nil {
		return err
	}
	registry, err := NewRegistry(ctx, "registry", &RegistryArgs{
		Config:      s.Config.Registry,
		Stack:       s.Stack,
		Services:    s.Services.Names(),
		KeyArn:      pulumi.String(arn("kms", "key/data")),
		CachedImage: s.Config.Agent.Image,
	}, opts...)
	if err != nil {
		return err
	}
	var balancers []*LoadBalancer
	for i, scheme := range s.Config.LoadBalancer.Schemes() {
		args := s.balancerArgs()
		args.Scheme, args.Beside = scheme, i > 0
		balancer, err := NewLoadBalancer(ctx,
			map[Scheme]string{InternetFacing: "alb", Internal: "alb-internal"}[scheme],
			args, opts...)
		if err != nil {
			return err
		}
		balancers = append(balancers, balancer)
	}
	order, err := s.Services.Order()
	if err != nil {
		return err
	}
	queues := &Queues{}
	if s.Services.Queued() {
		if queues, err = NewQueues(ctx, "queues", &QueuesArgs{Stack: s.Stack, Services: s.Services},
			opts...); err != nil {
			return err
		}
	}
	s.built = map[string]*Service{}
	for _, name := range order {
		args := s.serviceArgs(name)
		args.Queue, args.SendsTo = queues.Of[name], queues.Of
		args.Cluster, args.LoadBalancer, args.Cached = cluster, balancers[0], registry.Cached
		if len(balancers) > 1 {
			args.Beside = balancers[1]
		}
		args.RepositoryURL, args.RepositoryArn = registry.URLs[name], registry.Arns[name]
		if s.built[name], err = NewService(ctx, name, args, opts...); err != nil {
			return err
		}
	}
	owner, ok := s.Services.Migration()
	if !ok {
		return nil
	}
	args := s.migrationArgs(owner)
	args.RepositoryURL, args.RepositoryArn = registry.URLs[owner], registry.Arns[owner]
	s.migration, err = NewMigration(ctx, MigrationName, args, opts...)
	return err
}

func (s *stack) balancerArgs() *LoadBalancerArgs {
	return &LoadBalancerArgs{
		Config:              s.Config.LoadBalancer,
		Stack:               s.Stack,
		Scheme:              InternetFacing,
		SubnetIDs:           pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		SecurityGroupIDs:    pulumi.ToStringArray([]string{"sg-443", "sg-80"}),
		CertificateArn:      pulumi.String(arn("acm", "certificate/1")),
		OriginHeaderName:    "X-Origin-Verify",
		OriginHeaderValues:  pulumi.ToSecret(pulumi.ToStringArray([]string{"new", "old"})).(pulumi.StringArrayOutput),
		LogBucket:           pulumi.String("logs-bucket"),
		AccessLogPrefix:     "alb",
		ConnectionLogPrefix: "alb-connection",
	}
}

func (s *stack) serviceArgs(name string) *ServiceArgs {
	return &ServiceArgs{
		Config:          s.Services[name],
		Stack:           recorder.Production,
		VpcID:           pulumi.String("vpc-1"),
		SubnetIDs:       pulumi.ToStringArray([]string{"subnet-3", "subnet-4"}),
		SecurityGroupID: pulumi.String("sg-" + name),
		LogKeyArn:       pulumi.String(arn("kms", "key/logs")),
		Secrets:         s.secrets(name),
		SecretsKeyArn:   pulumi.String(arn("kms", "key/data")),
		Variables:       map[string]pulumi.StringInput{"ASSETS_BUCKET": pulumi.String("assets-bucket")},
		AssetsBucketArn: pulumi.String("arn:aws:s3:::assets-bucket"),
		Agent:           s.Config.Agent,
		Datadog: &Datadog{
			APIKey: Secret{pulumi.String(arn("ssm", "parameter/DD_API_KEY")), pulumi.Int(3)},
			Site:   "ap1.datadoghq.com",
		},
		Schedule: s.Config.Schedule,
		Callees:  s.built,
		Callers:  s.Services.Callers(name),
	}
}

func (s *stack) secrets(name string) map[string]Secret {
	return map[string]Secret{
		"DATABASE_URL":        {pulumi.String(arn("ssm", "parameter/DATABASE_URL")), pulumi.Int(2)},
		"MASTER_DATABASE_URL": {pulumi.String(arn("ssm", "parameter/MASTER_DATABASE_URL")), pulumi.Int(1)},
		"SENTRY_DSN":          {pulumi.String(arn("ssm", "parameter/"+name+"/SENTRY_DSN")), pulumi.Int(1)},
	}
}

func (s *stack) migrationArgs(owner string) *MigrationArgs {
	args := &MigrationArgs{
		Service:         s.Services[owner],
		Stack:           recorder.Production,
		SubnetIDs:       pulumi.ToStringArray([]string{"subnet-3", "subnet-4"}),
		SecurityGroupID: pulumi.String("sg-migration"),
		LogKeyArn:       pulumi.String(arn("kms", "key/logs")),
		Secrets:         s.secrets(owner),
		SecretsKeyArn:   pulumi.String(arn("kms", "key/data")),
	}
	delete(args.Secrets, "SENTRY_DSN")
	return args
}

// edit changes one service of a stack.
func (s *stack) edit(name string, change func(*ServiceConfig)) {
	c := s.Services[name]
	change(&c)
	s.Services[name] = c
}

func build(change func(*stack)) (*recorder.Recorder, *stack, error) {
	s := prod()
	if change != nil {
		change(s)
	}
	r := recorder.New()
	err := r.Component(s.deploy, "aws")
	return r, s, err
}

func mustBuild(t *testing.T, change func(*stack)) *recorder.Recorder {
	t.Helper()
	r, s, err := build(change)
	require.NoError(t, err)
	require.NoError(t, s.Services.Validate(s.Config).Err())
	return r
}

func get(t *testing.T, r *recorder.Recorder, typ, name string) recorder.Resource {
	t.Helper()
	got, ok := r.Get(typ, name)
	require.True(t, ok, "%s %s is not among %v", typ, name, r.Keys())
	return got
}

// assertInputs compares exactly the inputs that want names.
func assertInputs(t *testing.T, got recorder.Resource, want map[string]any) {
	t.Helper()
	found := map[string]any{}
	for path := range want {
		found[path] = got.Input(path)
	}
	assert.Equal(t, want, found, got.Key())
}

// The types that tests ask for.
const (
	typeECSService     = "aws:ecs/service:Service"
	typeTaskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
	typeRule           = "aws:lb/listenerRule:ListenerRule"
	typeTargetGroup    = "aws:lb/targetGroup:TargetGroup"
	typeListener       = "aws:lb/listener:Listener"
	typeBalancer       = "aws:lb/loadBalancer:LoadBalancer"
	typeTarget         = "aws:appautoscaling/target:Target"
	typePolicy         = "aws:appautoscaling/policy:Policy"
	typeAction         = "aws:appautoscaling/scheduledAction:ScheduledAction"
	typeAlarm          = "aws:cloudwatch/metricAlarm:MetricAlarm"
	typeLogGroup       = "aws:cloudwatch/logGroup:LogGroup"
	typeRole           = "aws:iam/role:Role"
	typeRolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	typeRepository     = "aws:ecr/repository:Repository"
	typeLifecycle      = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
	typeCluster        = "aws:ecs/cluster:Cluster"
	typeCapacity       = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	typeNamespace      = "aws:servicediscovery/httpNamespace:HttpNamespace"
)

// dependencies are the resources that one waits for, as "<type> <name>".
func dependencies(t *testing.T, r *recorder.Recorder, typ, name string) []string {
	t.Helper()
	var all []string
	for _, urn := range get(t, r, typ, name).DependsOn {
		all = append(all, string(resource.URN(urn).Type())+" "+resource.URN(urn).Name())
	}
	return all
}

func TestServicesAreBuiltAfterThoseTheyCall(t *testing.T) {
	r := mustBuild(t, worker)
	dependsOn := func(name string) []string { return dependencies(t, r, typeECSService, name) }
	// Beside what the inputs name, which Pulumi adds.
	assert.Subset(t, dependsOn("web"), []string{
		typeCapacity + " cluster-capacity", typeRolePolicy + " web-execution", typeRolePolicy + " web-task",
		typeRule + " web-rule",
		typeECSService + " api", typeTaskDefinition + " web",
	})
	assert.Subset(t, dependsOn("api"), []string{typeRule + " api-rule", typeECSService + " link-checker"})
	assert.NotContains(t, dependsOn("api"), typeECSService+" web")
}

func TestProtectionFollowsTheStack(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stack)
		open   bool
	}{
		"a stack is protected":          {nil, false},
		"a disposable stack is not":     {func(s *stack) { s.Disposable = true }, true},
		"a stack on its way out is not": {func(s *stack) { s.Teardown = true }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustBuild(t, c.change)
			var protected []string
			for _, one := range r.All() {
				if one.Protect {
					protected = append(protected, one.Key())
				}
			}
			want := []string{typeRepository + " registry-api", typeRepository + " registry-web"}
			if c.open {
				want = nil
			}
			assert.Equal(t, want, protected)
			assert.Equal(t, c.open, get(t, r, typeRepository, "registry-web").Input("forceDelete"))
			assert.Equal(t, !c.open, get(t, r, typeBalancer, "alb").Input("enableDeletionProtection"))
		})
	}
}

func TestOnlyTheOriginHeaderIsSecret(t *testing.T) {
	r := mustBuild(t, nil)
	var secret []string
	for _, one := range r.All() {
		for _, input := range slices.Sorted(maps.Keys(one.Inputs)) {
			if one.IsSecret(string(input)) {
				secret = append(secret, one.Key()+" "+string(input))
			}
		}
	}
	assert.Equal(t, []string{typeRule + " api-rule conditions", typeRule + " web-rule conditions"}, secret)
}
