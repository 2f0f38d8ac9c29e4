package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const typePassword = "random:index/randomPassword:RandomPassword"

func buildSecret(t *testing.T, rotation int) (*recorder.Recorder, *OriginSecret, error) {
	t.Helper()
	var secret *OriginSecret
	r, err := recorded(t, func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		var err error
		secret, err = NewOriginSecret(ctx, "origin-secret", OriginSecretConfig{Rotation: rotation}, opts...)
		return err
	})
	return r, secret, err
}

func TestRotationKeepsTheValueBefore(t *testing.T) {
	for rotation, want := range map[int]struct{ made, accepted []string }{
		1: {[]string{"origin-secret-1"}, []string{"generated-origin-secret-1"}},
		2: {[]string{"origin-secret-1", "origin-secret-2"},
			[]string{"generated-origin-secret-2", "generated-origin-secret-1"}},
		3: {[]string{"origin-secret-2", "origin-secret-3"},
			[]string{"generated-origin-secret-3", "generated-origin-secret-2"}},
	} {
		r, secret, err := buildSecret(t, rotation)
		require.NoError(t, err)
		var made []string
		for _, password := range r.OfType(typePassword) {
			made = append(made, password.Name)
			assert.Equal(t, 40.0, password.Input("length"))
			assert.Equal(t, false, password.Input("special"))
		}
		assert.Equal(t, want.made, made)
		assert.Empty(t, r.Orphans())
		assert.Equal(t, want.accepted, value[[]string](t, secret.Accepted))
		assert.Equal(t, want.accepted[0], value[string](t, secret.Current))
		assert.True(t, pulumi.IsSecret(secret.Current))
		assert.True(t, pulumi.IsSecret(secret.Accepted))
	}
}

func TestOriginSecretRefusesNoRotation(t *testing.T) {
	r, _, err := buildSecret(t, 0)
	require.ErrorContains(t, err, "rotation: found 0, want 1 or more")
	assert.Empty(t, r.Keys())
}
