package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
)

// makeReplica makes the recovery region's key and bucket, and has S3 copy the state there.
func (m *maker) makeReplica(ctx context.Context, here *key) error {
	elsewhere := *m.stack
	elsewhere.region = m.recovery
	there := newMaker(&elsewhere, m.dryRun, m.Out)
	copied, err := m.makeReplicaKey(ctx, here, there)
	if err == nil {
		err = there.makeBucket(ctx, copied.arn)
	}
	if err != nil {
		return fmt.Errorf("in the recovery region %s: %w", m.recovery, err)
	}
	from := foundation.StatePlace{
		Region: m.region,
		Bucket: foundation.StateBucket(m.account, m.region),
		KeyArn: here.arn,
	}
	to := foundation.StatePlace{
		Region: m.recovery,
		Bucket: foundation.StateBucket(m.account, m.recovery),
		KeyArn: copied.arn,
	}
	replicated, err := m.replicated(ctx, from, to)
	if err != nil {
		return err
	}
	role, err := m.makeReplicationRole(ctx, from, to)
	if err != nil {
		return err
	}
	if !replicated {
		// S3 copies what is written from the rule on. What was there before is copied here, and
		// only now: the copy may be the newer one later, when the recovery region has taken over.
		if _, err := m.change(ctx, "aws", "s3", "sync", "s3://"+from.Bucket, "s3://"+to.Bucket,
			"--source-region", from.Region, "--region", to.Region, "--only-show-errors"); err != nil {
			return fmt.Errorf("copy the state to %s: %w", to.Bucket, err)
		}
	}
	rule, err := json.Marshal(foundation.Replication(role, to))
	if err != nil {
		return fmt.Errorf("write the replication of bucket %s: %w", from.Bucket, err)
	}
	if _, err := m.change(ctx, "aws", "s3api", "put-bucket-replication", "--bucket", from.Bucket,
		"--replication-configuration", string(rule)); err != nil {
		return fmt.Errorf("replicate the bucket %s: %w", from.Bucket, err)
	}
	m.note("copy of the state in %s", to.Region)
	return nil
}

// replicated says whether S3 copies the state already. A bucket has one such configuration, and the
// stacks of an account and region share the bucket.
func (m *maker) replicated(ctx context.Context, from, to foundation.StatePlace) (bool, error) {
	if m.empty {
		return false, nil
	}
	found, there, err := m.exists(ctx, "ReplicationConfigurationNotFoundError", "s3api", "get-bucket-replication",
		"--bucket", from.Bucket,
		"--query", "ReplicationConfiguration.Rules[].Destination.Bucket", "--output", "text")
	if err != nil {
		return false, fmt.Errorf("look for the replication of bucket %s: %w", from.Bucket, err)
	}
	if want := "arn:aws:s3:::" + to.Bucket; there && found != want {
		return false, fmt.Errorf("the state in bucket %s is replicated to %s, and backups.copy.region of "+
			"Pulumi.%s.yaml wants %s: "+
			"the stacks of an account and region share the bucket, so give them all the same region, or end that "+
			"replication first, with "+
			"aws s3api delete-bucket-replication --bucket %s", from.Bucket, strings.Join(strings.Fields(found), ", "),
			m.name, want, from.Bucket)
	}
	return there, nil
}

// makeReplicationRole returns the ARN of the role.
func (m *maker) makeReplicationRole(ctx context.Context, from, to foundation.StatePlace) (string, error) {
	const hours = 1 // IAM's default; S3 asks for no more
	role := foundation.ReplicationRole(from.Region)
	if err := m.putRole(ctx, role, foundation.ReplicationTrust(), hours,
		"S3 copies the state to the recovery region"); err != nil {
		return "", err
	}
	rights, err := json.Marshal(foundation.ReplicationRights(from, to))
	if err != nil {
		return "", fmt.Errorf("write the policy of role %s: %w", role, err)
	}
	if _, err := m.change(ctx, "aws", "iam", "put-role-policy", "--role-name", role, "--policy-name", "replicate",
		"--policy-document", string(rights)); err != nil {
		return "", fmt.Errorf("allow role %s: %w", role, err)
	}
	return "arn:aws:iam::" + m.account + ":role/" + role, nil
}
