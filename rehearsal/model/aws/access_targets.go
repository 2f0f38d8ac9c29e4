package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// anything is the resource of an action that AWS does not limit to any.
const anything = "*"

// unscoped are actions that AWS takes no resource for, by the Service Authorization Reference. A
// trailing * stands for any end.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var unscoped = []string{
	"application-autoscaling:Describe*", "backup-storage:*", "ce:CreateAnomaly*", "ce:GetAnomaly*", "chatbot:*",
	"backup:DescribeRegionSettings", "backup:UpdateRegionSettings", "cloudtrail:DescribeTrails", "ec2:AllocateAddress",
	"ec2:Describe*", "ec2:GetManagedPrefixListEntries", "ecs:DeregisterTaskDefinition",
	"ecs:DescribeTaskDefinition", "elasticloadbalancing:Describe*", "guardduty:CreateDetector", "kms:CreateKey",
	"kms:ListAliases",
	"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DeleteResourcePolicy", "logs:DescribeDeliver*",
	"logs:DescribeQueryDefinitions",
	"logs:DescribeResourcePolicies", "logs:PutResourcePolicy", "route53:CreateHealthCheck", "route53:CreateHostedZone",
	"servicediscovery:CreateHttpNamespace", "servicediscovery:GetOperation", "ssm:DescribeParameters",
}

func isUnscoped(action string) bool {
	return slices.ContainsFunc(unscoped, func(one string) bool {
		prefix, open := strings.CutSuffix(one, "*")
		return action == one || open && strings.HasPrefix(action, prefix)
	})
}

