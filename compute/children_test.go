package compute

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

// everything lists the children of a stack with both services, by type.
func everything() map[string][]string {
	return map[string][]string{
		ClusterType:      {"cluster"},
		RegistryType:     {"registry"},
		LoadBalancerType: {"alb"},
		ServiceType:      {"api", "web"},
		MigrationType:    {"migration"},
		typeCluster:      {"cluster"},
		typeCapacity:     {"cluster-capacity"},
		typeNamespace:    {"cluster-connect"},
		typeRepository:   {"registry-api", "registry-web"},
		typeLifecycle:    {"registry-api", "registry-web"},
		typeBalancer:     {"alb"},
		typeListener:     {"alb-http", "alb-https"},
		typeTargetGroup:  {"api-tg", "web-tg"},
		typeRule:         {"api-rule", "web-rule"},
		typeLogGroup:     {"api", "cluster-exec", "migration", "web"},
		typeRole: {"api-execution", "api-task", "migration-execution", "migration-task", "web-execution",
			"web-task"},
		typeRolePolicy:     {"api-execution", "api-task", "migration-execution", "web-execution", "web-task"},
		typeTaskDefinition: {"api", "migration", "web"},
		typeECSService:     {"api", "web"},
		typeAlarm: {"api-rollback-errors", "api-rollback-unhealthy", "web-rollback-errors",
			"web-rollback-unhealthy"},
		typeTarget: {"api", "web"},
		typePolicy: {"api-cpu", "api-memory", "api-requests", "web-cpu", "web-memory", "web-requests"},
		typeAction: {
			"api-lower", "api-raise", "api-raise-2026", "api-raise-2026-11", "web-lower", "web-raise",
			"web-raise-2026", "web-raise-2026-11",
		},
	}
}

func assertChildren(t *testing.T, r *recorder.Recorder, want map[string][]string) {
	t.Helper()
	found := map[string][]string{}
	for _, one := range r.All() {
		found[one.Type] = append(found[one.Type], one.Name)
	}
	assert.Equal(t, want, found)
	assert.Empty(t, r.Orphans())
}

func TestEveryChild(t *testing.T) {
	r := mustBuild(t, nil)
	assertChildren(t, r, everything())
	components := []string{ClusterType, RegistryType, LoadBalancerType, ServiceType, MigrationType}
	for _, one := range r.All() {
		if one.Custom {
			assert.Contains(t, components, string(resource.URN(one.Parent).Type()), one.Key())
		}
	}
}

func TestWithoutImagesEverythingButTheServicesIsMade(t *testing.T) {
	r, s, err := build(func(s *stack) {
		for name := range s.Services {
			s.edit(name, func(c *ServiceConfig) { c.Image, c.Version = "", "" })
		}
	})
	require.NoError(t, err)
	want := everything()
	for _, typ := range []string{typeTaskDefinition, typeECSService, typeAlarm, typeTarget, typePolicy, typeAction} {
		delete(want, typ)
	}
	assertChildren(t, r, want)
	assert.False(t, s.built["web"].Deployed)
	assert.False(t, s.migration.Deployed)
	assert.Equal(t, "bookmark-manager-production-web", s.built["web"].Name)
}

// worker is a service that the original design does not have: behind no load balancer, called by
// the API.
func worker(s *stack) {
	c := s.Services["api"]
	c.Port, c.Paths, c.Priority, c.Migration, c.Secrets, c.Assets, c.Datadog, c.Exec = 4000, nil, 0, nil, nil,
		AssetsNone, false, false
	c.Deployment.ErrorsPerMinute, c.Deployment.GraceSeconds, c.Scaling.RequestsPerTarget, c.Scaling.Quiet = 0, 0, 0, nil
	s.Services["link-checker"] = c
	s.edit("api", func(c *ServiceConfig) { c.Calls = []string{"link-checker"} })
}

func TestAThirdServiceNeedsOnlyConfiguration(t *testing.T) {
	r := mustBuild(t, worker)
	want := everything()
	for typ, name := range map[string]string{
		ServiceType:        "link-checker",
		typeRepository:     "registry-link-checker",
		typeLifecycle:      "registry-link-checker",
		typeLogGroup:       "link-checker",
		typeTaskDefinition: "link-checker",
		typeECSService:     "link-checker",
		typeTarget:         "link-checker",
		typeRolePolicy:     "link-checker-execution",
	} {
		want[typ] = append(want[typ], name)
		slices.Sort(want[typ])
	}
	want[typeRole] = slices.Sorted(slices.Values(append(want[typeRole], "link-checker-execution", "link-checker-task")))
	want[typePolicy] = slices.Sorted(slices.Values(append(want[typePolicy], "link-checker-cpu", "link-checker-memory")))
	assertChildren(t, r, want)
	assertInputs(t, get(t, r, typeECSService, "link-checker"), map[string]any{
		"name":                          "bookmark-manager-production-link-checker",
		"loadBalancers":                 nil,
		"healthCheckGracePeriodSeconds": nil,
		"alarms":                        nil,
		"serviceConnectConfiguration.services[0].discoveryName": "link-checker",
	})
	assert.Contains(t, get(t, r, typeTaskDefinition, "api").Input("containerDefinitions"),
		`{"name":"LINK_CHECKER_URL","value":"http://link-checker:4000"}`)
}

// changed lists the resources whose inputs differ between two stacks.
func changed(before, after *recorder.Recorder) []string {
	var all []string
	for _, one := range before.All() {
		if other, ok := after.Get(one.Type, one.Name); !ok || !one.Inputs.DeepEquals(other.Inputs) {
			all = append(all, one.Key())
		}
	}
	for _, one := range after.All() {
		if _, ok := before.Get(one.Type, one.Name); !ok {
			all = append(all, one.Key())
		}
	}
	return all
}

func TestAReleaseTouchesNothingElse(t *testing.T) {
	for name, change := range map[string]func(*ServiceConfig){
		"a new image": func(c *ServiceConfig) { c.Image, c.Version = Digest(canaryDigest), "1234567" },
		"more CPU":    func(c *ServiceConfig) { c.CPU, c.Memory = 1024, 2048 },
	} {
		t.Run(name, func(t *testing.T) {
			after := mustBuild(t, func(s *stack) { s.edit("web", change) })
			// The service follows by the definition's ARN, which mocks do not change.
			assert.Equal(t, []string{typeTaskDefinition + " web"}, changed(mustBuild(t, nil), after))
		})
	}
	r, s, err := build(nil)
	require.NoError(t, err)
	definition := get(t, r, typeTaskDefinition, "web")
	assert.Equal(t, fmt.Sprintf("arn:aws:test:%s:%s:web", recorder.Region, recorder.Account),
		get(t, r, typeECSService, "web").Input("taskDefinition"))
	assert.Equal(t, "bookmark-manager-production-web", definition.Input("family"))
	assert.Equal(t, 3000, s.built["web"].Port)
}
