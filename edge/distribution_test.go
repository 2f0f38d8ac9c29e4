package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	typeDistribution  = "aws:cloudfront/distribution:Distribution"
	typeCachePolicy   = "aws:cloudfront/cachePolicy:CachePolicy"
	typeHeadersPolicy = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	typeFunction      = "aws:cloudfront/function:Function"
	typeOriginAccess  = "aws:cloudfront/originAccessControl:OriginAccessControl"
	typeMonitoring    = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"
	typeBucketPolicy  = "aws:s3/bucketPolicy:BucketPolicy"
	typeDelivery      = "aws:cloudwatch/logDelivery:LogDelivery"
	typeDestination   = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	typeSource        = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
)

func distributionArgs(usEast1 pulumi.ProviderResource) *EdgeDistributionArgs {
	return &EdgeDistributionArgs{
		Config:                 validConfig().Distribution,
		Domain:                 "example.com",
		Stack:                  recorder.Production,
		UsEast1:                usEast1,
		CertificateArn:         pulumi.String("arn:certificate"),
		WebACLArn:              pulumi.String("arn:web-acl"),
		OriginSecret:           pulumi.String("hush"), // the component itself makes it secret
		AssetsBucketName:       pulumi.String("assets"),
		AssetsBucketArn:        pulumi.String("arn:aws:s3:::assets"),
		AssetsBucketDomainName: pulumi.String("assets.s3.ap-northeast-1.amazonaws.com"),
		LogBucketArn:           pulumi.String("arn:aws:s3:::logs"),
		HealthPath:             "/api/health",
	}
}

func buildDistribution(
	t *testing.T, change func(*EdgeDistributionArgs),
) (*recorder.Recorder, *EdgeDistribution, error) {
	t.Helper()
	var distribution *EdgeDistribution
	r, err := recorded(t,
		func(ctx *pulumi.Context, usEast1 pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
			args := distributionArgs(usEast1)
			if change != nil {
				change(args)
			}
			var err error
			distribution, err = NewEdgeDistribution(ctx, "cdn", args, opts...)
			return err
		})
	return r, distribution, err
}

func TestDistributionAndWhatBelongsToIt(t *testing.T) {
	r, distribution, err := buildDistribution(t, nil)
	require.NoError(t, err)
	assert.Empty(t, r.Orphans())
	assert.Equal(t, map[string]string{
		typeCachePolicy + " cdn-immutable":     "aws",
		typeCachePolicy + " cdn-images":        "aws",
		typeDistribution + " cdn-distribution": "aws",
		typeFunction + " cdn-redirect":         "aws",
		typeMonitoring + " cdn-metrics":        "aws",
		typeOriginAccess + " cdn-assets":       "aws",
		typeHeadersPolicy + " cdn-security":    "aws",
		typeBucketPolicy + " cdn-assets":       "aws",
		typeDelivery + " cdn-access-logs":      "us-east-1",
		typeDestination + " cdn-access-logs":   "us-east-1",
		typeSource + " cdn-access-logs":        "us-east-1",
	}, providers(r))
	assert.Equal(t, map[string]any{"realtimeMetricsSubscriptionConfig": map[string]any{
		"realtimeMetricsSubscriptionStatus": "Enabled",
	}},
		one(t, r, typeMonitoring, "cdn-metrics").Input("monitoringSubscription"))
	made := one(t, r, typeDistribution, "cdn-distribution")
	for property, want := range map[string]any{
		"enabled": true, "comment": "bookmark-manager-production", "aliases": []any{"www.example.com", "example.com"},
		"httpVersion": "http2and3", "isIpv6Enabled": true, "priceClass": "PriceClass_200", "webAclId": "arn:web-acl",
		"viewerCertificate": map[string]any{
			"acmCertificateArn":      "arn:certificate",
			"sslSupportMethod":       "sni-only",
			"minimumProtocolVersion": "TLSv1.2_2021",
		},
		"restrictions": map[string]any{"geoRestriction": map[string]any{"restrictionType": "none"}},
		"origins": []any{
			map[string]any{
				"originId": "load-balancer", "domainName": "origin.example.com",
				"customHeaders": []any{map[string]any{"name": "X-Origin-Verify", "value": "hush"}},
				"customOriginConfig": map[string]any{
					"httpPort":               80.0,
					"httpsPort":              443.0,
					"originProtocolPolicy":   "https-only",
					"originSslProtocols":     []any{"TLSv1.2"},
					"originReadTimeout":      30.0,
					"originKeepaliveTimeout": 5.0,
				},
			},
			map[string]any{
				"originId":              "assets",
				"domainName":            "assets.s3.ap-northeast-1.amazonaws.com",
				"originAccessControlId": "cdn-assets-id",
			},
		},
		"defaultRootObject": nil, "originGroups": nil, "loggingConfig": nil,
	} {
		assert.Equal(t, want, made.Input(property), property)
	}
	assert.True(t, made.IsSecret("origins"))
	assert.Equal(t, "cdn-distribution-id", value[string](t, distribution.ID))
	assert.Equal(t, "d111111abcdef8.cloudfront.net", value[string](t, distribution.DomainName))
	assert.Equal(t, "Z2FDTNDATAQYW2", value[string](t, distribution.HostedZoneID))
}

