package data

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	atlasCluster  = "mongodbatlas:index/advancedCluster:AdvancedCluster"
	atlasSchedule = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
	atlasUser     = "mongodbatlas:index/databaseUser:DatabaseUser"
	atlasEntry    = "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList"
	atlasAlertCfg = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
	atlasAudit    = "mongodbatlas:index/auditing:Auditing"
	atlasWindow   = "mongodbatlas:index/maintenanceWindow:MaintenanceWindow"
	atlasLink     = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"
	atlasLinked   = "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService"
	project       = "0123456789abcdef01234567"
)

func atlasConfig() AtlasConfig {
	return AtlasConfig{
		ProjectID:        project,
		MongoDBVersion:   "8.0",
		InstanceSize:     "M10",
		Nodes:            3,
		DiskSizeGB:       10,
		Access:           AtlasByNat,
		Database:         "bookmarks",
		PasswordRotation: 1,
		Backup: AtlasBackupConfig{
			HourUTC:             18,
			MinuteUTC:           30,
			RestoreWindowDays:   2,
			HourlyInterval:      6,
			HourlyRetentionDays: 2,
			DailyRetentionDays:  7,
			CopyRegion:          "AP_NORTHEAST_3",
		},
		Alerts:      AtlasAlertsConfig{CPUPercent: 80, ConnectionsPercent: 75, DiskPercent: 70, OplogHours: 24},
		Auditing:    AtlasAuditingConfig{Ownership: Create},
		Maintenance: AtlasMaintenanceConfig{Ownership: Create, DayOfWeek: 1, Hour: 19},
	}
}

func atlasArgs() *AtlasArgs {
	return &AtlasArgs{
		Config: atlasConfig(),
		Stack:  recorder.Production,
		NatPublicIPs: map[string]pulumi.StringInput{
			"ap-northeast-1a": text("203.0.113.1"),
			"ap-northeast-1c": text("203.0.113.2"),
		},
	}
}

func buildAtlas(change func(*AtlasArgs)) (*recorder.Recorder, *AtlasCluster, error) {
	args := atlasArgs()
	if change != nil {
		change(args)
	}
	var atlas *AtlasCluster
	r := recorder.New()
	r.Answer("mongodbatlas:index/getAdvancedCluster:getAdvancedCluster",
		func(asked resource.PropertyMap) (resource.PropertyMap, error) {
			if asked["name"].StringValue() == "gone" {
				return resource.PropertyMap{"connectionStrings": resource.NewArrayProperty(nil)}, nil
			}
			if asked["name"].StringValue() != "bookmark-mgr-production" || asked["projectId"].StringValue() != project {
				return nil, fmt.Errorf("no cluster %v", asked)
			}
			return resource.NewPropertyMapFromMap(map[string]any{"connectionStrings": []any{map[string]any{
				"standardSrv": "mongodb+srv://public.abc12.mongodb.net",
				"privateEndpoints": []any{
					map[string]any{
						"srvConnectionString": "mongodb+srv://other-pl-0.abc12.mongodb.net",
						"endpoints":           []any{map[string]any{"endpointId": "vpce-other"}},
					},
					map[string]any{
						"srvConnectionString": "mongodb+srv://private-pl-0.abc12.mongodb.net",
						"endpoints":           []any{map[string]any{"endpointId": "atlas-endpoint-id"}},
					},
				},
			}}}), nil
		})
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) (err error) {
		atlas, err = NewAtlasCluster(ctx, "atlas", args, opts...)
		return err
	}, "aws", "mongodbatlas", "random")
	return r, atlas, err
}

func mustBuildAtlas(t *testing.T, change func(*AtlasArgs)) (*recorder.Recorder, *AtlasCluster) {
	t.Helper()
	r, atlas, err := buildAtlas(change)
	require.NoError(t, err)
	return r, atlas
}

func byPrivateLink(a *AtlasArgs) {
	a.Config.Access, a.NatPublicIPs = AtlasByPrivateLink, nil
	a.VpcID, a.SubnetIDs, a.SecurityGroupID = text("vpc-1"), pulumi.ToStringArray([]string{"subnet-a", "subnet-c"}),
		text("sg-atlas")
}

// valueOf waits for an output after the program has run.
func valueOf(t *testing.T, output pulumi.StringOutput) string {
	t.Helper()
	result := make(chan string, 1)
	output.ApplyT(func(v string) string { result <- v; return v })
	return <-result
}

