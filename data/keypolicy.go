package data

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// anyKey is the only resource a key's policy can name: the key it is attached to.
var anyKey = pulumi.StringArray{pulumi.String("*")}

func accountRoot(account string) map[string][]string {
	return map[string][]string{policy.AWS: {"arn:aws:iam::" + account + ":root"}}
}

// delegated lets the account's IAM policies decide about the whole key.
func delegated(account string) policy.Statement {
	return policy.Statement{
		Sid:        "DecideInIAM",
		Effect:     policy.Allow,
		Principals: accountRoot(account),
		Actions:    []string{"kms:*"},
		Resources:  anyKey,
	}
}

// onlyThroughServices lets the account's IAM policies decide who administers the key, and who uses
// it through the named services of a region, such as "rds.ap-northeast-1.amazonaws.com". Nobody
// decrypts with it directly.
func onlyThroughServices(account string, services ...string) policy.Document {
	via := policy.Equals("kms:ViaService", stringInputs(services)...)
	return policy.Document{
		{
			Sid:        "AdministerThroughIAM",
			Effect:     policy.Allow,
			Principals: accountRoot(account),
			Resources:  anyKey,
			Actions: []string{
				"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:Describe*", "kms:DisableKey*",
				"kms:EnableKey*",
				"kms:Get*", "kms:List*", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:RotateKeyOnDemand",
				"kms:ScheduleKeyDeletion",
				"kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
			},
		},
		{
			// Giving a grant back, as whoever deletes a repository or a vault does, is not here: a
			// key's policy has no say in kms:RetireGrant, IAM alone does.
			// https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
			Sid:        "UseThroughServices",
			Effect:     policy.Allow,
			Principals: accountRoot(account),
			Resources:  anyKey,
			Actions:    []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
			Conditions: []policy.Condition{via},
		},
		{
			// RDS, ECR and AWS Backup keep using the key of a cluster, a repository or a vault
			// through grants that they make in the name of whoever creates it: without this it is
			// not created.
			// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
			// https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
			Sid:        "GrantToServices",
			Effect:     policy.Allow,
			Principals: accountRoot(account),
			Resources:  anyKey,
			Actions:    []string{"kms:CreateGrant"},
			Conditions: []policy.Condition{
				{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Values: pulumi.StringArray{pulumi.String("true")}},
				via,
			},
		},
	}
}

// logKey is the policy of the key that CloudWatch Logs encrypts this account's log groups with.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func logKey(account, region string) policy.Document {
	return policy.Document{
		delegated(account),
		{
			Sid:        "EncryptLogGroups",
			Effect:     policy.Allow,
			Resources:  anyKey,
			Principals: map[string][]string{policy.Service: {"logs." + region + ".amazonaws.com"}},
			Actions: []string{"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*",
				"kms:ReEncrypt*"},
			Conditions: []policy.Condition{
				policy.ArnLike("kms:EncryptionContext:aws:logs:arn",
					pulumi.String("arn:aws:logs:"+region+":"+account+":log-group:*")),
			},
		},
	}
}

// notificationKey is the policy of the key of an SNS topic. A service that publishes to an
// encrypted topic uses the topic's key in its own name, so each is named here; without it an alarm
// changes its state and nobody is notified.
//
// It has no conditions: SNS's page says that EventBridge supports none on a topic's key, and the
// pages of the other services show none for it. A condition on a key that a service does not send
// would stop its messages. The topic's policy still limits who publishes and on whose behalf, and
// the use of the key alone gives access to no message.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func notificationKey(account string) policy.Document {
	return policy.Document{
		delegated(account),
		{
			Sid:       "Publish",
			Effect:    policy.Allow,
			Resources: anyKey,
			Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey*"},
			Principals: map[string][]string{policy.Service: {
				"budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com",
			}},
		},
	}
}

func stringInputs(values []string) []pulumi.StringInput {
	inputs := make([]pulumi.StringInput, len(values))
	for i, value := range values {
		inputs[i] = pulumi.String(value)
	}
	return inputs
}
