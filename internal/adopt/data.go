package adopt

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// What the program calls the database and its owner, which cannot be changed.
const (
	databaseEngine = "aurora-postgresql"
	databaseName   = "bookmarkdb"
	databaseOwner  = "dbadmin"
)

// The keys of the secrets that are taken over.
const (
	MasterPasswordKey = "adoptedMasterPassword"
	JWTSecretKey      = "adoptedJwtSecret"
)

func (m *matcher) data() {
	m.expect("", catalog.RDSSubnetGroup, "aurora-subnets")
	m.expect("", catalog.RDSCluster, "aurora-cluster")
	var cluster Instance
	for _, one := range m.of("aws_rds_cluster") {
		if one.Text("cluster_identifier") == m.stack.Environment.Name("aurora") {
			cluster = one
		}
	}
	if cluster.Values == nil {
		for _, one := range m.of("aws_rds_cluster") {
			m.refuse(one.Address+".cluster_identifier", "found %q, want %q: another one replaces the database; "+
				"rename the cluster (aws rds modify-db-cluster --new-db-cluster-identifier) and refresh the state",
				one.Text("cluster_identifier"), m.stack.Environment.Name("aurora"))
			m.decide(one)
		}
	} else {
		m.database(cluster)
	}
	for _, one := range m.of("aws_rds_cluster_parameter_group", "aws_db_parameter_group") {
		m.leaveToTerraform(one, "the program's own group stands beside it, and is in force after a restart")
	}
	for _, one := range m.of("random_password", "random_string", "random_id") {
		m.leaveToTerraform(one,
			"what it made is taken over where it is used; in the state of Terraform it is in plain text")
	}
	m.parameters()
}

func (m *matcher) database(cluster Instance) {
	const database = "dump the database into one that the program makes"
	m.refuseReplacement(cluster, "engine", cluster.Text("engine"), databaseEngine, database)
	m.refuseReplacement(cluster, "engine_mode", cmp.Or(cluster.Text("engine_mode"), "provisioned"), "provisioned",
		database)
	m.refuseReplacement(cluster, "database_name", cluster.Text("database_name"), databaseName, database)
	m.refuseReplacement(cluster, "master_username", cluster.Text("master_username"), databaseOwner, database)
	if port := cluster.Int("port"); port != 0 {
		m.refuseReplacement(cluster, "port", strconv.Itoa(port), "5432",
			"tasks are let through to this one; change it with Terraform first")
	}
	if !cluster.Bool("storage_encrypted") && !m.accepted.Unencrypted {
		m.refuse(cluster.Address+".storage_encrypted",
			"found false, want true: storage cannot be encrypted in place; restore an encrypted "+
				"copy of a snapshot with Terraform first, which takes a downtime, or say --unencrypted and write the "+
				"exception into compliance.yaml")
	}
	if cluster.Bool("manage_master_user_password") || len(cluster.Blocks("master_user_secret")) > 0 {
		m.refuse(cluster.Address+".manage_master_user_password",
			"found true, want false: RDS changes the password by itself, and the "+
				"program sets one; switch it off with Terraform first")
	} else {
		m.secret(MasterPasswordKey, cluster.Address, cluster.Text("master_password"))
	}
	version := cluster.Text("engine_version")
	configured := fmt.Sprint(m.stack.at([]string{"bookmark-manager:aurora", "engineVersion"}))
	if major, _, _ := strings.Cut(version, "."); !strings.HasPrefix(configured, major+".") {
		m.requireSetting("aurora", []string{"engineVersion"}, version,
			"another major version is an upgrade, for a time of its own")
	}
	if days, ok := m.stack.at([]string{"bookmark-manager:aurora", "backupRetentionDays"}).(int); ok &&
		days < cluster.Int("backup_retention_period") {
		m.requireSetting("aurora", []string{"backupRetentionDays"}, cluster.Int("backup_retention_period"),
			"a shorter retention deletes backups that are kept today")
	}
	m.importAs(cluster, catalog.RDSCluster, "aurora-cluster", cluster.Text("cluster_identifier"), map[string]string{
		"storageEncrypted": "another value replaces the database", "kmsKeyId": "another key replaces the database",
	})
	for _, group := range m.of("aws_db_subnet_group") {
		if group.Text("name") == cluster.Text("db_subnet_group_name") {
			m.importAs(group, catalog.RDSSubnetGroup, "aurora-subnets", group.Text("name"), map[string]string{
				"name":      "another one replaces the group, and with it the database",
				"subnetIds": "RDS takes no subnet from a group in which an instance is",
			})
		}
	}
	m.instances(cluster)
}

