package adoption

import (
	"context"
	"errors"
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
)

// killed deploys a stage from where it began, kills it on its way and resumes it, as often as is
// asked for, each time at another place. Requests and log-ins go on, before the kill and while it
// is resumed.
func (d *drill) killed(ctx context.Context, done *Stage) error {
	for kill := range d.kills {
		if err := d.Work.Restore(beginning(done.Name)); err != nil {
			return err
		}
		again := Stage{Name: done.Name}
		planned := d.planned[done.Name]
		at := max(1, planned*(kill+1)/(d.kills+1))
		name := fmt.Sprintf("%s, killed %d", done.Name, kill+1)
		heading := fmt.Sprintf("Stage %s, killed", done.Name)
		migrated := done.Name != adopted.Take
		if done.Name == adopted.Move {
			if err := d.migrate(ctx, &again, name, heading); err != nil {
				return err
			}
			at = max(1, (planned-again.changes())*(kill+1)/(d.kills+1))
		}
		d.Console.Heading("%s after %d operations of some %d", heading, at, planned-again.changes())
		err := d.watched(&again, migrated, func() (*engine.Result, error) {
			return d.UpKilled(ctx, name, at)
		})
		if err != nil {
			return err
		}
		err = d.watched(&again, migrated, func() (*engine.Result, error) {
			return d.Up(ctx, name+", resumed", heading+" and resumed: up")
		})
		if err != nil {
			return fmt.Errorf("resumed after %d operations: %w", at, err)
		}
		if err := errors.Join(d.same(ctx, done.Name), d.nothingLeft(ctx, name)); err != nil {
			return fmt.Errorf("resumed after %d operations: %w", at, err)
		}
		if err := again.lost(); err != nil {
			return fmt.Errorf("resumed after %d operations: %w", at, err)
		}
		done.Passage.add(again.Passage)
		done.Kills++
	}
	return nil
}

// changes is how many resources of providers a stage has changed so far.
func (s *Stage) changes() int {
	return s.Imported + s.Created + s.Updated + s.Revisions + s.Replaced + s.Deleted
}