func TestAtlasChildren(t *testing.T) {
	r, _ := mustBuildAtlas(t, nil)
	underTheComponent(t, r, AtlasType)
	alerts := []string{
		"AlertConfiguration alert-connections", "AlertConfiguration alert-cpu", "AlertConfiguration alert-disk",
		"AlertConfiguration alert-host-down",
		"AlertConfiguration alert-no-primary", "AlertConfiguration alert-oplog-behind",
		"AlertConfiguration alert-oplog-window",
		"AlertConfiguration alert-snapshot-failed",
	}
	assert.Equal(t, append(append([]string{"AdvancedCluster cluster"}, alerts...), "Auditing auditing",
		"CloudBackupSchedule backups",
		"DatabaseUser user-1", "MaintenanceWindow maintenance", "ProjectIpAccessList access-ap-northeast-1a",
		"ProjectIpAccessList access-ap-northeast-1c", "RandomPassword password-1"), children(r, "atlas"))
	r, _ = mustBuildAtlas(t, byPrivateLink)
	assert.Equal(t,
		append(append([]string{"VpcEndpoint endpoint", "AdvancedCluster cluster"}, alerts...), "Auditing auditing",
			"CloudBackupSchedule backups", "DatabaseUser user-1", "MaintenanceWindow maintenance",
			"PrivateLinkEndpoint link",
			"PrivateLinkEndpointService link", "RandomPassword password-1"), children(r, "atlas"))
}

func TestAtlasClusterIsWhatTheDesignAsksFor(t *testing.T) {
	r, _ := mustBuildAtlas(t, nil)
	cluster := get(t, r, atlasCluster, "atlas-cluster")
	for input, want := range map[string]any{
		"projectId":                    project,
		"name":                         "bookmark-mgr-production",
		"clusterType":                  "REPLICASET",
		"mongoDbMajorVersion":          "8.0",
		"backupEnabled":                true,
		"pitEnabled":                   true,
		"retainBackupsEnabled":         true,
		"terminationProtectionEnabled": true,
		"advancedConfiguration":        map[string]any{"minimumEnabledTlsProtocol": "TLS1_2"},
		"replicationSpecs": []any{map[string]any{"regionConfigs": []any{map[string]any{
			"providerName": "AWS", "regionName": "AP_NORTHEAST_1", "priority": 7.0,
			"electableSpecs": map[string]any{"instanceSize": "M10", "nodeCount": 3.0, "diskSizeGb": 10.0},
			"autoScaling":    map[string]any{"diskGbEnabled": true},
		}}}},
		"tags": []any{
			map[string]any{"key": "Environment", "value": "production"},
			map[string]any{"key": "ManagedBy", "value": "pulumi"},
			map[string]any{"key": "Project", "value": "bookmark-manager"},
		},
	} {
		assert.Equal(t, want, cluster.Input(input), input)
	}
	assert.Equal(t, []string{"replicationSpecs[0].regionConfigs[0].electableSpecs.diskSizeGb"}, cluster.IgnoreChanges)
}

func TestAtlasMayChooseTheTier(t *testing.T) {
	r, _ := mustBuildAtlas(t, func(a *AtlasArgs) {
		a.Config.ComputeScaling = &AtlasScalingConfig{MinInstanceSize: "M10", MaxInstanceSize: "M30"}
	})
	cluster := get(t, r, atlasCluster, "atlas-cluster")
	assert.Equal(t, map[string]any{
		"diskGbEnabled":           true,
		"computeEnabled":          true,
		"computeScaleDownEnabled": true,
		"computeMinInstanceSize":  "M10",
		"computeMaxInstanceSize":  "M30",
	}, cluster.Input("replicationSpecs[0].regionConfigs[0].autoScaling"))
	assert.Contains(t, cluster.IgnoreChanges, "replicationSpecs[0].regionConfigs[0].electableSpecs.instanceSize")
}

func TestAtlasBackups(t *testing.T) {
	r, _ := mustBuildAtlas(t, nil)
	schedule := get(t, r, atlasSchedule, "atlas-backups")
	for input, want := range map[string]any{
		"projectId":             project,
		"clusterName":           "bookmark-mgr-production",
		"referenceHourOfDay":    18.0,
		"referenceMinuteOfHour": 30.0,
		"restoreWindowDays":     2.0,
		"policyItemHourly": map[string]any{
			"frequencyInterval": 6.0,
			"retentionUnit":     "days",
			"retentionValue":    2.0,
		},
		"policyItemDaily": map[string]any{"frequencyInterval": 1.0, "retentionUnit": "days", "retentionValue": 7.0},
		"copySettings": []any{map[string]any{
			"cloudProvider":    "AWS",
			"regionName":       "AP_NORTHEAST_3",
			"frequencies":      []any{"HOURLY", "DAILY", "ON_DEMAND"},
			"shouldCopyOplogs": true,
			"zoneId":           "zone-1",
		}},
	} {
		assert.Equal(t, want, schedule.Input(input), input)
	}
	r, _ = mustBuildAtlas(t, func(a *AtlasArgs) { a.Config.Backup.CopyRegion = "" })
	assert.Nil(t, get(t, r, atlasSchedule, "atlas-backups").Input("copySettings"))
}