func TestDistributionWithoutApexOrExtraMetrics(t *testing.T) {
	r, _, err := buildDistribution(t, func(a *EdgeDistributionArgs) {
		a.Config.Apex, a.Config.ExtraMetrics = ApexNone, false
	})
	require.NoError(t, err)
	assert.Equal(t, []any{"www.example.com"}, one(t, r, typeDistribution, "cdn-distribution").Input("aliases"))
	assert.Empty(t, r.OfType(typeMonitoring))

	r, _, err = buildDistribution(t, func(a *EdgeDistributionArgs) { a.Hosts = []Domain{"admin.example.com"} })
	require.NoError(t, err)
	assert.Equal(t, []any{"www.example.com", "example.com", "admin.example.com"},
		one(t, r, typeDistribution, "cdn-distribution").Input("aliases"))
}

func TestAssetsAreReadByThisDistributionAlone(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	access := one(t, r, typeOriginAccess, "cdn-assets")
	assert.Equal(t, []any{"s3", "always", "sigv4"},
		[]any{access.Input("originAccessControlOriginType"), access.Input("signingBehavior"),
			access.Input("signingProtocol")})
	bucket := one(t, r, typeBucketPolicy, "cdn-assets")
	assert.Equal(t, "assets", bucket.Input("bucket"))
	assert.Equal(t, parse(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"CloudFrontReads","Effect":"Allow","Principal":{"Service":["cloudfront.amazonaws.com"]},
		 "Action":["s3:GetObject"],
		 "Resource":["arn:aws:s3:::assets/*"],
		 "Condition":{"StringEquals":{"aws:SourceArn":["arn:aws:test:ap-northeast-1:111122223333:cdn-distribution"]}}},
		{"Sid":"OnlyTLS","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:*"],
		 "Resource":["arn:aws:s3:::assets","arn:aws:s3:::assets/*"],
		  "Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`),
		document(t, bucket, "policy"))
}

