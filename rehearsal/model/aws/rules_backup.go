package aws

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// hourly is a cron expression of six fields with one minute of the hour.
var hourly = regexp.MustCompile(`^cron\((\d|[0-5]\d)( [^ ]+){5}\)$`)

// backupRules are about AWS Backup.
var backupRules = []provider.Rule{
	{
		Name:  "one vault a name",
		Types: []string{vaultType},
		When:  provider.OnCreate,
		Why:   "Backup CreateBackupVault: AlreadyExistsException",
		Check: func(r *provider.Request) error {
			if vault := r.Find(vaultType, r.Inputs.Text("name")); vault != nil && !r.Itself(vault) {
				return fmt.Errorf("AlreadyExistsException: Backup vault with the same name already exists: %s",
					vault.ID)
			}
			return nil
		},
	},
	{
		Name:  "a vault with a known key",
		Types: []string{vaultType},
		When:  provider.OnCreate,
		Why:   "Backup CreateBackupVault: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			if key := r.Inputs.Text("kmsKeyArn"); key != "" && r.Missing(findKey(r, key)) {
				return fmt.Errorf("InvalidParameterValueException: KMS key does not exist in this region: %s", key)
			}
			return nil
		},
	},
	{
		Name:  "settings of a known vault",
		Types: vaultParts,
		When:  provider.OnWrite,
		Why:   "Backup error codes: ResourceNotFoundException",
		Check: references("backupVaultName", vaultType, "ResourceNotFoundException: Backup vault %s not found"),
	},
	{
		Name:  "a vault notifies a topic that allows it",
		Types: []string{vaultNoticesType},
		When:  provider.OnWrite,
		Why: "Backup PutBackupVaultNotifications takes any topic, and the events of one that does not let it are " +
			"dropped",
		Check: func(r *provider.Request) error {
			topic := r.Inputs.Text("snsTopicArn")
			vault := "arn:aws:backup:" + r.Region + ":" + r.Account + ":backup-vault:" +
				r.Inputs.Text("backupVaultName")
			if err := publishes(r, topic, "backup.amazonaws.com", vault); err != nil && topic != "" {
				return fmt.Errorf("InvalidParameterValueException: AWS Backup may not publish to %s\n%w", topic, err)
			}
			return nil
		},
	},
	{
		Name:  "days of a vault's lock",
		Types: []string{vaultLockType},
		When:  provider.OnCheck,
		Why:   "Backup PutBackupVaultLockConfiguration: MinRetentionDays, MaxRetentionDays, ChangeableForDays",
		Check: func(r *provider.Request) error {
			least, hasLeast := r.Inputs.Number("minRetentionDays")
			most, hasMost := r.Inputs.Number("maxRetentionDays")
			if hasLeast && hasMost && least > most {
				return fmt.Errorf("InvalidParameterValueException: Max retention days %g must not be less than min "+
					"retention days %g", most, least)
			}
			if days, ok := r.Inputs.Number("changeableForDays"); ok && days < 3 {
				return fmt.Errorf("InvalidParameterValueException: Changeable for days must be 3 or more, got %g", days)
			}
			return nil
		},
	},
	{
		Name:  "a lock that has closed stays",
		Types: []string{vaultLockType},
		When:  provider.OnDelete,
		Why: "Backup DeleteBackupVaultLockConfiguration: InvalidRequestException once the days are over in which " +
			"it can be changed",
		Check: func(r *provider.Request) error {
			lock := r.Find(lockEndType, r.Old.ID)
			if lock == nil {
				return nil
			}
			now, err := nowOf(r)
			if err != nil || now.Format(time.RFC3339) < lock.Text("closes") {
				return err
			}
			return fmt.Errorf("InvalidRequestException: The lock of backup vault %s cannot be changed or deleted "+
				"since %s", r.Old.ID, lock.Text("closes"))
		},
	},
	{
		Name:  "a plan with known vaults",
		Types: []string{backupPlanType},
		When:  provider.OnWrite,
		Why:   "Backup CreateBackupPlan: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if name := rule.Text("targetVaultName"); name != "" && r.Missing(r.Find(vaultType, name)) {
					return fmt.Errorf("InvalidParameterValueException: Backup vault %s does not exist", name)
				}
				for _, action := range rule.Objects("copyActions") {
					arn := action.Text("destinationVaultArn")
					if vault := r.ByARN(arn); arn != "" &&
						(r.Missing(vault) || vault != nil && vault.Type != vaultType) {
						return fmt.Errorf("InvalidParameterValueException: Destination backup vault %s does not exist",
							arn)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "windows of a plan",
		Types: []string{backupPlanType},
		When:  provider.OnCheck,
		Why:   "Backup BackupRuleInput: StartWindowMinutes, CompletionWindowMinutes",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				start, hasStart := rule.Number("startWindow")
				end, hasEnd := rule.Number("completionWindow")
				if hasStart && start < 60 {
					return fmt.Errorf("InvalidParameterValueException: Invalid start window: %g. Must be at least "+
						"60 minutes", start)
				}
				if hasStart && hasEnd && end < start+60 {
					return fmt.Errorf("InvalidParameterValueException: Invalid completion window: %g. Must be at "+
						"least 60 minutes greater than the start window, %g", end, start)
				}
			}
			return nil
		},
	},
	{
		Name:  "an hour between two backups",
		Types: []string{backupPlanType},
		When:  provider.OnCheck,
		Why: "Backup, Creating a backup plan: the shortest interval is an hour, so that the expression names " +
			"one minute",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if schedule := rule.Text("schedule"); schedule != "" && !hourly.MatchString(schedule) {
					return fmt.Errorf("InvalidParameterValueException: Invalid schedule expression: %s. The "+
						"interval must be at least 1 hour", schedule)
				}
			}
			return nil
		},
	},
	{
		Name:  "a selection of a known plan",
		Types: []string{backupSelectionType},
		When:  provider.OnCreate,
		Why:   "Backup CreateBackupSelection: ResourceNotFoundException",
		Check: references("planId", backupPlanType, "ResourceNotFoundException: Backup plan %s not found"),
	},
	{
		Name:  "a selection with a known role",
		Types: []string{backupSelectionType},
		When:  provider.OnCreate,
		Why:   "Backup CreateBackupSelection: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("iamRoleArn")
			return trusted(r, arn, "backup.amazonaws.com",
				"InvalidParameterValueException: IAM Role %s cannot be assumed by AWS Backup (%s)")
		},
	},
	{
		Name:  "events of a vault that are still sent",
		Types: []string{vaultNoticesType},
		When:  provider.OnCheck,
		Why: "Backup PutBackupVaultNotifications: deprecated events do not return notifications, and are taken " +
			"without a word",
		Check: func(r *provider.Request) error {
			for _, event := range r.Inputs.Texts("backupVaultEvents") {
				if slices.Contains(deprecatedEvents, event) {
					return fmt.Errorf("AWS Backup takes the event %s and never sends it: take BACKUP_JOB_COMPLETED or "+
						"RESTORE_JOB_COMPLETED with its State, or the events of EventBridge", event)
				}
			}
			return nil
		},
	},
	{
		Name:  "a name of a restore test",
		Types: []string{restorePlanType, restoreSelectionType},
		When:  provider.OnCheck,
		Why:   "Backup CreateRestoreTestingPlan, CreateRestoreTestingSelection: letters, digits and underscores",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("name"); name != "" && !restoreName.MatchString(name) {
				return fmt.Errorf("InvalidParameterValueException: Name must match %s, got %s", restoreName, name)
			}
			return nil
		},
	},
	{
		Name:  "an hour between two restore tests",
		Types: []string{restorePlanType},
		When:  provider.OnCheck,
		Why:   "Backup CreateRestoreTestingPlan: ScheduleExpression",
		Check: func(r *provider.Request) error {
			if schedule := r.Inputs.Text("scheduleExpression"); schedule != "" && !hourly.MatchString(schedule) {
				return fmt.Errorf("InvalidParameterValueException: Invalid schedule expression: %s. The interval "+
					"must be at least 1 hour", schedule)
			}
			return nil
		},
	},
	{
		Name:  "one restore testing plan a name",
		Types: []string{restorePlanType},
		When:  provider.OnCreate,
		Why:   "Backup CreateRestoreTestingPlan: AlreadyExistsException",
		Check: func(r *provider.Request) error {
			if found := r.Find(restorePlanType, r.Inputs.Text("name")); found != nil && !r.Itself(found) {
				return fmt.Errorf("AlreadyExistsException: Restore testing plan with the same name already exists: %s",
					found.ID)
			}
			return nil
		},
	},
	{
		Name:  "a restore test of a known plan",
		Types: []string{restoreSelectionType},
		When:  provider.OnCreate,
		Why:   "Backup CreateRestoreTestingSelection: ResourceNotFoundException",
		Check: references("restoreTestingPlanName", restorePlanType,
			"ResourceNotFoundException: Restore testing plan %s not found"),
	},
	{
		Name:  "a restore test with a known role",
		Types: []string{restoreSelectionType},
		When:  provider.OnWrite,
		Why:   "Backup CreateRestoreTestingSelection: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("iamRoleArn")
			return trusted(r, arn, "backup.amazonaws.com",
				"InvalidParameterValueException: IAM Role %s cannot be assumed by AWS Backup (%s)")
		},
	},
	{
		Name:  "a restore test says where a cluster is restored to",
		Types: []string{restoreSelectionType},
		When:  provider.OnWrite,
		Why: "Backup, restore testing inferred metadata: without one the default VPC's subnets, which this " +
			"account does not have",
		Check: func(r *provider.Request) error {
			if r.Inputs.Text("protectedResourceType") != "Aurora" || r.Inputs.Unknown("restoreMetadataOverrides") {
				return nil
			}
			group := r.Inputs.Object("restoreMetadataOverrides").Text("dbSubnetGroupName")
			switch {
			case group == "" && r.Inputs.Object("restoreMetadataOverrides").Unknown("dbSubnetGroupName"):
				return nil
			case group == "":
				return fmt.Errorf("every restore would fail: DBSubnetGroupNotFoundFault: DB subnet group 'default' " +
					"does not exist: " +
					"give restoreMetadataOverrides.dbSubnetGroupName")
			case r.Missing(r.Find(databaseSubnetsType, group)):
				return fmt.Errorf("every restore would fail: DBSubnetGroupNotFoundFault: DB subnet group '%s' does "+
					"not exist", group)
			}
			return nil
		},
	},
}

// deprecatedEvents are those of vaults that AWS Backup takes and does not send.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultNotifications.html
var deprecatedEvents = []string{
	"BACKUP_JOB_EXPIRED", "BACKUP_JOB_FAILED", "BACKUP_JOB_SUCCESSFUL", "RESTORE_JOB_FAILED", "RESTORE_JOB_SUCCESSFUL",
}

var restoreName = regexp.MustCompile(`^[A-Za-z0-9_]{1,50}$`)
