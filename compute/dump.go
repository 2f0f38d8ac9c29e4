package compute

import (
	_ "embed" // the script that the task runs
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// DumpType is part of every child's URN; changing it replaces the task.
const DumpType = "bookmark-manager:compute:Dump"

// dumpURL is the variable that the script reads the database's address from.
const dumpURL = "DUMP_DATABASE_URL"

// dumpUser is who the script runs as. It needs no entry in the image's list of users.
const dumpUser = "1000:1000"

//go:embed dump.sh
var dumpScript string

// DumpArgs are the dump's configuration and wiring.
type DumpArgs struct {
	Config DumpConfig
	identity.Stack
	// Cluster runs the task. Required.
	Cluster *Cluster
	// RepositoryURL and RepositoryArn are of the task's own repository. Required.
	RepositoryURL, RepositoryArn pulumi.StringInput
	// SubnetIDs are the private subnets, SecurityGroupID is the task's own group. Required.
	SubnetIDs       pulumi.StringArrayInput
	SecurityGroupID pulumi.StringInput
	// LogKeyArn encrypts the log group. Required.
	LogKeyArn pulumi.StringInput
	// Database is the parameter with the connection string of a role that reads the database.
	// Required.
	Database Secret
	// DataKeyArn is the key of the parameter and of the bucket. Required.
	DataKeyArn pulumi.StringInput
	// BucketName and BucketArn are of the bucket of backups, Folder is where the task writes in it,
	// and nowhere else. Required.
	BucketName, BucketArn pulumi.StringInput
	Folder                string
	// StartAfter is what a task needs to start and to work, such as rules of security groups. No
	// components.
	StartAfter []pulumi.Resource
}

func (a *DumpArgs) validate() error {
	if err := a.Check(); err != nil {
		return err
	}
	if a.Cluster == nil || a.RepositoryURL == nil || a.RepositoryArn == nil || a.SubnetIDs == nil ||
		a.SecurityGroupID == nil || a.LogKeyArn == nil || a.DataKeyArn == nil || a.BucketName == nil ||
		a.BucketArn == nil || a.Folder == "" || !a.Database.complete() {
		return errors.New("the wiring lacks Cluster, RepositoryURL, RepositoryArn, SubnetIDs, SecurityGroupID, " +
			"LogKeyArn, DataKeyArn, BucketName, BucketArn, Folder, or ARN and version of Database")
	}
	if a.Cluster.ScheduleGroup == nil {
		return errors.New("Cluster has no group of schedules")
	}
	return a.Config.Validate().Err()
}

// Dump is a task that writes a dump of the database into the bucket of backups whenever its
// schedule says so.
type Dump struct {
	pulumi.ResourceState

	// Deployed says whether there is a task; without an image there is none.
	Deployed bool
	// LogGroupName is where the task writes.
	LogGroupName pulumi.StringOutput
	// TaskDefinitionArn is what to run; unset without an image.
	TaskDefinitionArn pulumi.StringOutput
	// NetworkConfiguration is the JSON that `aws ecs run-task --network-configuration` takes.
	NetworkConfiguration pulumi.StringOutput
}

// NewDump registers nothing when args are invalid. Its name is part of the fixed names; use
// DumpName.
func NewDump(ctx *pulumi.Context, name string, args *DumpArgs, opts ...pulumi.ResourceOption) (*Dump, error) {
	if args == nil {
		return nil, fmt.Errorf("dump %q: args are required", name)
	}
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("dump %q: %w", name, err)
	}
	d := &Dump{Deployed: args.Config.Image != ""}
	base, err := component.Register(ctx, "dump", DumpType, name, d, opts...)
	if err != nil {
		return nil, err
	}
	logs, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(logGroupName(args.Environment, name)),
		RetentionInDays: pulumi.Int(args.Config.LogRetentionDays),
		KmsKeyId:        args.LogKeyArn.ToStringOutput(),
	}, base.Parent())
	if err != nil {
		return nil, base.Wrap("create", "log group", err)
	}
	d.LogGroupName = logs.Name
	d.NetworkConfiguration = networkConfiguration(args.SubnetIDs, args.SecurityGroupID)
	if d.Deployed {
		if err := d.start(base, args, logs); err != nil {
			return nil, err
		}
	}
	return d, base.Outputs(pulumi.Map{
		"logGroupName": d.LogGroupName, "networkConfiguration": d.NetworkConfiguration,
	})
}

