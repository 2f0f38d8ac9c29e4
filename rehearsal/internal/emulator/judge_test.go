package emulator

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAFailureIsOwedToTheEmulatorOrToTheProgram(t *testing.T) {
	past := Verdict{
		Elsewhere, "S3 Control ListTagsForResource",
		"it asked AWS itself, which the rehearsal cuts off: point the service at the emulator too",
	}
	for name, c := range map[string]struct {
		message string
		want    Verdict
	}{
		"an operation that LocalStack's licence lacks": {
			"creating GuardDuty Detector: operation error GuardDuty: CreateDetector, https response error " +
				"StatusCode: 501, RequestID: 1, " +
				"api error InternalFailure: The API for service 'guardduty' is either not included in your " +
				"current license plan or has not yet been emulated by LocalStack.",
			Verdict{Lacking, "GuardDuty CreateDetector", "no such operation"},
		},
		"an operation that nobody has written": {
			"operation error CloudFront: CreateVpcOrigin, https response error StatusCode: 400, RequestID: , " +
				"api error InvalidAction: Unknown action CreateVpcOrigin",
			Verdict{Lacking, "CloudFront CreateVpcOrigin", "no such operation"},
		},
		"a route that is not there": {
			"operation error Backup: PutBackupVaultLockConfiguration, https response error StatusCode: 404, " +
				"RequestID: , api error UnknownError: UnknownError",
			Verdict{Lacking, "Backup PutBackupVaultLockConfiguration", "no such operation"},
		},
		"a route that moto has not, in XML": {
			"creating CloudFront Function (x): operation error CloudFront: CreateFunction, https response " +
				"error StatusCode: 404, RequestID: , " +
				"error while deserializing xml error response: XML syntax error on line 2: unquoted or missing " +
				"attribute value in element",
			Verdict{Lacking, "CloudFront CreateFunction", "its answer cannot be read"},
		},
		"a policy of AWS's that moto has not": {
			"attaching IAM Policy (arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole) to " +
				"IAM Role (x): operation error IAM: AttachRolePolicy, " +
				"https response error StatusCode: 404, RequestID: I1k, NoSuchEntity: Policy " +
				"arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole does not exist or is not " +
				"attachable.",
			Verdict{Lacking, "IAM AttachRolePolicy", "it has not the managed policies of AWS"},
		},
		"an error that the SDK has a type for": {
			"operation error Route 53: CreateQueryLoggingConfig, https response error StatusCode: 404, " +
				"RequestID: I3e, NoSuchCloudWatchLogsLogGroup: The group doesn't exist.",
			Verdict{Refused, "Route 53 CreateQueryLoggingConfig",
				"NoSuchCloudWatchLogsLogGroup: The group doesn't exist."},
		},
		"a request to S3 that is refused": {
			"operation error S3: PutBucketLogging, https response error StatusCode: 400, RequestID: m9W, HostID: " +
				"9Gjjt1m+cj=, " +
				"api error InvalidTargetBucketForLogging: You must give permissions",
			Verdict{Refused, "S3 PutBucketLogging", "InvalidTargetBucketForLogging: You must give permissions"},
		},
		"a request for another host": {
			"operation error S3 Control: ListTagsForResource, https response error StatusCode: 421, " +
				"RequestID: , HostID: , api error UnknownError: UnknownError",
			past,
		},
		"an emulator that breaks": {
			"operation error ECS: CreateService, exceeded maximum number of attempts, 3, https response " +
				"error StatusCode: 500, RequestID: x, api error InternalError: 'NoneType' object",
			Verdict{Lacking, "ECS CreateService", "it failed with status 500"},
		},
		"an answer that is none": {
			"operation error Budgets: CreateBudget, https response error StatusCode: 200, RequestID: x, " +
				"deserialization failed, failed to decode response body, invalid character '<' looking for " +
				"beginning of value",
			Verdict{Lacking, "Budgets CreateBudget", "its answer cannot be read"},
		},
		"an object that is never ready": {
			"waiting for RDS Cluster (x) create: timeout while waiting for state to become 'available' (last " +
				"state: 'creating', timeout: 2h0m0s)",
			Verdict{Lacking, "",
				"what was made is never in the state that the provider waits for, or is not found again"},
		},
		"a request that is refused": {
			"creating EC2 Subnet: operation error EC2: CreateSubnet, https response error StatusCode: 400, " +
				"RequestID: x, api error InvalidSubnet.Range: the CIDR is not in the VPC",
			Verdict{Refused, "EC2 CreateSubnet", "InvalidSubnet.Range: the CIDR is not in the VPC"},
		},
		"a service that the program forgot": {
			"operation error S3 Control: ListTagsForResource, exceeded maximum number of attempts, 3, " +
				`request send failed, Get "https://x": proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection ` +
				`refused`,
			past,
		},
		"what the program says itself": {
			"aws.accountId: found \"1\", want the account's 12 digits\nmore",
			Verdict{Unclear, "", "aws.accountId: found \"1\", want the account's 12 digits"},
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, Judge(c.message)) })
	}
}
