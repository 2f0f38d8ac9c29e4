package compliance

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

var (
	managed       = []string{catalog.IAMPolicy}
	inline        = []string{catalog.RolePolicy, "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy"}
	keys          = []string{catalog.Key}
	topics        = []string{catalog.Topic}
	topicPolicies = []string{catalog.TopicPolicy}
	trails        = []string{catalog.Trail}
	alarms        = []string{catalog.MetricAlarm, catalog.CompositeAlarm}
)

// noStatement is a check that no statement of the resource's policy is of some kind.
func noStatement(bad func(value) bool, what string) check {
	return func(_ *stack, r *resource) string {
		for _, statement := range statements(r.at("policy")) {
			if bad(statement) {
				return "the statement " + orNone(statement.at("Sid").text()) + " " + what
			}
		}
		return ""
	}
}

// allowsEverything is judged by actions of three services that nothing short of everything allows
// together.
func allowsEverything(statement value) bool {
	for _, action := range []string{"ec2:RunInstances", "iam:AttachUserPolicy", "s3:GetObject"} {
		if !allows(statement) || !permits(statement, action) {
			return false
		}
	}
	return statement.at("NotResource").present() || slices.Contains(statement.at("Resource").texts(), "*")
}

var identityControls = []Control{
	{
		ID:       "IAM.1",
		CIS:      "1.16",
		Title:    "Policies do not allow everything",
		Severity: High,
		Types:    slices.Concat(managed, inline),
		About:    "IAM policy",
		check:    noStatement(allowsEverything, "allows every action on every resource"),
	},
	{
		ID:       "IAM.2",
		CIS:      "1.15",
		Title:    "Users get permissions by groups only",
		Severity: Low,
		Types:    []string{"aws:iam/user:User"},
		About:    "IAM user",
		check: func(s *stack, r *resource) string {
			for _, typ := range []string{"aws:iam/userPolicy:UserPolicy",
				"aws:iam/userPolicyAttachment:UserPolicyAttachment"} {
				if len(s.refer(r, typ, "user")) > 0 {
					return "it has a policy of its own"
				}
			}
			return ""
		},
	},
	{
		ID:       "IAM.3",
		CIS:      "1.14",
		Title:    "Access keys are rotated",
		Severity: Medium,
		Types:    []string{"aws:iam/accessKey:AccessKey"},
		About:    "access key",
		check: func(*stack, *resource) string {
			return "a key that the stack makes is never rotated: let a role be assumed instead"
		},
	},
	{
		ID:       "IAM.21",
		Title:    "Policies allow no whole service",
		Severity: Low,
		Types:    managed,
		About:    "customer-managed IAM policy",
		check: noStatement(func(statement value) bool {
			return allows(statement) &&
				(statement.at("NotAction").present() ||
					slices.ContainsFunc(statement.at("Action").texts(), func(action string) bool {
						_, operation, _ := strings.Cut(action, ":")
						return action == "*" || operation == "*"
					}))
		}, "allows every action of a service"),
	},
	{
		ID:       "IAM.27",
		CIS:      "1.22",
		NotFSBP:  true,
		Title:    "Nobody has full access to CloudShell",
		Severity: Medium,
		Types:    []string{catalog.RolePolicyAttachment, "aws:iam/userPolicyAttachment:UserPolicyAttachment"},
		About:    "policy attachment",
		check: func(_ *stack, r *resource) string {
			if strings.HasSuffix(r.at("policyArn").text(), ":policy/AWSCloudShellFullAccess") {
				return "it attaches AWSCloudShellFullAccess"
			}
			return ""
		},
	},
	{
		ID:       "KMS.1",
		Title:    "Managed policies do not decrypt with every key",
		Severity: Medium,
		Types:    managed,
		About:    "customer-managed IAM policy",
		check:    noStatement(decryptsEverything, "allows to decrypt with every key"),
	},
	{
		ID:       "KMS.2",
		Title:    "Inline policies do not decrypt with every key",
		Severity: Medium,
		Types:    inline,
		About:    "inline IAM policy",
		check:    noStatement(decryptsEverything, "allows to decrypt with every key"),
	},
	{
		ID:       "KMS.4",
		CIS:      "3.6",
		NotFSBP:  true,
		Title:    "Keys are rotated",
		Severity: Medium,
		Types:    keys,
		About:    "symmetric KMS key",
		applies: func(r *resource) bool {
			spec := r.at("customerMasterKeySpec").text()
			return spec == "" || spec == "SYMMETRIC_DEFAULT"
		},
		check: wantsTrue("enableKeyRotation"),
	},
	{
		ID:       "KMS.5",
		Title:    "Keys are not public",
		Severity: Critical,
		Types:    keys,
		About:    "KMS key",
		check:    noStatement(public, "lets everybody in"),
	},
	{
		ID:       "SNS.1",
		NotFSBP:  true,
		Title:    "Topics are encrypted with a key",
		Severity: Medium,
		Types:    topics,
		About:    "SNS topic",
		check:    wantsSet("kmsMasterKeyId"),
	},
	{
		ID:       "SQS.1",
		Title:    "Queues are encrypted",
		Severity: Medium,
		Types:    []string{catalog.Queue},
		About:    "SQS queue",
		check: func(_ *stack, r *resource) string {
			if r.at("kmsMasterKeyId").text() != "" {
				return ""
			}
			return wantsTrue("sqsManagedSseEnabled")(nil, r)
		},
	},
	{
		ID:       "SQS.3",
		Title:    "Queues are not public",
		Severity: Critical,
		Types:    []string{catalog.Queue},
		About:    "SQS queue",
		check:    noStatement(public, "lets everybody in"),
	},
	{
		ID:       "SNS.4",
		Title:    "Topics are not public",
		Severity: Critical,
		Types:    slices.Concat(topics, topicPolicies),
		About:    "SNS topic",
		check:    noStatement(public, "lets everybody in"),
	},
}

