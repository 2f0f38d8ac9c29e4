package faults

import (
	"errors"
	"fmt"
	"strings"
)

// refusal is what the provider says of a fault, in the words of the service behind the resource
// type.
func refusal(provider string, operation Operation, typ string, kind Kind) error {
	switch {
	case provider == "aws":
		return errors.New(awsText(operation, typ, kind))
	case kind == Lost:
		return fmt.Errorf("%s %q: net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
			method[operation], endpoints[provider])
	case kind == NotReady:
		return errors.New("timeout while waiting for state to become 'IDLE' (last state: 'CREATING', timeout: 3h0m0s)")
	}
	return fmt.Errorf("%s %s: %s", method[operation], endpoints[provider],
		httpTexts[provider][httpStatus(operation, kind)])
}

var method = map[Operation]string{Create: "POST", Update: "PUT", Delete: "DELETE"}

var endpoints = map[string]string{
	"mongodbatlas": "https://cloud.mongodb.com/api/atlas/v2",
	"datadog":      "https://api.datadoghq.com/api",
	"sentry":       "https://sentry.io/api/0",
}

func httpStatus(operation Operation, kind Kind) int {
	switch {
	case kind == Throttled:
		return 429
	case kind == Unavailable:
		return 503
	case operation == Create:
		return 404
	default:
		return 409
	}
}

// httpTexts are the answers of the services that are no part of AWS, by status.
var httpTexts = map[string]map[int]string{
	"mongodbatlas": {
		404: `HTTP 404 Not Found (Error code: "RESOURCE_NOT_FOUND") Detail: Cannot find resource. Reason: Not Found.`,
		409: `HTTP 409 Conflict (Error code: "CLUSTER_ALREADY_REQUESTED_DELETION") Detail: The resource is being ` +
			`changed by another request. Reason: Conflict.`,
		429: `HTTP 429 Too Many Requests (Error code: "RATE_LIMITED") Detail: Too many requests. Reason: Too Many ` +
			`Requests.`,
		503: `HTTP 503 Service Unavailable (Error code: "UNEXPECTED_ERROR") Detail: Unexpected error. Reason: ` +
			`Service Unavailable.`,
	},
	"datadog": {
		404: `404 Not Found: {"errors":["Not found"]}`,
		409: `409 Conflict: {"errors":["Conflict"]}`,
		429: `429 Too Many Requests: {"errors":["Too many requests"]}`,
		503: `503 Service Unavailable: upstream connect error or disconnect/reset before headers`,
	},
	"sentry": {
		404: `404 {"detail":"The requested resource does not exist"}`,
		409: `409 {"detail":"Conflict"}`,
		429: `429 {"detail":"You are attempting to use this endpoint too frequently."}`,
		503: `503 {"detail":"Internal Error"}`,
	},
}

// awsError is an answer of an AWS service.
type awsError struct {
	status        int
	code, message string
}

