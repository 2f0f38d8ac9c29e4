package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// passing says which roles a request passes to a service: the caller needs iam:PassRole for each.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
type passing struct {
	service string
	roles   func(provider.Values) []string
}

// role reads the ARN at a path of nested objects, such as "extendedS3Configuration.roleArn".
func role(paths ...string) func(provider.Values) []string {
	return func(inputs provider.Values) []string {
		var found []string
		for _, path := range paths {
			steps := strings.Split(path, ".")
			at := inputs
			for _, step := range steps[:len(steps)-1] {
				at = at.Object(step)
			}
			if arn := at.Text(steps[len(steps)-1]); arn != "" {
				found = append(found, arn)
			}
		}
		return found
	}
}

var passedRoles = map[string]passing{
	flowLogType:                      {"vpc-flow-logs.amazonaws.com", role("iamRoleArn")},
	restoreSelectionType:             {"backup.amazonaws.com", role("iamRoleArn")},
	"aws:backup/selection:Selection": {"backup.amazonaws.com", role("iamRoleArn")},
	"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {"chatbot.amazonaws.com", role("iamRoleArn")},
	"aws:cloudtrail/trail:Trail": {"cloudtrail.amazonaws.com",
		role("cloudWatchLogsRoleArn")},
	"aws:cloudwatch/eventRule:EventRule":                         {"events.amazonaws.com", role("roleArn")},
	"aws:cloudwatch/eventTarget:EventTarget":                     {"events.amazonaws.com", role("roleArn")},
	"aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": {"logs.amazonaws.com", role("roleArn")},
	"aws:ecs/taskDefinition:TaskDefinition": {"ecs-tasks.amazonaws.com",
		role("executionRoleArn", "taskRoleArn")},
	"aws:ecs/service:Service": {"ecs.amazonaws.com", serviceRoles},
	"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {"firehose.amazonaws.com", role(
		"extendedS3Configuration.roleArn", "httpEndpointConfiguration.roleArn",
		"httpEndpointConfiguration.s3Configuration.roleArn")},
	scheduleType:                              {"scheduler.amazonaws.com", role("target.roleArn")},
	"aws:rds/cluster:Cluster":                 {"monitoring.rds.amazonaws.com", role("monitoringRoleArn")},
	"aws:rds/clusterInstance:ClusterInstance": {"monitoring.rds.amazonaws.com", role("monitoringRoleArn")},
}

// serviceRoles are the roles with which ECS changes listeners, by the target groups of a service.
func serviceRoles(inputs provider.Values) []string {
	var found []string
	if arn := inputs.Text("iamRole"); arn != "" {
		found = append(found, arn)
	}
	for _, balancer := range inputs.Objects("loadBalancers") {
		if arn := balancer.Object("advancedConfiguration").Text("roleArn"); arn != "" {
			found = append(found, arn)
		}
	}
	return found
}

// passRolePermissions are iam:PassRole for each role that an operation passes and the object does
// not have yet.
func passRolePermissions(r *provider.Request, operation provider.Operation) []iamPermission {
	passes, known := passedRoles[r.Type]
	if !known || operation != provider.Creating && operation != provider.Updating {
		return nil
	}
	before := map[string]bool{}
	if operation == provider.Updating {
		for _, arn := range passes.roles(provider.Values(r.Old.Inputs)) {
			before[arn] = true
		}
	}
	var needed []iamPermission
	for _, arn := range passes.roles(r.Inputs) {
		if !before[arn] {
			needed = append(needed, iamPermission{
				action:   "iam:PassRole",
				resource: arn,
				keys:     map[string][]string{"iam:PassedToService": {passes.service}},
			})
			before[arn] = true
		}
	}
	return needed
}

