package cost

import (
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// freeStorageGB is what each task has for nothing.
const freeStorageGB = 20

// service runs tasks of the definition that it depends on, for as long as its schedule and the
// usage say.
func service(e *estimator, r resource) {
	tasks := r.needs(catalog.TaskDefinition)
	if len(tasks) != 1 {
		e.problem("%s (%s): it depends on %d task definitions in the plan, want 1", r.Name(), r.Type, len(tasks))
		return
	}
	hours, onDemand := 0.0, 0.0
	capacity := capacityOf(r)
	for _, one := range e.taskHours(r) {
		hours += one.tasks * one.hours
		onDemand += capacity.onDemand(one.tasks) * one.hours
	}
	e.chargeTask(r, tasks[0], "spot", hours-onDemand)
	e.chargeTask(r, tasks[0], "", onDemand)
	if watched(tasks[0]) {
		e.chargeIn(Everywhere, datadog, r, "average tasks with infrastructure monitoring", "datadog.fargateTask",
			hours/hoursPerMonth)
		e.chargeIn(Everywhere, datadog, r, "average tasks with APM", "datadog.apmFargateTask", hours/hoursPerMonth)
	}
}

// task is a definition. Only its tasks cost: those of a service and of a schedule are charged
// there, those that something else runs are usage.
func task(e *estimator, r resource) {
	for _, one := range slices.Concat(e.of(catalog.ECSService), e.of(catalog.Schedule)) {
		if slices.Contains(one.Dependencies, r.URN) {
			return
		}
	}
	e.chargeTask(r, r, "", e.want("task."+r.Name()+".hours"))
}

// scheduledTask charges the tasks that a schedule starts. The schedule itself is free up to
// fourteen million starts a month.
func scheduledTask(e *estimator, r resource) {
	definitions := r.needs(catalog.TaskDefinition)
	if len(definitions) != 1 {
		e.problem("%s (%s): it depends on %d task definitions in the plan, want 1", r.Name(), r.Type, len(definitions))
		return
	}
	e.chargeTask(r, definitions[0], "", e.want("schedule."+r.Name()+".taskHours"))
}

// chargeTask charges the hours of tasks of one definition, on spot capacity or not.
func (e *estimator) chargeTask(r, definition resource, capacity string, hours float64) {
	if hours == 0 && capacity != "" {
		return
	}
	architecture := definition.Input("runtimePlatform.cpuArchitecture").Text()
	family, ok := map[string]string{"": "x86", "X86_64": "x86", "ARM64": "arm"}[architecture]
	if !ok {
		e.problem("%s (%s): its cpuArchitecture is %q, want X86_64 or ARM64", definition.Name(), definition.Type,
			architecture)
	}
	prefix, label := "fargate."+family, "tasks"
	if capacity != "" {
		prefix, label = prefix+"."+capacity, "tasks on "+capacity
	}
	e.charge(fargate, r, label+", vCPU hours", prefix+".vcpuHour", definition.number("cpu")/1024*hours)
	e.charge(fargate, r, label+", GB hours", prefix+".gbHour", definition.number("memory")/1024*hours)
	if size, ok := definition.Input("ephemeralStorage.sizeInGib").Number(); ok && size > freeStorageGB {
		e.charge(fargate, r, label+", disk beyond 20 GB", "fargate.storageGBHour", (size-freeStorageGB)*hours)
	}
}

// span is a number of tasks, and the hours of a month in which a service has that many.
type span struct{ tasks, hours float64 }

// taskHours are the tasks of a service in a month. Where the schedule holds it at one number, that
// is the number; where it leaves a range, the usage says how many there are on average, in the
// hours that are busy and in those that are quiet.
func (e *estimator) taskHours(r resource) []span {
	targets := e.dependents(catalog.ScalingTarget, r.URN)
	if len(targets) != 1 {
		if len(targets) > 1 {
			e.problem("%s (%s): it has %d scaling targets, want 1 at most", r.Name(), r.Type, len(targets))
		}
		return []span{{r.number("desiredCount"), hoursPerMonth}}
	}
	target := targets[0]
	var changes []change
	for _, action := range e.dependents(catalog.ScheduledAction, target.URN) {
		least, ok := action.Input("scalableTargetAction.minCapacity").Number()
		most, also := action.Input("scalableTargetAction.maxCapacity").Number()
		if !ok || !also {
			e.problem("%s (%s): the plan does not say both of its capacities", action.Name(), action.Type)
		}
		changes = append(changes,
			change{action.text("schedule"), action.textOr("timezone", "UTC"), bounds{least, most}})
	}
	begin := bounds{target.number("minCapacity"), target.number("maxCapacity")}
	year := 0
	if len(changes) > 0 {
		year = int(e.want("schedule.year"))
	}
	hours, err := hoursWithin(begin, changes, year)
	if err != nil {
		e.problem("%s: %w", r.Name(), err)
		return nil
	}
	var spans []span
	for _, at := range slices.SortedFunc(maps.Keys(hours), bounds.compare) {
		tasks := at.least
		if at.least != at.most {
			name := "service." + r.Name() + ".quietTasks"
			if at == begin {
				name = "service." + r.Name() + ".busyTasks"
			}
			if tasks = e.want(name); tasks < at.least || tasks > at.most {
				e.outOfBounds("the usage entry %q is %g, and the plan keeps the service at %g to %g tasks", name,
					tasks, at.least, at.most)
			}
		}
		spans = append(spans, span{tasks, hours[at]})
	}
	return spans
}

// dependents are the resources of a type that depend on another.
func (e *estimator) dependents(typ, urn string) []resource {
	return slices.DeleteFunc(e.of(typ), func(one resource) bool { return !slices.Contains(one.Dependencies, urn) })
}

// capacity is how a service's tasks are spread: a base on demand, and a share of the others on spot
// capacity.
type capacity struct{ base, spot float64 }

// onDemand is how many of a number of tasks are on demand, on average.
func (c capacity) onDemand(tasks float64) float64 {
	base := min(c.base, tasks)
	return base + (tasks-base)*(1-c.spot)
}

// capacityOf reads the base and the weights of a service's strategies.
func capacityOf(r resource) capacity {
	var c capacity
	spot, all := 0.0, 0.0
	for _, strategy := range r.objects("capacityProviderStrategies") {
		weight, ok := strategy.At("weight").Number()
		base, _ := strategy.At("base").Number()
		onSpot := strategy.At("capacityProvider").Text() == "FARGATE_SPOT"
		if !ok || onSpot && base > 0 {
			r.e.problem("%s (%s): its capacity provider strategies need a weight, and a base on demand alone",
				r.Name(), r.Type)
		}
		all += weight
		c.base += base
		if onSpot {
			spot += weight
		}
	}
	if all > 0 {
		c.spot = spot / all
	}
	return c
}

// watched says whether Datadog's agent runs beside the containers: the task then reads Datadog's
// key. The containers themselves are not known before the first deploy.
func watched(definition resource) bool {
	return slices.ContainsFunc(definition.needs(catalog.Parameter), func(parameter resource) bool {
		return strings.HasSuffix(parameter.Input("name").Text(), "/DD_API_KEY")
	})
}

// cluster has metrics and log lines when Container Insights is on: for itself, each service and
// each family of tasks.
func cluster(e *estimator, r resource) {
	for _, setting := range r.objects("settings") {
		value := setting.At("value")
		if setting.At("name").Text() != "containerInsights" || value.Text() == "disabled" {
			continue
		}
		if value.Text() != "enabled" {
			e.problem("%s (%s): its containerInsights is %v, and only enabled and disabled are priced", r.Name(),
				r.Type, value)
		}
		metrics := e.want("insights.metricsPerCluster") +
			e.want("insights.metricsPerService")*float64(len(e.of(catalog.ECSService))) +
			e.want("insights.metricsPerTaskFamily")*float64(len(e.of(catalog.TaskDefinition)))
		e.charge(watch, r, "Container Insights, custom metrics", "cloudwatch.metric", metrics)
		e.charge(logs, r, "Container Insights, ingested", "logs.ingestedGB", e.want("insights.ingestedGB"))
	}
}
