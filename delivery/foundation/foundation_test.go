package foundation

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

func TestNames(t *testing.T) {
	require.NoError(t, names.Check(names.Bucket, StateBucket("111122223333", "ap-northeast-1")))
	for want, got := range map[string]string{
		"bookmark-manager-state-111122223333-ap-northeast-1": StateBucket("111122223333",
			"ap-northeast-1"),
		"s3://bookmark-manager-state-111122223333-ap-northeast-1?region=ap-northeast-1": BackendURL("111122223333",
			"ap-northeast-1"),
		"awskms://alias/bookmark-manager-state?region=ap-northeast-1": SecretsProvider(
			"ap-northeast-1",
		),
		"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com": ProviderArn("111122223333"),
		"repo:bookmark-manager@12/infrastructure@34:environment:production-preview": Subject(
			"bookmark-manager@12/infrastructure@34", "production-preview"),
	} {
		assert.Equal(t, want, got)
	}
}