func TestAtlasUserHasLeastRoles(t *testing.T) {
	r, _ := mustBuildAtlas(t, nil)
	user := get(t, r, atlasUser, "atlas-user-1")
	assert.True(t, user.IsSecret("password"))
	for input, want := range map[string]any{
		"projectId":        project,
		"authDatabaseName": "admin",
		"username":         "bookmark-manager-production-app-1",
		"password":         "generated-atlas-password-1",
		"roles":            []any{map[string]any{"roleName": "readWrite", "databaseName": "bookmarks"}},
		"scopes":           []any{map[string]any{"name": "bookmark-mgr-production", "type": "CLUSTER"}},
	} {
		assert.Equal(t, want, user.Input(input), input)
	}
	assert.Nil(t, get(t, r, randomWord, "atlas-password-1").Input("keepers"), "nothing but the counter changes it")
}

func TestARotationKeepsThePreviousAtlasUser(t *testing.T) {
	for rotation, want := range map[int][]string{
		1: {"atlas-user-1"},
		2: {"atlas-user-1", "atlas-user-2"},
		3: {"atlas-user-2", "atlas-user-3"},
	} {
		r, atlas := mustBuildAtlas(t, func(a *AtlasArgs) { a.Config.PasswordRotation = rotation })
		var users []string
		for _, user := range r.OfType(atlasUser) {
			users = append(users, user.Name)
		}
		assert.Equal(t, want, users)
		current := get(t, r, atlasUser, want[len(want)-1])
		assert.Equal(t, current.Input("username"), atlas.Username)
		assert.Equal(t, current.Input("password"), valueOf(t, atlas.Password))
	}
}

func TestAtlasLetsInTheNatGatewaysAlone(t *testing.T) {
	r, atlas := mustBuildAtlas(t, nil)
	var addresses []any
	for _, entry := range r.OfType(atlasEntry) {
		addresses = append(addresses, entry.Input("ipAddress"))
		assert.Nil(t, entry.Input("cidrBlock"), entry.Name)
	}
	assert.Equal(t, []any{"203.0.113.1", "203.0.113.2"}, addresses)
	assert.Equal(t, "mongodb+srv://bookmark-mgr-production.abc12.mongodb.net", valueOf(t, atlas.Address))
}

func TestAtlasByPrivateLink(t *testing.T) {
	r, atlas := mustBuildAtlas(t, byPrivateLink)
	assert.Empty(t, r.OfType(atlasEntry), "no address on the internet gets in")
	assert.Equal(t, recorder.Region, get(t, r, atlasLink, "atlas-link").Input("region"))
	endpoint := get(t, r, "aws:ec2/vpcEndpoint:VpcEndpoint", "atlas-endpoint")
	for input, want := range map[string]any{
		"vpcId":            "vpc-1",
		"subnetIds":        []any{"subnet-a", "subnet-c"},
		"securityGroupIds": []any{"sg-atlas"},
		"vpcEndpointType":  "Interface",
		"serviceName":      "com.amazonaws.vpce.ap-northeast-1.vpce-svc-0123456789abcdef0",
	} {
		assert.Equal(t, want, endpoint.Input(input), input)
	}
	linked := get(t, r, atlasLinked, "atlas-link")
	assert.Equal(t, "link-atlas-link", linked.Input("privateLinkId"))
	assert.Equal(t, "atlas-endpoint-id", linked.Input("endpointServiceId"))
	assert.Equal(t, "mongodb+srv://private-pl-0.abc12.mongodb.net", valueOf(t, atlas.Address),
		"the address behind this endpoint, not another")
}

