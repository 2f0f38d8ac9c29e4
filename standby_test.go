package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// standby is production's file as a stack of its own in another region, behind production's
// distribution.
func standby(t *testing.T, takesOver bool) stacktest.File {
	f := stacktest.Read(t, "prod").Released(t)
	f["bookmark-manager:environment"] = "recovery"
	f.Set(t, "aws", "region", "ap-northeast-3")
	f.Set(t, "network", "zones.0.name", "ap-northeast-3a")
	f.Set(t, "network", "zones.1.name", "ap-northeast-3b")
	f.Set(t, "network", "ingress.prefixListId", "pl-31a14458")
	f.Set(t, "atlas", "backup.copyRegion", "AP_NORTHEAST_1")
	f.Set(t, "backups", "copy.region", "ap-northeast-1")
	f.Set(t, "edge", "standby", map[string]any{
		"distributionId": "E2ABCDEFGHIJKL",
		"environment":    "production",
		"zoneId":         "Z0123456789ABCDEFGHIJ",
		"takesOver":      takesOver,
	})
	return f
}

// A name has one distribution, and the zone one of each record: a standby makes neither, and takes
// what CloudFront sends.
func TestAStandbyIsBehindAnothersDistribution(t *testing.T) {
	for takesOver, want := range map[bool][]string{false: nil, true: {"standby-origin"}} {
		r, err := run(t, standby(t, takesOver))
		require.NoError(t, err)
		var named []string
		for _, one := range r.All() {
			proof := one.Type == record && strings.HasPrefix(one.Name, "certificates-")
			if one.Type == record && !proof {
				named = append(named, one.Name)
			}
			for _, kind := range []string{"aws:route53/zone:Zone", "aws:cloudfront/", "aws:wafv2/"} {
				assert.False(t, strings.HasPrefix(one.Type, kind) && one.ID == "", one.Key())
			}
		}
		assert.Equal(t, want, named)
		rule, ok := r.Get("aws:lb/listenerRule:ListenerRule", "api-rule")
		require.True(t, ok)
		assert.Contains(t, headerValues(rule), stacktest.AsSecret+"bookmark-manager:originSecret")
		assert.Empty(t, r.Orphans())
	}
	assert.Contains(t, exported(t, standby(t, false)), "originTarget")
}

const record = "aws:route53/record:Record"

// headerValues are what a rule takes as the origin's header.
func headerValues(rule recorder.Resource) []any {
	var values []any
	for _, condition := range rule.Input("conditions").([]any) {
		if header, ok := condition.(map[string]any)["httpHeader"].(map[string]any); ok {
			values = append(values, header["values"].([]any)...)
		}
	}
	return values
}
