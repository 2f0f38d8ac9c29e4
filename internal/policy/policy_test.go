package policy

import (
	"testing"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const kind = "aws:iam/policy:Policy"

func register(d Document) (*recorder.Recorder, error) {
	r := recorder.New()
	return r, r.Run(func(ctx *pulumi.Context) error {
		p, err := recorder.Provider(ctx, "aws", "aws")
		if err != nil {
			return err
		}
		return ctx.RegisterResource(kind, "policy", pulumi.Map{"policy": d.JSON()},
			&struct{ pulumi.CustomResourceState }{}, pulumi.Provider(p))
	}, nil)
}

func document(t *testing.T, d Document) string {
	t.Helper()
	r, err := register(d)
	require.NoError(t, err)
	got, _ := r.Get(kind, "policy")
	return got.Input("policy").(string)
}

func TestPrincipalsOfEveryKindStandBesideEachOther(t *testing.T) {
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject"],
		"Principal":{"AWS":["arn:a","arn:x"],"Service":["logs.amazonaws.com"]}}]}`,
		document(t, Document{{
			Effect:       Allow,
			Principals:   map[string][]string{AWS: {"arn:a"}, Service: {"logs.amazonaws.com"}},
			PrincipalARN: pulumi.String("arn:x"),
			Actions:      []string{"s3:PutObject"},
		}}))
}

// The second would take the place of the first, and with their values together either would do.
func TestTwoConditionsOfOneKeyAreRefused(t *testing.T) {
	r, err := register(Document{{
		Sid:     "Read",
		Effect:  Allow,
		Actions: []string{"s3:GetObject"},
		Conditions: []Condition{
			Like("aws:PrincipalArn", pulumi.String("arn:a*")), Equals("aws:SourceAccount", pulumi.String("1")),
			Like("aws:PrincipalArn", pulumi.String("*b")),
		},
	}})
	require.ErrorContains(t, err, "write statement 0 (Read) of a policy: two conditions StringLike of aws:PrincipalArn")
	assert.Empty(t, r.OfType(kind))
}

func TestDocument(t *testing.T) {
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{
		"Sid":"ReadAssets","Effect":"Allow","Principal":{"Service":["cloudfront.amazonaws.com"]},
		"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::assets/*"],
		"Condition":{"StringEquals":{"aws:SourceAccount":["1"],"aws:SourceArn":["x"]},"ArnLike":{"aws:SourceArn":["y*"]}}}]}`,
		document(t, Document{{
			Sid:        "ReadAssets",
			Effect:     Allow,
			Principals: map[string][]string{Service: {"cloudfront.amazonaws.com"}},
			Actions:    []string{"s3:GetObject"},
			Resources:  pulumi.StringArray{pulumi.String("arn:aws:s3:::assets/*")},
			Conditions: []Condition{
				Equals("aws:SourceAccount", pulumi.String("1")), Equals("aws:SourceArn", pulumi.String("x")),
				ArnLike("aws:SourceArn", pulumi.String("y*")),
			},
		}}))
}

func TestDenyWithExceptions(t *testing.T) {
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:x"},
		"NotAction":["iam:*"],"NotResource":["r"],"Condition":{"StringLike":{"k":["v*"]}}}]}`,
		document(t, Document{{
			Effect:       Deny,
			PrincipalARN: pulumi.String("arn:x"),
			NotActions:   []string{"iam:*"},
			NotResources: pulumi.StringArray{pulumi.String("r")},
			Conditions:   []Condition{Like("k", pulumi.String("v*"))},
		}}))
}

func TestTrustNamesTheAccount(t *testing.T) {
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["ecs-tasks.amazonaws.com"]},
		"Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},"ArnLike":{"aws:SourceArn":["arn:aws:ecs:*"]}}}]}`,
		document(t, AssumedBy("ecs-tasks.amazonaws.com", pulumi.String("111122223333"),
			pulumi.String("arn:aws:ecs:*"))))
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["backup.amazonaws.com"]},"Condition":{"StringEquals":{"aws:SourceAccount":["1"]}}}]}`,
		document(t, AssumedBy("backup.amazonaws.com", pulumi.String("1"), nil)))
}
