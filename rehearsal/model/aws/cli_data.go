package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// backupCommands are about recovery points and snapshots of the database.
var backupCommands = answers{
	"backup list-backup-vaults": func(c *call) (any, error) {
		vaults, err := c.here(vaultType)
		var all []any
		for _, vault := range vaults {
			all = append(all, shape{"BackupVaultName": vault.ID})
		}
		return shape{"BackupVaultList": all}, err
	},
	"backup list-recovery-points-by-backup-vault": func(c *call) (any, error) {
		points, err := c.here(recoveryPointType)
		all := []any{}
		for _, point := range points {
			if point.Text("backupVaultName") != c.flags["backup-vault-name"] ||
				c.flags["by-resource-type"] != "Aurora" {
				continue
			}
			all = append(all, shape{
				"RecoveryPointArn": point.ARN,
				"ResourceArn":      point.Text("resourceArn"),
				"Status":           point.Text("status"),
				"CreationDate":     point.Text("created"),
				"EncryptionKeyArn": point.Text("kmsKeyId"),
				"ResourceType":     "Aurora",
			})
		}
		return shape{"RecoveryPoints": all}, err
	},
	"rds describe-db-cluster-snapshots": func(c *call) (any, error) {
		snapshot, err := c.snapshot(c.flags["db-cluster-snapshot-identifier"])
		if err != nil {
			return nil, err
		}
		return shape{"DBClusterSnapshots": []any{described(snapshot)}}, nil
	},
	"rds describe-db-clusters": func(c *call) (any, error) {
		cluster, err := c.cluster(c.flags["db-cluster-identifier"])
		if err != nil {
			return nil, err
		}
		return shape{"DBClusters": []any{shape{
			"DBClusterIdentifier": cluster.ID,
			"KmsKeyId":            cluster.Text("kmsKeyId"),
			"EngineVersion":       cluster.Text("engineVersionActual"),
		}}}, nil
	},
	"rds create-db-cluster-snapshot": func(c *call) (any, error) {
		cluster, err := c.cluster(c.flags["db-cluster-identifier"])
		if err != nil {
			return nil, err
		}
		return c.make(c.flags["db-cluster-snapshot-identifier"], cluster, cluster.Text("kmsKeyId"),
			cluster.Text("engineVersionActual"), cluster.ARN, c.now)
	},
	"rds describe-db-engine-versions": func(c *call) (any, error) {
		released, err := c.tx.OfType(releaseType)
		var all []any
		for _, version := range offered(released) {
			all = append(all, shape{"EngineVersion": version})
		}
		return shape{"DBEngineVersions": all}, err
	},
	"rds copy-db-cluster-snapshot": (*call).copySnapshot,
	"rds wait db-cluster-snapshot-available": func(c *call) (any, error) {
		_, err := c.snapshot(c.flags["db-cluster-snapshot-identifier"])
		return nil, err
	},
}

// here are the objects of a type in the command's region.
func (c *call) here(typ string) ([]*cloud.Object, error) {
	all, err := c.tx.OfType(typ)
	return slices.DeleteFunc(slices.Clone(all), func(o *cloud.Object) bool {
		return o.Region != c.flags["region"]
	}), err
}

func (c *call) cluster(id string) (*cloud.Object, error) {
	cluster, err := c.tx.Get(cloud.Key{
		Type:    clusterType,
		Account: c.Account,
		Region:  c.flags["region"],
		ID:      id,
	})
	if err == nil && cluster == nil {
		err = fmt.Errorf("DBClusterNotFoundFault: DBCluster %s not found", id)
	}
	return cluster, err
}

// snapshot finds one of the command's region by its name or ARN. RDS shows those that AWS Backup
// made only when it is asked for that kind.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterSnapshots.html
func (c *call) snapshot(nameOrARN string) (*cloud.Object, error) {
	typ := clusterSnapshotType
	if c.flags["snapshot-type"] == "awsbackup" {
		typ = recoveryPointType
	}
	all, err := c.here(typ)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.ARN == nameOrARN || one.ID == nameOrARN {
			return one, nil
		}
	}
	return nil, fmt.Errorf("DBClusterSnapshotNotFoundFault: DBClusterSnapshot %s not found", nameOrARN)
}

func described(snapshot *cloud.Object) shape {
	return shape{
		"DBClusterSnapshotIdentifier": snapshot.ID,
		"DBClusterSnapshotArn":        snapshot.ARN,
		"Status":                      "available",
		"EngineVersion":               snapshot.Text("engineVersion"),
		"KmsKeyId":                    snapshot.Text("kmsKeyId"),
		"SnapshotCreateTime":          snapshot.Text("created"),
	}
}

// make makes a snapshot out of a cluster or of another snapshot.
func (c *call) make(name string, source *cloud.Object, key, version, of string, at time.Time) (any, error) {
	snapshot := &cloud.Object{
		Key: cloud.Key{
			Type:    clusterSnapshotType,
			Account: c.Account,
			Region:  c.flags["region"],
			ID:      name,
		},
		Name:    name,
		ARN:     "arn:aws:rds:" + c.flags["region"] + ":" + c.Account + ":cluster-snapshot:" + name,
		State:   cloud.Retained,
		Creator: c.Account,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{
			"engine":        source.Text("engine"),
			"kmsKeyId":      key,
			"engineVersion": version,
			"resourceArn":   of,
			"created":       at.UTC().Format(time.RFC3339),
		})),
	}
	if err := c.tx.Create(snapshot); err != nil {
		return nil, fmt.Errorf("DBClusterSnapshotAlreadyExistsFault: %w", err)
	}
	return shape{"DBClusterSnapshot": described(snapshot)}, nil
}

