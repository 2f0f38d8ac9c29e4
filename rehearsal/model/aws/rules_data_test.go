package aws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) bucket(name string) object { return w.make(bucketType, name, in{"bucket": name}) }

func encryptedWith(bucket, algorithm string, key any) in {
	return in{
		"bucket": bucket,
		"rules":  []any{in{"applyServerSideEncryptionByDefault": in{"sseAlgorithm": algorithm, "kmsMasterKeyId": key}}},
	}
}

func (w *world) lifecycle(rules ...any) error {
	return failed(w.try(bucketLifecycleType, "b", in{"bucket": w.bucket("b-1").id, "rules": rules}))
}

func (w *world) parameter(name string, more in) error {
	inputs := in{"name": name, "type": "SecureString", "value": "hush"}
	for key, value := range more {
		inputs[key] = value
	}
	if inputs["value"] == nil {
		delete(inputs, "value")
	}
	return failed(w.try(parameterType, "parameter", inputs))
}

func TestAParametersVersionCountsItsValues(t *testing.T) {
	w := newWorld(t)
	made := w.make(parameterType, "p", in{"name": "/a/P", "type": "SecureString", "value": "one"})
	assert.Equal(t, 1.0, made.outputs["version"].NumberValue())
	assert.Equal(t, "arn:aws:ssm:ap-northeast-1:123456789012:parameter/a/P", made.text("arn"))
	require.True(t, made.outputs["value"].IsSecret())
	tagged, err := w.update(made, in{"name": "/a/P", "type": "SecureString", "value": "one", "tags": in{"a": "b"}})
	require.NoError(t, err)
	assert.Equal(t, 1.0, tagged.outputs["version"].NumberValue(), "tags make no version")
	changed, err := w.update(tagged, in{"name": "/a/P", "type": "SecureString", "value": "two"})
	require.NoError(t, err)
	assert.Equal(t, 2.0, changed.outputs["version"].NumberValue())
}

func TestSettingsOfABucketGoWithIt(t *testing.T) {
	w := newWorld(t)
	bucket := w.bucket("b-1")
	versioning := w.make(bucketVersioningType, "b",
		in{"bucket": bucket.id, "versioningConfiguration": in{"status": "Enabled"}})
	assert.Equal(t, "b-1", versioning.id)
	require.NoError(t, w.delete(bucket))
	assert.Empty(t, w.read(versioning).ID)
}

