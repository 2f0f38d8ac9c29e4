package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// passedPairs have a role that may do all that the service does with it, and one that lacks an
// action.
var passedPairs = map[string]pair{
	"a stream's role may keep what is not delivered": {
		want: "S3.AccessDenied: Access was denied. Ensure that the trust policy for the provided IAM role allows " +
			"Firehose to assume " +
			"the role, and the access policy allows access to the S3 bucket.",
		refuses: func(w *world) error { return w.keeps("s3:PutObject") },
		passes:  func(w *world) error { return w.keeps("x:None") },
	},
	"a subscription's role may send": {
		want: "InvalidParameterException: Could not deliver test message to specified Firehose stream. " +
			"Check if the given Firehose stream is in ACTIVE state.",
		refuses: func(w *world) error { return w.sends("firehose:PutRecordBatch") },
		passes:  func(w *world) error { return w.sends("x:None") },
	},
	"a flow log's role may write": {
		want:    "Access error: The flow log can't be delivered to /vpc",
		refuses: func(w *world) error { return w.flows("logs:PutLogEvents") },
		passes:  func(w *world) error { return w.flows("x:None") },
	},
	"what a task's role grants on buckets works": {
		want: "AccessDenied: the tasks cannot use the bucket shelf-123456789012 as their role says",
		refuses: func(w *world) error {
			return w.uploads(`{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::` +
				`shelf-123456789012/*"}`)
		},
		passes: func(w *world) error {
			return w.uploads(`{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::` +
				`shelf-123456789012/backups/*"}`)
		},
	},
}

// keeps asks for a delivery stream whose role lacks an action.
func (w *world) keeps(action string) error {
	role := w.trusted("keeps", "firehose.amazonaws.com", but(action))
	return w.delivery(in{"s3Configuration": in{
		"bucketArn": w.make(bucketType, "kept", in{}).text("arn"),
		"roleArn":   role,
	}})
}

// sends asks for a subscription whose role lacks an action.
func (w *world) sends(action string) error {
	return w.subscribe("web", w.subscribed(), in{"roleArn": w.trusted("sends", "logs.amazonaws.com", but(action))})
}

// flows asks for a flow log whose role lacks an action.
func (w *world) flows(action string) error {
	inputs := w.goodFlowLog()
	inputs["iamRoleArn"] = w.trusted("flows", "vpc-flow-logs.amazonaws.com", but(action))
	inputs["logDestination"] = w.make(logGroupType, "vpc", in{"name": "/vpc"}).text("arn")
	return w.flowLog("vpc", inputs)
}

// uploads asks for a service whose task role may write to a bucket that has a policy of this
// statement.
func (w *world) uploads(statement string) error {
	bucket := w.make(bucketType, "assets", in{"bucket": "shelf-123456789012"})
	w.make(bucketPolicyType, "assets", in{
		"bucket": bucket.id, "policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`,
	})
	return w.start(started{image: w.image(), also: []string{`"s3:GetObject"`, `"s3:PutObject"`}})
}

// A role that may write to one folder alone is asked about that folder.
func TestATaskRoleIsAskedAboutTheFolderThatItNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bucket := w.make(bucketType, "backups", in{"bucket": "shelf-123456789012"})
	w.make(bucketPolicyType, "backups", in{
		"bucket": bucket.id,
		"policy": `{"Version":"2012-10-17","Statement":[` +
			`{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::shelf-123456789012/` +
			`dumps/*"}]}`,
	})
	role := w.make(roleType, "dump", in{"name": "dump", "assumeRolePolicy": trustOf(ecsTasks)})
	w.make(rolePolicyType, "dump", in{"role": role.id, "policy": `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::shelf-123456789012/dumps/*"}]}`})
	err := w.schedule("scheduler.amazonaws.com", everyRole, nil, in{"taskRoleArn": role.text("arn")})
	require.ErrorContains(t, err, "AccessDenied: the tasks cannot use the bucket shelf-123456789012")
}

// A bucket's key has its say when S3 uses it in the name of a task.
func TestATaskRoleNeedsTheKeyOfABucket(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"x:None":              "",
		"kms:GenerateDataKey": "is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:",
	} {
		w := newWorld(t)
		key := w.make(keyType, "assets", nil)
		bucket := w.make(bucketType, "assets", in{"bucket": "shelf-123456789012"})
		w.make(bucketEncryptionType, "assets", in{"bucket": bucket.id, "rules": []any{in{
			"applyServerSideEncryptionByDefault": in{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key.text("arn")},
		}}})
		also := []string{`"s3:PutObject"`, `"kms:Decrypt"`, `"kms:GenerateDataKey"`}
		if action != "x:None" {
			also = also[:2]
		}
		err := w.start(started{image: w.image(), also: also})
		if want == "" {
			require.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}
