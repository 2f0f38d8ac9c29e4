package policy

import (
	"testing"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func document(t *testing.T, d Document) string {
	t.Helper()
	const kind = "aws:iam/policy:Policy"
	r := recorder.New()
	require.NoError(t, r.Run(func(ctx *pulumi.Context) error {
		p, err := recorder.Provider(ctx, "aws", "aws")
		if err != nil {
			return err
		}
		return ctx.RegisterResource(kind, "policy", pulumi.Map{"policy": d.JSON()}, &struct{ pulumi.CustomResourceState }{}, pulumi.Provider(p))
	}, nil))
	got, _ := r.Get(kind, "policy")
	return got.Input("policy").(string)
}

func TestDocument(t *testing.T) {
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{
		"Sid":"ReadAssets","Effect":"Allow","Principal":{"Service":["cloudfront.amazonaws.com"]},
		"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::assets/*"],
		"Condition":{"StringEquals":{"aws:SourceAccount":["1"],"aws:SourceArn":["x"]},"ArnLike":{"aws:SourceArn":["y*"]}}}]}`,
		document(t, Document{{
			Sid: "ReadAssets", Effect: Allow, Principals: map[string][]string{Service: {"cloudfront.amazonaws.com"}},
			Actions: []string{"s3:GetObject"}, Resources: pulumi.StringArray{pulumi.String("arn:aws:s3:::assets/*")},
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
			Effect: Deny, PrincipalARN: pulumi.String("arn:x"), NotActions: []string{"iam:*"},
			NotResources: pulumi.StringArray{pulumi.String("r")}, Conditions: []Condition{Like("k", pulumi.String("v*"))},
		}}))
}

func TestTrustNamesTheAccount(t *testing.T) {
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["ecs-tasks.amazonaws.com"]},
		"Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},"ArnLike":{"aws:SourceArn":["arn:aws:ecs:*"]}}}]}`,
		document(t, AssumedBy("ecs-tasks.amazonaws.com", pulumi.String("111122223333"), pulumi.String("arn:aws:ecs:*"))))
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["backup.amazonaws.com"]},"Condition":{"StringEquals":{"aws:SourceAccount":["1"]}}}]}`,
		document(t, AssumedBy("backup.amazonaws.com", pulumi.String("1"), nil)))
}
