package iam

import "testing"

// TestDecideByIdentity has what a role's own policies, its boundary and its session's policies
// decide: reference_policies_evaluation-logic.html and access_policies_boundaries.html of the IAM
// User Guide.
func TestDecideByIdentity(t *testing.T) {
	t.Parallel()
	decides(t, map[string]question{
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
	})
}
