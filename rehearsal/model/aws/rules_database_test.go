package aws

import (
	"errors"
	"maps"
	"strings"

	"github.com/stretchr/testify/require"
)

func altered(base, more in) in {
	inputs := maps.Clone(base)
	maps.Copy(inputs, more)
	for name, value := range inputs {
		if value == nil {
			delete(inputs, name)
		}
	}
	return inputs
}

// aurora are the inputs of a cluster that stands on nothing else.
func aurora(more in) in {
	return altered(in{
		"clusterIdentifier": "db",
		"engine":            auroraPostgres,
		"engineVersion":     "17",
		"masterUsername":    "dbadmin",
		"masterPassword":    "abcdefgh",
		"skipFinalSnapshot": true,
	}, more)
}

func (w *world) aurora(more in) error { return failed(w.try(clusterType, "db", aurora(more))) }

// database is a cluster in two zones, with its groups.
type database struct {
	network    network
	subnets    object
	parameters object
	guard      object
	cluster    object
}

func (w *world) database(more in) database {
	w.t.Helper()
	d := database{network: w.network()}
	d.subnets = w.make(databaseSubnetsType, "db", in{"subnetIds": []any{d.network.private.id, d.network.other.id}})
	d.parameters = w.make(clusterParametersType, "db", in{"family": "aurora-postgresql17"})
	d.guard = w.make(securityGroupType, "db", in{"vpcId": d.network.vpc.id})
	d.cluster = w.make(clusterType, "db", aurora(altered(in{
		"dbSubnetGroupName":           d.subnets.id,
		"dbClusterParameterGroupName": d.parameters.id,
		"vpcSecurityGroupIds":         []any{d.guard.id},
	}, more)))
	return d
}

func instanceOf(d database, more in) in {
	return altered(in{
		"identifier":        "db-1",
		"clusterIdentifier": d.cluster.id,
		"engine":            auroraPostgres,
		"instanceClass":     "db.serverless",
		"dbSubnetGroupName": d.subnets.id,
		"availabilityZone":  "ap-northeast-1c",
	}, more)
}

func (w *world) instance(d database, more in) error {
	return failed(w.try(clusterInstanceType, "one", instanceOf(d, more)))
}

// parameters makes a group with one parameter.
func (w *world) parameters(one in) error {
	return failed(w.try(clusterParametersType, one["name"].(string), in{
		"name":       "pg-" + strings.ReplaceAll(one["value"].(string), ".", "-"),
		"family":     "aurora-postgresql17",
		"parameters": []any{one},
	}))
}

// snapshotUnder leaves the snapshot final-1 of a cluster that was under a key.
func (w *world) snapshotUnder(key object) {
	w.t.Helper()
	require.NoError(w.t, w.delete(w.make(clusterType, "db", aurora(in{
		"skipFinalSnapshot":       false,
		"finalSnapshotIdentifier": "final-1",
		"storageEncrypted":        true,
		"kmsKeyId":                key.text("arn"),
	}))))
}

func withCapacity(scaling in) in { return in{"serverlessv2ScalingConfiguration": scaling} }

