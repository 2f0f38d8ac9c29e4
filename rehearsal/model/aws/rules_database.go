package aws

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// databaseRules are about Aurora clusters and what belongs to them.
var databaseRules = slices.Concat(clusterValueRules, clusterReferenceRules, clusterLifeRules, instanceRules,
	databaseGroupRules, eventRules)

// reservedMasters are the names that RDS for PostgreSQL keeps from a master user.
var reservedMasters = []string{"admin", "rdsadmin"}

// clusterValueRules are about the values of a cluster alone.
var clusterValueRules = []provider.Rule{
	{
		Name:  "an engine version that exists",
		Types: []string{clusterType},
		When:  provider.OnWrite,
		Why: "RDS CreateDBCluster, ModifyDBCluster: InvalidParameterCombination; versions by " +
			"describe-db-engine-versions of " +
			"2026-08-06. The provider asks RDS alone, so that a version which runs may be one that is no longer " +
			"offered",
		Check: func(r *provider.Request) error {
			engine, wanted := r.Inputs.Text("engine"), r.Inputs.Text("engineVersion")
			if r.Old != nil {
				wanted = sentVersion(r)
			}
			if engine != auroraPostgres || wanted == "" || resolveVersion(r, wanted) != "" {
				return nil
			}
			return fmt.Errorf("InvalidParameterCombination: Cannot find version %s for %s", wanted, engine)
		},
	},
	{
		Name:  "a master's password",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "RDS CreateDBCluster: MasterUserPassword",
		Check: func(r *provider.Request) error {
			password := r.Inputs.Text("masterPassword")
			switch {
			case password == "":
				return nil
			case len(password) < 8 || len(password) > 128:
				return fmt.Errorf("InvalidParameterValue: The parameter MasterUserPassword is not a valid password "+
					"because it has %d characters, not 8 to 128", len(password))
			case !rdsPassword.MatchString(password):
				return fmt.Errorf("InvalidParameterValue: The parameter MasterUserPassword is not a valid password. " +
					"Only printable ASCII characters besides '/', '@', '\"', ' ' may be used")
			}
			return nil
		},
	},
	{
		Name:  "a master's name is free",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "RDS CreateDBCluster: MasterUsername, not a word that the engine reserves",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("masterUsername"); slices.Contains(reservedMasters, strings.ToLower(name)) {
				return fmt.Errorf("InvalidParameterValue: MasterUsername %s cannot be used as it is a reserved word "+
					"used by the engine", name)
			}
			return nil
		},
	},
	{
		Name:  "bounds of Serverless v2",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "RDS ServerlessV2ScalingConfiguration: 0 to 256 ACU in halves, at least 1 as maximum",
		Check: serverlessBounds,
	},
	{
		Name:  "windows of a cluster",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why: "RDS CreateDBCluster: PreferredBackupWindow, PreferredMaintenanceWindow, each of 30 minutes or more, " +
			"that do not overlap",
		Check: func(r *provider.Request) error {
			for _, input := range []string{"preferredBackupWindow", "preferredMaintenanceWindow"} {
				window := r.Inputs.Text(input)
				if times := clocks.FindAllString(window, -1); len(times) == 2 && minutesFrom(times[0], times[1]) < 30 {
					return fmt.Errorf("InvalidParameterValue: The window %s must be at least 30 minutes", window)
				}
			}
			return overlap(r.Inputs.Text("preferredBackupWindow"), r.Inputs.Text("preferredMaintenanceWindow"))
		},
	},
	{
		Name:  "retention of a cluster's backups",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "RDS CreateDBCluster: BackupRetentionPeriod",
		Check: func(r *provider.Request) error {
			if days, ok := r.Inputs.Number("backupRetentionPeriod"); ok && (days < 1 || days > 35) {
				return fmt.Errorf("InvalidParameterValue: Invalid backup retention period: %g. Retention period "+
					"must be between 1 and 35", days)
			}
			return nil
		},
	},
	{
		Name:  "retention of insights",
		Types: []string{clusterType, clusterInstanceType},
		When:  provider.OnCheck,
		Why:   "RDS CreateDBCluster: PerformanceInsightsRetentionPeriod, DatabaseInsightsMode",
		Check: func(r *provider.Request) error {
			days, ok := r.Inputs.Number("performanceInsightsRetentionPeriod")
			if ok && days != 7 && days != 731 && (math.Mod(days, 31) != 0 || days < 31 || days > 713) {
				return fmt.Errorf("InvalidParameterValue: Invalid Performance Insights retention period: %g: want "+
					"7, 731 or a multiple of 31", days)
			}
			if r.Inputs.Text("databaseInsightsMode") == "advanced" && ok && days < 465 {
				return fmt.Errorf("InvalidParameterCombination: To enable the Advanced mode of Database Insights, "+
					"set the Performance Insights retention period to at least 465 days, not %g", days)
			}
			return nil
		},
	},
	{
		Name:  "a final snapshot has a name",
		Types: []string{clusterType},
		When:  provider.OnDelete,
		Why:   "the provider: FinalSnapshotIdentifier is required when SkipFinalSnapshot is false",
		Check: func(r *provider.Request) error {
			last := provider.Values(r.Old.Outputs)
			if last.Is("skipFinalSnapshot", false) || last.Text("finalSnapshotIdentifier") != "" {
				return nil
			}
			return fmt.Errorf("RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false")
		},
	},
}

