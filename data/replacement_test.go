package data

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/postgres"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// holdsData are the types whose replacement or deletion loses data.
var holdsData = []string{rdsCluster, rdsGlobal, s3Bucket, kmsKey, backupVault, atlasCluster}

// stack is every section of this package. Optional parts are set, so that each setting has a value
// to change.
type stack struct {
	Keys       KeysConfig       `json:"keys"`
	Buckets    BucketsConfig    `json:"buckets"`
	Aurora     AuroraConfig     `json:"aurora"`
	Atlas      AtlasConfig      `json:"atlas"`
	Parameters ParametersConfig `json:"parameters"`
	Backups    BackupsConfig    `json:"backups"`
}

func fullStack() *stack {
	s := &stack{
		Keys:       keysArgs().Config,
		Buckets:    bucketsArgs().Config,
		Aurora:     auroraConfig(),
		Atlas:      atlasConfig(),
		Parameters: parametersArgs().Config,
		Backups:    backupsConfig(),
	}
	s.Aurora.Clusters["r1"] = AuroraClusterConfig{Restore: &AuroraRestoreConfig{
		FromCluster: "main",
		Time:        "2026-01-31T03:00:00Z",
	}}
	s.Aurora.Clusters["r2"] = AuroraClusterConfig{Restore: &AuroraRestoreConfig{Snapshot: "one", EngineVersion: "17.7"}}
	s.Aurora.Clusters["r3"] = AuroraClusterConfig{Restore: &AuroraRestoreConfig{FromResourceID: "cluster-A"}}
	s.Aurora.Global = &AuroraGlobalConfig{
		SubnetIDs:        []string{"subnet-1", "subnet-2"},
		SecurityGroupIDs: []string{"sg-1"},
	}
	s.Buckets.Backups.ObjectLock = &ObjectLockConfig{Mode: "governance", Days: 30}
	s.Parameters.Verify = &VerifyConfig{Client: postgres.Prisma, Bundle: "/rds.pem"}
	s.Atlas.ComputeScaling = &AtlasScalingConfig{MinInstanceSize: "M10", MaxInstanceSize: "M30"}
	return s
}

func (s *stack) restore(cluster string) *AuroraRestoreConfig {
	return s.Aurora.Clusters[cluster].Restore
}

