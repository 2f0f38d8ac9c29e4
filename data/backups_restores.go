package data

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// restores lets AWS Backup try a restore of each database from its latest recovery point. It makes
// a cluster whose name begins with "awsbackup-restore-test-", without instances, and deletes it
// again. Where it is made must be said: AWS Backup would take the default VPC's subnets, and an
// account need not have any.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
func (b *backupsBuilder) restores() error {
	if b.args.Config.RestoreTesting == nil {
		return nil
	}
	config := settings.WithDefaults(*b.args.Config.RestoreTesting)
	// These names take letters, digits and underscores alone, so Pulumi's own, which have hyphens,
	// are refused.
	name := strings.ReplaceAll(b.args.Environment.Name("restores"), "-", "_")
	plan, err := backup.NewRestoreTestingPlan(b.Ctx, b.Child("restores"), &backup.RestoreTestingPlanArgs{
		Name:                       pulumi.String(name),
		ScheduleExpression:         pulumi.String(config.Schedule),
		ScheduleExpressionTimezone: pulumi.String(config.Timezone),
		StartWindowHours:           pulumi.Int(config.StartWindowHours),
		RecoveryPointSelection: backup.RestoreTestingPlanRecoveryPointSelectionArgs{
			Algorithm:           pulumi.String("LATEST_WITHIN_WINDOW"),
			IncludeVaults:       pulumi.StringArray{b.vault.Arn},
			RecoveryPointTypes:  pulumi.ToStringArray([]string{"SNAPSHOT"}),
			SelectionWindowDays: pulumi.Int(config.SelectionWindowDays),
		},
	}, b.Parent(), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return b.Wrap("create", "plan of tried restores", err)
	}
	if _, err := backup.NewRestoreTestingSelection(b.Ctx, b.Child("restores"), &backup.RestoreTestingSelectionArgs{
		Name:                   pulumi.String("databases"),
		RestoreTestingPlanName: plan.Name,
		IamRoleArn:             b.backupRole.Arn,
		ProtectedResourceType:  pulumi.String(auroraBackups),
		ProtectedResourceArns:  b.databases,
		RestoreMetadataOverrides: pulumi.StringMap{
			"dbSubnetGroupName":   b.args.RestoreSubnetGroup,
			"vpcSecurityGroupIds": pulumi.Sprintf(`["%s"]`, b.args.RestoreSecurityGroupID),
		},
	}, b.Parent(), pulumi.DependsOn(b.ready), pulumi.DeleteBeforeReplace(true)); err != nil {
		return b.Wrap("create", "selection of tried restores", err)
	}
	return nil
}
