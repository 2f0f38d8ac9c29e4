package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// global makes the active cluster the primary of a global database, with a secondary cluster in the recovery region.
func (b *auroraBuilder) global() error {
	config := b.args.Config.Global
	if config == nil {
		return nil
	}
	environment := b.args.Environment
	protected := pulumi.Protect(protects(b.args.Disposable, b.args.Teardown))
	global, err := rds.NewGlobalCluster(b.ctx, b.name+"-global", &rds.GlobalClusterArgs{
		GlobalClusterIdentifier:   pulumi.String(environment.Name("global")),
		SourceDbClusterIdentifier: b.active.Arn,
		DeletionProtection:        pulumi.Bool(protects(b.args.Disposable, b.args.Teardown)),
		// The members leave the global database when it is deleted; they are not deleted with it.
		ForceDestroy: pulumi.Bool(true),
	}, pulumi.Parent(b.aurora), protected)
	if err != nil {
		return b.wrap("create", "global database", err)
	}
	there := pulumi.Provider(b.args.Recovery)
	service := "rds." + b.args.RecoveryRegion + ".amazonaws.com"
	key, err := kms.NewKey(b.ctx, b.name+"-secondary", &kms.KeyArgs{
		Description:       pulumi.String("Secondary of the global database"),
		Policy:            onlyThroughServices(b.args.AccountID, service).JSON(),
		EnableKeyRotation: pulumi.Bool(true),
	}, pulumi.Parent(b.aurora), there)
	if err != nil {
		return b.wrap("create", "key of secondary cluster", err)
	}
	subnets, err := rds.NewSubnetGroup(b.ctx, b.name+"-secondary", &rds.SubnetGroupArgs{
		Description: pulumi.String("Secondary of the global database"), SubnetIds: pulumi.ToStringArray(config.SubnetIDs),
	}, pulumi.Parent(b.aurora), there)
	if err != nil {
		return b.wrap("create", "subnet group of secondary cluster", err)
	}
	identifier := environment.Name("aurora", "secondary")
	secondary, err := rds.NewCluster(b.ctx, b.name+"-secondary", &rds.ClusterArgs{
		ClusterIdentifier:       pulumi.String(identifier),
		GlobalClusterIdentifier: global.ID(),
		Engine:                  pulumi.String(auroraEngine),
		EngineVersion:           b.active.EngineVersionActual,
		DbSubnetGroupName:       subnets.Name,
		VpcSecurityGroupIds:     pulumi.ToStringArray(config.SecurityGroupIDs),
		StorageEncrypted:        pulumi.Bool(true),
		KmsKeyId:                key.Arn,
		CopyTagsToSnapshot:      pulumi.Bool(true),
		DeletionProtection:      pulumi.Bool(protects(b.args.Disposable, b.args.Teardown)),
		// A copy: the primary takes the final snapshot.
		SkipFinalSnapshot: pulumi.Bool(true),
		Serverlessv2ScalingConfiguration: rds.ClusterServerlessv2ScalingConfigurationArgs{
			MinCapacity: pulumi.Float64(b.args.Config.MinACU), MaxCapacity: pulumi.Float64(b.args.Config.MaxACU),
		},
	}, pulumi.Parent(b.aurora), there, protected,
		// RDS upgrades the members of a global database together, and names the primary in replicationSourceIdentifier.
		pulumi.IgnoreChanges([]string{"engineVersion", "replicationSourceIdentifier"}))
	if err != nil {
		return b.wrap("create", "secondary cluster", err)
	}
	instance := identifier + "-1"
	if err := names.Check(names.Database, instance); err != nil {
		return b.wrap("name", "instance of secondary cluster", err)
	}
	if _, err := rds.NewClusterInstance(b.ctx, b.name+"-secondary-1", &rds.ClusterInstanceArgs{
		Identifier: pulumi.String(instance), ClusterIdentifier: secondary.ID(), Engine: pulumi.String(auroraEngine),
		InstanceClass: pulumi.String("db.serverless"), DbSubnetGroupName: subnets.Name,
		PubliclyAccessible: pulumi.Bool(false), AutoMinorVersionUpgrade: pulumi.Bool(true), CopyTagsToSnapshot: pulumi.Bool(true),
	}, pulumi.Parent(b.aurora), there); err != nil {
		return fmt.Errorf("create instance of secondary cluster of aurora %q: %w", b.name, err)
	}
	return nil
}
