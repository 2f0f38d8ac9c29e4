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
		ecsClusterType: {"arn:aws:ecs:ap-northeast-1:111122223333:cluster/main", "main", false, in{"name": "main"}},
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

// The provider compares what a resource is to be with what is there. An import knows the inputs of
// whoever made the object, who may have left out what the program says.
func TestWhatIsThereAlreadyIsNoChange(t *testing.T) {
	w := newWorld(t)
	vpc := w.make(vpcType, "vpc", in{"cidrBlock": "10.0.0.0/16"})
	subnet := w.make(subnetType, "a",
		in{"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "ap-northeast-1a"})
	asked := func(more in) in {
		all := in{"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "ap-northeast-1a"}
		for key, value := range more {
			all[key] = value
		}
		return all
	}
	assert.Equal(t, plugin.DiffNone, w.diff(subnet, asked(in{"mapPublicIpOnLaunch": false})).Changes)
	assert.Equal(t, plugin.DiffSome, w.diff(subnet, asked(in{"mapPublicIpOnLaunch": true})).Changes)
	public := w.make(subnetType, "b", in{
		"vpcId": vpc.id, "cidrBlock": "10.0.2.0/24", "availabilityZone": "ap-northeast-1a", "mapPublicIpOnLaunch": true,
	})
	assert.Equal(t, plugin.DiffSome, w.diff(public, in{
		"vpcId": vpc.id, "cidrBlock": "10.0.2.0/24", "availabilityZone": "ap-northeast-1a",
	}).Changes, "the default is another one")
}

// A cluster's password is not read, and an update that does not send one leaves it alone.
func TestAPasswordThatIsNotSentStays(t *testing.T) {
	w := newWorld(t)
	made := w.make(clusterType, "db", aurora(in{"masterPassword": "s3cret-s3cret"}))
	read := w.imported(clusterType, made.id)
	require.NotContains(t, read.Inputs, resource.PropertyKey("masterPassword"))
	_, err := w.Update(context.Background(), plugin.UpdateRequest{
		URN:        urn(clusterType, "db"),
		Type:       clusterType,
		ID:         resource.ID(made.id),
		OldInputs:  read.Inputs,
		OldOutputs: read.Outputs,
		NewInputs:  read.Inputs,
	})
	require.NoError(t, err)
	all, err := w.cloud.List()
	require.NoError(t, err)
	for _, o := range all {
		if o.Type == clusterType {
			assert.Equal(t, "s3cret-s3cret", o.Text("masterPassword"))
			return
		}
	}
	t.Fatal("the cluster is gone")
}
