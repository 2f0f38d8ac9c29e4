package recovery

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// point is a snapshot in the recovery region to restore the database from.
type point struct {
	snapshot      string // name or ARN
	engineVersion string
	made          time.Time
}

// check is nil with the point to restore from when the stack could be brought up in the recovery
// region. Everything that is missing is said at once.
func (r *run) check() (*point, error) {
	if r.from.recovery == "" {
		return nil, fmt.Errorf("%s: %s:backups has no copy: without copies in another region nothing is left of the "+
			"database "+
			"when %s is lost; set backups.copy, deploy, and wait for the first copy", pathOf(r.from.stack),
			names.Project, r.from.Config.AWS.Region)
	}
	found, err := r.point()
	if err := errors.Join(r.openSecrets(), err); err != nil {
		return nil, err
	}
	return found, nil
}

// openSecrets is nil when the key of the recovery region opens the stack's secrets. What comes out
// of it is not printed.
func (r *run) openSecrets() error {
	key, err := r.from.dataKey()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "recovery")
	if err != nil {
		return fmt.Errorf("make a folder for the encrypted key: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "key")
	if err := os.WriteFile(path, key, 0o600); err != nil {
		return fmt.Errorf("write the encrypted key: %w", err)
	}
	var opened string
	if err := r.aws(&opened, r.from.recovery, "kms", "decrypt", "--ciphertext-blob", "fileb://"+path, "--query",
		"KeyId"); err != nil {
		return fmt.Errorf("open the secrets of %s with a key of %s: %w\nThey are lost with their own region: make "+
			"bootstrap makes a replica "+
			"of their key there; docs/operations.md, \"Rotate secrets\", takes a stack from a key of one region to "+
			"one that has replicas",
			pathOf(r.from.stack), r.from.recovery, err)
	}
	return nil
}

// recoveryPoint is one as AWS Backup lists it.
type recoveryPoint struct {
	RecoveryPointArn, ResourceArn, Status, EncryptionKeyArn string
	CreationDate                                            time.Time
}

// point finds the snapshot that the options name, or the latest copy of the database.
func (r *run) point() (*point, error) {
	snapshot, key, kind := r.snapshot, "", "manual"
	if snapshot == "" {
		latest, err := r.latestCopy()
		if err != nil {
			return nil, err
		}
		snapshot, key, kind = latest.RecoveryPointArn, latest.EncryptionKeyArn, "awsbackup"
	}
	var snapshots []struct {
		EngineVersion, Status string
		KmsKeyID              string `json:"KmsKeyId"`
		SnapshotCreateTime    time.Time
	}
	if err := r.aws(&snapshots, r.from.recovery, "rds", "describe-db-cluster-snapshots",
		"--db-cluster-snapshot-identifier", snapshot,
		"--snapshot-type", kind, "--query", "DBClusterSnapshots"); err != nil {
		return nil, fmt.Errorf("look at the snapshot %s: %w", snapshot, err)
	}
	if len(snapshots) != 1 || snapshots[0].Status != "available" {
		return nil, fmt.Errorf("look at the snapshot %s: RDS has %d of it in %s, want one that is available", snapshot,
			len(snapshots), r.from.recovery)
	}
	found := &point{snapshot, snapshots[0].EngineVersion, snapshots[0].SnapshotCreateTime}
	for _, arn := range []string{key, snapshots[0].KmsKeyID} {
		if parts := strings.Split(arn, ":"); len(parts) > 3 && parts[3] != r.from.recovery {
			return nil, fmt.Errorf("the snapshot %s is under the key %s: it is lost with its region; want a copy "+
				"under a key of %s",
				snapshot, arn, r.from.recovery)
		}
	}
	if age := r.now.Sub(found.made); age > r.within {
		return nil, fmt.Errorf("the copy %s is of %s, %s ago: found %s, want %s or less (--within); the alarm "+
			"backup-copy-missing says why "+
			"none has come since", snapshot, found.made.UTC().Format(time.RFC3339), r.age(found), r.age(found),
			r.within)
	}
	return found, nil
}

// age is how old the database of a point is, to the minute.
func (r *run) age(p *point) time.Duration { return r.now.Sub(p.made).Round(time.Minute) }

// latestCopy is the youngest copy of the active cluster in the vaults of the recovery region.
func (r *run) latestCopy() (*recoveryPoint, error) {
	var vaults []string
	if err := r.aws(&vaults, r.from.recovery, "backup", "list-backup-vaults", "--query",
		"BackupVaultList[].BackupVaultName"); err != nil {
		return nil, fmt.Errorf("list the backup vaults of %s: %w", r.from.recovery, err)
	}
	var latest *recoveryPoint
	for _, vault := range vaults {
		var points []recoveryPoint
		if err := r.aws(&points, r.from.recovery, "backup", "list-recovery-points-by-backup-vault",
			"--backup-vault-name", vault,
			"--by-resource-type", "Aurora", "--query", "RecoveryPoints"); err != nil {
			return nil, fmt.Errorf("list the recovery points of vault %s: %w", vault, err)
		}
		for _, one := range points {
			if one.ResourceArn != r.from.clusterARN() || one.Status != "COMPLETED" {
				continue
			}
			if latest == nil || one.CreationDate.After(latest.CreationDate) {
				latest = &one
			}
		}
	}
	if latest == nil {
		return nil, fmt.Errorf("find a copy of %s in %s: none of its %d vaults has one that is complete",
			r.from.clusterARN(), r.from.recovery, len(vaults))
	}
	return latest, nil
}
