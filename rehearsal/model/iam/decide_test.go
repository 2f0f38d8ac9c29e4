package iam

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	account = "111122223333"
	other   = "444455556666"
	role    = "arn:aws:iam::111122223333:role/app"
	session = "arn:aws:sts::111122223333:assumed-role/app/job"
	bucket  = "arn:aws:s3:::shelf/books/1"
	aKey    = "arn:aws:kms:eu-west-1:111122223333:key/1"
)

// st is a statement as a test writes it: its elements as JSON, without braces.
func document(t testing.TB, statements ...string) *Document {
	t.Helper()
	d, err := Parse(`{"Version":"2012-10-17","Statement":[{` + strings.Join(statements, "},{") + `}]}`)
	require.NoError(t, err)
	return d
}

const (
	allowRead = `"Effect":"Allow","Action":"s3:GetObject","Resource":"*"`
	allowAll  = `"Effect":"Allow","Action":"*","Resource":"*"`
	toRole    = `"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"s3:GetObject","Resource":"*"`
	toSession = `"Effect":"Allow","Principal":{"AWS":"` + session + `"},"Action":"s3:GetObject","Resource":"*"`
	toAccount = `"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"*"`
)

// question is one line of the table. Documents that are empty are not there.
type question struct {
	identity, boundary, session, resource string
	mandatory                             bool
	action, on                            string // s3:GetObject on bucket, when empty
	owner                                 string
	context                               map[string][]string
	grants                                []Grant
	as                                    Principal
	want                                  string // a part of the refusal; empty: allowed
}

func (q question) ask(t testing.TB) error {
	t.Helper()
	attach := func(name, statements string) *Attached {
		if statements == "" {
			return nil
		}
		return &Attached{Name: name, Document: document(t, strings.Split(statements, "\n")...)}
	}
	d := Documents{
		Identity: list(attach("policy own", q.identity)), Boundary: attach("policy boundary", q.boundary),
		Session: list(attach("policy of the session", q.session)), Resource: attach("policy of the resource", q.resource),
		Mandatory: q.mandatory, Grants: q.grants,
	}
	r := Request{Principal: q.as, Action: q.action, Resource: q.on, Owner: q.owner, Context: Context{}}
	if r.Principal == (Principal{}) {
		var err error
		r.Principal, err = RoleSession(role, "job")
		require.NoError(t, err)
	}
	if r.Action == "" {
		r.Action = "s3:GetObject"
	}
	if r.Resource == "" {
		r.Resource = bucket
	}
	for name, values := range q.context {
		r.Context.Set(name, values...)
	}
	return Decide(r, d)
}

