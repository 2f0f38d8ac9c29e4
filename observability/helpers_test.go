package observability

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	topicArn       = "arn:aws:sns:ap-northeast-1:111122223333:alarms"
	globalTopicArn = "arn:aws:sns:us-east-1:111122223333:alarms"
)

// inComponent runs a constructor with one provider for each package, and with a second AWS
// provider, the one of us-east-1.
func inComponent(
	construct func(ctx *pulumi.Context, global pulumi.ProviderResource, opts ...pulumi.ResourceOption) error,
	packages ...string,
) (*recorder.Recorder, error) {
	r := recorder.New()
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		global, err := recorder.Provider(ctx, "aws", "global")
		if err != nil {
			return err
		}
		return construct(ctx, global, opts...)
	}, packages...)
	return r, err
}

// listed maps each type to its logical names, the component's prefix taken off, and checks that
// each hangs under the component.
func listed(t *testing.T, r *recorder.Recorder, component, prefix string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, one := range r.All() {
		if one.Custom {
			assert.Equal(t, component, string(resource.URN(one.Parent).Type()), one.Key())
		}
		all[one.Type] = append(all[one.Type], strings.TrimPrefix(one.Name, prefix))
	}
	return all
}

func get(t *testing.T, r *recorder.Recorder, typ, name string) recorder.Resource {
	t.Helper()
	got, ok := r.Get(typ, name)
	require.True(t, ok, "%s %s is not among %v", typ, name, r.Keys())
	return got
}

// isGlobal says whether a resource is made in us-east-1.
func isGlobal(r recorder.Resource) bool { return strings.Contains(r.Provider, "::global::") }

// sameJSON compares a document whole.
func sameJSON(t *testing.T, want string, got any, what string) {
	t.Helper()
	text, ok := got.(string)
	require.True(t, ok, "%s is %T", what, got)
	assert.JSONEq(t, want, text, what)
}

func decoded(t *testing.T, raw any) map[string]any {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(raw.(string)), &all))
	return all
}

// document is an IAM document of these statements.
func document(statements ...string) string {
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",") + `]}`
}

func replaceTopic(text, arn string) string { return strings.ReplaceAll(text, "%TOPIC", arn) }
