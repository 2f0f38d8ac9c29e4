package data

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// global makes the active cluster the primary of a global database, with a secondary cluster in the
// recovery region.
func (b *auroraBuilder) global() error {
	config := b.args.Config.Global
	if config == nil {
		return nil
	}
	environment := b.args.Environment
	protected := pulumi.Protect(b.args.Protect())
	global, err := rds.NewGlobalCluster(b.Ctx, b.Child("global"), &rds.GlobalClusterArgs{
		GlobalClusterIdentifier:   pulumi.String(environment.Name("global")),
		SourceDbClusterIdentifier: b.active.Arn,
		DeletionProtection:        pulumi.Bool(b.args.Protect()),
		// The members leave the global database when it is deleted; they are not deleted with it.
		ForceDestroy: pulumi.Bool(true),
	}, b.Parent(), protected)
	if err != nil {
		return b.Wrap("create", "global database", err)
	}
	there := pulumi.Provider(b.args.Recovery)
	service := "rds." + b.args.RecoveryRegion + ".amazonaws.com"
	key, err := kms.NewKey(b.Ctx, b.Child("secondary"), &kms.KeyArgs{
		Description:       pulumi.String("Secondary of the global database"),
		Policy:            onlyThroughServices(b.args.AccountID, service).JSON(),
		EnableKeyRotation: pulumi.Bool(true),
	}, b.Parent(), there)
	if err != nil {
		return b.Wrap("create", "key of secondary cluster", err)
	}
	subnets, err := rds.NewSubnetGroup(b.Ctx, b.Child("secondary"), &rds.SubnetGroupArgs{
		Description: pulumi.String("Secondary of the global database"),
		SubnetIds:   pulumi.ToStringArray(config.SubnetIDs),
	}, b.Parent(), there)
	if err != nil {
		return b.Wrap("create", "subnet group of secondary cluster", err)
	}
	identifier := environment.Name("aurora", "secondary")
	secondary, err := rds.NewCluster(b.Ctx, b.Child("secondary"), &rds.ClusterArgs{
		ClusterIdentifier:       pulumi.String(identifier),
		GlobalClusterIdentifier: global.ID(),
		Engine:                  pulumi.String(auroraEngine),
		EngineVersion:           b.active.EngineVersionActual,
		DbSubnetGroupName:       subnets.Name,
		VpcSecurityGroupIds:     pulumi.ToStringArray(config.SecurityGroupIDs),
		StorageEncrypted:        pulumi.Bool(true),
		KmsKeyId:                key.Arn,
		CopyTagsToSnapshot:      pulumi.Bool(true),
		DeletionProtection:      pulumi.Bool(b.args.Protect()),
		// A copy: the primary takes the final snapshot.
		SkipFinalSnapshot: pulumi.Bool(true),
		Serverlessv2ScalingConfiguration: rds.ClusterServerlessv2ScalingConfigurationArgs{
			MinCapacity: pulumi.Float64(b.args.Config.MinACU), MaxCapacity: pulumi.Float64(b.args.Config.MaxACU),
		},
	}, b.Parent(), there, protected,
		// RDS upgrades the members of a global database together, and names the primary in
		// replicationSourceIdentifier.
		pulumi.IgnoreChanges([]string{"engineVersion", "replicationSourceIdentifier"}))
	if err != nil {
		return b.Wrap("create", "secondary cluster", err)
	}
	instance := identifier + "-1"
	if err := names.Check(names.Database, instance); err != nil {
		return b.Wrap("name", "instance of secondary cluster", err)
	}
	if _, err := rds.NewClusterInstance(b.Ctx, b.Child("secondary-1"), &rds.ClusterInstanceArgs{
		Identifier:              pulumi.String(instance),
		ClusterIdentifier:       secondary.ID(),
		Engine:                  pulumi.String(auroraEngine),
		InstanceClass:           pulumi.String("db.serverless"),
		DbSubnetGroupName:       subnets.Name,
		PubliclyAccessible:      pulumi.Bool(false),
		AutoMinorVersionUpgrade: pulumi.Bool(true),
		CopyTagsToSnapshot:      pulumi.Bool(true),
	}, b.Parent(), there); err != nil {
		return b.Wrap("create", "instance of secondary cluster", err)
	}
	return nil
}
