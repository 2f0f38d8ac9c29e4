package iam

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the model does not know must not decide anything.
func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringSimilar":{"aws:SourceArn":"x"}}}]}`: `read statement "A" of a policy document: the ` +
			`model does not know the condition operator "StringSimilar" (of key aws:SourceArn)`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:SourceVpc":"x"}}}]}`: `read statement 1 of a policy document: the ` +
			`model does not know the condition key "aws:SourceVpc"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:TagKeys":"x"}}}]}`: `want ForAllValues:StringEquals or ` +
			`ForAnyValue:StringEquals`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Conditions":{}}]}`: `unknown field "Conditions"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"s3:*",
		 "Resource":"*"}]}`: `Effect is "allow", want Allow or Deny`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		 "Resource":"*"}]}`: `it wants Action or NotAction`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"Get*",
		 "Resource":"*"}]}`: `Action "Get*" has no service`,
		`{"Version":"2013-01-01","Statement":[]}`: `Version is "2013-01-01"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",` +
			`"Principal":{"CanonicalUser":"x"},"Resource":"*"}]}`: `principals of kind "CanonicalUser"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",` +
			`"Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Resource":"*"}]}`: `has wildcards`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Principal":"me",` +
			`"Resource":"*"}]}`: `Principal is "me", want *`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":{` +
			`"a":1}}]}`: `read statement 1`,
		`{"Version":"2012-10-17","Statement":[]} and more`: `text after the document`,
	} {
		kind := OfIdentity
		if strings.Contains(text, `"Principal"`) {
			kind = OfResource
		}
		_, err := Parse(kind, text)
		assert.ErrorContains(t, err, want)
	}
}

// A document of one kind is none of another: what AWS refuses to store decides nothing.
func TestParseByKind(t *testing.T) {
	t.Parallel()
	const (
		principal = `"Principal":{"Service":"logs.amazonaws.com"}`
		resource  = `"Resource":"*"`
	)
	for _, test := range []struct {
		kind     Kind
		elements string
		want     string
	}{
		{OfIdentity, resource, ""},
		{OfIdentity, principal + "," + resource,
			"it names a principal, and an identity policy is about whoever has it"},
		{OfIdentity, `"NotPrincipal":{"AWS":"*"},` + resource, "it names a principal"},
		{OfIdentity, `"Sid":"A"`, "it has no Resource, and a statement of this kind (identity policy) wants one"},
		{OfResource, principal + "," + resource, ""},
		{OfResource, resource, "it has no Principal, and a resource policy says whom it is about"},
		{OfResource, principal, "it has no Resource, and a statement of this kind (resource policy) wants one"},
		{OfTrust, principal, ""},
		{OfTrust, `"Sid":"A"`, "it has no Principal, and a trust policy says whom it is about"},
		{OfTrust, principal + "," + resource, "it has a Resource, and a trust policy is about what it is on"},
		{OfRepository, principal, ""},
		{OfRepository, principal + "," + resource, "it has a Resource, and a repository policy is about what it is on"},
		{"policy", resource, `the model does not know policies of kind "policy"`},
	} {
		_, err := Parse(test.kind,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:B",`+test.elements+`}]}`)
		if test.want == "" {
			assert.NoError(t, err, "%s: %s", test.kind, test.elements)
			continue
		}
		assert.ErrorContains(t, err, "read statement", "%s: %s", test.kind, test.elements)
		assert.ErrorContains(t, err, test.want, "%s: %s", test.kind, test.elements)
	}
}

// FuzzParse holds that a document is parsed or refused, never both and never with a panic.
func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{` + allowRead +
		`,"Condition":{"ForAnyValue:StringLike":{"aws:TagKeys":["a*"]}}}]}`)
	f.Add(`{"Statement":{` + allowAll + `}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(OfIdentity, text)
		if err == nil {
			who, err := RoleSession(role, "job")
			require.NoError(t, err)
			_ = Decide(Request{Principal: who, Action: "s3:GetObject", Resource: bucket},
				Documents{Identity: []Attached{{"it", d}}})
		} else if json.Valid([]byte(text)) {
			assert.Nil(t, d)
		}
	})
}
