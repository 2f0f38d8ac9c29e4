package compliance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

var (
	clusters      = []string{catalog.RDSCluster}
	instances     = []string{catalog.RDSClusterInstance}
	subscriptions = []string{catalog.RDSEventSubscription}
	buckets       = []string{catalog.Bucket}
	policies      = []string{catalog.BucketPolicy}
)

var databaseControls = []Control{
	{
		ID:       "RDS.2",
		CIS:      "2.3.3",
		Title:    "Database instances are not public",
		Severity: Critical,
		Types:    instances,
		About:    "Aurora instance",
		check:    wantsFalse("publiclyAccessible"),
	},
	{
		ID:       "RDS.6",
		Title:    "Database instances have enhanced monitoring",
		Severity: Low,
		Types:    instances,
		About:    "Aurora instance",
		check:    wantsAtLeast("monitoringInterval", 1),
	},
	{
		ID:       "RDS.7",
		Title:    "Clusters are protected from deletion",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora cluster",
		check:    wantsTrue("deletionProtection"),
	},
	{
		ID:       "RDS.12",
		Title:    "Clusters authenticate by IAM",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora cluster",
		check:    wantsTrue("iamDatabaseAuthenticationEnabled"),
	},
	{
		ID:       "RDS.13",
		CIS:      "2.3.2",
		Title:    "Database instances take minor upgrades by themselves",
		Severity: High,
		Types:    instances,
		About:    "Aurora instance",
		check:    wantsTrueByDefault("autoMinorVersionUpgrade"),
	},
	{
		ID:       "RDS.14",
		Title:    "Aurora MySQL clusters can be backtracked",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora MySQL cluster",
		applies:  is("engine", "aurora-mysql", "aurora"),
		check:    wantsAtLeast("backtrackWindow", 1),
	},
	{
		ID:       "RDS.15",
		Title:    "Clusters span two zones",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora cluster",
		check:    instancesInTwoZones,
	},
	{
		ID:       "RDS.16",
		Title:    "Clusters copy their tags to snapshots",
		Severity: Low,
		Types:    clusters,
		About:    "Aurora cluster",
		check:    wantsTrue("copyTagsToSnapshot"),
	},
	{
		ID:       "RDS.19",
		Title:    "Event subscriptions for clusters cover maintenance and failure",
		Severity: Low,
		Types:    subscriptions,
		About:    "event subscription for clusters",
		applies:  is("sourceType", "db-cluster"),
		check:    covers("maintenance", "failure"),
	},
	{
		ID:       "RDS.20",
		Title:    "Event subscriptions for instances cover maintenance, configuration and failure",
		Severity: Low,
		Types:    subscriptions,
		About:    "event subscription for instances",
		applies:  is("sourceType", "db-instance"),
		check:    covers("maintenance", "configuration change", "failure"),
	},
	{
		ID:       "RDS.21",
		Title:    "Event subscriptions for parameter groups cover configuration",
		Severity: Low,
		Types:    subscriptions,
		About:    "event subscription for parameter groups",
		applies:  is("sourceType", "db-parameter-group"),
		check:    covers("configuration change"),
	},
	{
		ID:       "RDS.22",
		Title:    "Event subscriptions for security groups cover configuration and failure",
		Severity: Low,
		Types:    subscriptions,
		About:    "event subscription for security groups",
		applies:  is("sourceType", "db-security-group"),
		check:    covers("configuration change", "failure"),
	},
	{
		ID:       "RDS.23",
		Title:    "Databases listen on a port other than the engine's default",
		Severity: Low,
		Types:    clusters,
		About:    "Aurora cluster",
		check: func(_ *stack, r *resource) string {
			if port := r.at("port").number(); port == 0 || port == 5432 || port == 3306 {
				return fmt.Sprintf("port is %v, the default of the engine", port)
			}
			return ""
		},
	},
	{
		ID:       "RDS.24",
		Title:    "Clusters have a user name of their own for the administrator",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora cluster",
		check: func(_ *stack, r *resource) string {
			if name := r.at("masterUsername").text(); slices.Contains([]string{"admin", "postgres"}, name) {
				return "masterUsername is " + name + ", the default"
			}
			return ""
		},
	},
	{
		ID:       "RDS.27",
		Title:    "Clusters are encrypted",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora cluster",
		check:    wantsTrue("storageEncrypted"),
	},
	{
		ID:       "RDS.34",
		Title:    "Aurora MySQL clusters publish audit logs",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora MySQL cluster",
		applies:  is("engine", "aurora-mysql", "aurora"),
		check:    exports("audit"),
	},
	{
		ID:       "RDS.37",
		Title:    "Aurora PostgreSQL clusters publish their logs",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora PostgreSQL cluster",
		applies:  is("engine", "aurora-postgresql"),
		check:    exports("postgresql"),
	},
	{
		ID:       "RDS.46",
		Title:    "Database instances are in no subnet with a route to the internet",
		Severity: High,
		Types:    instances,
		About:    "Aurora instance",
		check:    inClosedSubnets,
	},
	{
		ID:       "RDS.50",
		Title:    "Clusters keep backups for seven days or more",
		Severity: Medium,
		Types:    clusters,
		About:    "Aurora cluster",
		check:    wantsAtLeast("backupRetentionPeriod", 7),
	},
}

// covers is a check of an event subscription. One that names no categories has all of them.
func covers(categories ...string) check {
	return func(_ *stack, r *resource) string {
		found := r.at("eventCategories").texts()
		for _, category := range categories {
			if len(found) > 0 && !slices.Contains(found, category) {
				return "eventCategories lacks " + category
			}
		}
		return wantsTrue("enabled")(nil, r)
	}
}

