package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func notification(topics ...any) in {
	return in{
		"comparisonOperator":     "GREATER_THAN",
		"notificationType":       "ACTUAL",
		"threshold":              80,
		"thresholdType":          "PERCENTAGE",
		"subscriberSnsTopicArns": topics,
	}
}

func (w *world) budget(amount string, notifications ...any) error {
	return failed(w.try(budgetType, "monthly", in{
		"budgetType":    "COST",
		"timeUnit":      "MONTHLY",
		"limitAmount":   amount,
		"limitUnit":     "USD",
		"notifications": notifications,
	}))
}

// trailBucket makes a bucket whose policy names a service.
func (w *world) trailBucket(service string) string {
	bucket := w.make(bucketType, "trail", in{})
	w.make(bucketPolicyType, "trail", in{"bucket": bucket.id, "policy": mayWrite(bucket.id, service)})
	return bucket.id
}

// mayWrite lets a service look at a bucket and write to it.
func mayWrite(bucket, service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["` + service +
		`"]},"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` +
		bucket + `/*"]}]}`
}

func (w *world) anomalies(frequency, address string, monitors ...any) error {
	return failed(w.try(anomalySubscriptionType, "costs", in{
		"frequency":       frequency,
		"monitorArnLists": monitors,
		"subscribers":     []any{in{"type": "SNS", "address": address}},
	}))
}

func (w *world) monitor() string {
	return w.make(anomalyMonitorType, "costs", in{"monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE"}).id
}

var accountPairs = map[string]pair{
	"amount of a budget": {
		want:    "InvalidParameterException: The amount of a budget must be a number greater than 0, got 0",
		refuses: func(w *world) error { return w.budget("0") },
		passes:  func(w *world) error { return w.budget("373") },
	},
	"notifications of a budget": {
		want: "CreationLimitExceededException: A budget has 5 notifications at most, got 6",
		refuses: func(w *world) error {
			one := notification(unknown)
			return w.budget("373", one, one, one, one, one, one)
		},
		passes: func(w *world) error {
			one := notification(w.topic("alarms", "budgets.amazonaws.com"))
			return w.budget("373", one, one, one, one, one)
		},
	},
	"a budget notifies a topic that allows it": {
		want: "InvalidParameterException: The topic TOPIC does not exist, or does not let budgets.amazonaws.com " +
			"publish",
		refuses: func(w *world) error {
			topic := w.topic("alarms", "cloudwatch.amazonaws.com")
			return worded(w.budget("373", notification(topic)), topic, "TOPIC")
		},
		passes: func(w *world) error {
			return w.budget("373",
				notification(w.other("us-east-1", account, nil).topic("alarms", "budgets.amazonaws.com")))
		},
	},
	"a provider that knows its account": {
		want: `InvalidParameterException: 1 validation error detected: Value '' at 'accountId' failed to satisfy ` +
			`constraint: Member must satisfy regular expression pattern: \d{12}`,
		refuses: func(w *world) error {
			nobody := w.configured(account,
				in{"region": tokyo, "skipRequestingAccountId": true, "skipCredentialsValidation": true})
			if failed(nobody.try(workgroupType, "logs", in{"name": "logs"})) == nil {
				return nil
			}
			return nobody.budget("373", notification(w.topic("alarms", "budgets.amazonaws.com")))
		},
		passes: func(w *world) error {
			// Whoever checks the keys with STS knows the account as well.
			checked := w.configured(account, in{"region": tokyo, "skipRequestingAccountId": true})
			if err := failed(checked.try(workgroupType, "logs", in{"name": "logs"})); err != nil {
				return err
			}
			return checked.budget("373", notification(w.topic("alarms", "budgets.amazonaws.com")))
		},
	},
	"one detector a region": {
		want: "BadRequestException: The request is rejected because a detector already exists for the current account.",
		refuses: func(w *world) error {
			w.make(detectorType, "first", in{})
			return failed(w.try(detectorType, "second", in{}))
		},
		passes: func(w *world) error {
			w.make(detectorType, "first", in{})
			return failed(w.other("us-east-1", account, nil).try(detectorType, "second", in{}))
		},
	},
	"a trail's bucket": {
		want: "InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: BUCKET",
		refuses: func(w *world) error {
			bucket := w.trailBucket("logging.s3.amazonaws.com")
			return worded(failed(w.try(trailType, "account", in{"s3BucketName": bucket})), bucket, "BUCKET")
		},
		passes: func(w *world) error {
			return failed(w.try(trailType, "account", in{"s3BucketName": w.trailBucket("cloudtrail.amazonaws.com")}))
		},
	},
	"a trail's key lets it": {
		want: "InsufficientEncryptionPolicyException: Insufficient permissions to access S3 bucket or KMS key KEY",
		refuses: func(w *world) error {
			key := w.make(keyType, "trail", in{})
			bucket := w.trailBucket("cloudtrail.amazonaws.com")
			return worded(failed(w.try(trailType, "account", in{"s3BucketName": bucket, "kmsKeyId": key.text("arn")})),
				key.text("arn"), "KEY")
		},
		passes: func(w *world) error {
			key := w.make(keyType, "trail", in{
				"policy": letsIn("cloudtrail.amazonaws.com",
					`"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:123456789012:`+
						`trail/*"}`),
			})
			bucket := w.trailBucket("cloudtrail.amazonaws.com")
			return failed(w.try(trailType, "account", in{"s3BucketName": bucket, "kmsKeyId": key.text("arn")}))
		},
	},
	"one trail a name": {
		want: "TrailAlreadyExistsException: Trail account already exists for customer: 123456789012",
		refuses: func(w *world) error {
			bucket := w.trailBucket("cloudtrail.amazonaws.com")
			w.make(trailType, "first", in{"name": "account", "s3BucketName": bucket})
			return failed(w.try(trailType, "second", in{"name": "account", "s3BucketName": bucket}))
		},
		passes: func(w *world) error {
			bucket := w.trailBucket("cloudtrail.amazonaws.com")
			w.make(trailType, "first", in{"name": "account", "s3BucketName": bucket})
			return failed(w.try(trailType, "second", in{"name": "more", "s3BucketName": bucket}))
		},
	},
	"one anomaly monitor of services": {
		want: "LimitExceededException: Limit exceeded on dimensional spend monitor creation",
		refuses: func(w *world) error {
			w.monitor()
			return failed(w.try(anomalyMonitorType, "more",
				in{"monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE"}))
		},
		passes: func(w *world) error {
			w.monitor()
			return failed(w.try(anomalyMonitorType, "more", in{"monitorType": "CUSTOM", "monitorSpecification": "{}"}))
		},
	},
	"an anomaly subscription of known monitors": {
		want: "UnknownMonitorException: The cost anomaly monitor " + noMonitor + " does not exist for the account.",
		refuses: func(w *world) error {
			return w.anomalies("IMMEDIATE", w.topic("costs", "costalerts.amazonaws.com"), noMonitor)
		},
		passes: func(w *world) error {
			return w.anomalies("IMMEDIATE", w.topic("costs", "costalerts.amazonaws.com"), w.monitor())
		},
	},
	"a topic gets anomalies at once": {
		want: "ValidationException: Frequency IMMEDIATE is for SNS subscribers, DAILY and WEEKLY are for EMAIL " +
			"subscribers: got DAILY with SNS",
		refuses: func(w *world) error {
			return w.anomalies("DAILY", w.topic("costs", "costalerts.amazonaws.com"), w.monitor())
		},
		passes: func(w *world) error {
			return w.anomalies("IMMEDIATE", w.topic("costs", "costalerts.amazonaws.com"), w.monitor())
		},
	},
	"anomalies reach a topic that lets them": {
		want: "ValidationException: The topic TOPIC does not exist, or does not let costalerts.amazonaws.com publish",
		refuses: func(w *world) error {
			topic := w.topic("costs", "budgets.amazonaws.com")
			return worded(w.anomalies("IMMEDIATE", topic, w.monitor()), topic, "TOPIC")
		},
		passes: func(w *world) error {
			return w.anomalies("IMMEDIATE", w.topic("costs", "costalerts.amazonaws.com"), w.monitor())
		},
	},
}

func TestOtherNotificationsThatABudgetCannotHave(t *testing.T) {
	w := newWorld(t)
	assert.ErrorContains(t, w.budget("373", notification()), "Notification must have at least one subscriber")
	assert.ErrorContains(t, w.budget("373", notification("a", "b")), "Notification can only have 1 SNS subscriber")
	assert.ErrorContains(t, w.budget("much"), "greater than 0, got much")
	assert.ErrorContains(t, failed(w.try(trailType, "account", in{"s3BucketName": "none"})),
		"S3 bucket none does not exist!")
}