// changes are another value for every setting, by its path.
var changes = map[string]func(*stack){
	"keys.deletionWindowDays":         func(s *stack) { s.Keys.DeletionWindowDays = 7 },
	"keys.rotationDays":               func(s *stack) { s.Keys.RotationDays = 90 },
	"buckets.assets.name":             func(s *stack) { s.Buckets.Assets.Name = "another" },
	"buckets.logs.name":               func(s *stack) { s.Buckets.Logs.Name = "another" },
	"buckets.backups.name":            func(s *stack) { s.Buckets.Backups.Name = "another" },
	"buckets.assets.supersededDays":   func(s *stack) { s.Buckets.Assets.SupersededDays++ },
	"buckets.assets.noncurrentDays":   func(s *stack) { s.Buckets.Assets.NoncurrentDays++ },
	"buckets.logs.expireDays":         func(s *stack) { s.Buckets.Logs.ExpireDays++ },
	"buckets.backups.expireDays":      func(s *stack) { s.Buckets.Backups.ExpireDays = 0 },
	"buckets.backups.noncurrentDays":  func(s *stack) { s.Buckets.Backups.NoncurrentDays++ },
	"buckets.backups.objectLock":      func(s *stack) { s.Buckets.Backups.ObjectLock = nil },
	"buckets.backups.objectLock.mode": func(s *stack) { s.Buckets.Backups.ObjectLock.Mode = "compliance" },
	"buckets.backups.objectLock.days": func(s *stack) { s.Buckets.Backups.ObjectLock.Days++ },
	"aurora.engineVersion": func(s *stack) {
		s.Aurora.EngineVersion = "18.3"
		s.restore("r2").EngineVersion = "18.3"
	},
	"aurora.allowMajorVersionUpgrade": func(s *stack) {
		s.Aurora.AllowMajorVersionUpgrade, s.Aurora.ApplyImmediately = true, true
	},
	"aurora.minAcu": func(s *stack) { s.Aurora.MinACU = 2 },
	"aurora.maxAcu": func(s *stack) { s.Aurora.MaxACU = 32 },
	"aurora.pauseAfterSeconds": func(s *stack) {
		s.Aurora.MinACU, s.Aurora.PauseAfterSeconds = 0, 600
	},
	"aurora.instances[].number": func(s *stack) { s.Aurora.Instances[1].Number = 3 },
	"aurora.instances[].zoneIndex": func(s *stack) {
		s.Aurora.Instances[0].ZoneIndex, s.Aurora.Instances[1].ZoneIndex = 2, 1
	},
	"aurora.instances[].promotionTier": func(s *stack) { s.Aurora.Instances[1].PromotionTier = 0 },
	"aurora.backupRetentionDays":       func(s *stack) { s.Aurora.BackupRetentionDays = 35 },
	"aurora.backupWindow":              func(s *stack) { s.Aurora.BackupWindow = "17:00-18:00" },
	"aurora.maintenanceWindow":         func(s *stack) { s.Aurora.MaintenanceWindow = "mon:20:00-mon:21:00" },
	"aurora.applyImmediately":          func(s *stack) { s.Aurora.ApplyImmediately = true },
	"aurora.iamAuthentication":         func(s *stack) { s.Aurora.IAMAuthentication = true },
	"aurora.logRetentionDays":          func(s *stack) { s.Aurora.LogRetentionDays = 7 },
	"aurora.slowStatementMilliseconds": func(s *stack) { s.Aurora.SlowStatementMilliseconds = 500 },
	"aurora.monitoringSeconds":         func(s *stack) { s.Aurora.MonitoringSeconds = 30 },
	"aurora.insights.mode": func(s *stack) {
		s.Aurora.Insights = AuroraInsightsConfig{"advanced", 465}
	},
	"aurora.insights.retentionDays":      func(s *stack) { s.Aurora.Insights.RetentionDays = 31 },
	"aurora.masterPasswordRotation":      func(s *stack) { s.Aurora.MasterPasswordRotation++ },
	"aurora.applicationPasswordRotation": func(s *stack) { s.Aurora.ApplicationPasswordRotation++ },
	"aurora.clusters":                    func(s *stack) { delete(s.Aurora.Clusters, "r1") },
	"aurora.clusters{}.retire": func(s *stack) {
		s.Aurora.Clusters["r1"] = AuroraClusterConfig{Restore: s.restore("r1"), Retire: true}
	},
	"aurora.clusters{}.restore":                func(s *stack) { s.Aurora.Clusters["r1"] = AuroraClusterConfig{} },
	"aurora.clusters{}.restore.snapshot":       func(s *stack) { s.restore("r2").Snapshot = "two" },
	"aurora.clusters{}.restore.engineVersion":  func(s *stack) { s.restore("r2").EngineVersion = "17.9" },
	"aurora.clusters{}.restore.fromCluster":    func(s *stack) { s.restore("r1").FromCluster = "r2" },
	"aurora.clusters{}.restore.fromResourceId": func(s *stack) { s.restore("r3").FromResourceID = "cluster-B" },
	"aurora.clusters{}.restore.time":           func(s *stack) { s.restore("r1").Time = "" },
	"aurora.active":                            func(s *stack) { s.Aurora.Active = "r1" },
	"aurora.global":                            func(s *stack) { s.Aurora.Global = nil },
	"aurora.global.subnetIds": func(s *stack) {
		s.Aurora.Global.SubnetIDs = []string{"subnet-1", "subnet-3"}
	},
	"aurora.global.securityGroupIds": func(s *stack) {
		s.Aurora.Global.SecurityGroupIDs = []string{"sg-2"}
	},
	"atlas.projectId":      func(s *stack) { s.Atlas.ProjectID = "ffffffffffffffffffffffff" },
	"atlas.mongoDbVersion": func(s *stack) { s.Atlas.MongoDBVersion = "9.0" },
	"atlas.instanceSize":   func(s *stack) { s.Atlas.InstanceSize = "M20" },
	"atlas.nodes":          func(s *stack) { s.Atlas.Nodes = 5 },
	"atlas.diskSizeGb":     func(s *stack) { s.Atlas.DiskSizeGB = 20 },
	"atlas.computeScaling": func(s *stack) { s.Atlas.ComputeScaling = nil },
	"atlas.computeScaling.minInstanceSize": func(s *stack) {
		s.Atlas.InstanceSize, s.Atlas.ComputeScaling.MinInstanceSize = "M20", "M20"
	},
	"atlas.computeScaling.maxInstanceSize": func(s *stack) { s.Atlas.ComputeScaling.MaxInstanceSize = "M40" },
	"atlas.access":                         func(s *stack) { s.Atlas.Access = AtlasByPrivateLink },
	"atlas.database":                       func(s *stack) { s.Atlas.Database = "others" },
	"atlas.passwordRotation":               func(s *stack) { s.Atlas.PasswordRotation++ },
	"atlas.backup.hourUtc":                 func(s *stack) { s.Atlas.Backup.HourUTC = 0 },
	"atlas.backup.minuteUtc":               func(s *stack) { s.Atlas.Backup.MinuteUTC = 0 },
	"atlas.backup.restoreWindowDays":       func(s *stack) { s.Atlas.Backup.RestoreWindowDays = 1 },
	"atlas.backup.hourlyInterval":          func(s *stack) { s.Atlas.Backup.HourlyInterval = 12 },
	"atlas.backup.hourlyRetentionDays":     func(s *stack) { s.Atlas.Backup.HourlyRetentionDays = 3 },
	"atlas.backup.dailyRetentionDays":      func(s *stack) { s.Atlas.Backup.DailyRetentionDays = 14 },
	"atlas.backup.copyRegion":              func(s *stack) { s.Atlas.Backup.CopyRegion = "" },
	"atlas.alerts.emails": func(s *stack) {
		s.Atlas.Alerts.Emails = []string{"ops@example.com"}
	},
	"atlas.alerts.cpuPercent":         func(s *stack) { s.Atlas.Alerts.CPUPercent = 90 },
	"atlas.alerts.connectionsPercent": func(s *stack) { s.Atlas.Alerts.ConnectionsPercent = 90 },
	"atlas.alerts.diskPercent":        func(s *stack) { s.Atlas.Alerts.DiskPercent = 90 },
	"atlas.alerts.oplogHours":         func(s *stack) { s.Atlas.Alerts.OplogHours = 48 },
	"atlas.auditing.ownership":        func(s *stack) { s.Atlas.Auditing.Ownership = Off },
	"atlas.maintenance.ownership":     func(s *stack) { s.Atlas.Maintenance.Ownership = Adopt },
	"atlas.maintenance.dayOfWeek":     func(s *stack) { s.Atlas.Maintenance.DayOfWeek = 7 },
	"atlas.maintenance.hour":          func(s *stack) { s.Atlas.Maintenance.Hour = 0 },
	"atlas.clusterName":               func(s *stack) { s.Atlas.ClusterName = "ours" },
	"parameters.connectionLimit":      func(s *stack) { s.Parameters.ConnectionLimit++ },
	"parameters.reader":               func(s *stack) { s.Parameters.Reader = true },
	"parameters.verify":               func(s *stack) { s.Parameters.Verify = nil },
	"parameters.verify.client":        func(s *stack) { s.Parameters.Verify.Client = postgres.Pg },
	"parameters.verify.bundle":        func(s *stack) { s.Parameters.Verify.Bundle = "/other.pem" },
	"parameters.jwtRotation":          func(s *stack) { s.Parameters.JWTRotation++ },
	"parameters.secrets":              func(s *stack) { s.Parameters.Secrets = nil },
	"backups.optIn":                   func(s *stack) { s.Backups.OptIn = Off },
	"backups.restoreTesting":          func(s *stack) { s.Backups.RestoreTesting = nil },
	"backups.restoreTesting.schedule": func(s *stack) {
		s.Backups.RestoreTesting.Schedule = "cron(0 4 ? * SUN *)"
	},
	"backups.restoreTesting.timezone":            func(s *stack) { s.Backups.RestoreTesting.Timezone = "UTC" },
	"backups.restoreTesting.startWindowHours":    func(s *stack) { s.Backups.RestoreTesting.StartWindowHours = 4 },
	"backups.restoreTesting.selectionWindowDays": func(s *stack) { s.Backups.RestoreTesting.SelectionWindowDays = 2 },
	"backups.rules[].name":                       func(s *stack) { s.Backups.Rules[0].Name = "nightly" },
	"backups.rules[].schedule":                   func(s *stack) { s.Backups.Rules[0].Schedule = "cron(0 * * * ? *)" },
	"backups.rules[].timezone":                   func(s *stack) { s.Backups.Rules[0].Timezone = "UTC" },
	"backups.rules[].startWindowMinutes":         func(s *stack) { s.Backups.Rules[0].StartWindowMinutes = 120 },
	"backups.rules[].completionWindowMinutes":    func(s *stack) { s.Backups.Rules[0].CompletionWindowMinutes = 480 },
	"backups.rules[].retentionDays":              func(s *stack) { s.Backups.Rules[0].RetentionDays = 60 },
	"backups.copy":                               func(s *stack) { s.Backups.Copy = nil },
	"backups.copy.region":                        func(s *stack) { s.Backups.Copy.Region = "us-west-2" },
	"backups.copy.retentionDays":                 func(s *stack) { s.Backups.Copy.RetentionDays = 60 },
	"backups.lock":                               func(s *stack) { s.Backups.Lock = nil },
	"backups.lock.minRetentionDays":              func(s *stack) { s.Backups.Lock.MinRetentionDays = 10 },
	"backups.lock.maxRetentionDays":              func(s *stack) { s.Backups.Lock.MaxRetentionDays = 200 },
	"backups.lock.immutableAfterDays":            func(s *stack) { s.Backups.Lock.ImmutableAfterDays = 30 },
}

