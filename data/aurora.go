package data

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// AuroraType is part of every child's URN; changing it replaces the database.
const AuroraType = "bookmark-manager:data:AuroraCluster"

// What the application, the migration task and people call the database.
const (
	DatabaseName   = "bookmarkdb"
	DatabasePort   = 5432
	MasterUsername = "dbadmin"
)

// ApplicationUsername is the application's role in the database. There are two, which take turns: a
// rotation gives the one that is idle a new password, and tasks that still run go on with the
// other.
func ApplicationUsername(rotation int) string {
	if rotation%2 == 0 {
		return "bookmark_app_2"
	}
	return "bookmark_app_1"
}

// DumpUsername is the role that the dump reads the database with. There are two, which take turns
// as the application's do.
func DumpUsername(rotation int) string {
	if rotation%2 == 0 {
		return "bookmark_dump_2"
	}
	return "bookmark_dump_1"
}

const auroraEngine = "aurora-postgresql"

// AuroraArgs are the database's configuration and wiring.
type AuroraArgs struct {
	Config AuroraConfig
	identity.Stack
	// Zones are the names of the network's zones by index. Required.
	Zones map[int]string
	// SubnetIDs are subnets of two zones or more without a way out. Required.
	SubnetIDs pulumi.StringArrayInput
	// SecurityGroupID admits the tasks. Required.
	SecurityGroupID pulumi.StringInput
	// DataKeyArn encrypts storage, snapshots and insights. Required; another key replaces the
	// cluster.
	DataKeyArn pulumi.StringInput
	// LogKeyArn encrypts the server's log. Required.
	LogKeyArn pulumi.StringInput
	// NotificationTopicArn is the topic for RDS's events of clusters and instances. Its policy must
	// let EventBridge publish. Required.
	NotificationTopicArn pulumi.StringInput
	// RunbookBase is the page that its messages link to, without a fragment. Required.
	RunbookBase string
	// AdoptedMasterPassword is the owner's password of a cluster that was made elsewhere, while
	// Config.MasterPasswordRotation is 1. Optional: without it a password is made.
	AdoptedMasterPassword pulumi.StringInput
	// DumpRotation counts the passwords of the role that dumps are made with. Default 0: there is
	// no such role.
	DumpRotation int
	// Recovery is the recovery region's provider and RecoveryRegion its name. Required with
	// Config.Global.
	Recovery       pulumi.ProviderResource
	RecoveryRegion string
}

// AuroraCluster is an Aurora PostgreSQL Serverless v2 database: the active cluster and, while a
// recovery is under way, the others. A dependency on it waits for its instances.
type AuroraCluster struct {
	pulumi.ResourceState

	// ClusterIdentifier, ClusterArn, Endpoint and ReaderEndpoint are the active cluster's.
	ClusterIdentifier pulumi.StringOutput
	ClusterArn        pulumi.StringOutput
	Endpoint          pulumi.StringOutput
	ReaderEndpoint    pulumi.StringOutput
	LogGroupName      pulumi.StringOutput
	// SubnetGroupName is what all clusters of the stack are in.
	SubnetGroupName pulumi.StringOutput
	// MasterPassword and ApplicationPassword are secret. The migration task gives the application's
	// role its password.
	MasterPassword      pulumi.StringOutput
	ApplicationUsername string
	ApplicationPassword pulumi.StringOutput
	// DumpPassword is secret, and unset without Args.DumpRotation. The migration task gives it to
	// the role DumpUsername.
	DumpUsername string
	DumpPassword pulumi.StringOutput
	// Ready are the active cluster's instances: what must be there before a client connects.
	Ready []pulumi.Resource
}

