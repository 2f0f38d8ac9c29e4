package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// state refuses what is wrong with the objects whatever they are: another account or region, ones
// that Terraform would make again, and ones that two states manage.
func (m *matcher) state() {
	accounts, regions := map[string][]string{}, map[string][]string{}
	managed := map[string]Instance{}
	for _, one := range m.undecided {
		account, region := place(one)
		if account != "" && account != m.stack.Account {
			accounts[account] = append(accounts[account], one.Address)
		}
		if region != "" && region != m.stack.Region && region != names.UsEast1 {
			regions[region] = append(regions[region], one.Address)
		}
		switch {
		case one.Deposed:
			m.refuse(one.Address,
				"it has a deposed object, which Terraform is about to delete; run terraform apply first")
		case one.Tainted:
			m.refuse(one.Address,
				"it is tainted, and the next terraform apply would make it again; run terraform untaint or apply first")
		}
		if one.ID() == "" {
			continue
		}
		key := one.Type + " " + region + " " + one.ID()
		if attached := attachment(one); attached != "" {
			key += " " + attached
		}
		if other, twice := managed[key]; twice && !one.Deposed && !other.Deposed {
			m.refuse(one.Address,
				"%s of %s manages the same object, %s; terraform state rm it from one of the states",
				other.Address, other.File, one.ID())
		}
		managed[key] = one
	}
	for account, addresses := range accounts {
		m.refuse(some(addresses),
			"found account %s, want %s, the stack's (aws.accountId); give the states of this production alone",
			account, m.stack.Account)
	}
	for region, addresses := range regions {
		m.refuse(some(addresses),
			"found region %s, want %s, the stack's (aws.region), or %s; give the states of this production alone",
			region, m.stack.Region, names.UsEast1)
	}
}

// place is where an object is, as its ARN says.
func place(i Instance) (account, region string) {
	fields := strings.SplitN(i.Text("arn"), ":", 6)
	if len(fields) == 6 && fields[0] == "arn" {
		account, region = fields[4], fields[3]
	}
	if region == "" {
		region = i.Text("region")
	}
	return account, region
}

func region(i Instance) string {
	_, region := place(i)
	return region
}

// attachment distinguishes objects whose id is only what they are attached to, or only a name.
func attachment(i Instance) string {
	return strings.Trim(strings.Join([]string{
		i.Text("resource_id"), i.Text("scalable_dimension"), i.Text("policy_arn"), i.Text("name"),
	}, " "), " ")
}

// some names an object, and how many more there are.
func some(addresses []string) string {
	slices.Sort(addresses)
	if len(addresses) == 1 {
		return addresses[0]
	}
	return fmt.Sprintf("%s and %d more", addresses[0], len(addresses)-1)
}

// holders are the types that hold data that nobody can make again. What no area has a place for is
// refused until the operator has said what becomes of it.
var holders = map[string]string{
	"aws_backup_vault":                  "recovery points",
	"aws_cognito_user_pool":             "users",
	"aws_db_instance":                   "a database",
	"aws_docdb_cluster":                 "a database",
	"aws_dynamodb_table":                "a table",
	"aws_ebs_volume":                    "a disk",
	"aws_ecr_repository":                "images",
	"aws_efs_file_system":               "files",
	"aws_elasticache_cluster":           "a cache that may be more than one",
	"aws_elasticache_replication_group": "a cache that may be more than one",
	"aws_kinesis_stream":                "records",
	"aws_kms_key":                       "what everything is encrypted with that names it",
	"aws_kms_replica_key":               "what everything is encrypted with that names it",
	"aws_neptune_cluster":               "a database",
	"aws_opensearch_domain":             "indexes",
	"aws_rds_cluster":                   "a database",
	"aws_rds_global_cluster":            "a database",
	"aws_redshift_cluster":              "a database",
	"aws_route53_record":                "a name that somebody may ask for",
	"aws_route53_zone":                  "a domain",
	"aws_s3_bucket":                     "objects",
	"aws_secretsmanager_secret":         "a secret",
	"aws_sqs_queue":                     "messages",
	"aws_ssm_parameter":                 "a value",
	"mongodbatlas_advanced_cluster":     "a database",
	"mongodbatlas_cluster":              "a database",
	"mongodbatlas_project":              "the database in it",
	"sentry_project":                    "issues and their history",
}

// rest is what no area has a place for.
func (m *matcher) rest() {
	for _, one := range slices.Clone(m.undecided) {
		data, holds := holders[one.Type]
		switch {
		case !holds:
			m.unmanage(one, "this program has nothing of the kind")
		case slices.Contains(m.accepted.Leave, one.Address):
			m.unmanage(one, "holds "+data+", and was left to nobody with --leave")
		default:
			m.unmanage(one, "holds "+data)
			m.refuse(one.Address, "it holds %s, and this program has no place for it; "+
				"--leave '%s' releases it from Terraform without destroying it, and nobody manages it from then on",
				data, one.Address)
		}
	}
	for _, address := range m.accepted.Leave {
		if !slices.ContainsFunc(m.result.Rows, func(row Row) bool {
			return row.Fate == Unmanaged &&
				row.Address == address
		}) {
			m.refuse(address, "--leave names it, and it is no object that is left to nobody; leave the flag out")
		}
	}
}
