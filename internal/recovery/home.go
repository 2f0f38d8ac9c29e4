package recovery

import (
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// homeCluster is the name of the cluster that is restored from the data that was copied back.
const homeCluster = "home"

// home brings the database of the stack that has taken over to the other one.
func (r *run) home() error {
	to, err := readStackFile(r.to)
	if err != nil {
		return command.Exit(command.Usage, err)
	}
	if to.Config.Aurora.Clusters[homeCluster] != nil {
		return fmt.Errorf("%s: %s:aurora.clusters has %q already, from an earlier return; retire it and take it "+
			"out first",
			pathOf(to.stack), names.Project, homeCluster)
	}
	here, there := r.from.Config.AWS.Region, to.Config.AWS.Region
	name := r.from.cluster() + "-" + r.now.UTC().Format("20060102-1504")
	key, err := r.keyOf(to)
	if err != nil {
		return err
	}
	r.say("Snapshot %s of %s", name, r.from.cluster())
	if err := r.take(here, name, "create-db-cluster-snapshot", "--db-cluster-identifier",
		r.from.cluster()); err != nil {
		return err
	}
	r.say("Copying it from %s to %s", here, there)
	source := "arn:aws:rds:" + here + ":" + r.from.Config.AWS.AccountID + ":cluster-snapshot:" + name
	if err := r.take(there, name, "copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier", source,
		"--source-region", here, "--kms-key-id", key, "--copy-tags"); err != nil {
		return err
	}
	version, err := r.one(there, "rds", "describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier", name,
		"--query", "DBClusterSnapshots[].EngineVersion")
	if err != nil {
		return fmt.Errorf("look at the snapshot %s in %s: %w", name, there, err)
	}
	for _, one := range []struct{ path, value string }{
		{"aurora.clusters." + homeCluster + ".restore.snapshot", name},
		{"aurora.clusters." + homeCluster + ".restore.engineVersion", version},
		{"aurora.active", homeCluster},
	} {
		if err := r.tools.Run(r.command.Context(), "pulumi", "config", "set", "--path", "--type", "string", "--stack",
			to.stack,
			names.Project+":"+one.path, one.value); err != nil {
			return err
		}
	}
	r.say("%s restores cluster %q from it with the next deploy", pathOf(to.stack), homeCluster)
	return nil
}

// keyOf is the key that the database of a stack is encrypted with.
func (r *run) keyOf(to *stackFile) (string, error) {
	key, err := r.one(to.Config.AWS.Region, "rds", "describe-db-clusters", "--db-cluster-identifier", to.cluster(),
		"--query", "DBClusters[].KmsKeyId")
	if err != nil {
		return "", fmt.Errorf("find the key of %s in %s: %w", to.cluster(), to.Config.AWS.Region, err)
	}
	return key, nil
}

// one reads what the CLI prints of exactly one thing.
func (r *run) one(region string, args ...string) (string, error) {
	var all []string
	if err := r.aws(&all, region, args...); err != nil {
		return "", err
	}
	if len(all) != 1 {
		return "", fmt.Errorf("found %v, want one", all)
	}
	return all[0], nil
}

// take makes a snapshot in a region and waits until it is there.
func (r *run) take(region, name, how string, args ...string) error {
	flag := "--db-cluster-snapshot-identifier"
	if how == "copy-db-cluster-snapshot" {
		flag = "--target-db-cluster-snapshot-identifier"
	}
	var status string
	args = append([]string{"rds", how, flag, name, "--query", "DBClusterSnapshot.Status"}, args...)
	if err := r.aws(&status, region, args...); err != nil {
		return fmt.Errorf("make the snapshot %s in %s: %w", name, region, err)
	}
	if err := r.tools.Run(r.command.Context(), "aws", "rds", "wait", "db-cluster-snapshot-available",
		"--db-cluster-snapshot-identifier", name, "--region", region); err != nil {
		return fmt.Errorf("wait for the snapshot %s in %s: %w", name, region, err)
	}
	return nil
}