func exports(log string) check {
	return func(_ *stack, r *resource) string {
		if slices.Contains(r.at("enabledCloudwatchLogsExports").texts(), log) {
			return ""
		}
		return "enabledCloudwatchLogsExports lacks " + log
	}
}

func instancesInTwoZones(s *stack, r *resource) string {
	var zones []string
	for _, one := range s.whose(r, catalog.RDSClusterInstance, "clusterIdentifier", r.state.ID,
		r.at("clusterIdentifier").text()) {
		if zone := one.at("availabilityZone").text(); zone != "" && !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	if len(zones) < 2 {
		return "its instances are in fewer than two zones: " + strings.Join(zones, ", ")
	}
	return ""
}

func inClosedSubnets(s *stack, r *resource) string {
	groups := s.whose(r, catalog.RDSSubnetGroup, "name", r.at("dbSubnetGroupName").text())
	if len(groups) == 0 {
		return "its subnet group is not in the stack"
	}
	for _, id := range groups[0].at("subnetIds").texts() {
		for _, route := range routesOf(s, r, id) {
			if strings.HasPrefix(route.at("gatewayId").text(), "igw-") {
				return "its subnet " + id + " has a route to the internet gateway"
			}
		}
	}
	return ""
}

var bucketControls = []Control{
	{
		ID:       "S3.2",
		Title:    "Buckets cannot be read by everybody",
		Severity: Critical,
		Types:    buckets,
		About:    "S3 bucket",
		check:    notPublic("s3:GetObject", "s3:ListBucket"),
	},
	{
		ID:       "S3.3",
		Title:    "Buckets cannot be written by everybody",
		Severity: Critical,
		Types:    buckets,
		About:    "S3 bucket",
		check:    notPublic("s3:PutObject", "s3:DeleteObject"),
	},
	{
		ID:       "S3.5",
		CIS:      "2.1.1",
		Title:    "Buckets refuse plain HTTP",
		Severity: Medium,
		Types:    buckets,
		About:    "S3 bucket",
		check: func(s *stack, r *resource) string {
			for _, one := range s.refer(r, catalog.BucketPolicy, "bucket") {
				if refusesPlainHTTP(one.at("policy"), "s3:GetObject") &&
					refusesPlainHTTP(one.at("policy"), "s3:PutObject") {
					return ""
				}
			}
			return "no bucket policy denies requests without TLS"
		},
	},
	{
		ID:       "S3.6",
		Title:    "Bucket policies let no account change access",
		Severity: High,
		Types:    policies,
		About:    "bucket policy",
		check:    accessStays,
	},
	{
		ID:       "S3.8",
		CIS:      "2.1.4",
		Title:    "Buckets block public access",
		Severity: High,
		Types:    buckets,
		About:    "S3 bucket",
		check: func(s *stack, r *resource) string {
			blocks := s.refer(r, catalog.BucketPublicAccessBlock, "bucket")
			if len(blocks) == 0 {
				return "it has no public access block"
			}
			for _, setting := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls",
				"restrictPublicBuckets"} {
				if !blocks[0].at(setting).yes() {
					return "its public access block has " + setting + " off"
				}
			}
			return ""
		},
	},
	{
		ID:       "S3.9",
		Title:    "Buckets log access",
		Severity: Medium,
		Types:    buckets,
		About:    "S3 bucket",
		check:    wantsReferrer(catalog.BucketLogging, "bucket", "server access logging"),
	},
	{
		ID:       "S3.12",
		Title:    "Buckets do not use ACLs",
		Severity: Medium,
		Types:    buckets,
		About:    "S3 bucket",
		check: func(s *stack, r *resource) string {
			for _, one := range s.refer(r, catalog.BucketOwnershipControls, "bucket") {
				if one.at("rule.objectOwnership").text() == "BucketOwnerEnforced" {
					return ""
				}
			}
			return "its object ownership is not BucketOwnerEnforced, so ACLs count"
		},
	},
	{
		ID:       "S3.13",
		Title:    "Buckets have a lifecycle",
		Severity: Low,
		Types:    buckets,
		About:    "S3 bucket",
		check:    wantsReferrer(catalog.BucketLifecycle, "bucket", "lifecycle configuration"),
	},
}

// accessActions are those of S3.6.
var accessActions = []string{
	"s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration",
	"s3:PutObjectAcl",
}

// accessStays looks for statements that let a principal of an account, this one's included, change
// who has access. A service is no account.
func accessStays(_ *stack, r *resource) string {
	for _, statement := range statements(r.at("policy")) {
		_, kinds := statement.at("Principal").read().(map[string]any)
		if !allows(statement) || kinds && len(statement.at("Principal.AWS").list()) == 0 {
			continue
		}
		for _, action := range accessActions {
			if permits(statement, action) {
				return "the statement " + orNone(statement.at("Sid").text()) + " allows " + action
			}
		}
	}
	return ""
}

// notPublic is a check that neither policy nor ACL lets everybody do something. A public access
// block that restricts both makes them moot.
func notPublic(actions ...string) check {
	return func(s *stack, r *resource) string {
		for _, block := range s.refer(r, catalog.BucketPublicAccessBlock, "bucket") {
			if block.at("restrictPublicBuckets").yes() && block.at("ignorePublicAcls").yes() {
				return ""
			}
		}
		for _, one := range s.refer(r, catalog.BucketPolicy, "bucket") {
			for _, statement := range statements(one.at("policy")) {
				for _, action := range actions {
					if public(statement) && permits(statement, action) {
						return "its policy allows everybody " + action
					}
				}
			}
		}
		for _, one := range s.refer(r, "aws:s3/bucketAclV2:BucketAclV2", "bucket") {
			if acl := one.at("acl").text(); strings.HasPrefix(acl, "public-") || acl == "authenticated-read" {
				return "its ACL is " + acl
			}
		}
		return ""
	}
}