// losses are what a change replaces or deletes, and the words of the setting's documentation that
// say so. Pulumi's protection stands before each.
var losses = map[string]struct {
	lost  []string
	words string
}{
	"aurora.clusters": {[]string{rdsCluster + " aurora-cluster-r1"},
		"One that is taken out is deleted, with a final snapshot"},
	"aurora.active": {[]string{rdsGlobal + " aurora-global"}, "With Global, another one replaces the global database"},
	"aurora.global": {
		[]string{kmsKey + " aurora-secondary", rdsCluster + " aurora-secondary", rdsGlobal + " aurora-global"},
		"Taking the section out deletes the copy",
	},
	"buckets.assets.name":  {[]string{s3Bucket + " buckets-assets"}, "Another one replaces the bucket"},
	"buckets.logs.name":    {[]string{s3Bucket + " buckets-logs"}, "Another one replaces the bucket"},
	"buckets.backups.name": {[]string{s3Bucket + " buckets-backups"}, "Another one replaces the bucket"},
	"atlas.clusterName":    {[]string{atlasCluster + " atlas-cluster"}, "another one replaces the cluster"},
	"atlas.projectId":      {[]string{atlasCluster + " atlas-cluster"}, "another one replaces the cluster"},
	"backups.copy": {[]string{backupVault + " backups-copy", kmsKey + " backups-copy"},
		"Taking the section out leaves the vault and its recovery points behind"},
}

