package data

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/policy"
)

// Prefixes of the log bucket, one for each kind of log.
const (
	LoadBalancerLogs           = "alb"
	LoadBalancerConnectionLogs = "alb-connection"
	CloudFrontLogs             = "cloudfront"
	BucketLogs                 = "s3"
)

// tlsOnly refuses every request that does not come over TLS.
func tlsOnly(bucket pulumi.StringInput) policy.Statement {
	return policy.Statement{
		Sid:        "DenyPlainHTTP",
		Effect:     policy.Deny,
		Principals: map[string][]string{policy.AWS: {"*"}},
		Actions:    []string{"s3:*"},
		Resources:  pulumi.StringArray{bucket, pulumi.Sprintf("%s/*", bucket)},
		Conditions: []policy.Condition{{
			Operator: "Bool",
			Key:      "aws:SecureTransport",
			Values:   pulumi.StringArray{pulumi.String("false")},
		}},
	}
}

// logDelivery lets the account's load balancers and CloudFront distributions, and the other
// buckets, write their logs, each below its own prefix.
//
// Load balancers of older regions still deliver as an AWS account of the region, newer ones as a
// service. AWS moves regions from one to the other, so where there is an account both are let in.
// CloudFront's standard logging (v2) delivers as CloudWatch Logs, from us-east-1 whatever the
// bucket's region.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
func logDelivery(bucket pulumi.StringInput, args *BucketsArgs) policy.Document {
	account := args.AccountID
	var logged pulumi.StringArray
	for _, role := range []string{assetsRole, backupsRole} {
		logged = append(logged, pulumi.String("arn:aws:s3:::"+bucketSpec{role: role}.bucketName(args)))
	}
	ofLoadBalancers := pulumi.StringArray{
		pulumi.Sprintf("%s/%s/AWSLogs/%s/*", bucket, LoadBalancerLogs, account),
		pulumi.Sprintf("%s/%s/AWSLogs/%s/*", bucket, LoadBalancerConnectionLogs, account),
	}
	document := policy.Document{tlsOnly(bucket)}
	if older, ok := loadBalancerAccounts[args.Region]; ok {
		document = append(document, policy.Statement{
			Sid:          "LoadBalancersOfTheRegionWrite",
			Effect:       policy.Allow,
			Actions:      []string{"s3:PutObject"},
			Resources:    ofLoadBalancers,
			PrincipalARN: pulumi.String("arn:aws:iam::" + older + ":root"),
		})
	}
	return append(document, policy.Document{
		{
			Sid:        "LoadBalancersWrite",
			Effect:     policy.Allow,
			Actions:    []string{"s3:PutObject"},
			Resources:  ofLoadBalancers,
			Principals: map[string][]string{policy.Service: {"logdelivery.elasticloadbalancing.amazonaws.com"}},
		},
		{
			Sid:        "CloudFrontWrites",
			Effect:     policy.Allow,
			Actions:    []string{"s3:PutObject"},
			Principals: map[string][]string{policy.Service: {"delivery.logs.amazonaws.com"}},
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s/%s/*", bucket, CloudFrontLogs)},
			Conditions: []policy.Condition{
				policy.Equals("s3:x-amz-acl", pulumi.String("bucket-owner-full-control")),
				policy.Equals("aws:SourceAccount", pulumi.String(account)),
				policy.ArnLike("aws:SourceArn", pulumi.String("arn:aws:logs:us-east-1:"+account+":delivery-source:*")),
			},
		},
		{
			Sid:        "BucketsWrite",
			Effect:     policy.Allow,
			Actions:    []string{"s3:PutObject"},
			Principals: map[string][]string{policy.Service: {"logging.s3.amazonaws.com"}},
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s/%s/*", bucket, BucketLogs)},
			Conditions: []policy.Condition{policy.Equals("aws:SourceAccount", pulumi.String(account)),
				policy.ArnLike("aws:SourceArn", logged...)},
		},
	}...)
}

// loadBalancerAccounts are AWS's own accounts that deliver load balancers' logs, by region. Regions
// that AWS opened from August 2022 on have none.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
var loadBalancerAccounts = map[string]string{
	"af-south-1":     "098369216593",
	"ap-east-1":      "754344448648",
	"ap-northeast-1": "582318560864",
	"ap-northeast-2": "600734575887",
	"ap-northeast-3": "383597477331",
	"ap-south-1":     "718504428378",
	"ap-southeast-1": "114774131450",
	"ap-southeast-2": "783225319266",
	"ap-southeast-3": "589379963580",
	"ca-central-1":   "985666609251",
	"eu-central-1":   "054676820928",
	"eu-north-1":     "897822967062",
	"eu-south-1":     "635631232127",
	"eu-west-1":      "156460612806",
	"eu-west-2":      "652711504416",
	"eu-west-3":      "009996457667",
	"me-south-1":     "076674570225",
	"sa-east-1":      "507241528517",
	"us-east-1":      "127311923021",
	"us-east-2":      "033677994240",
	"us-west-1":      "027434742980",
	"us-west-2":      "797873946194",
}
