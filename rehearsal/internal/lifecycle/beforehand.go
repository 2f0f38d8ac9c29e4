package lifecycle

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// minorUpgrade is what AWS does to the region's clusters in their maintenance windows.
func minorUpgrade(version string) func(*cloud.Tx, harness.Place) error {
	return func(tx *cloud.Tx, at harness.Place) error {
		all, err := tx.OfType(catalog.RDSCluster)
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.Region != at.Region {
				continue
			}
			if err := aws.UpgradeMinorVersion(tx, at.Account, at.Region, one.ID, version); err != nil {
				return err
			}
		}
		return nil
	}
}

// logGroup is one that RDS makes when a log line comes after the stack's group is gone: without a
// key, an end and tags.
func logGroup(name string) func(*cloud.Tx, harness.Place) error {
	return func(tx *cloud.Tx, at harness.Place) error {
		arn := "arn:aws:logs:" + at.Region + ":" + at.Account + ":log-group:" + name
		return tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    catalog.LogGroup,
				Account: at.Account,
				Region:  at.Region,
				ID:      name,
			},
			Name:    name,
			ARN:     arn,
			Creator: at.Account,
			Inputs:  cloud.Properties(resource.NewPropertyMapFromMap(object{"name": name})),
			Outputs: cloud.Properties(resource.NewPropertyMapFromMap(object{
				"name": name, "arn": arn, "retentionInDays": 0.0, "skipDestroy": false, "logGroupClass": "STANDARD",
			})),
		})
	}
}

// atlasChooses gives the cluster another size than it was made with.
func atlasChooses(path string, value any) func(*cloud.Tx, harness.Place) error {
	return func(tx *cloud.Tx, _ harness.Place) error {
		at, err := resource.ParsePropertyPath(path)
		if err != nil {
			return err
		}
		clusters, err := tx.OfType(catalog.AtlasCluster)
		if err != nil {
			return err
		}
		for _, one := range clusters {
			for _, properties := range []cloud.Properties{one.Inputs, one.Outputs} {
				if !at.Set(resource.NewProperty(resource.PropertyMap(properties)), resource.NewPropertyValue(value)) {
					return fmt.Errorf("set %s of cluster %s: there is none", path, one.Name)
				}
			}
			if err := tx.Replace(one); err != nil {
				return err
			}
		}
		return nil
	}
}

// snapshot is one that somebody took of the database.
func snapshot(name, version string) func(*cloud.Tx, harness.Place) error {
	return func(tx *cloud.Tx, at harness.Place) error {
		return tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    harness.ClusterSnapshot,
				Account: at.Account,
				Region:  at.Region,
				ID:      name,
			},
			Name:    name,
			ARN:     "arn:aws:rds:" + at.Region + ":" + at.Account + ":cluster-snapshot:" + name,
			Creator: at.Account,
			Outputs: cloud.Properties(resource.NewPropertyMapFromMap(object{
				"engine":        "aurora-postgresql",
				"engineVersion": version,
			})),
		})
	}
}