// aboutParent says, for what has no ARN of its own, the ARN that its actions are about. Templates
// are those of Kind, filled from the object's properties.
var aboutParent = map[string]string{
	"aws:acm/certificateValidation:CertificateValidation": "{certificateArn}",
	"aws:athena/namedQuery:NamedQuery": "arn:aws:athena:{region}:{account}:workgroup/{" +
		"workgroup}",
	restoreSelectionType: "arn:aws:backup:{region}:{account}:" +
		"restore-testing-plan:{restoreTestingPlanName}-*",
	"aws:backup/selection:Selection": "arn:aws:backup:{region}:{account}:backup-plan:{" +
		"planId}",
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration": "arn:aws:backup:{region}:{account}:backup-vault:{" +
		"backupVaultName}",
	"aws:backup/vaultNotifications:VaultNotifications": "arn:aws:backup:{region}:{account}:backup-vault:{" +
		"backupVaultName}",
	vaultPolicyType: "arn:aws:backup:{region}:{account}:backup-vault:{backupVaultName}",
	"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": "{chatConfigurationArn}",
	"aws:cloudfront/monitoringSubscription:MonitoringSubscription": "arn:aws:cloudfront::{account}:distribution/{" +
		"distributionId}",
	"aws:cloudwatch/dashboard:Dashboard": "arn:aws:cloudwatch::{account}:dashboard/{" +
		"dashboardName}",
	"aws:cloudwatch/eventTarget:EventTarget": "arn:aws:events:{region}:{account}:rule/{rule}",
	"aws:cloudwatch/logMetricFilter:LogMetricFilter": "arn:aws:logs:{region}:{account}:log-group:{" +
		"logGroupName}",
	"aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": "arn:aws:logs:{region}:{account}:log-group:{" +
		"logGroup}",
	"aws:cloudwatch/queryDefinition:QueryDefinition": "arn:aws:logs:{region}:{account}:query-definition:{" +
		"queryDefinitionId}",
	"aws:ec2/natGateway:NatGateway":           "arn:aws:ec2:{region}:{account}:natgateway/{id}",
	routeType:                                 "arn:aws:ec2:{region}:{account}:route-table/{routeTableId}",
	routeAssociationType:                      "arn:aws:ec2:{region}:{account}:route-table/{routeTableId}",
	defaultSecurityGroupType:                  "arn:aws:ec2:{region}:{account}:security-group/{id}",
	ingressRuleType:                           "arn:aws:ec2:{region}:{account}:security-group/{securityGroupId}",
	egressRuleType:                            "arn:aws:ec2:{region}:{account}:security-group/{securityGroupId}",
	"aws:ecr/lifecyclePolicy:LifecyclePolicy": "arn:aws:ecr:{region}:{account}:repository/{repository}",
	repositoryPolicyType:                      "arn:aws:ecr:{region}:{account}:repository/{repository}",
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "arn:aws:ecs:{region}:{account}:cluster/{" +
		"clusterName}",
	"aws:route53/hostedZoneDnsSec:HostedZoneDnsSec":                   "arn:aws:route53:::hostedzone/{hostedZoneId}",
	"aws:route53/keySigningKey:KeySigningKey":                         "arn:aws:route53:::hostedzone/{hostedZoneId}",
	"aws:route53/record:Record":                                       "arn:aws:route53:::hostedzone/{zoneId}",
	"aws:route53/queryLog:QueryLog":                                   "arn:aws:route53:::hostedzone/{zoneId}",
	topicPolicyType:                                                   "{arn}",
	"aws:sns/topicSubscription:TopicSubscription":                     "{topic}",
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "{resourceArn}",
}

// aboutName are further templates for actions whose resource is not the object's.
var aboutName = map[string]string{
	"logs:DescribeLogGroups":      "arn:aws:logs:{region}:{account}:log-group:*",
	"logs:PutQueryDefinition":     anything,
	"rds:CreateDBClusterSnapshot": "arn:aws:rds:{region}:{account}:cluster-snapshot:{finalSnapshotIdentifier}",
	"route53:GetChange":           "arn:aws:route53:::change/*",
}

// targets are the ARNs that an action of an operation is needed for.
func targets(r *provider.Request, action string, o *cloud.Object) ([]string, error) {
	if o == nil || isUnscoped(action) {
		return []string{anything}, nil
	}
	properties := &provider.Outputs{Values: provider.Values(cloud.Properties{})}
	for _, from := range []cloud.Properties{o.Inputs, o.Outputs} {
		for key, value := range from {
			properties.Values[key] = value
		}
	}
	properties.Set("id", o.ID)
	filled := func(template string) ([]string, error) {
		arn, err := properties.Expand(r, template)
		if err != nil {
			return nil, fmt.Errorf("find the resource of %s on %s: %w", action, o, err)
		}
		return []string{arn}, nil
	}
	if template := aboutName[action]; template != "" {
		return filled(template)
	}
	service, _, _ := strings.Cut(action, ":")
	switch {
	case service == "iam":
		return iamTargets(r, o), nil
	case service == "kms":
		return kmsTargets(r, o), nil
	case service == "s3":
		return filled(s3Template(action, o))
	case service == "glue":
		return glueTargets(r, o), nil
	case service == "cloudfront" && action == "cloudfront:AllowVendedLogDeliveryForResource":
		return []string{o.Text("resourceArn")}, nil
	}
	if template := aboutParent[o.Type]; template != "" {
		return filled(template)
	}
	if o.ARN == "" {
		return nil, fmt.Errorf("find the resource of %s on %s: it has no ARN: say in aboutParent what it is part of",
			action, o)
	}
	return []string{o.ARN}, nil
}

// iamTargets are the role, policy or provider. What hangs on a role is about the role.
func iamTargets(r *provider.Request, o *cloud.Object) []string {
	if o.Type != rolePolicyType && o.Type != policyAttachmentType {
		return []string{o.ARN}
	}
	if role := r.Find(roleType, o.Text("role")); role != nil {
		return []string{role.ARN}
	}
	return []string{"arn:aws:iam::" + r.Account + ":role/" + o.Text("role")}
}

// kmsTargets are the key, and for an alias both the alias and its key: KMS asks for each. An alias
// that moves asks for the old key too.
func kmsTargets(r *provider.Request, o *cloud.Object) []string {
	if o.Type != aliasType {
		return []string{o.ARN}
	}
	all := []string{o.ARN}
	for _, one := range []*cloud.Object{o, r.Old} {
		if one == nil {
			continue
		}
		if key := findKey(r, one.Text("targetKeyId")); key != nil && !slices.Contains(all, key.ARN) {
			all = append(all, key.ARN)
		}
	}
	return all
}

// s3Template is the bucket, or the object for actions on objects.
func s3Template(action string, o *cloud.Object) string {
	if o.Type == bucketObjectType && !strings.HasPrefix(action, "s3:ListBucket") {
		return "arn:aws:s3:::{bucket}/{key}"
	}
	return "arn:aws:s3:::{bucket}"
}

// glueTargets are a database or table, and the catalogue above it: Glue asks for all of them.
func glueTargets(r *provider.Request, o *cloud.Object) []string {
	place := "arn:aws:glue:" + r.Region + ":" + r.Account + ":"
	all := []string{place + "catalog"}
	if o.Type == "aws:glue/catalogTable:CatalogTable" {
		all = append(all, place+"database/"+o.Text("databaseName"))
	}
	return append(all, o.ARN)
}
