package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// KeysType is part of every child's URN; changing it replaces the keys.
const KeysType = "bookmark-manager:data:Keys"

// KeysConfig is the KMS keys of the stack's data, logs and notifications: section "keys".
type KeysConfig struct {
	// DeletionWindowDays is how long a deleted key can still be saved.
	DeletionWindowDays int `json:"deletionWindowDays" range:"7..30" unit:"days"`
	// RotationDays is how often AWS makes new key material. Old material keeps decrypting.
	RotationDays int `json:"rotationDays" range:"90..2560" unit:"days"`
}

// Validate reports every problem of the section.
func (c KeysConfig) Validate() settings.Problems { return settings.Check(c) }

// KeysArgs are the keys' configuration and wiring.
type KeysArgs struct {
	Config KeysConfig
	identity.Stack
}

// Keys are the stack's customer-managed KMS keys, one for each purpose.
type Keys struct {
	pulumi.ResourceState

	// DataArn encrypts Aurora, its snapshots and insights, parameters, the backup bucket, the
	// backup vault and the images. Services use it on behalf of whoever may use them; nobody
	// decrypts with it directly.
	DataArn pulumi.StringOutput
	// LogsArn encrypts CloudWatch log groups.
	LogsArn pulumi.StringOutput
	// NotificationsArn encrypts SNS topics.
	NotificationsArn pulumi.StringOutput
}

// NewKeys registers nothing when args are invalid.
func NewKeys(ctx *pulumi.Context, name string, args *KeysArgs, opts ...pulumi.ResourceOption) (*Keys, error) {
	if args == nil {
		return nil, fmt.Errorf("keys %q: args are required", name)
	}
	if err := args.Check(); err != nil {
		return nil, fmt.Errorf("keys %q: %w", name, err)
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("keys %q: %w", name, err)
	}
	keys := &Keys{}
	base, err := component.Register(ctx, "keys", KeysType, name, keys, opts...)
	if err != nil {
		return nil, err
	}
	in := func(service string) string { return service + "." + args.Region + ".amazonaws.com" }
	for _, key := range []struct {
		purpose, description string
		document             policy.Document
		arn                  *pulumi.StringOutput
		options              []pulumi.ResourceOption
	}{
		{
			"data", "Databases, parameters and backups",
			onlyThroughServices(args.AccountID, in("backup"), in("ecr"), in("rds"), in("s3"), in("ssm")), &keys.DataArn,
			[]pulumi.ResourceOption{
				pulumi.Protect(args.Protect()),
				// Final snapshots and recovery points outlive the stack, and nothing else opens
				// them.
				pulumi.RetainOnDelete(!args.Disposable),
			},
		},
		{"logs", "Log groups", logKey(args.AccountID, args.Region), &keys.LogsArn, nil},
		{"notifications", "Notification topics", notificationKey(args.AccountID), &keys.NotificationsArn, nil},
	} {
		made, err := kms.NewKey(ctx, base.Child(key.purpose), &kms.KeyArgs{
			Description:          pulumi.String(key.description),
			Policy:               key.document.JSON(),
			EnableKeyRotation:    pulumi.Bool(true),
			RotationPeriodInDays: pulumi.Int(args.Config.RotationDays),
			DeletionWindowInDays: pulumi.Int(args.Config.DeletionWindowDays),
		}, append(key.options, base.Parent())...)
		if err != nil {
			return nil, base.Wrap("create", key.purpose+" key", err)
		}
		if _, err := kms.NewAlias(ctx, base.Child(key.purpose), &kms.AliasArgs{
			Name:        pulumi.String("alias/" + args.Environment.Name(key.purpose)),
			TargetKeyId: made.KeyId,
		}, base.Parent()); err != nil {
			return nil, base.Wrap("create", "alias of "+key.purpose+" key", err)
		}
		*key.arn = made.Arn
	}
	return keys, base.Outputs(pulumi.Map{
		"dataArn": keys.DataArn, "logsArn": keys.LogsArn, "notificationsArn": keys.NotificationsArn,
	})
}