// linkedRoles are the service-linked roles that a service creates in a forward access session when
// the account has nothing of the type yet.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
var linkedRoles = map[string]string{
	"aws:appautoscaling/target:Target":                                "ecs.application-autoscaling.amazonaws.com",
	"aws:backup/selection:Selection":                                  "backup.amazonaws.com",
	"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": "management.chatbot.amazonaws.com",
	"aws:cloudfront/vpcOrigin:VpcOrigin":                              "vpcorigin.cloudfront.amazonaws.com",
	"aws:ecs/cluster:Cluster":                                         "ecs.amazonaws.com",
	"aws:guardduty/detector:Detector":                                 "guardduty.amazonaws.com",
	"aws:lb/loadBalancer:LoadBalancer":                                "elasticloadbalancing.amazonaws.com",
	"aws:rds/cluster:Cluster":                                         "rds.amazonaws.com",
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "wafv2.amazonaws.com",
}

// linkedRolePermissions are iam:CreateServiceLinkedRole for the first object of a type.
func linkedRolePermissions(r *provider.Request, operation provider.Operation) []iamPermission {
	service, known := linkedRoles[r.Type]
	if !known || operation != provider.Creating {
		return nil
	}
	for _, other := range r.Everywhere(r.Type) {
		if other.Account == r.Account && other.URN != string(r.URN) {
			return nil
		}
	}
	return []iamPermission{{
		action:   "iam:CreateServiceLinkedRole",
		resource: "arn:aws:iam::" + r.Account + ":role/aws-service-role/" + service + "/*",
		keys:     map[string][]string{"iam:AWSServiceName": {service}},
	}}
}

// keyPermissions are what a service does with a KMS key in a forward access session, for which the
// caller needs the permissions.
func keyPermissions(r *provider.Request, operation provider.Operation, o *cloud.Object) ([]iamPermission, error) {
	use, known := keyUses[r.Type]
	if !known {
		return nil, nil
	}
	needed := use.needs(r, operation, o)
	if len(needed.actions) == 0 || needed.key == "" {
		return nil, nil
	}
	key, err := keyARN(r, needed.key)
	if err != nil || key == "" {
		return nil, err // without one it is a key of AWS's own, which lets everybody in through its service
	}
	via := use.service + "." + r.Region + ".amazonaws.com"
	var permissions []iamPermission
	for _, action := range needed.actions {
		context := map[string][]string{"kms:ViaService": {via}, "aws:ViaAWSService": {"true"}}
		if service := use.service + ".amazonaws.com"; slices.Contains(calledVia, service) {
			context["aws:CalledVia"] = []string{service}
		}
		if action == "kms:CreateGrant" {
			context["kms:GrantIsForAWSResource"] = []string{"true"}
		}
		for name, value := range needed.encryption {
			context["kms:EncryptionContext:"+name] = []string{value}
			context["kms:EncryptionContextKeys"] = append(context["kms:EncryptionContextKeys"], name)
		}
		permissions = append(permissions, iamPermission{action: action, resource: key, keys: context})
	}
	return permissions, nil
}

// calledVia are the services, of those that use keys here, whose forward access sessions have
// aws:CalledVia. The others have kms:ViaService and aws:ViaAWSService alone.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
var calledVia = []string{"backup.amazonaws.com"}

// keyUse is how a service uses a key for one type.
type keyUse struct {
	service string // as in kms:ViaService, before the region
	needs   func(r *provider.Request, operation provider.Operation, o *cloud.Object) keyNeed
}

// keyNeed is a key, by id, ARN or alias, the actions on it, and the encryption context. Without a
// key it is one that AWS manages, which needs no permission.
type keyNeed struct {
	key        string
	actions    []string
	encryption map[string]string
}

