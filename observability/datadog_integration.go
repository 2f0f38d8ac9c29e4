package observability

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	dd "github.com/pulumi/pulumi-datadog/sdk/v4/go/datadog/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// account is the AWS account that the site reads its customers' metrics from.
// https://docs.datadoghq.com/integrations/guide/aws-manual-setup/
func (s DatadogSite) account() string {
	switch s {
	case "ap1.datadoghq.com":
		return "417141415827"
	case "ap2.datadoghq.com":
		return "412381753143"
	default:
		return "464622532012"
	}
}

// datadogNamespaces are the CloudWatch metrics that Datadog copies: those that its dashboard shows,
// since each costs requests to CloudWatch. Tasks are not among them: the agent sends theirs.
var datadogNamespaces = []string{
	"AWS/ApplicationELB", "AWS/CloudFront", "AWS/NATGateway", "AWS/RDS", "AWS/WAFV2",
}

// integration lets Datadog read the account's metrics, and nothing else: neither configuration nor
// data of any resource.
func (b *datadogBuilder) integration() error {
	if b.args.Config.Integration != Create {
		return nil
	}
	// The trust policy needs the external id that the integration draws, and the integration the
	// role's name: so the name comes first.
	roleName := b.args.Environment.Name("datadog")
	if err := names.Check(names.Role, roleName); err != nil {
		return b.Wrap("name", "role", err)
	}
	account, err := dd.NewIntegrationAccount(b.Ctx, b.Child("account"), &dd.IntegrationAccountArgs{
		AwsAccountId: pulumi.String(b.args.AccountID),
		AwsPartition: pulumi.String("aws"),
		AccountTags:  b.tags(),
		AwsRegions:   dd.IntegrationAccountAwsRegionsArgs{IncludeOnlies: regions(b.args.Region)},
		AuthConfig: dd.IntegrationAccountAuthConfigArgs{
			AwsAuthConfigRole: dd.IntegrationAccountAuthConfigAwsAuthConfigRoleArgs{RoleName: pulumi.String(roleName)},
		},
		MetricsConfig: dd.IntegrationAccountMetricsConfigArgs{
			Enabled:                 pulumi.Bool(true),
			AutomuteEnabled:         pulumi.Bool(true),
			CollectCloudwatchAlarms: pulumi.Bool(false),
			CollectCustomMetrics:    pulumi.Bool(false),
			NamespaceFilters: dd.IntegrationAccountMetricsConfigNamespaceFiltersArgs{
				IncludeOnlies: pulumi.ToStringArray(datadogNamespaces),
			},
		},
		LogsConfig: dd.IntegrationAccountLogsConfigArgs{
			LambdaForwarder: dd.IntegrationAccountLogsConfigLambdaForwarderArgs{},
		},
		ResourcesConfig: dd.IntegrationAccountResourcesConfigArgs{
			CloudSecurityPostureManagementCollection: pulumi.Bool(false), ExtendedCollection: pulumi.Bool(false),
		},
		TracesConfig: dd.IntegrationAccountTracesConfigArgs{
			XrayServices: dd.IntegrationAccountTracesConfigXrayServicesArgs{},
		},
	}, b.parent(), b.here())
	if err != nil {
		return b.Wrap("create", "integration of the AWS account", err)
	}
	role, err := iam.NewRole(b.Ctx, b.Child("account"), &iam.RoleArgs{
		Name: pulumi.String(roleName),
		AssumeRolePolicy: policy.Document{{
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.AWS: {"arn:aws:iam::" + b.args.Config.Site.account() + ":root"}},
			Actions:    []string{"sts:AssumeRole"},
			Conditions: []policy.Condition{policy.Equals("sts:ExternalId",
				account.AuthConfig.AwsAuthConfigRole().ExternalId().Elem())},
		}}.JSON(),
	}, b.parent())
	if err != nil {
		return b.Wrap("create", "role of the AWS account", err)
	}
	_, err = iam.NewRolePolicy(b.Ctx, b.Child("account"), &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: policy.Document{{
			Sid:    "ReadMetrics",
			Effect: policy.Allow,
			Actions: []string{
				"cloudfront:ListDistributions", "cloudfront:ListTagsForResource", "cloudwatch:GetMetricData",
				"cloudwatch:ListMetrics",
				"ec2:DescribeNatGateways", "ec2:DescribeRegions",
				"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
				"elasticloadbalancing:DescribeTargetGroups",
				"rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:ListTagsForResource",
				"tag:GetResources", "tag:GetTagKeys", "tag:GetTagValues", "wafv2:ListWebACLs",
			},
			// None of these takes a narrower resource, or only one that would have to name what
			// does not exist yet.
			Resources: pulumi.StringArray{pulumi.String("*")},
		}}.JSON(),
	}, b.parent())
	return b.Wrap("create", "policy of the AWS account's role", err)
}

// regions are the stack's and us-east-1, without repeats.
func regions(region string) pulumi.StringArray {
	return pulumi.ToStringArray(slices.Compact(slices.Sorted(slices.Values([]string{region, names.UsEast1}))))
}