// TestDecide holds the verdicts to those of AWS's documentation:
// reference_policies_evaluation-logic.html, access_policies_boundaries.html,
// reference_policies_elements_*.html of the IAM User Guide, key-policy-overview.html of the KMS
// Developer Guide.
func TestDecide(t *testing.T) {
	t.Parallel()
	condition := func(operator, key, values string) string {
		return allowRead + `,"Condition":{"` + operator + `":{"` + key + `":` + values + `}}`
	}
	service := Principal{Service: "logs.eu-west-1.amazonaws.com"}
	const (
		noIdentity = "because no identity-based policy allows the s3:GetObject action"
		noBoundary = "because no permissions boundary allows the s3:GetObject action"
		noResource = "because no resource-based policy allows the s3:GetObject action"
	)
	keyRoot := `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"`
	for name, q := range map[string]question{
		// Allow, deny and the absence of both.
		"nothing allows":            {want: noIdentity},
		"an identity policy allows": {identity: allowRead},
		"a deny wins over an allow": {
			identity: allowRead + "\n" + `"Effect":"Deny","Action":"s3:Get*","Resource":"*"`,
			want:     "with an explicit deny in an identity-based policy",
		},
		"a deny of another action": {
			identity: allowRead + "\n" + `"Effect":"Deny","Action":"s3:Put*","Resource":"*"`,
		},
		"a resource's deny wins": {
			identity: allowRead,
			resource: `"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"`,
			want:     "with an explicit deny in a resource-based policy",
		},
		"a boundary's deny wins": {
			identity: allowRead,
			boundary: allowAll + "\n" + `"Effect":"Deny","Action":"s3:*","Resource":"*"`,
			want:     "with an explicit deny in a permissions boundary",
		},
		"a deny wins over the session": {
			resource: toSession,
			boundary: `"Effect":"Deny","Action":"s3:*","Resource":"*"`,
			want:     "with an explicit deny in a permissions boundary",
		},
		"a deny of the boundary's NotAction": {
			identity: allowRead,
			boundary: allowAll + "\n" + `"Effect":"Deny","NotAction":"iam:*","Resource":"*"`,
			want:     "explicit deny in a permissions boundary",
		},

		// The boundary and the session limit what the identity has, and give nothing.
		"a boundary that is narrower": {
			identity: allowAll,
			boundary: `"Effect":"Allow","Action":"ec2:*","Resource":"*"`,
			want:     noBoundary,
		},
		"a boundary alone":      {boundary: allowAll, want: noIdentity},
		"boundary and identity": {identity: allowRead, boundary: allowAll},
		"a session policy that is narrower": {
			identity: allowAll,
			session:  `"Effect":"Allow","Action":"ec2:*","Resource":"*"`,
			want:     "because no session policy allows",
		},
		"a session policy that allows": {identity: allowAll, session: allowRead},

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
			action: "kms:Decrypt", on: aKey, mandatory: true,
			resource: `"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"kms:Decrypt","Resource":"*"`,
		},
		"a grant": {
			action: "kms:Decrypt", on: aKey, mandatory: true, resource: keyRoot,
			grants: []Grant{{Key: aKey, Grantee: role, Operations: []string{"Decrypt"}}},
		},
		"a grant of another operation": {
			action: "kms:Encrypt", on: aKey, mandatory: true, resource: keyRoot, want: "because no identity-based policy allows",
			grants: []Grant{{Key: aKey, Grantee: role, Operations: []string{"Decrypt"}}},
		},
		"a grant with another encryption context": {
			action: "kms:Decrypt", on: aKey, mandatory: true, resource: keyRoot, want: "because no identity-based policy allows",
			context: map[string][]string{"kms:EncryptionContext:aws:ecr:arn": {"two"}},
			grants:  []Grant{{Key: aKey, Grantee: role, Operations: []string{"Decrypt"}, Encryption: map[string]string{"aws:ecr:arn": "one"}}},
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
			as: Principal{Provider: "arn:aws:iam::111122223333:oidc-provider/issuer"}, action: "sts:AssumeRoleWithWebIdentity", on: role, mandatory: true,
			resource: `"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer"},"Action":"sts:AssumeRoleWithWebIdentity"`,
		},
		"a trust that does not name the service": {
			as: service, action: "sts:AssumeRole", on: role, mandatory: true, want: "because no role trust policy allows the sts:AssumeRole action",
			resource: `"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"`,
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

		// Actions and resources.
		"an action in other case":        {identity: `"Effect":"Allow","Action":"S3:getobject","Resource":"*"`},
		"an action with a question mark": {identity: `"Effect":"Allow","Action":"s3:GetObjec?","Resource":"*"`},
		"NotAction of the action": {
			identity: `"Effect":"Allow","NotAction":"s3:Get*","Resource":"*"`,
			want:     noIdentity,
		},
		"NotAction of another": {identity: `"Effect":"Allow","NotAction":"s3:Put*","Resource":"*"`},
		"NotResource of the resource": {
			identity: `"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::shelf/*"`,
			want:     noIdentity,
		},
		"NotResource of another": {
			identity: `"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::drawer/*"`,
		},
		"a resource in other case": {
			identity: `"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::Shelf/*"`,
			want:     noIdentity,
		},
		"a wildcard stays in its field": {
			action:   "sns:Publish",
			on:       "arn:aws:sns:eu-west-1:111122223333:x",
			identity: `"Effect":"Allow","Action":"sns:*","Resource":"arn:aws:sns:eu*:x"`,
			want:     "because no identity-based policy allows",
		},
		"an ARN that ends early": {
			action:   "sns:Publish",
			on:       "arn:aws:sns:eu-west-1:111122223333:x",
			identity: `"Effect":"Allow","Action":"sns:*","Resource":"arn:aws:sns:eu-west-1"`,
		},
		"an action without resources, on *": {
			action:   "ec2:DescribeVpcs",
			on:       "*",
			identity: `"Effect":"Allow","Action":"ec2:*","Resource":"*"`,
		},
		"an action without resources, on one": {
			action: "ec2:DescribeVpcs", on: "*", identity: `"Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:vpc/*"`,
			want: "because no identity-based policy allows the ec2:DescribeVpcs action",
		},

		// Variables.
		"a variable that fits": {
			identity: `"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalTag/team}/*"`,
			context:  map[string][]string{"aws:PrincipalTag/team": {"shelf"}},
		},
		"a variable that does not fit": {
			identity: `"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalTag/team}/*"`,
			context:  map[string][]string{"aws:PrincipalTag/team": {"drawer"}},
			want:     noIdentity,
		},
		"a variable without a value": {
			identity: `"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalTag/team}/*"`,
			want:     noIdentity,
		},
		"a variable's default": {
			identity: `"Effect":"Allow","Action":"s3:*",` +
				`"Resource":"arn:aws:s3:::${aws:PrincipalTag/team, 'shelf'}/*"`,
		},
		"a value with a wildcard": {
			identity: `"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalTag/team}/*"`,
			context:  map[string][]string{"aws:PrincipalTag/team": {"*"}},
			want:     noIdentity,
		},
		"an escaped star": {
			identity: `"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${*}/*"`,
			want:     noIdentity,
		},

		// Conditions on a key that the request has, or does not have.
		"a value of several": {
			identity: condition("StringEquals", "aws:RequestedRegion", `["eu-west-1","eu-west-2"]`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"another value": {
			identity: condition("StringEquals", "aws:RequestedRegion", `"eu-west-1"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:     noIdentity,
		},
		"a key's name in other case": {
			identity: condition("StringEquals", "AWS:requestedREGION", `"eu-west-2"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"a value in other case": {
			identity: condition("StringEquals", "aws:RequestedRegion", `"EU-west-2"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:     noIdentity,
		},
		"a value in other case, ignored": {
			identity: condition("StringEqualsIgnoreCase", "aws:RequestedRegion", `"EU-west-2"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"a star is text for StringEquals": {
			identity: condition("StringEquals", "aws:RequestedRegion", `"eu-*"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:     noIdentity,
		},
		"a star is a wildcard for StringLike": {
			identity: condition("StringLike", "aws:RequestedRegion", `"eu-*"`),
			context:  map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
		},
		"a missing key": {
			identity: condition("StringEquals", "kms:ViaService", `"x"`),
			want:     noIdentity,
		},
		"a missing key, IfExists": {
			identity: condition("StringEqualsIfExists", "kms:ViaService", `"x"`),
		},
		"another value, IfExists": {
			identity: condition("StringEqualsIfExists", "kms:ViaService", `"x"`),
			context:  map[string][]string{"kms:ViaService": {"y"}},
			want:     noIdentity,
		},
		"a missing key, negated": {identity: condition("StringNotEquals", "kms:ViaService", `"x"`)},
		"one of the values, negated": {
			identity: condition("StringNotEquals", "kms:ViaService", `["x","y"]`),
			context:  map[string][]string{"kms:ViaService": {"y"}},
			want:     noIdentity,
		},
		"a missing key, Null true": {identity: condition("Null", "kms:ViaService", `"true"`)},
		"a missing key, Null false": {
			identity: condition("Null", "kms:ViaService", `"false"`),
			want:     noIdentity,
		},
		"a key that is there, Null false": {
			identity: condition("Null", "kms:ViaService", `"false"`),
			context:  map[string][]string{"kms:ViaService": {"y"}},
		},
		"ForAnyValue, one fits": {
			identity: condition("ForAnyValue:StringEquals", "aws:TagKeys", `["a","b"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "c"}},
		},
		"ForAnyValue, none fits": {
			identity: condition("ForAnyValue:StringEquals", "aws:TagKeys", `["a"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "c"}},
			want:     noIdentity,
		},
		"ForAnyValue on a missing key": {
			identity: condition("ForAnyValue:StringEquals", "aws:TagKeys", `["a"]`),
			want:     noIdentity,
		},
		"ForAnyValue on a missing key, negated": {
			identity: condition("ForAnyValue:StringNotEquals", "aws:TagKeys", `["a"]`),
			want:     noIdentity,
		},
		"ForAllValues, all fit": {
			identity: condition("ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "a"}},
		},
		"ForAllValues, one does not": {
			identity: condition("ForAllValues:StringEquals", "aws:TagKeys", `["a","b"]`),
			context:  map[string][]string{"aws:TagKeys": {"b", "c"}},
			want:     noIdentity,
		},
		"ForAllValues on a missing key": {
			identity: condition("ForAllValues:StringEquals", "aws:TagKeys", `["a"]`),
		},
		"two keys of which one does not fit": {
			identity: allowRead + `,"Condition":{"StringEquals":{"aws:SourceAccount":"1","aws:SourceArn":"x"}}`,
			context:  map[string][]string{"aws:SourceAccount": {"1"}, "aws:SourceArn": {"y"}},
			want:     noIdentity,
		},
		"ArnLike by fields": {
			identity: condition("ArnLike", "aws:SourceArn", `"arn:aws:ecs:*:111122223333:*"`),
			context:  map[string][]string{"aws:SourceArn": {"arn:aws:ecs:eu-west-1:111122223333:cluster/a:b"}},
		},
		"ArnEquals takes wildcards too": {
			identity: condition("ArnEquals", "aws:SourceArn", `"arn:aws:sns:*:*:a"`),
			context:  map[string][]string{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:a"}},
		},
		"ArnNotLike": {
			identity: condition("ArnNotLike", "aws:SourceArn", `"arn:aws:sns:*:*:a"`),
			context:  map[string][]string{"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:a"}},
			want:     noIdentity,
		},
		"Bool": {
			identity: condition("Bool", "kms:GrantIsForAWSResource", `true`),
			context:  map[string][]string{"kms:GrantIsForAWSResource": {"true"}},
		},
		"Bool, the other": {
			identity: condition("Bool", "kms:GrantIsForAWSResource", `"true"`),
			context:  map[string][]string{"kms:GrantIsForAWSResource": {"false"}},
			want:     noIdentity,
		},
		"NumericLessThan": {
			identity: condition("NumericLessThan", "aws:EpochTime", `10`),
			context:  map[string][]string{"aws:EpochTime": {"9"}},
		},
		"DateGreaterThan, ISO against seconds": {
			identity: condition("DateGreaterThan", "aws:CurrentTime", `"2026-01-01T00:00:00Z"`),
			context:  map[string][]string{"aws:CurrentTime": {"1793000000"}},
		},
		"IpAddress in the network": {
			identity: condition("IpAddress", "aws:SourceIp", `"10.0.0.0/8"`),
			context:  map[string][]string{"aws:SourceIp": {"10.2.3.4"}},
		},
		"IpAddress outside": {
			identity: condition("IpAddress", "aws:SourceIp", `"10.0.0.0/8"`),
			context:  map[string][]string{"aws:SourceIp": {"11.2.3.4"}},
			want:     noIdentity,
		},
		"a deny outside of regions, region given": {
			identity: allowRead,
			boundary: allowAll + "\n" + `"Effect":"Deny","NotAction":"chatbot:*","Resource":"*",` +
				`"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}}`,
			context: map[string][]string{"aws:RequestedRegion": {"eu-west-2"}},
			want:    "explicit deny in a permissions boundary",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := q.ask(t)
			if q.want == "" {
				require.NoError(t, err)
				return
			}
			var refusal *Refusal
			require.ErrorAs(t, err, &refusal)
			assert.ErrorContains(t, err, q.want)
		})
	}
}

func TestRefusalHasTheWordsOfAWS(t *testing.T) {
	t.Parallel()
	keyPolicy := `"Sid":"GrantToServices","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:CreateGrant","Resource":"*",` +
		`"Condition":{"StringEquals":{"kms:ViaService":["rds.eu-west-1.amazonaws.com","ssm.eu-west-1.amazonaws.com"]}}`
	err := question{
		action: "kms:CreateGrant", on: aKey, mandatory: true, identity: allowAll, resource: keyPolicy,
		context: map[string][]string{"kms:ViaService": {"ecr.eu-west-1.amazonaws.com"}},
	}.ask(t)
	assert.EqualError(t, err, "AccessDeniedException: User: "+session+" is not authorized to perform: kms:CreateGrant on resource: "+aKey+
		" because no resource-based policy allows the kms:CreateGrant action\n"+
		`(closest is statement "GrantToServices" of policy of the resource: its condition StringEquals on kms:ViaService wants `+
		"rds.eu-west-1.amazonaws.com or ssm.eu-west-1.amazonaws.com, and the request has ecr.eu-west-1.amazonaws.com)")

	err = question{identity: allowAll + "\n" + `"Sid":"No","Effect":"Deny","Action":"ec2:*","Resource":"*"`, action: "ec2:DescribeVpcs", on: "*"}.ask(t)
	assert.EqualError(t, err, "UnauthorizedOperation: User: "+session+" is not authorized to perform: ec2:DescribeVpcs"+
		" with an explicit deny in an identity-based policy\n(statement \"No\" of policy own denies it)")
}

// What the model does not know must not decide anything.
func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringSimilar":{"aws:SourceArn":"x"}}}]}`: `read statement "A" of a policy document: the model does not know the condition operator "StringSimilar" (of key aws:SourceArn)`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:SourceVpc":"x"}}}]}`: `read statement 1 of a policy document: the model does not know the condition key "aws:SourceVpc"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:TagKeys":"x"}}}]}`: `want ForAllValues:StringEquals or ForAnyValue:StringEquals`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Conditions":{}}]}`: `unknown field "Conditions"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"s3:*","Resource":"*"}]}`:                 `Effect is "allow", want Allow or Deny`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`:                                 `it wants Action or NotAction`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"Get*","Resource":"*"}]}`:                 `Action "Get*" has no service`,
		`{"Version":"2013-01-01","Statement":[]}`:                                                                  `Version is "2013-01-01"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",` +
			`"Principal":{"CanonicalUser":"x"},"Resource":"*"}]}`: `principals of kind "CanonicalUser"`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",` +
			`"Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Resource":"*"}]}`: `has wildcards`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Principal":"me","Resource":"*"}]}`: `Principal is "me", want *`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":{"a":1}}]}`:              `read statement 1`,
		`{"Version":"2012-10-17","Statement":[]} and more`:                                                          `text after the document`,
	} {
		_, err := Parse(text)
		assert.ErrorContains(t, err, want)
	}
}

// A value that the model cannot tell stops the request that asks for it, and no other.
func TestWhatCannotBeTold(t *testing.T) {
	t.Parallel()
	q := question{
		identity: allowRead + `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`,
		context:  map[string][]string{"aws:SourceIp": {Untold}},
	}
	err := q.ask(t)
	var refusal *Refusal
	assert.False(t, errors.As(err, &refusal))
	assert.ErrorContains(t, err, "the model cannot tell what aws:SourceIp is for this request")

	q.identity = strings.Replace(q.identity, "GetObject", "PutObject", 1) + "\n" + allowRead
	assert.NoError(t, q.ask(t))
}

func TestRoleSession(t *testing.T) {
	t.Parallel()
	p, err := RoleSession("arn:aws:iam::111122223333:role/bookmark-manager/staging/web-1234567", "task")
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::111122223333:assumed-role/web-1234567/task", p.String())
	_, err = RoleSession("web", "task")
	assert.EqualError(t, err, `"web" is not the ARN of a role: want arn:aws:iam::ACCOUNT:role/NAME`)
}

// FuzzParse holds that a document is parsed or refused, never both and never with a panic.
func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{` + toRole + `,"Condition":{"ForAnyValue:StringLike":{"aws:TagKeys":["a*"]}}}]}`)
	f.Add(`{"Statement":{` + allowAll + `}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err == nil {
			who, err := RoleSession(role, "job")
			require.NoError(t, err)
			_ = Decide(Request{Principal: who, Action: "s3:GetObject", Resource: bucket}, Documents{Identity: []Attached{{"it", d}}})
		} else if json.Valid([]byte(text)) {
			assert.Nil(t, d)
		}
	})
}

// BenchmarkDecide is one decision under a boundary of the largest size, on a key whose policy
// leaves it to IAM.
func BenchmarkDecide(b *testing.B) {
	statement := `"Sid":"S","Effect":"Deny","Action":["a:B*","c:D*","e:F*","g:H*"],"Resource":["arn:aws:s3:::a/*","arn:aws:kms:*:1:key/*"],` +
		`"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/a"]}}`
	var all []string
	for range 30 {
		all = append(all, statement)
	}
	boundary := document(b, append(all, allowAll)...)
	key := document(b, `"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"`)
	who, err := RoleSession(role, "job")
	require.NoError(b, err)
	r := Request{Principal: who, Action: "kms:Decrypt", Resource: aKey, Context: Context{}}
	r.Context.Set("kms:ResourceAliases", "alias/b")
	d := Documents{
		Identity: []Attached{{"boundary", boundary}}, Boundary: &Attached{"boundary", boundary}, Resource: &Attached{"key", key}, Mandatory: true,
	}
	for b.Loop() {
		if err := Decide(r, d); err != nil {
			b.Fatal(err)
		}
	}
}
