package compliance

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

type sample struct {
	passes []stackOf
	fails  map[string]stackOf
}

func pair(passes stackOf, why string, fails stackOf) sample {
	return sample{[]stackOf{passes}, map[string]stackOf{why: fails}}
}

const oac = "originAccessControlId"

var samples = map[string]sample{
	"CloudFront.1": pair(cdn(in{"defaultRootObject": "index.html"}), "defaultRootObject is not set",
		cdn(in{"defaultRootObject": ""})),
	"CloudFront.3": pair(cdn(in{"defaultCacheBehavior": in{"viewerProtocolPolicy": "redirect-to-https"}}),
		"orderedCacheBehaviors[0].viewerProtocolPolicy is allow-all",
		cdn(in{
			"defaultCacheBehavior":  in{"viewerProtocolPolicy": "https-only"},
			"orderedCacheBehaviors": all{in{"viewerProtocolPolicy": "allow-all"}},
		})),
	"CloudFront.4": pair(cdn(in{"originGroups": all{in{}}}), "originGroups is not set", cdn(in{})),
	"CloudFront.5": {
		[]stackOf{
			cdn(in{"loggingConfig": in{"bucket": "b"}}),
			append(cdn(in{}), made("aws:cloudwatch/logDeliverySource:LogDeliverySource", "s",
				in{"resourceArn": "arn:aws:test:::it", "logType": "ACCESS_LOGS", "name": "s"}),
				made("aws:cloudwatch/logDelivery:LogDelivery", "d", in{"deliverySourceName": "s"})),
		},
		map[string]stackOf{
			"neither loggingConfig nor": append(cdn(in{}),
				made("aws:cloudwatch/logDeliverySource:LogDeliverySource", "s",
					in{"resourceArn": "arn:aws:test:::it", "logType": "ACCESS_LOGS", "name": "s"})),
		},
	},
	"CloudFront.6": pair(cdn(in{"webAclId": "arn"}), "webAclId is not set", cdn(in{})),
	"CloudFront.7": pair(cdn(in{"viewerCertificate": in{"acmCertificateArn": "arn"}}), "CloudFront's own",
		cdn(in{"viewerCertificate": in{"cloudfrontDefaultCertificate": true}})),
	"CloudFront.8": pair(cdn(in{"viewerCertificate": in{"sslSupportMethod": "sni-only"}}), "is vip",
		cdn(in{"viewerCertificate": in{"sslSupportMethod": "vip"}})),
	"CloudFront.9": {
		[]stackOf{
			cdn(in{"origins": all{origin(nil),
				origin(in{"customOriginConfig": in{"originProtocolPolicy": "https-only"}})}}),
			cdn(in{"origins": all{origin(in{"customOriginConfig": in{"originProtocolPolicy": "match-viewer"}})},
				"defaultCacheBehavior": in{"viewerProtocolPolicy": "https-only"}}),
		},
		map[string]stackOf{
			"reached by http-only": cdn(in{"origins": all{origin(in{"customOriginConfig": in{
				"originProtocolPolicy": "http-only",
			}})}}),
			"reached by match-viewer": cdn(in{
				"origins": all{origin(in{"customOriginConfig": in{
					"originProtocolPolicy": "match-viewer",
				}})},
				"defaultCacheBehavior": in{"viewerProtocolPolicy": "allow-all"},
			}),
		},
	},
	"CloudFront.10": pair(cdn(in{"origins": all{origin(in{"customOriginConfig": in{
		"originSslProtocols": all{"TLSv1.2"},
	}})}}), "by SSLv3",
		cdn(in{"origins": all{origin(in{"customOriginConfig": in{"originSslProtocols": all{"TLSv1.2", "SSLv3"}}})}})),
	"CloudFront.12": pair(append(aBucket(), cdn(in{"origins": all{origin(nil)}})...), "no such bucket",
		cdn(in{"origins": all{origin(nil)}})),
	"CloudFront.13": pair(cdn(in{"origins": all{origin(in{oac: "o"})}}), "has no "+oac,
		cdn(in{"origins": all{origin(nil)}})),
	"CloudFront.15": pair(cdn(in{"viewerCertificate": in{"minimumProtocolVersion": "TLSv1.2_2021"}}), "is TLSv1, want",
		cdn(in{"viewerCertificate": in{}})),
	"CloudFront.17": {
		[]stackOf{cdn(in{"defaultCacheBehavior": in{"trustedKeyGroups": all{"k"}}})},
		map[string]stackOf{
			"trustedKeyGroups is not set": cdn(in{"defaultCacheBehavior": in{}}),
			"trustedSigners is set": cdn(in{"defaultCacheBehavior": in{
				"trustedKeyGroups": all{"k"},
				"trustedSigners":   all{"self"},
			}}),
		},
	},
	"WAF.10": pair(one(webACLs[0], in{"rules": all{in{}}}), "rules is empty", one(webACLs[0], in{})),
	"WAF.11": pair(append(one(webACLs[0], in{}), made(
		"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "l",
		in{"resourceArn": "arn:aws:test:::it"})),
		"no logging configuration", one(webACLs[0], in{})),
	"WAF.12": pair(one(webACLs[0], in{"rules": all{in{"visibilityConfig": in{"cloudwatchMetricsEnabled": true}}}}),
		"the rule r has no metrics",
		one(webACLs[0], in{"rules": all{in{"name": "r", "visibilityConfig": in{"cloudwatchMetricsEnabled": false}}}})),
	"Route53.2": pair(append(one(zones[0], in{}), made("aws:route53/queryLog:QueryLog", "q", in{"zoneId": "it-id"})),
		"no query log", one(zones[0], in{})),
	"ACM.2": pair(one(certificates[0], in{}), "is RSA_1024", one(certificates[0], in{"keyAlgorithm": "RSA_1024"})),

	"ELB.1": pair(one(catalog.Listener,
		in{"protocol": "HTTP", "defaultActions": all{in{"type": "redirect", "redirect": in{"protocol": "HTTPS"}}}}),
		"redirects to HTTPS",
		one(catalog.Listener, in{"protocol": "HTTP", "defaultActions": all{in{"type": "forward"}}})),
	"ELB.4": pair(one(catalog.LoadBalancer, in{"dropInvalidHeaderFields": true}), "dropInvalidHeaderFields is false",
		one(catalog.LoadBalancer, in{})),
	"ELB.5": pair(one(catalog.LoadBalancer, in{"accessLogs": in{"enabled": true}}), "accessLogs.enabled is false",
		one(catalog.LoadBalancer, in{"accessLogs": in{"bucket": "b"}})),
	"ELB.6": pair(one(catalog.LoadBalancer, in{"enableDeletionProtection": true}), "enableDeletionProtection",
		one(catalog.LoadBalancer, in{"enableDeletionProtection": false})),
	"ELB.12": pair(one(catalog.LoadBalancer, in{}), "is monitor",
		one(catalog.LoadBalancer, in{"desyncMitigationMode": "monitor"})),
	"ELB.13": pair(append(twoSubnets("zb", "natGatewayId"),
		made(catalog.LoadBalancer, "it", in{"subnets": all{"a-id", "b-id"}})), "fewer than two zones: za",
		append(twoSubnets("za", "natGatewayId"), made(catalog.LoadBalancer, "it", in{"subnets": all{"a-id", "b-id"}}))),
	"ELB.17": {
		[]stackOf{one(catalog.Listener,
			in{"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"})},
		map[string]stackOf{
			"is ELBSecurityPolicy-2016-08": one(catalog.Listener, in{"protocol": "HTTPS"}),
			"is ELBSecurityPolicy-TLS13-1-2-2021-06": one(catalog.Listener,
				in{"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}),
		},
	},
	"ELB.18": pair(one(catalog.Listener, in{"protocol": "HTTPS"}), "protocol is HTTP",
		one(catalog.Listener, in{"protocol": "HTTP"})),
	"ELB.21": pair(one(targetGroups[0], in{"healthCheck": in{"protocol": "HTTPS"}}), "healthCheck.protocol is HTTP",
		one(targetGroups[0], in{})),
	"ELB.22": pair(one(targetGroups[0], in{"protocol": "HTTPS"}), "protocol is HTTP",
		one(targetGroups[0], in{"protocol": "HTTP"})),

	"ECS.1": pair(one(catalog.TaskDefinition,
		in{"networkMode": "host", "containerDefinitions": object(all{in{"name": "web", "user": "1000"}})}),
		"the container web may run as root",
		one(catalog.TaskDefinition, in{"networkMode": "host", "containerDefinitions": object(all{in{"name": "web"}})})),
	"ECS.2": pair(one(services[0], in{"networkConfiguration": in{"assignPublicIp": false}}), "assignPublicIp is true",
		one(services[0], in{"networkConfiguration": in{"assignPublicIp": true}})),
	"ECS.3": pair(one(catalog.TaskDefinition, in{"pidMode": "task"}), "pidMode is host",
		one(catalog.TaskDefinition, in{"pidMode": "host"})),
	"ECS.4": pair(task(in{}), "privileged is true", task(in{"privileged": true})),
	"ECS.5": pair(task(in{"readonlyRootFilesystem": true}), "readonlyRootFilesystem is false", task(in{})),
	"ECS.8": {
		[]stackOf{task(in{"environment": all{in{"name": "KEEP_ALIVE_TIMEOUT", "value": "1"},
			in{"name": "API_URL", "value": "http://api:3001"}}})},
		map[string]stackOf{
			"AWS_SECRET_ACCESS_KEY looks": task(in{"environment": all{in{
				"name":  "AWS_SECRET_ACCESS_KEY",
				"value": "x",
			}}}),
			"JWT_SECRET looks":   task(in{"environment": all{in{"name": "JWT_SECRET", "value": "x"}}}),
			"DATABASE_URL looks": task(in{"environment": all{in{"name": "DATABASE_URL", "value": "x"}}}),
			"STORE looks": task(in{"environment": all{in{
				"name":  "STORE",
				"value": "mongodb://me:hush@host/db",
			}}}),
		},
	},
	"ECS.9": pair(task(in{"logConfiguration": in{"logDriver": "awslogs"}}), "logDriver is not set", task(in{})),
	"ECS.10": pair(one(services[0], in{"platformVersion": "LATEST"}), "is 1.3.0",
		one(services[0], in{"platformVersion": "1.3.0"})),
	"ECS.12": pair(one("aws:ecs/cluster:Cluster",
		in{"settings": all{in{"name": "containerInsights", "value": "enhanced"}}}), "not enabled",
		one("aws:ecs/cluster:Cluster", in{"settings": all{in{"name": "containerInsights", "value": "disabled"}}})),
	"ECS.18": pair(one(catalog.TaskDefinition,
		in{"volumes": all{in{"efsVolumeConfiguration": in{"transitEncryption": "ENABLED"}}}}),
		"transitEncryption is not",
		one(catalog.TaskDefinition, in{"volumes": all{in{"efsVolumeConfiguration": in{"fileSystemId": "f"}}}})),
	"ECS.20": {
		[]stackOf{task(in{"user": "1000:1000"})},
		map[string]stackOf{
			"user is not set": task(in{}),
			"user is 0:1000":  task(in{"user": "0:1000"}),
			"user is root":    task(in{"user": "root"}),
		},
	},
	"ECR.1": pair(one(repositories[0], in{"imageScanningConfiguration": in{"scanOnPush": true}}),
		"scanOnPush is false", one(repositories[0], in{})),
	"ECR.2": pair(one(repositories[0], in{"imageTagMutability": "IMMUTABLE"}), "is MUTABLE",
		one(repositories[0], in{})),
	"ECR.3": pair(append(one(repositories[0], in{"name": "r"}),
		made("aws:ecr/lifecyclePolicy:LifecyclePolicy", "l", in{"repository": "r"})), "no lifecycle policy",
		append(one(repositories[0], in{"name": "r"}),
			made("aws:ecr/lifecyclePolicy:LifecyclePolicy", "l", in{"repository": "other"}))),

	"RDS.2": pair(one(catalog.RDSClusterInstance, in{"publiclyAccessible": false}), "publiclyAccessible is true",
		one(catalog.RDSClusterInstance, in{"publiclyAccessible": true})),
	"RDS.6": pair(one(catalog.RDSClusterInstance, in{"monitoringInterval": 60.0}), "monitoringInterval is 0",
		one(catalog.RDSClusterInstance, in{})),
	"RDS.7": pair(aurora(in{"deletionProtection": true}), "deletionProtection is false", aurora(in{})),
	"RDS.12": pair(aurora(in{"iamDatabaseAuthenticationEnabled": true}), "iamDatabaseAuthenticationEnabled is false",
		aurora(in{})),
	"RDS.13": pair(one(catalog.RDSClusterInstance, in{}), "autoMinorVersionUpgrade is false",
		one(catalog.RDSClusterInstance, in{"autoMinorVersionUpgrade": false})),
	"RDS.14": pair(aurora(in{"engine": "aurora-mysql", "backtrackWindow": 60.0}), "backtrackWindow is 0",
		aurora(in{"engine": "aurora-mysql"})),
	"RDS.15": pair(aurora(in{}, "za", "zb"), "fewer than two zones: za", aurora(in{}, "za")),
	"RDS.16": pair(aurora(in{"copyTagsToSnapshot": true}), "copyTagsToSnapshot is false", aurora(in{})),
	"RDS.19": pair(subscription("db-cluster"), "lacks failure", subscription("db-cluster", "maintenance")),
	"RDS.20": pair(subscription("db-instance", "maintenance", "configuration change", "failure"),
		"lacks configuration change",
		subscription("db-instance", "maintenance", "failure")),
	"RDS.21": pair(subscription("db-parameter-group", "configuration change"), "lacks configuration change",
		subscription("db-parameter-group", "other")),
	"RDS.22": pair(subscription("db-security-group", "configuration change", "failure"), "lacks failure",
		subscription("db-security-group", "configuration change")),
	"RDS.23": pair(aurora(in{"port": 5433.0}), "port is 5432", aurora(in{"port": 5432.0})),
	"RDS.24": pair(aurora(in{"masterUsername": "dbadmin"}), "masterUsername is postgres",
		aurora(in{"masterUsername": "postgres"})),
	"RDS.27": pair(aurora(in{"storageEncrypted": true}), "storageEncrypted is false", aurora(in{})),
	"RDS.34": pair(aurora(in{"engine": "aurora-mysql", "enabledCloudwatchLogsExports": all{"audit"}}), "lacks audit",
		aurora(in{"engine": "aurora-mysql"})),
	"RDS.37": pair(aurora(in{"engine": "aurora-postgresql", "enabledCloudwatchLogsExports": all{"postgresql"}}),
		"lacks postgresql",
		aurora(in{"engine": "aurora-postgresql"})),
	"RDS.46": pair(instanceIn("natGatewayId"), "subnet b-id has a route to the internet", instanceIn("gatewayId")),
	"RDS.50": pair(aurora(in{"backupRetentionPeriod": 7.0}), "backupRetentionPeriod is 6",
		aurora(in{"backupRetentionPeriod": 6.0})),

	"S3.2": {
		[]stackOf{
			aBucket(made(catalog.BucketPublicAccessBlock, "x",
				in{"bucket": "b", "restrictPublicBuckets": true, "ignorePublicAcls": true}), withPolicy(everybody)[1]),
			withPolicy(allow(in{
				"Principal": "*",
				"Condition": in{"StringEquals": in{"aws:SourceAccount": "111122223333"}},
			})),
		},
		map[string]stackOf{
			"its policy allows everybody s3:GetObject": withPolicy(everybody),
			"its ACL is public-read": aBucket(made("aws:s3/bucketAclV2:BucketAclV2", "a",
				in{"bucket": "b", "acl": "public-read"})),
		},
	},
	"S3.3": pair(withPolicy(allow(in{"Principal": "*"})), "its policy allows everybody s3:PutObject",
		withPolicy(everybody)),
	"S3.5": {
		[]stackOf{withPolicy(denyHTTP("false"))},
		map[string]stackOf{"no bucket policy": withPolicy(denyHTTP("true")), "no bucket policy denies": aBucket()},
	},
	"S3.6": pair(withPolicy(allow(in{"Principal": in{"Service": "logging.s3.amazonaws.com"}, "Action": "s3:*"})),
		"allows s3:DeleteBucketPolicy",
		withPolicy(allow(in{"Principal": in{"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3:*"}))),
	"S3.8": {
		[]stackOf{aBucket(made(catalog.BucketPublicAccessBlock, "x", in{
			"bucket":                "b",
			"blockPublicAcls":       true,
			"blockPublicPolicy":     true,
			"ignorePublicAcls":      true,
			"restrictPublicBuckets": true,
		}))},
		map[string]stackOf{
			"it has no public access block": aBucket(made(catalog.BucketPublicAccessBlock, "x",
				in{"bucket": "another"})),
			"has blockPublicPolicy off": aBucket(made(catalog.BucketPublicAccessBlock, "x",
				in{"bucket": "b", "blockPublicAcls": true})),
		},
	},
	"S3.9": pair(aBucket(made("aws:s3/bucketLoggingV2:BucketLoggingV2", "l", in{"bucket": "b"})),
		"no server access logging", aBucket()),
	"S3.12": pair(aBucket(made("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "o",
		in{"bucket": "b", "rule": in{"objectOwnership": "BucketOwnerEnforced"}})),
		"ACLs count", aBucket(made("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "o",
			in{"bucket": "b", "rule": in{"objectOwnership": "ObjectWriter"}}))),
	"S3.13": pair(aBucket(made("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "l",
		in{"bucket": "b"})), "no lifecycle", aBucket()),

	"EC2.2": {
		[]stackOf{aVPC(made("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "d", in{"vpcId": "v-id"}))},
		map[string]stackOf{
			"as AWS makes it": aVPC(),
			"has rules": aVPC(made("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "d",
				in{"vpcId": "v-id", "egress": all{in{}}})),
		},
	},
	"EC2.6": pair(aVPC(made("aws:ec2/flowLog:FlowLog", "f", in{"vpcId": "v-id"})), "no flow log",
		aVPC(made("aws:ec2/flowLog:FlowLog", "f", in{"vpcId": "other"}))),
	"EC2.10": pair(vpcEndpoint("ec2"), "no endpoint for ec2", vpcEndpoint("ec2messages")),
	"EC2.15": pair(one(catalog.Subnet, in{"mapPublicIpOnLaunch": false}), "mapPublicIpOnLaunch is true",
		one(catalog.Subnet, in{"mapPublicIpOnLaunch": true})),
	"EC2.16": pair(one("aws:ec2/networkAcl:NetworkAcl", in{"subnetIds": all{"a"}}), "it has no subnet",
		one("aws:ec2/networkAcl:NetworkAcl", in{})),
	"EC2.18": {
		[]stackOf{
			ingress(443, 443, nil), ingress(5432, 5432, in{"cidrIpv4": "10.0.0.0/8"}),
			ingress(-1, -1, in{"ipProtocol": "icmp"}),
			one("aws:ec2/securityGroup:SecurityGroup", in{"ingress": all{in{
				"protocol":   "tcp",
				"fromPort":   80.0,
				"toPort":     80.0,
				"cidrBlocks": all{"0.0.0.0/0"},
			}}}),
		},
		map[string]stackOf{
			"admits 0.0.0.0/0 on tcp ports 443 to 444": ingress(443, 444, nil),
			"admits ::/0 on tcp":                       ingress(8080, 8080, in{"cidrIpv4": nil, "cidrIpv6": "::/0"}),
			"admits 128.0.0.0/1":                       ingress(8080, 8080, in{"cidrIpv4": "128.0.0.0/1"}),
			"on -1 ports 0 to 65535":                   ingress(0, 0, in{"ipProtocol": "-1"}),
			"on tcp ports 22 to 22": one("aws:ec2/securityGroup:SecurityGroup",
				in{"ingress": all{in{
					"protocol":       "tcp",
					"fromPort":       22.0,
					"toPort":         22.0,
					"ipv6CidrBlocks": all{"::/0"},
				}}}),
		},
	},
	"EC2.19": pair(ingress(443, 443, nil), "ports 5000 to 6000", ingress(5000, 6000, nil)),
	"EC2.21": {
		[]stackOf{defaultACL(in{
			"action":    "allow",
			"protocol":  "tcp",
			"fromPort":  443.0,
			"toPort":    443.0,
			"cidrBlock": "0.0.0.0/0",
		})},
		map[string]stackOf{
			"its default network ACL is as AWS makes it": aVPC(),
			"on ports 0 to 65535": defaultACL(in{
				"action":    "allow",
				"protocol":  "-1",
				"cidrBlock": "0.0.0.0/0",
			}),
		},
	},
	"EC2.53": pair(ingress(443, 443, nil), "ports 20 to 25", ingress(20, 25, nil)),
	"EC2.55": pair(vpcEndpoint("ecr.api"), "no endpoint for ecr.api", vpcEndpoint("ecr.dkr")),
	"EC2.56": pair(vpcEndpoint("ecr.dkr"), "no endpoint for ecr.dkr", vpcEndpoint("ecr.api")),
	"EC2.57": pair(vpcEndpoint("ssm"), "no endpoint for ssm", vpcEndpoint("ssmmessages")),
	"EC2.58": pair(vpcEndpoint("ssm-contacts"), "no endpoint for ssm-contacts", aVPC()),
	"EC2.60": pair(vpcEndpoint("ssm-incidents"), "no endpoint for ssm-incidents", aVPC()),
	"REL10-BP01": pair(twoSubnets("za", "natGatewayId"), "its NAT gateway is in za, it is in zb",
		twoSubnets("zb", "natGatewayId")),

	"IAM.1": pair(policyOf(inline[0], in{}), "allows every action on every resource",
		policyOf(managed[0], in{"Action": "*"})),
	"IAM.2": pair(one("aws:iam/user:User", in{}), "a policy of its own",
		append(one("aws:iam/user:User", in{"name": "u"}), made("aws:iam/userPolicy:UserPolicy", "p", in{"user": "u"}))),
	"IAM.3": {nil, map[string]stackOf{"is never rotated": one("aws:iam/accessKey:AccessKey", in{})}},
	"IAM.21": pair(policyOf(managed[0], in{"Action": "ec2:Describe*"}), "allows every action of a service",
		policyOf(managed[0], in{"Action": all{"ec2:*"}})),
	"IAM.27": pair(one("aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		in{"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}), "it attaches",
		one("aws:iam/rolePolicyAttachment:RolePolicyAttachment",
			in{"policyArn": "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"})),
	"KMS.1": pair(policyOf(managed[0],
		in{"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/1"}), "with every key",
		policyOf(managed[0], in{"Action": "kms:D*"})),
	"KMS.2": pair(policyOf(inline[0], in{"Action": "kms:Encrypt"}), "with every key",
		policyOf(inline[0], in{"Action": "kms:ReEncrypt*", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/*"})),
	"KMS.4": pair(one(keys[0], in{"enableKeyRotation": true}), "enableKeyRotation is false", one(keys[0], in{})),
	"KMS.5": pair(policyOf(keys[0], in{"Principal": in{"AWS": "arn:aws:iam::111122223333:root"}}), "lets everybody in",
		policyOf(keys[0], in{"Principal": in{"AWS": "*"}})),
	"SQS.1": {
		passes: []stackOf{one(catalog.Queue, in{"sqsManagedSseEnabled": true}),
			one(catalog.Queue, in{"kmsMasterKeyId": "k"})},
		fails: map[string]stackOf{"sqsManagedSseEnabled is false": one(catalog.Queue, in{})},
	},
	"SQS.3": pair(policyOf(catalog.Queue, in{"Principal": in{"AWS": "arn:aws:iam::111122223333:role/sender"}}),
		"lets everybody in",
		policyOf(catalog.Queue, in{"Principal": in{"AWS": "*"}})),
	"SNS.1": pair(one(topics[0], in{"kmsMasterKeyId": "k"}), "kmsMasterKeyId is not set", one(topics[0], in{})),
	"SNS.4": pair(policyOf(topicPolicies[0],
		in{"Principal": "*", "Condition": in{"StringEquals": in{"AWS:SourceOwner": "111122223333"}}}),
		"lets everybody in",
		policyOf(topicPolicies[0], in{"Principal": "*"})),

	"Athena.4": pair(one("aws:athena/workgroup:Workgroup", in{}), "is false",
		one("aws:athena/workgroup:Workgroup", in{"configuration": in{"publishCloudwatchMetricsEnabled": false}})),
	"Backup.1": pair(one("aws:backup/vault:Vault", in{"kmsKeyArn": "k"}), "kmsKeyArn is not set",
		one("aws:backup/vault:Vault", in{})),
	"CloudTrail.1": pair(one(trails[0], in{"isMultiRegionTrail": true}), "isMultiRegionTrail is false",
		one(trails[0], in{})),
	"CloudTrail.2":  pair(one(trails[0], in{"kmsKeyId": "k"}), "kmsKeyId is not set", one(trails[0], in{})),
	"CloudTrail.4":  pair(one(trails[0], in{"enableLogFileValidation": true}), "is false", one(trails[0], in{})),
	"CloudTrail.5":  pair(one(trails[0], in{"cloudWatchLogsGroupArn": "g"}), "is not set", one(trails[0], in{})),
	"CloudWatch.15": pair(one(alarms[0], in{"alarmActions": all{"t"}}), "alarmActions is empty", one(alarms[1], in{})),
	"CloudWatch.17": pair(one(alarms[0], in{}), "actionsEnabled is false", one(alarms[0], in{"actionsEnabled": false})),
	"DataFirehose.1": pair(one("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
		in{"serverSideEncryption": in{"enabled": true}}), "is false",
		one("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", in{})),
	"GuardDuty.1": pair(one("aws:guardduty/detector:Detector", in{}), "enable is false",
		one("aws:guardduty/detector:Detector", in{"enable": false})),
}

// judged is what one control says of a stack, without what is not applicable.
func judged(control Control, resources stackOf) []Result {
	return slices.DeleteFunc(control.judge(&stack{resources: resources}), func(r Result) bool {
		return r.Verdict == NotApplicable
	})
}

func TestEveryControlPassesAndFails(t *testing.T) {
	for _, control := range Controls {
		sample, ok := samples[control.ID]
		if !assert.True(t, ok, "%s has no sample", control.ID) {
			continue
		}
		assert.NotEmpty(t, sample.fails, control.ID)
		for _, resources := range sample.passes {
			results := judged(control, resources)
			assert.NotEmpty(t, results, control.ID)
			for _, one := range results {
				assert.Equal(t, Pass, one.Verdict, "%s: %+v", control.ID, one)
			}
		}
		for why, resources := range sample.fails {
			failed := slices.DeleteFunc(judged(control, resources), func(r Result) bool { return r.Verdict == Pass })
			if assert.Len(t, failed, 1, "%s: %s", control.ID, why) {
				assert.Equal(t, Fail, failed[0].Verdict, "%s: %s", control.ID, why)
				assert.Contains(t, failed[0].Reason, why, control.ID)
			}
		}
	}
	assert.Len(t, samples, len(Controls), "a sample without a control")
}

// blank replaces every value of the resources.
func blank(resources stackOf, with string) stackOf {
	var blanked stackOf
	for _, one := range resources {
		inputs := in{}
		for property := range one.Inputs {
			inputs[property] = with
		}
		one.Inputs, one.Outputs = inputs, in{"arn": with}
		if with == plan.Unknown {
			one.ID = ""
		}
		blanked = append(blanked, one)
	}
	return blanked
}

func TestWhatIsNotKnownNeverPasses(t *testing.T) {
	checked := 0
	for _, control := range Controls {
		for with, want := range map[string]Verdict{plan.Unknown: Unknown, plan.Secret: Hidden} {
			for _, resources := range samples[control.ID].passes {
				if !slices.ContainsFunc(resources, func(s plan.State) bool {
					return slices.Contains(control.Types, s.Type) && len(s.Inputs) > 0
				}) {
					continue // it passes by what is not there
				}
				for _, one := range judged(control, blank(resources, with)) {
					checked++
					if one.Verdict != want && one.Verdict != Fail {
						assert.Equal(t, want, one.Verdict, "%s: %s", control.ID, one.URN)
					}
				}
			}
		}
	}
	assert.Greater(t, checked, len(Controls))
}

func TestAnUnknownBooleanIsNotFalse(t *testing.T) {
	report, err := Evaluate(one(catalog.RDSClusterInstance,
		in{"publiclyAccessible": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"}), nil)
	require.NoError(t, err)
	assert.Equal(t, Unknown, find(t, report, "RDS.2").Verdict)
}

func TestAPlaceholderWithinAStringIsUnknown(t *testing.T) {
	resources := policyOf(inline[0], in{"Resource": "arn:aws:s3:::" + plan.Unknown + "/*"})
	for _, control := range Controls {
		if slices.Contains(control.Types, inline[0]) {
			results := judged(control, resources)
			require.Len(t, results, 1)
			assert.Equal(t, Unknown, results[0].Verdict, control.ID)
			assert.Contains(t, results[0].Reason, "policy is not known before a deploy")
		}
	}
}