func TestLossesAreDocumented(t *testing.T) {
	var comments strings.Builder
	for _, file := range []string{"aurora_config.go", "atlas_config.go", "backups_config.go", "buckets_config.go"} {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(source)) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(line), "// "); ok {
				comments.WriteString(text + " ")
			}
		}
	}
	for path, loss := range losses {
		assert.Contains(t, comments.String(), loss.words, path)
	}
}

// TestNoSettingLosesData changes every setting, one at a time, and compares what is asked for with
// what the providers replace.
func TestNoSettingLosesData(t *testing.T) {
	assert.Equal(t, leaves("", reflect.TypeFor[stack]()), slices.Sorted(maps.Keys(changes)),
		"every setting has a change, and every change a setting")
	replaces := replacing(t)
	unchanged := map[string]map[string]recorder.Resource{} // by section
	for path, change := range changes {
		t.Run(path, func(t *testing.T) {
			section, _, _ := strings.Cut(path, ".")
			if unchanged[section] == nil {
				unchanged[section] = requested(t, fullStack(), section)
			}
			changed := fullStack()
			change(changed)
			before, after := unchanged[section], requested(t, changed, section)
			assert.NotEqual(t, asked(before), asked(after), "the change changes something")
			var lost []string
			for key, old := range before {
				if !slices.Contains(holdsData, old.Type) {
					continue
				}
				now, there := after[key]
				if !there || slices.ContainsFunc(replaces[old.Type], func(property string) bool {
					return !slices.Contains(now.IgnoreChanges, property) &&
						!reflect.DeepEqual(old.Input(property), now.Input(property))
				}) {
					lost = append(lost, key)
				}
			}
			slices.Sort(lost)
			assert.Equal(t, losses[path].lost, lost)
		})
	}
}

