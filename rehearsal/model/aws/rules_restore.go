package aws

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// snapshotTypes are what a cluster can be restored from by its name or ARN.
var snapshotTypes = []string{clusterSnapshotType, recoveryPointType}

// restoreRules are about clusters that are made from a snapshot.
var restoreRules = []provider.Rule{
	{
		Name:  "a restore from a snapshot of the region",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why: "RDS RestoreDBClusterFromSnapshot: DBClusterSnapshotNotFoundFault; a snapshot of another region is " +
			"copied first. " +
			"docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-copy-snapshot.html. The words for another " +
			"region are not verified",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("snapshotIdentifier")
			found := r.ByARN(name)
			if name == "" || found == nil || slices.Contains(snapshotTypes, found.Type) && found.Region == r.Region {
				return nil // another rule's, where there is none
			}
			return fmt.Errorf("DBClusterSnapshotNotFoundFault: DBClusterSnapshot not found: %s", name)
		},
	},
}
