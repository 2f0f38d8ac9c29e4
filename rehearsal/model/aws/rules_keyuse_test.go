package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// keyFor is a key whose policy lets the account administer it, and use it through the named
// services alone.
func (w *world) keyFor(services ...string) object {
	return w.keyOf(fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Resource":"*",
		"Action":["kms:CreateGrant","kms:Decrypt","kms:Encrypt","kms:GenerateDataKey*","kms:ReEncrypt*","kms:RetireGrant"],
		"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"},"StringEquals":{"kms:ViaService":["%s"]}}}`, strings.Join(services, `","`)), nil)
}

// keyOf is a key that the account administers, with one more statement in its policy.
func (w *world) keyOf(statement string, more in) object {
	return w.make(keyType, "key", altered(in{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},
		"Resource":"*","Action":["kms:Describe*","kms:Get*","kms:PutKeyPolicy"]},` + statement + `]}`}, more))
}

func keyForService(service string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Principal":{"Service":"%s"},"Resource":"*",
		"Action":["kms:Decrypt*","kms:Describe*","kms:Encrypt*","kms:GenerateDataKey*","kms:GetPublicKey","kms:ReEncrypt*","kms:Sign"]}`, service)
}

// withKey asks something of a key and writes KEY in place of the key's ARN into the answer.
func withKey(key object, ask func(arn string) error) error {
	return worded(ask(key.text("arn")), key.text("arn"), "KEY")
}

func (w *world) encryptedRepository(key string) error {
	return failed(w.try(repositoryType, "web", repository(in{"encryptionConfigurations": []any{in{"encryptionType": "KMS", "kmsKey": key}}})))
}

func (w *world) secureString(key string) error {
	return failed(w.try(parameterType, "secret", in{"name": "/app/secret", "type": "SecureString", "value": "x", "keyId": key}))
}

func (w *world) loggedWith(key string) error {
	return failed(w.try(logGroupType, "web", in{"name": "/ecs/web", "kmsKeyId": key}))
}

// deletedRepository makes a repository with a key that is for ECR, gives the key another policy and
// deletes the repository.
func (w *world) deletedRepository(services ...string) error {
	key := w.keyFor("ecr.ap-northeast-1.amazonaws.com")
	made := w.make(repositoryType, "web", repository(in{"encryptionConfigurations": []any{in{"encryptionType": "KMS", "kmsKey": key.text("arn")}}}))
	after := resource.NewPropertyMapFromMap(in{"policy": w.keyFor(services...).text("policy")}).Mappable()
	if _, err := w.update(key, after); err != nil {
		return err
	}
	return withKey(key, func(string) error { return w.delete(made) })
}

var (
	otherServices = []string{"rds.ap-northeast-1.amazonaws.com", "s3.ap-northeast-1.amazonaws.com"}
	ecrInVirginia = "ecr.us-east-1.amazonaws.com"
	signs         = in{"customerMasterKeySpec": "ECC_NIST_P256", "keyUsage": "SIGN_VERIFY"}
)

var keyUsePairs = map[string]pair{
	"a repository's key lets ECR in": {
		want: "KmsException: kms:CreateGrant on resource KEY through ecr.ap-northeast-1.amazonaws.com: no resource-based policy allows the kms:CreateGrant action",
		refuses: func(w *world) error {
			if withKey(w.keyFor(ecrInVirginia), w.encryptedRepository) == nil {
				return nil
			}
			return withKey(w.keyFor(otherServices...), w.encryptedRepository)
		},
		passes: func(w *world) error {
			if err := withKey(w.make(keyType, "open", nil), w.encryptedRepository); err != nil {
				return err
			}
			_, err := w.preview(repositoryType, "api", repository(in{"name": "api", "encryptionConfigurations": []any{in{"encryptionType": "KMS", "kmsKey": unknown}}}))
			return err
		},
	},
	"a repository's key lets ECR out": {
		want:    "KmsException: kms:RetireGrant on resource KEY through ecr.ap-northeast-1.amazonaws.com: no resource-based policy allows the kms:RetireGrant action",
		refuses: func(w *world) error { return w.deletedRepository(otherServices...) },
		passes:  func(w *world) error { return w.deletedRepository("ecr.ap-northeast-1.amazonaws.com") },
	},
	"a vault's key lets AWS Backup in": {
		want: "InsufficientPrivilegesException: kms:CreateGrant on resource KEY through backup.ap-northeast-1.amazonaws.com: no resource-based policy allows the kms:CreateGrant action",
		refuses: func(w *world) error {
			return withKey(w.keyFor(otherServices...), func(arn string) error { return failed(w.try(vaultType, "vault", in{"kmsKeyArn": arn})) })
		},
		passes: func(w *world) error {
			return withKey(w.keyFor("backup.ap-northeast-1.amazonaws.com"), func(arn string) error { return failed(w.try(vaultType, "vault", in{"kmsKeyArn": arn})) })
		},
	},
	"a cluster's key lets RDS in": {
		want: "KMSKeyNotAccessibleFault: kms:CreateGrant on resource KEY through rds.ap-northeast-1.amazonaws.com: no resource-based policy allows the kms:CreateGrant action",
		refuses: func(w *world) error {
			return withKey(w.keyFor(ecrInVirginia), func(arn string) error { return w.aurora(in{"storageEncrypted": true, "kmsKeyId": arn}) })
		},
		passes: func(w *world) error {
			return withKey(w.keyFor(otherServices...), func(arn string) error { return w.aurora(in{"storageEncrypted": true, "kmsKeyId": arn}) })
		},
	},
	"a parameter's key lets Systems Manager in": {
		want:    "AccessDeniedException: kms:Encrypt on resource KEY through ssm.ap-northeast-1.amazonaws.com: no resource-based policy allows the kms:Encrypt action",
		refuses: func(w *world) error { return withKey(w.keyFor(otherServices...), w.secureString) },
		passes:  func(w *world) error { return withKey(w.keyFor("ssm.ap-northeast-1.amazonaws.com"), w.secureString) },
	},
	"a log group's key lets CloudWatch Logs in": {
		want: "AccessDeniedException: kms:Encrypt on resource KEY by logs.ap-northeast-1.amazonaws.com: no resource-based policy allows the kms:Encrypt action",
		refuses: func(w *world) error {
			// What the account may do, CloudWatch Logs may not do itself.
			if withKey(w.make(keyType, "open", nil), w.loggedWith) == nil {
				return nil
			}
			return withKey(w.keyOf(keyForService("logs.us-east-1.amazonaws.com"), nil), w.loggedWith)
		},
		passes: func(w *world) error {
			return withKey(w.keyOf(keyForService("logs.ap-northeast-1.amazonaws.com"), nil), w.loggedWith)
		},
	},
	"a signing key lets Route 53 in": {
		want:    "InvalidKMSArn: kms:DescribeKey on resource KEY by dnssec-route53.amazonaws.com: no resource-based policy allows the kms:DescribeKey action",
		refuses: func(w *world) error { return w.signedWith(keyForService("route53.amazonaws.com")) },
		passes:  func(w *world) error { return w.signedWith(keyForService("dnssec-route53.amazonaws.com")) },
	},
}

// signedWith makes a key-signing key of a key with one more statement in its policy.
func (w *world) signedWith(statement string) error {
	virginia := w.other(globalRegion, account, nil)
	zone := w.make(zoneType, "zone", in{"name": "example.com"})
	return withKey(virginia.keyOf(statement, signs), func(arn string) error {
		return failed(w.try(signingKeyType, "key", in{"name": "zone_key", "hostedZoneId": zone.id, "keyManagementServiceArn": arn}))
	})
}