// undelivered is the folder of the log bucket for lines that Datadog did not take. Firehose writes
// the reason beside each.
const undelivered = "datadog"

// logs sends the log groups' lines to Datadog with Data Firehose.
func (b *datadogBuilder) logs() error {
	if !b.args.Config.Logs {
		return nil
	}
	account, region := pulumi.String(b.args.AccountID), b.args.Region
	firehose, written, err := b.role("delivery", policy.AssumedBy("firehose.amazonaws.com", account, nil),
		policy.Document{
			{
				Sid:       "KeepUndelivered",
				Effect:    policy.Allow,
				Actions:   []string{"s3:AbortMultipartUpload", "s3:PutObject"},
				Resources: pulumi.StringArray{pulumi.Sprintf("%s/%s/*", b.args.LogBucketArn, undelivered)},
			},
			{
				Sid:       "FindTheBucket",
				Effect:    policy.Allow,
				Actions:   []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
				Resources: pulumi.StringArray{b.args.LogBucketArn},
			},
		})
	if err != nil {
		return err
	}
	key := pulumi.ToSecret(b.args.APIKey).(pulumi.StringOutput)
	stream, err := kinesis.NewFirehoseDeliveryStream(b.Ctx, b.Child("delivery"), &kinesis.FirehoseDeliveryStreamArgs{
		Destination: pulumi.String("http_endpoint"),
		ServerSideEncryption: kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs{
			Enabled: pulumi.Bool(true),
			KeyType: pulumi.String("AWS_OWNED_CMK"),
		},
		HttpEndpointConfiguration: kinesis.FirehoseDeliveryStreamHttpEndpointConfigurationArgs{
			Name:              pulumi.String("Datadog"),
			Url:               pulumi.String(b.args.Config.Site.logIntake()),
			AccessKey:         key,
			RoleArn:           firehose.Arn,
			BufferingSize:     pulumi.Int(4),
			BufferingInterval: pulumi.Int(60),
			RetryDuration:     pulumi.Int(300),
			S3BackupMode:      pulumi.String("FailedDataOnly"),
			RequestConfiguration: kinesis.FirehoseDeliveryStreamHttpEndpointConfigurationRequestConfigurationArgs{
				ContentEncoding: pulumi.String("GZIP"),
				CommonAttributes: kinesis.FirehoseDeliveryStreamHttpEndpointConfigurationRequestConfigurationCommonAttributeArray{
					kinesis.FirehoseDeliveryStreamHttpEndpointConfigurationRequestConfigurationCommonAttributeArgs{
						Name: pulumi.String("env"), Value: pulumi.String(string(b.args.Environment)),
					},
				},
			},
			S3Configuration: kinesis.FirehoseDeliveryStreamHttpEndpointConfigurationS3ConfigurationArgs{
				BucketArn:         b.args.LogBucketArn,
				RoleArn:           firehose.Arn,
				CompressionFormat: pulumi.String("GZIP"),
				Prefix:            pulumi.String(undelivered + "/"),
				ErrorOutputPrefix: pulumi.String(undelivered + "/"),
			},
		},
	}, b.parent(), pulumi.DependsOn([]pulumi.Resource{written}))
	if err != nil {
		return b.Wrap("create", "delivery stream", err)
	}
	subscriber, allowed, err := b.role("subscriptions",
		policy.AssumedBy("logs.amazonaws.com", account,
			pulumi.String("arn:aws:logs:"+region+":"+b.args.AccountID+":*")),
		policy.Document{{
			Sid:       "PutLines",
			Effect:    policy.Allow,
			Actions:   []string{"firehose:PutRecord", "firehose:PutRecordBatch"},
			Resources: pulumi.StringArray{stream.Arn},
		}})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.args.LogGroups)) {
		if _, err := cloudwatch.NewLogSubscriptionFilter(b.Ctx, b.Child("logs-"+name),
			&cloudwatch.LogSubscriptionFilterArgs{
				LogGroup:       b.args.LogGroups[name],
				DestinationArn: stream.Arn,
				RoleArn:        subscriber.Arn,
				FilterPattern:  pulumi.String(b.args.Config.logPattern(name)),
				// CloudWatch Logs sends a test record through the role when the filter is made.
			}, b.parent(), pulumi.DependsOn([]pulumi.Resource{allowed})); err != nil {
			return b.Wrap("subscribe to", "log group "+name, err)
		}
	}
	b.datadog.LogStreamName = stream.Name
	return nil
}

// role makes a role with one policy, which whoever uses the role must wait for.
func (b *datadogBuilder) role(part string, trust, allowed policy.Document) (*iam.Role, pulumi.Resource, error) {
	role, err := iam.NewRole(b.Ctx, b.Child(part), &iam.RoleArgs{AssumeRolePolicy: trust.JSON()}, b.parent())
	if err != nil {
		return nil, nil, b.Wrap("create", "role of the "+part, err)
	}
	written, err := iam.NewRolePolicy(b.Ctx, b.Child(part),
		&iam.RolePolicyArgs{Role: role.Name, Policy: allowed.JSON()}, b.parent())
	return role, written, b.Wrap("create", "policy of the role of the "+part, err)
}
