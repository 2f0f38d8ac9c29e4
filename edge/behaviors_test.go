package edge

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// behaviorsOf are those of the distribution in CloudFront's order, the default one last. What they
// make of a request is a row of the table in internal/visit.
func behaviorsOf(t *testing.T, r *recorder.Recorder) []map[string]any {
	t.Helper()
	made := one(t, r, typeDistribution, "cdn-distribution")
	var all []map[string]any
	for _, ordered := range made.Input("orderedCacheBehaviors").([]any) {
		all = append(all, ordered.(map[string]any))
	}
	return append(all, made.Input("defaultCacheBehavior").(map[string]any))
}

func TestEveryBehaviorRedirectsAndAddsHeaders(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	all := behaviorsOf(t, r)
	require.Len(t, all, 6)
	for _, b := range all {
		assert.Equal(t, "redirect-to-https", b["viewerProtocolPolicy"], b["pathPattern"])
		assert.Equal(t, "cdn-security-id", b["responseHeadersPolicyId"], b["pathPattern"])
		assert.Equal(t, []any{map[string]any{
			"eventType":   "viewer-request",
			"functionArn": "arn:aws:test:ap-northeast-1:111122223333:cdn-redirect",
		}},
			b["functionAssociations"], b["pathPattern"])
	}
}

func TestStaticFilesAreKeptForAYear(t *testing.T) {
	r, _, err := buildDistribution(t, nil)
	require.NoError(t, err)
	policy := one(t, r, typeCachePolicy, "cdn-immutable")
	assert.Equal(t, []any{0.0, 31536000.0, 31536000.0},
		[]any{policy.Input("minTtl"), policy.Input("defaultTtl"), policy.Input("maxTtl")})
}
