package compute

import "github.com/bookmark-manager/infrastructure/internal/settings"

// DeploymentConfig is how ECS rolls out a new version.
type DeploymentConfig struct {
	// MinHealthyPercent is the share of the tasks that stays up meanwhile, rounded up; 100 keeps
	// all.
	MinHealthyPercent int `json:"minHealthyPercent" range:"50..100" unit:"percent"`
	// MaxPercent is the share of the tasks that may run meanwhile, rounded down; zones can be
	// rebalanced only above 100. With MinHealthyPercent it leaves room for one task more or fewer
	// at every number of tasks that the service may have.
	MaxPercent int `json:"maxPercent" range:"101..200" unit:"percent"`
	// GraceSeconds is how long ECS ignores the load balancer's view of a new task; no less than
	// health.startSeconds.
	GraceSeconds int `json:"graceSeconds" settings:"optional" range:"0..1800" unit:"seconds"`
	// ErrorsPerMinute are the answers with status 5xx that roll a deployment back when they last
	// for three minutes. Required with paths.
	ErrorsPerMinute int `json:"errorsPerMinute" settings:"optional" range:"1.."`
}

// Bounds are a least and a greatest number of tasks.
type Bounds struct {
	// Min is the least number of tasks.
	Min int `json:"min" range:"0..5000"`
	// Max is the greatest number of tasks.
	Max int `json:"max" range:"0..5000"`
}

// ScalingConfig bounds the number of tasks and says what it follows. The most is the quota of tasks
// in one service.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
type ScalingConfig struct {
	// Min is the least number of tasks. At 0 there is no load to measure, and nothing would ever
	// start one.
	Min int `json:"min" range:"1..5000"`
	// Max is the greatest number of tasks.
	Max int `json:"max" range:"1..5000"`
	// CPUPercent is the average CPU that the number of tasks follows.
	CPUPercent int `json:"cpuPercent" range:"10..90" unit:"percent"`
	// MemoryPercent is the average memory that the number of tasks follows.
	MemoryPercent int `json:"memoryPercent" range:"10..90" unit:"percent"`
	// RequestsPerTarget is how many requests a task should get in a minute. Required with paths.
	RequestsPerTarget int `json:"requestsPerTarget" settings:"optional" range:"1.."`
	// Quiet are the bounds of nights, weekends and holidays; compute.schedule has the hours.
	// Without them the service keeps Min and Max. Both are 0, and the service sleeps, or their min
	// is 1 or more and their max is above it, so that the number of tasks still follows the load.
	Quiet *Bounds `json:"quiet"`
}

// bounds are those of a working day.
func (c ScalingConfig) bounds() Bounds { return Bounds{c.Min, c.Max} }

// LeastAwake is the least number of tasks that the service has while it is awake, and whether it
// sleeps: whether its quiet bounds leave it none at night, on weekends and on holidays. These are
// the cases, with what the alarm SERVICE-tasks-missing makes of them (observability):
//
//	min  quiet bounds  tasks  sleeps  the alarm
//	2    none          2      false   on below 2, and without data
//	2    1 to 4        1      false   on below 1, and without data: it may be night
//	2    0 to 0        2      true    on below 2 while a target is registered
//
// Of a service that sleeps no data is healthy: the alarm cannot tell sleep from an outage.
func (c ScalingConfig) LeastAwake() (tasks int, sleeps bool) {
	switch {
	case c.Quiet == nil:
		return c.Min, false
	case c.Quiet.Max == 0:
		return c.Min, true
	default:
		return min(c.Min, c.Quiet.Min), false
	}
}

func (c ScalingConfig) validate() settings.Problems {
	var p settings.Problems
	p.WantBeside("max", c.Min <= c.Max, "min", c.Min, "no more than max (%d)", c.Max)
	if c.Quiet != nil {
		p.WantBeside("max", c.Quiet.Max <= c.Max, "quiet.max", c.Quiet.Max, "no more than max (%d)", c.Max)
		p.WantBeside("quiet.max", c.Quiet.Min <= c.Quiet.Max, "quiet.min", c.Quiet.Min, "no more than quiet.max (%d)",
			c.Quiet.Max)
		p.WantBeside("quiet.max", c.Quiet.Min > 0 || c.Quiet.Max == 0, "quiet.min", c.Quiet.Min,
			"1 or more with quiet.max %d: at 0 there is no load to measure, and nothing starts a task until the "+
				"schedule does", c.Quiet.Max)
		// A working week of 75 hours leaves 93 in which the load would change nothing.
		p.WantBeside("quiet.min", c.Quiet.Max == 0 || c.Quiet.Min != c.Quiet.Max || c.Min == c.Max, "quiet.max",
			c.Quiet.Max,
			"more than quiet.min (%d), or both 0: bounds that are equal switch scaling off for most of the week",
			c.Quiet.Min)
	}
	return p
}

// proceeds says whether a deployment that begins at a number of tasks can take its first step: one
// task more than there are, rounded down, or one fewer, rounded up.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
func (c DeploymentConfig) proceeds(tasks int) bool {
	return tasks*c.MaxPercent/100 > tasks || roundedUp(tasks*c.MinHealthyPercent, 100) < tasks
}

func roundedUp(value, by int) int { return (value + by - 1) / by }

// validateRoom refuses a deployment that would wait for ever: ECS may neither start a task nor stop
// one, and its circuit breaker counts no failure.
func (c ServiceConfig) validateRoom() settings.Problems {
	var p settings.Problems
	refuse := func(first, last int, whose string) bool {
		for tasks := max(1, first); tasks <= last; tasks++ {
			if !c.Deployment.proceeds(tasks) {
				p.WantBeside("deployment.minHealthyPercent", false, "deployment.maxPercent", c.Deployment.MaxPercent,
					"%d or more with minHealthyPercent %d: at %d tasks, which %s allows, ECS may neither start one "+
						"more nor stop one, and no deployment ends", roundedUp(100*(tasks+1), tasks),
					c.Deployment.MinHealthyPercent, tasks, whose)
				return true
			}
		}
		return false
	}
	least, _ := c.Scaling.LeastAwake()
	if !refuse(least, c.Scaling.Max, "scaling") && c.Canary != nil {
		refuse(c.Canary.Tasks, c.Canary.Tasks, "canary.tasks")
	}
	return p
}
