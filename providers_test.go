package main

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

func TestProviders(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod"))
	require.NoError(t, err)
	provider, ok := r.Get("pulumi:providers:aws", "aws")
	require.True(t, ok)
	assert.Equal(t, "ap-northeast-1", provider.Input("region"))
	assert.Equal(t, []any{"111122223333"}, provider.Input("allowedAccountIds"))
	assert.Equal(t, map[string]any{"Project": "bookmark-manager", "Environment": "production", "ManagedBy": "pulumi", "Stack": "test"},
		provider.Input("defaultTags.tags"))
	for _, key := range []string{"endpoints", "skipRequestingAccountId", "accessKey"} {
		assert.Nil(t, provider.Input(key), key)
	}
}

func TestAnEmulatorGetsEveryServiceAndNoRealKey(t *testing.T) {
	f := stacktest.Read(t, "prod")
	f["bookmark-manager:awsEndpoint"] = "http://localhost:4566"
	r, err := run(t, f)
	require.NoError(t, err)
	provider, _ := r.Get("pulumi:providers:aws", "aws")
	assert.Nil(t, provider.Input("allowedAccountIds"), "an emulator has an account of its own")
	for key, want := range map[string]any{
		"accessKey": "emulator", "secretKey": "emulator", "skipMetadataApiCheck": true, "s3UsePathStyle": true,
	} {
		assert.Equal(t, want, provider.Input(key), key)
	}
	for _, key := range []string{"skipRequestingAccountId", "skipCredentialsValidation"} {
		assert.NotEqual(t, true, provider.Input(key), "%s: the emulator's STS says which account it is", key)
	}
	endpoints := provider.Input("endpoints[0]").(map[string]any)
	for _, one := range r.All() {
		if pkg, rest, _ := strings.Cut(one.Type, ":"); pkg == "aws" {
			module, _, _ := strings.Cut(rest, "/")
			assert.Equal(t, "http://localhost:4566", endpoints[endpointOf(module)], one.Type)
		}
	}
}

// endpointOf is the name that a module of the SDK has among the provider's endpoints.
func endpointOf(module string) string {
	if differs, ok := map[string]string{"vpc": "ec2", "lb": "elbv2", "kinesis": "firehose", "costexplorer": "ce"}[module]; ok {
		return differs
	}
	return module
}

func TestZonesAreLookedUpOnlyWithoutAName(t *testing.T) {
	f := stacktest.Read(t, "prod")
	f.Set(t, "network", "zones.0.name", "")
	_, err := run(t, f)
	assert.ErrorContains(t, err, "unexpected look-up aws:index/getAvailabilityZones:getAvailabilityZones")

	for available, want := range map[string]string{
		"ap-northeast-1d ap-northeast-1a": "ap-northeast-1a",
		"":                                "zone index 1: the account has 0 zones in this region",
	} {
		r := atlasAnswers(recorder.New())
		r.Answer("aws:index/getAvailabilityZones:getAvailabilityZones", func(resource.PropertyMap) (resource.PropertyMap, error) {
			var found []resource.PropertyValue
			for _, name := range strings.Fields(available) {
				found = append(found, resource.NewStringProperty(name))
			}
			return resource.PropertyMap{"names": resource.NewArrayProperty(found)}, nil
		})
		err := r.Run(deploy, f, f.SecretKeys()...)
		if available == "" {
			assert.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		subnet, ok := r.Get("aws:ec2/subnet:Subnet", "network-public-"+want)
		require.True(t, ok)
		assert.Equal(t, "10.0.1.0/24", subnet.Input("cidrBlock"))
	}
}
