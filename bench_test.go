package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// sizes are numbers of services. Two is production as it is committed; the others add entries to
// its configuration.
var sizes = []int{2, 10, 25, 50}

// evaluate runs the whole program under mocks once.
func evaluate(t testing.TB, f stacktest.File) *recorder.Recorder {
	r := atlasAnswers(recorder.New())
	require.NoError(t, r.Run(deploy, f, f.SecretKeys()...))
	return r
}

func TestFiftyServicesAreConfigurationAlone(t *testing.T) {
	r, err := run(t, stacktest.Read(t, "prod").WithServices(t, 50))
	require.NoError(t, err)
	require.Len(t, r.OfType("aws:ecs/service:Service"), 50)
	require.Len(t, r.OfType("aws:lb/listenerRule:ListenerRule"), 50)
}

// Whatever is added, the service that was there before depends on the same: its deploys do not wait
// for others.
func TestAnotherServiceChangesNoDependency(t *testing.T) {
	dependencies := func(n int) []string {
		r, err := run(t, stacktest.Read(t, "prod").WithServices(t, n))
		require.NoError(t, err)
		web, ok := r.Get("aws:ecs/service:Service", "web")
		require.True(t, ok)
		return slices.Sorted(slices.Values(web.DependsOn))
	}
	require.NotEmpty(t, dependencies(2))
	require.Equal(t, dependencies(2), dependencies(4))
}

// BenchmarkProgram is the evaluation of the whole program under mocks: configuration, every
// component, every registration.
func BenchmarkProgram(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			f := stacktest.Read(b, "prod").WithServices(b, n)
			b.ReportAllocs()
			var r *recorder.Recorder
			for b.Loop() {
				r = evaluate(b, f)
			}
			b.ReportMetric(float64(len(r.All())), "resources")
		})
	}
}

// BenchmarkProgramGrowth is how many times as long 50 services take as 10, evaluated in turns so
// that a busy machine slows both. Five times the services may cost little more than five times the
// work.
func BenchmarkProgramGrowth(b *testing.B) {
	ten, fifty := stacktest.Read(b, "prod").WithServices(b, 10), stacktest.Read(b, "prod").WithServices(b, 50)
	var short, long time.Duration
	for b.Loop() {
		start := time.Now()
		evaluate(b, ten)
		between := time.Now()
		evaluate(b, fifty)
		short, long = short+between.Sub(start), long+time.Since(between)
	}
	b.ReportMetric(float64(long)/float64(short), "growth")
	b.ReportMetric(5.5, "target-growth")
}