// copySnapshot copies a snapshot into the command's region. A key is of one region, so that a copy
// of an encrypted snapshot from another one needs a key.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBClusterSnapshot.html
func (c *call) copySnapshot() (any, error) {
	from := c.flags["source-region"]
	if lost, err := Lost(c.tx, from); err != nil || lost {
		return nil, fmt.Errorf("InvalidParameterValue: the region %s does not answer", from)
	}
	source, err := c.tx.ByARN(c.flags["source-db-cluster-snapshot-identifier"])
	if err != nil {
		return nil, err
	}
	if source == nil || source.Region != from {
		return nil, fmt.Errorf("DBClusterSnapshotNotFoundFault: %s", c.flags["source-db-cluster-snapshot-identifier"])
	}
	key, err := c.tx.ByARN(c.flags["kms-key-id"])
	if err != nil {
		return nil, err
	}
	if key == nil || key.Region != c.flags["region"] {
		return nil, fmt.Errorf("KMSKeyNotAccessibleFault: the key %q is none of %s", c.flags["kms-key-id"],
			c.flags["region"])
	}
	made, err := time.Parse(time.RFC3339, source.Text("created"))
	if err != nil {
		return nil, fmt.Errorf("read when %s was made: %w", source, err)
	}
	return c.make(c.flags["target-db-cluster-snapshot-identifier"], source, key.ARN, source.Text("engineVersion"),
		source.Text("resourceArn"), made)
}

// moveOrigins gives the origins of a distribution the domains that its new configuration has.
// Another change is refused, since the rehearsal's aws shows no more of a distribution.
func (c *call) moveOrigins() (any, error) {
	distribution, err := c.tx.Get(cloud.Key{Type: distributionType, Account: c.Account, ID: c.flags["id"]})
	if err != nil {
		return nil, err
	}
	path, file := strings.CutPrefix(c.flags["distribution-config"], "file://")
	if !file || distribution == nil || c.flags["if-match"] != "E1" {
		return nil, fmt.Errorf("InvalidIfMatchVersion: distribution %s, --if-match %q", c.flags["id"],
			c.flags["if-match"])
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, &CLIError{cliWrong, err.Error()}
	}
	var wanted struct {
		Origins struct {
			Items []struct{ Id, DomainName string } //nolint:revive // AWS's own names
		}
	}
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return nil, &CLIError{cliWrong, fmt.Sprintf("Error parsing parameter '--distribution-config': %v", err)}
	}
	changed := *distribution
	for _, properties := range []*cloud.Properties{&changed.Inputs, &changed.Outputs} {
		copied := cloud.Properties(resource.PropertyMap(*properties).Copy())
		origins := copied["origins"].ArrayValue()
		for i, origin := range origins {
			moved := origin.ObjectValue().Copy()
			for _, item := range wanted.Origins.Items {
				if item.Id == moved["originId"].StringValue() {
					moved["domainName"] = resource.NewProperty(item.DomainName)
				}
			}
			origins[i] = resource.NewProperty(moved)
		}
		*properties = copied
	}
	return shape{"Distribution": shape{"Status": "InProgress"}}, c.tx.Replace(&changed)
}

// edgeCommands are about CloudFront and Route 53, which have no region.
var edgeCommands = answers{
	"cloudfront list-distributions": func(c *call) (any, error) {
		all, err := c.tx.OfType(distributionType)
		var items []any
		for _, one := range all {
			items = append(items,
				shape{"Id": one.ID, "Aliases": shape{"Items": provider.Values(one.Inputs).Texts("aliases")}})
		}
		return shape{"DistributionList": shape{"Items": items}}, err
	},
	"cloudfront get-distribution-config": func(c *call) (any, error) {
		distribution, err := c.tx.Get(cloud.Key{Type: distributionType, Account: c.Account, ID: c.flags["id"]})
		if err != nil {
			return nil, err
		}
		if distribution == nil {
			return nil, errors.New("NoSuchDistribution: The specified distribution does not exist.")
		}
		var items []any
		for _, origin := range provider.Values(distribution.Inputs).Objects("origins") {
			headers := []any{}
			for _, header := range origin.Objects("customHeaders") {
				headers = append(headers, shape{"HeaderName": header.Text("name"), "HeaderValue": header.Text("value")})
			}
			items = append(items, shape{
				"Id": origin.Text("originId"), "DomainName": origin.Text("domainName"),
				"CustomHeaders": shape{"Quantity": len(headers), "Items": headers},
			})
		}
		return shape{"ETag": "E1", "DistributionConfig": shape{"Origins": shape{"Items": items}}}, nil
	},
	"cloudfront update-distribution": (*call).moveOrigins,
	"cloudfront wait distribution-deployed": func(c *call) (any, error) {
		distribution, err := c.tx.Get(cloud.Key{Type: distributionType, Account: c.Account, ID: c.flags["id"]})
		if err == nil && distribution == nil {
			err = errors.New("NoSuchDistribution: The specified distribution does not exist.")
		}
		return nil, err
	},
	"route53 list-hosted-zones-by-name": func(c *call) (any, error) {
		all, err := c.tx.OfType(zoneType)
		found := []any{}
		for _, zone := range all {
			if name := strings.TrimSuffix(zone.Text("name"), "."); name == c.flags["dns-name"] {
				found = append(found, shape{"Id": "/hostedzone/" + zone.ID, "Name": name + "."})
			}
		}
		return shape{"HostedZones": found}, err
	},
}
