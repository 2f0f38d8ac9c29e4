package foundation

import "github.com/bookmark-manager/infrastructure/internal/names"

// The copy of the state in the recovery region. It is in that region's own state bucket: whoever
// has lost the stack's region logs in there, with BackendURL, and finds the stack. S3 copies each
// object when it is written, most of them within 15 minutes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html

// StatePlace is where the state of an account's stacks is in one region.
type StatePlace struct {
	Region string
	Bucket string // StateBucket of the region
	KeyArn string // the key named KeyAlias there
}

// ReplicationRole is the name of the role that S3 copies the state of a region with.
func ReplicationRole(region string) string { return names.Project + "-state-replication-" + region }

// ReplicationTrust is whom that role trusts.
func ReplicationTrust() map[string]any {
	return document(map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]string{"Service": "s3.amazonaws.com"},
	})
}

// ReplicationRights are what that role may do: read each version in one place and write it in the
// other. With S3 Bucket Keys the keys are used for the buckets, and the copy's is used to decrypt
// as well: S3 checks the Bucket Key before it uses it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func ReplicationRights(from, to StatePlace) map[string]any {
	return document(
		map[string]any{
			"Sid":      "ReadTheRule",
			"Effect":   "Allow",
			"Action":   []string{"s3:GetReplicationConfiguration", "s3:ListBucket"},
			"Resource": bucketArn(from),
		},
		map[string]any{
			"Sid":      "ReadVersions",
			"Effect":   "Allow",
			"Resource": bucketArn(from) + "/*",
			"Action": []string{"s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication",
				"s3:GetObjectVersionTagging"},
		},
		map[string]any{
			"Sid": "WriteCopies", "Effect": "Allow", "Resource": bucketArn(to) + "/*",
			"Action": []string{"s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"},
		},
		useKey("Decrypt", from, "kms:Decrypt"),
		useKey("Encrypt", to, "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
	)
}

// Replication is the rule by which S3 copies: all objects, and their deletions, so that a lock
// which was released is no lock in the copy either.
func Replication(roleArn string, to StatePlace) map[string]any {
	enabled := map[string]string{"Status": "Enabled"}
	return map[string]any{"Role": roleArn, "Rules": []any{map[string]any{
		"ID": "state", "Status": "Enabled", "Priority": 1, "Filter": map[string]string{"Prefix": ""},
		"DeleteMarkerReplication": enabled,
		"SourceSelectionCriteria": map[string]any{"SseKmsEncryptedObjects": enabled},
		"Destination": map[string]any{
			"Bucket": bucketArn(to), "EncryptionConfiguration": map[string]string{"ReplicaKmsKeyID": to.KeyArn},
		},
	}}}
}

func bucketArn(p StatePlace) string { return "arn:aws:s3:::" + p.Bucket }

// useKey lets S3, and nobody else, use a place's key for its bucket.
func useKey(sid string, p StatePlace, actions ...string) map[string]any {
	return map[string]any{
		"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": p.KeyArn,
		"Condition": map[string]any{"StringEquals": map[string]string{
			"kms:ViaService": "s3." + p.Region + ".amazonaws.com", "kms:EncryptionContext:aws:s3:arn": bucketArn(p),
		}},
	}
}

func document(statements ...any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}
