package adoption

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// saved is the name under which the workspace is kept while something is tried.
const saved = "adoption"

// back goes each way back from a stage that is done, as docs/adoption.md has it, and returns to the
// stage's end.
func (d *drill) back(ctx context.Context, stage adopted.Stage) error {
	ways := map[adopted.Stage][]func(context.Context) error{
		adopted.Take: {d.forget, d.undo}, adopted.Move: {d.oldRevisions}, adopted.Close: {d.open},
	}
	if stage == adopted.Move {
		if err := d.stands(ctx); err != nil {
			return err
		}
	}
	for _, way := range ways[stage] {
		d.Console.Heading("A way back from stage %s", stage)
		if err := d.aside(way)(ctx); err != nil {
			return fmt.Errorf("the way back: %w", err)
		}
		d.result.Ways++
	}
	return nil
}

// aside tries something and brings the stack and its clouds back to what they were.
func (d *drill) aside(try func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := d.Work.Save(saved); err != nil {
			return err
		}
		return errors.Join(try(ctx), d.Work.Restore(saved))
	}
}

// export keeps a copy of the stack's state.
func (d *drill) export(ctx context.Context) (path string, err error) {
	path = filepath.Join(d.Work.Dir, "taken.json")
	return path, d.Engine.Command(ctx, "stack", "export", "--file", path)
}

// made is the state that `infra adopt --made` gives of what stage take made, and the number of
// resources in it. refused is why it gives none.
func (d *drill) made(ctx context.Context) (state []byte, n int, refused, err error) {
	taken, err := d.export(ctx)
	if err != nil {
		return nil, 0, nil, err
	}
	raw, err := os.ReadFile(taken)
	if err != nil {
		return nil, 0, nil, fmt.Errorf("read the exported state: %w", err)
	}
	state, n, refused = d.found.Made(raw)
	return state, n, refused, nil
}

// forget takes everything out of the stack's state, after a copy of it, and takes the adoption up
// again with the copy. Terraform has all that was adopted still.
func (d *drill) forget(ctx context.Context) error {
	taken, err := d.export(ctx)
	if err != nil {
		return err
	}
	if err := d.Engine.Command(ctx, "state", "delete", "--all", "--force", "--yes"); err != nil {
		return err
	}
	if err := errors.Join(d.nothingManaged(ctx), d.untouched(), d.sameStanding()); err != nil {
		return err
	}
	if err := d.Engine.Command(ctx, "stack", "import", "--file", taken); err != nil {
		return err
	}
	return d.nothingLeft(ctx, "the adoption was taken up again")
}

// undo has Pulumi destroy what stage take made, with a state that knows of nothing else, while
// requests and log-ins go on.
func (d *drill) undo(ctx context.Context) error {
	state, made, refused, err := d.made(ctx)
	if err := errors.Join(err, refused); err != nil {
		return err
	}
	path := filepath.Join(d.Work.Dir, "made.json")
	if err := os.WriteFile(path, state, 0o600); err != nil {
		return fmt.Errorf("write the state of what was made: %w", err)
	}
	if err := d.Engine.Command(ctx, "stack", "import", "--file", path); err != nil {
		return err
	}
	undone := Stage{Name: adopted.Take}
	err = d.watched(&undone, false, func() (*engine.Result, error) {
		return d.Step(ctx, "undo", "Back from stage take: destroy what it made", "destroy", "--yes", "--skip-preview")
	})
	if err != nil {
		return err
	}
	if undone.Deleted != made {
		return fmt.Errorf("the state has %d resources that were made, and %d were deleted", made, undone.Deleted)
	}
	d.result.Undone = undone.Deleted
	d.result.Stages[len(d.result.Stages)-1].Passage.add(undone.Passage)
	return errors.Join(d.nothingManaged(ctx), d.untouched(), d.onlyRetained(), d.sameStanding())
}

// nothingManaged is nil when the stack's state is empty.
func (d *drill) nothingManaged(ctx context.Context) error {
	left, err := d.Engine.Resources(ctx)
	if err != nil {
		return err
	}
	left = slices.DeleteFunc(left, func(r apitype.ResourceV3) bool { return !r.Custom })
	if len(left) > 0 {
		return fmt.Errorf("the state still has %d resources, the first is %s", len(left), left[0].URN)
	}
	return nil
}

// untouched holds the objects to what Terraform knows of them: that they are there, as they were
// made, but for tags.
func (d *drill) untouched() error {
	now, err := d.now()
	if err != nil {
		return err
	}
	for _, was := range d.everything {
		is := now[was.Key]
		if problem := once(was, is); problem != nil {
			return problem
		}
		if was.Type == catalog.Record {
			continue // the program writes the same record over those that certificates wait for: see same
		}
		for property, value := range was.Inputs {
			if property != "tags" && !is.Inputs[property].DeepEquals(value) {
				return fmt.Errorf("%s has another %s", was, property)
			}
		}
	}
	return nil
}

