package datadog

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	declared "github.com/bookmark-manager/infrastructure/internal/sdk/datadog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/sdkdoc"
)

func TestTheProgramsDeclarationsFitTheSchema(t *testing.T) {
	s, err := parse()
	require.NoError(t, err)
	for token, args := range map[string]pulumi.Input{
		keyType:       declared.ApiKeyArgs{},
		dashboardType: declared.DashboardJsonArgs{},
		monitorType:   declared.MonitorArgs{},
		objectiveType: declared.ServiceLevelObjectiveArgs{},
		checkType:     declared.SyntheticsTestArgs{},
	} {
		sdkdoc.Declared(t, s, token, args)
	}
}
