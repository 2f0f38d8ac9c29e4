package delivery

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// descriptions are the actions that read how the stack's resources are set up, of any resource.
// Where a service's Get and List actions would also return what is kept in it (log lines, image
// layers, query results, sampled requests, findings, subscribers' addresses), the harmless ones are
// named. What the provider reads of each type is a table of the model of the clouds, which the
// tests ask. Some descriptions hold values that others may have meant as secret, such as variables
// of a task definition or headers that a rule asks for; AWS has no narrower action or resource for
// those.
var descriptions = []string{
	"acm:Describe*", "acm:Get*", "acm:List*",
	"application-autoscaling:Describe*", "application-autoscaling:List*",
	"athena:GetNamedQuery", "athena:GetWorkGroup", "athena:List*",
	"backup:Describe*", "backup:Get*", "backup:List*",
	"budgets:Describe*", "budgets:ListTagsForResource", "budgets:ViewBudget",
	"ce:Describe*", "ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:List*",
	"chatbot:Describe*", "chatbot:Get*", "chatbot:List*",
	"cloudfront:Describe*", "cloudfront:Get*", "cloudfront:List*",
	"cloudtrail:Describe*", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus",
	"cloudtrail:List*",
	"cloudwatch:Describe*", "cloudwatch:GetDashboard", "cloudwatch:List*",
	"ec2:Describe*", "ec2:GetManagedPrefixListEntries",
	"ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:List*",
	"ecs:Describe*", "ecs:List*",
	"elasticloadbalancing:Describe*",
	"events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule",
	"firehose:Describe*", "firehose:List*",
	"glue:GetDatabase", "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags",
	"guardduty:GetDetector", "guardduty:ListDetectors", "guardduty:ListTagsForResource",
	"iam:Get*", "iam:List*",
	"kms:Describe*", "kms:Get*", "kms:List*",
	"logs:Describe*", "logs:GetDelivery*", "logs:List*",
	"rds:Describe*", "rds:List*",
	"route53:Get*", "route53:List*",
	"s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
	"s3:GetReplicationConfiguration", "s3:ListBucket",
	"scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource",
	"servicediscovery:GetNamespace", "servicediscovery:List*",
	"sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource",
	"sqs:GetQueueAttributes", "sqs:ListQueueTags",
	"ssm:DescribeParameters", "ssm:ListTagsForResource",
	"tag:GetResources", // with which `infra orphans` looks for what has the stack's tags
	"wafv2:GetIPSet", "wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:List*",
}

// previews is what a preview, and the report of drift, may do: read the state and its secrets, how
// everything is set up, and of what is kept in the account only the stack's own. It changes
// nothing. The code of a pull request runs with it.
func (a *DeliveryArgs) previews() policy.Document {
	state := "arn:aws:s3:::" + foundation.StateBucket(a.AccountID, a.Region)
	inRegion := ":" + a.Region + ":" + a.AccountID + ":"
	return policy.Document{
		{Sid: "ReadSettings", Effect: policy.Allow, Actions: descriptions, Resources: everything()},
		{
			// The maintenance page is the one object that is part of the stack. What users have
			// uploaded lies beside it.
			Sid:     "ReadStateAndPage",
			Effect:  policy.Allow,
			Actions: []string{"s3:GetObject", "s3:GetObjectTagging"},
			Resources: pulumi.StringArray{
				pulumi.String(state + "/*"), pulumi.Sprintf("%s%s", a.AssetsArn, a.PagePath),
			},
		},
		{
			Sid:       "DecryptState",
			Effect:    policy.Allow,
			Actions:   []string{"kms:Decrypt"},
			Resources: pulumi.StringArray{pulumi.String("arn:aws:kms" + inRegion + "key/*")},
			Conditions: []policy.Condition{{
				Operator: "ForAnyValue:StringEquals",
				Key:      "kms:ResourceAliases",
				Values:   pulumi.StringArray{pulumi.String(foundation.KeyAlias)},
			}},
		},
		{
			// The report of drift compares parameters with the state, which holds the same values.
			Sid:     "ReadParameters",
			Effect:  policy.Allow,
			Actions: []string{"ssm:GetParameter", "ssm:GetParameters"},
			Resources: pulumi.StringArray{
				pulumi.String("arn:aws:ssm" + inRegion + "parameter" + a.Environment.Path("*")),
			},
		},
		{
			Sid:       "DecryptParameters",
			Effect:    policy.Allow,
			Actions:   []string{"kms:Decrypt"},
			Resources: pulumi.StringArray{a.DataKeyArn},
			Conditions: []policy.Condition{policy.Equals("kms:ViaService",
				pulumi.String("ssm."+a.Region+".amazonaws.com"))},
		},
	}
}
