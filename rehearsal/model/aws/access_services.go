package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// handed says which roles a resource hands to a service: the service asks for iam:PassRole when it
// is given one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
type handed struct {
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

var handedRoles = map[string]handed{
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

// roleQuestions ask for each role that an operation hands over anew.
func roleQuestions(r *provider.Request, operation provider.Operation) []question {
	hands, known := handedRoles[r.Type]
	if !known || operation != provider.Creating && operation != provider.Updating {
		return nil
	}
	before := map[string]bool{}
	if operation == provider.Updating {
		for _, arn := range hands.roles(provider.Values(r.Old.Inputs)) {
			before[arn] = true
		}
	}
	var asked []question
	for _, arn := range hands.roles(r.Inputs) {
		if !before[arn] {
			asked = append(asked, question{
				action:   "iam:PassRole",
				resource: arn,
				context:  map[string][]string{"iam:PassedToService": {hands.service}},
			})
			before[arn] = true
		}
	}
	return asked
}

// linkedRoles are the service-linked roles that a service makes in the caller's name when the
// account has nothing of the type yet.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
var linkedRoles = map[string]string{
	"aws:appautoscaling/target:Target":                                "ecs.application-autoscaling.amazonaws.com",
	"aws:backup/selection:Selection":                                  "backup.amazonaws.com",
	"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": "management.chatbot.amazonaws.com",
	"aws:ecs/cluster:Cluster":                                         "ecs.amazonaws.com",
	"aws:guardduty/detector:Detector":                                 "guardduty.amazonaws.com",
	"aws:lb/loadBalancer:LoadBalancer":                                "elasticloadbalancing.amazonaws.com",
	"aws:rds/cluster:Cluster":                                         "rds.amazonaws.com",
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "wafv2.amazonaws.com",
}

func linkedRoleQuestions(r *provider.Request, operation provider.Operation) []question {
	service, known := linkedRoles[r.Type]
	if !known || operation != provider.Creating {
		return nil
	}
	for _, other := range r.Everywhere(r.Type) {
		if other.Account == r.Account && other.URN != string(r.URN) {
			return nil
		}
	}
	return []question{{
		action:   "iam:CreateServiceLinkedRole",
		resource: "arn:aws:iam::" + r.Account + ":role/aws-service-role/" + service + "/*",
		context:  map[string][]string{"iam:AWSServiceName": {service}},
	}}
}

// keyQuestions ask for what a service does with a KMS key in the caller's name.
func keyQuestions(r *provider.Request, operation provider.Operation, o *cloud.Object) ([]question, error) {
	use, known := keyUses[r.Type]
	if !known {
		return nil, nil
	}
	asked := use.asks(r, operation, o)
	if len(asked.actions) == 0 || asked.key == "" {
		return nil, nil
	}
	key, err := keyARN(r, asked.key)
	if err != nil || key == "" {
		return nil, err // without one it is a key of AWS's own, which lets everybody in through its service
	}
	via := use.service + "." + r.Region + ".amazonaws.com"
	var questions []question
	for _, action := range asked.actions {
		context := map[string][]string{"kms:ViaService": {via}, "aws:ViaAWSService": {"true"}}
		if service := use.service + ".amazonaws.com"; slices.Contains(calledVia, service) {
			context["aws:CalledVia"] = []string{service}
		}
		if action == "kms:CreateGrant" {
			context["kms:GrantIsForAWSResource"] = []string{"true"}
		}
		for name, value := range asked.encryption {
			context["kms:EncryptionContext:"+name] = []string{value}
			context["kms:EncryptionContextKeys"] = append(context["kms:EncryptionContextKeys"], name)
		}
		questions = append(questions, question{action: action, resource: key, context: context})
	}
	return questions, nil
}

// calledVia are the services, of those that use keys here, whose requests in the caller's name have
// aws:CalledVia. The others' have kms:ViaService and aws:ViaAWSService alone.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
var calledVia = []string{"backup.amazonaws.com"}

// keyUse is how a service uses a key for one type.
type keyUse struct {
	service string // as in kms:ViaService, before the region
	asks    func(r *provider.Request, operation provider.Operation, o *cloud.Object) keyAsk
}

// keyAsk is a key, by id, ARN or alias, what is asked of it, and the encryption context. Without a
// key that was given, it is one of AWS's own, which nobody asks.
type keyAsk struct {
	key        string
	actions    []string
	encryption map[string]string
}

var keyUses = map[string]keyUse{
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html: required IAM
	// permissions
	repositoryType: {"ecr", func(_ *provider.Request, operation provider.Operation, o *cloud.Object) keyAsk {
		var ask keyAsk
		for _, encryption := range provider.Values(o.Inputs).Objects("encryptionConfigurations") {
			if strings.HasPrefix(encryption.Text("encryptionType"), "KMS") {
				ask.key = encryption.Text("kmsKey")
			}
		}
		switch operation {
		case provider.Creating:
			ask.actions = []string{"kms:DescribeKey", "kms:CreateGrant"}
		case provider.Deleting:
			ask.actions = []string{"kms:RetireGrant"}
		}
		return ask
	}},
	// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html
	"aws:rds/cluster:Cluster": {"rds", func(_ *provider.Request, operation provider.Operation, o *cloud.Object) keyAsk {
		if operation == provider.Creating {
			return keyAsk{key: provider.Values(o.Inputs).Text("kmsKeyId"), actions: []string{
				"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey",
			}}
		}
		return keyAsk{}
	}},
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/services-ps.html and
	// kms/latest/developerguide/services-parameter-store.html
	parameterType: {"ssm", func(r *provider.Request, operation provider.Operation, o *cloud.Object) keyAsk {
		ask := keyAsk{
			key:        provider.Values(o.Inputs).Text("keyId"),
			encryption: map[string]string{"PARAMETER_ARN": o.ARN},
		}
		if o.Text("type") != "SecureString" {
			return keyAsk{}
		}
		encrypt := "kms:Encrypt"
		if o.Text("tier") == "Advanced" {
			encrypt = "kms:GenerateDataKey"
		}
		switch {
		case operation == provider.Creating,
			operation == provider.Updating && (changes(r, "value") || changes(r, "keyId")):
			ask.actions = []string{encrypt, "kms:Decrypt"}
		case operation == provider.Reading, operation == provider.Updating:
			ask.actions = []string{"kms:Decrypt"} // the provider reads the value as well
		}
		return ask
	}},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	bucketObjectType: {"s3", func(r *provider.Request, operation provider.Operation, o *cloud.Object) keyAsk {
		bucket := o.Text("bucket")
		ask := keyAsk{key: bucketKey(r, bucket), encryption: map[string]string{"aws:s3:arn": "arn:aws:s3:::" + bucket}}
		switch operation {
		case provider.Creating, provider.Updating:
			ask.actions = []string{"kms:GenerateDataKey", "kms:Decrypt"}
		case provider.Reading:
			ask.actions = []string{"kms:Decrypt"}
		}
		return ask
	}},
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html: permissions of
	// CreateBackupVault
	vaultType: {"backup", func(_ *provider.Request, operation provider.Operation, o *cloud.Object) keyAsk {
		if operation == provider.Creating {
			return keyAsk{key: provider.Values(o.Inputs).Text("kmsKeyArn"), actions: []string{
				"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:RetireGrant",
			}}
		}
		return keyAsk{}
	}},
	// https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html
	"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {"firehose",
		func(r *provider.Request, operation provider.Operation, _ *cloud.Object) keyAsk {
			encryption := r.Inputs.Object("serverSideEncryption")
			if encryption.Text("keyType") != "CUSTOMER_MANAGED_CMK" ||
				operation != provider.Creating && operation != provider.Updating {
				return keyAsk{}
			}
			return keyAsk{key: encryption.Text("keyArn"), actions: []string{"kms:CreateGrant"}}
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
