package aws

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// standardParameter is the size of a parameter's value that costs nothing, in bytes.
const standardParameter = 4096

// dataRules are about the settings of buckets, and parameters.
var dataRules = []provider.Rule{
	{
		Name:  "settings of a known bucket",
		Types: bucketParts,
		When:  provider.OnWrite,
		Why:   "S3 error codes: NoSuchBucket",
		Check: references("bucket", bucketType, "NoSuchBucket: The specified bucket does not exist: %s"),
	},
	{
		Name:  "a bucket with a known key",
		Types: []string{bucketEncryptionType},
		When:  provider.OnWrite,
		Why:   "S3 error codes: KMS.NotFoundException",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				key := rule.Object("applyServerSideEncryptionByDefault").Text("kmsMasterKeyId")
				if key != "" && r.Missing(findKey(r, key)) {
					return fmt.Errorf("KMS.NotFoundException: Key '%s' does not exist", key)
				}
			}
			return nil
		},
	},
	{
		Name:  "a lifecycle rule does something",
		Types: []string{bucketLifecycleType},
		When:  provider.OnCheck,
		Why:   "S3 PutBucketLifecycleConfiguration: InvalidRequest",
		Check: func(r *provider.Request) error {
			for _, rule := range r.Inputs.Objects("rules") {
				if !slices.ContainsFunc(lifecycleActions, rule.Has) {
					return fmt.Errorf("InvalidRequest: At least one action needs to be specified in a rule: %s",
						rule.Text("id"))
				}
			}
			return nil
		},
	},
	{
		Name:  "one lifecycle rule a name",
		Types: []string{bucketLifecycleType},
		When:  provider.OnCheck,
		Why:   "S3 PutBucketLifecycleConfiguration: InvalidArgument",
		Check: func(r *provider.Request) error {
			seen := map[string]bool{}
			for _, rule := range r.Inputs.Objects("rules") {
				if id := rule.Text("id"); seen[id] {
					return fmt.Errorf("InvalidArgument: Rule ID must be unique. Found same ID for more than one "+
						"rule: %s", id)
				}
				seen[rule.Text("id")] = true
			}
			return nil
		},
	},
	{
		Name:  "locked objects have versions",
		Types: []string{bucketLockType},
		When:  provider.OnWrite,
		Why:   "S3 PutObjectLockConfiguration: InvalidBucketState",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("bucket")
			versioning := r.Find(bucketVersioningType, name)
			if name == "" || versioning == nil && r.Preview ||
				versioning != nil &&
					provider.Values(versioning.Inputs).Object("versioningConfiguration").Text("status") == "Enabled" {
				return nil
			}
			return fmt.Errorf("InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object "+
				"Lock configuration: %s", name)
		},
	},
	{
		Name:  "a lock of objects says how long",
		Types: []string{bucketLockType},
		When:  provider.OnCheck,
		Why:   "S3 DefaultRetention: mode, and either days or years",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown("rule") || !r.Inputs.Has("rule") {
				return nil
			}
			retention := r.Inputs.Object("rule").Object("defaultRetention")
			if retention.Has("days") == retention.Has("years") || !retention.Has("mode") {
				return fmt.Errorf("MalformedXML: The XML you provided was not well-formed or did not validate " +
					"against our published schema")
			}
			return nil
		},
	},
	{
		Name:  "a bucket logs to one that is there",
		Types: []string{bucketLoggingType},
		When:  provider.OnWrite,
		Why:   "S3 PutBucketLogging: InvalidTargetBucketForLogging",
		Check: func(r *provider.Request) error {
			if target := r.Inputs.Text("targetBucket"); target != "" && r.Missing(r.Find(bucketType, target)) {
				return fmt.Errorf("InvalidTargetBucketForLogging: The target bucket for logging does not exist: %s",
					target)
			}
			return nil
		},
	},
	{
		Name:  "one parameter a name",
		Types: []string{parameterType},
		When:  provider.OnCreate,
		Why:   "SSM PutParameter: ParameterAlreadyExists",
		Check: func(r *provider.Request) error {
			found := r.Find(parameterType, r.Inputs.Text("name"))
			if found == nil || r.Itself(found) || r.Inputs.Is("overwrite", false) {
				return nil
			}
			return fmt.Errorf("ParameterAlreadyExists: The parameter already exists. To overwrite this value, set "+
				"the overwrite option in the request to true: %s", found.ID)
		},
	},
	{
		Name:  "the value of a parameter",
		Types: []string{parameterType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf",
		Check: func(r *provider.Request) error {
			if r.Inputs.Unknown("value", "insecureValue", "type") {
				return nil
			}
			if r.Inputs.Has("value") || r.Inputs.Has("insecureValue") || r.Inputs.Has("valueWo") {
				return nil
			}
			return fmt.Errorf("one of `insecure_value,value,value_wo` must be specified")
		},
	},
	{
		Name:  "the size of a parameter",
		Types: []string{parameterType},
		When:  provider.OnCheck,
		Why:   "Systems Manager quotas: 4 KB in the standard tier",
		Check: func(r *provider.Request) error {
			tier, size := r.Inputs.Text("tier"), len(r.Inputs.Text("value"))
			if (tier == "" || tier == "Standard") && size > standardParameter {
				return fmt.Errorf("ValidationException: Standard tier parameters support a maximum parameter value "+
					"of %d characters: %s has %d",
					standardParameter, r.Inputs.Text("name"), size)
			}
			return nil
		},
	},
	{
		Name:  "a parameter with a known key",
		Types: []string{parameterType},
		When:  provider.OnWrite,
		Why:   "SSM PutParameter: InvalidKeyId",
		Check: func(r *provider.Request) error {
			if key := r.Inputs.Text("keyId"); key != "" && r.Missing(findKey(r, key)) {
				return fmt.Errorf("InvalidKeyId: Invalid keyId %s", key)
			}
			return nil
		},
	},
}

var lifecycleActions = []string{
	"abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration", "noncurrentVersionTransitions",
	"transitions",
}
