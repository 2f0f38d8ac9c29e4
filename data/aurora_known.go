package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What RDS would refuse in the middle of a deploy is asked of it beforehand, so that a preview says
// it. A stack that restores nothing and upgrades nothing asks nothing.

// known refuses a version that RDS does not offer or does not go back to, and a snapshot that
// cannot be restored.
func (b *auroraBuilder) known() error {
	config := b.args.Config
	if config.AllowMajorVersionUpgrade {
		if err := b.offered(config.EngineVersion); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(config.Clusters)) {
		restore := config.Clusters[key].Restore
		restores := restore != nil && restore.Snapshot != ""
		if !restores && !config.AllowMajorVersionUpgrade {
			continue
		}
		identifier := auroraIdentifier(b.args.Environment, key)
		there, err := b.there(identifier)
		switch {
		case err != nil:
			return err
		case there && config.AllowMajorVersionUpgrade:
			err = b.checkUpgradeOf(identifier)
		case !there && restores: // one that is there needs its snapshot no more
			err = b.restorable(key, restore)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkUpgradeOf refuses a version that is older than the one that a cluster runs, as the table at
// EngineVersion says.
func (b *auroraBuilder) checkUpgradeOf(identifier string) error {
	running, err := rds.LookupCluster(b.Ctx, &rds.LookupClusterArgs{ClusterIdentifier: identifier}, b.Parent())
	if err != nil {
		return b.Wrap("look at", "cluster "+identifier, err)
	}
	if err := b.args.Config.checkUpgrade(EngineVersion(running.EngineVersion)); err != nil {
		return fmt.Errorf("take cluster %s of aurora %q to another version: %w", identifier, b.Name, err)
	}
	return nil
}

func (b *auroraBuilder) offered(version EngineVersion) error {
	_, err := rds.GetEngineVersion(b.Ctx, &rds.GetEngineVersionArgs{
		Engine: auroraEngine, Version: pulumi.StringRef(string(version)),
	}, b.Parent())
	if err != nil {
		return fmt.Errorf("find version %s of Aurora PostgreSQL, which aurora.engineVersion of aurora %q asks for: "+
			"RDS offers none in %s; "+
			"choose one that aws rds describe-db-engine-versions --engine %s lists: %w", version, b.Name,
			b.args.Region, auroraEngine, err)
	}
	return nil
}

func (b *auroraBuilder) there(identifier string) (bool, error) {
	found, err := rds.GetClusters(b.Ctx, &rds.GetClustersArgs{
		Filters: []rds.GetClustersFilter{{Name: "db-cluster-id", Values: []string{identifier}}},
	}, b.Parent())
	if err != nil {
		return false, b.Wrap("look for", "cluster "+identifier, err)
	}
	return slices.Contains(found.ClusterIdentifiers, identifier), nil
}

// restorable refuses a snapshot that is not there, of another engine or version, or under a key
// that cannot be used.
func (b *auroraBuilder) restorable(key string, from *AuroraRestoreConfig) error {
	if err := b.looksRestorable("aurora.clusters."+key+".restore", from); err != nil {
		return fmt.Errorf("restore cluster %s of aurora %q from %s: %w", key, b.Name, from.Snapshot, err)
	}
	return nil
}

func (b *auroraBuilder) looksRestorable(setting string, from *AuroraRestoreConfig) error {
	wanted, err := snapshotIn(from.Snapshot, b.args.Region, b.args.AccountID)
	if err != nil {
		return err
	}
	found, err := rds.LookupClusterSnapshot(b.Ctx, wanted, b.Parent())
	if err != nil {
		return fmt.Errorf("find the snapshot in %s; set %s.snapshot to one that aws rds "+
			"describe-db-cluster-snapshots lists: %w",
			b.args.Region, setting, err)
	}
	switch {
	case found.Status != "available":
		return fmt.Errorf("the snapshot is %q, want available: wait for it, or choose another one", found.Status)
	case found.Engine != auroraEngine:
		return fmt.Errorf("the snapshot is of engine %q, want %s", found.Engine, auroraEngine)
	case found.EngineVersion != string(from.EngineVersion):
		return fmt.Errorf("the snapshot is of version %q, and %s.engineVersion is %q: set it to the snapshot's",
			found.EngineVersion, setting, from.EngineVersion)
	case !found.StorageEncrypted || !inAccount(found.KmsKeyId, b.args.AccountID):
		return nil // a key of another account need not let itself be looked at
	}
	used, err := kms.LookupKey(b.Ctx, &kms.LookupKeyArgs{KeyId: found.KmsKeyId}, b.Parent())
	if err != nil {
		return fmt.Errorf("look at the key %s that the snapshot is under: %w", found.KmsKeyId, err)
	}
	if used.KeyState != "Enabled" {
		return fmt.Errorf("the key %s that the snapshot is under is in state %q, want Enabled: "+
			"enable it or cancel its deletion, or choose a snapshot under another key", found.KmsKeyId, used.KeyState)
	}
	return nil
}

// snapshotIn is how RDS is asked for a snapshot by its name or ARN: by the name for one of the
// account's own, with its kind where the name says that AWS made it, and by the ARN for one that
// another account shares.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusterSnapshots.html
func snapshotIn(snapshot, region, account string) (*rds.LookupClusterSnapshotArgs, error) {
	name := snapshot
	if parts := strings.SplitN(snapshot, ":", 7); parts[0] == "arn" {
		if len(parts) != 7 || parts[2] != "rds" || parts[5] != "cluster-snapshot" {
			return nil, fmt.Errorf("found an ARN that is no cluster snapshot's, want "+
				"arn:aws:rds:%s:ACCOUNT:cluster-snapshot:NAME", region)
		}
		if parts[3] != region {
			return nil, fmt.Errorf("the snapshot is in %s, want one in %s: copy it there first", parts[3], region)
		}
		if parts[4] != account {
			return &rds.LookupClusterSnapshotArgs{
				DbClusterSnapshotIdentifier: &snapshot,
				IncludeShared:               pulumi.BoolRef(true),
			}, nil
		}
		name = parts[6]
	}
	args := &rds.LookupClusterSnapshotArgs{DbClusterSnapshotIdentifier: &name}
	kinds := map[string]string{"awsbackup": "awsbackup", "rds": "automated"}
	if prefix, _, ok := strings.Cut(name, ":"); ok && kinds[prefix] != "" {
		args.SnapshotType = pulumi.StringRef(kinds[prefix])
	}
	return args, nil
}

func inAccount(arn, account string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) > 4 && parts[4] == account
}
