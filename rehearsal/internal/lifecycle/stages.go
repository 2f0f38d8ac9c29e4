package lifecycle

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// object is a shorthand for a section or a part of one.
type object = map[string]any

// recoveryRegion is where copies of backups and of the database go.
const recoveryRegion = "ap-northeast-3"

// Variants are the large changes of a stack's life. sizes are the sections of the stack whose sizes
// another one is grown to.
func Variants(sizes, own sections) []Variant {
	return []Variant{growth(sizes, own), zones(), nat(), upgrades(), week(), year(), restores(), chosen(), options()}
}

// growth takes a stack to the sizes of another one and back.
func growth(sizes, own sections) Variant {
	grown := []string{"aurora", "buckets", "compute", "observability"}
	services := func(from sections) func(sections) {
		return func(s sections) {
			for _, name := range grown {
				s[name] = stackfile.Clone(from[name])
			}
			s.set("aurora.maintenanceWindow", own.get("aurora.maintenanceWindow"))
			all, _ := from["services"].(object)
			for name, service := range all {
				images := object{
					"image":   s.get("services." + name + ".image"),
					"version": s.get("services." + name + ".version"),
				}
				merged, _ := stackfile.Clone(service).(object)
				maps.Copy(merged, images)
				s.set("services."+name, merged)
			}
			for _, path := range []string{"network.nat", "network.endpoints", "network.flowLogs", "atlas.instanceSize",
				"edge.webAcl", "edge.distribution", "backups.rules"} {
				s.set(path, from.get(path))
			}
		}
	}
	return Variant{Name: "sizes of prod", Stages: []Stage{
		{Name: "grown", Edit: services(sizes)},
		{
			Name: "and back",
			Edit: services(own),
			Gone: slices.Concat(natOf("ap-northeast-1c"),
				endpointsOf("ecr.api", "ecr.dkr", "logs", "ssm", "ssmmessages")),
		},
	}}
}

func natOf(zone string) []string {
	return []string{"network-nat-" + zone, "network-nat-" + zone + "-address"}
}

func endpointsOf(services ...string) []string {
	var names []string
	for _, service := range services {
		names = append(names, "network-endpoint-"+service)
	}
	return names
}

// zones takes a stack from two zones to three and back.
func zones() Variant {
	third := object{"name": "ap-northeast-1d", "index": 3}
	add := func(s sections) {
		list, _ := s.get("network.zones").([]any)
		s.set("network.zones", append(slices.Clone(list), third))
	}
	return Variant{Name: "three zones", Stages: []Stage{
		{Name: "a third zone", Edit: add},
		{Name: "and an instance of the database in it", Edit: func(s sections) {
			list, _ := s.get("aurora.instances").([]any)
			s.set("aurora.instances",
				append(slices.Clone(list), object{"number": 3, "zoneIndex": 3, "promotionTier": 1}))
		}},
		{Name: "the instance goes", Gone: []string{"aurora-instance-3"}, Edit: func(s sections) {
			list, _ := s.get("aurora.instances").([]any)
			s.set("aurora.instances", list[:len(list)-1])
		}},
		{
			Name: "and the zone",
			Gone: []string{"network-public-ap-northeast-1d", "network-private-ap-northeast-1d",
				"network-database-ap-northeast-1d"},
			Edit: func(s sections) {
				list, _ := s.get("network.zones").([]any)
				s.set("network.zones", list[:len(list)-1])
			},
		},
	}}
}

// taskEndpoints are those without which no task starts when there is no NAT gateway:
// network.TaskEndpoints of the program.
var taskEndpoints = []any{"s3", "ecr.api", "ecr.dkr", "kms", "logs", "ssm", "ssmmessages"}

// sentryProjects keep the issues that were reported.
var sentryProjects = []string{"sentry-api", "sentry-web"}

// nat takes a stack through every way out of the private subnets.
func nat() Variant {
	alone := func(s sections) {
		s.set("network.nat", "none")
		s.set("network.endpoints", taskEndpoints)
		s.set("atlas.access", "privateLink")
		s.set("datadog.enabled", false)
		s.set("sentry.enabled", false)
		s.drop("edge.distribution.headers.reportUri") // of Sentry's
		services, _ := s["services"].(object)
		for name := range services {
			s.set("services."+name+".datadog", false)
			secrets, _ := s.get("services." + name + ".secrets").([]any)
			s.set("services."+name+".secrets",
				slices.DeleteFunc(slices.Clone(secrets), func(one any) bool { return one == "SENTRY_DSN" }))
		}
	}
	return Variant{Name: "ways out", Stages: []Stage{
		{Name: "a NAT gateway in each zone", Edit: func(s sections) { s.set("network.nat", "perZone") }},
		{Name: "one for all", Edit: func(s sections) {
			s.set("network.nat", "single")
		}, Gone: natOf("ap-northeast-1c")},
		{
			Name: "none, which contradicts the rest", Edit: func(s sections) { s.set("network.nat", "none") },
			Refused: []string{
				"network.endpoints", "atlas.access", "datadog.enabled", "sentry.enabled", "nothing was deployed",
			},
		},
		{
			Name:      "none, with what then works",
			Edit:      alone,
			Unprotect: sentryProjects,
			Gone:      slices.Concat(natOf("ap-northeast-1a"), sentryProjects),
		},
	}}
}