// NewAuroraCluster registers nothing when args are invalid.
func NewAuroraCluster(
	ctx *pulumi.Context, name string, args *AuroraArgs, opts ...pulumi.ResourceOption,
) (*AuroraCluster, error) {
	if args == nil || args.SubnetIDs == nil || args.SecurityGroupID == nil || args.DataKeyArn == nil ||
		args.LogKeyArn == nil || args.NotificationTopicArn == nil || args.RunbookBase == "" {
		return nil, fmt.Errorf("aurora %q: SubnetIDs, SecurityGroupID, DataKeyArn, LogKeyArn, "+
			"NotificationTopicArn and RunbookBase are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("aurora %q: %w", name, err)
	}
	if args.Config.Global != nil &&
		(args.Recovery == nil || args.RecoveryRegion == "" || args.RecoveryRegion == args.Region) {
		return nil, fmt.Errorf("aurora %q: Recovery and RecoveryRegion, another region than %s, are required for a "+
			"global database", name, args.Region)
	}
	if err := args.Config.Validate(args.Production, slices.Sorted(maps.Keys(args.Zones))).Err(); err != nil {
		return nil, fmt.Errorf("aurora %q: %w", name, err)
	}
	aurora := &AuroraCluster{ApplicationUsername: ApplicationUsername(args.Config.ApplicationPasswordRotation)}
	base, err := component.Register(ctx, "aurora", AuroraType, name, aurora, opts...)
	if err != nil {
		return nil, err
	}
	b := &auroraBuilder{
		Component:   base,
		args:        args,
		aurora:      aurora,
		identifiers: map[string][]string{},
	}
	for _, build := range []func() error{b.known, b.subnetGroup, b.parameterGroup, b.monitoring, b.passwords,
		b.clusters, b.events, b.global} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	return aurora, b.Outputs(pulumi.Map{
		"clusterIdentifier": aurora.ClusterIdentifier,
		"endpoint":          aurora.Endpoint,
		"readerEndpoint":    aurora.ReaderEndpoint,
	})
}

// auroraBuilder carries what the steps of one database share.
type auroraBuilder struct {
	component.Component
	args   *AuroraArgs
	aurora *AuroraCluster

	subnets          *rds.SubnetGroup
	parameters       *rds.ClusterParameterGroup
	monitoringRole   *iam.Role
	monitoringRights *iam.RolePolicyAttachment
	active           *rds.Cluster
	// identifiers are those of clusters and instances, by the word for them in ARNs. They are
	// fixed, so that a preview shows the whole pattern of an event.
	identifiers map[string][]string
}

func (b *auroraBuilder) subnetGroup() (err error) {
	b.subnets, err = rds.NewSubnetGroup(b.Ctx, b.Child("subnets"), &rds.SubnetGroupArgs{
		Description: pulumi.String("Subnets without a way out"), SubnetIds: b.args.SubnetIDs,
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "subnet group", err)
	}
	b.aurora.SubnetGroupName = b.subnets.Name
	return nil
}

// parameterGroup sets what the server enforces and logs. log_statement stays off: it would log the
// statements in which somebody sets a password by hand. The migration task's has a verifier in the
// password's place.
func (b *auroraBuilder) parameterGroup() (err error) {
	parameters := rds.ClusterParameterGroupParameterArray{}
	for _, one := range []struct{ name, value string }{
		{"log_lock_waits", "1"},
		{"log_min_duration_statement", strconv.Itoa(b.args.Config.SlowStatementMilliseconds)},
		{"rds.force_ssl", "1"},
		{"ssl_min_protocol_version", "TLSv1.2"},
	} {
		parameters = append(parameters, rds.ClusterParameterGroupParameterArgs{
			Name: pulumi.String(one.name), Value: pulumi.String(one.value), ApplyMethod: pulumi.String("immediate"),
		})
	}
	// Auto-named: another major version needs a group of another family, made before the old one
	// goes.
	b.parameters, err = rds.NewClusterParameterGroup(b.Ctx, b.Child("parameters"), &rds.ClusterParameterGroupArgs{
		Description: pulumi.String("TLS enforced, slow statements logged"),
		Family:      pulumi.String(b.family()),
		Parameters:  parameters,
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "parameter group", err)
	}
	return nil
}

func (b *auroraBuilder) family() string { return auroraEngine + b.args.Config.EngineVersion.major() }

// monitoring makes the role through which RDS writes the operating system's metrics.
func (b *auroraBuilder) monitoring() (err error) {
	b.monitoringRole, err = iam.NewRole(b.Ctx, b.Child("monitoring"), &iam.RoleArgs{
		AssumeRolePolicy: policy.AssumedBy("monitoring.rds.amazonaws.com", pulumi.String(b.args.AccountID),
			pulumi.String("arn:aws:rds:"+b.args.Region+":"+b.args.AccountID+":db:"+b.args.Environment.Name("aurora")+
				"-*")).
			JSON(),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "monitoring role", err)
	}
	b.monitoringRights, err = iam.NewRolePolicyAttachment(b.Ctx, b.Child("monitoring"), &iam.RolePolicyAttachmentArgs{
		Role:      b.monitoringRole.Name,
		PolicyArn: pulumi.String("arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"),
	}, b.Parent())
	if err != nil {
		return b.Wrap("attach", "policy of monitoring role", err)
	}
	return nil
}

func (b *auroraBuilder) passwords() error {
	type password struct {
		role     string
		rotation int
		adopted  pulumi.StringInput
		result   *pulumi.StringOutput
	}
	all := []password{
		{"master", b.args.Config.MasterPasswordRotation, b.args.AdoptedMasterPassword, &b.aurora.MasterPassword},
		{"application", b.args.Config.ApplicationPasswordRotation, nil, &b.aurora.ApplicationPassword},
	}
	if rotation := b.args.DumpRotation; rotation > 0 {
		b.aurora.DumpUsername = DumpUsername(rotation)
		all = append(all, password{"dump", rotation, nil, &b.aurora.DumpPassword})
	}
	for _, one := range all {
		if one.adopted != nil && one.rotation == 1 {
			*one.result = pulumi.ToSecret(one.adopted).(pulumi.StringOutput)
			continue
		}
		args := passwordArgs()
		args.Keepers = pulumi.StringMap{"rotation": pulumi.String(strconv.Itoa(one.rotation))}
		password, err := random.NewRandomPassword(b.Ctx, b.Child(one.role)+"-password", args, b.Parent())
		if err != nil {
			return b.Wrap("create", one.role+" password", err)
		}
		*one.result = password.Result
	}
	return nil
}

// passwordArgs are those of 40 letters and digits: RDS refuses some special characters, and URLs
// give a meaning to others.
func passwordArgs() *random.RandomPasswordArgs {
	return &random.RandomPasswordArgs{Length: pulumi.Int(40), Special: pulumi.Bool(false)}
}
