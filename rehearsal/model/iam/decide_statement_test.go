package iam

import "testing"

// TestDecideByStatement has which actions and resources a statement is about:
// reference_policies_elements_*.html and reference_policies_variables.html of the IAM User Guide.
func TestDecideByStatement(t *testing.T) {
	t.Parallel()
	decides(t, map[string]question{
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
			action:   "ec2:DescribeVpcs",
			on:       "*",
			identity: `"Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:vpc/*"`,
			want:     "because no identity-based policy allows the ec2:DescribeVpcs action",
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
	})
}
