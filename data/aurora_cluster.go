package data

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// suffix distinguishes a cluster's names from those of the main one.
func suffix(cluster string) string {
	if cluster == MainCluster {
		return ""
	}
	return "-" + cluster
}

// auroraIdentifier is the fixed name of a cluster.
func auroraIdentifier(environment names.Environment, cluster string) string {
	return environment.Name("aurora") + suffix(cluster)
}

func (b *auroraBuilder) clusters() error {
	for _, key := range slices.Sorted(maps.Keys(b.args.Config.Clusters)) {
		cluster, logs, err := b.cluster(key)
		if err != nil {
			return err
		}
		if err := b.instances(key, cluster); err != nil {
			return err
		}
		b.identifiers["cluster"] = append(b.identifiers["cluster"], auroraIdentifier(b.args.Environment, key))
		if key == b.args.Config.Active {
			b.active = cluster
			b.aurora.ClusterIdentifier, b.aurora.ClusterArn = cluster.ClusterIdentifier, cluster.Arn
			b.aurora.Endpoint = b.onceUpgradeIsChecked(cluster, cluster.Endpoint)
			b.aurora.ReaderEndpoint = cluster.ReaderEndpoint
			b.aurora.LogGroupName = logs.Name
		}
	}
	return nil
}

func (b *auroraBuilder) cluster(key string) (*rds.Cluster, *cloudwatch.LogGroup, error) {
	config, child := b.args.Config, b.Child("cluster"+suffix(key))
	identifier := auroraIdentifier(b.args.Environment, key)
	if err := names.Check(names.Database, identifier); err != nil {
		return nil, nil, b.Wrap("name", "cluster "+key, err)
	}
	// RDS would make the group itself, without a key and without an end.
	logs, err := cloudwatch.NewLogGroup(b.Ctx, b.Child("log"+suffix(key)), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/rds/cluster/" + identifier + "/postgresql"),
		RetentionInDays: pulumi.Int(config.LogRetentionDays),
		KmsKeyId:        b.args.LogKeyArn,
	}, b.Parent())
	if err != nil {
		return nil, nil, b.Wrap("create", "log group of cluster "+key, err)
	}
	snapshot, err := b.finalSnapshot(key, identifier)
	if err != nil {
		return nil, nil, err
	}
	protected := b.args.Protect() && !config.Clusters[key].Retire
	args := &rds.ClusterArgs{
		ClusterIdentifier:           pulumi.String(identifier),
		Engine:                      pulumi.String(auroraEngine),
		AllowMajorVersionUpgrade:    pulumi.Bool(config.AllowMajorVersionUpgrade),
		ApplyImmediately:            pulumi.Bool(config.ApplyImmediately),
		DatabaseName:                pulumi.String(DatabaseName),
		MasterUsername:              pulumi.String(MasterUsername),
		MasterPassword:              b.aurora.MasterPassword,
		Port:                        pulumi.Int(DatabasePort),
		DbSubnetGroupName:           b.subnets.Name,
		VpcSecurityGroupIds:         pulumi.StringArray{b.args.SecurityGroupID},
		DbClusterParameterGroupName: b.parameters.Name,
		StorageEncrypted:            pulumi.Bool(true),
		KmsKeyId:                    b.args.DataKeyArn,
		Serverlessv2ScalingConfiguration: rds.ClusterServerlessv2ScalingConfigurationArgs{
			MinCapacity: pulumi.Float64(config.MinACU), MaxCapacity: pulumi.Float64(config.MaxACU),
		},
		BackupRetentionPeriod:              pulumi.Int(config.BackupRetentionDays),
		PreferredBackupWindow:              pulumi.String(config.BackupWindow),
		PreferredMaintenanceWindow:         pulumi.String(config.MaintenanceWindow),
		CopyTagsToSnapshot:                 pulumi.Bool(true),
		DeleteAutomatedBackups:             pulumi.Bool(b.args.Disposable),
		DeletionProtection:                 pulumi.Bool(protected),
		SkipFinalSnapshot:                  pulumi.Bool(b.args.Disposable),
		FinalSnapshotIdentifier:            snapshot,
		EnabledCloudwatchLogsExports:       pulumi.ToStringArray([]string{"postgresql"}),
		IamDatabaseAuthenticationEnabled:   pulumi.Bool(config.IAMAuthentication),
		DatabaseInsightsMode:               pulumi.String(config.Insights.Mode),
		PerformanceInsightsEnabled:         pulumi.Bool(true),
		PerformanceInsightsKmsKeyId:        b.args.DataKeyArn,
		PerformanceInsightsRetentionPeriod: pulumi.Int(config.Insights.RetentionDays),
	}
	if config.MinACU == 0 {
		args.Serverlessv2ScalingConfiguration = rds.ClusterServerlessv2ScalingConfigurationArgs{
			MinCapacity: pulumi.Float64(config.MinACU), MaxCapacity: pulumi.Float64(config.MaxACU),
			SecondsUntilAutoPause: pulumi.Int(config.PauseAfterSeconds),
		}
	}
	args.EngineVersion = pulumi.String(config.EngineVersion)
	ignored := []string{
		// A backup counts only when the cluster is created. Naming another one later, or none, must
		// not replace the cluster.
		"snapshotIdentifier", "restoreToPointInTime",
		// A global database that is made from the cluster writes its name here.
		"globalClusterIdentifier",
	}
	if !config.AllowMajorVersionUpgrade {
		// AWS upgrades the minor version by itself. Were the configured one sent, with any other
		// change, RDS would refuse to downgrade; see the table at EngineVersion.
		ignored = append(ignored, "engineVersion")
	}
	if restore := config.Clusters[key].Restore; restore != nil {
		if restore.EngineVersion != "" && !config.AllowMajorVersionUpgrade {
			args.EngineVersion = pulumi.String(restore.EngineVersion)
		}
		b.restore(args, restore)
	}
	cluster, err := rds.NewCluster(b.Ctx, child, args, b.Parent(), pulumi.Protect(protected),
		pulumi.IgnoreChanges(ignored), pulumi.DependsOn([]pulumi.Resource{logs}))
	if err != nil {
		return nil, nil, b.Wrap("create", "cluster "+key, err)
	}
	return cluster, logs, nil
}

