package aws

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/iam"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// sourceARNs are the values of aws:SourceArn with which services assume a role, as the pages on the
// confused deputy show them; a service that is missing here sends aws:SourceAccount alone.
//
//   - ecs-tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
//   - logs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
//   - monitoring.rds:
//     https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html
//   - vpc-flow-logs: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
//   - backup: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam.html
//   - scheduler:
//     https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
//   - firehose: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
var sourceARNs = map[string]string{
	"backup.amazonaws.com":         "arn:aws:backup:{region}:{account}:backup-plan:{planId}",
	"ecs-tasks.amazonaws.com":      "arn:aws:ecs:{region}:{account}:task/x",
	"firehose.amazonaws.com":       "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
	"logs.amazonaws.com":           "arn:aws:logs:{region}:{account}:log-group:{logGroup}",
	"monitoring.rds.amazonaws.com": "arn:aws:rds:{region}:{account}:db:{identifier}",
	"scheduler.amazonaws.com":      "arn:aws:scheduler:{region}:{account}:schedule-group/{groupName}",
	"vpc-flow-logs.amazonaws.com":  "arn:aws:ec2:{region}:{account}:vpc-flow-log/x",
}

// sourceOf is the value of aws:SourceArn with which a service works on what a request creates.
// Names in braces are inputs of the request.
func sourceOf(r *provider.Request, service string) string {
	source := strings.NewReplacer("{region}", r.Region, "{account}", r.Account).Replace(sourceARNs[service])
	before, name, named := strings.Cut(strings.TrimSuffix(source, "}"), "{")
	if !named {
		return source
	}
	return before + cmp.Or(r.Inputs.Text(name), absentNames[name])
}

// absentNames are what AWS takes for names that a request leaves out.
var absentNames = map[string]string{"groupName": defaultSchedules}

// roleTrusts is nil if a service principal may assume a role, by the role's trust policy.
func roleTrusts(r *provider.Request, role *cloud.Object, service string) error {
	trust, err := attach(iam.OfTrust, "the trust of role "+role.ID, role.Text("assumeRolePolicy"))
	if err != nil {
		return err
	}
	p := iamPermission{action: "sts:AssumeRole", resource: role.ARN, keys: sourceKeys(r, sourceOf(r, service))}
	return decide(iam.Request{
		Principal: iam.Principal{Service: service},
		Action:    p.action,
		Resource:  p.resource,
		Owner:     role.Account,
		Context:   servicePrincipalContext(r, service, p),
	}, iam.Documents{Resource: &trust, Mandatory: true})
}

// trusted refuses, with a message of the role's ARN and the service, a role that does not exist or
// that the service may not assume. The decision's own reason follows the message.
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

// roleThat refuses a role that does not exist, or that a service may not assume.
func roleThat(property, service, message string) func(*provider.Request) error {
	return func(r *provider.Request) error { return trusted(r, r.Inputs.Text(property), service, message) }
}

// serviceSession is how services call the sessions in which they assume roles.
const serviceSession = "service"

// roleMay is nil if a service that has assumed a role may do something. keys are further condition
// keys.
func roleMay(r *provider.Request, role *cloud.Object, action, resource string, keys map[string]string) error {
	c, err := assume(r, role, serviceSession)
	if err != nil {
		return err
	}
	return c.has(r, iamPermission{action: action, resource: resource, keys: singleValued(keys)})
}

// serviceMay is nil if a service principal may do something on a resource, by the resource-based
// policy. source is the ARN on whose behalf it calls; keys are further condition keys.
func serviceMay(r *provider.Request, service, action, resource, source string, keys map[string]string) error {
	p := iamPermission{action: action, resource: resource, keys: sourceKeys(r, source)}
	maps.Copy(p.keys, singleValued(keys))
	return serviceHas(r, service, p)
}

// serviceHas is nil if a service principal has a permission, by the resource-based policy.
func serviceHas(r *provider.Request, service string, p iamPermission) error {
	policy, _, err := resourcePolicyOf(r, p)
	if err != nil {
		return err
	}
	return decide(iam.Request{
		Principal: iam.Principal{Service: service},
		Action:    p.action,
		Resource:  p.resource,
		Owner:     ownerOf(r, p.resource),
		Context:   servicePrincipalContext(r, service, p),
	}, iam.Documents{Resource: policy, Mandatory: true})
}

// singleValued are condition keys with one value each, as AWS calls them.
func singleValued(keys map[string]string) map[string][]string {
	all := map[string][]string{}
	for name, value := range keys {
		all[name] = []string{value}
	}
	return all
}

// mayWriteLogs is nil if a resource policy of CloudWatch Logs lets a service write a log group on
// behalf of a source.
func mayWriteLogs(r *provider.Request, group *cloud.Object, service, source string) error {
	var refused error
	for _, policy := range r.Everywhere(logPolicyType) {
		if policy.Account != group.Account || policy.Region != group.Region {
			continue
		}
		attached, err := attach(iam.OfResource, "the log resource policy "+policy.ID, policy.Text("policyDocument"))
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
		p := iamPermission{action: action, resource: group.ARN + ":log-stream:x", keys: sourceKeys(r, source)}
		err := decide(iam.Request{
			Principal: iam.Principal{Service: service},
			Action:    action,
			Resource:  p.resource,
			Owner:     group.Account,
			Context:   servicePrincipalContext(r, service, p),
		}, iam.Documents{Resource: policy})
		if err != nil {
			return err
		}
	}
	return nil
}

// logsEncrypt is nil if CloudWatch Logs may encrypt a log group with a key, by the key's policy.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func logsEncrypt(r *provider.Request, group, key string) error {
	for _, action := range []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"} {
		err := serviceMay(r, "logs."+r.Region+".amazonaws.com", action, key, "",
			map[string]string{"kms:EncryptionContext:aws:logs:arn": group})
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
	err := serviceMay(r, "logdelivery.elasticloadbalancing.amazonaws.com", "s3:PutObject", object, "",
		map[string]string{"s3:x-amz-acl": "bucket-owner-full-control"})
	account := elbAccounts[r.Region]
	if err == nil || account == "" {
		return err
	}
	balancers := &caller{account: account, principal: iam.Principal{Account: account, Root: true}}
	return balancers.has(r, iamPermission{action: "s3:PutObject", resource: object})
}