// awsText writes it as the AWS SDK for Go does.
func awsText(operation Operation, typ string, kind Kind) string {
	service := strings.SplitN(strings.TrimPrefix(typ, "aws:"), "/", 2)[0]
	switch kind { //nolint:exhaustive // the others are answers of the service
	case Lost:
		return `request send failed, Post "https://` + service +
			`.amazonaws.com/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
	case NotReady:
		return "timeout while waiting for state to become 'available' (last state: 'pending', timeout: 10m0s)"
	}
	answer, ok := awsErrors[service][answerTo{kind, operation}]
	if !ok {
		answer, ok = awsErrors[service][answerTo{kind: kind}]
	}
	if !ok {
		answer, ok = awsErrors[anyService][answerTo{kind, operation}]
	}
	if !ok {
		answer = awsErrors[anyService][answerTo{kind: kind}]
	}
	const request = "00000000-0000-4000-8000-000000000000"
	text := fmt.Sprintf("https response error StatusCode: %d, RequestID: %s, api error %s: %s", answer.status, request,
		answer.code, answer.message)
	if kind == Throttled || kind == Unavailable {
		return "exceeded maximum number of attempts, 25, " + text
	}
	return text
}

// answerTo is what an answer belongs to. Without an operation it is the same for all.
type answerTo struct {
	kind      Kind
	operation Operation
}

// anyService has the answers that a service without words of its own gives.
const anyService = ""

// awsErrors are the answers by service, which is the module of the type's token.
var awsErrors = map[string]map[answerTo]awsError{
	anyService: {
		{kind: Throttled}: {400, "ThrottlingException", "Rate exceeded"},
		{kind: Unavailable}: {500, "InternalServerException",
			"An internal error has occurred. Try again."},
		{kind: Dependency, operation: Create}: {400, "ResourceNotFoundException",
			"The specified resource does not exist."},
		{kind: Dependency, operation: Update}: {409, "ConcurrentModificationException",
			"The resource is being modified by another request."},
		{kind: Dependency, operation: Delete}: {400, "ResourceInUseException", "The resource is in use."},
	},
	"ec2": ec2Errors, "vpc": ec2Errors,
	"iam": {
		{kind: Throttled}: {400, "Throttling", "Rate exceeded"},
		{kind: Unavailable}: {500, "ServiceFailure",
			"The request processing has failed because of an unknown error, exception or failure."},
		{kind: Dependency, operation: Create}: {404, "NoSuchEntity", "The role cannot be found."},
		{kind: Dependency, operation: Update}: {409, "ConcurrentModification",
			"The request was rejected because multiple requests to change this object were submitted simultaneously."},
		{kind: Dependency, operation: Delete}: {409, "DeleteConflict",
			"Cannot delete entity, must remove all attached entities first."},
	},
	"s3": {
		{kind: Throttled}: {503, "SlowDown", "Please reduce your request rate."},
		{kind: Unavailable}: {500, "InternalError",
			"We encountered an internal error. Please try again."},
		{kind: Dependency, operation: Create}: {404, "NoSuchBucket", "The specified bucket does not exist"},
		{kind: Dependency, operation: Update}: {409, "OperationAborted",
			"A conflicting conditional operation is currently in progress against this resource. Please try again."},
		{kind: Dependency, operation: Delete}: {409, "BucketNotEmpty", "The bucket you tried to delete is not empty"},
	},
	"rds": {
		{kind: Throttled}: {400, "Throttling", "Rate exceeded"},
		{kind: Unavailable}: {500, "InternalFailure",
			"The request processing has failed because of an unknown error, exception or failure."},
		{kind: Dependency, operation: Create}: {404, "DBClusterNotFoundFault", "DBCluster not found."},
		{kind: Dependency, operation: Update}: {400, "InvalidDBClusterStateFault",
			"DB cluster is not in available state."},
		{kind: Dependency, operation: Delete}: {400, "InvalidDBClusterStateFault",
			"Cluster cannot be deleted, it still contains DB instances in non-deleting state."},
	},
	"lb": loadBalancerErrors, "alb": loadBalancerErrors,
	"route53": {
		{kind: Throttled}: {400, "Throttling", "Rate exceeded"},
		{kind: Dependency, operation: Update}: {400, "PriorRequestNotComplete",
			"The request was rejected because Route 53 was still processing a prior request."},
		{kind: Dependency, operation: Delete}: {400, "HostedZoneNotEmpty",
			"The specified hosted zone contains non-required resource record sets and so cannot be deleted."},
	},
	"kms": {
		{kind: Unavailable}: {500, "KMSInternalException",
			"The request was rejected because an internal exception occurred. The request can be retried."},
		{kind: Dependency, operation: Create}: {400, "NotFoundException",
			"The request was rejected because the specified entity or resource could not be found."},
	},
	"ecs": {
		{kind: Unavailable}: {500, "ServerException", "Service Unavailable. Please try again later."},
		{kind: Dependency, operation: Create}: {400, "InvalidParameterException",
			"Unable to assume the role. Verify that the role has the proper trust relationship."},
	},
	"cloudfront": {
		{kind: Throttled}: {400, "Throttling", "Rate exceeded"},
		{kind: Dependency, operation: Update}: {412, "PreconditionFailed",
			"The request failed because it didn't meet the preconditions in one or more request-header fields."},
	},
	"wafv2": {
		{kind: Dependency, operation: Create}: {400, "WAFUnavailableEntityException",
			"AWS WAF couldn't retrieve a resource that you specified for this operation."},
		{kind: Dependency, operation: Update}: {400, "WAFOptimisticLockException",
			"AWS WAF couldn't save your changes because someone changed the resource."},
		{kind: Dependency, operation: Delete}: {400, "WAFAssociatedItemException",
			"AWS WAF couldn't perform the operation because your resource is being used by another resource."},
	},
}

var ec2Errors = map[answerTo]awsError{
	{kind: Throttled}: {503, "RequestLimitExceeded", "Request limit exceeded."},
	{kind: Unavailable}: {503, "Unavailable",
		"The service is unavailable. Please try again shortly."},
	{kind: Dependency, operation: Create}: {400, "InvalidVpcID.NotFound", "The vpc ID does not exist"},
	{kind: Dependency, operation: Update}: {400, "IncorrectState",
		"The resource is not in a state that allows this operation."},
	{kind: Dependency, operation: Delete}: {400, "DependencyViolation",
		"The resource has dependencies and cannot be deleted."},
}

var loadBalancerErrors = map[answerTo]awsError{
	{kind: Throttled}: {400, "Throttling", "Rate exceeded"},
	{kind: Unavailable}: {500, "InternalFailure",
		"The request processing has failed because of an unknown error, exception or failure."},
	{kind: Dependency, operation: Create}: {400, "TargetGroupNotFound", "One or more target groups not found"},
	{kind: Dependency, operation: Update}: {400, "OperationNotPermitted", "The operation is not permitted."},
	{kind: Dependency, operation: Delete}: {400, "ResourceInUse",
		"The resource is currently in use by a listener or a rule"},
}
