package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// sizes are numbers of services. Two is production as it is committed; the others add entries to its configuration.
var sizes = []int{2, 10, 25, 50}

// withServices is production with an image for each of n services. Those that it adds are copies of api that the load balancer reaches under a
// path of their own, and that call api.
func withServices(t testing.TB, n int) stackFile {
	t.Helper()
	f := readStack(t, "prod")
	var services map[string]map[string]any
	require.NoError(t, json.Unmarshal([]byte(f["bookmark-manager:services"]), &services))
	for i := 1; len(services) < n; i++ {
		added := maps.Clone(services["api"])
		delete(added, "migration")
		name := fmt.Sprintf("extra-%02d", i)
		added["port"], added["paths"], added["priority"], added["calls"] = 4000+i, []string{"/" + name + "/*"}, i, []string{"api"}
		services[name] = added
	}
	encoded, err := json.Marshal(services)
	require.NoError(t, err)
	f["bookmark-manager:services"] = string(encoded)
	return f.released(t)
}

// evaluate runs the whole program under mocks once.
func (f stackFile) evaluate(t testing.TB) *recorder.Recorder {
	r := atlasAnswers(recorder.New())
	require.NoError(t, r.Run(deploy, f, f.secretKeys()...))
	return r
}

func TestFiftyServicesAreConfigurationAlone(t *testing.T) {
	r, err := withServices(t, 50).run(t)
	require.NoError(t, err)
	require.Len(t, r.OfType("aws:ecs/service:Service"), 50)
	require.Len(t, r.OfType("aws:lb/listenerRule:ListenerRule"), 50)
}

// Whatever is added, the service that was there before depends on the same: its deploys do not wait for others.
func TestAnotherServiceChangesNoDependency(t *testing.T) {
	dependencies := func(n int) []string {
		r, err := withServices(t, n).run(t)
		require.NoError(t, err)
		web, ok := r.Get("aws:ecs/service:Service", "web")
		require.True(t, ok)
		return slices.Sorted(slices.Values(web.DependsOn))
	}
	require.NotEmpty(t, dependencies(2))
	require.Equal(t, dependencies(2), dependencies(4))
}

// BenchmarkProgram is the evaluation of the whole program under mocks: configuration, every component, every registration.
func BenchmarkProgram(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			f := withServices(b, n)
			b.ReportAllocs()
			var r *recorder.Recorder
			for b.Loop() {
				r = f.evaluate(b)
			}
			b.ReportMetric(float64(len(r.All())), "resources")
		})
	}
}

// BenchmarkProgramGrowth is how many times as long 50 services take as 10, evaluated in turns so that a busy machine slows both. Five times the
// services may cost little more than five times the work.
func BenchmarkProgramGrowth(b *testing.B) {
	ten, fifty := withServices(b, 10), withServices(b, 50)
	var short, long time.Duration
	for b.Loop() {
		start := time.Now()
		ten.evaluate(b)
		between := time.Now()
		fifty.evaluate(b)
		short, long = short+between.Sub(start), long+time.Since(between)
	}
	b.ReportMetric(float64(long)/float64(short), "growth")
	b.ReportMetric(5.5, "target-growth")
}

// BenchmarkLoad is reading and checking the configuration, every section with the contradictions between them.
func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			f := withServices(b, n)
			b.ReportAllocs()
			require.NoError(b, recorder.New().Run(func(ctx *pulumi.Context) error {
				for b.Loop() {
					if _, err := load(ctx); err != nil {
						return err
					}
				}
				return nil
			}, f, f.secretKeys()...))
		})
	}
}

// BenchmarkDecode is the strict decoding of section "services".
func BenchmarkDecode(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			raw := withServices(b, n)["bookmark-manager:services"]
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				var services compute.Services
				if problems := settings.Decode(raw, &services); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}
