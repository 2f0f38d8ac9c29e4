package regionloss

import (
	"fmt"
	"strings"
	"time"
)

// Wait is a wait with its length and where that is from.
type Wait struct {
	For    string
	Length time.Duration
	Source string
}

// Where the lengths are from.
const (
	restoreSource = "https://repost.aws/knowledge-center/aurora-mysql-slow-snapshot-restore: " +
		"up to a few hours; for this size an estimate"
	route53Source = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-editing.html"
	atlasSource   = "docs/operations.md, Restore: an estimate for 10 GB"
	steadySource  = "Pulumi's AWS provider waits for a steady service for so long"
	estimate      = "an estimate: AWS documents none, and nothing was measured on an account"
	person        = "reading, typing, and looking at what is printed"
)

// planned is what the drill knows of a step of the runbook beside its commands.
type planned struct {
	begins string // how its sentence begins
	// waits are what the step waits for at the longest, one after the other.
	waits []Wait
	// after looks at what the step has done.
	after func(*drill) error
}

// The headings of docs/operations.md whose steps the drill takes.
const (
	aRegion        = "### A region"
	globalDatabase = "#### The global database"
	goingHome      = "#### Home"
	leavingGlobal  = "#### Home with the global database"
	aStandby       = "### A standby"
)

// known are the steps of each heading.
var known = map[string][]planned{
	aRegion: {
		{begins: "Hold everything", waits: []Wait{{"a person", 2 * time.Minute, person}}},
		{begins: "Write the new stack's file", waits: []Wait{{"a person", 5 * time.Minute, person}}},
		{begins: "Make its state", waits: []Wait{{"a person", 5 * time.Minute, person}}},
		{begins: "Deploy everything but the services", waits: []Wait{
			{"network and keys", 5 * time.Minute, estimate},
			{"the restore of the cluster", 120 * time.Minute, restoreSource},
			{"its instances", 15 * time.Minute, estimate},
		}},
		{begins: "Build the images"}, // while the database is restored
		{
			begins: "Restore the latest snapshot of Atlas",
			waits:  []Wait{{"the restore", 30 * time.Minute, atlasSource}},
		},
		{begins: "Take over", waits: []Wait{
			{"migration and services", 20 * time.Minute, steadySource},
			{"the origin's record", time.Minute, route53Source},
			{"the edges", 10 * time.Minute, estimate},
		}},
		{begins: "Look", waits: []Wait{{"a person", 5 * time.Minute, person}}},
	},
	globalDatabase: {
		{begins: "Take the copy out", waits: []Wait{
			{"a person", 5 * time.Minute, person},
			{"the snapshot", 15 * time.Minute, estimate},
		}},
	},
	goingHome: {
		{begins: "Close the site", waits: []Wait{{"a person", 5 * time.Minute, person}}, after: (*drill).closed},
		{begins: "Bring the database home", waits: []Wait{
			{"the snapshot", 15 * time.Minute, estimate},
			{"its copy", 45 * time.Minute, estimate},
		}},
		{begins: "The same for Atlas"}, // while the database is restored
		{begins: "Deploy the cluster", waits: []Wait{
			{"the restore of the cluster", 120 * time.Minute, restoreSource},
			{"its instances", 15 * time.Minute, estimate},
			{"migration and services", 20 * time.Minute, steadySource},
		}},
		{begins: "Take the origin's name", waits: []Wait{
			{"the origin's record", 2 * time.Minute, route53Source},
			{"the edges", 10 * time.Minute, estimate},
		}},
		{begins: "Open the site", waits: []Wait{{"a person", 2 * time.Minute, person}}},
		{begins: "Take the other stack down"}, // the site is open
		{begins: "Commit the home stack's file"},
	},
	leavingGlobal: {{begins: "Give the global database up"}}, // the site is served from the recovery region
	aStandby: {
		{begins: "Start its services", waits: []Wait{{"services", 20 * time.Minute, steadySource}}},
		{begins: "Name it in the distribution's stack", waits: []Wait{{"a person", 5 * time.Minute, person}}},
	},
}

// part are steps of a heading: from one to another, which are counted from 1. A last one of 0 is
// the heading's last.
type part struct {
	heading     string
	first, last int
}

// Way is a way through the runbook.
type Way struct {
	Name  string
	parts []part
}

// The ways of the drill.
var (
	Away       = Way{"away", []part{{aRegion, 1, 0}}}
	Home       = Way{"home", []part{{goingHome, 1, 0}}}
	AwayGlobal = Way{"away, from the global database", []part{{aRegion, 1, 1}, {globalDatabase, 1, 0}, {aRegion, 3, 0}}}
	HomeGlobal = Way{"home, with the global database", []part{{leavingGlobal, 1, 0}, {goingHome, 1, 0}}}
	// ToStandBy is not walked in a loss: it is done in advance.
	ToStandBy = Way{"to a standby, in advance", []part{{aRegion, 2, 6}, {aStandby, 1, 0}}}
	Ways      = []Way{Away, Home, AwayGlobal, HomeGlobal, ToStandBy}
)

// step is one of the document's with what the drill knows of it.
type step struct {
	Step
	planned
}

// plan pairs the steps of the document with what the drill knows of them: neither has one that the
// other lacks.
func (w Way) plan(document string) ([]step, error) {
	var all []step
	for _, part := range w.parts {
		steps, err := Runbook(document, part.heading)
		if err != nil {
			return nil, err
		}
		plans := known[part.heading]
		if len(steps) != len(plans) {
			return nil, fmt.Errorf("read the runbook: %q has %d steps, and the drill knows the waits of %d",
				part.heading,
				len(steps), len(plans))
		}
		last := part.last
		if last == 0 {
			last = len(steps)
		}
		for i := part.first - 1; i < last; i++ {
			if !strings.HasPrefix(steps[i].Do, plans[i].begins) {
				return nil, fmt.Errorf("read the runbook: step %d of %q is %q, and the drill wants one that begins "+
					"with %q",
					i+1, part.heading, steps[i].Do, plans[i].begins)
			}
			all = append(all, step{steps[i], plans[i]})
		}
	}
	return all, nil
}

// chain is how long the waits of steps are together: nobody can begin the next one before.
func chain(steps []step) time.Duration {
	var all time.Duration
	for _, one := range steps {
		all += sum(one.waits)
	}
	return all
}

func sum(waits []Wait) (all time.Duration) {
	for _, wait := range waits {
		all += wait.Length
	}
	return all
}

// takeOver is what visitors wait for until a standby has taken over.
var takeOver = []Wait{
	{"the alarm", 3 * time.Minute, "three periods of a minute: edge/origin_health.go"},
	{"Route 53, which follows it", time.Minute, estimate},
	{"the origin's record", time.Minute, route53Source},
}
