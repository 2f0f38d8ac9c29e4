package data

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	rdsCluster  = "aws:rds/cluster:Cluster"
	rdsInstance = "aws:rds/clusterInstance:ClusterInstance"
	rdsGlobal   = "aws:rds/globalCluster:GlobalCluster"
	logGroup    = "aws:cloudwatch/logGroup:LogGroup"
	randomWord  = "random:index/randomPassword:RandomPassword"
	randomID    = "random:index/randomId:RandomId"
)

func auroraConfig() AuroraConfig {
	return AuroraConfig{
		EngineVersion: "17.7",
		MinACU:        0.5,
		MaxACU:        16,
		Instances: []AuroraInstanceConfig{
			{Number: 1, ZoneIndex: 1}, {Number: 2, ZoneIndex: 2, PromotionTier: 1},
		},
		BackupRetentionDays:         7,
		BackupWindow:                "18:00-19:00",
		MaintenanceWindow:           "sun:19:30-sun:20:30",
		LogRetentionDays:            30,
		SlowStatementMilliseconds:   1000,
		MonitoringSeconds:           60,
		Insights:                    AuroraInsightsConfig{Mode: "standard", RetentionDays: 7},
		MasterPasswordRotation:      1,
		ApplicationPasswordRotation: 3,
		Clusters:                    map[string]AuroraClusterConfig{"main": {}},
		Active:                      "main",
	}
}

func auroraArgs() *AuroraArgs {
	return &AuroraArgs{
		Config:               auroraConfig(),
		Stack:                recorder.Production,
		Zones:                map[int]string{1: "ap-northeast-1a", 2: "ap-northeast-1c"},
		SubnetIDs:            pulumi.ToStringArray([]string{"subnet-a", "subnet-c"}),
		SecurityGroupID:      text("sg-database"),
		DataKeyArn:           text("arn:data-key"),
		LogKeyArn:            text("arn:log-key"),
		NotificationTopicArn: text("arn:topic"),
		RunbookBase:          "https://example.com/operations.md",
	}
}

func buildAurora(change func(*AuroraArgs)) (*recorder.Recorder, *AuroraCluster, error) {
	args := auroraArgs()
	var aurora *AuroraCluster
	r, err := run(func(
		ctx *pulumi.Context, recovery pulumi.ProviderResource, opts ...pulumi.ResourceOption,
	) (err error) {
		args.Recovery, args.RecoveryRegion = recovery, "ap-northeast-3"
		if change != nil {
			change(args)
		}
		aurora, err = NewAuroraCluster(ctx, "aurora", args, opts...)
		return err
	})
	return r, aurora, err
}

func mustBuildAurora(t *testing.T, change func(*AuroraArgs)) *recorder.Recorder {
	t.Helper()
	r, _, err := buildAurora(change)
	require.NoError(t, err)
	return r
}

func TestAuroraChildren(t *testing.T) {
	r := mustBuildAurora(t, nil)
	underTheComponent(t, r, AuroraType)
	assert.Equal(t, []string{
		"EventRule db-cluster-events", "EventRule db-instance-events", "EventTarget db-cluster-events",
		"EventTarget db-instance-events", "LogGroup log", "Role monitoring", "RolePolicyAttachment monitoring",
		"Cluster cluster",
		"ClusterInstance instance-1", "ClusterInstance instance-2", "ClusterParameterGroup parameters",
		"SubnetGroup subnets",
		"RandomId final-snapshot", "RandomPassword application-password", "RandomPassword master-password",
	}, children(r, "aurora"))
}

func TestWhatRDSReportsIsHeard(t *testing.T) {
	r := mustBuildAurora(t, nil)
	for source, pattern := range map[string]string{
		"db-cluster": `{"source":["aws.rds"],"detail-type":["RDS DB Cluster Event"],
			"resources":["arn:aws:rds:ap-northeast-1:111122223333:cluster:bookmark-manager-production-aurora"],
			"detail":{"EventCategories":["failover","failure","global-failover","maintenance"]}}`,
		"db-instance": `{"source":["aws.rds"],"detail-type":["RDS DB Instance Event"],
			"resources":["arn:aws:rds:ap-northeast-1:111122223333:db:bookmark-manager-production-aurora-1",
				"arn:aws:rds:ap-northeast-1:111122223333:db:bookmark-manager-production-aurora-2"],
			"detail":{"EventCategories":["failover","failure","low storage","recovery"]}}`,
	} {
		rule := get(t, r, "aws:cloudwatch/eventRule:EventRule", "aurora-"+source+"-events")
		assert.JSONEq(t, pattern, rule.Input("eventPattern").(string), source)
		target := get(t, r, "aws:cloudwatch/eventTarget:EventTarget", "aurora-"+source+"-events")
		assert.Equal(t, "arn:topic", target.Input("arn"), source)
		assert.Contains(t, target.Input("inputTransformer.inputTemplate"), `"description":<message>,`, source)
		assert.Contains(t, target.Input("inputTransformer.inputTemplate"),
			`"Runbook: https://example.com/operations.md#database-events"`, source)
	}
}

