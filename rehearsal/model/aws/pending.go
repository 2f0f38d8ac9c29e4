package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// pendingType is no resource of the program: what waits for a cluster's maintenance window. Its
// outputs are engineVersion and, when that one waits too, dbClusterParameterGroupName.
const pendingType = "aws:rds/pendingChange:PendingChange"

// clusterParts is the change of a cluster that waits. A later request that does not ask for a
// version leaves it waiting; one that asks for another takes its place.
func clusterParts(r *provider.Request, o *provider.Outputs) []provider.Part {
	id := o.Text("clusterIdentifier")
	outputs := map[string]any{}
	switch waiting := r.Find(pendingType, id); {
	case r.Old != nil && runningInTheEnd(r) != runningAfter(r):
		outputs["engineVersion"] = runningInTheEnd(r)
		if group := r.Given.Text("dbClusterParameterGroupName"); group != "" {
			outputs["dbClusterParameterGroupName"] = group
		}
	case waiting != nil && r.Old != nil && sentVersion(r) == "":
		for key, value := range waiting.Outputs {
			outputs[string(key)] = value.Mappable()
		}
	default:
		return nil
	}
	return []provider.Part{{Type: pendingType, ID: id, Name: id, Outputs: outputs}}
}

// applyPending does what waits for a cluster's maintenance window, and says which version that is.
func applyPending(tx *cloud.Tx, cluster *cloud.Object) (string, error) {
	waiting, err := tx.Get(cloud.Key{
		Type:    pendingType,
		Account: cluster.Account,
		Region:  cluster.Region,
		ID:      cluster.ID,
	})
	if err != nil || waiting == nil {
		return "", err
	}
	version := waiting.Text("engineVersion")
	for _, properties := range []cloud.Properties{cluster.Inputs, cluster.Outputs} {
		if known, ok := properties["engineVersion"]; ok {
			properties["engineVersion"] = resource.NewProperty(versionInState(known.StringValue(), version))
		}
		if group := waiting.Text("dbClusterParameterGroupName"); group != "" {
			properties["dbClusterParameterGroupName"] = resource.NewProperty(group)
		}
	}
	cluster.Outputs["engineVersionActual"] = resource.NewProperty(version)
	if err := tx.Replace(cluster); err != nil {
		return "", err
	}
	return version, tx.Delete(waiting.Key)
}
