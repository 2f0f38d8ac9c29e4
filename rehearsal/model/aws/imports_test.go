package aws

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// imported reads an object as the engine does for the option import: with an id alone.
func (w *world) imported(typ, id string) plugin.ReadResponse {
	w.t.Helper()
	res, err := w.Read(context.Background(), plugin.ReadRequest{
		URN: urn(typ, "x"), Type: tokens.Type(typ), ID: resource.ID(id),
	})
	require.NoError(w.t, err)
	return res
}

// Some types are imported by another id than the one that they then have, and by no other.
func TestImportsTakeTheIdsOfTheDocumentation(t *testing.T) {
	const service = "service/main/api"
	for typ, c := range map[string]struct {
		id, imported string
		global       bool
		outputs      in
	}{
		ecsServiceType: {"arn:aws:ecs:ap-northeast-1:111122223333:service/main/api", "main/api", false,
			in{"cluster": "arn:aws:ecs:ap-northeast-1:111122223333:cluster/main", "name": "api"}},
		scalingTargetType: {service, "ecs/" + service + "/ecs:service:DesiredCount", false,
			in{"resourceId": service, "serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount"}},
		scalingPolicyType: {service + "/cpu", "ecs/" + service + "/ecs:service:DesiredCount/cpu", false, in{
			"resourceId": service, "serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount",
			"name": "cpu"}},
		routeType: {"r-rtb-11080289494", "rtb-1_0.0.0.0/0", false,
			in{"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0"}},
		routeAssociationType: {"rtbassoc-1", "subnet-1/rtb-1", false, in{"subnetId": "subnet-1",
			"routeTableId": "rtb-1"}},
		recordType: {"Z1_www.example.com_A_", "Z1_www.example.com_A", true,
			in{"zoneId": "Z1", "name": "www.example.com", "type": "A", "setIdentifier": ""}},
		webACLType: {"5a11d064", "5a11d064/edge/CLOUDFRONT", false, in{"name": "edge", "scope": "CLOUDFRONT"}},
		ipSetType:  {"6b22e175", "6b22e175/deny/CLOUDFRONT", false, in{"name": "deny", "scope": "CLOUDFRONT"}},
	} {
		t.Run(typ, func(t *testing.T) {
			w := newWorld(t)
			key := cloud.Key{Type: typ, Account: account, Region: tokyo, ID: c.id}
			if c.global {
				key.Region = ""
			}
			outputs := cloud.Properties(resource.NewPropertyMapFromMap(c.outputs))
			require.NoError(t, w.cloud.Update(func(tx *cloud.Tx) error {
				return tx.Create(&cloud.Object{Key: key, Inputs: outputs, Outputs: outputs})
			}))
			read := w.imported(typ, c.imported)
			assert.Equal(t, c.id, string(read.ID), "from now on it has its own id")
			assert.NotEmpty(t, read.Inputs)
			assert.Empty(t, w.imported(typ, c.id).ID, "its own id is none to import it by")
			assert.Empty(t, w.imported(typ, c.imported+"x").ID)
		})
	}
}
