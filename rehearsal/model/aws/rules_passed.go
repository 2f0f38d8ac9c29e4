package aws

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// passedRules are about what a service does with a role that is passed to it. Most of it fails only
// when the service works, and then in its own logs and metrics alone.
var passedRules = []provider.Rule{
	{
		Name:  "a stream's role may keep what is not delivered",
		Types: []string{firehoseType},
		When:  provider.OnWrite,
		Why: "Data Firehose Developer Guide, controlling-access: S3.AccessDenied when the first record is not " +
			"delivered",
		Check: func(r *provider.Request) error {
			for _, at := range []provider.Values{
				r.Inputs.Object("httpEndpointConfiguration").Object("s3Configuration"),
				r.Inputs.Object("extendedS3Configuration"),
			} {
				role, bucket := made(r, at.Text("roleArn"), roleType), made(r, at.Text("bucketArn"), bucketType)
				if role == nil || bucket == nil {
					continue // another rule's
				}
				if err := streamWrites(r, role, bucket, at.Text("prefix")); err != nil {
					return fmt.Errorf("S3.AccessDenied: Access was denied. Ensure that the trust policy for the "+
						"provided IAM role allows Firehose to assume "+
						"the role, and the access policy allows access to the S3 bucket.\n%w", err)
				}
			}
			return nil
		},
	},
	{
		Name:  "a subscription's role may send",
		Types: []string{subscriptionFilterType},
		When:  provider.OnWrite,
		Why:   "CloudWatch Logs PutSubscriptionFilter: it sends a test message with the role",
		Check: func(r *provider.Request) error {
			role, stream := made(r, r.Inputs.Text("roleArn"), roleType),
				made(r, r.Inputs.Text("destinationArn"), firehoseType)
			if role == nil || stream == nil {
				return nil
			}
			for _, action := range []string{"firehose:PutRecord", "firehose:PutRecordBatch"} {
				if err := roleMay(r, role, action, stream.ARN, nil); err != nil {
					return fmt.Errorf("InvalidParameterException: Could not deliver test message to specified "+
						"Firehose stream. "+
						"Check if the given Firehose stream is in ACTIVE state.\n%w", err)
				}
			}
			return nil
		},
	},
	{
		Name:  "a flow log's role may write",
		Types: []string{flowLogType},
		When:  provider.OnWrite,
		Why:   "Amazon VPC User Guide, flow-logs-iam-role: the flow log's status is Access error",
		Check: func(r *provider.Request) error {
			role := made(r, r.Inputs.Text("iamRoleArn"), roleType)
			group := made(r, strings.TrimSuffix(r.Inputs.Text("logDestination"), ":*"), logGroupType)
			if role == nil || group == nil {
				return nil
			}
			for _, one := range []iamPermission{
				{
					action:   "logs:DescribeLogGroups",
					resource: "arn:aws:logs:" + r.Region + ":" + r.Account + ":log-group:*",
				},
				{action: "logs:DescribeLogStreams", resource: group.ARN + ":*"},
				{action: "logs:CreateLogStream", resource: group.ARN + ":log-stream:x"},
				{action: "logs:PutLogEvents", resource: group.ARN + ":log-stream:x"},
			} {
				if err := roleMay(r, role, one.action, one.resource, nil); err != nil {
					return fmt.Errorf("Access error: The flow log can't be delivered to %s\n%w", group.Name, err)
				}
			}
			return nil
		},
	},
	{
		Name:  "what a task's role grants on buckets works",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why: "Amazon S3: AccessDenied for a bucket's policy, a boundary or a bucket's key, whatever the role " +
			"itself grants",
		Check: func(r *provider.Request) error {
			task, known := taskOf(r)
			if !known {
				return nil
			}
			role := made(r, task.Text("taskRoleArn"), roleType)
			if role == nil {
				return nil
			}
			for _, bucket := range r.Everywhere(bucketType) {
				if err := usesBucket(r, role, bucket); err != nil {
					return fmt.Errorf("AccessDenied: the tasks cannot use the bucket %s as their role says\n%w",
						bucket.ID, err)
				}
			}
			return nil
		},
	},
}

// made is the object of a type that has an ARN, and nil in previews and where there is none.
func made(r *provider.Request, arn, typ string) *cloud.Object {
	o := r.ByARN(arn)
	if r.Preview || o == nil || o.Type != typ {
		return nil
	}
	return o
}

// streamWrites is nil if Firehose may write below a prefix of a bucket with a role.
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
func streamWrites(r *provider.Request, role, bucket *cloud.Object, prefix string) error {
	for _, action := range []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"} {
		if err := roleMay(r, role, action, bucket.ARN, nil); err != nil {
			return err
		}
	}
	for _, action := range []string{"s3:AbortMultipartUpload", "s3:PutObject"} {
		if err := roleMay(r, role, action, bucket.ARN+"/"+prefix+"x", nil); err != nil {
			return err
		}
	}
	return usesKeyOf(r, role, bucket, "kms:GenerateDataKey", "kms:Decrypt")
}

// usesBucket is nil if a role may do what its own documents grant on the objects of a bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
func usesBucket(r *provider.Request, role, bucket *cloud.Object) error {
	objects, err := objectsOf(r, role, bucket)
	if err != nil {
		return err
	}
	for action, onKey := range map[string][]string{
		"s3:DeleteObject": nil, "s3:GetObject": {"kms:Decrypt"}, "s3:PutObject": {"kms:GenerateDataKey", "kms:Decrypt"},
	} {
		for _, object := range objects {
			granted, err := grants(r, role, action, object)
			if err != nil {
				return err
			}
			if !granted {
				continue
			}
			if err := roleMay(r, role, action, object, nil); err != nil {
				return err
			}
			if err := usesKeyOf(r, role, bucket, onKey...); err != nil {
				return err
			}
		}
	}
	return nil
}

// objectsOf are objects of a bucket to ask about: one anywhere in it, and one for each name or
// pattern below the bucket that the role's documents have.
func objectsOf(r *provider.Request, role, bucket *cloud.Object) ([]string, error) {
	c, err := assume(r, role, serviceSession)
	if err != nil {
		return nil, err
	}
	objects := []string{bucket.ARN + "/x"}
	for _, attached := range c.documents.Identity {
		for _, resource := range attached.Document.Resources() {
			if strings.HasPrefix(resource, bucket.ARN+"/") {
				objects = append(objects, strings.ReplaceAll(resource, "*", "x"))
			}
		}
	}
	return objects, nil
}

// grants reports whether a role's own documents allow something, whatever else limits it.
func grants(r *provider.Request, role *cloud.Object, action, resource string) (bool, error) {
	c, err := assume(r, role, serviceSession)
	if err != nil {
		return false, err
	}
	err = iam.Decide(iam.Request{
		Principal: c.principal,
		Action:    action,
		Resource:  resource,
		Context:   c.context(r, iamPermission{action: action, resource: resource}),
	}, iam.Documents{Identity: c.documents.Identity})
	var refusal *iam.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}

// usesKeyOf is nil if S3 may use the key of a bucket in the name of a role.
func usesKeyOf(r *provider.Request, role, bucket *cloud.Object, actions ...string) error {
	name := bucketKey(r, bucket.ID)
	if name == "" {
		return nil
	}
	key, err := keyARN(r, name)
	if err != nil || key == "" {
		return err
	}
	for _, action := range actions {
		err := roleMay(r, role, action, key, map[string]string{
			"aws:ViaAWSService": "true", "kms:ViaService": "s3." + bucket.Text("bucketRegion") + ".amazonaws.com",
			"kms:EncryptionContext:aws:s3:arn": bucket.ARN,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
