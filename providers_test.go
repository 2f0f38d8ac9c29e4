package main

import (
	"slices"
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
	assert.Equal(t, map[string]any{
		"Project":     "bookmark-manager",
		"Environment": "production",
		"ManagedBy":   "pulumi",
		"Stack":       "test",
	},
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
		"accessKey":            "emulator",
		"secretKey":            "emulator",
		"skipMetadataApiCheck": true,
		"s3UsePathStyle":       true,
		"maxRetries":           2.0,
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
	assert.Equal(t, "http://localhost:4566", endpoints["s3control"], "the provider lists the tags of buckets there")
}

// A provider is a process that starts and logs in, in every preview: none may be there for nothing.
// The one of us-east-1 is there for the zone, which may have nothing in it yet.
func TestEveryProviderHasSomethingToDo(t *testing.T) {
	all := []string{"aws", "aws-us-east-1", "aws-recovery", "random", "mongodbatlas", "datadog-ap1.datadoghq.com",
		"sentry-sentry.io/api"}
	for name, c := range map[string]struct {
		stack string
		edit  func(f stacktest.File)
		want  []string
	}{
		"production": {"prod", func(stacktest.File) {}, all},
		"the zone alone": {
			"prod", func(f stacktest.File) {
				f.Set(t, "edge", "zone.delegated", false)
			}, []string{"aws", "aws-us-east-1"},
		},
		"no Datadog and no Sentry": {"prod", func(f stacktest.File) {
			f.Set(t, "datadog", "enabled", false)
			f.Set(t, "sentry", "enabled", false)
			f.Set(t, "edge", "distribution.headers.reportUri", "")
			for service, secrets := range map[string][]any{
				"api": {"DATABASE_URL", "JWT_SECRET", "MONGODB_URI"},
				"web": {},
			} {
				f.Set(t, "services", service+".datadog", false)
				f.Set(t, "services", service+".secrets", secrets)
			}
		}, all[:5]},
		"no copies of backups": {
			"staging", func(stacktest.File) {}, slices.DeleteFunc(slices.Clone(all), func(one string) bool {
				return one == "aws-recovery"
			}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := stacktest.Read(t, c.stack)
			c.edit(f)
			r, err := run(t, f)
			require.NoError(t, err)
			busy := map[string]bool{"aws-us-east-1": true}
			for _, one := range r.All() {
				if i := strings.LastIndex(one.Provider, "::"); i >= 0 {
					busy[resource.URN(one.Provider[:i]).Name()] = true
				}
			}
			var there []string
			for _, provider := range all {
				pkg, _, _ := strings.Cut(provider, "-")
				if _, found := r.Get("pulumi:providers:"+pkg, provider); found {
					there = append(there, provider)
					assert.True(t, busy[provider], "no resource has the provider %s", provider)
				}
			}
			assert.Equal(t, c.want, there)
		})
	}
}

// endpointOf is the name that a module of the SDK has among the provider's endpoints.
func endpointOf(module string) string {
	if differs, ok := map[string]string{
		"vpc":          "ec2",
		"lb":           "elbv2",
		"kinesis":      "firehose",
		"costexplorer": "ce",
	}[module]; ok {
		return differs
	}
	return module
}

// zonesAre answers the look-up of the account's zones: names with their ids.
func zonesAre(r *recorder.Recorder, zones ...string) *recorder.Recorder {
	r.Answer("aws:index/getAvailabilityZones:getAvailabilityZones",
		func(resource.PropertyMap) (resource.PropertyMap, error) {
			var names, ids []resource.PropertyValue
			for _, zone := range zones {
				name, id, _ := strings.Cut(zone, " ")
				names, ids = append(names, resource.NewStringProperty(name)),
					append(ids, resource.NewStringProperty(id))
			}
			return resource.PropertyMap{
				"names":   resource.NewArrayProperty(names),
				"zoneIds": resource.NewArrayProperty(ids),
			}, nil
		})
	return r
}

func TestZonesAreLookedUpOnlyWithoutANameOrWithAnID(t *testing.T) {
	for key, value := range map[string]string{"zones.0.name": "", "zones.0.id": "apne1-az4"} {
		f := stacktest.Read(t, "prod")
		f.Set(t, "network", key, value)
		_, err := run(t, f)
		assert.ErrorContains(t, err, "unexpected look-up aws:index/getAvailabilityZones:getAvailabilityZones", key)
	}
	f := stacktest.Read(t, "prod")
	f.Set(t, "network", "zones.0.name", "")
	r := zonesAre(atlasAnswers(recorder.New()), "ap-northeast-1d apne1-az2", "ap-northeast-1a apne1-az4",
		"ap-northeast-1c apne1-az1")
	require.NoError(t, r.Run(deploy, f, f.SecretKeys()...))
	subnet, ok := r.Get("aws:ec2/subnet:Subnet", "network-public-ap-northeast-1a")
	require.True(t, ok)
	assert.Equal(t, "10.0.1.0/24", subnet.Input("cidrBlock"))
}

func TestAZoneIsTheOneThatItsIDSays(t *testing.T) {
	for want, c := range map[string]struct {
		edit  func(f stacktest.File)
		zones []string
	}{
		"": {func(f stacktest.File) {
			f.Set(t, "network", "zones.0.id", "apne1-az4")
		}, []string{"ap-northeast-1a apne1-az4", "ap-northeast-1c apne1-az1"}},
		`network.zones[0].id: found "apne1-az4", want "apne1-az2", which ap-northeast-1a is in this account`: {
			func(f stacktest.File) {
				f.Set(t, "network", "zones.0.id", "apne1-az4")
			}, []string{"ap-northeast-1a apne1-az2", "ap-northeast-1c apne1-az1"},
		},
		`network.zones[1].name: found "ap-northeast-1c", want a zone that the account has in this region, one of ` +
			`[ap-northeast-1a]`: {
			func(f stacktest.File) {
				f.Set(t, "network", "zones.0.id", "apne1-az4")
			}, []string{"ap-northeast-1a apne1-az4"},
		},
		"network.zones[0]: ap-northeast-1a is apne1-az3 in this account, and Fargate runs no tasks there": {
			func(f stacktest.File) {
				f.Set(t, "network", "zones.0.name", "")
			}, []string{"ap-northeast-1a apne1-az3", "ap-northeast-1c apne1-az1"},
		},
		"zone index 1: the account has 0 zones in this region": {func(f stacktest.File) {
			f.Set(t, "network", "zones.0.name", "")
		}, nil},
	} {
		f := stacktest.Read(t, "prod")
		c.edit(f)
		err := zonesAre(atlasAnswers(recorder.New()), c.zones...).Run(deploy, f, f.SecretKeys()...)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

// Another site or address is another organization: what the state holds is not there, and the
// provider that deletes it must be the one that made it.
func TestWhatStandsOutsideOfAWSIsReplacedAtAnotherAddress(t *testing.T) {
	f := stacktest.Read(t, "prod").Released(t)
	f.Set(t, "sentry", "baseUrl", "https://sentry.example.com/api/")
	f.Set(t, "datadog", "site", "datadoghq.eu")
	r, err := run(t, f)
	require.NoError(t, err)
	seen := map[string]int{}
	names := map[string]string{"datadog": "datadog-datadoghq.eu", "sentry": "sentry-sentry.example.com/api"}
	for _, one := range r.All() {
		pkg, _, _ := strings.Cut(one.Type, ":")
		address, outside := map[string]string{
			"datadog": "datadoghq.eu",
			"sentry":  "https://sentry.example.com/api/",
		}[pkg]
		if outside && one.Custom {
			assert.Equal(t, address, one.Trigger, one.Key())
			assert.Contains(t, one.Provider, "::"+names[pkg]+"::", one.Key())
			seen[pkg]++
		} else {
			assert.Empty(t, one.Trigger, one.Key())
		}
	}
	assert.Len(t, seen, 2)
}
