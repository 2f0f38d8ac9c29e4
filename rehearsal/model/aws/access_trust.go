package aws

import (
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// sourceARNs are what services say for aws:SourceArn when they take a role, as the pages on the
// confused deputy show them; a service that is missing here sends the account alone.
//
//   - ecs-tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
//   - logs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
//   - monitoring.rds: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html
//   - vpc-flow-logs: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
//   - backup: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam.html
//   - firehose: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
var sourceARNs = map[string]string{
	"backup.amazonaws.com":         "arn:aws:backup:{region}:{account}:backup-plan:{planId}",
	"ecs-tasks.amazonaws.com":      "arn:aws:ecs:{region}:{account}:task/x",
	"firehose.amazonaws.com":       "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
	"logs.amazonaws.com":           "arn:aws:logs:{region}:{account}:log-group:{logGroup}",
	"monitoring.rds.amazonaws.com": "arn:aws:rds:{region}:{account}:db:{identifier}",
	"vpc-flow-logs.amazonaws.com":  "arn:aws:ec2:{region}:{account}:vpc-flow-log/x",
}

// sourceOf is what a service says for aws:SourceArn when it does what a request is about. Names in
// braces are inputs of the request.
func sourceOf(r *provider.Request, service string) string {
	source := strings.NewReplacer("{region}", r.Region, "{account}", r.Account).Replace(sourceARNs[service])
	before, name, named := strings.Cut(strings.TrimSuffix(source, "}"), "{")
	if !named {
		return source
	}
	return before + r.Inputs.Text(name)
}

// serviceContext is what AWS fills in when a service asks for itself, on behalf of a resource of
// the account.
func serviceContext(r *provider.Request, service, source string) iam.Context {
	context := iam.Context{}
	context.Set("aws:SecureTransport", "true")
	context.Set("aws:PrincipalIsAWSService", "true")
	context.Set("aws:PrincipalServiceName", service)
	context.Set("aws:RequestedRegion", r.Region)
	context.Set("aws:SourceAccount", r.Account)
	context.Set("aws:SourceIp", iam.Untold)
	if source != "" {
		context.Set("aws:SourceArn", source)
	}
	return context
}

// roleTrusts is nil if a service may take a role, by the role's trust policy.
func roleTrusts(r *provider.Request, role *cloud.Object, service string) error {
	trust, err := attach("the trust of role "+role.ID, role.Text("assumeRolePolicy"))
	if err != nil {
		return err
	}
	return decide(iam.Request{
		Principal: iam.Principal{Service: service}, Action: "sts:AssumeRole", Resource: role.ARN,
		Context: serviceContext(r, service, sourceOf(r, service)),
	}, iam.Documents{Resource: &trust, Mandatory: true})
}

// trusted refuses, with a message of the role's ARN and the service, a role that does not exist or
// that the service may not take. What keeps the service out is told after it.
func trusted(r *provider.Request, arn, service, message string) error {
	role := r.ByARN(arn)
	if arn == "" || role == nil && r.Preview {
		return nil
	}
	if role == nil || role.Type != roleType {
		return fmt.Errorf(message, arn, service)
	}
	if err := roleTrusts(r, role, service); err != nil {
		return fmt.Errorf(message+"\n%w", arn, service, err)
	}
	return nil
}

// roleThat refuses a role that does not exist, or that a service may not take.
func roleThat(property, service, message string) func(*provider.Request) error {
	return func(r *provider.Request) error { return trusted(r, r.Inputs.Text(property), service, message) }
}

// roleMay is nil if a role may do something on a resource of the account that has no policy of its
// own.
func roleMay(r *provider.Request, role *cloud.Object, action, resource string, keys map[string]string) error {
	principal, err := iam.RoleSession(role.ARN, "service")
	if err != nil {
		return err
	}
	documents, err := roleDocuments(r, role)
	if err != nil {
		return err
	}
	documents.Resource, documents.Mandatory, err = resourcePolicyOf(r, question{action: action, resource: resource})
	if err != nil {
		return err
	}
	context := iam.Context{}
	context.Set("aws:SecureTransport", "true")
	context.Set("aws:PrincipalArn", role.ARN)
	context.Set("aws:PrincipalAccount", r.Account)
	context.Set("aws:PrincipalType", "AssumedRole")
	context.Set("aws:RequestedRegion", r.Region)
	context.Set("aws:SourceIp", iam.Untold)
	if strings.HasPrefix(action, "kms:") {
		addKeyContext(context, r, r.Account, resource)
	}
	for name, value := range keys {
		context.Set(name, value)
	}
	return decide(iam.Request{
		Principal: principal, Action: action, Resource: resource, Owner: iam.OwnerOf(resource), Context: context,
	}, documents)
}

// serviceMay is nil if a service may do something on a resource, by the resource's policy. source
// is the ARN that it acts for; keys are further condition keys.
func serviceMay(r *provider.Request, service, action, resource, source string, keys map[string]string) error {
	policy, _, err := resourcePolicyOf(r, question{action: action, resource: resource})
	if err != nil {
		return err
	}
	context := serviceContext(r, service, source)
	if strings.HasPrefix(action, "kms:") {
		addKeyContext(context, r, r.Account, resource)
	}
	for name, value := range keys {
		context.Set(name, value)
	}
	return decide(iam.Request{Principal: iam.Principal{Service: service}, Action: action, Resource: resource, Context: context},
		iam.Documents{Resource: policy, Mandatory: true})
}

// mayWriteLogs is nil if a resource policy of CloudWatch Logs lets a service write a log group on
// behalf of a source.
func mayWriteLogs(r *provider.Request, group *cloud.Object, service, source string) error {
	var refused error
	for _, policy := range r.Everywhere(logPolicyType) {
		if policy.Account != group.Account || policy.Region != group.Region {
			continue
		}
		attached, err := attach("the log resource policy "+policy.ID, policy.Text("policyDocument"))
		if err != nil {
			return err
		}
		if refused = letsWrite(r, &attached, group, service, source); refused == nil {
			return nil
		}
	}
	if refused == nil {
		refused = letsWrite(r, nil, group, service, source)
	}
	return refused
}

func letsWrite(r *provider.Request, policy *iam.Attached, group *cloud.Object, service, source string) error {
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		err := decide(iam.Request{
			Principal: iam.Principal{Service: service}, Action: action, Resource: group.ARN + ":log-stream:x",
			Context: serviceContext(r, service, source),
		}, iam.Documents{Resource: policy})
		if err != nil {
			return err
		}
	}
	return nil
}

