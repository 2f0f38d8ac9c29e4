package data

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// run records one component, with a provider for each package and one more for the recovery region.
func run(
	build func(ctx *pulumi.Context, recovery pulumi.ProviderResource, opts ...pulumi.ResourceOption) error,
) (*recorder.Recorder, error) {
	rds := newRDSWorld()
	// what was restored is made
	rds.clusters = []string{"bookmark-manager-production-aurora", "bookmark-manager-production-aurora-r2"}
	r := rds.answers(recorder.New())
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		recovery, err := recorder.Provider(ctx, "aws", "recovery")
		if err != nil {
			return err
		}
		return build(ctx, recovery, opts...)
	}, "aws", "mongodbatlas", "random")
	return r, err
}

// inputs are all of a resource, as plain Go.
func inputs(one recorder.Resource) map[string]any {
	all := map[string]any{}
	for key := range one.Inputs {
		all[string(key)] = one.Input(string(key))
	}
	return all
}

// children lists the custom resources without the component's own name, sorted.
func children(r *recorder.Recorder, component string) []string {
	var all []string
	for _, one := range r.All() {
		if one.Custom {
			all = append(all,
				one.Type[strings.LastIndex(one.Type, ":")+1:]+" "+strings.TrimPrefix(one.Name, component+"-"))
		}
	}
	return all
}

// protected lists the resources with Pulumi's protection, and retained those that a destroy leaves
// alone.
func protected(r *recorder.Recorder) []string {
	return where(r, func(one recorder.Resource) bool { return one.Protect })
}

func retained(r *recorder.Recorder) []string {
	return where(r, func(one recorder.Resource) bool { return one.RetainOnDelete })
}

func where(r *recorder.Recorder, holds func(recorder.Resource) bool) []string {
	var all []string
	for _, one := range r.All() {
		if holds(one) {
			all = append(all, one.Key())
		}
	}
	return all
}

func get(t *testing.T, r *recorder.Recorder, typ, name string) recorder.Resource {
	t.Helper()
	got, ok := r.Get(typ, name)
	require.True(t, ok, "%s %s is not there; there are %v", typ, name, r.Keys())
	return got
}

// waitsFor lists the resources that one depends on.
func waitsFor(t *testing.T, r *recorder.Recorder, typ, name string) []string {
	t.Helper()
	var all []string
	for _, urn := range get(t, r, typ, name).DependsOn {
		all = append(all, string(resource.URN(urn).Type())+" "+resource.URN(urn).Name())
	}
	return all
}

// underTheComponent fails for a resource whose parent is not the component.
func underTheComponent(t *testing.T, r *recorder.Recorder, typ string) {
	t.Helper()
	for _, one := range r.All() {
		if one.Custom {
			assert.Equal(t, typ, string(resource.URN(one.Parent).Type()), one.Key())
		}
	}
}

// refused asserts an error and that nothing was registered.
func refused(t *testing.T, r *recorder.Recorder, err error, want string) {
	t.Helper()
	assert.ErrorContains(t, err, want)
	assert.Empty(t, r.Keys())
}

func text(value string) pulumi.StringInput { return pulumi.String(value) }

func secret(value string) pulumi.StringInput {
	return pulumi.ToSecret(pulumi.String(value)).(pulumi.StringOutput)
}
