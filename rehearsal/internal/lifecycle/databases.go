package lifecycle

import (
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
)

// upgrades takes a stack's database through AWS's upgrades of its minor version, and through one of
// its major version.
func upgrades() Variant {
	return Variant{Name: "upgraded databases", Stages: []Stage{
		{
			Name: "AWS upgrades the minor version, and the database may grow", Before: minorUpgrade("17.9"),
			Edit: func(s harness.Sections) { s.Set("aurora.maxAcu", 64) },
		},
		{
			Name: "a version that RDS does not offer", Refused: []string{"find version 18.1", "aurora.engineVersion"},
			Edit: func(s harness.Sections) {
				upgradeMajorVersion(true)(s)
				s.Set("aurora.engineVersion", "18.1")
			},
		},
		{
			Name: "one that is older than what runs", Refused: []string{"aurora.engineVersion", "older than", "17.9"},
			Edit: func(s harness.Sections) { s.Set("aurora.engineVersion", "17.7") },
		},
		{
			Name: "another major version without leave", Refused: []string{"aurora.allowMajorVersionUpgrade"},
			Edit: func(s harness.Sections) {
				upgradeMajorVersion(false)(s)
				s.Set("aurora.engineVersion", "18.3")
			},
		},
		{Name: "with leave, at once", Edit: upgradeMajorVersion(true)},
		{Name: "and done", Edit: upgradeMajorVersion(false)},
		{
			Name: "AWS upgrades that one as well, and the master's password is rotated", Before: minorUpgrade("18.4"),
			Edit: func(s harness.Sections) { s.Set("aurora.masterPasswordRotation", 9) },
		},
	}}
}

// upgradeMajorVersion sets or unsets aurora.allowMajorVersionUpgrade, with the upgrade applied
// immediately.
func upgradeMajorVersion(leave bool) func(harness.Sections) {
	return func(s harness.Sections) {
		s.Set("aurora.allowMajorVersionUpgrade", leave)
		s.Set("aurora.applyImmediately", leave)
	}
}

// mainLog is where RDS writes the log of staging's cluster main.
const mainLog = "/aws/rds/cluster/bookmark-manager-staging-aurora/postgresql"

// restores takes a stack's database through a recovery: from a point in time, then from a snapshot.
func restores() Variant {
	return Variant{Name: "restored databases", Stages: []Stage{
		{Name: "a cluster from a point in time, beside main", Settles: true, Edit: func(s harness.Sections) {
			s.Set("aurora.clusters.rescue",
				object{"restore": object{"fromCluster": "main", "time": "2026-01-31T03:00:00Z"}})
		}},
		{Name: "the application uses it", Edit: func(s harness.Sections) { s.Set("aurora.active", "rescue") }},
		{Name: "main is retired", Edit: func(s harness.Sections) {
			s.Set("aurora.clusters.main", object{"retire": true})
		}},
		{
			Name:  "and deleted",
			First: true,
			Edit:  func(s harness.Sections) { s.Set("aurora.clusters", object{"rescue": object{}}) },
			Gone:  []string{"aurora-cluster", "aurora-log", "aurora-instance-1", "aurora-instance-2"},
		},
		{
			Name: "a new main, whose log group RDS has made again", Before: logGroup(mainLog),
			Edit: func(s harness.Sections) {
				s.Set("aurora.clusters.main", object{})
				s.Set("adopted", object{"stage": "take", "resources": object{
					catalog.LogGroup + " aurora-log": object{"id": mainLog},
				}})
			},
		},
		{Name: "the group becomes the stack's", Edit: func(s harness.Sections) { s.Set("adopted.stage", "move") }},
		{Name: "and the entry has done its service", Edit: func(s harness.Sections) { s.Drop("adopted") }},
		{
			Name:    "a cluster from a snapshot that is not there",
			Refused: []string{"aurora.clusters.snap.restore.snapshot"},
			Edit: func(s harness.Sections) {
				s.Set("aurora.clusters.snap", object{"restore": object{"snapshot": "by-hand", "engineVersion": "17.7"}})
			},
		},
		{
			Name:    "of another version than it says",
			Before:  snapshot("by-hand", "17.7"),
			Refused: []string{"aurora.clusters.snap.restore.engineVersion"},
			Edit: func(s harness.Sections) {
				s.Set("aurora.clusters.snap", object{"restore": object{"snapshot": "by-hand", "engineVersion": "17.6"}})
			},
		},
		{
			Name: "as it is", Settles: true,
			Edit: func(s harness.Sections) {
				s.Set("aurora.clusters.snap", object{"restore": object{"snapshot": "by-hand", "engineVersion": "17.7"}})
			},
		},
	}}
}

// chosen has Atlas choose the disk and the tier of a cluster, whose number of nodes then changes.
func chosen() Variant {
	const specs = "replicationSpecs[0].regionConfigs[0].electableSpecs."
	return Variant{Name: "sizes that Atlas chooses", Stages: []Stage{
		{
			Name:   "more nodes, after the disk has grown",
			Before: atlasChooses(specs+"diskSizeGb", 40.0),
			Learns: true,
			Edit:   func(s harness.Sections) { s.Set("atlas.nodes", 5) },
		},
		{Name: "Atlas may choose the tier", Learns: true, Edit: func(s harness.Sections) {
			s.Set("atlas.computeScaling", object{"minInstanceSize": "M10", "maxInstanceSize": "M30"})
		}},
		{
			Name:   "fewer nodes, after it has",
			Before: atlasChooses(specs+"instanceSize", "M20"),
			Learns: true,
			Edit:   func(s harness.Sections) { s.Set("atlas.nodes", 3) },
		},
	}}
}
