package compute

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/policy"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// ManagedSecret is a secret of AWS Secrets Manager, in the stack's account and region, that
// somebody else keeps: the stack reads it, and neither makes nor changes it. ECS reads it when a
// task starts, so tasks that run keep the value that they started with.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
type ManagedSecret struct {
	// ARN is the whole one, with the hyphen and the six characters that Secrets Manager adds to the
	// name.
	ARN string `json:"arn" pattern:"^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$" want:"the whole ARN of a secret, such as arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:stripe-a1B2c3"`
	// Field is the key of a JSON object in the secret whose value is taken. Without it: the whole
	// secret.
	Field string `json:"field" settings:"optional" pattern:"^[A-Za-z0-9_.-]+$" want:"a key of the JSON in the secret, of letters, digits, dots, hyphens and underscores"`
	// KeyARN is the KMS key that encrypts the secret. Without it: the one that AWS keeps for the
	// account.
	KeyARN string `json:"keyArn" settings:"optional" pattern:"^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$" want:"the ARN of a key, such as arn:aws:kms:ap-northeast-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"`
}

// valueFrom is how ECS names the value: the ARN and, for a field, that one, in its newest version.
func (m ManagedSecret) valueFrom() string {
	if m.Field == "" {
		return m.ARN
	}
	return m.ARN + ":" + m.Field + "::"
}

// ManagedSecrets are those of a service by the names of its variables.
type ManagedSecrets map[string]ManagedSecret

// ARNs are those of the secrets, sorted, each once.
func (m ManagedSecrets) ARNs() []string {
	return m.distinct(func(one ManagedSecret) string { return one.ARN })
}

func (m ManagedSecrets) distinct(of func(ManagedSecret) string) []string {
	var all []string
	for _, one := range m {
		if value := of(one); value != "" {
			all = append(all, value)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// statements let ECS read exactly these secrets.
func (m ManagedSecrets) statements(region string) policy.Document {
	arns := pulumi.ToStringArray(m.ARNs())
	if len(arns) == 0 {
		return nil
	}
	doc := policy.Document{{
		Sid:       "Secrets",
		Effect:    policy.Allow,
		Actions:   []string{"secretsmanager:GetSecretValue"},
		Resources: arns,
	}}
	keys := m.distinct(func(one ManagedSecret) string { return one.KeyARN })
	if len(keys) == 0 {
		return doc
	}
	return append(doc, policy.Statement{
		Sid:       "DecryptSecrets",
		Effect:    policy.Allow,
		Actions:   []string{"kms:Decrypt"},
		Resources: pulumi.ToStringArray(keys),
		// Secrets Manager binds each value to its secret's ARN.
		// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
		Conditions: []policy.Condition{
			policy.Equals("kms:ViaService", pulumi.String(fmt.Sprintf("secretsmanager.%s.amazonaws.com", region))),
			{Operator: "StringEquals", Key: "kms:EncryptionContext:SecretARN", Values: arns},
		},
	})
}

// validateSecrets checks the names of variables that are filled from somewhere.
func (c ServiceConfig) validateSecrets(given []string) settings.Problems {
	var p settings.Problems
	for i, name := range c.Secrets {
		at := fmt.Sprintf("secrets[%d]", i)
		_, plain := c.Environment[name]
		p.Want(!plain, at, name, "a name that environment does not have")
		p.Want(!slices.Contains(given, name), at, name, "another name: the service sets it itself")
	}
	for _, name := range slices.Sorted(maps.Keys(c.SecretsManager)) {
		at := settings.Key("secretsManager", name)
		_, plain := c.Environment[name]
		p.Want(!plain && !slices.Contains(c.Secrets, name), at, name, "a name that neither environment nor secrets has")
		p.Want(!slices.Contains(given, name), at, name, "another name: the service sets it itself")
	}
	return p
}

// ManagedSecrets are the ARNs of all services' secrets of Secrets Manager, sorted, each once.
func (s Services) ManagedSecrets() []string {
	var all []string
	for _, one := range s {
		all = append(all, one.SecretsManager.ARNs()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
