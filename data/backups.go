package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// BackupsType is part of every child's URN; changing it replaces the plan.
const BackupsType = "bookmark-manager:data:Backups"

// BackupsArgs are the backups' configuration and wiring.
type BackupsArgs struct {
	Config BackupsConfig
	identity.Stack
	// Databases are the ARNs of the clusters to back up. Required.
	Databases pulumi.StringArrayInput
	// DataKeyArn encrypts the vault. Required.
	DataKeyArn pulumi.StringInput
	// NotificationTopicArn is the topic for failed jobs. Its policy must let EventBridge publish.
	// Required.
	NotificationTopicArn pulumi.StringInput
	// RunbookBase is the page that its messages link to, without a fragment. Required.
	RunbookBase string
	// RestoreSubnetGroup and RestoreSecurityGroupID are where tried restores are made. Required
	// with Config.RestoreTesting.
	RestoreSubnetGroup, RestoreSecurityGroupID pulumi.StringInput
	// Recovery is the provider of Config.Copy.Region. Required with Config.Copy.
	Recovery pulumi.ProviderResource
}

// Backups is an AWS Backup plan beside what Aurora keeps itself, with a copy in another region.
type Backups struct {
	pulumi.ResourceState

	VaultName pulumi.StringOutput
	// CopyVaultName and CopyVaultArn are unset without a copy.
	CopyVaultName, CopyVaultArn pulumi.StringOutput
}

// BackupRole is the ARN of the role that AWS Backup acts as, for the component of a name. It is a
// pattern: Pulumi appends random digits to the role's name. When the role is replaced, AWS Backup
// can no longer delete the recovery points that it made with the old one: they stay and are billed.
func BackupRole(stack identity.Stack, name string) string {
	return "arn:aws:iam::" + stack.AccountID + ":role" + stack.Environment.Path() + "/" + name + "-" + backupRole + "-*"
}

// backupRole is the end of the role's logical name.
const backupRole = "role"

