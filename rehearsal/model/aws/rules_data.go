package aws

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// standardParameter is the size of a parameter's value that costs nothing, in bytes.
const standardParameter = 4096

// dataRules are about the settings of buckets, and parameters.
var dataRules = []provider.Rule{
	{
		Name: "settings of a known bucket", Types: bucketParts, When: provider.OnWrite,
		Why:   "S3 error codes: NoSuchBucket",
		Check: references("bucket", bucketType, "NoSuchBucket: The specified bucket does not exist: %s"),
	},
	{
		Name: "a bucket with a known key", Types: []string{bucketEncryptionType}, When: provider.OnWrite,
		Why: "S3 error codes: KMS.NotFoundException",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				key := rule.Object("applyServerSideEncryptionByDefault").Text("kmsMasterKeyId")
				if key != "" && r.Missing(findKey(r, key)) {
					return fmt.Errorf("KMS.NotFoundException: Key '%s' does not exist", key)
				}
			}
			return nil
		},
	},
	{
		Name: "a lifecycle rule does something", Types: []string{bucketLifecycleType}, When: provider.OnCheck,
		Why: "S3 PutBucketLifecycleConfiguration: InvalidRequest",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if !slices.ContainsFunc(lifecycleActions, rule.Has) {
					return fmt.Errorf("InvalidRequest: At least one action needs to be specified in a rule: %s", rule.Text("id"))
				}
			}
			return nil
		},
	},
	{
		Name: "one lifecycle rule a name", Types: []string{bucketLifecycleType}, When: provider.OnCheck,
		Why: "S3 PutBucketLifecycleConfiguration: InvalidArgument",
		Check: func(r *provider.Request) error {
			seen := map[string]bool{}
			for _, rule := range r.Inputs.Objects("rules") {
				if id := rule.Text("id"); seen[id] {
					return fmt.Errorf("InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: %s", id)
				}
				seen[rule.Text("id")] = true
			}
			return nil
		},
	},
	{
		Name: "a bucket logs to one that is there", Types: []string{bucketLoggingType}, When: provider.OnWrite,
		Why: "S3 PutBucketLogging: InvalidTargetBucketForLogging",
		Check: func(r *provider.Request) error {
			if target := r.Inputs.Text("targetBucket"); target != "" && r.Missing(r.Find(bucketType, target)) {
				return fmt.Errorf("InvalidTargetBucketForLogging: The target bucket for logging does not exist: %s", target)
			}
			return nil
		},
	},
	{
		Name: "one parameter a name", Types: []string{parameterType}, When: provider.OnCreate,
		Why: "SSM PutParameter: ParameterAlreadyExists",
		Check: func(r *provider.Request) error {
			found := r.Find(parameterType, r.Inputs.Text("name"))
			if found == nil || r.Itself(found) || r.Inputs.Is("overwrite", false) {
				return nil
			}
			return fmt.Errorf("ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true: %s", found.ID)
		},
	},
	{
		Name: "the value of a parameter", Types: []string{parameterType}, When: provider.OnCheck,
		Why: "the provider: ExactlyOneOf",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown("value", "insecureValue", "type") {
				return nil
			}
			if r.Inputs.Has("value") || r.Inputs.Has("insecureValue") || r.Inputs.Has("valueWo") {
				return nil
			}
			return fmt.Errorf("one of `insecure_value,value,value_wo` must be specified")
		},
	},
	{
		Name: "the size of a parameter", Types: []string{parameterType}, When: provider.OnCheck,
		Why: "Systems Manager quotas: 4 KB in the standard tier",
		Check: func(r *provider.Request) error {
			tier, size := r.Inputs.Text("tier"), len(r.Inputs.Text("value"))
			if (tier == "" || tier == "Standard") && size > standardParameter {
				return fmt.Errorf("ValidationException: Standard tier parameters support a maximum parameter value of %d characters: %s has %d",
					standardParameter, r.Inputs.Text("name"), size)
			}
			return nil
		},
	},
	{
		Name: "a parameter with a known key", Types: []string{parameterType}, When: provider.OnWrite,
		Why: "SSM PutParameter: InvalidKeyId",
		Check: func(r *provider.Request) error {
			if key := r.Inputs.Text("keyId"); key != "" && r.Missing(findKey(r, key)) {
				return fmt.Errorf("InvalidKeyId: Invalid keyId %s", key)
			}
			return nil
		},
	},
}

var lifecycleActions = []string{
	"abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration", "noncurrentVersionTransitions", "transitions",
}

// hourly is a cron expression of six fields with one minute of the hour.
var hourly = regexp.MustCompile(`^cron\((\d|[0-5]\d)( [^ ]+){5}\)$`)

