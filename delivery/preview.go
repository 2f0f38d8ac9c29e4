package delivery

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// descriptions are the actions that read how the stack's resources are set up. Where a service's Get actions would also return what is kept
// in it (log lines, image layers, query results), the harmless ones are named.
var descriptions = []string{
	"acm:Describe*", "acm:Get*", "acm:List*",
	"application-autoscaling:Describe*", "application-autoscaling:List*",
	"athena:GetNamedQuery", "athena:GetWorkGroup", "athena:List*",
	"backup:Describe*", "backup:Get*", "backup:List*",
	"budgets:Describe*", "budgets:ListTagsForResource", "budgets:ViewBudget",
	"ce:Describe*", "ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:List*",
	"chatbot:Describe*", "chatbot:Get*", "chatbot:List*",
	"cloudfront:Describe*", "cloudfront:Get*", "cloudfront:List*",
	"cloudtrail:Describe*", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:List*",
	"cloudwatch:Describe*", "cloudwatch:GetDashboard", "cloudwatch:List*",
	"ec2:Describe*", "ec2:GetManagedPrefixListEntries",
	"ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:List*",
	"ecs:Describe*", "ecs:List*",
	"elasticloadbalancing:Describe*",
	"firehose:Describe*", "firehose:List*",
	"glue:GetDatabase", "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags",
	"guardduty:Get*", "guardduty:List*",
	"iam:Get*", "iam:List*",
	"kms:Describe*", "kms:Get*", "kms:List*",
	"logs:Describe*", "logs:GetDelivery*", "logs:List*",
	"rds:Describe*", "rds:List*",
	"route53:Get*", "route53:List*",
	"s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
	"s3:GetReplicationConfiguration", "s3:ListBucket",
	"servicediscovery:Get*", "servicediscovery:List*",
	"sns:Get*", "sns:List*",
	"ssm:Describe*", "ssm:GetParameter", "ssm:GetParameters", "ssm:List*",
	"wafv2:Describe*", "wafv2:Get*", "wafv2:List*",
}

// previews is what a preview, and the report of drift, may do: read the state and its secrets, and how everything is set up. It changes nothing.
func (a *DeliveryArgs) previews() policy.Document {
	state := "arn:aws:s3:::" + foundation.StateBucket(a.AccountID, a.Region)
	keys := pulumi.StringArray{pulumi.String("arn:aws:kms:" + a.Region + ":" + a.AccountID + ":key/*")}
	return policy.Document{
		{Sid: "ReadSettings", Effect: policy.Allow, Actions: descriptions, Resources: everything()},
		{
			// What the assets bucket holds is public through CloudFront; the maintenance page in it is part of the stack.
			Sid: "ReadStateAndAssets", Effect: policy.Allow, Actions: []string{"s3:GetObject", "s3:GetObjectTagging"},
			Resources: pulumi.StringArray{
				pulumi.String(state + "/*"), pulumi.String("arn:aws:s3:::" + a.Environment.Name("assets") + "*/*"),
			},
		},
		{
			Sid: "DecryptState", Effect: policy.Allow, Actions: []string{"kms:Decrypt"}, Resources: keys,
			Conditions: []policy.Condition{{
				Operator: "ForAnyValue:StringEquals", Key: "kms:ResourceAliases", Values: pulumi.StringArray{pulumi.String(foundation.KeyAlias)},
			}},
		},
		{
			// The report of drift compares parameters with the state, which holds the same values.
			Sid: "DecryptParameters", Effect: policy.Allow, Actions: []string{"kms:Decrypt"}, Resources: keys,
			Conditions: []policy.Condition{policy.Equals("kms:ViaService", pulumi.String("ssm."+a.Region+".amazonaws.com"))},
		},
	}
}