// publishes is nil if a service may publish to a topic, in any region, on behalf of a source: the
// topic's policy lets it, and the policy of the key that the topic is encrypted with.
func publishes(r *provider.Request, topic, service, source string) error {
	found := r.ByARN(topic)
	if found == nil {
		return fmt.Errorf("the topic %s does not exist", topic)
	}
	if err := serviceMay(r, service, "sns:Publish", topic, source, nil); err != nil {
		return err
	}
	key := keyARN(r, found.Text("kmsMasterKeyId"))
	switch {
	case found.Text("kmsMasterKeyId") == "":
		return nil
	case key == "":
		return fmt.Errorf("the topic %s is encrypted with AWS's own key, which lets no other service in", topic)
	}
	for _, action := range []string{"kms:GenerateDataKey", "kms:Decrypt"} {
		if err := serviceMay(r, service, action, key, source, map[string]string{"kms:EncryptionContext:aws:sns:topicArn": topic}); err != nil {
			return err
		}
	}
	return nil
}

// logsEncrypt is nil if CloudWatch Logs may encrypt a log group with a key, by the key's policy.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func logsEncrypt(r *provider.Request, group, key string) error {
	for _, action := range []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"} {
		err := serviceMay(r, "logs."+r.Region+".amazonaws.com", action, key, "", map[string]string{"kms:EncryptionContext:aws:logs:arn": group})
		if err != nil {
			return err
		}
	}
	return nil
}

// balancerWrites is nil if the load balancers of the region may write logs below a prefix of a
// bucket: as the account that they have in older regions, or as the log delivery service.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func balancerWrites(r *provider.Request, object string) error {
	err := serviceMay(r, "logdelivery.elasticloadbalancing.amazonaws.com", "s3:PutObject", object, "", map[string]string{"s3:x-amz-acl": "bucket-owner-full-control"})
	account := elbAccounts[r.Region]
	if err == nil || account == "" {
		return err
	}
	policy, _, policyErr := resourcePolicyOf(r, question{action: "s3:PutObject", resource: object})
	if policyErr != nil {
		return policyErr
	}
	context := iam.Context{}
	context.Set("aws:SecureTransport", "true")
	context.Set("aws:SourceIp", iam.Untold)
	context.Set("aws:PrincipalArn", "arn:aws:iam::"+account+":root")
	return decide(iam.Request{
		Principal: iam.Principal{Account: account, Root: true}, Action: "s3:PutObject", Resource: object, Owner: r.Account, Context: context,
	}, iam.Documents{Resource: policy})
}
