package lifecycle

import (
	"errors"
	"fmt"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// weekBegins is the midnight in Tokyo before a week whose Monday is a holiday, so that a stack that
// sleeps at night changes at eight hours of it: the mornings and the evenings of four workdays.
var weekBegins = time.Date(2026, 1, 12, 0, 0, 0, 0, time.FixedZone("JST", 9*3600))

// week lets a schedule of staging's hours go through that week. At each hour where it changes, the
// services must sleep or be awake as they should, and a preview with a refresh must leave them so.
// In between they are woken for a release at night, and one is deployed while they are left asleep.
func week() Variant {
	v := Variant{Name: "a week"}
	last := weekBegins
	until := func(day time.Weekday, hour int, awake bool) func(*cloud.Tx, Place) error {
		from, to := last, weekBegins.AddDate(0, 0, int(day-time.Monday)).Add(time.Duration(hour)*time.Hour+time.Minute)
		last = to
		return func(tx *cloud.Tx, _ Place) error {
			if err := aws.Schedule(tx, from, to); err != nil {
				return err
			}
			return sleeps(tx, !awake)
		}
	}
	release := func(version string) func(sections) {
		return func(s sections) {
			services, _ := s["services"].(object)
			for name := range services {
				s.set("services."+name+".version", version)
			}
		}
	}
	for day := time.Tuesday; day <= time.Friday; day++ {
		v.Stages = append(v.Stages,
			Stage{Name: fmt.Sprintf("%s, 07:00: awake", day), Before: until(day, 7, true), Quiet: true},
			Stage{Name: fmt.Sprintf("%s, 22:00: asleep", day), Before: until(day, 22, false), Quiet: true},
		)
		switch day {
		case time.Tuesday:
			v.Stages = append(v.Stages,
				Stage{Name: "Tuesday, 23:00: woken for a release", Edit: release("0a1b2c3"), Before: wake})
		case time.Friday:
			v.Stages = append(v.Stages, Stage{
				Name: "Friday, 23:00: a release, left asleep", Edit: release("1b2c3d4"),
				Before: func(tx *cloud.Tx, _ Place) error { return sleeps(tx, true) },
			})
		}
	}
	return v
}

// wake raises what sleeps, as a promotion does.
func wake(tx *cloud.Tx, _ Place) error {
	raised, err := aws.Wake(tx)
	if err == nil && raised == 0 {
		return errors.New("wake the services: none of them sleeps")
	}
	if err != nil {
		return err
	}
	return sleeps(tx, false)
}

// sleeps fails when a service is awake that should sleep, or the other way round.
func sleeps(tx *cloud.Tx, want bool) error {
	tasks, err := aws.Tasks(tx)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		return errors.New("look at the services: nothing scales any")
	}
	for target, wanted := range tasks {
		if (wanted == 0) != want {
			return fmt.Errorf("%s wants %d tasks; should it sleep: %t", target, wanted, want)
		}
	}
	return nil
}
