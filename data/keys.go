package data

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
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
	Config      KeysConfig
	Environment names.Environment // required
	Region      string            // required
	AccountID   string            // required, 12 digits
	Disposable  bool
	Teardown    bool
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
	if err := (place{args.Environment, args.Region, args.AccountID}).check("keys", name); err != nil {
		return nil, err
	}
	if err := args.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("keys %q: %w", name, err)
	}
	keys := &Keys{}
	if err := ctx.RegisterComponentResource(KeysType, name, keys, opts...); err != nil {
		return nil, fmt.Errorf("register keys %q: %w", name, err)
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
				pulumi.Protect(protects(args.Disposable, args.Teardown)),
				// Final snapshots and recovery points outlive the stack, and nothing else opens them.
				pulumi.RetainOnDelete(!args.Disposable),
			},
		},
		{"logs", "Log groups", logKey(args.AccountID, args.Region), &keys.LogsArn, nil},
		{"notifications", "Notification topics", notificationKey(args.AccountID), &keys.NotificationsArn, nil},
	} {
		made, err := kms.NewKey(ctx, name+"-"+key.purpose, &kms.KeyArgs{
			Description:          pulumi.String(key.description),
			Policy:               key.document.JSON(),
			EnableKeyRotation:    pulumi.Bool(true),
			RotationPeriodInDays: pulumi.Int(args.Config.RotationDays),
			DeletionWindowInDays: pulumi.Int(args.Config.DeletionWindowDays),
		}, append(key.options, pulumi.Parent(keys))...)
		if err != nil {
			return nil, fmt.Errorf("create %s key of keys %q: %w", key.purpose, name, err)
		}
		if _, err := kms.NewAlias(ctx, name+"-"+key.purpose, &kms.AliasArgs{
			Name:        pulumi.String("alias/" + args.Environment.Name(key.purpose)),
			TargetKeyId: made.KeyId,
		}, pulumi.Parent(keys)); err != nil {
			return nil, fmt.Errorf("create alias of %s key of keys %q: %w", key.purpose, name, err)
		}
		*key.arn = made.Arn
	}
	if err := ctx.RegisterResourceOutputs(keys, pulumi.Map{
		"dataArn": keys.DataArn, "logsArn": keys.LogsArn, "notificationsArn": keys.NotificationsArn,
	}); err != nil {
		return nil, fmt.Errorf("register outputs of keys %q: %w", name, err)
	}
	return keys, nil
}
