package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// clusterLifeRules are about the making, upgrade and end of a cluster.
var clusterLifeRules = []provider.Rule{
	{
		Name:  "one cluster an identifier",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why:   "RDS error codes: DBClusterAlreadyExistsFault",
		Check: func(r *provider.Request) error {
			if found := r.Find(clusterType, r.Inputs.Text("clusterIdentifier")); found != nil && !r.Itself(found) {
				return fmt.Errorf("DBClusterAlreadyExistsFault: DB Cluster already exists: %s", found.ID)
			}
			return nil
		},
	},
	{
		Name:  "a major upgrade is asked for",
		Types: []string{clusterType},
		When:  provider.OnUpdate,
		Why:   "RDS ModifyDBCluster: AllowMajorVersionUpgrade",
		Check: func(r *provider.Request) error {
			wanted, running := resolveVersion(r, sentVersion(r)), r.Old.Text("engineVersionActual")
			if wanted == "" || major(wanted) == major(running) || older(wanted, running) ||
				r.Inputs.Is("allowMajorVersionUpgrade", false) {
				return nil
			}
			return fmt.Errorf("InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when " +
				"upgrading to a new major version")
		},
	},
	{
		Name:  "no downgrade of a cluster",
		Types: []string{clusterType},
		When:  provider.OnUpdate,
		Why: "RDS ModifyDBCluster: InvalidParameterCombination; terraform-provider-aws#45026: a major version " +
			"alone is " +
			"its default minor one; sentVersion says what asks",
		Check: func(r *provider.Request) error {
			wanted, running := resolveVersion(r, sentVersion(r)), r.Old.Text("engineVersionActual")
			if wanted == "" || !older(wanted, running) {
				return nil
			}
			return fmt.Errorf("InvalidParameterCombination: Cannot upgrade %s from %s to %s", r.Inputs.Text("engine"),
				running, wanted)
		},
	},
	{
		Name:  "a protected cluster stays",
		Types: []string{clusterType},
		When:  provider.OnDelete,
		Why:   "RDS DeleteDBCluster: InvalidParameterCombination",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Outputs).Is("deletionProtection", false) {
				return fmt.Errorf("InvalidParameterCombination: Cannot delete protected Cluster, please disable "+
					"deletion protection and try again: %s", r.Old.ID)
			}
			return nil
		},
	},
	{
		Name:  "a cluster with instances stays",
		Types: []string{clusterType},
		When:  provider.OnDelete,
		Why:   "RDS DeleteDBCluster: InvalidDBClusterStateFault",
		Check: func(r *provider.Request) error {
			if instances := r.Where(clusterInstanceType, "clusterIdentifier", r.Old.ID); len(instances) > 0 {
				return fmt.Errorf("InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB "+
					"instances in non-deleting state: %s", instances[0].ID)
			}
			return nil
		},
	},
	{
		Name:  "a final snapshot's name is free",
		Types: []string{clusterType},
		When:  provider.OnDelete,
		Why:   "RDS error codes: DBClusterSnapshotAlreadyExistsFault",
		Check: func(r *provider.Request) error {
			last := provider.Values(r.Old.Outputs)
			name := last.Text("finalSnapshotIdentifier")
			if last.Is("skipFinalSnapshot", false) || r.Find(clusterSnapshotType, name) == nil {
				return nil
			}
			return fmt.Errorf("DBClusterSnapshotAlreadyExistsFault: Cannot create the cluster snapshot because one "+
				"with the identifier %s already exists", name)
		},
	},
	{
		Name:  "a protected global database stays",
		Types: []string{globalClusterType},
		When:  provider.OnDelete,
		Why:   "RDS DeleteGlobalCluster: InvalidParameterCombination",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Outputs).Is("deletionProtection", false) {
				return fmt.Errorf("InvalidParameterCombination: Cannot delete protected Global Cluster, please "+
					"disable deletion protection and try again: %s", r.Old.ID)
			}
			return nil
		},
	},
	{
		Name:  "a global database of a known cluster",
		Types: []string{globalClusterType},
		When:  provider.OnCreate,
		Why:   "RDS CreateGlobalCluster: DBClusterNotFoundFault",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("sourceDbClusterIdentifier")
			if source := r.ByARN(arn); arn != "" && (r.Missing(source) || source != nil && source.Type != clusterType) {
				return fmt.Errorf("DBClusterNotFoundFault: Source cluster %s not found", arn)
			}
			return nil
		},
	},
}

