package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// deliveryRules are about the access logs of CloudFront and the policies of buckets, which let it
// read and write.
var deliveryRules = []provider.Rule{
	{
		Name:  "logs of a distribution are ordered in us-east-1",
		Types: []string{deliverySourceType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutDeliverySource: ValidationException; CloudFront's logs in us-east-1",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("resourceArn")
			if !strings.HasPrefix(arn, "arn:aws:cloudfront:") {
				return nil
			}
			if r.Region != globalRegion {
				return fmt.Errorf("ValidationException: Delivery sources of CloudFront must be created in "+
					"us-east-1, not %s", r.Region)
			}
			if r.Missing(r.ByARN(arn)) {
				return fmt.Errorf("ResourceNotFoundException: Resource %s was not found", arn)
			}
			return nil
		},
	},
	{
		Name:  "a delivery between known ends",
		Types: []string{deliveryType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs CreateDelivery: ResourceNotFoundException",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("deliverySourceName"); name != "" && r.Missing(r.Find(deliverySourceType, name)) {
				return fmt.Errorf("ResourceNotFoundException: Delivery source %s was not found", name)
			}
			if arn := r.Inputs.Text("deliveryDestinationArn"); arn != "" && r.Missing(r.ByARN(arn)) {
				return fmt.Errorf("ResourceNotFoundException: Delivery destination %s was not found", arn)
			}
			return nil
		},
	},
	{
		Name:  "logs go to a bucket that takes them",
		Types: []string{deliveryType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs CreateDelivery: the bucket's policy must let delivery.logs.amazonaws.com write",
		Check: func(r *provider.Request) error {
			target := r.ByARN(r.Inputs.Text("deliveryDestinationArn"))
			if target == nil || r.Preview {
				return nil
			}
			arn := provider.Values(target.Inputs).Object("deliveryDestinationConfiguration").Text(
				"destinationResourceArn",
			)
			path, ofS3 := strings.CutPrefix(arn, "arn:aws:s3:::")
			if !ofS3 {
				return nil
			}
			source := "arn:aws:logs:" + r.Region + ":" + r.Account + ":delivery-source:" +
				r.Inputs.Text("deliverySourceName")
			err := serviceMay(r, "delivery.logs.amazonaws.com", "s3:PutObject",
				"arn:aws:s3:::"+strings.TrimSuffix(path, "/")+"/AWSLogs/x",
				source, map[string]string{"s3:x-amz-acl": "bucket-owner-full-control"})
			if err != nil {
				return fmt.Errorf("AccessDeniedException: CloudWatch Logs may not write to %s\n%w", arn, err)
			}
			return nil
		},
	},
	{
		Name:  "a policy of a known bucket",
		Types: []string{bucketPolicyType},
		When:  provider.OnWrite,
		Why:   "S3 PutBucketPolicy: NoSuchBucket",
		Check: references("bucket", bucketType, "NoSuchBucket: The specified bucket does not exist: %s"),
	},
	{
		Name:  "document of a bucket policy",
		Types: []string{bucketPolicyType},
		When:  provider.OnCheck,
		Why:   "S3 PutBucketPolicy: MalformedPolicy",
		Check: func(r *provider.Request) error { return policyDocument(r.Inputs, "policy", resourcePolicy) },
	},
	{
		Name:  "a public policy of a closed bucket",
		Types: []string{bucketPolicyType},
		When:  provider.OnWrite,
		Why:   "S3 PutBucketPolicy: AccessDenied while BlockPublicPolicy is on",
		Check: func(r *provider.Request) error {
			bucket := r.Inputs.Text("bucket")
			for _, block := range r.Everywhere(bucketAccessType) {
				closed := block.Text("bucket") == bucket && provider.Values(block.Inputs).Is("blockPublicPolicy", false)
				if closed && isPublic(r.Inputs.Text("policy")) {
					return fmt.Errorf("AccessDenied: User is not authorized to perform: s3:PutBucketPolicy on "+
						"resource: \"arn:aws:s3:::%s\" because public policies are blocked by the BlockPublicPolicy "+
						"block public access setting", bucket)
				}
			}
			return nil
		},
	},
	{
		Name:  "one policy a bucket",
		Types: []string{bucketPolicyType},
		When:  provider.OnCreate,
		Why: "a second resource for the policy of a bucket overwrites the first without a word; the model does " +
			"not forgive it",
		Check: func(r *provider.Request) error {
			if other := r.Find(bucketPolicyType, r.Inputs.Text("bucket")); other != nil && !r.Itself(other) {
				return fmt.Errorf("the bucket %s has a policy already, which this one would overwrite", other.ID)
			}
			return nil
		},
	},
}

// narrowing are the keys of conditions that keep a statement for everybody from being public.
var narrowing = []string{
	"aws:SourceArn", "aws:SourceAccount", "aws:SourceVpc", "aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalArn",
	"aws:SourceIp",
	"AWS:SourceArn", "AWS:SourceAccount",
}

// isPublic reports whether S3 takes a policy for public: a statement that allows everybody, or a
// service, with no condition that says who.
func isPublic(text string) bool {
	var document struct {
		Statement []struct {
			Effect    string
			Principal any
			Condition map[string]map[string]any
		}
	}
	if json.Unmarshal([]byte(text), &document) != nil {
		return false
	}
	for _, statement := range document.Statement {
		narrowed := false
		for _, keys := range statement.Condition {
			for key := range keys {
				narrowed = narrowed || slices.Contains(narrowing, key)
			}
		}
		if statement.Effect == "Allow" && !narrowed && everybody(statement.Principal) {
			return true
		}
	}
	return false
}

func everybody(principal any) bool {
	switch p := principal.(type) {
	case string:
		return p == "*"
	case []any:
		return slices.Contains(p, any("*"))
	case map[string]any:
		return everybody(p["AWS"])
	}
	return false
}
