package aws

import (
	"fmt"
	"path"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// notificationsPerBudget is AWS Budgets' quota.
const notificationsPerBudget = 5

// accountRules are about budgets and what an account has once.
var accountRules = []provider.Rule{
	{
		Name:  "amount of a budget",
		Types: []string{budgetType},
		When:  provider.OnCheck,
		Why:   "Budgets CreateBudget: InvalidParameterException",
		Check: func(r *provider.Request) error {
			if amount, ok := r.Inputs.Number("limitAmount"); r.Inputs.Text("limitAmount") != "" &&
				(!ok || amount <= 0) {
				return fmt.Errorf("InvalidParameterException: The amount of a budget must be a number greater than "+
					"0, got %s", r.Inputs.Text("limitAmount"))
			}
			return nil
		},
	},
	{
		Name:  "a provider that knows its account",
		Types: []string{budgetType, workgroupType},
		When:  provider.OnCreate,
		Why: "the provider asks nobody with skipCredentialsValidation and skipRequestingAccountId, and sends an " +
			"empty account " +
			"id with a budget, and in the ARN of what it tags",
		Check: func(r *provider.Request) error {
			switch {
			case !r.NoAccount:
				return nil
			case r.Type == budgetType:
				return fmt.Errorf("InvalidParameterException: 1 validation error detected: Value '' at 'accountId' " +
					"failed to " +
					"satisfy constraint: Member must satisfy regular expression pattern: \\d{12}")
			}
			name := r.Inputs.Text("name")
			return fmt.Errorf("InvalidRequestException: Invalid ARN: arn:aws:athena:%s::workgroup/%s", r.Region, name)
		},
	},
	{
		Name:  "notifications of a budget",
		Types: []string{budgetType},
		When:  provider.OnCheck,
		Why:   "Budgets CreateNotification: five of a budget, each with a subscriber, at most one of them a topic",
		Check: func(r *provider.Request) error {
			notifications := r.Inputs.Objects("notifications")
			if len(notifications) > notificationsPerBudget {
				return fmt.Errorf("CreationLimitExceededException: A budget has %d notifications at most, got %d",
					notificationsPerBudget, len(notifications))
			}
			for _, one := range notifications {
				topics := one.Texts("subscriberSnsTopicArns")
				if one.Unknown("subscriberSnsTopicArns") {
					continue
				}
				if len(topics)+len(one.Texts("subscriberEmailAddresses")) == 0 {
					return fmt.Errorf("InvalidParameterException: Notification must have at least one subscriber")
				}
				if len(topics) > 1 {
					return fmt.Errorf("InvalidParameterException: Notification can only have 1 SNS subscriber")
				}
			}
			return nil
		},
	},
	{
		Name:  "a budget notifies a topic that allows it",
		Types: []string{budgetType},
		When:  provider.OnWrite,
		Why:   "Budgets CreateNotification: the policy of the topic must let budgets.amazonaws.com publish",
		Check: func(r *provider.Request) error {
			for _, one := range r.Inputs.Objects("notifications") {
				for _, topic := range one.Texts("subscriberSnsTopicArns") {
					if r.Preview {
						continue
					}
					source := "arn:aws:budgets::" + r.Account + ":budget/" + r.Inputs.Text("name")
					if err := publishes(r, topic, "budgets.amazonaws.com", source); err != nil {
						return fmt.Errorf("InvalidParameterException: The topic %s does not exist, or does not let "+
							"budgets.amazonaws.com publish\n%w", topic, err)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "one detector a region",
		Types: []string{detectorType},
		When:  provider.OnCreate,
		Why:   "GuardDuty CreateDetector: BadRequestException",
		Check: func(r *provider.Request) error {
			if len(r.Others(detectorType)) > 0 {
				return fmt.Errorf("BadRequestException: The request is rejected because a detector already exists " +
					"for the current account.")
			}
			return nil
		},
	},
	{
		Name:  "a trail's bucket",
		Types: []string{trailType},
		When:  provider.OnWrite,
		Why:   "CloudTrail CreateTrail: S3BucketDoesNotExistException, InsufficientS3BucketPolicyException",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("s3BucketName")
			if name == "" || r.Preview {
				return nil
			}
			if r.Find(bucketType, name) == nil {
				return fmt.Errorf("S3BucketDoesNotExistException: S3 bucket %s does not exist!", name)
			}
			if err := trailWrites(r, name); err != nil {
				return fmt.Errorf("InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for "+
					"bucket: %s\n%w", name, err)
			}
			return nil
		},
	},
	{
		Name:  "a trail's key lets it",
		Types: []string{trailType},
		When:  provider.OnWrite,
		Why:   "CloudTrail CreateTrail: InsufficientEncryptionPolicyException, KmsKeyNotFoundException",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("kmsKeyId")
			if arn == "" || r.Preview {
				return nil
			}
			key := r.ByARN(arn)
			if key == nil || key.Type != keyType {
				return fmt.Errorf("KmsKeyNotFoundException: The KMS key %s does not exist", arn)
			}
			trail := trailARN(r)
			for _, action := range []string{"kms:GenerateDataKey", "kms:DescribeKey"} {
				if err := serviceMay(r, cloudTrail, action, arn, trail,
					map[string]string{"kms:EncryptionContext:aws:cloudtrail:arn": trail}); err != nil {
					return fmt.Errorf("InsufficientEncryptionPolicyException: Insufficient permissions to access S3 "+
						"bucket or KMS key %s\n%w", arn, err)
				}
			}
			return nil
		},
	},
	{
		Name:  "one trail a name",
		Types: []string{trailType},
		When:  provider.OnCreate,
		Why:   "CloudTrail CreateTrail: TrailAlreadyExistsException",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(trailType) {
				if other.Name == r.Inputs.Text("name") {
					return fmt.Errorf("TrailAlreadyExistsException: Trail %s already exists for customer: %s",
						other.Name, r.Account)
				}
			}
			return nil
		},
	},
	{
		Name:  "one anomaly monitor of services",
		Types: []string{anomalyMonitorType},
		When:  provider.OnCreate,
		Why:   "Cost Explorer CreateAnomalyMonitor: LimitExceededException",
		Check: func(r *provider.Request) error {
			if r.Inputs.Text("monitorType") != "DIMENSIONAL" {
				return nil
			}
			for _, other := range r.Others(anomalyMonitorType) {
				if other.Text("monitorType") == "DIMENSIONAL" {
					return fmt.Errorf("LimitExceededException: Limit exceeded on dimensional spend monitor creation")
				}
			}
			return nil
		},
	},
	{
		Name:  "an anomaly subscription of known monitors",
		Types: []string{anomalySubscriptionType},
		When:  provider.OnWrite,
		Why:   "Cost Explorer CreateAnomalySubscription: UnknownMonitorException",
		Check: listReferences("monitorArnLists", anomalyMonitorType,
			"UnknownMonitorException: The cost anomaly monitor %s does not exist for the account."),
	},
	{
		Name:  "a topic gets anomalies at once",
		Types: []string{anomalySubscriptionType},
		When:  provider.OnCheck,
		Why:   "Cost Explorer CreateAnomalySubscription: ValidationException",
		Check: func(r *provider.Request) error {
			for _, subscriber := range r.Inputs.Objects("subscribers") {
				if immediate := r.Inputs.Text("frequency") == "IMMEDIATE"; (subscriber.Text(
					"type",
				) == "SNS") != immediate {
					return fmt.Errorf("ValidationException: Frequency IMMEDIATE is for SNS subscribers, DAILY and "+
						"WEEKLY are for EMAIL subscribers: got %s with %s",
						r.Inputs.Text("frequency"), subscriber.Text("type"))
				}
			}
			return nil
		},
	},
	{
		Name:  "anomalies reach a topic that lets them",
		Types: []string{anomalySubscriptionType},
		When:  provider.OnWrite,
		Why: "Cost Explorer CreateAnomalySubscription: the policy of the topic must let costalerts.amazonaws.com " +
			"publish",
		Check: func(r *provider.Request) error {
			for _, subscriber := range r.Inputs.Objects("subscribers") {
				topic := subscriber.Text("address")
				if subscriber.Text("type") != "SNS" || topic == "" || r.Preview {
					continue
				}
				if err := publishes(r, topic, "costalerts.amazonaws.com", ""); err != nil {
					return fmt.Errorf("ValidationException: The topic %s does not exist, or does not let "+
						"costalerts.amazonaws.com publish\n%w", topic, err)
				}
			}
			return nil
		},
	},
}

// cloudTrail is CloudTrail as a principal.
const cloudTrail = "cloudtrail.amazonaws.com"

func trailARN(r *provider.Request) string {
	return "arn:aws:cloudtrail:" + r.Region + ":" + r.Account + ":trail/" + r.Inputs.Text("name")
}

// trailWrites is nil if CloudTrail may look at a bucket's settings and write its records there.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func trailWrites(r *provider.Request, bucket string) error {
	arn := "arn:aws:s3:::" + bucket
	if err := serviceMay(r, cloudTrail, "s3:GetBucketAcl", arn, trailARN(r), nil); err != nil {
		return err
	}
	object := "arn:aws:s3:::" + path.Join(bucket, r.Inputs.Text("s3KeyPrefix"), "AWSLogs", r.Account, "CloudTrail")
	return serviceMay(r, cloudTrail, "s3:PutObject", object+"/x", trailARN(r),
		map[string]string{"s3:x-amz-acl": "bucket-owner-full-control"})
}
