package compute

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/servicediscovery"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ClusterType is part of every child's URN; changing it replaces the cluster.
const ClusterType = "bookmark-manager:compute:Cluster"

// ClusterArgs are the cluster's configuration and wiring.
type ClusterArgs struct {
	Config ClusterConfig
	identity.Stack
	// LogKeyArn encrypts the transcripts of Exec sessions. Required.
	LogKeyArn pulumi.StringInput
	// Scheduled says that schedules start tasks in the cluster: they get a group, by which
	// CloudWatch counts the starts that fail. Default false: no group.
	Scheduled bool
}

// Cluster is an ECS cluster on Fargate and Fargate Spot, with a Service Connect namespace and a log
// of every Exec session.
type Cluster struct {
	pulumi.ResourceState

	// Name is fixed: bookmark-manager-<environment>-cluster.
	Name pulumi.StringOutput
	Arn  pulumi.StringOutput
	// NamespaceArn is where services find each other.
	NamespaceArn pulumi.StringOutput
	// ExecLogGroupName and ExecLogGroupArn are the log of Exec sessions.
	ExecLogGroupName pulumi.StringOutput
	ExecLogGroupArn  pulumi.StringOutput
	// ScheduleGroup is the name of the group of the schedules that start tasks, which is fixed; nil
	// without one.
	ScheduleGroup pulumi.StringInput

	capacity pulumi.Resource
}

// NewCluster registers nothing when args are invalid.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if args == nil || args.LogKeyArn == nil {
		return nil, fmt.Errorf("cluster %q: LogKeyArn is required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("cluster %q: %w", name, err)
	}
	clusterName, logName := args.Environment.Name("cluster"), logGroupName(args.Environment, execName)
	schedules := scheduleGroupName(args.Environment)
	if err := errors.Join(
		settings.Check(args.Config).Err(), names.Check(names.Cluster, clusterName),
		names.Check(names.LogGroup, logName), names.Check(names.ScheduleGroup, schedules),
	); err != nil {
		return nil, fmt.Errorf("cluster %q: %w", name, err)
	}
	c := &Cluster{}
	base, err := component.Register(ctx, "cluster", ClusterType, name, c, opts...)
	if err != nil {
		return nil, err
	}
	parent := base.Parent()

	namespace, err := servicediscovery.NewHttpNamespace(ctx, base.Child("connect"), &servicediscovery.HttpNamespaceArgs{
		Description: pulumi.String("where services find each other"),
	}, parent)
	if err != nil {
		return nil, base.Wrap("create", "namespace", err)
	}
	log, err := cloudwatch.NewLogGroup(ctx, base.Child("exec"), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(logName),
		RetentionInDays: pulumi.Int(args.Config.ExecLogRetentionDays),
		KmsKeyId:        args.LogKeyArn.ToStringOutput(),
	}, parent)
	if err != nil {
		return nil, base.Wrap("create", "Exec log", err)
	}
	cluster, err := ecs.NewCluster(ctx, name, &ecs.ClusterArgs{
		Name: pulumi.String(clusterName),
		Settings: ecs.ClusterSettingArray{
			ecs.ClusterSettingArgs{
				Name:  pulumi.String("containerInsights"),
				Value: pulumi.String(args.Config.Insights),
			},
		},
		ServiceConnectDefaults: ecs.ClusterServiceConnectDefaultsArgs{Namespace: namespace.Arn},
		Configuration: ecs.ClusterConfigurationArgs{
			ExecuteCommandConfiguration: ecs.ClusterConfigurationExecuteCommandConfigurationArgs{
				Logging: pulumi.String("OVERRIDE"),
				LogConfiguration: ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs{
					CloudWatchLogGroupName: log.Name,
					// ECS refuses a session when the group is not encrypted.
					CloudWatchEncryptionEnabled: pulumi.Bool(true),
				},
			},
		},
	}, parent)
	if err != nil {
		return nil, fmt.Errorf("create cluster of %q: %w", name, err)
	}
	c.capacity, err = ecs.NewClusterCapacityProviders(ctx, base.Child("capacity"), &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       cluster.Name,
		CapacityProviders: pulumi.StringArray{pulumi.String(onDemand), pulumi.String(spot)},
		DefaultCapacityProviderStrategies: ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArray{
			ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs{
				CapacityProvider: pulumi.String(onDemand),
				Weight:           pulumi.Int(1),
			},
		},
	}, parent)
	if err != nil {
		return nil, base.Wrap("create", "capacity providers", err)
	}

	if args.Scheduled {
		group, err := scheduler.NewScheduleGroup(ctx, base.Child("schedules"), &scheduler.ScheduleGroupArgs{
			Name: pulumi.String(schedules),
		}, parent)
		if err != nil {
			return nil, base.Wrap("create", "group of schedules", err)
		}
		c.ScheduleGroup = group.Name
	}

	c.Name, c.Arn, c.NamespaceArn = cluster.Name, cluster.Arn, namespace.Arn
	c.ExecLogGroupName, c.ExecLogGroupArn = log.Name, log.Arn
	return c, base.Outputs(pulumi.Map{
		"name": c.Name, "arn": c.Arn, "namespaceArn": c.NamespaceArn, "execLogGroupName": c.ExecLogGroupName,
	})
}

// tasks are the cluster's tasks, as a policy names them.
func (c *Cluster) tasks(stack identity.Stack) pulumi.StringOutput {
	return pulumi.Sprintf("arn:aws:ecs:%s:%s:task/%s/*", stack.Region, stack.AccountID, c.Name)
}

// The capacity providers that Fargate has in every cluster.
const (
	onDemand = "FARGATE"
	spot     = "FARGATE_SPOT"
)
