package lifecycle

import (
	"maps"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/stackfile"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
)

// object is a shorthand for a section or a part of one.
type object = map[string]any

// Variants are the large changes of a stack's life. sizes are the sections of the stack whose sizes
// another one is grown to.
func Variants(sizes, own harness.Sections) []Variant {
	return []Variant{
		growth(sizes, own), zones(), nat(), upgrades(), week(), year(), restores(), chosen(), moved(own), options(),
	}
}

// growth takes a stack to the sizes of another one and back.
func growth(sizes, own harness.Sections) Variant {
	grown := []string{"aurora", "buckets", "compute", "observability"}
	services := func(from harness.Sections) func(harness.Sections) {
		return func(s harness.Sections) {
			for _, name := range grown {
				s[name] = stackfile.Clone(from[name])
			}
			s.Set("aurora.maintenanceWindow", own.Get("aurora.maintenanceWindow"))
			all, _ := from["services"].(object)
			for name, service := range all {
				images := object{
					"image":   s.Get("services." + name + ".image"),
					"version": s.Get("services." + name + ".version"),
				}
				merged, _ := stackfile.Clone(service).(object)
				maps.Copy(merged, images)
				s.Set("services."+name, merged)
			}
			for _, path := range []string{"network.nat", "network.endpoints", "network.flowLogs", "atlas.instanceSize",
				"edge.webAcl", "edge.distribution", "backups.rules"} {
				s.Set(path, from.Get(path))
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
	add := func(s harness.Sections) {
		list, _ := s.Get("network.zones").([]any)
		s.Set("network.zones", append(slices.Clone(list), third))
	}
	return Variant{Name: "three zones", Stages: []Stage{
		{Name: "a third zone", Edit: add},
		{Name: "and an instance of the database in it", Edit: func(s harness.Sections) {
			list, _ := s.Get("aurora.instances").([]any)
			s.Set("aurora.instances",
				append(slices.Clone(list), object{"number": 3, "zoneIndex": 3, "promotionTier": 1}))
		}},
		{Name: "the instance goes", Gone: []string{"aurora-instance-3"}, Edit: func(s harness.Sections) {
			list, _ := s.Get("aurora.instances").([]any)
			s.Set("aurora.instances", list[:len(list)-1])
		}},
		{
			Name: "and the zone",
			Gone: []string{"network-public-ap-northeast-1d", "network-private-ap-northeast-1d",
				"network-database-ap-northeast-1d"},
			Edit: func(s harness.Sections) {
				list, _ := s.Get("network.zones").([]any)
				s.Set("network.zones", list[:len(list)-1])
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
	alone := func(s harness.Sections) {
		s.Set("network.nat", "none")
		s.Set("network.endpoints", taskEndpoints)
		s.Set("atlas.access", "privateLink")
		s.Set("datadog.enabled", false)
		s.Set("sentry.enabled", false)
		s.Drop("edge.distribution.headers.reportUri") // of Sentry's
		services, _ := s["services"].(object)
		for name := range services {
			s.Set("services."+name+".datadog", false)
			secrets, _ := s.Get("services." + name + ".secrets").([]any)
			s.Set("services."+name+".secrets",
				slices.DeleteFunc(slices.Clone(secrets), func(one any) bool { return one == "SENTRY_DSN" }))
		}
	}
	return Variant{Name: "ways out", Stages: []Stage{
		{Name: "a NAT gateway in each zone", Edit: func(s harness.Sections) { s.Set("network.nat", "perZone") }},
		{Name: "one for all", Edit: func(s harness.Sections) {
			s.Set("network.nat", "single")
		}, Gone: natOf("ap-northeast-1c")},
		{
			Name: "none, which contradicts the rest", Edit: func(s harness.Sections) { s.Set("network.nat", "none") },
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

// options switches on what stands off in the stack files, and takes the stack down with it.
func options() Variant {
	return Variant{
		Name: "every option",
		Ends: true,
		Stages: []Stage{
			{
				Name:   "on",
				First:  true,
				Before: harness.RecoveryNetwork,
				Edit: func(s harness.Sections) {
					s.Set("backups.copy", object{"region": harness.RecoveryRegion, "retentionDays": 35})
					s.Set("aurora.global", harness.GlobalDatabase())
					s.Set("atlas.computeScaling", object{"minInstanceSize": "M10", "maxInstanceSize": "M30"})
					s.Set("guards", object{"guardDuty": "create", "cloudTrail": "create", "costAnomalies": "create"})
					s.Set("edge.zone.dnssec", true)
					s.Set("notifications.slack", object{"workspaceId": "T0123456789", "channelId": "C0123456789"})
					s.Set("services.web.canary", object{
						"image":   s.Get("services.web.image"),
						"version": s.Get("services.web.version"),
						"weight":  10,
						"tasks":   1,
					})
				},
			},
			{Name: "the canary goes", Gone: []string{"web-canary"}, Edit: func(s harness.Sections) {
				s.Drop("services.web.canary")
			}},
		},
	}
}