// instanceRules are about the instances of a cluster.
var instanceRules = []provider.Rule{
	{
		Name:  "an instance of a known cluster",
		Types: []string{clusterInstanceType},
		When:  provider.OnWrite,
		Why:   "RDS error codes: DBClusterNotFoundFault",
		Check: references("clusterIdentifier", clusterType, "DBClusterNotFoundFault: DBCluster %s not found"),
	},
	{
		Name:  "one instance an identifier",
		Types: []string{clusterInstanceType},
		When:  provider.OnCreate,
		Why:   "RDS error codes: DBInstanceAlreadyExists",
		Check: func(r *provider.Request) error {
			if found := r.Find(clusterInstanceType, r.Inputs.Text("identifier")); found != nil && !r.Itself(found) {
				return fmt.Errorf("DBInstanceAlreadyExists: DB Instance already exists: %s", found.ID)
			}
			return nil
		},
	},
	{
		Name:  "an instance in a zone of its subnet group",
		Types: []string{clusterInstanceType},
		When:  provider.OnCreate,
		Why:   "RDS CreateDBInstance: InvalidParameterCombination",
		Check: func(r *provider.Request) error {
			zone, group := r.Inputs.Text("availabilityZone"), r.Inputs.Text("dbSubnetGroupName")
			zones := subnetsByZone(r, group)
			if zone == "" || len(zones) == 0 || zones[zone] != nil {
				return nil
			}
			return fmt.Errorf("InvalidParameterCombination: DB subnet group %s has no subnet in %s, only in %s", group,
				zone, strings.Join(slices.Sorted(maps.Keys(zones)), ", "))
		},
	},
	{
		Name:  "a monitored instance has a role",
		Types: []string{clusterInstanceType},
		When:  provider.OnCheck,
		Why:   "RDS CreateDBInstance: MonitoringRoleArn",
		Check: func(r *provider.Request) error {
			if interval, ok := r.Inputs.Number("monitoringInterval"); ok && interval != 0 &&
				!r.Inputs.Has("monitoringRoleArn") {
				return fmt.Errorf("InvalidParameterCombination: A MonitoringRoleARN value is required if you " +
					"specify a MonitoringInterval value other than 0")
			}
			return nil
		},
	},
	{
		Name:  "a known monitoring role",
		Types: []string{clusterInstanceType},
		When:  provider.OnWrite,
		Why:   "RDS CreateDBInstance: InvalidParameterValue",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("monitoringRoleArn")
			if err := trusted(r, arn, "monitoring.rds.amazonaws.com", notMonitoring); err != nil ||
				r.ByARN(arn) == nil {
				return err
			}
			// The log group is RDS's own, one for the account and region.
			for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
				group := "arn:aws:logs:" + r.Region + ":" + r.Account + ":log-group:RDSOSMetrics:log-stream:x"
				if err := roleMay(r, r.ByARN(arn), action, group, nil); err != nil && !r.Preview {
					return fmt.Errorf(notMonitoring+"\n%w", arn, "monitoring.rds.amazonaws.com", err)
				}
			}
			return nil
		},
	},
}