// upgrades takes a stack's database through AWS's upgrades of its minor version, and through one of
// its major version.
func upgrades() Variant {
	return Variant{Name: "upgraded databases", Stages: []Stage{
		{
			Name: "AWS upgrades the minor version, and the database may grow", Before: minorUpgrade("17.9"),
			Edit: func(s sections) { s.set("aurora.maxAcu", 64) },
		},
		{
			Name: "a version that RDS does not offer", Refused: []string{"find version 18.1", "aurora.engineVersion"},
			Edit: func(s sections) {
				upgradeMajorVersion(true)(s)
				s.set("aurora.engineVersion", "18.1")
			},
		},
		{
			Name: "one that is older than what runs", Refused: []string{"aurora.engineVersion", "older than", "17.9"},
			Edit: func(s sections) { s.set("aurora.engineVersion", "17.7") },
		},
		{
			Name: "another major version without leave", Refused: []string{"aurora.allowMajorVersionUpgrade"},
			Edit: func(s sections) {
				upgradeMajorVersion(false)(s)
				s.set("aurora.engineVersion", "18.3")
			},
		},
		{Name: "with leave, at once", Edit: upgradeMajorVersion(true)},
		{Name: "and done", Edit: upgradeMajorVersion(false)},
		{
			Name: "AWS upgrades that one as well, and the master's password is rotated", Before: minorUpgrade("18.4"),
			Edit: func(s sections) { s.set("aurora.masterPasswordRotation", 9) },
		},
	}}
}

// upgradeMajorVersion sets or unsets aurora.allowMajorVersionUpgrade, with the upgrade applied
// immediately.
func upgradeMajorVersion(leave bool) func(sections) {
	return func(s sections) {
		s.set("aurora.allowMajorVersionUpgrade", leave)
		s.set("aurora.applyImmediately", leave)
	}
}

// year lets a year and two days go by over a stack that backs up, copies, locks and tries restores,
// with new minor versions of the database, a major upgrade and a rotated password in between. KMS
// rotates keys after a year, and ACM renews certificates before its end.
func year() Variant {
	release := func(version string) func(*cloud.Tx, Place) error {
		return func(tx *cloud.Tx, _ Place) error { return aws.Release(tx, version) }
	}
	// A season has 91 nights, the first of them perhaps before the plan's hour, and 13 Sundays.
	season := func(upgrades int) func(*aws.Passed) error {
		return func(p *aws.Passed) error {
			if p.Backups < 90 || p.Copies != p.Backups || p.Restores < 12 || p.Expired == 0 ||
				len(p.Upgrades) != upgrades {
				return fmt.Errorf("a season should have a backup and a copy each day, a restore each week, an end "+
					"of recovery points and "+
					"%d upgrades, not %+v", upgrades, *p)
			}
			return nil
		}
	}
	last := func(p *aws.Passed) error {
		if p.Renewed == 0 || p.Rotated == 0 {
			return fmt.Errorf("the last season should have certificates renewed and keys rotated, not %+v", *p)
		}
		return season(0)(p)
	}
	return Variant{Name: "a year", Stages: []Stage{
		{
			Name:   "backups as in production",
			Subset: true,
			First:  true,
			Edit: func(s sections) {
				s.set("backups.copy", object{"region": recoveryRegion, "retentionDays": 35})
				s.set("backups.lock", object{"minRetentionDays": 7, "maxRetentionDays": 365})
				s.set("backups.restoreTesting", object{"schedule": "cron(0 3 ? * SUN *)", "timezone": "Asia/Tokyo"})
			},
		},
		{Name: "a season goes by", Days: 91, Seen: season(1), Quiet: true},
		{
			Name:   "a minor version comes out, and a season goes by",
			Subset: true,
			Before: release("17.11"),
			Days:   91,
			Seen:   season(1),
			Quiet:  true,
		},
		{Name: "the master's password is rotated", Subset: true, Edit: func(s sections) {
			s.set("aurora.masterPasswordRotation", 9)
		}},
		{
			Name:    "another major version is asked for without leave",
			Refused: []string{"aurora.allowMajorVersionUpgrade"},
			Edit:    func(s sections) { s.set("aurora.engineVersion", "18.3") },
		},
		{Name: "with leave, at once", Edit: upgradeMajorVersion(true)},
		{
			Name:   "and done, as another season goes by",
			Edit:   upgradeMajorVersion(false),
			Before: release("18.5"),
			Days:   91,
			Seen:   season(1),
		},
		{Name: "the last season", Days: 94, Seen: last, Quiet: true},
	}}
}

