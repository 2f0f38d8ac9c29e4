package iam

import (
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

// document is one of these statements, each written as its elements in JSON, without braces.
func document(t testing.TB, kind Kind, statements ...string) *Document {
	t.Helper()
	d, err := Parse(kind, `{"Version":"2012-10-17","Statement":[{`+strings.Join(statements, "},{")+`}]}`)
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
	attach := func(kind Kind, name, statements string) *Attached {
		if statements == "" {
			return nil
		}
		return &Attached{Name: name, Document: document(t, kind, strings.Split(statements, "\n")...)}
	}
	onResource := OfResource
	if strings.HasPrefix(q.action, "sts:") {
		onResource = OfTrust
	}
	d := Documents{
		Identity:  list(attach(OfIdentity, "policy own", q.identity)),
		Boundary:  attach(OfIdentity, "policy boundary", q.boundary),
		Session:   list(attach(OfIdentity, "policy of the session", q.session)),
		Resource:  attach(onResource, "policy of the resource", q.resource),
		Mandatory: q.mandatory,
		Grants:    q.grants,
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

const (
	noIdentity = "because no identity-based policy allows the s3:GetObject action"
	noBoundary = "because no permissions boundary allows the s3:GetObject action"
	noResource = "because no resource-based policy allows the s3:GetObject action"
)

// decides holds each question to its verdict.
func decides(t *testing.T, table map[string]question) {
	t.Helper()
	for name, q := range table {
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
	keyPolicy := `"Sid":"GrantToServices","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:` +
		`CreateGrant","Resource":"*",` +
		`"Condition":{"StringEquals":{"kms:ViaService":["rds.eu-west-1.amazonaws.com","ssm.eu-west-1.amazonaws.com"]}}`
	err := question{
		action:    "kms:CreateGrant",
		on:        aKey,
		mandatory: true,
		identity:  allowAll,
		resource:  keyPolicy,
		context:   map[string][]string{"kms:ViaService": {"ecr.eu-west-1.amazonaws.com"}},
	}.ask(t)
	assert.EqualError(t, err,
		"AccessDeniedException: User: "+session+" is not authorized to perform: kms:CreateGrant on resource: "+aKey+
			" because no resource-based policy allows the kms:CreateGrant action\n"+
			`(closest is statement "GrantToServices" of policy of the resource: its condition StringEquals on `+
			`kms:ViaService wants `+
			"rds.eu-west-1.amazonaws.com or ssm.eu-west-1.amazonaws.com, and the request has "+
			"ecr.eu-west-1.amazonaws.com)")

	err = question{
		identity: allowAll + "\n" + `"Sid":"No","Effect":"Deny","Action":"ec2:*","Resource":"*"`,
		action:   "ec2:DescribeVpcs",
		on:       "*",
	}.ask(t)
	assert.EqualError(t, err, "UnauthorizedOperation: User: "+session+" is not authorized to perform: ec2:DescribeVpcs"+
		" with an explicit deny in an identity-based policy\n(statement \"No\" of policy own denies it)")
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

// BenchmarkDecide is one decision under a boundary of the largest size, on a key whose policy
// leaves it to IAM.
func BenchmarkDecide(b *testing.B) {
	statement := `"Sid":"S","Effect":"Deny","Action":["a:B*","c:D*","e:F*","g:H*"],"Resource":["arn:aws:s3:::a/*",` +
		`"arn:aws:kms:*:1:key/*"],` +
		`"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/a"]}}`
	var all []string
	for range 30 {
		all = append(all, statement)
	}
	boundary := document(b, OfIdentity, append(all, allowAll)...)
	key := document(b, OfResource,
		`"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"`)
	who, err := RoleSession(role, "job")
	require.NoError(b, err)
	r := Request{Principal: who, Action: "kms:Decrypt", Resource: aKey, Context: Context{}}
	r.Context.Set("kms:ResourceAliases", "alias/b")
	d := Documents{
		Identity:  []Attached{{"boundary", boundary}},
		Boundary:  &Attached{"boundary", boundary},
		Resource:  &Attached{"key", key},
		Mandatory: true,
	}
	for b.Loop() {
		if err := Decide(r, d); err != nil {
			b.Fatal(err)
		}
	}
}
