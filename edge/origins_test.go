package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const typeVPCOrigin = "aws:cloudfront/vpcOrigin:VpcOrigin"

func vpcOriginOf(reached bool) func(*EdgeDistributionArgs) {
	return func(a *EdgeDistributionArgs) {
		a.VPCOrigin = &VPCOrigin{
			LoadBalancerArn:       pulumi.String("arn:balancer"),
			LoadBalancerArnSuffix: pulumi.String("app/load-balancer-internal-1234567/50dc6c495c0c9188"),
			Reached:               reached,
		}
	}
}

func TestTheDistributionReachesAnInternalLoadBalancerByAVPCOrigin(t *testing.T) {
	r, _, err := buildDistribution(t, vpcOriginOf(true))
	require.NoError(t, err)
	made := one(t, r, typeVPCOrigin, "cdn-vpc-origin")
	assert.Equal(t, map[string]any{
		"name": "bookmark-manager-production-50dc6c495c0c9188", "arn": "arn:balancer",
		"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only",
		"originSslProtocols": map[string]any{"items": []any{"TLSv1.2"}, "quantity": 1.0},
	}, made.Input("vpcOriginEndpointConfig"))
	assert.Equal(t, []string{"vpcOriginEndpointConfig"}, made.Replaced, "CloudFront changes none that is in use")
	assert.False(t, made.DeleteFirst)
	distribution := one(t, r, typeDistribution, "cdn-distribution")
	assert.Equal(t, map[string]any{
		"originId": "load-balancer", "domainName": "origin.example.com",
		"customHeaders": []any{map[string]any{"name": "X-Origin-Verify", "value": "hush"}},
		"vpcOriginConfig": map[string]any{
			"vpcOriginId": "cdn-vpc-origin-id", "originReadTimeout": 30.0, "originKeepaliveTimeout": 5.0,
		},
	}, distribution.Input("origins[0]"))
	assert.True(t, distribution.IsSecret("origins"))
}

// The VPC origin takes a quarter of an hour to be made, and may fail: the distribution goes over to
// it in a later deploy.
func TestAVPCOriginWaitsUntilTheDistributionMoves(t *testing.T) {
	r, _, err := buildDistribution(t, vpcOriginOf(false))
	require.NoError(t, err)
	one(t, r, typeVPCOrigin, "cdn-vpc-origin")
	waiting := one(t, r, typeDistribution, "cdn-distribution").Input("origins")
	r, _, err = buildDistribution(t, nil)
	require.NoError(t, err)
	assert.Empty(t, r.OfType(typeVPCOrigin))
	assert.Equal(t, one(t, r, typeDistribution, "cdn-distribution").Input("origins"), waiting)

	r, _, err = buildDistribution(t, func(a *EdgeDistributionArgs) { a.VPCOrigin = &VPCOrigin{} })
	require.ErrorContains(t, err, "VPCOrigin.LoadBalancerArn and LoadBalancerArnSuffix is required")
	assert.Empty(t, r.Keys())
}
