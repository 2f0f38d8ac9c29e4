package lifecycle

import (
	"errors"
	"fmt"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
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
	until := func(day time.Weekday, hour int, awake bool) func(*cloud.Tx, harness.Place) error {
		from, to := last, weekBegins.AddDate(0, 0, int(day-time.Monday)).Add(time.Duration(hour)*time.Hour+time.Minute)
		last = to
		return func(tx *cloud.Tx, _ harness.Place) error {
			if err := aws.Schedule(tx, from, to); err != nil {
				return err
			}
			return sleeps(tx, !awake)
		}
	}
	release := func(version string) func(harness.Sections) {
		return func(s harness.Sections) {
			services, _ := s["services"].(object)
			for name := range services {
				s.Set("services."+name+".version", version)
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
				Before: func(tx *cloud.Tx, _ harness.Place) error { return sleeps(tx, true) },
			})
		}
	}
	return v
}

// wake raises what sleeps, as a promotion does.
func wake(tx *cloud.Tx, _ harness.Place) error {
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

// year lets a year and two days go by over a stack that backs up, copies, locks and tries restores,
// with new minor versions of the database, a major upgrade and a rotated password in between. KMS
// rotates keys after a year, and ACM renews certificates before its end.
func year() Variant {
	release := func(version string) func(*cloud.Tx, harness.Place) error {
		return func(tx *cloud.Tx, _ harness.Place) error { return aws.Release(tx, version) }
	}
	// A season has 91 nights, the first of them perhaps before the plan's hour, and 13 Sundays.
	season := func(upgrades int) func(*aws.Passed) error {
		return func(p *aws.Passed) error {
			if p.Backups < 90 || p.Copies != p.Backups || p.Restores < 12 || p.Expired == 0 ||
				len(p.Upgrades) != upgrades {
				return fmt.Errorf("a season should have a backup and a copy each day, a restore each week, an end "+
					"of recovery points and "+
					"%d upgrades, not %+v", upgrades, *p)
			}
			return nil
		}
	}
	last := func(p *aws.Passed) error {
		if p.Renewed == 0 || p.Rotated == 0 {
			return fmt.Errorf("the last season should have certificates renewed and keys rotated, not %+v", *p)
		}
		return season(0)(p)
	}
	return Variant{Name: "a year", Stages: []Stage{
		{
			Name:   "backups as in production",
			Subset: true,
			First:  true,
			Edit: func(s harness.Sections) {
				s.Set("backups.copy", object{"region": harness.RecoveryRegion, "retentionDays": 35})
				s.Set("backups.lock", object{"minRetentionDays": 7, "maxRetentionDays": 365})
				s.Set("backups.restoreTesting", object{"schedule": "cron(0 3 ? * SUN *)", "timezone": "Asia/Tokyo"})
			},
		},
		{Name: "a season goes by", Days: 91, Seen: season(1), Quiet: true},
		{
			Name:   "a minor version comes out, and a season goes by",
			Subset: true,
			Before: release("17.11"),
			Days:   91,
			Seen:   season(1),
			Quiet:  true,
		},
		{Name: "the master's password is rotated", Subset: true, Edit: func(s harness.Sections) {
			s.Set("aurora.masterPasswordRotation", 9)
		}},
		{
			Name:    "another major version is asked for without leave",
			Refused: []string{"aurora.allowMajorVersionUpgrade"},
			Edit:    func(s harness.Sections) { s.Set("aurora.engineVersion", "18.3") },
		},
		{Name: "with leave, at once", Edit: upgradeMajorVersion(true)},
		{
			Name:   "and done, as another season goes by",
			Edit:   upgradeMajorVersion(false),
			Before: release("18.5"),
			Days:   91,
			Seen:   season(1),
		},
		{Name: "the last season", Days: 94, Seen: last, Quiet: true},
	}}
}
