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
		Sid: "DenyPlainHTTP", Effect: policy.Deny, Principals: map[string][]string{policy.AWS: {"*"}}, Actions: []string{"s3:*"},
		Resources:  pulumi.StringArray{bucket, pulumi.Sprintf("%s/*", bucket)},
		Conditions: []policy.Condition{{Operator: "Bool", Key: "aws:SecureTransport", Values: pulumi.StringArray{pulumi.String("false")}}},
	}
}

// logDelivery lets the account's load balancers and CloudFront distributions, and the other buckets, write their logs, each below its own prefix.
//
// Load balancers of older regions still deliver as an AWS account of the region, newer ones as a service; AWS moves regions from one to
// the other, so both are let in. CloudFront's standard logging (v2) delivers as CloudWatch Logs, from us-east-1 whatever the bucket's region.
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
	return policy.Document{
		tlsOnly(bucket),
		{
			Sid: "LoadBalancersOfTheRegionWrite", Effect: policy.Allow, Actions: []string{"s3:PutObject"}, Resources: ofLoadBalancers,
			PrincipalARN: pulumi.Sprintf("arn:aws:iam::%s:root", args.ElbAccountID),
		},
		{
			Sid: "LoadBalancersWrite", Effect: policy.Allow, Actions: []string{"s3:PutObject"}, Resources: ofLoadBalancers,
			Principals: map[string][]string{policy.Service: {"logdelivery.elasticloadbalancing.amazonaws.com"}},
		},
		{
			Sid: "CloudFrontWrites", Effect: policy.Allow, Actions: []string{"s3:PutObject"},
			Principals: map[string][]string{policy.Service: {"delivery.logs.amazonaws.com"}},
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s/%s/*", bucket, CloudFrontLogs)},
			Conditions: []policy.Condition{
				policy.Equals("s3:x-amz-acl", pulumi.String("bucket-owner-full-control")),
				policy.Equals("aws:SourceAccount", pulumi.String(account)),
				policy.ArnLike("aws:SourceArn", pulumi.String("arn:aws:logs:us-east-1:"+account+":delivery-source:*")),
			},
		},
		{
			Sid: "BucketsWrite", Effect: policy.Allow, Actions: []string{"s3:PutObject"},
			Principals: map[string][]string{policy.Service: {"logging.s3.amazonaws.com"}},
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s/%s/*", bucket, BucketLogs)},
			Conditions: []policy.Condition{policy.Equals("aws:SourceAccount", pulumi.String(account)), policy.ArnLike("aws:SourceArn", logged...)},
		},
	}
}