// minorUpgrade is what AWS does to the region's clusters in their maintenance windows.
func minorUpgrade(version string) func(*cloud.Tx, Place) error {
	return func(tx *cloud.Tx, at Place) error {
		all, err := tx.OfType("aws:rds/cluster:Cluster")
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.Region != at.Region {
				continue
			}
			if err := aws.UpgradeMinorVersion(tx, at.Account, at.Region, one.ID, version); err != nil {
				return err
			}
		}
		return nil
	}
}

// mainLog is where RDS writes the log of staging's cluster main.
const mainLog = "/aws/rds/cluster/bookmark-manager-staging-aurora/postgresql"

// restores takes a stack's database through a recovery: from a point in time, then from a snapshot.
func restores() Variant {
	return Variant{Name: "restored databases", Stages: []Stage{
		{Name: "a cluster from a point in time, beside main", Settles: true, Edit: func(s sections) {
			s.set("aurora.clusters.rescue",
				object{"restore": object{"fromCluster": "main", "time": "2026-01-31T03:00:00Z"}})
		}},
		{Name: "the application uses it", Edit: func(s sections) { s.set("aurora.active", "rescue") }},
		{Name: "main is retired", Edit: func(s sections) { s.set("aurora.clusters.main", object{"retire": true}) }},
		{
			Name:  "and deleted",
			First: true,
			Edit:  func(s sections) { s.set("aurora.clusters", object{"rescue": object{}}) },
			Gone:  []string{"aurora-cluster", "aurora-log", "aurora-instance-1", "aurora-instance-2"},
		},
		{
			Name: "a new main, whose log group RDS has made again", Before: logGroup(mainLog),
			Edit: func(s sections) {
				s.set("aurora.clusters.main", object{})
				s.set("adopted", object{"stage": "take", "resources": object{
					"aws:cloudwatch/logGroup:LogGroup aurora-log": object{"id": mainLog},
				}})
			},
		},
		{Name: "the group becomes the stack's", Edit: func(s sections) { s.set("adopted.stage", "move") }},
		{Name: "and the entry has done its service", Edit: func(s sections) { s.drop("adopted") }},
		{
			Name:    "a cluster from a snapshot that is not there",
			Refused: []string{"aurora.clusters.snap.restore.snapshot"},
			Edit: func(s sections) {
				s.set("aurora.clusters.snap", object{"restore": object{"snapshot": "by-hand", "engineVersion": "17.7"}})
			},
		},
		{
			Name:    "of another version than it says",
			Before:  snapshot("by-hand", "17.7"),
			Refused: []string{"aurora.clusters.snap.restore.engineVersion"},
			Edit: func(s sections) {
				s.set("aurora.clusters.snap", object{"restore": object{"snapshot": "by-hand", "engineVersion": "17.6"}})
			},
		},
		{
			Name: "as it is", Settles: true,
			Edit: func(s sections) {
				s.set("aurora.clusters.snap", object{"restore": object{"snapshot": "by-hand", "engineVersion": "17.7"}})
			},
		},
	}}
}

// logGroup is one that RDS makes when a log line comes after the stack's group is gone: without a
// key, an end and tags.
func logGroup(name string) func(*cloud.Tx, Place) error {
	return func(tx *cloud.Tx, at Place) error {
		arn := "arn:aws:logs:" + at.Region + ":" + at.Account + ":log-group:" + name
		return tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    "aws:cloudwatch/logGroup:LogGroup",
				Account: at.Account,
				Region:  at.Region,
				ID:      name,
			},
			Name:    name,
			ARN:     arn,
			Creator: at.Account,
			Inputs:  cloud.Properties(resource.NewPropertyMapFromMap(object{"name": name})),
			Outputs: cloud.Properties(resource.NewPropertyMapFromMap(object{
				"name": name, "arn": arn, "retentionInDays": 0.0, "skipDestroy": false, "logGroupClass": "STANDARD",
			})),
		})
	}
}

// chosen has Atlas choose the disk and the tier of a cluster, whose number of nodes then changes.
func chosen() Variant {
	const specs = "replicationSpecs[0].regionConfigs[0].electableSpecs."
	return Variant{Name: "sizes that Atlas chooses", Stages: []Stage{
		{
			Name:   "more nodes, after the disk has grown",
			Before: atlasChooses(specs+"diskSizeGb", 40.0),
			Learns: true,
			Edit:   func(s sections) { s.set("atlas.nodes", 5) },
		},
		{Name: "Atlas may choose the tier", Learns: true, Edit: func(s sections) {
			s.set("atlas.computeScaling", object{"minInstanceSize": "M10", "maxInstanceSize": "M30"})
		}},
		{
			Name:   "fewer nodes, after it has",
			Before: atlasChooses(specs+"instanceSize", "M20"),
			Learns: true,
			Edit:   func(s sections) { s.set("atlas.nodes", 3) },
		},
	}}
}

