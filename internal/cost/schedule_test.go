package cost

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

const zoneName = "Asia/Tokyo"

func TestHoursWithinBounds(t *testing.T) {
	day, quiet := bounds{2, 10}, bounds{1, 1}
	raise := func(cron string) change { return change{cron, zoneName, day} }
	lower := change{"cron(0 22 * * ? *)", zoneName, quiet}
	// 2025 has 8,760 hours, as many as twelve months of 730
	perYear := func(hours float64) float64 { return hours / 12 }
	for sentence, one := range map[string]struct {
		changes []change
		day     float64
	}{
		"no schedule": {nil, 730},
		// 2025 has 261 days from Monday to Friday, of 15 hours each.
		"workdays, 07:00 to 22:00":   {[]change{raise("cron(0 7 ? * MON-FRI *)"), lower}, perYear(261 * 15)},
		"a schedule of another year": {[]change{raise("cron(0 7 ? * MON-FRI 2026)"), lower}, 0},
		"a month with a day off": {
			// August 2025 without the 11th has 20 workdays; the year has 240 in its other months.
			[]change{
				raise("cron(0 7 1,4,5,6,7,8,12,13,14,15,18,19,20,21,22,25,26,27,28,29 8 ? 2025)"),
				raise("cron(0 7 ? 1,2,3,4,5,6,7,9,10,11,12 MON-FRI 2025)"),
				raise("cron(0 7 ? * MON-FRI 1970-2024,2026-2199)"), lower,
			},
			perYear(260 * 15),
		},
		"what was raised before the year holds in it": {
			[]change{raise("cron(0 7 ? * MON-FRI 2024)"), {"cron(0 22 2 1 ? 2025)", zoneName, quiet}}, perYear(24 + 22),
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			hours, err := hoursWithin(day, one.changes, 2025)
			require.NoError(t, err)
			assert.InDelta(t, one.day, hours[day], 1e-6)
			assert.InDelta(t, 730, hours[day]+hours[quiet], 1e-6)
		})
	}
}

func TestRefusesASchedulesItCannotFollow(t *testing.T) {
	for want, changes := range map[string][]change{
		"want cron( and six fields":           {{"rate(1 hour)", zoneName, bounds{}}},
		"only one time of day is understood":  {{"cron(0 7,9 * * ? *)", zoneName, bounds{}}},
		`found "L", want a number`:            {{"cron(0 7 L * ? *)", zoneName, bounds{}}},
		"read the time zone \"Mars/Olympus\"": {{"cron(0 7 * * ? *)", "Mars/Olympus", bounds{}}},
		"are in the time zones": {
			{"cron(0 7 * * ? *)", zoneName, bounds{}},
			{"cron(0 7 * * ? *)", "UTC", bounds{}},
		},
	} {
		_, err := hoursWithin(bounds{}, changes, 2025)
		assert.ErrorContains(t, err, want)
	}
}

// running is a service with two tasks at night and up to ten by day, and its definition.
func running(strategies []any, definition in) []plan.State {
	secret := made("aws:ssm/parameter:Parameter", "key", in{"name": "/bookmark-manager/production/DD_API_KEY"})
	task := made(catalog.TaskDefinition, "web", definition, secret)
	service := made(catalog.ECSService, "web", in{"desiredCount": 2.0, "capacityProviderStrategies": strategies}, task)
	target := made(catalog.ScalingTarget, "web", in{"minCapacity": 2.0, "maxCapacity": 10.0}, service)
	action := func(name, cron string, least, most float64) plan.State {
		return made(catalog.ScheduledAction, name, in{
			"schedule":             cron,
			"timezone":             zoneName,
			"scalableTargetAction": in{"minCapacity": least, "maxCapacity": most},
		}, target)
	}
	return append(providers(), secret, task, service, target, action("lower", "cron(0 18 * * ? *)", 2, 2),
		action("raise", "cron(0 6 * * ? *)", 2, 10))
}

var fargatePrices = map[string]float64{
	"fargate.x86.vcpuHour":      1,
	"fargate.x86.gbHour":        0.1,
	"fargate.x86.spot.vcpuHour": 0.3,
	"fargate.x86.spot.gbHour":   0.03,
	"fargate.arm.vcpuHour":      0.8,
	"fargate.arm.gbHour":        0.08,
	"fargate.storageGBHour":     0.01,
	"datadog.fargateTask":       1,
	"datadog.apmFargateTask":    2,
	"ssm.advancedParameter":     1,
}

func TestWhatAServiceCosts(t *testing.T) {
	onDemand := []any{in{"capacityProvider": "FARGATE", "weight": 100.0}}
	x86 := in{"cpu": "512", "memory": "1024", "runtimePlatform": in{"cpuArchitecture": "X86_64"}}
	// Twelve hours a day at two tasks, twelve at four: three on average, 2,190 hours a month.
	for sentence, one := range map[string]struct {
		strategies []any
		definition in
		want       float64
	}{
		"on demand": {onDemand, x86, 2190*0.5 + 2190*0.1},
		"a quarter on spot": {[]any{in{"capacityProvider": "FARGATE", "weight": 75.0},
			in{"capacityProvider": "FARGATE_SPOT", "weight": 25.0}}, x86, (0.75 + 0.25*0.3) * 2190 * 0.6},
		// Two of two and of four tasks are on demand, so that the two that come by day are on spot.
		"a base on demand": {
			[]any{in{"capacityProvider": "FARGATE", "weight": 0.0, "base": 2.0},
				in{"capacityProvider": "FARGATE_SPOT", "weight": 100.0}}, x86,
			(1460 + 0.3*730) * 0.6,
		},
		"all on spot": {[]any{in{"capacityProvider": "FARGATE_SPOT", "weight": 100.0}}, x86, 0.3 * 2190 * 0.6},
		"on ARM": {onDemand,
			in{"cpu": "512", "memory": "1024", "runtimePlatform": in{"cpuArchitecture": "ARM64"}}, 0.8 * 2190 * 0.6},
		"with a larger disk": {onDemand, in{"cpu": "512", "memory": "1024", "ephemeralStorage": in{"sizeInGib": 50.0}},
			2190*0.6 + 2190*30*0.01},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := Estimate(running(one.strategies, one.definition),
				&Usage{values: map[string]float64{"schedule.year": 2025, "service.web.busyTasks": 4}},
				table(t, fargatePrices))
			require.NoError(t, err)
			assert.InDelta(t, one.want, got.System(fargate), 1e-6)
			assert.InDelta(t, 3*(1+2), got.System(datadog), 1e-6,
				"its task reads Datadog's key, so the agent runs in it")
		})
	}
	// A quiet night that leaves room: three tasks in it, four by day.
	quiet := running(onDemand, x86)
	for i, one := range quiet {
		if one.Name() == "lower" {
			quiet[i].Inputs["scalableTargetAction"] = in{"minCapacity": 2.0, "maxCapacity": 4.0}
		}
	}
	usage := &Usage{values: map[string]float64{
		"schedule.year":          2025,
		"service.web.busyTasks":  4,
		"service.web.quietTasks": 3,
	}}
	got, err := Estimate(quiet, usage, table(t, fargatePrices))
	require.NoError(t, err)
	assert.InDelta(t, 730*3.5*0.6, got.System(fargate), 1e-6)
	_, err = Estimate(running(onDemand, x86),
		&Usage{values: map[string]float64{"schedule.year": 2025, "service.web.busyTasks": 11}}, table(t, fargatePrices))
	assert.ErrorContains(t, err, `"service.web.busyTasks" is 11, and the plan keeps the service at 2 to 10 tasks`)
}
