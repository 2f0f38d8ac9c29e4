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

// Way is a way through the runbook.
type Way struct {
	Name    string
	Heading string // in docs/operations.md
	steps   []planned
}

// Away is the way to the recovery region.
var Away = Way{
	Name: "away", Heading: "### A region",
	steps: []planned{
		{"Hold everything", []Wait{{"a person", 2 * time.Minute, person}}, nil},
		{"Write the new stack's file", []Wait{{"a person", 5 * time.Minute, person}}, nil},
		{"Make its state", []Wait{{"a person", 5 * time.Minute, person}}, nil},
		{"Deploy everything but the services", []Wait{
			{"network and keys", 5 * time.Minute, estimate},
			{"the restore of the cluster", 120 * time.Minute, restoreSource},
			{"its instances", 15 * time.Minute, estimate},
		}, nil},
		{"Build the images", nil, nil}, // while the database is restored
		{"Restore the latest snapshot of Atlas", []Wait{{"the restore", 30 * time.Minute, atlasSource}}, nil},
		{"Take over", []Wait{
			{"migration and services", 20 * time.Minute, steadySource},
			{"the origin's record", time.Minute, route53Source},
			{"the edges", 10 * time.Minute, estimate},
		}, nil},
		{"Look", []Wait{{"a person", 5 * time.Minute, person}}, nil},
	},
}

// Home is the way back, once the region answers again.
var Home = Way{
	Name: "home", Heading: "#### Home",
	steps: []planned{
		{"Close the site", []Wait{{"a person", 5 * time.Minute, person}}, (*drill).closed},
		{"Bring the database home", []Wait{
			{"the snapshot", 15 * time.Minute, estimate},
			{"its copy", 45 * time.Minute, estimate},
		}, nil},
		{"The same for Atlas", nil, nil}, // while the database is restored
		{"Deploy the cluster", []Wait{
			{"the restore of the cluster", 120 * time.Minute, restoreSource},
			{"its instances", 15 * time.Minute, estimate},
			{"migration and services", 20 * time.Minute, steadySource},
		}, nil},
		{"Take the origin's name", []Wait{
			{"the origin's record", 2 * time.Minute, route53Source}, {"the edges", 10 * time.Minute, estimate},
		}, nil},
		{"Open the site", []Wait{{"a person", 2 * time.Minute, person}}, nil},
		{"Take the other stack down", nil, nil}, // the site is open
		{"Commit the home stack's file", nil, nil},
	},
}

// plan pairs the steps of the document with what the drill knows of them: neither has one that the
// other lacks.
func (w Way) plan(document string) ([]Step, error) {
	steps, err := Runbook(document, w.Heading)
	if err != nil {
		return nil, err
	}
	if len(steps) != len(w.steps) {
		return nil, fmt.Errorf("read the runbook: %q has %d steps, and the drill knows the waits of %d", w.Heading,
			len(steps), len(w.steps))
	}
	for i, step := range steps {
		if !strings.HasPrefix(step.Do, w.steps[i].begins) {
			return nil, fmt.Errorf("read the runbook: step %d of %q is %q, and the drill wants one that begins with %q",
				i+1, w.Heading, step.Do, w.steps[i].begins)
		}
	}
	return steps, nil
}

// Chain is how long the waits of the way are together: nobody can begin the next one before.
func (w Way) Chain() time.Duration {
	var all time.Duration
	for _, step := range w.steps {
		for _, wait := range step.waits {
			all += wait.Length
		}
	}
	return all
}

// Ways are all of them.
var Ways = []Way{Away, Home}
