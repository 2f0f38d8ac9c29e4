package observability

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/identity"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/policy"
)

func trailName(stack identity.Stack) string { return stack.Environment.Name("account") }

func trailArn(stack identity.Stack) string {
	return "arn:aws:cloudtrail:" + stack.Region + ":" + stack.AccountID + ":trail/" + trailName(stack)
}

// trailBucket makes the bucket of CloudTrail's records. The trail must wait for the resources
// returned: CloudTrail tries the bucket when it is made.
func (b *guardsBuilder) trailBucket() (pulumi.StringOutput, []pulumi.Resource, error) {
	args, none := b.args, pulumi.StringOutput{}
	bucketName := args.Environment.Name("cloudtrail", args.AccountID)
	if err := names.Check(names.Bucket, bucketName); err != nil {
		return none, nil, err
	}
	parent := b.Parent()
	bucket, err := s3.NewBucketV2(b.Ctx, b.Child("trail"), &s3.BucketV2Args{
		Bucket: pulumi.String(bucketName), ForceDestroy: pulumi.Bool(!args.Protect()),
	}, parent, pulumi.Protect(args.Protect()))
	if err != nil {
		return none, nil, err
	}
	closed, err := s3.NewBucketPublicAccessBlock(b.Ctx, b.Child("trail"), &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, parent)
	if err != nil {
		return none, nil, err
	}
	if _, err := s3.NewBucketServerSideEncryptionConfigurationV2(b.Ctx, b.Child("trail"),
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: bucket.ID(),
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
				s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
					ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
						SseAlgorithm: pulumi.String("AES256"),
					},
				},
			},
		}, parent); err != nil {
		return none, nil, err
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(b.Ctx, b.Child("trail"), &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("expire"),
			Status: pulumi.String("Enabled"),
			Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{
				Days: pulumi.Int(args.Config.TrailRetentionDays),
			},
		}},
	}, parent); err != nil {
		return none, nil, err
	}
	written, err := s3.NewBucketPolicy(b.Ctx, b.Child("trail"), &s3.BucketPolicyArgs{
		Bucket: bucket.ID(), Policy: args.trailBucketPolicy(bucket.Arn).JSON(),
	}, parent, pulumi.DependsOn([]pulumi.Resource{closed})) // S3 refuses to set both at once
	if err != nil {
		return none, nil, err
	}
	return bucket.ID().ToStringOutput(), []pulumi.Resource{written}, nil
}

// trailBucketPolicy lets this trail alone write, as CloudTrail asks for it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func (a *GuardsArgs) trailBucketPolicy(bucket pulumi.StringOutput) policy.Document {
	trail := policy.Equals("aws:SourceArn", pulumi.String(trailArn(a.Stack)))
	cloudTrail := map[string][]string{policy.Service: {"cloudtrail.amazonaws.com"}}
	objects := func(pattern string) pulumi.StringArray {
		return pulumi.StringArray{pulumi.Sprintf("%s%s", bucket, pattern)}
	}
	return policy.Document{
		{
			Sid:        "RefusePlainHTTP",
			Effect:     policy.Deny,
			Principals: map[string][]string{policy.AWS: {"*"}},
			Actions:    []string{"s3:*"},
			Resources:  append(objects("/*"), bucket),
			Conditions: []policy.Condition{{
				Operator: "Bool",
				Key:      "aws:SecureTransport",
				Values:   pulumi.StringArray{pulumi.String("false")},
			}},
		},
		{
			Sid:        "TrailChecksTheBucket",
			Effect:     policy.Allow,
			Principals: cloudTrail,
			Actions:    []string{"s3:GetBucketAcl"},
			Resources:  pulumi.StringArray{bucket},
			Conditions: []policy.Condition{trail},
		},
		{
			Sid:        "TrailWrites",
			Effect:     policy.Allow,
			Principals: cloudTrail,
			Actions:    []string{"s3:PutObject"},
			Resources:  objects("/AWSLogs/" + a.AccountID + "/*"),
			Conditions: []policy.Condition{trail,
				policy.Equals("s3:x-amz-acl", pulumi.String("bucket-owner-full-control"))},
		},
	}
}
