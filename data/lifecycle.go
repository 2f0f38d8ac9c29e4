package data

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// abandonedUploadDays is when the parts of an upload that was never finished are deleted; they are
// paid for and not listed.
const abandonedUploadDays = 7

// lifecycleRule expires objects of a bucket. Zero days leave that part out.
type lifecycleRule struct {
	id             string
	prefix         string // empty for all objects
	tag            string // has names.SupersededValue; both must match
	expireDays     int
	noncurrentDays int
}

// lifecycleRules are the bucket's rules and the one that every bucket has.
func lifecycleRules(rules []lifecycleRule) s3.BucketLifecycleConfigurationV2RuleArray {
	all := s3.BucketLifecycleConfigurationV2RuleArray{
		s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("abandoned-uploads"),
			Status: pulumi.String("Enabled"),
			Filter: below(""),
			AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(abandonedUploadDays),
			},
		},
	}
	for _, rule := range rules {
		made := s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String(rule.id), Status: pulumi.String("Enabled"), Filter: below(rule.prefix),
		}
		if rule.tag != "" {
			made.Filter = s3.BucketLifecycleConfigurationV2RuleFilterArgs{
				And: s3.BucketLifecycleConfigurationV2RuleFilterAndArgs{
					Prefix: pulumi.String(rule.prefix),
					Tags:   pulumi.StringMap{rule.tag: pulumi.String(names.SupersededValue)},
				},
			}
		}
		if rule.expireDays > 0 {
			made.Expiration = s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(rule.expireDays)}
		}
		if rule.noncurrentDays > 0 {
			made.NoncurrentVersionExpiration = s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(rule.noncurrentDays),
			}
		}
		all = append(all, made)
	}
	return all
}

// below are the objects whose names begin with a prefix: all of the bucket's for none.
func below(prefix string) s3.BucketLifecycleConfigurationV2RuleFilterArgs {
	return s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(prefix)}
}
