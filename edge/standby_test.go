package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

func buildStandby(t *testing.T, change func(*StandbyArgs)) (*recorder.Recorder, *Standby, error) {
	t.Helper()
	var standby *Standby
	r, err := recorded(t, func(ctx *pulumi.Context, _ pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
		args := &StandbyArgs{
			Config: StandbyConfig{
				DistributionID: "E2ABCDEFGHIJKL",
				Environment:    "staging",
				ZoneID:         "ZONE",
			},
			Stack:               recorder.Production,
			Domain:              "example.com",
			HealthCheck:         validConfig().Records.HealthCheck,
			LoadBalancerDNSName: pulumi.String("alb.elb.amazonaws.com"),
			LoadBalancerZoneID:  pulumi.String("ZALB"),
			AssetsBucketName:    pulumi.String("assets"),
			AssetsBucketArn:     pulumi.String("arn:aws:s3:::assets"),
		}
		if change != nil {
			change(args)
		}
		var err error
		standby, err = NewStandby(ctx, "standby", args, opts...)
		return err
	})
	return r, standby, err
}

func TestAStandbyHasNoNameUntilItTakesOver(t *testing.T) {
	r, standby, err := buildStandby(t, nil)
	require.NoError(t, err)
	assert.Empty(t, r.OfType(typeRecord))
	assert.Empty(t, r.OfType(typeDistribution))
	assert.Empty(t, r.Orphans())
	assert.Equal(t, "E2ABCDEFGHIJKL", value[string](t, standby.DistributionID))
	assert.Equal(t, "bookmark-manager-staging-waf", standby.WebACLMetricName)
	assert.Equal(t, "aws-waf-logs-bookmark-manager-staging", value[string](t, standby.WebACLLogGroupName))
	assert.Equal(t, "standby-site-id", value[string](t, standby.HealthCheckID))
	assert.Equal(t, "www.example.com", one(t, r, typeHealthCheck, "standby-site").Input("fqdn"))
	assert.Equal(t, parse(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"CloudFrontReads","Effect":"Allow","Principal":{"Service":["cloudfront.amazonaws.com"]},
		 "Action":["s3:GetObject"],
		 "Resource":["arn:aws:s3:::assets/*"],
		 "Condition":{"StringEquals":{"aws:SourceArn":["arn:aws:cloudfront::111122223333:distribution/E2ABCDEFGHIJKL"]}}},
		{"Sid":"OnlyTLS","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:*"],
		 "Resource":["arn:aws:s3:::assets","arn:aws:s3:::assets/*"],
		  "Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`),
		document(t, one(t, r, typeBucketPolicy, "standby-assets"), "policy"))
}

// The record is the other stack's: it is written over, and outlives the standby.
func TestAStandbyTakesTheOriginsNameOver(t *testing.T) {
	r, _, err := buildStandby(t, func(a *StandbyArgs) { a.Config.TakesOver = true })
	require.NoError(t, err)
	want := originRecord("PRIMARY", "primary", "alb.elb.amazonaws.com", "ZALB")
	want["allowOverwrite"] = true
	assert.Equal(t, map[string]map[string]any{"standby-origin": want}, recordInputs(r))
	assert.True(t, one(t, r, typeRecord, "standby-origin").RetainOnDelete)
}

func TestAStandbyRegistersNothingWithoutAPlace(t *testing.T) {
	for want, change := range map[string]func(*StandbyArgs){
		"Domain (a domain name)": func(a *StandbyArgs) { a.Domain = "" },
		"distributionId: found \"d1.cloudfront.net\"": func(a *StandbyArgs) {
			a.Config.DistributionID = "d1.cloudfront.net"
		},
		"zoneId: found nothing, want a hosted zone's id":  func(a *StandbyArgs) { a.Config.ZoneID = "" },
		"environment: found \"Production\", want the env": func(a *StandbyArgs) { a.Config.Environment = "Production" },
	} {
		r, _, err := buildStandby(t, change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.Keys())
	}
}

func TestAGivenOriginSecretStaysSecret(t *testing.T) {
	secret := GivenOriginSecret(pulumi.String("hush").ToStringOutput())
	assert.Equal(t, "hush", value[string](t, secret.Current))
	assert.Equal(t, []string{"hush"}, value[[]string](t, secret.Accepted))
	assert.True(t, pulumi.IsSecret(secret.Current))
	assert.True(t, pulumi.IsSecret(secret.Accepted))
}
