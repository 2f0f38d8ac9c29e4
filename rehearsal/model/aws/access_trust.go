package aws

import (
	"fmt"
	"maps"
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
	"scheduler.amazonaws.com":      "arn:aws:scheduler:{region}:{account}:schedule-group/default",
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

// roleTrusts is nil if a service may take a role, by the role's trust policy.
func roleTrusts(r *provider.Request, role *cloud.Object, service string) error {
	trust, err := attach(iam.OfTrust, "the trust of role "+role.ID, role.Text("assumeRolePolicy"))
	if err != nil {
		return err
	}
	q := question{action: "sts:AssumeRole", resource: role.ARN, context: onBehalf(r, sourceOf(r, service))}
	return decide(iam.Request{
		Principal: iam.Principal{Service: service},
		Action:    q.action,
		Resource:  q.resource,
		Owner:     role.Account,
		Context:   serviceContext(r, service, q),
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

// serviceSession is how services call the sessions in which they take roles.
const serviceSession = "service"

// roleMay is nil if a service that has taken a role may do something. keys are further condition
// keys.
func roleMay(r *provider.Request, role *cloud.Object, action, resource string, keys map[string]string) error {
	c, err := takes(r, role, serviceSession)
	if err != nil {
		return err
	}
	return c.ask(r, question{action: action, resource: resource, context: single(keys)})
}

// serviceMay is nil if a service may do something on a resource, by the resource's policy. source
// is the ARN that it acts for; keys are further condition keys.
func serviceMay(r *provider.Request, service, action, resource, source string, keys map[string]string) error {
	q := question{action: action, resource: resource, context: onBehalf(r, source)}
	maps.Copy(q.context, single(keys))
	return serviceAsks(r, service, q)
}

// serviceAsks decides what a service asks for itself.
func serviceAsks(r *provider.Request, service string, q question) error {
	policy, _, err := resourcePolicyOf(r, q)
	if err != nil {
		return err
	}
	return decide(iam.Request{
		Principal: iam.Principal{Service: service},
		Action:    q.action,
		Resource:  q.resource,
		Owner:     ownerOf(r, q.resource),
		Context:   serviceContext(r, service, q),
	}, iam.Documents{Resource: policy, Mandatory: true})
}

// single are condition keys with one value each.
func single(keys map[string]string) map[string][]string {
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
		q := question{action: action, resource: group.ARN + ":log-stream:x", context: onBehalf(r, source)}
		err := decide(iam.Request{
			Principal: iam.Principal{Service: service},
			Action:    action,
			Resource:  q.resource,
			Owner:     group.Account,
			Context:   serviceContext(r, service, q),
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
	return balancers.ask(r, question{action: "s3:PutObject", resource: object})
}