var dataPairs = map[string]pair{
	"locked objects have versions": {
		want: "InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock " +
			"configuration: b-1",
		refuses: func(w *world) error {
			return failed(w.try(bucketLockType, "b",
				in{"bucket": w.bucket("b-1").id, "rule": in{"defaultRetention": in{"mode": "GOVERNANCE", "days": 30}}}))
		},
		passes: func(w *world) error {
			bucket := w.bucket("b-1").id
			w.make(bucketVersioningType, "b", in{"bucket": bucket, "versioningConfiguration": in{"status": "Enabled"}})
			return failed(w.try(bucketLockType, "b",
				in{"bucket": bucket, "rule": in{"defaultRetention": in{"mode": "GOVERNANCE", "days": 30}}}))
		},
	},
	"a lock of objects says how long": {
		want: "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema",
		refuses: func(w *world) error {
			return failed(w.try(bucketLockType, "b",
				in{"bucket": w.bucket("b-1").id, "rule": in{"defaultRetention": in{"mode": "GOVERNANCE"}}}))
		},
		passes: func(w *world) error {
			bucket := w.bucket("b-1").id
			w.make(bucketVersioningType, "b", in{"bucket": bucket, "versioningConfiguration": in{"status": "Enabled"}})
			return failed(w.try(bucketLockType, "b",
				in{"bucket": bucket, "rule": in{"defaultRetention": in{"mode": "COMPLIANCE", "years": 1}}}))
		},
	},
	"a bucket logs to one that is there": {
		want: "InvalidTargetBucketForLogging: The target bucket for logging does not exist: none",
		refuses: func(w *world) error {
			return failed(w.try(bucketLoggingType, "b",
				in{"bucket": w.bucket("b-1").id, "targetBucket": "none", "targetPrefix": "b-1/"}))
		},
		passes: func(w *world) error {
			logs := w.bucket("logs-1").id
			return failed(w.try(bucketLoggingType, "b",
				in{"bucket": w.bucket("b-1").id, "targetBucket": logs, "targetPrefix": "b-1/"}))
		},
	},
	"settings of a known bucket": {
		want:    "NoSuchBucket: The specified bucket does not exist: none",
		refuses: func(w *world) error { return failed(w.try(bucketAccessType, "b", in{"bucket": "none"})) },
		passes:  func(w *world) error { return failed(w.try(bucketAccessType, "b", in{"bucket": w.bucket("b-1").id})) },
	},
	"a bucket with a known key": {
		want: "KMS.NotFoundException: Key 'none' does not exist",
		refuses: func(w *world) error {
			return failed(w.try(bucketEncryptionType, "b", encryptedWith(w.bucket("b-1").id, "aws:kms", "none")))
		},
		passes: func(w *world) error {
			return failed(w.try(bucketEncryptionType, "b",
				encryptedWith(w.bucket("b-1").id, "aws:kms", w.make(keyType, "key", in{}).text("arn"))))
		},
	},
	"a lifecycle rule does something": {
		want:    "InvalidRequest: At least one action needs to be specified in a rule: idle",
		refuses: func(w *world) error { return w.lifecycle(in{"id": "idle", "status": "Enabled"}) },
		passes: func(w *world) error {
			return w.lifecycle(in{"id": "old", "status": "Enabled", "expiration": in{"days": 30}})
		},
	},
	"one lifecycle rule a name": {
		want: "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: old",
		refuses: func(w *world) error {
			rule := in{"id": "old", "status": "Enabled", "expiration": in{"days": 30}}
			return w.lifecycle(rule, rule)
		},
		passes: func(w *world) error {
			return w.lifecycle(in{"id": "old", "status": "Enabled", "expiration": in{"days": 30}},
				in{"id": "older", "status": "Enabled", "noncurrentVersionExpiration": in{"noncurrentDays": 30}})
		},
	},
	"one parameter a name": {
		want: "ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite " +
			"option in the request to true: /a/P",
		refuses: func(w *world) error {
			w.make(parameterType, "first", in{"name": "/a/P", "type": "String", "value": "x"})
			return w.parameter("/a/P", nil)
		},
		passes: func(w *world) error {
			w.make(parameterType, "first", in{"name": "/a/P", "type": "String", "value": "x"})
			return w.parameter("/a/Q", nil)
		},
	},
	"the value of a parameter": {
		want:    "one of `insecure_value,value,value_wo` must be specified",
		refuses: func(w *world) error { return w.parameter("/a/P", in{"value": nil}) },
		passes: func(w *world) error {
			return w.parameter("/a/P", in{"type": "String", "value": nil, "insecureValue": "x"})
		},
	},
	"the size of a parameter": {
		want: "ValidationException: Standard tier parameters support a maximum parameter value of 4096 " +
			"characters: /a/P has 4097",
		refuses: func(w *world) error { return w.parameter("/a/P", in{"value": strings.Repeat("x", 4097)}) },
		passes: func(w *world) error {
			return w.parameter("/a/P", in{"value": strings.Repeat("x", 4097), "tier": "Advanced"})
		},
	},
	"a parameter with a known key": {
		want:    "InvalidKeyId: Invalid keyId none",
		refuses: func(w *world) error { return w.parameter("/a/P", in{"keyId": "none"}) },
		passes: func(w *world) error {
			return w.parameter("/a/P", in{"keyId": w.make(keyType, "key", in{}).text("arn")})
		},
	},
}

func (w *world) plan(rule in) error {
	rule["ruleName"] = "daily"
	return failed(w.try(backupPlanType, "plan", in{"rules": []any{rule}}))
}

func (w *world) selection(plan, role string) error {
	return failed(w.try(backupSelectionType, "databases",
		in{"planId": plan, "iamRoleArn": role, "resources": []any{"arn:cluster"}}))
}