var rdsPassword = regexp.MustCompile(`^[!#-.0-?A-~]*$`)

func serverlessBounds(r *provider.Request) error {
	scaling := r.Inputs.Object("serverlessv2ScalingConfiguration")
	least, hasLeast := scaling.Number("minCapacity")
	most, hasMost := scaling.Number("maxCapacity")
	halves := func(acu float64) bool { return math.Trunc(acu*2) == acu*2 }
	switch {
	case hasMost && (most < 1 || most > 256 || !halves(most)):
		return fmt.Errorf("InvalidParameterValue: Serverless v2 maximum capacity %g isn't valid. It must be between "+
			"1.0 and 256.0 in steps of 0.5", most)
	case hasLeast && (least < 0 || least > 256 || !halves(least)):
		return fmt.Errorf("InvalidParameterValue: Serverless v2 minimum capacity %g isn't valid. It must be between "+
			"0.0 and 256.0 in steps of 0.5", least)
	case hasLeast && hasMost && least > most:
		return fmt.Errorf("InvalidParameterValue: Serverless v2 minimum capacity %g must not be greater than the "+
			"maximum capacity %g", least, most)
	}
	pause, pauses := scaling.Number("secondsUntilAutoPause")
	if pauses && (least != 0 || pause < 300 || pause > 86400) {
		return fmt.Errorf("InvalidParameterValue: SecondsUntilAutoPause %g isn't valid. It must be between 300 and "+
			"86400, with a minimum capacity of 0, not %g", pause, least)
	}
	return nil
}

// overlap refuses a weekly window that meets a daily one. Windows in a form that it cannot read are
// not its business.
func overlap(daily, weekly string) error {
	backup, maintenance := clocks.FindAllString(daily, -1), clocks.FindAllString(weekly, -1)
	if len(backup) != 2 || len(maintenance) != 2 {
		return nil
	}
	between := minutesFrom(backup[0], maintenance[0])
	length := func(span []string) int { return minutesFrom(span[0], span[1]) }
	if between < length(backup) || minutesPerDay-between < length(maintenance) {
		return fmt.Errorf("InvalidParameterValue: The backup window and maintenance window must not overlap: "+
			"%s and %s", daily, weekly)
	}
	return nil
}

const minutesPerDay = 24 * 60

// minutesFrom are the minutes from one time of the day to the next time that it is another.
func minutesFrom(one, other string) int {
	minute := func(clock string) int {
		var hours, minutes int
		if _, err := fmt.Sscanf(clock, "%d:%d", &hours, &minutes); err != nil {
			return 0
		}
		return hours*60 + minutes
	}
	return (minute(other) - minute(one) + minutesPerDay) % minutesPerDay
}

var clocks = regexp.MustCompile(`\d\d:\d\d`)

