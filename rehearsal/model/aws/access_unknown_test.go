package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What the model would not understand when a document is asked is refused when a stack has it, by
// its name.
func TestADocumentThatTheModelDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	const before = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:GetObject",`
	for sentence, one := range map[string]struct{ statement, want string }{
		"an operator": {
			`"Condition":{"StringSimilar":{"aws:SourceArn":"x"}}`,
			`the model does not know the condition operator "StringSimilar" (of key aws:SourceArn)`,
		},
		"a key": {`"Condition":{"StringEquals":{"aws:SourceVpc":"x"}}`,
			`the model does not know the condition key "aws:SourceVpc"`},
		"an element": {`"Conditions":{}`, `unknown element "Conditions"`},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, err := w.check(rolePolicyType, "identity",
				in{"role": "r", "policy": before + `"Resource":"*",` + one.statement + `}]}`})
			assert.ErrorContains(t, err, one.want)
			_, err = w.check(roleType, "trust",
				in{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
					`"Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole",` + one.statement + `}]}`})
			assert.ErrorContains(t, err, one.want)
			principal := `"Principal":"*","Resource":"*",`
			for typ, property := range map[string]string{
				bucketPolicyType: "bucket",
				keyType:          "description",
				topicPolicyType:  "arn",
			} {
				_, err = w.check(typ, "resource",
					in{property: "x", "policy": before + principal + one.statement + `}]}`})
				assert.ErrorContains(t, err, one.want, typ)
			}
		})
	}
}
