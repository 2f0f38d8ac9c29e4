package compute

import (
	_ "embed" // the script that the task runs
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// MigrationType is part of every child's URN; changing it replaces the task.
const MigrationType = "bookmark-manager:compute:Migration"

// MigrationConfig is the task that prepares the database for a version of a service. It runs the
// service's image, as its user.
type MigrationConfig struct {
	// CPU is the task's size in CPU units; 1,024 are a vCPU.
	CPU CPUUnits `json:"cpu"`
	// Memory is the task's size, one that Fargate has for CPU.
	Memory int `json:"memory" range:"512..122880" unit:"MiB" hint:"one that Fargate has with the cpu"`
	// SQLCommand runs SQL from standard input on DATABASE_URL, such as "npx prisma db execute
	// --stdin". Words are split at spaces.
	SQLCommand string `json:"sqlCommand" length:"1.." want:"a command that runs SQL from standard input on DATABASE_URL"`
	// MigrateCommand migrates the schema of DATABASE_URL, such as "npx prisma migrate deploy".
	// Words are split at spaces.
	MigrateCommand string `json:"migrateCommand" length:"1.." want:"a command that migrates the schema of DATABASE_URL"`
}

// Validate reports every problem of the migration task.
func (c MigrationConfig) Validate() settings.Problems {
	p := settings.Check(c)
	if size, ok := fargateSizeOf(int(c.CPU)); ok {
		p.Want(size.takes(c.Memory), "memory", c.Memory, "%s", size.allowed())
	}
	return p
}

// The variables of the migration task: the connection string of the application's role, which it
// creates, and that of the database's owner, which no other task may read. The role of the dump is
// there when the stack has dumps.
const (
	applicationURL = "DATABASE_URL"
	ownerURL       = "MASTER_DATABASE_URL"
)

//go:embed migrate.sh
var migrateScript string

// MigrationArgs are the migration task's configuration and wiring.
type MigrationArgs struct {
	// Service is the service whose image the task runs; its Migration is required.
	Service ServiceConfig
	identity.Stack
	// RepositoryURL and RepositoryArn are of the service's repository. Required.
	RepositoryURL, RepositoryArn pulumi.StringInput
	// SubnetIDs are the private subnets, SecurityGroupID is the task's own group. Required.
	SubnetIDs       pulumi.StringArrayInput
	SecurityGroupID pulumi.StringInput
	// LogKeyArn encrypts the log group. Required.
	LogKeyArn pulumi.StringInput
	// Secrets are the parameters that the task reads, by variable: DATABASE_URL with the
	// application's role and the verifier of its password, and MASTER_DATABASE_URL are required;
	// DUMP_DATABASE_URL with the role of dumps and its verifier is not.
	Secrets map[string]Secret
	// SecretsKeyArn is the key of the parameters. Required.
	SecretsKeyArn pulumi.StringInput
}

func (a *MigrationArgs) validate() error {
	if a.Service.Migration == nil {
		return errors.New("the service's Migration is required")
	}
	if err := a.Check(); err != nil {
		return err
	}
	if a.RepositoryURL == nil || a.RepositoryArn == nil || a.SubnetIDs == nil || a.SecurityGroupID == nil ||
		a.LogKeyArn == nil || a.SecretsKeyArn == nil {
		return errors.New("the wiring lacks RepositoryURL, RepositoryArn, SubnetIDs, SecurityGroupID, LogKeyArn or " +
			"SecretsKeyArn")
	}
	for _, name := range []string{applicationURL, ownerURL} {
		if !a.Secrets[name].complete() {
			return fmt.Errorf("the wiring lacks ARN and version of parameter %q", name)
		}
	}
	return a.Service.Validate().Err()
}

// Migration is a task that a release runs once before it updates the services. It makes the
// application's role in the database and migrates the schema. Nothing starts it by itself.
type Migration struct {
	pulumi.ResourceState

	// Deployed says whether there is a task definition; without an image there is none.
	Deployed bool
	// Container is the container's name, whose exit code says how it went.
	Container string
	// LogGroupName is where the task writes.
	LogGroupName pulumi.StringOutput
	// TaskDefinitionArn is what to run; unset without an image.
	TaskDefinitionArn pulumi.StringOutput
	// NetworkConfiguration is the JSON that `aws ecs run-task --network-configuration` takes.
	NetworkConfiguration pulumi.StringOutput
	// ExecutionRoleArn and TaskRoleArn are what whoever runs the task hands to ECS.
	ExecutionRoleArn pulumi.StringOutput
	TaskRoleArn      pulumi.StringOutput
}

// NewMigration registers nothing when args are invalid. Its name is part of the fixed names; use
// MigrationName.
func NewMigration(
	ctx *pulumi.Context, name string, args *MigrationArgs, opts ...pulumi.ResourceOption,
) (*Migration, error) {
	if args == nil {
		return nil, fmt.Errorf("migration %q: args are required", name)
	}
	if err := args.validate(); err != nil {
		return nil, fmt.Errorf("migration %q: %w", name, err)
	}
	m := &Migration{Container: name, Deployed: args.Service.Image != ""}
	base, err := component.Register(ctx, "migration", MigrationType, name, m, opts...)
	if err != nil {
		return nil, err
	}
	parent := base.Parent()
	logs, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(logGroupName(args.Environment, name)),
		RetentionInDays: pulumi.Int(args.Service.LogRetentionDays),
		KmsKeyId:        args.LogKeyArn.ToStringOutput(),
	}, parent)
	if err != nil {
		return nil, base.Wrap("create", "log group", err)
	}
	identity, err := newRoles(ctx, name, trustTasks(args.Region, args.AccountID),
		startup{
			region:        args.Region,
			repositoryArn: args.RepositoryArn,
			logGroupArn:   logs.Arn,
			secrets:       args.Secrets,
			secretsKeyArn: args.SecretsKeyArn,
		}.document(), nil, parent)
	if err != nil {
		return nil, err
	}
	if m.Deployed {
		containers := pulumi.All(args.RepositoryURL, logs.Name, arnsOf(args.Secrets), versionsOf(args.Secrets)).ApplyT(
			func(
				known []any,
			) (string, error) {
				secrets := pair(known[2].(map[string]string), known[3].(map[string]int))
				return definitions(migrationContainers(name, known[0].(string), known[1].(string), args, secrets))
			},
		).(pulumi.StringOutput)
		definition, err := ecs.NewTaskDefinition(ctx, name, fargateTask{
			family:       args.Environment.Name(name),
			cpu:          int(args.Service.Migration.CPU),
			memory:       args.Service.Migration.Memory,
			architecture: args.Service.Architecture,
			volumes:      []string{volumeName(scratch)},
			roles:        identity,
			containers:   containers,
		}.args(), parent, pulumi.DependsOn(identity.policies))
		if err != nil {
			return nil, base.Wrap("register", "task definition", err)
		}
		m.TaskDefinitionArn = definition.Arn
	}
	m.LogGroupName = logs.Name
	m.ExecutionRoleArn, m.TaskRoleArn = identity.execution.Arn, identity.task.Arn
	m.NetworkConfiguration = networkConfiguration(args.SubnetIDs, args.SecurityGroupID)
	return m, base.Outputs(pulumi.Map{
		"logGroupName": m.LogGroupName, "networkConfiguration": m.NetworkConfiguration,
	})
}