// start makes the task and what starts it.
func (d *Dump) start(base component.Component, args *DumpArgs, logs *cloudwatch.LogGroup) error {
	secrets := map[string]Secret{dumpURL: args.Database}
	identity, err := newRoles(base.Ctx, base.Name, trustTasks(args.Region, args.AccountID),
		startup{
			region:        args.Region,
			repositoryArn: args.RepositoryArn,
			logGroupArn:   logs.Arn,
			secrets:       secrets,
			secretsKeyArn: args.DataKeyArn,
		}.document(), args.writes(), base.Parent())
	if err != nil {
		return err
	}
	containers := pulumi.All(args.RepositoryURL, logs.Name, args.BucketName, arnsOf(secrets), versionsOf(secrets)).
		ApplyT(func(known []any) (string, error) {
			return definitions(args.containers(base.Name, known[0].(string), known[1].(string), known[2].(string),
				pair(known[3].(map[string]string), known[4].(map[string]int))))
		}).(pulumi.StringOutput)
	definition, err := ecs.NewTaskDefinition(base.Ctx, base.Name, fargateTask{
		family:       args.Environment.Name(base.Name),
		cpu:          int(args.Config.CPU),
		memory:       args.Config.Memory,
		architecture: args.Config.Architecture,
		volumes:      []string{volumeName(scratch)},
		roles:        identity,
		containers:   containers,
	}.args(), base.Parent(), pulumi.DependsOn(identity.policies))
	if err != nil {
		return base.Wrap("register", "task definition", err)
	}
	d.TaskDefinitionArn = definition.Arn
	starts := scheduledStart{
		description:     "A dump of the database",
		schedule:        args.Config.Schedule,
		timezone:        args.Config.Timezone,
		cluster:         args.Cluster,
		definition:      definition.Arn,
		subnetIDs:       args.SubnetIDs,
		securityGroupID: args.SecurityGroupID,
	}
	var granted pulumi.Resource
	if starts.role, granted, err = newStarter(base, args.Stack, args.Cluster, definition, identity); err != nil {
		return err
	}
	_, err = scheduler.NewSchedule(base.Ctx, base.Name, starts.args(), base.Parent(),
		pulumi.DependsOn(append([]pulumi.Resource{granted, args.Cluster.capacity}, args.StartAfter...)))
	return base.Wrap("create", "schedule", err)
}

// writes is what the task may do: put objects into its folder. It can neither read nor delete what
// it has written. S3 encrypts in the name of who puts an object, and decrypts the parts of an
// upload to put them together.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
func (a *DumpArgs) writes() policy.Document {
	return policy.Document{
		{
			Sid:       "PutDumps",
			Effect:    policy.Allow,
			Actions:   []string{"s3:AbortMultipartUpload", "s3:PutObject"},
			Resources: pulumi.StringArray{pulumi.Sprintf("%s/%s/*", a.BucketArn, a.Folder)},
		},
		{
			Sid:       "EncryptDumps",
			Effect:    policy.Allow,
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Resources: pulumi.StringArray{a.DataKeyArn},
			Conditions: []policy.Condition{
				policy.Equals("kms:ViaService", pulumi.String(fmt.Sprintf("s3.%s.amazonaws.com", a.Region))),
				// The bucket has a bucket key, so what is bound to the key is the bucket.
				policy.Equals("kms:EncryptionContext:aws:s3:arn", a.BucketArn),
			},
		},
	}
}

// containers are the script and what opens its scratch volume, where the pipe is.
func (a *DumpArgs) containers(
	name, repositoryURL, logGroup, bucket string, secrets map[string]secretValue,
) []container {
	spec := taskSpec{
		service:       name,
		environment:   a.Environment,
		region:        a.Region,
		variant:       variant{image: string(a.Config.Image)},
		repositoryURL: repositoryURL,
		logGroup:      logGroup,
		secrets:       secrets,
		share:         share{int(a.Config.CPU), a.Config.Memory},
		config:        ServiceConfig{User: dumpUser, Writable: []string{scratch}},
		variables: map[string]string{
			"AWS_REGION": a.Region,
			"DUMP_TO":    "s3://" + bucket + "/" + a.Folder,
			"HOME":       scratch,
		},
	}
	task := spec.application()
	task.EntryPoint, task.Command = []string{"sh", "-c"}, []string{dumpScript}
	task.HealthCheck = nil
	return []container{task, spec.preparer()}
}