func TestAuroraClusterIsWhatTheDesignAsksFor(t *testing.T) {
	cluster := get(t, mustBuildAurora(t, nil), rdsCluster, "aurora-cluster")
	assert.True(t, cluster.IsSecret("masterPassword"))
	for input, want := range map[string]any{
		"clusterIdentifier":                  "bookmark-manager-production-aurora",
		"engine":                             "aurora-postgresql",
		"engineVersion":                      "17.7",
		"allowMajorVersionUpgrade":           false,
		"applyImmediately":                   false,
		"databaseName":                       "bookmarkdb",
		"masterUsername":                     "dbadmin",
		"masterPassword":                     "generated-aurora-master-password",
		"port":                               5432.0,
		"dbSubnetGroupName":                  "aurora-subnets-1234567",
		"vpcSecurityGroupIds":                []any{"sg-database"},
		"dbClusterParameterGroupName":        "aurora-parameters-1234567",
		"dbInstanceParameterGroupName":       nil,
		"storageEncrypted":                   true,
		"kmsKeyId":                           "arn:data-key",
		"serverlessv2ScalingConfiguration":   map[string]any{"minCapacity": 0.5, "maxCapacity": 16.0},
		"backupRetentionPeriod":              7.0,
		"preferredBackupWindow":              "18:00-19:00",
		"preferredMaintenanceWindow":         "sun:19:30-sun:20:30",
		"copyTagsToSnapshot":                 true,
		"deleteAutomatedBackups":             false,
		"deletionProtection":                 true,
		"skipFinalSnapshot":                  false,
		"finalSnapshotIdentifier":            "bookmark-manager-production-aurora-final-0a1b2c3d",
		"enabledCloudwatchLogsExports":       []any{"postgresql"},
		"iamDatabaseAuthenticationEnabled":   false,
		"databaseInsightsMode":               "standard",
		"performanceInsightsEnabled":         true,
		"performanceInsightsKmsKeyId":        "arn:data-key",
		"performanceInsightsRetentionPeriod": 7.0,
		"snapshotIdentifier":                 nil,
		"restoreToPointInTime":               nil,
	} {
		assert.Equal(t, want, cluster.Input(input), input)
	}
	assert.ElementsMatch(t,
		[]string{"snapshotIdentifier", "restoreToPointInTime", "globalClusterIdentifier", "engineVersion"},
		cluster.IgnoreChanges)
}

