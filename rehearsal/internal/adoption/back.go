package adoption

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/faults"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// saved is the name under which the workspace is kept while something is tried.
const saved = "adoption"

// killed deploys a stage from where it began, kills it on its way and resumes it, as often as is
// asked for, each time at another place.
func (d *drill) killed(ctx context.Context, done *Stage) error {
	for kill := range d.kills {
		if err := d.Work.Restore(beginning(done.Name)); err != nil {
			return err
		}
		planned := d.planned[done.Name]
		at := max(1, planned*(kill+1)/(d.kills+1))
		name := fmt.Sprintf("%s, killed %d", done.Name, kill+1)
		d.Console.Heading("Stage %s: the CLI is killed after %d of some %d operations", done.Name, at, planned)
		if err := faults.Killed(ctx, d.Rehearsal, name, at); err != nil {
			return err
		}
		if _, err := d.Up(ctx, name+", resumed", "Stage "+string(done.Name)+": up, resumed"); err != nil {
			return err
		}
		if err := errors.Join(d.same(ctx, done.Name), d.nothingLeft(ctx, name)); err != nil {
			return fmt.Errorf("resumed after %d operations: %w", at, err)
		}
		done.Kills++
	}
	return nil
}

// back goes the way back from a stage that is done, as docs/adoption.md has it, and returns to the
// stage's end.
func (d *drill) back(ctx context.Context, stage adopted.Stage) error {
	if err := d.Work.Save(saved); err != nil {
		return err
	}
	way := map[adopted.Stage]func(context.Context) error{
		adopted.Take: d.forget, adopted.Move: d.oldRevisions, adopted.Close: d.open,
	}[stage]
	d.Console.Heading("The way back from stage %s", stage)
	if err := way(ctx); err != nil {
		return fmt.Errorf("the way back: %w", err)
	}
	return d.Work.Restore(saved)
}

// forget takes everything out of the stack's state, after a copy of it, and takes the adoption up
// again with the copy. Terraform has all that was adopted still. Single entries cannot be taken
// out: what stands beside depends on them.
func (d *drill) forget(ctx context.Context) error {
	taken := filepath.Join(d.Work.Dir, "taken.json")
	if err := d.Engine.Command(ctx, "stack", "export", "--file", taken); err != nil {
		return err
	}
	if err := d.Engine.Command(ctx, "state", "delete", "--all", "--force", "--yes"); err != nil {
		return err
	}
	left, err := d.Engine.Resources(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("the state still has %d resources, the first is %s", len(left), left[0].URN)
	}
	if err := d.untouched(); err != nil {
		return err
	}
	if err := d.Engine.Command(ctx, "stack", "import", "--file", taken); err != nil {
		return err
	}
	return d.nothingLeft(ctx, "the adoption was taken up again")
}

// untouched holds the objects to what Terraform knows of them: that they are there, as they were
// made.
func (d *drill) untouched() error {
	objects, err := d.objects()
	if err != nil {
		return err
	}
	for resource, was := range d.originals {
		i := slices.IndexFunc(objects, func(o *cloud.Object) bool { return o.Key == was.Key })
		if i < 0 || objects[i].Seq != was.Seq {
			return fmt.Errorf("%s, which became %s, is not there as it was", was, resource)
		}
		for property, value := range was.Inputs {
			if now := objects[i].Inputs[property]; property != "tags" && !now.DeepEquals(value) {
				return fmt.Errorf("%s, which became %s, has another %s", was, resource, property)
			}
		}
	}
	return nil
}

// oldRevisions has ECS run the task definitions of before, as `aws ecs update-service` does, and
// freezes the stack again.
func (d *drill) oldRevisions(ctx context.Context) error {
	before, err := d.objects()
	if err != nil {
		return err
	}
	c, err := cloud.Open(d.Work.Cloud())
	if err != nil {
		return err
	}
	var timeline []engine.Event
	err = c.Update(func(tx *cloud.Tx) error {
		for key, was := range d.originals {
			if !strings.HasPrefix(key, catalog.ECSService+" ") {
				continue
			}
			service, err := tx.Get(was.Key)
			if err != nil {
				return err
			}
			service.Outputs["taskDefinition"] = resource.NewProperty(was.Text("taskDefinition"))
			if err := tx.Replace(service); err != nil {
				return err
			}
			timeline = append(timeline, engine.Event{Op: "update", URN: service.URN},
				engine.Event{Op: "update", URN: service.URN, Done: true})
		}
		return nil
	})
	if err != nil {
		return err
	}
	after, err := d.objects()
	if err != nil {
		return err
	}
	if _, err := d.traffic(adopted.Move, before, after, timeline); err != nil {
		return err
	}
	if err := d.enter(ctx, adopted.Take); err != nil {
		return err
	}
	return d.nothingLeft(ctx, "the way back from move")
}

// open has the load balancer take requests without the header again, and let the tasks of before
// through.
func (d *drill) open(ctx context.Context) error {
	for _, setting := range d.found.Settings {
		if strings.HasSuffix(setting.Key(), "network.transition") {
			if err := lifecycle.Edit(d.Rehearsal, map[string]any{"network.transition": setting.Value}); err != nil {
				return err
			}
		}
	}
	if err := lifecycle.Edit(d.Rehearsal, map[string]any{"adopted.stage": string(adopted.Move)}); err != nil {
		return err
	}
	if _, err := d.Up(ctx, "open again", "Back to stage move: up"); err != nil {
		return err
	}
	if err := d.same(ctx, adopted.Move); err != nil {
		return err
	}
	return d.nothingLeft(ctx, "the way back from close")
}
