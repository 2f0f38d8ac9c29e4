package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// behind runs production with a scheme of its load balancer.
func behind(t *testing.T, scheme string, moving bool) *recorder.Recorder {
	t.Helper()
	f := stacktest.Read(t, "prod").Released(t)
	f.Set(t, "compute", "loadBalancer.scheme", scheme)
	f.Set(t, "compute", "loadBalancer.moving", moving)
	r, err := run(t, f)
	require.NoError(t, err)
	return r
}

// only lists what the first has and the second has not.
func only(these, those *recorder.Recorder) []string {
	other := those.Keys()
	return slices.DeleteFunc(these.Keys(), func(key string) bool { return slices.Contains(other, key) })
}

func TestAnInternalLoadBalancerStandsInThePlaceOfThePublicOne(t *testing.T) {
	public, internal := behind(t, "internet-facing", false), behind(t, "internal", false)
	for _, moved := range []struct {
		gone, come *recorder.Recorder
		want       []string
	}{
		{public, internal, []string{
			"aws:lb/listener:Listener load-balancer-http", "aws:lb/listener:Listener load-balancer-https",
			"aws:lb/listenerRule:ListenerRule api-rule", "aws:lb/listenerRule:ListenerRule web-rule",
			"aws:lb/loadBalancer:LoadBalancer load-balancer",
			"aws:lb/targetGroup:TargetGroup api-tg", "aws:lb/targetGroup:TargetGroup web-tg",
			"bookmark-manager:compute:LoadBalancer load-balancer",
		}},
		{internal, public, []string{
			"aws:cloudfront/vpcOrigin:VpcOrigin distribution-vpc-origin",
			"aws:lb/listener:Listener load-balancer-internal-http",
			"aws:lb/listener:Listener load-balancer-internal-https",
			"aws:lb/listenerRule:ListenerRule api-internal-rule", "aws:lb/listenerRule:ListenerRule web-internal-rule",
			"aws:lb/loadBalancer:LoadBalancer load-balancer-internal",
			"aws:lb/targetGroup:TargetGroup api-in", "aws:lb/targetGroup:TargetGroup web-in",
			"bookmark-manager:compute:LoadBalancer load-balancer-internal",
		}},
	} {
		assert.Equal(t, moved.want, only(moved.gone, moved.come))
	}
	balancer, ok := internal.Get(catalog.LoadBalancer, "load-balancer-internal")
	require.True(t, ok)
	subnets, _ := balancer.Input("subnets").([]any)
	require.Len(t, subnets, 2)
	for _, subnet := range subnets {
		assert.Contains(t, subnet, "private", "in the private subnets")
	}
	assert.Contains(t, strings.Join(balancer.DependsOn, " "), "aws:ec2/route:Route",
		"CloudFront refuses a VPC origin in a VPC without an internet gateway")
	record, ok := internal.Get(catalog.Record, "records-origin-primary")
	require.True(t, ok)
	assert.Contains(t, record.Input("aliases[0].name"), "load-balancer-internal", "the origin's name still resolves")
}

// Each step of the move adds, changes or takes away, and never two of them to one load balancer.
func TestAMoveHasBothLoadBalancersInBetween(t *testing.T) {
	before, beside := behind(t, "internet-facing", false), behind(t, "internet-facing", true)
	moved, after := behind(t, "internal", true), behind(t, "internal", false)
	assert.Empty(t, only(before, beside), "nothing goes when the second one comes")
	assert.Equal(t, beside.Keys(), moved.Keys(), "CloudFront moves, and nothing comes or goes")
	assert.Empty(t, only(after, moved), "nothing comes when the first one goes")
	assert.NotEmpty(t, only(beside, before))
	assert.NotEmpty(t, only(moved, after))
}