// leaves lists the paths of all settings below a type, sorted. An optional section and a map are
// settings as well.
func leaves(path string, typ reflect.Type) []string {
	var all []string
	switch typ.Kind() {
	case reflect.Pointer:
		all = append([]string{path}, leaves(path, typ.Elem())...)
	case reflect.Map:
		all = append([]string{path}, leaves(path+"{}", typ.Elem())...)
	case reflect.Slice:
		if typ.Elem().Kind() != reflect.Struct {
			return []string{path}
		}
		all = leaves(path+"[]", typ.Elem())
	case reflect.Struct:
		for field := range typ.Fields() {
			all = append(all, leaves(strings.TrimPrefix(path+"."+field.Tag.Get("json"), "."), field.Type)...)
		}
	default:
		return []string{path}
	}
	slices.Sort(all)
	return all
}

// replacing reads which inputs of a type replace the resource, from what the rehearsal knows of the
// real providers.
func replacing(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, file := range []string{"schema/aws-schema.json", "atlas/schema.json"} {
		raw, err := os.ReadFile("../rehearsal/model/" + file)
		require.NoError(t, err)
		var facts struct {
			Resources map[string]struct{ Inputs map[string]string }
		}
		require.NoError(t, json.Unmarshal(raw, &facts))
		for typ, resource := range facts.Resources {
			for name, flags := range resource.Inputs {
				if slices.Contains(strings.Fields(flags), "replace") {
					all[typ] = append(all[typ], name)
				}
			}
		}
	}
	for _, typ := range holdsData {
		require.Contains(t, all, typ)
	}
	return all
}

// requested is everything that the component of a section asks for, by key. Each section is one
// component's alone.
func requested(t *testing.T, s *stack, section string) map[string]recorder.Resource {
	t.Helper()
	r, err := map[string]func() (*recorder.Recorder, error){
		"keys": func() (*recorder.Recorder, error) { return buildKeys(func(a *KeysArgs) { a.Config = s.Keys }) },
		"buckets": func() (*recorder.Recorder, error) {
			r, _, err := buildBuckets(func(a *BucketsArgs) { a.Config = s.Buckets })
			return r, err
		},
		"aurora": func() (*recorder.Recorder, error) {
			r, _, err := buildAurora(func(a *AuroraArgs) {
				a.Config = s.Aurora
				a.Production = false // production refuses to pause
			})
			return r, err
		},
		"atlas": func() (*recorder.Recorder, error) {
			r, _, err := buildAtlas(func(a *AtlasArgs) {
				if s.Atlas.Access == AtlasByPrivateLink {
					byPrivateLink(a)
				}
				a.Config = s.Atlas
			})
			return r, err
		},
		"parameters": func() (*recorder.Recorder, error) {
			r, _, err := buildParameters(func(a *ParametersArgs) {
				a.Config = s.Parameters
				if s.Parameters.Secrets == nil {
					a.Secrets = nil
				}
			})
			return r, err
		},
		"backups": func() (*recorder.Recorder, error) {
			r, _, err := buildBackups(func(a *BackupsArgs) { a.Config = s.Backups })
			return r, err
		},
	}[section]()
	require.NoError(t, err)
	all := map[string]recorder.Resource{}
	for _, one := range r.All() {
		all[one.Key()] = one
	}
	return all
}

// asked is what a test compares of resources: what is asked for, how it is protected, and whether
// it is made or read.
func asked(all map[string]recorder.Resource) map[string]any {
	inputs := map[string]any{}
	for key, one := range all {
		inputs[key] = []any{one.Inputs, one.Protect, one.ID}
	}
	return inputs
}