// clusterReferenceRules are about what a cluster refers to.
var clusterReferenceRules = []provider.Rule{
	{
		Name:  "a cluster in a known subnet group",
		Types: []string{clusterType},
		When:  provider.OnWrite,
		Why:   "RDS error codes: DBSubnetGroupNotFoundFault",
		Check: references("dbSubnetGroupName", databaseSubnetsType,
			"DBSubnetGroupNotFoundFault: DB subnet group '%s' does not exist"),
	},
	{
		Name:  "a cluster with known security groups",
		Types: []string{clusterType},
		When:  provider.OnWrite,
		Why:   "RDS CreateDBCluster: InvalidParameterValue",
		Check: listReferences("vpcSecurityGroupIds", securityGroupType,
			"InvalidParameterValue: Invalid security group , groupId= %s, groupName="),
	},
	{
		Name:  "a cluster with a known parameter group",
		Types: []string{clusterType},
		When:  provider.OnWrite,
		Why:   "RDS error codes: DBClusterParameterGroupNotFound",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("dbClusterParameterGroupName")
			if name == "" || strings.HasPrefix(name, defaultParameterPrefix) ||
				!r.Missing(r.Find(clusterParametersType, name)) {
				return nil
			}
			return fmt.Errorf("DBClusterParameterGroupNotFound: DBClusterParameterGroup not found: %s", name)
		},
	},
	{
		Name:  "a parameter group of the cluster's family",
		Types: []string{clusterType},
		When:  provider.OnWrite,
		Why:   "RDS CreateDBCluster: InvalidParameterCombination",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("dbClusterParameterGroupName")
			group := r.Find(clusterParametersType, name)
			if group == nil || r.Inputs.Text("engineVersion") == "" {
				return nil
			}
			if family := r.Inputs.Text("engine") + major(runningInTheEnd(r)); group.Text("family") != family {
				return fmt.Errorf("InvalidParameterCombination: The Parameter Group %s with DBParameterGroupFamily "+
					"%s can't be used for this cluster. Please use a Parameter Group with DBParameterGroupFamily %s",
					name, group.Text("family"), family)
			}
			return nil
		},
	},
	{
		Name:  "a cluster with a known key",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why:   "RDS error codes: KMSKeyNotAccessibleFault",
		Check: func(r *provider.Request) error {
			if key := r.Inputs.Text("kmsKeyId"); key != "" && r.Missing(findKey(r, key)) {
				return fmt.Errorf("KMSKeyNotAccessibleFault: The specified KMS key [%s] does not exist, is not "+
					"enabled or you do not have permissions to access it", key)
			}
			return nil
		},
	},
	{
		Name:  "a key for encrypted storage",
		Types: []string{clusterType},
		When:  provider.OnCheck,
		Why:   "RDS CreateDBCluster: InvalidParameterCombination",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("kmsKeyId") && !r.Inputs.Unknown("storageEncrypted") &&
				!r.Inputs.Is("storageEncrypted", false) {
				return fmt.Errorf("InvalidParameterCombination: KmsKeyId should not be specified when " +
					"StorageEncrypted is false")
			}
			return nil
		},
	},
	{
		Name:  "a restore from a known snapshot",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why:   "RDS error codes: DBClusterSnapshotNotFoundFault",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("snapshotIdentifier")
			if name == "" || r.ByARN(name) != nil || !r.Missing(r.Find(clusterSnapshotType, name)) {
				return nil
			}
			return fmt.Errorf("DBClusterSnapshotNotFoundFault: DBClusterSnapshot not found: %s", name)
		},
	},
	{
		Name:  "a restore from a snapshot under a key that is there",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why:   "RDS RestoreDBClusterFromSnapshot: KMSKeyNotAccessibleFault",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("snapshotIdentifier")
			snapshot := r.ByARN(name)
			if snapshot == nil {
				snapshot = r.Find(clusterSnapshotType, name)
			}
			if snapshot == nil || snapshot.Text("kmsKeyId") == "" || findKey(r, snapshot.Text("kmsKeyId")) != nil {
				return nil
			}
			return fmt.Errorf("KMSKeyNotAccessibleFault: The specified KMS key [%s] does not exist, is not enabled "+
				"or you do not have permissions to access it",
				snapshot.Text("kmsKeyId"))
		},
	},
	{
		Name:  "a restore from a known cluster",
		Types: []string{clusterType},
		When:  provider.OnCreate,
		Why:   "RDS RestoreDBClusterToPointInTime: DBClusterNotFoundFault",
		Check: func(r *provider.Request) error {
			source := r.Inputs.Object("restoreToPointInTime").Text("sourceClusterIdentifier")
			if source != "" && r.Missing(r.Find(clusterType, source)) {
				return fmt.Errorf("DBClusterNotFoundFault: DBCluster %s not found", source)
			}
			return nil
		},
	},
}
