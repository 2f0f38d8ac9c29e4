package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/sdk/wafv2"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sdkdoc"
)

func TestTheProgramsDeclarationsFitTheSchema(t *testing.T) {
	known, err := schema.AWS()
	require.NoError(t, err)
	for token, args := range map[string]pulumi.Input{
		"aws:wafv2/webAcl:WebAcl": wafv2.WebAclArgs{},
		"aws:wafv2/ipSet:IpSet":   wafv2.IpSetArgs{},
		"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": wafv2.WebAclLoggingConfigurationArgs{},
	} {
		sdkdoc.Declared(t, known, token, args)
	}
}