func TestAuroraInstancesLieInTwoZones(t *testing.T) {
	r := mustBuildAurora(t, nil)
	for number, want := range map[string]map[string]any{
		"1": {
			"identifier":       "bookmark-manager-production-aurora-1",
			"availabilityZone": "ap-northeast-1a",
			"promotionTier":    0.0,
		},
		"2": {
			"identifier":       "bookmark-manager-production-aurora-2",
			"availabilityZone": "ap-northeast-1c",
			"promotionTier":    1.0,
		},
	} {
		instance := get(t, r, rdsInstance, "aurora-instance-"+number)
		maps.Copy(want, map[string]any{
			"clusterIdentifier":                  "aurora-cluster-id",
			"engine":                             "aurora-postgresql",
			"engineVersion":                      nil,
			"instanceClass":                      "db.serverless",
			"publiclyAccessible":                 false,
			"autoMinorVersionUpgrade":            true,
			"applyImmediately":                   false,
			"copyTagsToSnapshot":                 true,
			"monitoringInterval":                 60.0,
			"monitoringRoleArn":                  "arn:aws:test:ap-northeast-1:111122223333:aurora-monitoring",
			"performanceInsightsEnabled":         true,
			"performanceInsightsKmsKeyId":        "arn:data-key",
			"performanceInsightsRetentionPeriod": 7.0,
			"preferredMaintenanceWindow":         "sun:19:30-sun:20:30",
			"dbSubnetGroupName":                  "aurora-subnets-1234567",
		})
		for input, value := range want {
			assert.Equal(t, value, instance.Input(input), number+" "+input)
		}
		assert.Contains(t, waitsFor(t, r, rdsInstance, "aurora-instance-"+number),
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment aurora-monitoring")
	}
}

func TestAuroraEnforcesTLSAndLogsSlowStatements(t *testing.T) {
	r := mustBuildAurora(t, nil)
	group := get(t, r, "aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora-parameters")
	assert.Equal(t, "aurora-postgresql17", group.Input("family"))
	values := map[string]any{}
	for _, one := range group.Input("parameters").([]any) {
		values[one.(map[string]any)["name"].(string)] = one.(map[string]any)["value"]
	}
	assert.Equal(t, map[string]any{
		"rds.force_ssl":              "1",
		"ssl_min_protocol_version":   "TLSv1.2",
		"log_min_duration_statement": "1000",
		"log_lock_waits":             "1",
	}, values)
	logs := get(t, r, logGroup, "aurora-log")
	assert.Equal(t, "/aws/rds/cluster/bookmark-manager-production-aurora/postgresql", logs.Input("name"))
	assert.Equal(t, 30.0, logs.Input("retentionInDays"))
	assert.Equal(t, "arn:log-key", logs.Input("kmsKeyId"))
	assert.Contains(t, waitsFor(t, r, rdsCluster, "aurora-cluster"), logGroup+" aurora-log")
}

func TestMonitoringRoleTrustsRDSForTheseInstances(t *testing.T) {
	r := mustBuildAurora(t, nil)
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],
		"Principal":{"Service":["monitoring.rds.amazonaws.com"]},
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]},
		"ArnLike":{"aws:SourceArn":["arn:aws:rds:ap-northeast-1:111122223333:db:bookmark-manager-production-aurora-*"]}}}]}`,
		get(t, r, "aws:iam/role:Role", "aurora-monitoring").Input("assumeRolePolicy").(string))
	assert.Equal(t, "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
		get(t, r, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aurora-monitoring").Input("policyArn"))
}

func TestTheApplicationsRolesTakeTurns(t *testing.T) {
	assert.Equal(t, "bookmark_app_1", ApplicationUsername(1))
	assert.Equal(t, "bookmark_app_2", ApplicationUsername(2))
	assert.Equal(t, "bookmark_app_1", ApplicationUsername(3))
}

func TestAuroraPasswordsRotateByTheirCounters(t *testing.T) {
	r, aurora, err := buildAurora(nil)
	require.NoError(t, err)
	for name, rotation := range map[string]string{"aurora-master-password": "1", "aurora-application-password": "3"} {
		password := get(t, r, randomWord, name)
		assert.Equal(t, 40.0, password.Input("length"))
		assert.Equal(t, false, password.Input("special"))
		assert.Equal(t, map[string]any{"rotation": rotation}, password.Input("keepers"))
	}
	assert.NotNil(t, aurora)
	assert.Equal(t, map[string]any{"key": "arn:data-key", "subnets": "aurora-subnets-1234567"},
		get(t, r, randomID, "aurora-final-snapshot").Input("keepers"),
		"what replaces the cluster makes a new snapshot name")
}

func TestAuroraProtection(t *testing.T) {
	for name, c := range map[string]struct {
		disposable, teardown bool
		protected            []string
		deletionProtection   bool
		skipFinalSnapshot    bool
	}{
		"a stack that stays":      {false, false, []string{rdsCluster + " aurora-cluster"}, true, false},
		"a stack that comes down": {false, true, nil, false, false},
		"a throw-away stack":      {true, false, nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustBuildAurora(t, func(a *AuroraArgs) { a.Disposable, a.Teardown = c.disposable, c.teardown })
			assert.Equal(t, c.protected, protected(r))
			cluster := get(t, r, rdsCluster, "aurora-cluster")
			assert.Equal(t, c.deletionProtection, cluster.Input("deletionProtection"))
			assert.Equal(t, c.skipFinalSnapshot, cluster.Input("skipFinalSnapshot"))
			assert.Equal(t, c.disposable, cluster.Input("deleteAutomatedBackups"))
		})
	}
}

func TestStagingMayPause(t *testing.T) {
	r := mustBuildAurora(t, func(a *AuroraArgs) {
		a.Production, a.Config.MinACU, a.Config.MaxACU, a.Config.PauseAfterSeconds = false, 0, 2, 600
	})
	assert.Equal(t, map[string]any{"minCapacity": 0.0, "maxCapacity": 2.0, "secondsUntilAutoPause": 600.0},
		get(t, r, rdsCluster, "aurora-cluster").Input("serverlessv2ScalingConfiguration"))
}

func TestAMajorUpgradeIsAllowedExplicitly(t *testing.T) {
	r := mustBuildAurora(t, func(a *AuroraArgs) {
		a.Config.EngineVersion, a.Config.AllowMajorVersionUpgrade, a.Config.ApplyImmediately = "18.3", true, true
	})
	cluster := get(t, r, rdsCluster, "aurora-cluster")
	assert.Equal(t, "18.3", cluster.Input("engineVersion"))
	assert.NotContains(t, cluster.IgnoreChanges, "engineVersion")
	assert.Equal(t, true, cluster.Input("allowMajorVersionUpgrade"))
	assert.Nil(t, cluster.Input("dbInstanceParameterGroupName"), "only instances with a group of their own need one")
	assert.Equal(t, "aurora-postgresql18",
		get(t, r, "aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora-parameters").Input("family"))
}

func TestARecoveryIsAClusterBesideTheOther(t *testing.T) {
	r, aurora, err := buildAurora(func(a *AuroraArgs) {
		a.Config.Clusters = map[string]AuroraClusterConfig{
			"main": {Retire: true},
			"r1":   {Restore: &AuroraRestoreConfig{FromCluster: "main", Time: "2026-01-31T03:00:00Z"}},
			"r2":   {Restore: &AuroraRestoreConfig{Snapshot: "before-release", EngineVersion: "17.7"}},
			"r3":   {Restore: &AuroraRestoreConfig{FromResourceID: "cluster-ABC"}},
		}
		a.Config.Active, a.Config.EngineVersion = "r1", "17.9"
	})
	require.NoError(t, err)
	var identifier string
	done := make(chan struct{})
	aurora.ClusterIdentifier.ApplyT(func(v string) string { identifier = v; close(done); return v })
	<-done
	assert.Equal(t, "bookmark-manager-production-aurora-r1", identifier, "outputs are those of the active cluster")
	assert.Equal(t, []string{rdsCluster + " aurora-cluster-r1", rdsCluster + " aurora-cluster-r2",
		rdsCluster + " aurora-cluster-r3"}, protected(r))

	main := get(t, r, rdsCluster, "aurora-cluster")
	assert.Equal(t, false, main.Input("deletionProtection"))
	assert.Equal(t, false, main.Input("skipFinalSnapshot"), "a retired cluster leaves a final snapshot")

	r1 := get(t, r, rdsCluster, "aurora-cluster-r1")
	assert.Equal(t, map[string]any{
		"restoreType":             "full-copy",
		"sourceClusterIdentifier": "bookmark-manager-production-aurora",
		"restoreToTime":           "2026-01-31T03:00:00Z",
	}, r1.Input("restoreToPointInTime"))
	assert.Equal(t, "17.9", r1.Input("engineVersion"))
	assert.Equal(t, "bookmark-manager-production-aurora-r1-1",
		get(t, r, rdsInstance, "aurora-instance-r1-1").Input("identifier"))
	assert.Equal(t, "/aws/rds/cluster/bookmark-manager-production-aurora-r1/postgresql",
		get(t, r, logGroup, "aurora-log-r1").Input("name"))

	r2 := get(t, r, rdsCluster, "aurora-cluster-r2")
	assert.Equal(t, "before-release", r2.Input("snapshotIdentifier"))
	assert.Equal(t, "17.7", r2.Input("engineVersion"), "the snapshot's own")
	assert.Contains(t, r2.IgnoreChanges, "engineVersion", "AWS moves on from 17.7")

	assert.Equal(t, map[string]any{
		"restoreType":             "full-copy",
		"sourceClusterResourceId": "cluster-ABC",
		"useLatestRestorableTime": true,
	},
		get(t, r, rdsCluster, "aurora-cluster-r3").Input("restoreToPointInTime"))
}

func TestARestoredClusterCanBeUpgraded(t *testing.T) {
	r := mustBuildAurora(t, func(a *AuroraArgs) {
		a.Config.AllowMajorVersionUpgrade, a.Config.ApplyImmediately, a.Config.EngineVersion = true, true, "17.9"
		a.Config.Clusters["main"] = AuroraClusterConfig{Restore: &AuroraRestoreConfig{
			Snapshot:      "s",
			EngineVersion: "17.7",
		}}
	})
	cluster := get(t, r, rdsCluster, "aurora-cluster")
	assert.Equal(t, "17.9", cluster.Input("engineVersion"))
	assert.NotContains(t, cluster.IgnoreChanges, "engineVersion")
}

func TestGlobalDatabase(t *testing.T) {
	global := func(a *AuroraArgs) {
		a.Config.Global = &AuroraGlobalConfig{
			SubnetIDs:        []string{"subnet-1", "subnet-2"},
			SecurityGroupIDs: []string{"sg-1"},
		}
	}
	r := mustBuildAurora(t, global)
	made := get(t, r, rdsGlobal, "aurora-global")
	assert.Equal(t, "bookmark-manager-production-global", made.Input("globalClusterIdentifier"))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:aurora-cluster", made.Input("sourceDbClusterIdentifier"))
	assert.Equal(t, true, made.Input("deletionProtection"))
	secondary := get(t, r, rdsCluster, "aurora-secondary")
	for input, want := range map[string]any{
		"clusterIdentifier":                "bookmark-manager-production-aurora-secondary",
		"globalClusterIdentifier":          "aurora-global-id",
		"engineVersion":                    "17.7",
		"storageEncrypted":                 true,
		"kmsKeyId":                         "arn:aws:test:ap-northeast-1:111122223333:aurora-secondary",
		"vpcSecurityGroupIds":              []any{"sg-1"},
		"deletionProtection":               true,
		"skipFinalSnapshot":                true,
		"masterPassword":                   nil,
		"copyTagsToSnapshot":               true,
		"serverlessv2ScalingConfiguration": map[string]any{"minCapacity": 0.5, "maxCapacity": 16.0},
	} {
		assert.Equal(t, want, secondary.Input(input), input)
	}
	assert.ElementsMatch(t, []string{"engineVersion", "replicationSourceIdentifier"}, secondary.IgnoreChanges)
	for input, want := range map[string]any{
		"instanceClass":           "db.serverless",
		"publiclyAccessible":      false,
		"autoMinorVersionUpgrade": true,
		"copyTagsToSnapshot":      true,
	} {
		assert.Equal(t, want, get(t, r, rdsInstance, "aurora-secondary-1").Input(input), input)
	}
	key := get(t, r, kmsKey, "aurora-secondary")
	assert.Equal(t, true, key.Input("enableKeyRotation"))
	assert.JSONEq(t, throughServices("rds.ap-northeast-3"), key.Input("policy").(string))
	for _, one := range []struct{ typ, name string }{
		{rdsCluster, "aurora-secondary"}, {rdsInstance, "aurora-secondary-1"}, {kmsKey, "aurora-secondary"},
		{"aws:rds/subnetGroup:SubnetGroup", "aurora-secondary"},
	} {
		assert.Contains(t, get(t, r, one.typ, one.name).Provider, "::recovery::", one.name+" is in the recovery region")
	}
	assert.Contains(t, get(t, r, rdsGlobal, "aurora-global").Provider, "::aws::")
	assert.Equal(t,
		[]string{rdsCluster + " aurora-cluster", rdsCluster + " aurora-secondary", rdsGlobal + " aurora-global"},
		protected(r))

	r, _, err := buildAurora(func(a *AuroraArgs) { global(a); a.Recovery = nil })
	refused(t, r, err,
		"Recovery and RecoveryRegion, another region than ap-northeast-1, are required for a global database")
	r, _, err = buildAurora(func(a *AuroraArgs) { global(a); a.RecoveryRegion = a.Region })
	refused(t, r, err, "another region than ap-northeast-1")
}

func TestAuroraRefusesMissingWiring(t *testing.T) {
	for name, change := range map[string]func(*AuroraArgs){
		"subnets":        func(a *AuroraArgs) { a.SubnetIDs = nil },
		"security group": func(a *AuroraArgs) { a.SecurityGroupID = nil },
		"data key":       func(a *AuroraArgs) { a.DataKeyArn = nil },
		"log key":        func(a *AuroraArgs) { a.LogKeyArn = nil },
		"topic":          func(a *AuroraArgs) { a.NotificationTopicArn = nil },
		"runbook":        func(a *AuroraArgs) { a.RunbookBase = "" },
	} {
		r, _, err := buildAurora(change)
		require.Error(t, err, name)
		refused(t, r, err,
			"aurora \"aurora\": SubnetIDs, SecurityGroupID, DataKeyArn, LogKeyArn, NotificationTopicArn and "+
				"RunbookBase are required")
	}
	r, _, err := buildAurora(func(a *AuroraArgs) { a.Environment = "" })
	refused(t, r, err, "Environment, Region and AccountID are required")
	r, _, err = buildAurora(func(a *AuroraArgs) { a.Config.MaxACU = 0 })
	refused(t, r, err, `aurora "aurora": maxAcu: found 0`)
}