// NewBackups registers nothing when args are invalid.
func NewBackups(ctx *pulumi.Context, name string, args *BackupsArgs, opts ...pulumi.ResourceOption) (*Backups, error) {
	if args == nil || args.Databases == nil || args.DataKeyArn == nil || args.NotificationTopicArn == nil ||
		args.RunbookBase == "" {
		return nil, fmt.Errorf("backups %q: Databases, DataKeyArn, NotificationTopicArn and RunbookBase are required",
			name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("backups %q: %w", name, err)
	}
	if args.Config.Copy != nil && args.Recovery == nil {
		return nil, fmt.Errorf("backups %q: Recovery is required for a copy in %s", name, args.Config.Copy.Region)
	}
	if args.Config.RestoreTesting != nil && (args.RestoreSubnetGroup == nil || args.RestoreSecurityGroupID == nil) {
		return nil, fmt.Errorf("backups %q: RestoreSubnetGroup and RestoreSecurityGroupID are required to try "+
			"restores", name)
	}
	if err := args.Config.Validate(args.Region).Err(); err != nil {
		return nil, fmt.Errorf("backups %q: %w", name, err)
	}
	backups := &Backups{}
	base, err := component.Register(ctx, "backups", BackupsType, name, backups, opts...)
	if err != nil {
		return nil, err
	}
	b := &backupsBuilder{
		Component: base,
		args:      args,
		backups:   backups,
		databases: args.Databases,
	}
	for _, build := range []func() error{b.optIn, b.vaults, b.role, b.plan, b.failures, b.restores} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	return backups, b.Outputs(pulumi.Map{"vaultName": backups.VaultName})
}

// backupsBuilder carries what the steps share.
type backupsBuilder struct {
	component.Component
	args    *BackupsArgs
	backups *Backups

	vault, copyVault *backup.Vault
	backupRole       *iam.Role
	databases        pulumi.StringArrayInput
	// ready are what AWS Backup needs before a selection of what to back up can be created.
	ready []pulumi.Resource
}

func (b *backupsBuilder) vaults() (err error) {
	if b.vault, err = b.newVault("vault", b.args.DataKeyArn); err != nil {
		return err
	}
	b.backups.VaultName = b.vault.Name
	if b.args.Config.Copy == nil {
		return nil
	}
	there := pulumi.Provider(b.args.Recovery)
	region := b.args.Config.Copy.Region
	key, err := kms.NewKey(b.Ctx, b.Child("copy"), &kms.KeyArgs{
		Description: pulumi.String("Copies of backups"),
		Policy: onlyThroughServices(b.args.AccountID, "backup."+region+".amazonaws.com",
			"rds."+region+".amazonaws.com").JSON(),
		EnableKeyRotation: pulumi.Bool(true),
	}, b.Parent(), there, b.protect(), b.retain())
	if err != nil {
		return b.Wrap("create", "key of copy vault", err)
	}
	if b.copyVault, err = b.newVault("copy", key.Arn, there); err != nil {
		return err
	}
	b.backups.CopyVaultName, b.backups.CopyVaultArn = b.copyVault.Name, b.copyVault.Arn
	return nil
}

func (b *backupsBuilder) protect() pulumi.ResourceOption {
	return pulumi.Protect(b.args.Protect())
}

// retain leaves vaults, their locks and their keys behind when the stack goes: a vault that holds
// recovery points cannot be deleted, and recovery points must be usable after the stack is
// destroyed.
func (b *backupsBuilder) retain() pulumi.ResourceOption {
	return pulumi.RetainOnDelete(!b.args.Disposable)
}

func (b *backupsBuilder) newVault(
	role string, keyArn pulumi.StringInput, opts ...pulumi.ResourceOption,
) (*backup.Vault, error) {
	opts = append(opts, b.Parent(), b.retain())
	vault, err := backup.NewVault(b.Ctx, b.Child(role), &backup.VaultArgs{
		KmsKeyArn: keyArn, ForceDestroy: pulumi.Bool(b.args.Disposable),
	}, append(opts, b.protect())...)
	if err != nil {
		return nil, b.Wrap("create", role+" vault", err)
	}
	lock := b.args.Config.Lock
	if lock == nil {
		return vault, nil
	}
	args := &backup.VaultLockConfigurationArgs{
		BackupVaultName:  vault.Name,
		MinRetentionDays: pulumi.Int(lock.MinRetentionDays),
		MaxRetentionDays: pulumi.Int(lock.MaxRetentionDays),
	}
	if lock.ImmutableAfterDays > 0 {
		args.ChangeableForDays = pulumi.Int(lock.ImmutableAfterDays)
	}
	// A vault has one lock, too: another one that is made first would be deleted with the old one.
	if _, err := backup.NewVaultLockConfiguration(b.Ctx, b.Child(role), args,
		append(opts, pulumi.DeleteBeforeReplace(true))...); err != nil {
		return nil, b.Wrap("lock", role+" vault", err)
	}
	return vault, nil
}

// role is what AWS Backup acts as.
func (b *backupsBuilder) role() (err error) {
	b.backupRole, err = iam.NewRole(b.Ctx, b.Child(backupRole), &iam.RoleArgs{
		AssumeRolePolicy: policy.AssumedBy("backup.amazonaws.com", pulumi.String(b.args.AccountID), nil).JSON(),
	}, b.Parent())
	if err != nil {
		return b.Wrap("create", "role", err)
	}
	for _, purpose := range []string{"Backup", "Restores"} {
		right, err := iam.NewRolePolicyAttachment(b.Ctx, b.Child(purpose), &iam.RolePolicyAttachmentArgs{
			Role:      b.backupRole.Name,
			PolicyArn: pulumi.String("arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor" + purpose),
		}, b.Parent())
		if err != nil {
			return b.Wrap("attach", "policy of role", err)
		}
		b.ready = append(b.ready, right)
	}
	return nil
}

func (b *backupsBuilder) plan() error {
	var rules backup.PlanRuleArray
	for _, rule := range b.args.Config.Rules {
		made := backup.PlanRuleArgs{
			RuleName:                   pulumi.String(rule.Name),
			TargetVaultName:            b.vault.Name,
			Schedule:                   pulumi.String(rule.Schedule),
			ScheduleExpressionTimezone: pulumi.String(rule.Timezone),
			StartWindow:                pulumi.Int(rule.StartWindowMinutes),
			CompletionWindow:           pulumi.Int(rule.CompletionWindowMinutes),
			Lifecycle:                  backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(rule.RetentionDays)},
		}
		if b.copyVault != nil {
			made.CopyActions = backup.PlanRuleCopyActionArray{backup.PlanRuleCopyActionArgs{
				DestinationVaultArn: b.copyVault.Arn,
				Lifecycle: backup.PlanRuleCopyActionLifecycleArgs{
					DeleteAfter: pulumi.Int(b.args.Config.Copy.RetentionDays),
				},
			}}
		}
		rules = append(rules, made)
	}
	plan, err := backup.NewPlan(b.Ctx, b.Child("plan"), &backup.PlanArgs{Rules: rules}, b.Parent())
	if err != nil {
		return b.Wrap("create", "plan", err)
	}
	if _, err := backup.NewSelection(b.Ctx, b.Child("databases"), &backup.SelectionArgs{
		PlanId: plan.ID(), IamRoleArn: b.backupRole.Arn, Resources: b.databases,
	}, b.Parent(), pulumi.DependsOn(b.ready)); err != nil {
		return b.Wrap("create", "selection", err)
	}
	return nil
}