// databaseGroupRules are about subnet and parameter groups.
var databaseGroupRules = []provider.Rule{
	{
		Name:  "a subnet group of known subnets",
		Types: []string{databaseSubnetsType},
		When:  provider.OnWrite,
		Why:   "RDS error codes: InvalidSubnet",
		Check: listReferences("subnetIds", subnetType, "InvalidSubnet: The subnet ID '%s' does not exist"),
	},
	{
		Name:  "a subnet group in two zones",
		Types: []string{databaseSubnetsType},
		When:  provider.OnWrite,
		Why:   "RDS error codes: DBSubnetGroupDoesNotCoverEnoughAZs",
		Check: func(r *provider.Request) error {
			zones := map[string]bool{}
			for _, id := range r.Inputs.Texts("subnetIds") {
				subnet := r.Find(subnetType, id)
				if subnet == nil {
					return nil // another rule's, or not made yet
				}
				zones[subnet.Text("availabilityZone")] = true
			}
			if r.Inputs.Unknown("subnetIds") || len(zones) >= 2 {
				return nil
			}
			return fmt.Errorf("DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability "+
				"Zone (AZ) coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs",
				strings.Join(slices.Sorted(maps.Keys(zones)), ", "))
		},
	},
	{
		Name:  "used subnets stay in their group",
		Types: []string{databaseSubnetsType},
		When:  provider.OnUpdate,
		Why:   "RDS ModifyDBSubnetGroup refuses it; the words are those that users report, its code is not verified",
		Check: func(r *provider.Request) error {
			if r.Preview || r.Inputs.Unknown("subnetIds") {
				return nil
			}
			there, stay := subnetsByZone(r, r.Old.ID), r.Inputs.Texts("subnetIds")
			used := map[string]bool{}
			for _, instance := range r.Where(clusterInstanceType, "dbSubnetGroupName", r.Old.ID) {
				subnet := there[instance.Text("availabilityZone")]
				if subnet != nil && !slices.Contains(stay, subnet.ID) {
					used[subnet.ID] = true
				}
			}
			if len(used) == 0 {
				return nil
			}
			return fmt.Errorf("InvalidSubnet: Some of the subnets to be deleted are currently in use: %s",
				strings.Join(slices.Sorted(maps.Keys(used)), ", "))
		},
	},
	{
		Name:  "a subnet group in use stays",
		Types: []string{databaseSubnetsType},
		When:  provider.OnDelete,
		Why:   "RDS DeleteDBSubnetGroup: InvalidDBSubnetGroupStateFault",
		Check: func(r *provider.Request) error {
			if user := clusterThatUses(r, "dbSubnetGroupName"); user != nil {
				return fmt.Errorf("InvalidDBSubnetGroupStateFault: Cannot delete the subnet group '%s' because at "+
					"least one database cluster: %s is still using it", r.Old.ID, user.ID)
			}
			return nil
		},
	},
	{
		Name:  "a static parameter waits for a restart",
		Types: []string{clusterParametersType},
		When:  provider.OnCheck,
		Why: "RDS ModifyDBClusterParameterGroup: InvalidParameterCombination; the provider's own default is " +
			"immediate",
		Check: func(r *provider.Request) error {
			for _, parameter := range r.Inputs.Objects("parameters") {
				name := parameter.Text("name")
				waits := parameter.Text("applyMethod") == "pending-reboot" || parameter.Unknown("applyMethod")
				if slices.Contains(staticParameters, name) && !waits {
					return fmt.Errorf("InvalidParameterCombination: cannot use immediate apply method for static "+
						"parameter: %s", name)
				}
			}
			return nil
		},
	},
	{
		Name:  "a parameter group in use stays",
		Types: []string{clusterParametersType},
		When:  provider.OnDelete,
		Why:   "RDS DeleteDBClusterParameterGroup: InvalidDBParameterGroupState",
		Check: func(r *provider.Request) error {
			if user := clusterThatUses(r, "dbClusterParameterGroupName"); user != nil {
				return fmt.Errorf("InvalidDBParameterGroupState: One or more database clusters are still members of "+
					"this parameter group %s, so the group cannot be deleted: %s", r.Old.ID, user.ID)
			}
			return nil
		},
	},
}

// staticParameters are those of Aurora PostgreSQL that take effect when the instances restart, as
// far as a cluster's group has them.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html
var staticParameters = []string{
	"autovacuum_max_workers", "huge_pages", "max_connections", "max_locks_per_transaction", "max_prepared_transactions",
	"max_replication_slots", "max_wal_senders", "max_worker_processes", "rds.logical_replication", "shared_buffers",
	"shared_preload_libraries", "superuser_reserved_connections", "track_activity_query_size", "track_commit_timestamp",
	"wal_buffers",
}

func clusterThatUses(r *provider.Request, property string) *cloud.Object {
	for _, cluster := range r.Where(clusterType, property, r.Old.ID) {
		return cluster
	}
	return nil
}

// notMonitoring is RDS's refusal of a monitoring role.
const notMonitoring = "InvalidParameterValue: IAM role ARN value is invalid or does not include the required " +
	"permissions for: ENHANCED_MONITORING: %s (%s)"
