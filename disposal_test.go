package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// A stack that may go, or that is on its way, keeps nothing from being deleted: each component
// hears of it.
func TestDisposalReachesEveryComponent(t *testing.T) {
	for stack, key := range map[string][2]string{
		"prod":    {"teardown", "production"},
		"staging": {"disposable", "true"},
	} {
		f := stacktest.Read(t, stack).Released(t)
		f["bookmark-manager:"+key[0]] = key[1]
		r, err := run(t, f)
		require.NoError(t, err)
		emptied := 0
		for _, one := range r.All() {
			assert.False(t, one.Protect, "%s of %s", one.Key(), stack)
			for _, property := range []string{"deletionProtection", "enableDeletionProtection",
				"terminationProtectionEnabled"} {
				assert.NotEqual(t, true, one.Input(property), "%s of %s: %s", one.Key(), stack, property)
			}
			switch one.Type {
			case "aws:s3/bucketV2:BucketV2", "aws:athena/workgroup:Workgroup":
				assert.Equal(t, true, one.Input("forceDestroy"), "%s of %s", one.Key(), stack)
				emptied++
			case "aws:ecr/repository:Repository":
				assert.Equal(t, true, one.Input("forceDelete"), "%s of %s", one.Key(), stack)
				emptied++
			}
		}
		assert.Equal(t, 6, emptied, "buckets, the workgroup and repositories of %s", stack)
	}
}

func TestProvidersLogInWithTheStacksSecrets(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod"))
	require.NoError(t, err)
	for provider, want := range map[string]map[string]string{
		"mongodbatlas":              {"publicKey": "atlasPublicKey", "privateKey": "atlasPrivateKey"},
		"datadog-ap1.datadoghq.com": {"apiKey": "datadogApiKey", "appKey": "datadogAppKey"},
		"sentry-sentry.io/api":      {"token": "sentryToken"},
	} {
		pkg, _, _ := strings.Cut(provider, "-")
		got, ok := r.Get("pulumi:providers:"+pkg, provider)
		require.True(t, ok, provider)
		for input, key := range want {
			assert.Equal(t, stacktest.AsSecret+"bookmark-manager:"+key, got.Input(input), "%s %s", provider, input)
			assert.True(t, got.IsSecret(input), "%s %s", provider, input)
		}
	}
}