// backupRules are about AWS Backup.
var backupRules = []provider.Rule{
	{
		Name: "one vault a name", Types: []string{vaultType}, When: provider.OnCreate,
		Why: "Backup CreateBackupVault: AlreadyExistsException",
		Check: func(r *provider.Request) error {
			if vault := r.Find(vaultType, r.Inputs.Text("name")); vault != nil && !r.Itself(vault) {
				return fmt.Errorf("AlreadyExistsException: Backup vault with the same name already exists: %s", vault.ID)
			}
			return nil
		},
	},
	{
		Name: "a vault with a known key", Types: []string{vaultType}, When: provider.OnCreate,
		Why: "Backup CreateBackupVault: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			if key := r.Inputs.Text("kmsKeyArn"); key != "" && r.Missing(findKey(r, key)) {
				return fmt.Errorf("InvalidParameterValueException: KMS key does not exist in this region: %s", key)
			}
			return nil
		},
	},
	{
		Name: "settings of a known vault", Types: vaultParts, When: provider.OnWrite,
		Why:   "Backup error codes: ResourceNotFoundException",
		Check: references("backupVaultName", vaultType, "ResourceNotFoundException: Backup vault %s not found"),
	},
	{
		Name: "a vault tells a topic that lets it", Types: []string{vaultNoticesType}, When: provider.OnWrite,
		Why: "Backup PutBackupVaultNotifications takes any topic, and the events of one that does not let it are dropped",
		Check: func(r *provider.Request) error {
			topic := r.Inputs.Text("snsTopicArn")
			vault := "arn:aws:backup:" + r.Region + ":" + r.Account + ":backup-vault:" + r.Inputs.Text("backupVaultName")
			if err := publishes(r, topic, "backup.amazonaws.com", vault); err != nil && topic != "" {
				return fmt.Errorf("InvalidParameterValueException: AWS Backup may not publish to %s\n%w", topic, err)
			}
			return nil
		},
	},
	{
		Name: "days of a vault's lock", Types: []string{vaultLockType}, When: provider.OnCheck,
		Why: "Backup PutBackupVaultLockConfiguration: MinRetentionDays, MaxRetentionDays, ChangeableForDays",
		Check: func(r *provider.Request) error {
			least, hasLeast := r.Inputs.Number("minRetentionDays")
			most, hasMost := r.Inputs.Number("maxRetentionDays")
			if hasLeast && hasMost && least > most {
				return fmt.Errorf("InvalidParameterValueException: Max retention days %g must not be less than min retention days %g", most, least)
			}
			if days, ok := r.Inputs.Number("changeableForDays"); ok && days < 3 {
				return fmt.Errorf("InvalidParameterValueException: Changeable for days must be 3 or more, got %g", days)
			}
			return nil
		},
	},
	{
		Name: "a plan with known vaults", Types: []string{backupPlanType}, When: provider.OnWrite,
		Why: "Backup CreateBackupPlan: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if name := rule.Text("targetVaultName"); name != "" && r.Missing(r.Find(vaultType, name)) {
					return fmt.Errorf("InvalidParameterValueException: Backup vault %s does not exist", name)
				}
				for _, action := range rule.Objects("copyActions") {
					arn := action.Text("destinationVaultArn")
					if vault := r.ByARN(arn); arn != "" && (r.Missing(vault) || vault != nil && vault.Type != vaultType) {
						return fmt.Errorf("InvalidParameterValueException: Destination backup vault %s does not exist", arn)
					}
				}
			}
			return nil
		},
	},
	{
		Name: "windows of a plan", Types: []string{backupPlanType}, When: provider.OnCheck,
		Why: "Backup BackupRuleInput: StartWindowMinutes, CompletionWindowMinutes",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				start, hasStart := rule.Number("startWindow")
				end, hasEnd := rule.Number("completionWindow")
				if hasStart && start < 60 {
					return fmt.Errorf("InvalidParameterValueException: Invalid start window: %g. Must be at least 60 minutes", start)
				}
				if hasStart && hasEnd && end < start+60 {
					return fmt.Errorf("InvalidParameterValueException: Invalid completion window: %g. Must be at least 60 minutes greater than the start window, %g", end, start)
				}
			}
			return nil
		},
	},
	{
		Name: "an hour between two backups", Types: []string{backupPlanType}, When: provider.OnCheck,
		Why: "Backup, Creating a backup plan: the shortest interval is an hour, so that the expression names one minute",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if schedule := rule.Text("schedule"); schedule != "" && !hourly.MatchString(schedule) {
					return fmt.Errorf("InvalidParameterValueException: Invalid schedule expression: %s. The interval must be at least 1 hour", schedule)
				}
			}
			return nil
		},
	},
	{
		Name: "a selection of a known plan", Types: []string{backupSelectionType}, When: provider.OnCreate,
		Why:   "Backup CreateBackupSelection: ResourceNotFoundException",
		Check: references("planId", backupPlanType, "ResourceNotFoundException: Backup plan %s not found"),
	},
	{
		Name: "a selection with a known role", Types: []string{backupSelectionType}, When: provider.OnCreate,
		Why: "Backup CreateBackupSelection: InvalidParameterValueException",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("iamRoleArn")
			return trusted(r, arn, "backup.amazonaws.com", "InvalidParameterValueException: IAM Role %s cannot be assumed by AWS Backup (%s)")
		},
	},
}
