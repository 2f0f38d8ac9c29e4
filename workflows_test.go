package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// statement is what these tests read of a policy's statement.
type statement struct {
	Sid       string
	Action    []string
	Principal map[string][]string
	Condition map[string]map[string][]string
}

func statements(t *testing.T, document any) []statement {
	t.Helper()
	var read struct{ Statement []statement }
	require.NoError(t, json.Unmarshal([]byte(document.(string)), &read))
	return read.Statement
}

// boundary is the policy that a deploy works under, by the names of its statements.
func boundary(t *testing.T, r *recorder.Recorder) map[string]statement {
	t.Helper()
	made, ok := r.Get("aws:iam/policy:Policy", "boundary")
	require.True(t, ok)
	all := map[string]statement{}
	for _, one := range statements(t, made.Input("policy")) {
		all[one.Sid] = one
	}
	return all
}

// A deploy may make only roles that are under the boundary, and no role of the stack may do more
// than it.
func TestEveryRoleIsUnderTheBoundary(t *testing.T) {
	for _, stack := range stacks {
		r, err := run(t, stacktest.Read(t, stack).Released(t))
		require.NoError(t, err)
		roles := r.OfType("aws:iam/role:Role")
		assert.NotEmpty(t, roles)
		for _, role := range roles {
			assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:boundary", role.Input("permissionsBoundary"),
				"%s %s", stack, role.Name)
		}
	}
}

// permissionPrefixes are the services whose permissions are not called as the package of their
// resources is.
var permissionPrefixes = map[string]string{
	"appautoscaling": "application-autoscaling", "kinesis": "firehose", "lb": "elasticloadbalancing", "vpc": "ec2",
}

// A stack that grows by a new AWS service, or by a role for one, must let its deploys make it.
func TestADeployMayMakeWhatTheStacksConsistOf(t *testing.T) {
	for _, stack := range stacks {
		r, err := run(t, stacktest.Read(t, stack).Released(t))
		require.NoError(t, err)
		allowed, receivers := boundary(t, r)["Services"].Action,
			boundary(t, r)["HandRolesToServices"].Condition["StringEquals"]["iam:PassedToService"]
		for _, one := range r.All() {
			service, ours := strings.CutPrefix(one.Type, "aws:")
			service, _, _ = strings.Cut(service, "/")
			if !ours || service == "iam" {
				continue
			}
			if prefix, other := permissionPrefixes[service]; other {
				service = prefix
			}
			assert.Contains(t, allowed, service+":*", "%s: the boundary has no permissions for %s", stack, one.Key())
		}
		for _, role := range r.OfType("aws:iam/role:Role") {
			for _, trusts := range statements(t, role.Input("assumeRolePolicy")) {
				for _, service := range trusts.Principal["Service"] {
					assert.True(t, slices.Contains(receivers, service), "%s: a deploy may not hand %s to %s", stack,
						role.Name, service)
				}
			}
		}
	}
}

func TestWithoutDeliveryThereAreNoRolesForGitHub(t *testing.T) {
	f := stacktest.Read(t, "prod").Released(t)
	f["bookmark-manager:delivery"] = `{"provider":"off"}`
	r, err := run(t, f)
	require.NoError(t, err)
	for _, one := range r.All() {
		assert.NotContains(t, one.Name, "delivery-")
	}
	for _, name := range exported(t, f) {
		assert.NotContains(t, name, "RoleArn")
	}
}

// The guard writes the placeholders of the engine out, so that it needs none of its packages.
func TestTheGuardKnowsEveryPlaceholder(t *testing.T) {
	for _, value := range []string{
		plugin.UnknownStringValue, plugin.UnknownBoolValue, plugin.UnknownNumberValue, plugin.UnknownArrayValue,
		plugin.UnknownAssetValue,
		plugin.UnknownArchiveValue, plugin.UnknownObjectValue, "arn:aws:s3:::" + plan.Unknown + "/*",
	} {
		assert.True(t, plan.IsUnknown(value), value)
	}
	assert.False(t, plan.IsUnknown("arn:aws:s3:::b/*"))
	assert.Equal(t, "a ? and ?", plan.ReplaceUnknown("a "+plugin.UnknownNumberValue+" and "+plan.Unknown, "?"))
}
