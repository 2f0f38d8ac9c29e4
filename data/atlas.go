package data

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// AtlasType is part of every child's URN; changing it replaces the cluster.
const AtlasType = "bookmark-manager:data:AtlasCluster"

const atlasProvider = "AWS"

// AtlasUsername is the application's database user of a rotation. Users belong to the
// project, so each environment has names of its own.
func AtlasUsername(environment names.Environment, rotation int) string {
	return environment.Name("app", strconv.Itoa(rotation))
}

// AtlasArgs are the cluster's configuration and wiring. It needs the providers mongodbatlas and
// random, and aws for PrivateLink.
type AtlasArgs struct {
	Config AtlasConfig
	identity.Stack
	// NatPublicIPs are the addresses of the NAT gateways by zone. Required for access by NAT.
	NatPublicIPs map[string]pulumi.StringInput
	// VpcID, SubnetIDs and SecurityGroupID place the private endpoint. Required for access by
	// PrivateLink.
	VpcID           pulumi.StringInput
	SubnetIDs       pulumi.StringArrayInput
	SecurityGroupID pulumi.StringInput
}

// AtlasCluster is a MongoDB replica set on Atlas that tasks of the VPC reach, and nobody else. A
// dependency on it waits until tasks can reach it.
type AtlasCluster struct {
	pulumi.ResourceState

	ClusterName pulumi.StringOutput
	// Address is the connection string without credentials, "mongodb+srv://…".
	Address pulumi.StringOutput
	// Username and Password are those of the current rotation; the password is secret.
	Username string
	Password pulumi.StringOutput
	// Ready is what must be there before a client connects.
	Ready []pulumi.Resource
}

