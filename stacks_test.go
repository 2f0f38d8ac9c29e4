package main

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// run evaluates the whole program under mocks.
func run(t testing.TB, f stacktest.File) (*recorder.Recorder, error) {
	t.Helper()
	encoded, err := json.Marshal(f)
	require.NoError(t, err)
	t.Setenv(pulumi.EnvConfig, string(encoded))
	r := atlasAnswers(recorder.New())
	return r, r.Run(deploy, f, f.SecretKeys()...)
}

// exported lists the names of the stack's outputs.
func exported(t testing.TB, f stacktest.File) []string {
	t.Helper()
	var outputs []string
	require.NoError(t, atlasAnswers(recorder.New()).Run(func(ctx *pulumi.Context) error {
		if err := deploy(ctx); err != nil {
			return err
		}
		outputs = slices.Sorted(maps.Keys(ctx.GetCurrentExportMap()))
		return nil
	}, f, f.SecretKeys()...))
	return outputs
}

// atlasAnswers gives the cluster the address that Atlas shows once the private endpoint is up.
func atlasAnswers(r *recorder.Recorder) *recorder.Recorder {
	r.Answer("mongodbatlas:index/getAdvancedCluster:getAdvancedCluster",
		func(resource.PropertyMap) (resource.PropertyMap, error) {
			return resource.NewPropertyMapFromMap(map[string]any{"connectionStrings": []any{map[string]any{
				"privateEndpoints": []any{map[string]any{
					"srvConnectionString": "mongodb+srv://private.example.mongodb.net",
					"endpoints":           []any{map[string]any{"endpointId": "atlas-endpoint-id"}},
				}},
			}}}), nil
		})
	return r
}

// onlyOne are types that stand for what another object has once. Their services put a new one in
// the place of the old one, so it must be deleted before its replacement is made: afterwards that
// would be deleted.
var onlyOne = []string{
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration",
	"aws:ec2/flowLog:FlowLog", "aws:ecr/lifecyclePolicy:LifecyclePolicy",
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
}

func TestWhatIsThereOnceIsDeletedBeforeItIsReplaced(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod"))
	require.NoError(t, err)
	for _, typ := range onlyOne {
		found := r.OfType(typ)
		require.NotEmpty(t, found, typ)
		for _, one := range found {
			require.True(t, one.DeleteFirst, one.Key())
		}
	}
}