var operationsControls = []Control{
	{
		ID:       "Athena.4",
		Title:    "Workgroups publish metrics",
		Severity: Medium,
		Types:    []string{catalog.Workgroup},
		About:    "Athena workgroup",
		check:    wantsTrueByDefault("configuration.publishCloudwatchMetricsEnabled"),
	},
	{
		ID:       "Backup.1",
		Title:    "Recovery points are encrypted",
		Severity: Medium,
		Types:    []string{catalog.BackupVault},
		About:    "backup vault",
		check:    wantsSet("kmsKeyArn"),
	},
	{
		ID:       "CloudTrail.1",
		CIS:      "3.1",
		Title:    "Trails cover every region and the global services",
		Severity: High,
		Types:    trails,
		About:    "CloudTrail trail",
		check: func(_ *stack, r *resource) string {
			if problem := wantsTrueByDefault("includeGlobalServiceEvents")(nil, r); problem != "" {
				return problem
			}
			return wantsTrue("isMultiRegionTrail")(nil, r)
		},
	},
	{
		ID:       "CloudTrail.2",
		CIS:      "3.5",
		Title:    "Trails are encrypted with a key",
		Severity: Medium,
		Types:    trails,
		About:    "CloudTrail trail",
		check:    wantsSet("kmsKeyId"),
	},
	{
		ID:       "CloudTrail.4",
		CIS:      "3.2",
		Title:    "Trails validate their files",
		Severity: Low,
		Types:    trails,
		About:    "CloudTrail trail",
		check:    wantsTrue("enableLogFileValidation"),
	},
	{
		ID:       "CloudTrail.5",
		Title:    "Trails write to CloudWatch Logs",
		Severity: Low,
		Types:    trails,
		About:    "CloudTrail trail",
		check:    wantsSet("cloudWatchLogsGroupArn"),
	},
	{
		ID:       "CloudWatch.15",
		NotFSBP:  true,
		Title:    "Alarms do something",
		Severity: High,
		Types:    alarms,
		About:    "CloudWatch alarm",
		check: func(_ *stack, r *resource) string {
			if len(r.at("alarmActions").list()) > 0 {
				return ""
			}
			return "alarmActions is empty"
		},
	},
	{
		ID:       "CloudWatch.17",
		NotFSBP:  true,
		Title:    "Actions of alarms are on",
		Severity: High,
		Types:    alarms,
		About:    "CloudWatch alarm",
		check:    wantsTrueByDefault("actionsEnabled"),
	},
	{
		ID:       "DataFirehose.1",
		Title:    "Delivery streams are encrypted",
		Severity: Medium,
		Types:    []string{catalog.DeliveryStream},
		About:    "Firehose delivery stream",
		check:    wantsTrue("serverSideEncryption.enabled"),
	},
	{
		ID:       "GuardDuty.1",
		Title:    "GuardDuty is on",
		Severity: High,
		Types:    []string{catalog.Detector},
		About:    "GuardDuty detector",
		check:    wantsTrueByDefault("enable"),
	},
}