// networkConfiguration is the JSON that `aws ecs run-task --network-configuration` takes.
func networkConfiguration(subnetIDs pulumi.StringArrayInput, securityGroupID pulumi.StringInput) pulumi.StringOutput {
	return pulumi.JSONMarshal(pulumi.Map{"awsvpcConfiguration": pulumi.Map{
		"subnets":        subnetIDs,
		"securityGroups": pulumi.StringArray{securityGroupID},
		"assignPublicIp": pulumi.String("DISABLED"),
	}})
}

const scratch = "/tmp"

// migrationContainers are the one that runs the script, and the preparer of its scratch volume. npm
// writes to its home and its cache, so both are there.
func migrationContainers(
	name, repositoryURL, logGroup string, args *MigrationArgs, secrets map[string]secretValue,
) []container {
	spec := taskSpec{
		service:       name,
		environment:   args.Environment,
		region:        args.Region,
		variant:       args.Service.primary(),
		repositoryURL: repositoryURL,
		logGroup:      logGroup,
		secrets:       secrets,
		config:        ServiceConfig{User: args.Service.User, Writable: []string{scratch}},
	}
	task := spec.application()
	task.EntryPoint, task.Command = []string{"sh", "-c"}, []string{migrateScript}
	task.HealthCheck = nil
	task.CPU, task.Memory = int(args.Service.Migration.CPU), args.Service.Migration.Memory
	task.Environment = slices.Concat(task.Environment, sortedVariables(map[string]string{
		"HOME":             scratch,
		"MIGRATE_COMMAND":  args.Service.Migration.MigrateCommand,
		"SQL_COMMAND":      args.Service.Migration.SQLCommand,
		"npm_config_cache": scratch + "/.npm",
	}))
	return []container{task, spec.preparer()}
}
