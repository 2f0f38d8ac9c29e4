package aws

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// globalCommands are about a global database, as the recovery region answers them when the region
// of its primary cluster is lost.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
var globalCommands = answers{
	// The copy becomes a cluster of its own.
	"rds remove-from-global-cluster": func(c *call) (any, error) {
		cluster, err := c.clusterByARN(c.flags["db-cluster-identifier"])
		if err != nil {
			return nil, err
		}
		if of := cluster.Text("globalClusterIdentifier"); of != c.flags["global-cluster-identifier"] || of == "" {
			return nil, fmt.Errorf("GlobalClusterNotFoundFault: cluster %s is no member of %q", cluster.ID,
				c.flags["global-cluster-identifier"])
		}
		return shape{"GlobalCluster": shape{}}, c.change(cluster, "globalClusterIdentifier", resource.NewProperty(""))
	},
	"rds modify-db-cluster": func(c *call) (any, error) {
		cluster, err := c.cluster(c.flags["db-cluster-identifier"])
		if err != nil {
			return nil, err
		}
		return shape{"DBCluster": shape{}}, c.unprotect(cluster)
	},
	"rds modify-global-cluster": func(c *call) (any, error) {
		id := c.flags["global-cluster-identifier"]
		global, err := c.tx.Get(cloud.Key{Type: globalClusterType, Account: c.Account, ID: id})
		if err != nil {
			return nil, err
		}
		if global == nil {
			return nil, fmt.Errorf("GlobalClusterNotFoundFault: Global cluster %s not found", id)
		}
		return shape{"GlobalCluster": shape{}}, c.unprotect(global)
	},
}

// clusterByARN is a cluster of the command's region.
func (c *call) clusterByARN(arn string) (*cloud.Object, error) {
	cluster, err := c.tx.ByARN(arn)
	if err == nil && (cluster == nil || cluster.Type != clusterType || cluster.Region != c.flags["region"]) {
		err = fmt.Errorf("DBClusterNotFoundFault: DBCluster %s not found", arn)
	}
	return cluster, err
}

// unprotect lifts the deletion protection, which is all that the rehearsal's aws changes of a
// database.
func (c *call) unprotect(o *cloud.Object) error {
	if _, only := c.flags["no-deletion-protection"]; !only {
		return &CLIError{cliWrong,
			fmt.Sprintf("the rehearsal's aws knows %s with --no-deletion-protection alone", c.name)}
	}
	if !provider.Values(o.Outputs).Is("deletionProtection", false) {
		return nil
	}
	return c.change(o, "deletionProtection", resource.NewProperty(false))
}

// change gives an object's property another value.
func (c *call) change(o *cloud.Object, property resource.PropertyKey, value resource.PropertyValue) error {
	changed := *o
	for _, properties := range []*cloud.Properties{&changed.Inputs, &changed.Outputs} {
		copied := cloud.Properties(resource.PropertyMap(*properties).Copy())
		copied[property] = value
		*properties = copied
	}
	return c.tx.Replace(&changed)
}