// onceUpgradeIsChecked is an output of a cluster, or an error when the cluster cannot be upgraded
// from what it runs to the configured version. A preview knows what it runs, so that the error
// comes before anything has changed. See the table at EngineVersion.
func (b *auroraBuilder) onceUpgradeIsChecked(cluster *rds.Cluster, output pulumi.StringOutput) pulumi.StringOutput {
	config, name := b.args.Config, b.Name
	known := pulumi.All(output, cluster.EngineVersionActual, cluster.ClusterIdentifier)
	return known.ApplyT(func(all []any) (string, error) {
		value, running, identifier := all[0].(string), all[1].(string), all[2].(string)
		if err := config.checkUpgrade(EngineVersion(running)); err != nil {
			return "", fmt.Errorf("take cluster %s of aurora %q to another version: %w", identifier, name, err)
		}
		return value, nil
	}).(pulumi.StringOutput)
}

func (b *auroraBuilder) restore(args *rds.ClusterArgs, from *AuroraRestoreConfig) {
	if from.Snapshot != "" {
		args.SnapshotIdentifier = pulumi.String(from.Snapshot)
		return
	}
	point := rds.ClusterRestoreToPointInTimeArgs{RestoreType: pulumi.String("full-copy")}
	if from.FromCluster != "" {
		point.SourceClusterIdentifier = pulumi.String(auroraIdentifier(b.args.Environment, from.FromCluster))
	} else {
		point.SourceClusterResourceId = pulumi.String(from.FromResourceID)
	}
	if from.Time != "" {
		point.RestoreToTime = pulumi.String(from.Time)
	} else {
		point.UseLatestRestorableTime = pulumi.Bool(true)
	}
	args.RestoreToPointInTime = point
}

// finalSnapshot names the snapshot that is taken when the cluster is deleted. The name has a random
// part that is new for each cluster, also for the one that replaces a cluster: RDS refuses to
// delete a cluster when the name is taken.
func (b *auroraBuilder) finalSnapshot(key, identifier string) (pulumi.StringInput, error) {
	id, err := random.NewRandomId(b.Ctx, b.Child("final-snapshot"+suffix(key)), &random.RandomIdArgs{
		ByteLength: pulumi.Int(4),
		Keepers:    pulumi.StringMap{"key": b.args.DataKeyArn, "subnets": b.subnets.Name},
	}, b.Parent())
	if err != nil {
		return nil, b.Wrap("name", "final snapshot of cluster "+key, err)
	}
	return pulumi.Sprintf("%s-final-%s", identifier, id.Hex), nil
}

func (b *auroraBuilder) instances(key string, cluster *rds.Cluster) error {
	config := b.args.Config
	for _, instance := range config.Instances {
		number := fmt.Sprintf("%s-%d", suffix(key), instance.Number)
		identifier := b.args.Environment.Name("aurora") + number
		if err := names.Check(names.Database, identifier); err != nil {
			return b.Wrap("name", "instance "+identifier, err)
		}
		made, err := rds.NewClusterInstance(b.Ctx, b.Child("instance"+number), &rds.ClusterInstanceArgs{
			Identifier:        pulumi.String(identifier),
			ClusterIdentifier: cluster.ID(),
			Engine:            pulumi.String(auroraEngine),
			// No version here: an instance follows its cluster, and a version of its own would be a
			// change after each minor upgrade.
			InstanceClass:                      pulumi.String("db.serverless"),
			DbSubnetGroupName:                  b.subnets.Name,
			AvailabilityZone:                   pulumi.String(b.args.Zones[instance.ZoneIndex]),
			PromotionTier:                      pulumi.Int(instance.PromotionTier),
			PubliclyAccessible:                 pulumi.Bool(false),
			AutoMinorVersionUpgrade:            pulumi.Bool(true),
			ApplyImmediately:                   pulumi.Bool(config.ApplyImmediately),
			PreferredMaintenanceWindow:         pulumi.String(config.MaintenanceWindow),
			CopyTagsToSnapshot:                 pulumi.Bool(true),
			MonitoringInterval:                 pulumi.Int(config.MonitoringSeconds),
			MonitoringRoleArn:                  b.monitoringRole.Arn,
			PerformanceInsightsEnabled:         pulumi.Bool(true),
			PerformanceInsightsKmsKeyId:        b.args.DataKeyArn,
			PerformanceInsightsRetentionPeriod: pulumi.Int(config.Insights.RetentionDays),
		}, b.Parent(), pulumi.DependsOn([]pulumi.Resource{b.monitoringRights}))
		if err != nil {
			return b.Wrap("create", "instance "+identifier, err)
		}
		b.identifiers["db"] = append(b.identifiers["db"], identifier)
		if key == config.Active {
			b.aurora.Ready = append(b.aurora.Ready, made)
		}
	}
	return nil
}