// retained are the types of what stays when the stack goes: what was written there is kept, and so
// is the key that encrypts it.
var retained = []string{catalog.BackupVault, "aws:backup/vaultLockConfiguration:VaultLockConfiguration", catalog.Key,
	"aws:kms/alias:Alias"}

// onlyRetained is an error for what was made, is still there, and is not kept on purpose.
func (d *drill) onlyRetained() error {
	objects, err := d.Objects()
	if err != nil {
		return err
	}
	before := map[cloud.Key]bool{}
	for _, o := range d.everything {
		before[o.Key] = true
	}
	var problems []error
	for _, o := range objects {
		if !before[o.Key] && o.State == cloud.Active && !o.Part && !slices.Contains(retained, o.Type) {
			problems = append(problems, fmt.Errorf("%s is still there", o))
		}
	}
	return errors.Join(problems...)
}

// stands holds `infra adopt` to this: once the adopted objects use what was made, it gives no state
// to destroy that.
func (d *drill) stands(ctx context.Context) error {
	_, n, refused, err := d.made(ctx)
	if err != nil {
		return err
	}
	if refused == nil {
		return fmt.Errorf("after stage move infra adopt gives a state to destroy %d resources with, that "+
			"production uses", n)
	}
	return nil
}

// oldRevisions has ECS run the former task definitions, as `aws ecs update-service` does,
// freezes the stack again, and then goes on with stage move.
func (d *drill) oldRevisions(ctx context.Context) error {
	before, err := d.Objects()
	if err != nil {
		return err
	}
	var timeline []engine.Event
	err = d.ByHand(func(tx *cloud.Tx) error {
		for key, was := range d.originals {
			if !strings.HasPrefix(key, catalog.ECSService+" ") {
				continue
			}
			service, err := tx.Get(was.Key)
			if err != nil {
				return err
			}
			for _, property := range []resource.PropertyKey{"taskDefinition", "networkConfiguration"} {
				service.Outputs[property] = was.Outputs[property]
			}
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
	if len(timeline) == 0 {
		return errors.New("there is no service whose former revision could run again")
	}
	after, err := d.Objects()
	if err != nil {
		return err
	}
	back := Stage{Name: adopted.Move}
	if err := back.pass(adopted.Move, true, before, after, timeline); err != nil {
		return err
	}
	if err := d.enter(adopted.Take); err != nil {
		return err
	}
	if err := d.nothingLeft(ctx, "the way back from move"); err != nil {
		return err
	}
	if err := d.enter(adopted.Move); err != nil {
		return err
	}
	err = d.watched(&back, true, func() (*engine.Result, error) {
		return d.Step(ctx, "move again", "Stage move again: up, with what is there", "up", "--refresh", "--yes",
			"--skip-preview")
	})
	if err != nil {
		return err
	}
	d.result.Stages[len(d.result.Stages)-1].Passage.add(back.Passage)
	return errors.Join(d.same(ctx, adopted.Move), d.nothingLeft(ctx, "move again"))
}

// byHand gives a property of an adopted object the value that Terraform left, behind Pulumi's back.
func (d *drill) byHand(typ, name, property string) error {
	was := d.originals[typ+" "+name]
	if was == nil {
		return fmt.Errorf("change %s of %s %s by hand: it is not adopted", property, typ, name)
	}
	return d.ByHand(func(tx *cloud.Tx) error {
		is, err := tx.Get(was.Key)
		if err != nil {
			return err
		}
		is.Outputs[resource.PropertyKey(property)] = was.Outputs[resource.PropertyKey(property)]
		return tx.Replace(is)
	})
}

// open has the load balancer admit the former tasks, and take requests without the header:
// what is frozen until stage close is not changed by going back to move, but by hand.
func (d *drill) open(ctx context.Context) error {
	for _, setting := range d.found.Settings {
		if strings.HasSuffix(setting.Key(), "network.transition") {
			if err := d.Edit(map[string]any{"network.transition": setting.Value}); err != nil {
				return err
			}
		}
	}
	if err := d.Edit(map[string]any{"adopted.stage": string(adopted.Move)}); err != nil {
		return err
	}
	// Until it is open again, requests have the header.
	back := Stage{Name: adopted.Close}
	err := d.watched(&back, true, func() (*engine.Result, error) {
		return d.Up(ctx, "open again", "Back to stage move: up")
	})
	if err != nil {
		return err
	}
	if err := d.byHand(catalog.Listener, "load-balancer-https", "defaultActions"); err != nil {
		return err
	}
	if err := d.byHand(catalog.ListenerRule, "api-rule", "conditions"); err != nil {
		return err
	}
	objects, err := d.Objects()
	if err != nil {
		return err
	}
	if err := back.pass(adopted.Move, true, objects, objects, nil); err != nil {
		return fmt.Errorf("open again: %w", err)
	}
	d.result.Stages[len(d.result.Stages)-1].Passage.add(back.Passage)
	return errors.Join(d.same(ctx, adopted.Move), d.nothingLeft(ctx, "the way back from close"))
}