// instances takes the cluster's instances by their numbers, each in the zone where it is.
func (m *matcher) instances(cluster Instance) {
	base := m.stack.Environment.Name("aurora") + "-"
	all := []map[string]any{}
	for _, one := range m.of("aws_rds_cluster_instance") {
		if one.Text("cluster_identifier") != cluster.Text("cluster_identifier") {
			continue
		}
		number, err := strconv.Atoi(strings.TrimPrefix(one.Text("identifier"), base))
		if err != nil || number < 1 || number > 15 || !strings.HasPrefix(one.Text("identifier"), base) {
			m.refuse(one.Address+".identifier", "found %q, want %s1 to %s15: another one replaces the instance; "+
				"rename it (aws rds modify-db-instance --new-db-instance-identifier) and refresh the state",
				one.Text("identifier"), base, base)
			m.decide(one)
			continue
		}
		index := zoneIndex(m.zones, one.Text("availability_zone"))
		if index == 0 {
			m.refuse(one.Address+".availability_zone",
				"found %q, want a zone of the network: another one replaces the instance; "+
					"add an instance in such a zone with Terraform, fail over, and drop this one",
				one.Text("availability_zone"))
		}
		m.refuseReplacement(one, "engine", one.Text("engine"), databaseEngine,
			"the program makes Aurora PostgreSQL alone")
		m.refuseReplacement(one, "db_subnet_group_name", cmp.Or(one.Text("db_subnet_group_name"),
			cluster.Text("db_subnet_group_name")),
			cluster.Text("db_subnet_group_name"), "an instance is in its cluster's group")
		m.importAs(one, catalog.RDSClusterInstance, "aurora-instance-"+strconv.Itoa(number), one.Text("identifier"),
			nil)
		all = append(all, map[string]any{"number": number, "zoneIndex": index,
			"promotionTier": one.Int("promotion_tier")})
	}
	slices.SortFunc(all, func(a, b map[string]any) int { return a["number"].(int) - b["number"].(int) })
	m.requireSetting("aurora", []string{"instances"}, all, "an instance's zone and name replace it")
}

// ownParameters are the names, below the environment's path, of what the program writes itself.
var ownParameters = []string{
	"DATABASE_URL", "MASTER_DATABASE_URL", "MIGRATION_DATABASE_URL", "MONGODB_URI", "JWT_SECRET",
	"JWT_SECRET_PREVIOUS", "JWT_SECRET_NEXT",
	"DD_API_KEY",
}

// parameterName is that of a parameter of the operator's own.
var parameterName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,99}$`)

func (m *matcher) parameters() {
	ignored := map[string]string{"keyId": "the role of the former tasks may not decrypt with another key"}
	secrets := slices.Clone(m.stack.Parameters)
	for _, one := range m.of("aws_ssm_parameter") {
		name, inside := strings.CutPrefix(one.Text("name"), m.stack.Environment.Path()+"/")
		service, own, _ := strings.Cut(name, "/")
		_, known := m.stack.Services[service]
		switch {
		case !inside:
			continue
		case slices.Contains(ownParameters, name):
			if name == "JWT_SECRET" {
				m.secret(JWTSecretKey, one.Address, one.Text("value"))
			}
		case name == "SENTRY_DSN":
			m.leaveToTerraform(one, "each service has one of its own; the old key stays valid")
			continue
		case known && own == "SENTRY_DSN":
		case parameterName.MatchString(name):
			m.secret(name, one.Address, one.Text("value"))
			if !slices.Contains(secrets, name) {
				secrets = append(secrets, name)
			}
		default:
			continue
		}
		m.refuseReplacement(one, "data_type", cmp.Or(one.Text("data_type"), "text"), "text",
			"the program writes texts alone")
		m.importAs(one, catalog.Parameter, "parameters-"+strings.ReplaceAll(name, "/", "-"), one.Text("name"), ignored)
	}
	if len(secrets) > len(m.stack.Parameters) {
		m.requireSetting("parameters", []string{"secrets"}, secrets,
			"tasks read these parameters, and a parameter that is not listed would be deleted")
	}
	m.expect("", catalog.Parameter, prefixed("parameters-", ownParameters)...)
}

func prefixed(prefix string, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, prefix+name)
	}
	return all
}