// atlasChooses gives the cluster another size than it was made with.
func atlasChooses(path string, value any) func(*cloud.Tx, Place) error {
	return func(tx *cloud.Tx, _ Place) error {
		at, err := resource.ParsePropertyPath(path)
		if err != nil {
			return err
		}
		clusters, err := tx.OfType("mongodbatlas:index/advancedCluster:AdvancedCluster")
		if err != nil {
			return err
		}
		for _, one := range clusters {
			for _, properties := range []cloud.Properties{one.Inputs, one.Outputs} {
				if !at.Set(resource.NewProperty(resource.PropertyMap(properties)), resource.NewPropertyValue(value)) {
					return fmt.Errorf("set %s of cluster %s: there is none", path, one.Name)
				}
			}
			if err := tx.Replace(one); err != nil {
				return err
			}
		}
		return nil
	}
}

// snapshot is one that somebody took of the database.
func snapshot(name, version string) func(*cloud.Tx, Place) error {
	return func(tx *cloud.Tx, at Place) error {
		return tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    "aws:rds/clusterSnapshot:ClusterSnapshot",
				Account: at.Account,
				Region:  at.Region,
				ID:      name,
			},
			Name:    name,
			ARN:     "arn:aws:rds:" + at.Region + ":" + at.Account + ":cluster-snapshot:" + name,
			Creator: at.Account,
			Outputs: cloud.Properties(resource.NewPropertyMapFromMap(object{
				"engine":        "aurora-postgresql",
				"engineVersion": version,
			})),
		})
	}
}

// options switches on what stands off in the stack files, and takes the stack down with it.
func options() Variant {
	return Variant{
		Name: "every option",
		Ends: true,
		Stages: []Stage{
			{
				Name:   "on",
				First:  true,
				Before: RecoveryNetwork,
				Edit: func(s sections) {
					s.set("backups.copy", object{"region": recoveryRegion, "retentionDays": 35})
					s.set("aurora.global", GlobalDatabase())
					s.set("atlas.computeScaling", object{"minInstanceSize": "M10", "maxInstanceSize": "M30"})
					s.set("guards", object{"guardDuty": "create", "cloudTrail": "create", "costAnomalies": "create"})
					s.set("edge.zone.dnssec", true)
					s.set("notifications.slack", object{"workspaceId": "T0123456789", "channelId": "C0123456789"})
					s.set("services.web.canary", object{
						"image":   s.get("services.web.image"),
						"version": s.get("services.web.version"),
						"weight":  10,
						"tasks":   1,
					})
				},
			},
			{Name: "the canary goes", Gone: []string{"web-canary"}, Edit: func(s sections) {
				s.drop("services.web.canary")
			}},
		},
	}
}

func subnetID(number string) string { return "subnet-0123456789abcdef" + number }

// GlobalDatabase is the section aurora.global for the network of RecoveryNetwork.
func GlobalDatabase() map[string]any {
	return object{
		"subnetIds": []any{subnetID("1"), subnetID("2")}, "securityGroupIds": []any{"sg-0123456789abcdef0"},
	}
}

// RecoveryNetwork is the network in the recovery region, which is another stack's.
func RecoveryNetwork(tx *cloud.Tx, at Place) error {
	make := func(typ, id string, properties object) error {
		values := cloud.Properties(resource.NewPropertyMapFromMap(properties))
		return tx.Create(&cloud.Object{
			Key:     cloud.Key{Type: typ, Account: at.Account, Region: recoveryRegion, ID: id},
			Creator: at.Account,
			Inputs:  values,
			Outputs: values,
		})
	}
	const vpc = "vpc-0123456789abcdef0"
	for _, one := range []struct {
		typ, id    string
		properties object
	}{
		{"aws:ec2/vpc:Vpc", vpc, object{"cidrBlock": "10.1.0.0/16"}},
		{"aws:ec2/subnet:Subnet", subnetID("1"),
			object{"vpcId": vpc, "cidrBlock": "10.1.21.0/24", "availabilityZone": recoveryRegion + "a"}},
		{"aws:ec2/subnet:Subnet", subnetID("2"),
			object{"vpcId": vpc, "cidrBlock": "10.1.22.0/24", "availabilityZone": recoveryRegion + "b"}},
		{"aws:ec2/securityGroup:SecurityGroup", "sg-0123456789abcdef0", object{"vpcId": vpc, "name": "recovery"}},
	} {
		if err := make(one.typ, one.id, one.properties); err != nil {
			return err
		}
	}
	return nil
}