func TestAccessLogsGoToTheLogBucketWithoutCookies(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	source := one(t, r, typeSource, "cdn-access-logs")
	assert.Equal(t, "ACCESS_LOGS", source.Input("logType"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:cdn-distribution", source.Input("resourceArn"))
	destination := one(t, r, typeDestination, "cdn-access-logs")
	assert.Equal(t, "w3c", destination.Input("outputFormat"))
	assert.Equal(t, "arn:aws:s3:::logs/cloudfront",
		destination.Input("deliveryDestinationConfiguration.destinationResourceArn"))
	delivery := one(t, r, typeDelivery, "cdn-access-logs")
	assert.Equal(t, "\t", delivery.Input("fieldDelimiter"))
	assert.Equal(t, "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", delivery.Input("s3DeliveryConfigurations[0].suffixPath"))
	assert.Equal(t, false, delivery.Input("s3DeliveryConfigurations[0].enableHiveCompatiblePath"))
	fields, ok := delivery.Input("recordFields").([]any)
	require.True(t, ok)
	assert.Len(t, fields, len(AccessLogFields))
	assert.Contains(t, fields, "cs-uri-stem")
	assert.NotContains(t, fields, "cs(Cookie)")
}

func TestErrorsAreNeverKeptForOthersAndOutagesShowThePage(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	plain := func(code float64) any { return map[string]any{"errorCode": code, "errorCachingMinTtl": 0.0} }
	page := func(code float64) any {
		return map[string]any{
			"errorCode":          code,
			"errorCachingMinTtl": 5.0,
			"responseCode":       code,
			"responsePagePath":   "/maintenance/index.html",
		}
	}
	errors := func(r *recorder.Recorder) any {
		return one(t, r, typeDistribution, "cdn-distribution").Input("customErrorResponses")
	}
	assert.Equal(t, []any{plain(404), plain(414), plain(500), plain(501), page(502), page(503), page(504)}, errors(r))

	r, _, err = buildDistribution(t, func(a *EdgeDistributionArgs) {
		a.Config.Maintenance.StatusCodes = []int{502}
	})
	require.NoError(t, err)
	assert.Equal(t, []any{plain(404), plain(414), plain(500), plain(501), page(502), plain(503), plain(504)}, errors(r),
		"what has no page is not kept either")
}

// During a rotation the load balancer must know the new secret first, and the log bucket must let
// the logs in.
func TestDistributionWaits(t *testing.T) {
	r, err := recorded(t,
		func(ctx *pulumi.Context, usEast1 pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
			page, err := NewMaintenancePage(ctx, "maintenance",
				&MaintenancePageArgs{AssetsBucketName: pulumi.String("assets")}, opts...)
			if err != nil {
				return err
			}
			args := distributionArgs(usEast1)
			args.After = []pulumi.Resource{page}
			_, err = NewEdgeDistribution(ctx, "cdn", args, opts...)
			return err
		})
	require.NoError(t, err)
	assert.Contains(t, one(t, r, typeDistribution, "cdn-distribution").DependsOn,
		"urn:pulumi:test::bookmark-manager::"+MaintenancePageType+
			"$aws:s3/bucketObjectv2:BucketObjectv2::maintenance-page")
	assert.Contains(t, one(t, r, typeDelivery, "cdn-access-logs").DependsOn,
		"urn:pulumi:test::bookmark-manager::"+EdgeDistributionType+"$"+typeSource+"::cdn-access-logs")
	assert.Contains(t, one(t, r, typeSource, "cdn-access-logs").DependsOn,
		"urn:pulumi:test::bookmark-manager::"+EdgeDistributionType+"$"+typeDistribution+"::cdn-distribution")
}

func TestDistributionRefuses(t *testing.T) {
	for want, change := range map[string]func(*EdgeDistributionArgs){
		"Domain is required":               func(a *EdgeDistributionArgs) { a.Domain = "" },
		"UsEast1 is required":              func(a *EdgeDistributionArgs) { a.UsEast1 = nil },
		"CertificateArn is required":       func(a *EdgeDistributionArgs) { a.CertificateArn = nil },
		"WebACLArn is required":            func(a *EdgeDistributionArgs) { a.WebACLArn = nil },
		"OriginSecret is required":         func(a *EdgeDistributionArgs) { a.OriginSecret = nil },
		"HealthPath is required":           func(a *EdgeDistributionArgs) { a.HealthPath = "" },
		"LogBucketArn is required":         func(a *EdgeDistributionArgs) { a.LogBucketArn = nil },
		`priceClass: found "all", want on`: func(a *EdgeDistributionArgs) { a.Config.PriceClass = "all" },
	} {
		r, _, err := buildDistribution(t, change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.Keys())
	}
}
