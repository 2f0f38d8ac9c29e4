package compute

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

func TestRefusesBadWiringBeforeRegistering(t *testing.T) {
	run := func(build func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error) (*recorder.Recorder, error) {
		r := recorder.New()
		return r, r.Component(build, "aws")
	}
	service := func(change func(*ServiceArgs)) func(*pulumi.Context, ...pulumi.ResourceOption) error {
		return func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
			s := prod()
			s.built = map[string]*Service{"api": {Port: 3001}}
			args := s.serviceArgs("web")
			args.Cluster, args.LoadBalancer = &Cluster{}, &LoadBalancer{}
			args.RepositoryURL, args.RepositoryArn = pulumi.String("url"), pulumi.String("arn")
			change(args)
			_, err := NewService(ctx, "web", args, opts...)
			return err
		}
	}
	balancer := func(change func(*LoadBalancerArgs)) func(*pulumi.Context, ...pulumi.ResourceOption) error {
		return func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
			args := prod().balancerArgs()
			change(args)
			_, err := NewLoadBalancer(ctx, "alb", args, opts...)
			return err
		}
	}
	migration := func(change func(*MigrationArgs)) func(*pulumi.Context, ...pulumi.ResourceOption) error {
		return func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
			args := prod().migrationArgs("api")
			args.RepositoryURL, args.RepositoryArn = pulumi.String("url"), pulumi.String("arn")
			change(args)
			_, err := NewMigration(ctx, MigrationName, args, opts...)
			return err
		}
	}
	for want, build := range map[string]func(*pulumi.Context, ...pulumi.ResourceOption) error{
		`cluster "c": LogKeyArn is required`: func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
			_, err := NewCluster(ctx, "c", &ClusterArgs{Config: prod().Config.Cluster, Stack: recorder.Production},
				opts...)
			return err
		},
		`cluster "c": insights: found nothing, want one of "disabled", "enabled", "enhanced"`: func(
			ctx *pulumi.Context, opts ...pulumi.ResourceOption,
		) error {
			_, err := NewCluster(ctx, "c", &ClusterArgs{
				Config:    ClusterConfig{ExecLogRetentionDays: 30},
				Stack:     recorder.Production,
				LogKeyArn: pulumi.String("key"),
			}, opts...)
			return err
		},
		`registry "r": Services and KeyArn are required`: func(
			ctx *pulumi.Context, opts ...pulumi.ResourceOption,
		) error {
			_, err := NewRegistry(ctx, "r", &RegistryArgs{Stack: recorder.Production, Services: []string{"web"}},
				opts...)
			return err
		},
		`ECR repository name "bookmark-manager-production-Web" has characters`: func(
			ctx *pulumi.Context, opts ...pulumi.ResourceOption,
		) error {
			_, err := NewRegistry(ctx, "r", &RegistryArgs{
				Config:   prod().Config.Registry,
				Stack:    recorder.Production,
				Services: []string{"Web"},
				KeyArn:   pulumi.String("key"),
			}, opts...)
			return err
		},
		`load balancer "alb": OriginHeaderName and OriginHeaderValues are required`: balancer(func(
			a *LoadBalancerArgs,
		) {
			a.OriginHeaderValues = nil
		}),
		`load balancer "alb": SubnetIDs, SecurityGroupIDs, CertificateArn`: balancer(func(a *LoadBalancerArgs) {
			a.CertificateArn = nil
		}),
		`load balancer "alb": AccessLogPrefix and ConnectionLogPrefix are required`: balancer(func(
			a *LoadBalancerArgs,
		) {
			a.AccessLogPrefix = ""
		}),
		`load balancer "alb": tlsPolicy: found "ELBSecurityPolicy-2016-08"`: balancer(func(a *LoadBalancerArgs) {
			a.Config.TLSPolicy = "ELBSecurityPolicy-2016-08"
		}),
		`service "web": Cluster is required`: service(func(a *ServiceArgs) {
			a.Cluster = nil
		}),
		`service "web": Environment, Region and AccountID are required`: service(func(a *ServiceArgs) {
			a.AccountID = ""
		}),
		`service "web": LogKeyArn is required`: service(func(a *ServiceArgs) {
			a.LogKeyArn = nil
		}),
		`service "web": RepositoryURL and RepositoryArn are required`: service(func(a *ServiceArgs) {
			a.RepositoryURL = nil
		}),
		`service "web": SubnetIDs and SecurityGroupID are required`: service(func(a *ServiceArgs) {
			a.SecurityGroupID = nil
		}),
		`service "web": LoadBalancer and VpcID are required for a service with`: service(func(a *ServiceArgs) {
			a.VpcID = nil
		}),
		`service "web": AssetsBucketArn is required for assets "read"`: service(func(a *ServiceArgs) {
			a.AssetsBucketArn = nil
		}),
		`service "web": Agent and Datadog, with a site and an API key`: service(func(a *ServiceArgs) {
			a.Datadog.Site = ""
		}),
		`service "web": Schedule is required for scaling.quiet`: service(func(a *ServiceArgs) {
			a.Schedule = nil
		}),
		`service "web": SecretsKeyArn is required for secrets`: service(func(a *ServiceArgs) {
			a.SecretsKeyArn = nil
		}),
		`service "web": Secrets has no ARN and version of "SENTRY_DSN"`: service(func(a *ServiceArgs) {
			delete(a.Secrets, "SENTRY_DSN")
		}),
		`service "web": Callees has no "api", which the service calls`: service(func(a *ServiceArgs) {
			a.Callees = nil
		}),
		`service "web": Variables has "NODE_ENV", which is no name or in the conf`: service(func(a *ServiceArgs) {
			a.Variables["NODE_ENV"] = pulumi.String("x")
		}),
		`service "web": port: found 80, want 1024 to 65535`: service(func(a *ServiceArgs) {
			a.Config.Port = 80
		}),
		`service "web": memory: found 1024, want a size that leaves the applicat`: service(func(a *ServiceArgs) {
			a.Agent.Memory = 800
		}),
		`service "web": StartAfter has a *compute.Cluster, want resources of`: service(func(a *ServiceArgs) {
			a.StartAfter = []pulumi.Resource{a.Cluster}
		}),
		`migration "migration": the service's Migration is required`: migration(func(a *MigrationArgs) {
			a.Service.Migration = nil
		}),
		`migration "migration": Environment, Region and AccountID are required`: migration(func(a *MigrationArgs) {
			a.Region = ""
		}),
		`migration "migration": the wiring lacks RepositoryURL, RepositoryArn`: migration(func(a *MigrationArgs) {
			a.SecretsKeyArn = nil
		}),
		`migration "migration": the wiring lacks ARN and version of parameter "MASTER_DATABASE_URL"`: migration(
			func(a *MigrationArgs) { delete(a.Secrets, ownerURL) },
		),
		`migration "migration": migration.memory: found 333, want 512 to 122880 (MiB); one that Fargate has with ` +
			`the cpu`: migration(func(a *MigrationArgs) { a.Service.Migration.Memory = 333 }),
	} {
		t.Run(want, func(t *testing.T) {
			r, err := run(build)
			require.ErrorContains(t, err, want)
			assert.Empty(t, r.Keys())
		})
	}
	for name, build := range map[string]func(*pulumi.Context) error{
		"cluster":       func(ctx *pulumi.Context) error { _, err := NewCluster(ctx, "x", nil); return err },
		"registry":      func(ctx *pulumi.Context) error { _, err := NewRegistry(ctx, "x", nil); return err },
		"load balancer": func(ctx *pulumi.Context) error { _, err := NewLoadBalancer(ctx, "x", nil); return err },
		"service":       func(ctx *pulumi.Context) error { _, err := NewService(ctx, "x", nil); return err },
		"migration":     func(ctx *pulumi.Context) error { _, err := NewMigration(ctx, "x", nil); return err },
	} {
		assert.ErrorContains(t, recorder.New().Run(build, nil), name+` "x": `, name)
	}
}