// NewAtlasCluster registers nothing when args are invalid.
func NewAtlasCluster(
	ctx *pulumi.Context, name string, args *AtlasArgs, opts ...pulumi.ResourceOption,
) (*AtlasCluster, error) {
	if args == nil {
		return nil, fmt.Errorf("atlas %q: args are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("atlas %q: %w", name, err)
	}
	if err := args.Config.Validate(args.Environment).Err(); err != nil {
		return nil, fmt.Errorf("atlas %q: %w", name, err)
	}
	switch args.Config.Access {
	case AtlasByPrivateLink:
		if args.VpcID == nil || args.SubnetIDs == nil || args.SecurityGroupID == nil {
			return nil, fmt.Errorf("atlas %q: VpcID, SubnetIDs and SecurityGroupID are required for access by "+
				"PrivateLink", name)
		}
	case AtlasByNat:
		if len(args.NatPublicIPs) == 0 {
			return nil, fmt.Errorf("atlas %q: NatPublicIPs are required for access by NAT: a network with nat none "+
				"reaches Atlas by privateLink alone", name)
		}
	}
	atlas := &AtlasCluster{}
	base, err := component.Register(ctx, "atlas", AtlasType, name, atlas, opts...)
	if err != nil {
		return nil, err
	}
	b := &atlasBuilder{
		Component: base,
		args:      args,
		atlas:     atlas,
		project:   pulumi.String(args.Config.ProjectID),
	}
	for _, build := range []func() error{b.makeCluster, b.backups, b.users, b.access, b.alerts, b.auditing,
		b.maintenance} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	return atlas, b.Outputs(pulumi.Map{"clusterName": atlas.ClusterName, "address": atlas.Address})
}

// atlasBuilder carries what the steps of one cluster share.
type atlasBuilder struct {
	component.Component
	args    *AtlasArgs
	atlas   *AtlasCluster
	project pulumi.String

	cluster *mongodbatlas.AdvancedCluster
}

func (b *atlasBuilder) makeCluster() (err error) {
	config := b.args.Config
	protected := b.args.Protect()
	const specs = "replicationSpecs[0].regionConfigs[0].electableSpecs."
	scaling := mongodbatlas.AdvancedClusterReplicationSpecRegionConfigAutoScalingArgs{DiskGbEnabled: pulumi.Bool(true)}
	// Atlas grows the disk, and to set it back is refused.
	ignored := []string{specs + "diskSizeGb"}
	if config.ComputeScaling != nil {
		scaling.ComputeEnabled, scaling.ComputeScaleDownEnabled = pulumi.Bool(true), pulumi.Bool(true)
		scaling.ComputeMinInstanceSize = pulumi.String(config.ComputeScaling.MinInstanceSize)
		scaling.ComputeMaxInstanceSize = pulumi.String(config.ComputeScaling.MaxInstanceSize)
		// The tier is Atlas's to choose; to set it back on each deploy would undo the scaling.
		ignored = append(ignored, specs+"instanceSize")
	}
	b.cluster, err = mongodbatlas.NewAdvancedCluster(b.Ctx, b.Child("cluster"), &mongodbatlas.AdvancedClusterArgs{
		ProjectId:           b.project,
		Name:                pulumi.String(b.args.Config.Cluster(b.args.Environment)),
		ClusterType:         pulumi.String("REPLICASET"),
		MongoDbMajorVersion: pulumi.String(config.MongoDBVersion),
		ReplicationSpecs: mongodbatlas.AdvancedClusterReplicationSpecArray{
			mongodbatlas.AdvancedClusterReplicationSpecArgs{
				RegionConfigs: mongodbatlas.AdvancedClusterReplicationSpecRegionConfigArray{
					mongodbatlas.AdvancedClusterReplicationSpecRegionConfigArgs{
						ProviderName: pulumi.String(atlasProvider),
						RegionName:   pulumi.String(names.AtlasRegion(b.args.Region)),
						Priority:     pulumi.Int(7), // the highest: the primary's region
						ElectableSpecs: mongodbatlas.AdvancedClusterReplicationSpecRegionConfigElectableSpecsArgs{
							InstanceSize: pulumi.String(config.InstanceSize),
							NodeCount:    pulumi.Int(config.Nodes),
							DiskSizeGb:   pulumi.Float64(config.DiskSizeGB),
						},
						AutoScaling: scaling,
					},
				},
			},
		},
		AdvancedConfiguration: mongodbatlas.AdvancedClusterAdvancedConfigurationArgs{
			MinimumEnabledTlsProtocol: pulumi.String("TLS1_2"),
		},
		BackupEnabled:                pulumi.Bool(true),
		PitEnabled:                   pulumi.Bool(true),
		RetainBackupsEnabled:         pulumi.Bool(!b.args.Disposable),
		TerminationProtectionEnabled: pulumi.Bool(protected),
		Tags: mongodbatlas.AdvancedClusterTagArray{
			mongodbatlas.AdvancedClusterTagArgs{
				Key:   pulumi.String("Environment"),
				Value: pulumi.String(b.args.Environment),
			},
			mongodbatlas.AdvancedClusterTagArgs{Key: pulumi.String("ManagedBy"), Value: pulumi.String("pulumi")},
			mongodbatlas.AdvancedClusterTagArgs{Key: pulumi.String("Project"), Value: pulumi.String(names.Project)},
		},
	}, b.Parent(), pulumi.Protect(protected), pulumi.IgnoreChanges(ignored))
	if err != nil {
		return b.Wrap("create", "cluster", err)
	}
	b.atlas.ClusterName = b.cluster.Name
	return nil
}

func (b *atlasBuilder) backups() error {
	backup := b.args.Config.Backup
	args := &mongodbatlas.CloudBackupScheduleArgs{
		ProjectId:             b.project,
		ClusterName:           b.cluster.Name,
		ReferenceHourOfDay:    pulumi.Int(backup.HourUTC),
		ReferenceMinuteOfHour: pulumi.Int(backup.MinuteUTC),
		RestoreWindowDays:     pulumi.Int(backup.RestoreWindowDays),
		PolicyItemHourly: mongodbatlas.CloudBackupSchedulePolicyItemHourlyArgs{
			FrequencyInterval: pulumi.Int(backup.HourlyInterval),
			RetentionUnit:     pulumi.String("days"),
			RetentionValue:    pulumi.Int(backup.HourlyRetentionDays),
		},
		PolicyItemDaily: mongodbatlas.CloudBackupSchedulePolicyItemDailyArgs{
			FrequencyInterval: pulumi.Int(1),
			RetentionUnit:     pulumi.String("days"),
			RetentionValue:    pulumi.Int(backup.DailyRetentionDays),
		},
	}
	if backup.CopyRegion != "" {
		args.CopySettings = mongodbatlas.CloudBackupScheduleCopySettingArray{
			mongodbatlas.CloudBackupScheduleCopySettingArgs{
				CloudProvider:    pulumi.String(atlasProvider),
				RegionName:       pulumi.String(backup.CopyRegion),
				Frequencies:      pulumi.ToStringArray([]string{"HOURLY", "DAILY", "ON_DEMAND"}),
				ShouldCopyOplogs: pulumi.Bool(true),
				ZoneId:           b.cluster.ReplicationSpecs.Index(pulumi.Int(0)).ZoneId(),
			},
		}
	}
	if _, err := mongodbatlas.NewCloudBackupSchedule(b.Ctx, b.Child("backups"), args, b.Parent(),
		// The provider would change the schedule of the cluster of the old name in place.
		pulumi.ReplaceOnChanges([]string{"clusterName"}), pulumi.DeleteBeforeReplace(true)); err != nil {
		return b.Wrap("create", "backup schedule", err)
	}
	return nil
}

// users are the application's: each reads and writes one database of this cluster. There is one for
// the current rotation, and one for that before it, with which tasks go on that have not been
// replaced yet. Names carry the counter, so that a rotation leaves the user before it alone.
func (b *atlasBuilder) users() error {
	current := b.args.Config.PasswordRotation
	for rotation := max(current-1, 1); rotation <= current; rotation++ {
		number := strconv.Itoa(rotation)
		password, err := random.NewRandomPassword(b.Ctx, b.Child("password-"+number), passwordArgs(), b.Parent())
		if err != nil {
			return b.Wrap("create", "password "+number, err)
		}
		username := AtlasUsername(b.args.Environment, rotation)
		user, err := mongodbatlas.NewDatabaseUser(b.Ctx, b.Child("user-"+number), &mongodbatlas.DatabaseUserArgs{
			ProjectId:        b.project,
			AuthDatabaseName: pulumi.String("admin"),
			Username:         pulumi.String(username),
			Password:         password.Result,
			Roles: mongodbatlas.DatabaseUserRoleArray{mongodbatlas.DatabaseUserRoleArgs{
				RoleName: pulumi.String("readWrite"), DatabaseName: pulumi.String(b.args.Config.Database),
			}},
			Scopes: mongodbatlas.DatabaseUserScopeArray{mongodbatlas.DatabaseUserScopeArgs{
				Name: b.cluster.Name,
				Type: pulumi.String("CLUSTER"),
			}},
		}, b.Parent())
		if err != nil {
			return b.Wrap("create", "database user "+number, err)
		}
		b.atlas.Ready = append(b.atlas.Ready, user)
		b.atlas.Username, b.atlas.Password = username, password.Result
	}
	return nil
}
