package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// The roles of the program's buckets.
const (
	assetsRole  = "assets"
	logsRole    = "logs"
	backupsRole = "backups"
)

// parts are the types of Terraform's that are parts of a bucket, and what they are here. What the
// program does not make of a bucket is nobody's: to destroy it would change the bucket.
var parts = map[string]string{
	"aws_s3_bucket_public_access_block":                  catalog.BucketPublicAccessBlock,
	"aws_s3_bucket_server_side_encryption_configuration": catalog.BucketEncryption,
	"aws_s3_bucket_ownership_controls":                   catalog.BucketOwnershipControls,
	"aws_s3_bucket_versioning":                           catalog.BucketVersioning,
	"aws_s3_bucket_lifecycle_configuration":              catalog.BucketLifecycle,
	"aws_s3_bucket_logging":                              catalog.BucketLogging,
	"aws_s3_bucket_policy":                               catalog.BucketPolicy,
}

// buckets finds each bucket's role by what uses it, or by its name where nothing in the state does.
func (m *matcher) buckets() {
	roles := map[string]string{} // by bucket
	for _, role := range []string{assetsRole, logsRole, backupsRole} {
		m.expect("", catalog.Bucket, "buckets-"+role)
		var found []Instance
		for _, one := range m.of("aws_s3_bucket") {
			if m.role(one) == role {
				found = append(found, one)
			}
		}
		one, ok := m.only("bucket for "+role, found)
		if !ok {
			continue
		}
		name := one.Text("bucket")
		roles[name] = role
		m.refuseReplacement(one, "object_lock_enabled", fmt.Sprint(one.Bool("object_lock_enabled")), "false",
			"the program makes buckets without; move the objects to another bucket with Terraform first")
		m.importAs(one, catalog.Bucket, "buckets-"+role, name, nil)
		if name != m.stack.Environment.Name(role, m.stack.Account) {
			m.requireSetting("buckets", []string{role, "name"}, name,
				"a bucket's name replaces it, and policies name it")
		}
	}
	for _, one := range slices.Clone(m.undecided) {
		role, ours := roles[one.Text("bucket")]
		if !ours || !strings.HasPrefix(one.Type, "aws_s3_bucket_") {
			continue
		}
		typ, name := parts[one.Type], "buckets-"+role
		if typ == catalog.BucketPolicy && role == assetsRole {
			name = "distribution-" + role
		}
		if typ == "" || role == logsRole && (typ == catalog.BucketVersioning || typ == catalog.BucketLogging) {
			m.unmanage(one, "the program makes none for this bucket; it stays as it is")
			continue
		}
		m.importAs(one, typ, name, one.Text("bucket"), nil)
	}
}

// role is what a bucket is for; empty where neither its use nor its name shows it.
func (m *matcher) role(bucket Instance) string {
	for _, one := range m.all {
		switch one.Type {
		case "aws_lb", "aws_alb":
			for _, logs := range one.Blocks("access_logs") {
				if logs.Text("bucket") == bucket.Text("bucket") {
					return logsRole
				}
			}
		case "aws_cloudfront_distribution":
			for _, origin := range one.Blocks("origin") {
				if origin.Text("domain_name") == bucket.Text("bucket_regional_domain_name") {
					return assetsRole
				}
			}
		}
	}
	name := bucket.Text("bucket")
	for _, role := range []string{backupsRole, logsRole, assetsRole} {
		if strings.HasPrefix(name, m.stack.Environment.Name()) && slices.Contains(strings.Split(name, "-"), role) {
			return role
		}
	}
	return ""
}