var databasePairs = map[string]pair{
	"an engine version that exists": {
		want:    "InvalidParameterCombination: Cannot find version 17.2 for aurora-postgresql",
		refuses: func(w *world) error { return w.aurora(in{"engineVersion": "17.2"}) },
		passes: func(w *world) error {
			w.release("17.11")
			return w.aurora(in{"engineVersion": "17.11"})
		},
	},
	"a master's name is free": {
		want: "InvalidParameterValue: MasterUsername admin cannot be used as it is a reserved word used by " +
			"the engine",
		refuses: func(w *world) error { return w.aurora(in{"masterUsername": "admin"}) },
		passes:  func(w *world) error { return w.aurora(in{"masterUsername": "administrator"}) },
	},
	"a master's password": {
		want: "InvalidParameterValue: The parameter MasterUserPassword is not a valid password. Only printable " +
			"ASCII characters besides '/', '@', '\"', ' ' may be used",
		refuses: func(w *world) error {
			for _, password := range []string{"1234567", strings.Repeat("x", 129), "with/slash", "with quote\"",
				"umlaut-äöü"} {
				if w.aurora(in{"masterPassword": password}) == nil {
					return nil
				}
			}
			return w.aurora(in{"masterPassword": "pass@word"})
		},
		passes: func(w *world) error { return w.aurora(in{"masterPassword": "p#a$s%s?w:ord!~A0"}) },
	},
	"bounds of Serverless v2": {
		want: "InvalidParameterValue: Serverless v2 minimum capacity 4 must not be greater than the maximum capacity 2",
		refuses: func(w *world) error {
			for _, scaling := range []in{
				{"minCapacity": 0.5, "maxCapacity": 0.5},
				{"minCapacity": 0.5, "maxCapacity": 257},
				{"minCapacity": 0.3, "maxCapacity": 2},
				{"minCapacity": 0.5, "maxCapacity": 2, "secondsUntilAutoPause": 600},
				{"minCapacity": 0, "maxCapacity": 2, "secondsUntilAutoPause": 60},
			} {
				if w.aurora(withCapacity(scaling)) == nil {
					return nil
				}
			}
			return w.aurora(withCapacity(in{"minCapacity": 4, "maxCapacity": 2}))
		},
		passes: func(w *world) error {
			return w.aurora(withCapacity(in{"minCapacity": 0, "maxCapacity": 256, "secondsUntilAutoPause": 300}))
		},
	},
	"windows of a cluster": {
		want: "InvalidParameterValue: The backup window and maintenance window must not overlap: 18:00-19:00 and " +
			"sun:18:30-sun:19:30",
		refuses: func(w *world) error {
			for _, short := range []in{
				{"preferredBackupWindow": "18:00-18:29"},
				{"preferredMaintenanceWindow": "sun:23:50-mon:00:10"},
			} {
				if w.aurora(short) == nil {
					return nil
				}
			}
			return w.aurora(in{
				"preferredBackupWindow":      "18:00-19:00",
				"preferredMaintenanceWindow": "sun:18:30-sun:19:30",
			})
		},
		passes: func(w *world) error {
			return w.aurora(in{
				"preferredBackupWindow":      "23:30-00:30",
				"preferredMaintenanceWindow": "sun:00:30-sun:01:30",
			})
		},
	},
	"retention of a cluster's backups": {
		want:    "InvalidParameterValue: Invalid backup retention period: 0. Retention period must be between 1 and 35",
		refuses: func(w *world) error { return w.aurora(in{"backupRetentionPeriod": 0}) },
		passes:  func(w *world) error { return w.aurora(in{"backupRetentionPeriod": 35}) },
	},
	"retention of insights": {
		want: "InvalidParameterCombination: To enable the Advanced mode of Database Insights, set the Performance " +
			"Insights retention period to at least 465 days, not 7",
		refuses: func(w *world) error {
			if w.aurora(in{"performanceInsightsRetentionPeriod": 30}) == nil {
				return nil
			}
			return w.aurora(in{"performanceInsightsRetentionPeriod": 7, "databaseInsightsMode": "advanced"})
		},
		passes: func(w *world) error {
			return w.aurora(in{"performanceInsightsRetentionPeriod": 465, "databaseInsightsMode": "advanced"})
		},
	},
	"a final snapshot has a name": {
		want: "RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false",
		refuses: func(w *world) error {
			return w.delete(w.make(clusterType, "db", aurora(in{"skipFinalSnapshot": false})))
		},
		passes: func(w *world) error { return w.delete(w.make(clusterType, "db", aurora(nil))) },
	},
	"a cluster in a known subnet group": {
		want:    "DBSubnetGroupNotFoundFault: DB subnet group 'none' does not exist",
		refuses: func(w *world) error { return w.aurora(in{"dbSubnetGroupName": "none"}) },
		passes:  func(w *world) error { w.database(nil); return nil },
	},
	"a cluster with known security groups": {
		want:    "InvalidParameterValue: Invalid security group , groupId= sg-none, groupName=",
		refuses: func(w *world) error { return w.aurora(in{"vpcSecurityGroupIds": []any{"sg-none"}}) },
		passes:  func(w *world) error { w.database(nil); return nil },
	},
	"a cluster with a known parameter group": {
		want:    "DBClusterParameterGroupNotFound: DBClusterParameterGroup not found: none",
		refuses: func(w *world) error { return w.aurora(in{"dbClusterParameterGroupName": "none"}) },
		passes: func(w *world) error {
			return w.aurora(in{"dbClusterParameterGroupName": "default.aurora-postgresql17"})
		},
	},
	"a parameter group of the cluster's family": {
		want: "InvalidParameterCombination: The Parameter Group pg with DBParameterGroupFamily aurora-postgresql16 " +
			"can't be used for this cluster. Please use a Parameter Group with DBParameterGroupFamily " +
			"aurora-postgresql17",
		refuses: func(w *world) error {
			w.make(clusterParametersType, "pg", in{"name": "pg", "family": "aurora-postgresql16"})
			return w.aurora(in{"dbClusterParameterGroupName": "pg"})
		},
		passes: func(w *world) error {
			w.make(clusterParametersType, "pg", in{"name": "pg", "family": "aurora-postgresql17"})
			return w.aurora(in{"dbClusterParameterGroupName": "pg"})
		},
	},
	"a cluster with a known key": {
		want: "KMSKeyNotAccessibleFault: The specified KMS key [none] does not exist, is not enabled or you do " +
			"not have permissions to access it",
		refuses: func(w *world) error { return w.aurora(in{"storageEncrypted": true, "kmsKeyId": "none"}) },
		passes: func(w *world) error {
			return w.aurora(in{"storageEncrypted": true, "kmsKeyId": w.make(keyType, "key", in{}).text("arn")})
		},
	},
	"a key for encrypted storage": {
		want:    "InvalidParameterCombination: KmsKeyId should not be specified when StorageEncrypted is false",
		refuses: func(w *world) error { return w.aurora(in{"kmsKeyId": w.make(keyType, "key", in{}).text("arn")}) },
		passes: func(w *world) error {
			return w.aurora(in{"storageEncrypted": true, "kmsKeyId": w.make(keyType, "key", in{}).text("arn")})
		},
	},
	"a restore from a known snapshot": {
		want:    "DBClusterSnapshotNotFoundFault: DBClusterSnapshot not found: none",
		refuses: func(w *world) error { return w.aurora(in{"snapshotIdentifier": "none"}) },
		passes: func(w *world) error {
			final := aurora(in{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "final-1"})
			if err := w.delete(w.make(clusterType, "db", final)); err != nil {
				return err
			}
			return w.aurora(in{
				"snapshotIdentifier": "arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:final-1",
			})
		},
	},
	"a restore from a snapshot under a key that is there": {
		want: "KMSKeyNotAccessibleFault: The specified KMS key [old] does not exist, is not enabled or you do not " +
			"have permissions to access it",
		refuses: func(w *world) error {
			key := w.make(keyType, "old", in{})
			w.snapshotUnder(key)
			if err := w.delete(key); err != nil {
				return err
			}
			err := w.aurora(in{"snapshotIdentifier": "final-1"})
			if err == nil {
				return nil
			}
			return errors.New(strings.ReplaceAll(err.Error(), key.text("arn"), "old"))
		},
		passes: func(w *world) error {
			w.snapshotUnder(w.make(keyType, "old", in{}))
			return w.aurora(in{"snapshotIdentifier": "final-1"})
		},
	},
	"a restore from a known cluster": {
		want: "DBClusterNotFoundFault: DBCluster none not found",
		refuses: func(w *world) error {
			return w.aurora(in{"restoreToPointInTime": in{
				"sourceClusterIdentifier": "none",
				"useLatestRestorableTime": true,
			}})
		},
		passes: func(w *world) error {
			w.make(clusterType, "source", aurora(in{"clusterIdentifier": "source"}))
			return w.aurora(in{"restoreToPointInTime": in{
				"sourceClusterIdentifier": "source",
				"useLatestRestorableTime": true,
			}})
		},
	},
	"one cluster an identifier": {
		want: "DBClusterAlreadyExistsFault: DB Cluster already exists: db",
		refuses: func(w *world) error {
			w.make(clusterType, "first", aurora(nil))
			return w.aurora(nil)
		},
		passes: func(w *world) error {
			w.make(clusterType, "first", aurora(in{"clusterIdentifier": "db-r1"}))
			return w.aurora(nil)
		},
	},
	"a major upgrade is asked for": {
		want: "InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a " +
			"new major version",
		refuses: func(w *world) error {
			return failed(w.update(w.make(clusterType, "db", aurora(nil)), aurora(in{"engineVersion": "18"})))
		},
		passes: func(w *world) error {
			return failed(w.update(w.make(clusterType, "db", aurora(nil)),
				aurora(in{"engineVersion": "18", "allowMajorVersionUpgrade": true})))
		},
	},
	"no downgrade of a cluster": {
		want: "InvalidParameterCombination: Cannot upgrade aurora-postgresql from 17.9 to 17.7",
		refuses: func(w *world) error {
			// What is asked for by its major version alone is asked for again with every change.
			loose := w.make(clusterType, "loose", aurora(in{"clusterIdentifier": "loose"}))
			w.upgradedByAWS(loose, "17.9")
			if failed(w.update(loose, aurora(in{"clusterIdentifier": "loose", "backupRetentionPeriod": 7}))) == nil {
				return nil
			}
			return failed(w.update(w.make(clusterType, "db", aurora(in{"engineVersion": "17.9"})),
				aurora(in{"engineVersion": "17.7"})))
		},
		passes: func(w *world) error {
			pinned := w.make(clusterType, "db", aurora(in{"engineVersion": "17.9"}))
			return failed(w.update(pinned, aurora(in{"engineVersion": "17.10"})))
		},
	},
	"a protected cluster stays": {
		want: "InvalidParameterCombination: Cannot delete protected Cluster, please disable deletion protection and " +
			"try again: db",
		refuses: func(w *world) error {
			return w.delete(w.make(clusterType, "db", aurora(in{"deletionProtection": true})))
		},
		passes: func(w *world) error {
			lifted, err := w.update(w.make(clusterType, "db", aurora(in{"deletionProtection": true})),
				aurora(in{"deletionProtection": false}))
			if err != nil {
				return err
			}
			return w.delete(lifted)
		},
	},
	"a cluster with instances stays": {
		want: "InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB instances in " +
			"non-deleting state: db-1",
		refuses: func(w *world) error {
			d := w.database(nil)
			w.make(clusterInstanceType, "one", instanceOf(d, nil))
			return w.delete(d.cluster)
		},
		passes: func(w *world) error {
			d := w.database(nil)
			if err := w.delete(w.make(clusterInstanceType, "one", instanceOf(d, nil))); err != nil {
				return err
			}
			return w.delete(d.cluster)
		},
	},
	"a final snapshot's name is free": {
		want: "DBClusterSnapshotAlreadyExistsFault: Cannot create the cluster snapshot because one with the " +
			"identifier final-1 already exists",
		refuses: func(w *world) error {
			final := aurora(in{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "final-1"})
			if err := w.delete(w.make(clusterType, "db", final)); err != nil {
				return err
			}
			return w.delete(w.make(clusterType, "db", final))
		},
		passes: func(w *world) error {
			for _, name := range []string{"final-1", "final-2"} {
				if err := w.delete(w.make(clusterType, "db",
					aurora(in{"skipFinalSnapshot": false, "finalSnapshotIdentifier": name}))); err != nil {
					return err
				}
			}
			return nil
		},
	},
	"a protected global database stays": {
		want: "InvalidParameterCombination: Cannot delete protected Global Cluster, please disable deletion " +
			"protection and try again: world",
		refuses: func(w *world) error {
			return w.delete(w.make(globalClusterType, "g", in{
				"globalClusterIdentifier": "world",
				"engine":                  auroraPostgres,
				"engineVersion":           "17.7",
				"storageEncrypted":        true,
				"deletionProtection":      true,
			}))
		},
		passes: func(w *world) error {
			return w.delete(w.make(globalClusterType, "g", in{
				"globalClusterIdentifier": "world",
				"engine":                  auroraPostgres,
				"engineVersion":           "17.7",
				"storageEncrypted":        true,
			}))
		},
	},
	"a global database of a known cluster": {
		want: "DBClusterNotFoundFault: Source cluster arn:aws:rds:ap-northeast-1:123456789012:cluster:none not found",
		refuses: func(w *world) error {
			return failed(w.try(globalClusterType, "g", in{
				"globalClusterIdentifier":   "world",
				"sourceDbClusterIdentifier": "arn:aws:rds:ap-northeast-1:123456789012:cluster:none",
			}))
		},
		passes: func(w *world) error {
			return failed(w.try(globalClusterType, "g", in{
				"globalClusterIdentifier":   "world",
				"sourceDbClusterIdentifier": w.make(clusterType, "db", aurora(nil)).text("arn"),
			}))
		},
	},
	"an instance of a known cluster": {
		want: "DBClusterNotFoundFault: DBCluster none not found",
		refuses: func(w *world) error {
			return w.instance(database{}, in{"clusterIdentifier": "none", "dbSubnetGroupName": nil})
		},
		passes: func(w *world) error { return w.instance(w.database(nil), nil) },
	},
	"one instance an identifier": {
		want: "DBInstanceAlreadyExists: DB Instance already exists: db-1",
		refuses: func(w *world) error {
			d := w.database(nil)
			w.make(clusterInstanceType, "first", instanceOf(d, nil))
			return w.instance(d, nil)
		},
		passes: func(w *world) error {
			d := w.database(nil)
			w.make(clusterInstanceType, "first", instanceOf(d, nil))
			return w.instance(d, in{"identifier": "db-2"})
		},
	},
	"an instance in a zone of its subnet group": {
		want: "InvalidParameterCombination: DB subnet group db-group has no subnet in ap-northeast-1d, only in " +
			"ap-northeast-1a, ap-northeast-1c",
		refuses: func(w *world) error {
			d := w.database(nil)
			w.make(databaseSubnetsType, "group",
				in{"name": "db-group", "subnetIds": []any{d.network.private.id, d.network.other.id}})
			return w.instance(d, in{"dbSubnetGroupName": "db-group", "availabilityZone": "ap-northeast-1d"})
		},
		passes: func(w *world) error { return w.instance(w.database(nil), in{"availabilityZone": "ap-northeast-1a"}) },
	},
	"a monitored instance has a role": {
		want: "InvalidParameterCombination: A MonitoringRoleARN value is required if you specify a " +
			"MonitoringInterval value other than 0",
		refuses: func(w *world) error { return w.instance(w.database(nil), in{"monitoringInterval": 60}) },
		passes:  func(w *world) error { return w.instance(w.database(nil), in{"monitoringInterval": 0}) },
	},
	"a known monitoring role": {
		want: "InvalidParameterValue: IAM role ARN value is invalid or does not include the required permissions " +
			"for: ENHANCED_MONITORING: arn:aws:iam::123456789012:role/none (monitoring.rds.amazonaws.com)",
		refuses: func(w *world) error {
			return w.instance(w.database(nil),
				in{"monitoringInterval": 60, "monitoringRoleArn": "arn:aws:iam::123456789012:role/none"})
		},
		passes: func(w *world) error {
			role := w.make(roleType, "monitoring", in{"assumeRolePolicy": trust})
			w.make(policyAttachmentType, "monitoring", in{
				"role": role.id, "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
			})
			return w.instance(w.database(nil), in{"monitoringInterval": 60, "monitoringRoleArn": role.text("arn")})
		},
	},
	"a subnet group of known subnets": {
		want: "InvalidSubnet: The subnet ID 'subnet-none' does not exist",
		refuses: func(w *world) error {
			return failed(w.try(databaseSubnetsType, "db", in{"subnetIds": []any{"subnet-none"}}))
		},
		passes: func(w *world) error { w.database(nil); return nil },
	},
	"a subnet group in two zones": {
		want: "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage " +
			"requirement. Current AZ coverage: ap-northeast-1a. Add subnets to cover at least 2 AZs",
		refuses: func(w *world) error {
			n := w.network()
			return failed(w.try(databaseSubnetsType, "db", in{"subnetIds": []any{n.public.id, n.private.id}}))
		},
		passes: func(w *world) error { w.database(nil); return nil },
	},
	"used subnets stay in their group": {
		want: "InvalidSubnet: Some of the subnets to be deleted are currently in use: subnet-*",
		refuses: func(w *world) error {
			d := w.database(nil)
			w.make(clusterInstanceType, "one", instanceOf(d, nil)) // in the zone of the other subnet
			third := w.make(subnetType, "third", in{
				"vpcId": d.network.vpc.id, "cidrBlock": "10.0.77.0/24", "availabilityZone": "ap-northeast-1d",
			})
			return plain(failed(w.update(d.subnets, in{"subnetIds": []any{d.network.private.id, third.id}})))
		},
		passes: func(w *world) error {
			d := w.database(nil)
			w.make(clusterInstanceType, "one", instanceOf(d, nil))
			third := w.make(subnetType, "third", in{
				"vpcId": d.network.vpc.id, "cidrBlock": "10.0.77.0/24", "availabilityZone": "ap-northeast-1d",
			})
			return failed(w.update(d.subnets, in{"subnetIds": []any{third.id, d.network.other.id}}))
		},
	},
	"a subnet group in use stays": {
		want: "InvalidDBSubnetGroupStateFault: Cannot delete the subnet group 'db-group' because at least one " +
			"database cluster: db is still using it",
		refuses: func(w *world) error {
			n := w.network()
			group := w.make(databaseSubnetsType, "db",
				in{"name": "db-group", "subnetIds": []any{n.private.id, n.other.id}})
			w.make(clusterType, "db", aurora(in{"dbSubnetGroupName": group.id}))
			return w.delete(group)
		},
		passes: func(w *world) error {
			d := w.database(nil)
			if err := w.delete(d.cluster); err != nil {
				return err
			}
			return w.delete(d.subnets)
		},
	},
	"a static parameter waits for a restart": {
		want: "InvalidParameterCombination: cannot use immediate apply method for static parameter: max_connections",
		refuses: func(w *world) error {
			return w.parameters(in{"name": "max_connections", "value": "500", "applyMethod": "immediate"})
		},
		passes: func(w *world) error {
			if err := w.parameters(in{
				"name":        "max_connections",
				"value":       "500",
				"applyMethod": "pending-reboot",
			}); err != nil {
				return err
			}
			return w.parameters(in{"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"})
		},
	},
	"a parameter group in use stays": {
		want: "InvalidDBParameterGroupState: One or more database clusters are still members of this parameter " +
			"group pg, so the group cannot be deleted: db",
		refuses: func(w *world) error {
			group := w.make(clusterParametersType, "pg", in{"name": "pg", "family": "aurora-postgresql17"})
			w.make(clusterType, "db", aurora(in{"dbClusterParameterGroupName": group.id}))
			return w.delete(group)
		},
		passes: func(w *world) error {
			d := w.database(nil)
			if err := w.delete(d.cluster); err != nil {
				return err
			}
			return w.delete(d.parameters)
		},
	},
}