func TestAtlasAlerts(t *testing.T) {
	r, _ := mustBuildAtlas(t, func(a *AtlasArgs) {
		a.Config.Alerts.Emails = []string{"ops@example.com", "dev@example.com"}
	})
	host := map[string]any{"fieldName": "HOSTNAME", "operator": "STARTS_WITH", "value": "bookmark-mgr-production-"}
	named := map[string]any{"fieldName": "CLUSTER_NAME", "operator": "EQUALS", "value": "bookmark-mgr-production"}
	above := func(metric string, threshold float64) any {
		return map[string]any{
			"metricName": metric,
			"operator":   "GREATER_THAN",
			"threshold":  threshold,
			"units":      "RAW",
			"mode":       "AVERAGE",
		}
	}
	for name, want := range map[string]struct {
		event                      string
		matcher, metric, threshold any
	}{
		"connections": {"OUTSIDE_METRIC_THRESHOLD", host, above("CONNECTIONS_PERCENT", 75), nil},
		"cpu":         {"OUTSIDE_METRIC_THRESHOLD", host, above("NORMALIZED_SYSTEM_CPU_USER", 80), nil},
		"disk":        {"OUTSIDE_METRIC_THRESHOLD", host, above("DISK_PARTITION_SPACE_USED_DATA", 70), nil},
		"host-down":   {"HOST_DOWN", host, nil, nil},
		"no-primary":  {"NO_PRIMARY", named, nil, nil},
		"oplog-window": {"REPLICATION_OPLOG_WINDOW_RUNNING_OUT", named, nil,
			map[string]any{"operator": "LESS_THAN", "threshold": 24.0, "units": "HOURS"}},
		"oplog-behind":    {"CPS_OPLOG_BEHIND", named, nil, nil},
		"snapshot-failed": {"CPS_SNAPSHOT_FAILED", named, nil, nil},
	} {
		alert := get(t, r, atlasAlertCfg, "atlas-alert-"+name)
		assert.Equal(t, true, alert.Input("enabled"), name)
		assert.Equal(t, want.event, alert.Input("eventType"), name)
		assert.Equal(t, []any{want.matcher}, alert.Input("matchers"), name)
		assert.Equal(t, want.metric, alert.Input("metricThresholdConfig"), name)
		assert.Equal(t, want.threshold, alert.Input("thresholdConfig"), name)
		assert.Equal(t, []any{
			map[string]any{
				"typeName":     "EMAIL",
				"emailAddress": "ops@example.com",
				"intervalMin":  60.0,
				"delayMin":     0.0,
			},
			map[string]any{
				"typeName":     "EMAIL",
				"emailAddress": "dev@example.com",
				"intervalMin":  60.0,
				"delayMin":     0.0,
			},
		}, alert.Input("notifications"), name)
	}
	r, _ = mustBuildAtlas(t, nil)
	assert.Equal(t, []any{map[string]any{
		"typeName": "GROUP", "roles": []any{"GROUP_OWNER"}, "emailEnabled": true, "intervalMin": 60.0, "delayMin": 0.0,
	}}, get(t, r, atlasAlertCfg, "atlas-alert-cpu").Input("notifications"))
}

func TestWhatBelongsToTheProjectIsMadeAdoptedOrLeft(t *testing.T) {
	r, _ := mustBuildAtlas(t, nil)
	audit := get(t, r, atlasAudit, "atlas-auditing")
	assert.Empty(t, audit.ID)
	assert.Equal(t, true, audit.Input("enabled"))
	assert.Equal(t, false, audit.Input("auditAuthorizationSuccess"))
	assert.JSONEq(t,
		`{"$or":[{"atype":{"$in":["authenticate"]},"result":{"$ne":0}},{"atype":{"$in":["createRole","createUser",
		"dropAllRolesFromDatabase","dropAllUsersFromDatabase","dropCollection","dropDatabase","dropRole","dropUser",
		"grantPrivilegesToRole","grantRolesToRole","grantRolesToUser","revokePrivilegesFromRole","revokeRolesFromRole",
		 "revokeRolesFromUser","updateRole","updateUser"]}}]}`,
		audit.Input("auditFilter").(string))
	window := get(t, r, atlasWindow, "atlas-maintenance")
	assert.Equal(t, []string{"projectId"}, window.Replaced,
		"in place, it would be the old project's window that changes")
	assert.Equal(t, 1.0, window.Input("dayOfWeek"))
	assert.Equal(t, 19.0, window.Input("hourOfDay"))

	r, _ = mustBuildAtlas(t, func(a *AtlasArgs) {
		a.Config.Auditing.Ownership, a.Config.Maintenance.Ownership = Adopt, Adopt
	})
	assert.Equal(t, project, get(t, r, atlasAudit, "atlas-auditing").ID, "read, not made")
	assert.Equal(t, project, get(t, r, atlasWindow, "atlas-maintenance").ID, "read, not made")

	r, _ = mustBuildAtlas(t, func(a *AtlasArgs) {
		a.Config.Auditing.Ownership, a.Config.Maintenance.Ownership = Off, Off
	})
	assert.Empty(t, r.OfType(atlasAudit))
	assert.Empty(t, r.OfType(atlasWindow))
}

func TestAtlasProtection(t *testing.T) {
	for name, c := range map[string]struct {
		disposable, teardown bool
		protected            []string
	}{
		"a stack that stays":      {false, false, []string{atlasCluster + " atlas-cluster"}},
		"a stack that comes down": {false, true, nil},
		"a throw-away stack":      {true, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := mustBuildAtlas(t, func(a *AtlasArgs) { a.Disposable, a.Teardown = c.disposable, c.teardown })
			assert.Equal(t, c.protected, protected(r))
			cluster := get(t, r, atlasCluster, "atlas-cluster")
			assert.Equal(t, len(c.protected) > 0, cluster.Input("terminationProtectionEnabled"))
			assert.Equal(t, !c.disposable, cluster.Input("retainBackupsEnabled"))
		})
	}
}
