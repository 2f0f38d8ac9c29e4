package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// AccessLogPrefix is the folder of the log bucket that holds the access logs, below it one folder
// for each distribution, year, month, day and hour.
const AccessLogPrefix = "cloudfront"

// accessLogPath has no AWSLogs/account in front because the destination names a folder; without one
// CloudWatch Logs adds it when the delivery is made and drops it when the path is changed.
const accessLogPath = "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"

// AccessLogFields are the columns of the access logs, in order: tab-separated lines after two lines
// of comment, compressed. Cookies are left out: they carry sessions.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
var AccessLogFields = []string{
	"date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
	"cs(Referer)",
	"cs(User-Agent)", "cs-uri-query", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol",
	"cs-bytes", "time-taken",
	"x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "c-port",
	"time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start",
	"sc-range-end",
}

// logAccess delivers the access logs to the log bucket. CloudFront's logs can be ordered in
// us-east-1 alone, wherever the bucket is.
func (d *EdgeDistribution) logAccess(
	ctx *pulumi.Context, name string, args *EdgeDistributionArgs, distribution *cloudfront.Distribution,
) error {
	inUsEast1 := []pulumi.ResourceOption{pulumi.Parent(d), pulumi.Provider(args.UsEast1)}
	source, err := cloudwatch.NewLogDeliverySource(ctx, name+"-access-logs", &cloudwatch.LogDeliverySourceArgs{
		LogType: pulumi.String("ACCESS_LOGS"), ResourceArn: distribution.Arn,
	}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create access log source of distribution %q: %w", name, err)
	}
	destination, err := cloudwatch.NewLogDeliveryDestination(ctx, name+"-access-logs",
		&cloudwatch.LogDeliveryDestinationArgs{
			OutputFormat: pulumi.String("w3c"),
			DeliveryDestinationConfiguration: cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs{
				DestinationResourceArn: pulumi.Sprintf("%s/%s", args.LogBucketArn, AccessLogPrefix),
			},
		}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create access log destination of distribution %q: %w", name, err)
	}
	if _, err := cloudwatch.NewLogDelivery(ctx, name+"-access-logs", &cloudwatch.LogDeliveryArgs{
		DeliverySourceName:     source.Name,
		DeliveryDestinationArn: destination.Arn,
		FieldDelimiter:         pulumi.String("\t"),
		RecordFields:           pulumi.ToStringArray(AccessLogFields),
		S3DeliveryConfigurations: cloudwatch.LogDeliveryS3DeliveryConfigurationArray{
			cloudwatch.LogDeliveryS3DeliveryConfigurationArgs{
				SuffixPath: pulumi.String(accessLogPath), EnableHiveCompatiblePath: pulumi.Bool(false),
			},
		},
	}, inUsEast1...); err != nil {
		return fmt.Errorf("create access log delivery of distribution %q: %w", name, err)
	}
	return nil
}
