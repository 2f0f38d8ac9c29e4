package aws

import (
	"fmt"
	"strings"
)

const allow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}`

// longPolicy is a policy with one action of n letters.
func longPolicy(n int) string {
	return strings.Replace(allow, "PutLogEvents", strings.Repeat("a", n-len("logs:")), 1)
}

func (w *world) rolePolicy(role, name, policy string) error {
	return failed(w.try(rolePolicyType, name, in{"role": role, "policy": policy}))
}

func (w *world) attach(role, name, policy string) error {
	return failed(w.try(policyAttachmentType, name, in{"role": role, "policyArn": policy}))
}

func (w *world) policies(role string, n int) error {
	for i := range n {
		policy := w.make(policyType, fmt.Sprint("policy", i), in{"policy": allow})
		if err := w.attach(role, fmt.Sprint("policy", i), policy.text("arn")); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) identityProvider(name, address string) error {
	return failed(w.try(identityProviderType, name, in{"url": address, "clientIdLists": []any{"sts.amazonaws.com"}}))
}

const taskExecution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

var iamPairs = map[string]pair{
	"one role a name": {
		want: "EntityAlreadyExists: Role with name deploy already exists.",
		refuses: func(w *world) error {
			w.make(roleType, "first", in{"name": "deploy", "assumeRolePolicy": trust})
			// Roles are global: another region is the same account.
			return failed(w.other("us-east-1", account, nil).try(roleType, "second",
				in{"name": "deploy", "assumeRolePolicy": trust}))
		},
		passes: func(w *world) error {
			w.make(roleType, "first", in{"name": "deploy", "assumeRolePolicy": trust})
			return failed(w.other(tokyo, "999999999999", nil).try(roleType, "second",
				in{"name": "deploy", "assumeRolePolicy": trust}))
		},
	},
	"a role's boundary is a known policy": {
		want: "NoSuchEntity: Scope ARN: arn:aws:iam::123456789012:policy/none does not exist or is not attachable.",
		refuses: func(w *world) error {
			return failed(w.try(roleType, "role",
				in{"assumeRolePolicy": trust, "permissionsBoundary": "arn:aws:iam::123456789012:policy/none"}))
		},
		passes: func(w *world) error {
			boundary := w.make(policyType, "boundary", in{"policy": allow}).text("arn")
			return failed(w.try(roleType, "role", in{"assumeRolePolicy": trust, "permissionsBoundary": boundary}))
		},
	},
	"address of an identity provider": {
		want:    "ValidationError: Invalid Open ID Connect Provider URL: token.example.com, want https://",
		refuses: func(w *world) error { return w.identityProvider("github", "token.example.com") },
		passes:  func(w *world) error { return w.identityProvider("github", "https://token.example.com") },
	},
	"one identity provider an address": {
		want: "EntityAlreadyExists: Provider with url https://token.example.com already exists.",
		refuses: func(w *world) error {
			if err := w.identityProvider("first", "https://token.example.com"); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return w.identityProvider("second", "https://token.example.com")
		},
		passes: func(w *world) error {
			if err := w.identityProvider("first", "https://token.example.com"); err != nil {
				return err
			}
			return w.identityProvider("second", "https://token.example.org")
		},
	},
	"trust policy of a role": {
		want: "MalformedPolicyDocument: Has prohibited field Resource: assumeRolePolicy, statement 0",
		refuses: func(w *world) error {
			return failed(w.try(roleType, "role", in{"assumeRolePolicy": allow}))
		},
		passes: func(w *world) error { return failed(w.try(roleType, "role", in{"assumeRolePolicy": trust})) },
	},
	"size of a trust policy": {
		want: "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048, the policy has 2049",
		refuses: func(w *world) error {
			return failed(w.try(roleType, "role", in{"assumeRolePolicy": longTrust(2049)}))
		},
		passes: func(w *world) error {
			return failed(w.try(roleType, "role", in{"assumeRolePolicy": longTrust(2048) + strings.Repeat(" ", 100)}))
		},
	},
	"document of a policy": {
		want: `MalformedPolicyDocument: The policy must contain a valid version string: got "2012-10-18", want ` +
			`2012-10-17`,
		refuses: func(w *world) error { return w.rolePolicy(w.role().id, "p", strings.Replace(allow, "17", "18", 1)) },
		passes:  func(w *world) error { return w.rolePolicy(w.role().id, "p", allow) },
	},
	"size of a managed policy": {
		want:    "LimitExceeded: Cannot exceed quota for PolicySize: 6144, the policy has 6184",
		refuses: func(w *world) error { return failed(w.try(policyType, "p", in{"policy": longPolicy(6100)})) },
		passes:  func(w *world) error { return failed(w.try(policyType, "p", in{"policy": longPolicy(6000)})) },
	},
	"size of a role's inline policies": {
		want: "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role deploy: 12168",
		refuses: func(w *world) error {
			role := w.make(roleType, "role", in{"name": "deploy", "assumeRolePolicy": trust}).id
			if err := w.rolePolicy(role, "first", longPolicy(6000)); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return w.rolePolicy(role, "second", longPolicy(6000))
		},
		passes: func(w *world) error {
			role := w.role().id
			if err := w.rolePolicy(role, "first", longPolicy(6000)); err != nil {
				return err
			}
			return w.rolePolicy(role, "second", longPolicy(4000))
		},
	},
	"a policy of a known role": {
		want:    "NoSuchEntity: The role with name none cannot be found.",
		refuses: func(w *world) error { return w.rolePolicy("none", "p", allow) },
		passes:  func(w *world) error { return w.attach(w.role().id, "execution", taskExecution) },
	},
	"one inline policy a role and name": {
		want: "EntityAlreadyExists: Role policy deploy:logs already exists.",
		refuses: func(w *world) error {
			role := w.make(roleType, "role", in{"name": "deploy", "assumeRolePolicy": trust}).id
			w.make(rolePolicyType, "first", in{"role": role, "name": "logs", "policy": allow})
			return failed(w.try(rolePolicyType, "second", in{"role": role, "name": "logs", "policy": allow}))
		},
		passes: func(w *world) error {
			role := w.role().id
			w.make(rolePolicyType, "first", in{"role": role, "name": "logs", "policy": allow})
			return failed(w.try(rolePolicyType, "second", in{"role": role, "name": "traces", "policy": allow}))
		},
	},
	"one managed policy a name": {
		want: "EntityAlreadyExists: A policy called deploy already exists. Duplicate names are not allowed.",
		refuses: func(w *world) error {
			w.make(policyType, "first", in{"name": "deploy", "policy": allow})
			return failed(w.try(policyType, "second", in{"name": "deploy", "policy": allow}))
		},
		passes: func(w *world) error {
			w.make(policyType, "first", in{"name": "deploy", "policy": allow})
			return failed(w.try(policyType, "second", in{"name": "preview", "policy": allow}))
		},
	},
	"a known policy is attached": {
		want: "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/none does not exist or is not attachable.",
		refuses: func(w *world) error {
			return w.attach(w.role().id, "p", "arn:aws:iam::123456789012:policy/none")
		},
		passes: func(w *world) error { return w.policies(w.role().id, 1) },
	},
	"ten managed policies a role": {
		want: "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10",
		refuses: func(w *world) error {
			role := w.role().id
			if err := w.policies(role, 10); err != nil {
				return fmt.Errorf("the first ten: %w", err)
			}
			return w.attach(role, "eleventh", taskExecution)
		},
		passes: func(w *world) error { return w.policies(w.role().id, 10) },
	},
	"a role with policies stays": {
		want: "DeleteConflict: Cannot delete entity, must delete policies first.",
		refuses: func(w *world) error {
			role := w.role()
			if err := w.rolePolicy(role.id, "p", allow); err != nil {
				return fmt.Errorf("the policy: %w", err)
			}
			return w.delete(role)
		},
		passes: func(w *world) error {
			role := w.role()
			policy := w.make(rolePolicyType, "p", in{"role": role.id, "policy": allow})
			if err := w.delete(policy); err != nil {
				return err
			}
			return w.delete(role)
		},
	},
	"an attached policy stays": {
		want: "DeleteConflict: Cannot delete a policy attached to entities.",
		refuses: func(w *world) error {
			policy := w.make(policyType, "p", in{"policy": allow})
			if err := w.attach(w.role().id, "p", policy.text("arn")); err != nil {
				return fmt.Errorf("the attachment: %w", err)
			}
			return w.delete(policy)
		},
		passes: func(w *world) error { return w.delete(w.make(policyType, "p", in{"policy": allow})) },
	},
}

// longTrust is a trust policy of n characters.
func longTrust(n int) string {
	return strings.Replace(trust, "AssumeRole", strings.Repeat("a", n-len(trust)+len("AssumeRole")), 1)
}
