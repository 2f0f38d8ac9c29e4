package edge

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

// validConfig is a section with every optional part in use.
func validConfig() Config {
	return Config{
		Domain: "example.com",
		Zone: ZoneConfig{
			Name:      "example.com",
			Delegated: true,
			DNSSEC:    true,
			QueryLogs: &QueryLogsConfig{RetentionDays: 30},
		},
		OriginSecret: OriginSecretConfig{Rotation: 1},
		Distribution: DistributionConfig{
			Apex:       ApexRedirect,
			PriceClass: "PriceClass_200",
			MinimumTLS: "TLSv1.2_2021",
			APIPaths:   []PathPattern{"/api/*"},
			Static: map[PathPattern]StaticOrigin{
				"/_next/static/*": FromLoadBalancer,
				"/assets/*":       FromAssets,
			},
			Images:                   &ImagesConfig{Path: "/_next/image", MaxSeconds: 86400},
			OriginReadTimeoutSeconds: 30,
			OriginKeepaliveSeconds:   5,
			Headers: HeadersConfig{
				HSTS:                  HSTSConfig{MaxAgeSeconds: 86400},
				FrameOption:           "DENY",
				ReferrerPolicy:        "strict-origin-when-cross-origin",
				ContentSecurityPolicy: "default-src 'self'; style-src 'self' 'unsafe-inline'",
			},
			Maintenance:  MaintenanceConfig{StatusCodes: []int{502, 503, 504}, CacheSeconds: 5},
			ExtraMetrics: true,
		},
		WebACL: WebACLConfig{
			Allow:            AddressList{IPv4: []IPv4Block{"203.0.113.7/32"}},
			Deny:             AddressList{IPv4: []IPv4Block{"198.51.100.0/24"}, IPv6: []IPv6Block{"2001:db8:bad::/48"}},
			BlockedCountries: []Country{"KP"},
			SignIn:           &SignInConfig{Paths: []SignInPath{"/api/auth/Login"}, Limit: 100, WindowSeconds: 300},
			Rate:             RateConfig{Limit: 2000, WindowSeconds: 300},
			Groups: GroupsConfig{
				IPReputation:   GroupBlock,
				AnonymousIP:    GroupCount,
				KnownBadInputs: GroupBlock,
				Common:         GroupBlock,
				SQLInjection:   GroupBlock,
			},
			Content: map[ContentName]ContentConfig{"imports": {
				Paths:         []ContentPath{"/api/bookmarks/import"},
				Methods:       []string{"POST"},
				Groups:        []string{"common", "knownBadInputs", "sqlInjection"},
				MaxKilobytes:  10000,
				Limit:         20,
				WindowSeconds: 300,
			}},
			Exceptions: map[ExceptionName]ExceptionConfig{
				"notes":   {Rules: []ExceptedRule{"SQLi_BODY"}, Paths: []PathPattern{"/api/notes"}},
				"uploads": {Rules: []ExceptedRule{"SizeRestrictions_BODY"}, Paths: []PathPattern{"/api/uploads"}},
				"urls": {
					Rules: []ExceptedRule{"GenericRFI_BODY", "EC2MetaDataSSRF_BODY"},
					Paths: []PathPattern{"/api/bookmarks/*", "/api/bookmarks"},
				},
			},
			Logs:             "all",
			LogRetentionDays: 30,
		},
		Records: RecordsConfig{
			HealthCheck:            HealthCheckConfig{Path: "/api/health", IntervalSeconds: 30, FailureThreshold: 3},
			Mail:                   MailNone,
			CertificateAuthorities: []CertificateAuthority{"amazon.com"},
		},
	}
}

// recorded runs a constructor with a provider of each kind that the package uses; build gets the
// one of us-east-1.
func recorded(
	t *testing.T, build func(ctx *pulumi.Context, usEast1 pulumi.ProviderResource, opts ...pulumi.ResourceOption) error,
) (*recorder.Recorder, error) {
	t.Helper()
	r := recorder.New()
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		usEast1, err := recorder.Provider(ctx, "aws", "us-east-1")
		if err != nil {
			return err
		}
		return build(ctx, usEast1, opts...)
	}, "aws", "random")
	return r, err
}

// one returns the only registration of a type and name.
func one(t *testing.T, r *recorder.Recorder, typ, name string) recorder.Resource {
	t.Helper()
	got, ok := r.Get(typ, name)
	require.True(t, ok, "%s %s in %v", typ, name, r.Keys())
	return got
}

// providers maps each custom resource to the name of its provider.
func providers(r *recorder.Recorder) map[string]string {
	all := map[string]string{}
	for _, one := range r.All() {
		if one.Custom {
			all[one.Key()] = resource.URN(one.Provider[:strings.LastIndex(one.Provider, "::")]).Name()
		}
	}
	return all
}

// document decodes a JSON input, so that documents are compared by what they say.
func document(t *testing.T, one recorder.Resource, property string) any {
	t.Helper()
	text, ok := one.Input(property).(string)
	require.True(t, ok, "%s of %s", property, one.Key())
	var out any
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	return out
}

func parse(t *testing.T, text string) any {
	t.Helper()
	var out any
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	return out
}

// value waits for an output of a component after its program has run.
func value[T any](t *testing.T, out pulumi.Output) T {
	t.Helper()
	found := make(chan any, 1)
	pulumi.All(out).ApplyT(func(all []any) any {
		found <- all[0]
		return nil
	})
	got, ok := (<-found).(T)
	require.True(t, ok)
	return got
}

func assertSameKeys(t *testing.T, r *recorder.Recorder, want ...string) {
	t.Helper()
	assert.Equal(t, want, r.Keys())
	assert.Empty(t, r.Orphans())
}
