package atlas

import (
	"context"
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	pt "github.com/bookmark-manager/infrastructure/rehearsal/model/providertest"
)

func TestTheProviderNeedsItsKeys(t *testing.T) {
	w := pt.New(t, Definition(), config)
	for name, test := range map[string]struct {
		config in
		want   []plugin.CheckFailure
	}{
		"both keys": {config, nil},
		"one key": {in{"publicKey": "public"}, []plugin.CheckFailure{{
			Property: "publicKey",
			Reason:   "either Atlas Programmatic API Keys or AWS Secrets Manager attributes must be set",
		}}},
		"a typo": {in{"publicKey": "public", "privateKey": "private", "publickey": "x"}, []plugin.CheckFailure{{
			Property: "publickey",
			Reason:   `publickey: unknown property, did you mean "publicKey"?`,
		}}},
	} {
		res, err := w.CheckConfig(context.Background(),
			plugin.CheckConfigRequest{News: resource.NewPropertyMapFromMap(test.config)})
		require.NoError(t, err)
		assert.Equal(t, test.want, res.Failures, name)
	}
}

func TestWhatAtlasComputes(t *testing.T) {
	w := pt.New(t, Definition(), config)
	made := w.Make(clusterType, "c", cluster(nil))
	assert.Regexp(t, `^[0-9a-f]{24}$`, made.Text("clusterId"))
	assert.Equal(t, "8.0.13", made.Text("mongoDbVersion"))
	outputs := resource.NewProperty(made.Outputs).Mappable().(map[string]any)
	address := outputs["connectionStrings"].([]any)[0].(map[string]any)
	assert.Regexp(t, `^mongodb\+srv://bookmark-mgr-production\.[0-9a-f]{5}\.mongodb\.net$`, address["standardSrv"])
	assert.Len(t, outputs["replicationSpecs"].([]any)[0].(map[string]any)["zoneId"], 24)
	secretive := w.Make(userType, "u", user(nil))
	assert.True(t, secretive.Outputs["password"].IsSecret())
}

func TestALookUpKnowsThePrivateEndpoints(t *testing.T) {
	w := pt.New(t, Definition(), config)
	ask := func() ([]any, error) {
		res, err := w.Invoke(context.Background(), plugin.InvokeRequest{
			Tok:  getCluster,
			Args: resource.NewPropertyMapFromMap(in{"projectId": project, "name": "bookmark-mgr-production"}),
		})
		if err != nil {
			return nil, err
		}
		all := res.Properties.Mappable()["connectionStrings"].([]any)
		if len(all) == 0 {
			return nil, errors.New("no connection string")
		}
		return all[0].(map[string]any)["privateEndpoints"].([]any), nil
	}
	_, err := ask()
	require.EqualError(t, err, "no connection string", "the look-up says nothing of a cluster that is not there")
	w.Make(clusterType, "c", cluster(nil))
	before, err := ask()
	require.NoError(t, err)
	assert.Empty(t, before)
	private := link(w)
	inVPC := endpoint(w, private.Text("endpointServiceName"))
	require.NoError(t, connect(w, private.ID, inVPC.ID))
	after, err := ask()
	require.NoError(t, err)
	require.Len(t, after, 1)
	found := after[0].(map[string]any)
	assert.Regexp(t, `^mongodb\+srv://bookmark-mgr-production-pl-0\.[0-9a-f]{5}\.mongodb\.net$`,
		found["srvConnectionString"])
	assert.Equal(t, []any{map[string]any{"endpointId": inVPC.ID, "providerName": "AWS", "region": "AP_NORTHEAST_1"}},
		found["endpoints"])
}

func TestSnapshotsOutliveTheirCluster(t *testing.T) {
	w := pt.New(t, Definition(), config)
	require.NoError(t, w.Remove(w.Make(clusterType, "c", cluster(in{"retainBackupsEnabled": false}))))
	assert.Empty(t, w.Left())
	require.NoError(t, w.Remove(w.Make(clusterType, "c", cluster(in{"retainBackupsEnabled": true}))))
	left := w.Left()
	require.Len(t, left, 1)
	assert.Equal(t, "snapshots of bookmark-mgr-production", left[0].Name)
	assert.Equal(t, cloud.Retained, left[0].State)
}

// A backup copy names the cluster's zone, whose id Atlas writes into the cluster's own
// specification.
func TestAPreviewDoesNotKnowTheZone(t *testing.T) {
	w := pt.New(t, Definition(), config)
	checked, err := w.Checked(clusterType, "c", cluster(nil))
	require.NoError(t, err)
	planned, err := w.Create(context.Background(),
		plugin.CreateRequest{Type: clusterType, Properties: checked, Preview: true})
	require.NoError(t, err)
	assert.True(t, planned.Properties["replicationSpecs"].ContainsUnknowns())

	made := w.Make(clusterType, "c", cluster(nil))
	preview := func(inputs in) resource.PropertyMap {
		news, err := w.Checked(clusterType, "c", inputs)
		require.NoError(t, err)
		res, err := w.Update(context.Background(), plugin.UpdateRequest{
			Type:       clusterType,
			ID:         resource.ID(made.ID),
			OldInputs:  made.Inputs,
			OldOutputs: made.Outputs,
			NewInputs:  news,
			Preview:    true,
		})
		require.NoError(t, err)
		return res.Properties
	}
	assert.Equal(t, made.Outputs["replicationSpecs"],
		preview(cluster(in{"terminationProtectionEnabled": true}))["replicationSpecs"], "another change leaves it")
	assert.True(t, preview(cluster(placed(nil, in{"instanceSize": "M20"})))["replicationSpecs"].ContainsUnknowns())
}