var keyUses = map[string]keyUse{
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html: required IAM
	// permissions
	repositoryType: {"ecr", func(_ *provider.Request, operation provider.Operation, o *cloud.Object) keyNeed {
		var need keyNeed
		for _, encryption := range provider.Values(o.Inputs).Objects("encryptionConfigurations") {
			if strings.HasPrefix(encryption.Text("encryptionType"), "KMS") {
				need.key = encryption.Text("kmsKey")
			}
		}
		switch operation {
		case provider.Creating:
			need.actions = []string{"kms:DescribeKey", "kms:CreateGrant"}
		case provider.Deleting:
			need.actions = []string{"kms:RetireGrant"}
		}
		return need
	}},
	// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html
	"aws:rds/cluster:Cluster": {"rds",
		func(_ *provider.Request, operation provider.Operation, o *cloud.Object) keyNeed {
			if operation == provider.Creating {
				return keyNeed{key: provider.Values(o.Inputs).Text("kmsKeyId"), actions: []string{
					"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey",
				}}
			}
			return keyNeed{}
		}},
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/services-ps.html and
	// kms/latest/developerguide/services-parameter-store.html
	parameterType: {"ssm", func(r *provider.Request, operation provider.Operation, o *cloud.Object) keyNeed {
		need := keyNeed{
			key:        provider.Values(o.Inputs).Text("keyId"),
			encryption: map[string]string{"PARAMETER_ARN": o.ARN},
		}
		if o.Text("type") != "SecureString" {
			return keyNeed{}
		}
		encrypt := "kms:Encrypt"
		if o.Text("tier") == "Advanced" {
			encrypt = "kms:GenerateDataKey"
		}
		switch {
		case operation == provider.Creating,
			operation == provider.Updating && (changes(r, "value") || changes(r, "keyId")):
			need.actions = []string{encrypt, "kms:Decrypt"}
		case operation == provider.Reading, operation == provider.Updating:
			need.actions = []string{"kms:Decrypt"} // the provider reads the value as well
		}
		return need
	}},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	bucketObjectType: {"s3", func(r *provider.Request, operation provider.Operation, o *cloud.Object) keyNeed {
		bucket := o.Text("bucket")
		need := keyNeed{
			key:        bucketKey(r, bucket),
			encryption: map[string]string{"aws:s3:arn": "arn:aws:s3:::" + bucket},
		}
		switch operation {
		case provider.Creating, provider.Updating:
			need.actions = []string{"kms:GenerateDataKey", "kms:Decrypt"}
		case provider.Reading:
			need.actions = []string{"kms:Decrypt"}
		}
		return need
	}},
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html: permissions of
	// CreateBackupVault
	vaultType: {"backup", func(_ *provider.Request, operation provider.Operation, o *cloud.Object) keyNeed {
		if operation == provider.Creating {
			return keyNeed{key: provider.Values(o.Inputs).Text("kmsKeyArn"), actions: []string{
				"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:RetireGrant",
			}}
		}
		return keyNeed{}
	}},
	// https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html
	"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {"firehose",
		func(r *provider.Request, operation provider.Operation, _ *cloud.Object) keyNeed {
			encryption := r.Inputs.Object("serverSideEncryption")
			if encryption.Text("keyType") != "CUSTOMER_MANAGED_CMK" ||
				operation != provider.Creating && operation != provider.Updating {
				return keyNeed{}
			}
			return keyNeed{key: encryption.Text("keyArn"), actions: []string{"kms:CreateGrant"}}
		}},
}

// bucketKey is the customer's key that a bucket encrypts with, or none.
func bucketKey(r *provider.Request, bucket string) string {
	for _, o := range r.Everywhere(bucketEncryptionType) {
		if o.Text("bucket") != bucket {
			continue
		}
		for _, rule := range provider.Values(o.Inputs).Objects("rules") {
			if by := rule.Object("applyServerSideEncryptionByDefault"); strings.HasPrefix(by.Text("sseAlgorithm"),
				"aws:kms") {
				return by.Text("kmsMasterKeyId")
			}
		}
	}
	return ""
}

// keyARN is the ARN of a key that is named by its id, ARN or alias; empty for a key of AWS's own.
// An alias that nobody has is an error, as KMS says it.
func keyARN(r *provider.Request, name string) (string, error) {
	if alias := strings.TrimPrefix(name, "arn:aws:kms:"+r.Region+":"+r.Account+":"); strings.HasPrefix(alias,
		"alias/") {
		if strings.HasPrefix(alias, "alias/aws/") {
			return "", nil
		}
		o := r.Find(aliasType, alias)
		if o == nil {
			return "", fmt.Errorf("NotFoundException: Alias arn:aws:kms:%s:%s:%s is not found.", r.Region, r.Account,
				alias)
		}
		name = o.Text("targetKeyId")
	}
	if strings.HasPrefix(name, "arn:") {
		return name, nil
	}
	return "arn:aws:kms:" + r.Region + ":" + r.Account + ":key/" + name, nil
}
