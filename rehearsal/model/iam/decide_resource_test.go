package iam

import (
	"strings"
	"testing"
)

// TestDecideByResource has what the policies of resources, of keys and of roles decide:
// reference_policies_evaluation-logic.html and reference_policies_elements_notprincipal.html of the
// IAM User Guide, key-policy-overview.html and grants.html of the KMS Developer Guide.
func TestDecideByResource(t *testing.T) {
	t.Parallel()
	service := Principal{Service: "logs.eu-west-1.amazonaws.com"}
	grant := func(operation string, equals, subset map[string]string) []Grant {
		return []Grant{{
			Key:           aKey,
			Grantee:       role,
			Operations:    []string{operation},
			ContextEquals: equals,
			ContextSubset: subset,
		}}
	}
	keyRoot := `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"`
	decides(t, map[string]question{
		// A resource's policy in the same account.
		"the resource names the role": {resource: toRole},
		"the resource names the role, under a boundary": {
			resource: toRole,
			boundary: `"Effect":"Allow","Action":"ec2:*","Resource":"*"`,
			want:     noBoundary,
		},
		"the resource names the session": {
			resource: toSession,
			boundary: `"Effect":"Allow","Action":"ec2:*","Resource":"*"`,
		},
		"the resource names the account":                  {resource: toAccount, want: noIdentity},
		"the resource names the account, identity allows": {resource: toAccount, identity: allowRead},
		"the resource names another role": {
			resource: strings.ReplaceAll(toRole, "role/app", "role/web"),
			want:     noIdentity,
		},
		"the resource names everybody": {
			resource: `"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"`,
		},

		// Another account: both sides.
		"another account, the identity alone":  {identity: allowRead, owner: other, want: noResource},
		"another account, the resource alone":  {resource: toRole, owner: other, want: noIdentity},
		"another account, both":                {identity: allowRead, resource: toRole, owner: other},
		"another account, the account and IAM": {identity: allowRead, resource: toAccount, owner: other},

		// Keys: the key's policy must allow, or leave it to IAM.
		"a key whose policy says nothing": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			identity:  allowAll,
			want:      "because no resource-based policy allows the kms:Decrypt action",
		},
		"a key that leaves it to IAM": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			identity:  allowAll,
			resource:  keyRoot,
		},
		"a key that leaves it to IAM, IAM silent": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			want:      "because no identity-based policy allows the kms:Decrypt action",
		},
		"a key that names the role": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  `"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"kms:Decrypt","Resource":"*"`,
		},
		"a grant": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			grants:    []Grant{{Key: aKey, Grantee: role, Operations: []string{"Decrypt"}}},
		},
		"a grant of another operation": {
			action:    "kms:Encrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			want:      "because no identity-based policy allows",
			grants:    []Grant{{Key: aKey, Grantee: role, Operations: []string{"Decrypt"}}},
		},
		"a grant whose subset of the encryption context is another": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			want:      "because no identity-based policy allows",
			context:   map[string][]string{"kms:EncryptionContext:aws:ecr:arn": {"two"}},
			grants:    grant("Decrypt", nil, map[string]string{"aws:ecr:arn": "one"}),
		},
		"a grant whose subset is among the encryption context": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			context: map[string][]string{
				"kms:EncryptionContext:aws:ecr:arn": {"one"},
				"kms:EncryptionContext:layer":       {"a"},
			},
			grants: grant("Decrypt", nil, map[string]string{"aws:ecr:arn": "one"}),
		},
		"a grant of the whole encryption context": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			context:   map[string][]string{"kms:EncryptionContext:aws:ecr:arn": {"one"}},
			grants:    grant("Decrypt", map[string]string{"aws:ecr:arn": "one"}, nil),
		},
		"a grant of the whole, and the request has more": {
			action:    "kms:Decrypt",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			want:      "because no identity-based policy allows",
			context: map[string][]string{
				"kms:EncryptionContext:aws:ecr:arn": {"one"},
				"kms:EncryptionContext:layer":       {"a"},
			},
			grants: grant("Decrypt", map[string]string{"aws:ecr:arn": "one"}, nil),
		},
		"a grant of the whole, of an operation without any": {
			action:    "kms:DescribeKey",
			on:        aKey,
			mandatory: true,
			resource:  keyRoot,
			grants:    grant("DescribeKey", map[string]string{"aws:ecr:arn": "one"}, nil),
		},

		// Services and identity providers have no policies of their own.
		"a service that is named": {
			as: service,
			resource: `"Effect":"Allow","Principal":{"Service":"logs.eu-west-1.amazonaws.com"},` +
				`"Action":"s3:*","Resource":"*"`,
		},
		"a service of another region": {
			as: service,
			resource: `"Effect":"Allow","Principal":{"Service":"logs.eu-west-2.amazonaws.com"},` +
				`"Action":"s3:*","Resource":"*"`,
			want: noResource,
		},
		"a service and the account": {as: service, resource: toAccount, want: noResource},
		"a token's holder": {
			as:        Principal{Provider: "arn:aws:iam::111122223333:oidc-provider/issuer"},
			action:    "sts:AssumeRoleWithWebIdentity",
			on:        role,
			mandatory: true,
			resource: `"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer"},` +
				`"Action":"sts:AssumeRoleWithWebIdentity"`,
		},
		"a trust that does not name the service": {
			as:        service,
			action:    "sts:AssumeRole",
			on:        role,
			mandatory: true,
			want:      "because no role trust policy allows the sts:AssumeRole action",
			resource:  `"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"`,
		},
		"the root user": {as: Principal{Account: account, Root: true}},

		// NotPrincipal spares a session only where it, its role and its account are all named.
		"NotPrincipal names all three": {
			identity: allowRead,
			resource: `"Effect":"Deny","NotPrincipal":{"AWS":["` + session + `","` + role + `",` +
				`"111122223333"]},"Action":"s3:*","Resource":"*"`,
		},
		"NotPrincipal names the role": {
			identity: allowRead,
			resource: `"Effect":"Deny","NotPrincipal":{"AWS":"` + role + `"},"Action":"s3:*","Resource":"*"`,
			want:     "explicit deny in a resource-based policy",
		},
		"NotPrincipal names somebody else": {
			identity: allowRead,
			resource: `"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/web"},` +
				`"Action":"s3:*","Resource":"*"`,
			want: "explicit deny in a resource-based policy",
		},
	})
}
